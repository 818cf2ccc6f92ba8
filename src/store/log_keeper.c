#include <stdlib.h>

#include "base/background.h"
#include "base/log.h"
#include "base/oom.h"
#include "store/store_impl.h"

/* Moving the write-ahead log into the database file costs as much as writing it did, so it must not happen inside
 * COMMIT.  Past `soft` bytes this thread moves what is there while the writer goes on, twice, so that little is left, and then
 * asks the writer to move that rest between two commits, which lets the log begin anew.  A reader with an old snapshot
 * can forbid the restart; it is tried again after every `step` bytes.  Past `hard` bytes the writer waits for us. */
const struct log_bounds log_bounds_default = { .soft = 32 << 20, .hard = 256 << 20, .step = 8 << 20 };

struct log_keeper {
        struct db *writer, *db;
        struct log_bounds bounds;
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t wake, idle;
        bool asked, busy, stop;
        bool rest_is_small;     /* the writer may restart the log cheaply now */
        int64_t next_try;       /* log size at which to try a restart */
};

static void move_log(struct log_keeper *k)
{
        struct err e = { 0 };
        for (int pass = 0; pass < 2; pass++)
                if (db_checkpoint(k->db, DB_CHECKPOINT_PASSIVE, NULL, &e) < 0) {
                        log_err(LOG_ERROR, "store.checkpoint", &e);
                        return;
                }
}

static void *run(void *ctx)
{
        struct log_keeper *k = ctx;
        background_thread();
        pthread_mutex_lock(&k->mutex);
        while (!k->stop) {
                if (!k->asked) {
                        pthread_cond_wait(&k->wake, &k->mutex);
                        continue;
                }
                k->asked = false;
                k->busy = true;
                pthread_mutex_unlock(&k->mutex);
                move_log(k);
                pthread_mutex_lock(&k->mutex);
                k->busy = false;
                k->rest_is_small = true;
                pthread_cond_broadcast(&k->idle);
        }
        pthread_mutex_unlock(&k->mutex);
        return NULL;
}

int log_keeper_start(const char *db_path, struct db *writer, const struct log_bounds *bounds, struct log_keeper **ret, struct err *reterr)
{
        struct log_keeper *k = or_abort(calloc(1, sizeof(*k)));
        k->writer = writer;
        k->bounds = *bounds;
        k->next_try = bounds->soft;
        if (db_open(db_path, &(struct db_options){ .mode = DB_READ, .cache_kib = 64 }, &k->db, reterr) < 0) {
                free(k);
                return -1;
        }
        pthread_mutex_init(&k->mutex, NULL);
        pthread_cond_init(&k->wake, NULL);
        pthread_cond_init(&k->idle, NULL);
        if (pthread_create(&k->thread, NULL, run, k) != 0)
                or_abort(NULL);
        pthread_setname_np(k->thread, "log-keeper");
        *ret = k;
        return 0;
}

void log_keeper_stop(struct log_keeper *k)
{
        if (!k)
                return;
        pthread_mutex_lock(&k->mutex);
        k->stop = true;
        pthread_cond_signal(&k->wake);
        pthread_mutex_unlock(&k->mutex);
        pthread_join(k->thread, NULL);
        db_close(k->db);
        pthread_mutex_destroy(&k->mutex);
        pthread_cond_destroy(&k->wake);
        pthread_cond_destroy(&k->idle);
        free(k);
}

/* On the writer's thread, between commits. */
static void restart_log(struct log_keeper *k, int64_t size)
{
        struct err e = { 0 };
        bool begun_anew = false;
        if (db_checkpoint(k->writer, DB_CHECKPOINT_RESTART, &begun_anew, &e) < 0)
                log_err(LOG_ERROR, "store.checkpoint", &e);
        k->next_try = begun_anew ? k->bounds.soft : size + k->bounds.step;
}

void log_keeper_committed(struct log_keeper *k)
{
        int64_t size = db_log_bytes(k->writer);
        if (size < k->next_try) {
                if (size < k->bounds.soft)
                        k->next_try = k->bounds.soft;
                return;
        }
        pthread_mutex_lock(&k->mutex);
        while (size >= k->bounds.hard && (k->busy || k->asked))
                pthread_cond_wait(&k->idle, &k->mutex);
        bool restart = k->rest_is_small;
        k->rest_is_small = false;
        if (!restart && !k->busy && !k->asked) {
                k->asked = true;
                pthread_cond_signal(&k->wake);
        }
        pthread_mutex_unlock(&k->mutex);
        if (restart)
                restart_log(k, size);
}
