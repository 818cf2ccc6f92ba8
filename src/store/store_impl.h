#ifndef SUYUAN_STORE_STORE_IMPL_H
#define SUYUAN_STORE_STORE_IMPL_H

#include <pthread.h>

#include "store/db.h"
#include "store/stamps.h"
#include "store/store.h"

/* For the implementers of store/ and for its one writer, ledger/.  Nobody else includes it. */

#define PATH_BYTES 4096
#define TERM_SLOTS 256

enum { EVENT_DECLARES_ERROR = 1, EVENT_DECLARED_WRONG = 2, EVENT_ID_GIVEN_HERE = 4 };   /* event.flags; stored: append only */

struct org {
        int64_t id;
        struct str code;
        struct hash secret;
};

struct log_keeper;

struct store {
        struct arena *arena;            /* what is read once: origins, organisations */
        char *dir;
        char db_path[PATH_BYTES];
        struct origins origins;
        const struct org *orgs;
        size_t n_orgs;
        int lock_fd;                    /* -1: not for writing */
        struct db *writer;              /* of the ledger's thread; NULL: not for writing */
        struct log_keeper *keeper;
        struct stamps *stamps;
        _Atomic unsigned incoming;      /* makes the temporary names of blobs differ */

        pthread_mutex_t mutex;          /* guards the pool */
        pthread_cond_t freed;
        struct reader *free_readers, *readers;
};

struct reader {
        struct store *store;
        struct db *db;
        struct reader *next_free, *next;
        /* Terms never change, so each connection remembers the ones it met; by id. */
        struct term_slot { int64_t org, id; char *text; size_t n; } terms[TERM_SLOTS];
};

/* NULL when there is no such organisation. */
const struct org *store_org(const struct store *s, int64_t id);

/* The one writing connection.  Asserts that the store was opened for writing. */
struct db *store_writer(struct store *s);
/* After every commit of the writer: keeps the write-ahead log within its bound. */
void store_committed(struct store *s);

/* The connection behind a snapshot, for the listings of `check`. */
struct db *reader_db(struct reader *r);

/* Brings a database to the last of `steps`, after making a copy in `dir` when it holds anything. */
int store_upgrade(struct db *db, const char *dir, const struct schema_step *steps, size_t n, struct err *reterr);

void blob_tidy(struct store *s);        /* removes what processes left that are no more */
int sync_folder(const char *path);      /* 0, or -1 with errno */

/* ---- the write-ahead log's keeper (docs/design/write-path.md): a thread with a connection of its own ---- */
struct log_bounds { int64_t soft, hard, step; };        /* bytes */
extern const struct log_bounds log_bounds_default;
int log_keeper_start(const char *db_path, struct db *writer, const struct log_bounds *bounds, struct log_keeper **ret, struct err *reterr);
void log_keeper_stop(struct log_keeper *k);     /* NULL is fine */
void log_keeper_committed(struct log_keeper *k);        /* on the writer's thread, after each commit */

#endif
