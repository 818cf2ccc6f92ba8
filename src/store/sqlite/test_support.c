#include "store/sqlite/test_support.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/postgres/test_support.h"

/* ---- a disk that fails: SQLite's own file layer with a counter before writes and syncs ---- */

struct file {
        sqlite3_file base;      /* first: SQLite sees only this */
        sqlite3_file *real;
};

static _Atomic int64_t calls, fail_from;
static _Atomic int fail_how;

static int trouble(int otherwise)
{
        int64_t n = atomic_fetch_add(&calls, 1) + 1, from = atomic_load(&fail_from);
        if (!from || n < from)
                return SQLITE_OK;
        return atomic_load(&fail_how) == FAULTY_FULL ? SQLITE_FULL : otherwise;
}

static sqlite3_file *real(sqlite3_file *f)
{
        return ((struct file *)f)->real;
}

static int f_close(sqlite3_file *f)
{
        int rc = real(f)->pMethods->xClose(real(f));
        free(real(f));
        return rc;
}
static int f_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at) { return real(f)->pMethods->xRead(real(f), p, n, at); }
static int f_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
        int rc = trouble(SQLITE_IOERR_WRITE);
        return rc ? rc : real(f)->pMethods->xWrite(real(f), p, n, at);
}
static int f_truncate(sqlite3_file *f, sqlite3_int64 size) { return real(f)->pMethods->xTruncate(real(f), size); }
static int f_sync(sqlite3_file *f, int flags)
{
        int rc = trouble(SQLITE_IOERR_FSYNC);
        return rc ? rc : real(f)->pMethods->xSync(real(f), flags);
}
static int f_size(sqlite3_file *f, sqlite3_int64 *ret) { return real(f)->pMethods->xFileSize(real(f), ret); }
static int f_lock(sqlite3_file *f, int level) { return real(f)->pMethods->xLock(real(f), level); }
static int f_unlock(sqlite3_file *f, int level) { return real(f)->pMethods->xUnlock(real(f), level); }
static int f_reserved(sqlite3_file *f, int *ret) { return real(f)->pMethods->xCheckReservedLock(real(f), ret); }
static int f_control(sqlite3_file *f, int op, void *arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); }
static int f_sector(sqlite3_file *f) { return real(f)->pMethods->xSectorSize(real(f)); }
static int f_traits(sqlite3_file *f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
static int f_shm_map(sqlite3_file *f, int region, int size, int extend, void volatile **ret)
{
        return real(f)->pMethods->xShmMap(real(f), region, size, extend, ret);
}
static int f_shm_lock(sqlite3_file *f, int at, int n, int flags) { return real(f)->pMethods->xShmLock(real(f), at, n, flags); }
static void f_shm_barrier(sqlite3_file *f) { real(f)->pMethods->xShmBarrier(real(f)); }
static int f_shm_unmap(sqlite3_file *f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); }
static int f_fetch(sqlite3_file *f, sqlite3_int64 at, int n, void **ret) { return real(f)->pMethods->xFetch(real(f), at, n, ret); }
static int f_unfetch(sqlite3_file *f, sqlite3_int64 at, void *p) { return real(f)->pMethods->xUnfetch(real(f), at, p); }

static const sqlite3_io_methods methods = {
        .iVersion = 3, .xClose = f_close, .xRead = f_read, .xWrite = f_write, .xTruncate = f_truncate, .xSync = f_sync, .xFileSize = f_size,
        .xLock = f_lock, .xUnlock = f_unlock, .xCheckReservedLock = f_reserved, .xFileControl = f_control, .xSectorSize = f_sector,
        .xDeviceCharacteristics = f_traits, .xShmMap = f_shm_map, .xShmLock = f_shm_lock, .xShmBarrier = f_shm_barrier,
        .xShmUnmap = f_shm_unmap, .xFetch = f_fetch, .xUnfetch = f_unfetch,
};

static int v_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *ret_flags)
{
        sqlite3_vfs *below = v->pAppData;
        struct file *mine = (struct file *)f;
        mine->base.pMethods = NULL;
        mine->real = calloc(1, (size_t)below->szOsFile);
        int rc = mine->real ? below->xOpen(below, name, mine->real, flags, ret_flags) : SQLITE_NOMEM;
        if (rc == SQLITE_OK)
                mine->base.pMethods = &methods;
        else
                free(mine->real);
        return rc;
}

void faulty_disk_install(void)
{
        static sqlite3_vfs faulty;
        sqlite3_vfs *below = sqlite3_vfs_find(NULL);
        if (below == &faulty)
                return;
        faulty = *below;        /* names, dates and the like are the real one's */
        faulty.zName = "faulty";
        faulty.szOsFile = sizeof(struct file);
        faulty.pAppData = below;
        faulty.xOpen = v_open;
        faulty.pNext = NULL;
        sqlite3_vfs_register(&faulty, 1);
}

void faulty_disk_after(int64_t n, enum faulty how)
{
        atomic_store(&fail_how, how);
        atomic_store(&fail_from, n ? atomic_load(&calls) + n : 0);
}

int64_t faulty_disk_calls(void)
{
        return atomic_load(&calls);
}

/* ---- SQL behind the store's back ---- */

static int first_int(void *ctx, int n, char **values, char **names)
{
        int64_t *ret = ctx;
        (void)names;
        if (n > 0 && values[0] && *ret == INT64_MIN)
                *ret = strtoll(values[0], NULL, 10);
        return 0;
}

int64_t raw_sql(const char *path, const char *sql)
{
        sqlite3 *db;
        int64_t v = INT64_MIN;
        if (strncmp(path, "postgres", 8) == 0)
                return raw_server_sql(path, sql);
        int rc = sqlite3_open(path, &db);
        sqlite3_busy_timeout(db, 30000);        /* what is tested may be writing at this moment */
        if (rc == SQLITE_OK)
                rc = sqlite3_exec(db, sql, first_int, &v, NULL);
        sqlite3_close(db);
        return rc != SQLITE_OK ? -1 : v == INT64_MIN ? 0 : v;
}

/* As people see it: comments gone, every run of blanks one, none beside brackets and commas. */
static void plain(struct buf *b, const char *sql)
{
        bool blank = false;
        for (; *sql; sql++) {
                if (sql[0] == '-' && sql[1] == '-')
                        sql += strcspn(sql, "\n");
                if (strchr(" \t\n", *sql)) {           /* also the end */
                        blank = true;
                        if (!*sql)
                                break;
                        continue;
                }
                if (blank && b->n && !strchr("(),", *sql) && !strchr("(),\n", b->p[b->n - 1]))
                        buf_char(b, ' ');
                buf_char(b, *sql);
                blank = false;
        }
        buf_char(b, '\n');
}

static int add_object(void *ctx, int n, char **values, char **names)
{
        (void)names;
        if (n == 1 && values[0])
                plain(ctx, values[0]);
        return 0;
}

char *raw_schema(const char *path)
{
        sqlite3 *db;
        struct buf b;
        size_t n;
        buf_init(&b, 1 << 20);
        if (sqlite3_open(path, &db) == SQLITE_OK)
                sqlite3_exec(db, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name", add_object, &b, NULL);
        sqlite3_close(db);
        return buf_take(&b, &n);
}
