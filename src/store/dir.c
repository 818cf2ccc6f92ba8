#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/oom.h"
#include "store/parties.h"
#include "store/postgres/pg_listener.h"
#include "store/sql_names.h"
#include "store/store_impl.h"

#define NEW_DB "suyuan.db.new"

static int failed(const char *what, const char *path, struct err *reterr)
{
        int code = errno;
        err_set(reterr, ERR_STORE, "%s: %s", path, strerror(code));
        return err_while(reterr, "%s", what);
}

static void join(char ret[PATH_BYTES], const char *dir, const char *name)
{
        snprintf(ret, PATH_BYTES, "%.3900s/%.150s", dir, name);
}

/* ---- making ---- */

static int make_folders(const char *dir, struct err *reterr)
{
        static const char *const below[] = { "", "blobs", "blobs/sha256" };
        for (size_t i = 0; i < sizeof(below) / sizeof(*below); i++) {
                char path[PATH_BYTES];
                join(path, dir, below[i]);
                if (mkdir(path, 0750) < 0 && errno != EEXIST)
                        return failed("making a folder", path, reterr);
        }
        return 0;
}

static int fill_new(struct db *db, const struct str *origins, size_t n, struct err *reterr)
{
        struct hash secret;
        random_bytes(secret.b, sizeof(secret.b));
        if (db_upgrade(db, schema_steps, n_schema_steps, reterr) < 0 || db_begin(db, reterr) < 0 ||
            db_run(db, SQL_org_add, DB_ARGS(db_i(ORG_DEFAULT), db_t(STR("default")), db_t(STR("default")),
                                            db_b(secret.b, sizeof(secret.b)), db_i(clock_now_us())), reterr) < 0)
                return -1;
        for (size_t i = 0; i < n; i++)
                if (db_run(db, SQL_origin_add, DB_ARGS(db_i((int64_t)i + 1), db_t(origins[i])), reterr) < 0)
                        return -1;
        return db_commit(db, reterr);
}

/* Removes a half-made database and its companions. */
static void remove_new(const char *path)
{
        static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
        for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
                char name[PATH_BYTES + 16];
                snprintf(name, sizeof(name), "%s%s", path, ends[i]);
                unlink(name);
        }
}

int store_init(const char *dir, const struct str *origins, size_t n, struct err *reterr)
{
        char path[PATH_BYTES], made[PATH_BYTES];
        struct stat st;
        struct db *db;
        assert(n > 0);
        join(path, dir, "suyuan.db");
        join(made, dir, NEW_DB);
        if (stat(path, &st) == 0)
                return err_set(reterr, ERR_CONFLICT, "%s already holds a database; choose another folder, or use this one as it is", dir);
        if (make_folders(dir, reterr) < 0)
                return -1;
        remove_new(made);
        if (db_open(made, &(struct db_options){ .mode = DB_WRITE }, &db, reterr) < 0) {
                remove_new(made);
                return -1;
        }
        int rc = fill_new(db, origins, n, reterr);
        bool all = false;
        if (rc == 0)            /* the file alone gets the name, so all must be in it */
                rc = db_checkpoint(db, DB_CHECKPOINT_RESTART, &all, reterr);
        if (rc == 0 && !all)
                rc = err_set(reterr, ERR_STORE, "the new database could not be written out; make room and try again");
        db_close(db);           /* the last connection removes the log */
        if (rc == 0 && (rename(made, path) < 0 || sync_folder(dir) < 0))
                rc = failed("naming the database", path, reterr);
        if (rc < 0)
                remove_new(made);
        return rc;
}

static int holds_organisations(struct db *db, struct err *reterr)
{
        const struct db_row *row;
        int64_t version = db_version(db, reterr);
        int rc = version > 0 ? db_one(db, SQL_orgs, DB_NO_ARGS, &row, reterr) : (int)version;
        if (version > 0)
                db_done(db, SQL_orgs);
        return rc;
}

int store_init_server(const char *dir, const char *database, const struct str *origins, size_t n, struct err *reterr)
{
        struct db *db;
        if (make_folders(dir, reterr) < 0 || db_open(database, &(struct db_options){ .mode = DB_WRITE }, &db, reterr) < 0)
                return -1;
        int rc = holds_organisations(db, reterr);
        if (rc == 1)
                rc = err_set(reterr, ERR_CONFLICT, "the database server already holds a suyuan database; use it as it is, or name an empty one");
        else if (rc == 0)
                rc = fill_new(db, origins, n, reterr);
        db_rollback(db);
        db_close(db);
        return rc < 0 || sync_folder(dir) == 0 ? rc : failed("making the folder", dir, reterr);
}

/* ---- schema ---- */

int store_upgrade(struct db *db, const char *dir, const struct schema_step *steps, size_t n, struct err *reterr)
{
        int64_t version = db_version(db, reterr);
        if (version < 0)
                return -1;
        if ((size_t)version > n)
                return err_set(reterr, ERR_STORE, "the database was written by a newer suyuan (schema %lld, this one knows %zu); use that one, or restore the copy made before it",
                               (long long)version, n);
        if ((size_t)version == n)
                return 0;
        if (version > 0 && dir) {
                char name[64], path[PATH_BYTES];
                struct civil c = civil_of(clock_now_us(), 0);
                snprintf(name, sizeof(name), "before-v%zu-%04d%02d%02dT%02d%02d%02dZ.db", n, c.year, c.month, c.day, c.hour, c.minute, c.second);
                join(path, dir, name);
                if (db_copy(db, path, reterr) < 0 || sync_folder(dir) < 0)
                        return err_while(reterr, "copying to %s before changing the schema", path);
        }
        return db_upgrade(db, steps, n, reterr);
}

/* ---- opening ---- */

static int take_lock(struct store *s, struct err *reterr)
{
        char path[PATH_BYTES], text[32] = "";
        join(path, s->dir, "suyuan.lock");
        s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
        if (s->lock_fd < 0)
                return failed("opening the lock", path, reterr);
        if (flock(s->lock_fd, LOCK_EX | LOCK_NB) < 0) {
                ssize_t got = pread(s->lock_fd, text, sizeof(text) - 1, 0);
                long pid = got > 0 ? strtol(text, NULL, 10) : 0;
                return err_set(reterr, ERR_BUSY, "another suyuan process (%ld) writes in %s; stop it first, or let it do the work", pid, s->dir);
        }
        int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
        if (ftruncate(s->lock_fd, 0) < 0 || pwrite(s->lock_fd, text, (size_t)n, 0) != n)
                return failed("writing the lock", path, reterr);
        return 0;
}

static int load_origins(struct store *s, struct db *db, struct err *reterr)
{
        struct str list[64];
        size_t n = 0;
        const struct db_row *row;
        int rc;
        if (db_query(db, SQL_origins, DB_NO_ARGS, reterr) < 0)
                return -1;
        while ((rc = db_next(db, SQL_origins, &row, reterr)) == 1 && n < sizeof(list) / sizeof(*list))
                list[n++] = arena_str(s->arena, db_text(row, 0));
        db_done(db, SQL_origins);
        struct str *kept = arena_array(s->arena, struct str, n + 1);
        memcpy(kept, list, n * sizeof(*list));
        s->origins = (struct origins){ kept, n };
        return rc < 0 ? -1 : 0;
}

static int load_orgs(struct store *s, struct db *db, struct err *reterr)
{
        const struct db_row *row;
        int rc;
        size_t cap = s->n_orgs + 16, n = 0;
        struct org *orgs = arena_array(s->arena, struct org, cap);
        if (db_query(db, SQL_orgs, DB_NO_ARGS, reterr) < 0)
                return -1;
        while ((rc = db_next(db, SQL_orgs, &row, reterr)) == 1) {
                struct str secret = db_text(row, 2);
                if (n == cap) {
                        struct org *more = arena_array(s->arena, struct org, cap *= 2);
                        memcpy(more, orgs, n * sizeof(*orgs));
                        orgs = more;
                }
                struct org *o = &orgs[n++];
                *o = (struct org){ .id = db_int(row, 0), .code = arena_str(s->arena, db_text(row, 1)) };
                memcpy(o->secret.b, secret.p, secret.n < sizeof(o->secret.b) ? secret.n : sizeof(o->secret.b));
        }
        if (rc < 0)
                return -1;
        s->orgs = orgs;
        s->n_orgs = n;
        return 0;
}

int store_orgs_load(struct store *s, struct err *reterr)
{
        struct reader *r;
        if (reader_begin(s, &r, reterr) < 0)
                return -1;
        pthread_mutex_lock(&s->orgs_mutex);     /* the arena is for one at a time */
        int rc = load_orgs(s, r->db, reterr);
        pthread_mutex_unlock(&s->orgs_mutex);
        reader_end(r);
        return rc < 0 ? -1 : store_parties_load(s, reterr);
}

/* The first connects at once, so that what is wrong is told at the start; each other when it is first needed. */
static int add_readers(struct store *s, const struct store_options *o, struct err *reterr)
{
        s->reader_cache_kib = o->reader_cache_kib;
        for (int rank = o->readers > 0 ? o->readers : 1; rank-- > 0;) {
                struct reader *r = or_abort(calloc(1, sizeof(*r)));
                *r = (struct reader){ .store = s, .rank = rank, .next = s->readers, .next_free = s->free_readers };
                s->readers = s->free_readers = r;
        }
        return reader_connect(s->readers, reterr);
}

/* A server is not copied from here, so its schema is changed only where somebody says that there is a backup. */
static int upgrade_server(struct store *s, const struct store_options *o, struct err *reterr)
{
        int64_t version = db_version(s->writer, reterr);
        if (version < 0)
                return -1;
        if (version == 0)
                return err_set(reterr, ERR_NOT_FOUND, "the database server holds no suyuan database; make one with `suyuan init --database …`");
        if ((size_t)version < n_schema_steps && !o->migrate)
                return err_set(reterr, ERR_CONFLICT, "the database has an older schema (%lld of %zu): stop all suyuan processes, make a backup (pg_dump), then start one with --migrate",
                               (long long)version, n_schema_steps);
        return store_upgrade(s->writer, NULL, schema_steps, n_schema_steps, reterr);
}

static int open_server_for_writing(struct store *s, const struct store_options *o, struct err *reterr)
{
        if (make_folders(s->dir, reterr) < 0 || db_open(s->db_path, &(struct db_options){ .mode = DB_WRITE }, &s->writer, reterr) < 0 || upgrade_server(s, o, reterr) < 0)
                return -1;
        blob_tidy(s);
        return pg_listener_start(s->db_path, s->writer, s->stamps, &s->listener, reterr);
}

static int open_for_writing(struct store *s, const struct store_options *o, struct err *reterr)
{
        if (s->server)
                return open_server_for_writing(s, o, reterr);
        if (take_lock(s, reterr) < 0 ||
            db_open(s->db_path, &(struct db_options){ .mode = DB_WRITE, .cache_kib = o->writer_cache_kib }, &s->writer, reterr) < 0)
                return -1;
        if (store_upgrade(s->writer, s->dir, schema_steps, n_schema_steps, reterr) < 0)
                return -1;
        blob_tidy(s);
        return log_keeper_start(s->db_path, s->writer, &log_bounds_default, &s->keeper, reterr);
}

static int check_version(struct store *s, struct err *reterr)
{
        int64_t version = db_version(s->readers->db, reterr);
        if (version < 0)
                return -1;
        if ((size_t)version > n_schema_steps)
                return err_set(reterr, ERR_STORE, "the database was written by a newer suyuan (schema %lld, this one knows %zu); use that one",
                               (long long)version, n_schema_steps);
        if ((size_t)version < n_schema_steps)
                return err_set(reterr, ERR_STORE, "the database has an older schema (%lld of %zu); `suyuan serve` or `suyuan rebuild` brings it up to date",
                               (long long)version, n_schema_steps);
        return 0;
}

static int open_all(struct store *s, bool write, const struct store_options *o, struct err *reterr)
{
        struct stat st;
        if (!s->server && stat(s->db_path, &st) < 0)
                return err_set(reterr, ERR_NOT_FOUND, "%s holds no suyuan database; make one with `suyuan init --data %s`", s->dir, s->dir);
        if (write && open_for_writing(s, o, reterr) < 0)
                return -1;
        if (add_readers(s, o, reterr) < 0)
                return -1;
        if (check_version(s, reterr) < 0 || load_origins(s, s->readers->db, reterr) < 0)
                return -1;
        return load_orgs(s, s->readers->db, reterr) < 0 ? -1 : store_parties_load(s, reterr);
}

int store_open(const char *dir, bool write, const struct store_options *o, struct store **ret, struct err *reterr)
{
        struct store *s = or_abort(calloc(1, sizeof(*s)));
        s->arena = arena_new();
        s->dir = or_abort(strdup(dir));
        s->lock_fd = -1;
        s->parties = parties_new();
        s->stamps = or_abort(calloc(1, sizeof(*s->stamps)));
        pthread_mutex_init(&s->mutex, NULL);
        pthread_mutex_init(&s->orgs_mutex, NULL);
        pthread_cond_init(&s->freed, NULL);
        s->server = o->database && *o->database;
        if (s->server && (!db_is_server(o->database) || strlen(o->database) >= sizeof(s->db_path))) {
                store_close(s);
                return err_set(reterr, ERR_BAD_INPUT, "the database's address begins with postgres:// or postgresql:// and has at most %d bytes", PATH_BYTES);
        }
        if (s->server)
                snprintf(s->db_path, sizeof(s->db_path), "%s", o->database);
        else
                join(s->db_path, dir, "suyuan.db");
        if (open_all(s, write, o, reterr) < 0) {
                store_close(s);
                return -1;
        }
        *ret = s;
        return 0;
}

void store_close(struct store *s)
{
        if (!s)
                return;
        for (struct reader *r = s->readers, *next; r; r = next) {
                next = r->next;
                for (size_t i = 0; i < TERM_SLOTS; i++)
                        free(r->terms[i].text);
                many_free(r->many);
                db_close(r->db);
                free(r);
        }
        log_keeper_stop(s->keeper);
        pg_listener_stop(s->listener);
        db_close(s->writer);
        if (s->lock_fd >= 0)
                close(s->lock_fd);
        pthread_mutex_destroy(&s->mutex);
        pthread_mutex_destroy(&s->orgs_mutex);
        pthread_cond_destroy(&s->freed);
        parties_free(s->parties);
        free(s->stamps);
        free(s->dir);
        arena_free(s->arena);
        free(s);
}

/* ---- what it is ---- */

bool store_shared(const struct store *s)
{
        return s->server;
}

void store_holder(const struct store *s, char *ret, size_t n)
{
        char host[128] = "", dir[PATH_MAX];
        gethostname(host, sizeof host - 1);
        if (!realpath(s->dir, dir))
                snprintf(dir, sizeof dir, "%s", s->dir);
        snprintf(ret, n, "%s:%.400s", host, dir);
}

void store_beside(const struct store *s, const char *name, char ret[PATH_BYTES])
{
        char file[64];
        snprintf(file, sizeof file, "%s.db", name);
        if (s->server)
                snprintf(ret, PATH_BYTES, "%s", s->db_path);
        else
                join(ret, s->dir, file);
}

const char *store_dir(const struct store *s)
{
        return s->dir;
}

struct hash store_key(const struct store *s, const char *purpose)
{
        const struct org *o = store_org(s, ORG_DEFAULT);
        return hmac_sha256(o->secret.b, sizeof(o->secret.b), purpose, strlen(purpose));
}

const struct origins *store_origins(const struct store *s)
{
        return &s->origins;
}

const struct org *store_org(const struct store *s, int64_t id)
{
        for (size_t i = 0; i < s->n_orgs; i++)
                if (s->orgs[i].id == id)
                        return &s->orgs[i];
        return NULL;
}

int64_t store_org_number(const struct store *s, struct str code)
{
        for (size_t i = 0; i < s->n_orgs; i++)
                if (str_eq(s->orgs[i].code, code))
                        return s->orgs[i].id;
        return 0;
}

struct str store_org_code(const struct store *s, struct arena *a, int64_t org)
{
        const struct org *o = store_org(s, org);
        return o ? arena_str(a, o->code) : STR_NONE;
}

struct db *store_writer(struct store *s)
{
        assert(s->writer);
        return s->writer;
}

void store_committed(struct store *s)
{
        if (s->keeper)
                log_keeper_committed(s->keeper);
}

uint64_t store_change_now(const struct store *s)
{
        return atomic_load(&s->stamps->now);
}

uint64_t store_item_changed(const struct store *s, int64_t org, int64_t item)
{
        return stamps_of(s->stamps, org, item);
}

uint64_t store_changed(const struct store *s, int64_t mark)
{
        return stamps_of(s->stamps, number_org(mark), number_low(mark));
}

uint64_t store_master_changed(const struct store *s)
{
        return stamps_master(s->stamps);
}
