#include "store/sqlite/mapped.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* Everything goes to the system's VFS but one call.  The database's file is wrapped; log and temporary files are the system's. */

enum { SLACK_BYTES = 64 << 20 };        /* what a file may have grown before it is mapped anew; meanwhile its new end is read */

struct mapped {
        sqlite3_file base;              /* first: what SQLite knows */
        int64_t mapped_bytes;           /* the file's size when it was mapped, or less */
        sqlite3_file real[];            /* the system's, which is larger */
};

static sqlite3_file *real(sqlite3_file *f)
{
        return ((struct mapped *)f)->real;
}

#define GO(f, method) real(f)->pMethods->method

static int go_close(sqlite3_file *f) { return GO(f, xClose)(real(f)); }
static int go_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at) { return GO(f, xRead)(real(f), p, n, at); }
static int go_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at) { return GO(f, xWrite)(real(f), p, n, at); }
static int go_truncate(sqlite3_file *f, sqlite3_int64 n) { return GO(f, xTruncate)(real(f), n); }
static int go_sync(sqlite3_file *f, int flags) { return GO(f, xSync)(real(f), flags); }
static int go_size(sqlite3_file *f, sqlite3_int64 *ret) { return GO(f, xFileSize)(real(f), ret); }
static int go_lock(sqlite3_file *f, int how) { return GO(f, xLock)(real(f), how); }
static int go_unlock(sqlite3_file *f, int how) { return GO(f, xUnlock)(real(f), how); }
static int go_reserved(sqlite3_file *f, int *ret) { return GO(f, xCheckReservedLock)(real(f), ret); }
static int go_control(sqlite3_file *f, int what, void *p) { return GO(f, xFileControl)(real(f), what, p); }
static int go_sector(sqlite3_file *f) { return GO(f, xSectorSize)(real(f)); }
static int go_device(sqlite3_file *f) { return GO(f, xDeviceCharacteristics)(real(f)); }
static int go_shm_map(sqlite3_file *f, int i, int n, int more, void volatile **ret) { return GO(f, xShmMap)(real(f), i, n, more, ret); }
static int go_shm_lock(sqlite3_file *f, int at, int n, int flags) { return GO(f, xShmLock)(real(f), at, n, flags); }
static void go_shm_barrier(sqlite3_file *f) { GO(f, xShmBarrier)(real(f)); }
static int go_shm_unmap(sqlite3_file *f, int remove) { return GO(f, xShmUnmap)(real(f), remove); }

/* Another program's VFS below us need not know of mappings (sqlite3_io_methods). */
static bool maps(sqlite3_file *f)
{
        return real(f)->pMethods->iVersion >= 3;
}

static int fetch(sqlite3_file *f, sqlite3_int64 at, int n, void **ret)
{
        *ret = NULL;
        return maps(f) ? GO(f, xFetch)(real(f), at, n, ret) : SQLITE_OK;
}

/* Without a page: the whole mapping is to go, said between transactions when no page of it is in use. */
static int unfetch(sqlite3_file *f, sqlite3_int64 at, void *page)
{
        struct mapped *m = (struct mapped *)f;
        sqlite3_int64 now = 0;

        if (!maps(f))
                return SQLITE_OK;
        if (page)
                return GO(f, xUnfetch)(real(f), at, page);
        if (GO(f, xFileSize)(real(f), &now) == SQLITE_OK && now >= m->mapped_bytes && now - m->mapped_bytes < SLACK_BYTES && m->mapped_bytes)
                return SQLITE_OK;
        m->mapped_bytes = now;
        return GO(f, xUnfetch)(real(f), at, page);
}

static const sqlite3_io_methods methods = {
        .iVersion = 3, .xClose = go_close, .xRead = go_read, .xWrite = go_write, .xTruncate = go_truncate, .xSync = go_sync, .xFileSize = go_size,
        .xLock = go_lock, .xUnlock = go_unlock, .xCheckReservedLock = go_reserved, .xFileControl = go_control, .xSectorSize = go_sector,
        .xDeviceCharacteristics = go_device, .xShmMap = go_shm_map, .xShmLock = go_shm_lock, .xShmBarrier = go_shm_barrier, .xShmUnmap = go_shm_unmap,
        .xFetch = fetch, .xUnfetch = unfetch,
};

static sqlite3_vfs ours;
static const char *name;

static int open_file(sqlite3_vfs *v, const char *path, sqlite3_file *f, int flags, int *ret_flags)
{
        sqlite3_vfs *system = v->pAppData;
        struct mapped *m = (struct mapped *)f;

        if (!(flags & SQLITE_OPEN_MAIN_DB))
                return system->xOpen(system, path, f, flags, ret_flags);
        m->mapped_bytes = 0;
        int rc = system->xOpen(system, path, m->real, flags, ret_flags);
        f->pMethods = m->real->pMethods ? &methods : NULL;
        return rc;
}

static void begin(void)
{
        sqlite3_vfs *system = sqlite3_vfs_find(NULL);

        if (!system)
                return;
        ours = *system;
        ours.pNext = NULL;
        ours.zName = "suyuan-mapped";
        ours.pAppData = system;
        ours.szOsFile = (int)sizeof(struct mapped) + system->szOsFile;
        ours.xOpen = open_file;
        if (sqlite3_vfs_register(&ours, 0) == SQLITE_OK)
                name = ours.zName;
}

const char *mapped_vfs(void)
{
        static pthread_once_t once = PTHREAD_ONCE_INIT;

        pthread_once(&once, begin);
        return name;    /* NULL is the system's own, which does as well, only slower */
}
