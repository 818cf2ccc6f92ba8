#ifndef SUYUAN_STORE_STORE_IMPL_H
#define SUYUAN_STORE_STORE_IMPL_H

#include <pthread.h>

#include "store/db.h"
#include "store/stamps.h"
#include "store/store.h"

/* For the implementers of store/ and for its two writers, ledger/ of events and series/ of readings.  Nobody else includes it. */

#define PATH_BYTES 4096
#define TERM_SLOTS 256

enum { EVENT_DECLARES_ERROR = 1, EVENT_DECLARED_WRONG = 2, EVENT_ID_GIVEN_HERE = 4, EVENT_SIGNED = 8 };   /* event.flags; stored: append only */

struct org {
        int64_t id;
        struct str code;
        struct hash secret;
};

struct log_keeper;
struct pg_listener;

struct store {
        struct arena *arena;            /* what is read once: origins, organisations */
        char *dir;
        char db_path[PATH_BYTES];       /* a file, or the address of a server */
        bool server;
        struct origins origins;
        /* By id; grows while the server runs (store_orgs_load): first the list, then the count, and readers look the other way round. */
        const struct org *_Atomic orgs;
        _Atomic size_t n_orgs;
        int lock_fd;                    /* -1: not for writing */
        struct db *writer;              /* of the ledger's thread; NULL: not for writing */
        struct log_keeper *keeper;      /* SQLite */
        struct pg_listener *listener;   /* PostgreSQL */
        struct stamps *stamps;
        struct parties *parties;        /* store/parties.h */
        _Atomic unsigned incoming;      /* makes the temporary names of blobs differ */

        pthread_mutex_t orgs_mutex;     /* one loads organisations at a time */
        pthread_mutex_t mutex;          /* guards the pool */
        pthread_cond_t freed;
        struct reader *free_readers, *readers;  /* both by rank */
        int reader_cache_kib;
};

struct many;            /* reader_many.c */
struct reader {
        struct store *store;
        int rank;                       /* the first are taken first */
        struct db *db;                  /* NULL: not needed yet */
        struct many *many;              /* whose records are read, once it was several organisations; NULL before */
        struct reader *next_free, *next;
        /* Terms never change, so each connection remembers the ones it met; by id. */
        struct term_slot { int64_t org, id; char *text; size_t n; } terms[TERM_SLOTS];
};

int reader_connect(struct reader *r, struct err *reterr);
/* NULL when there is no such organisation. */
const struct org *store_org(const struct store *s, int64_t id);

/* The one writing connection.  Asserts that the store was opened for writing. */
struct db *store_writer(struct store *s);
/* Tables beside the main ones: what db_open wants, DIR/NAME.db or the server's address (there with db_options.space = NAME). */
void store_beside(const struct store *s, const char *name, char ret[PATH_BYTES]);
/* After every commit of the writer: keeps the write-ahead log within its bound. */
void store_committed(struct store *s);

/* ---- reading over many organisations (reader_many.c): what reader_… does with ORG_MANY ---- */
void many_free(struct many *m);         /* NULL is fine */
void many_forget(struct many *m);       /* at the end of a snapshot; NULL is fine */
int64_t many_item(struct reader *r, struct str canonical, struct err *reterr);
struct str many_item_name(struct reader *r, struct arena *a, int64_t item, int *ret_kind);
int many_item_names(struct reader *r, struct arena *a, struct item_named *list, size_t n, struct err *reterr);
ssize_t many_item_events(struct reader *r, int64_t item, int64_t after, struct item_event *ret, size_t max, struct err *reterr);
int many_event(struct reader *r, struct arena *a, int64_t number, struct event_head *ret, struct err *reterr);
ssize_t many_event_id(struct reader *r, struct str event_id, int64_t *ret, size_t max, struct err *reterr);
int many_master(struct reader *r, struct arena *a, struct str canonical, struct str *ret_type, struct str *ret_json, struct err *reterr);
int64_t many_last(struct reader *r, struct err *reterr);
size_t many_orgs(struct reader *r, struct arena *a, int64_t **ret);
int many_hidden(struct reader *r, int64_t org, int64_t seq, struct err *reterr);
int many_capture(struct reader *r, struct arena *a, struct str id, struct str *ret_json, struct err *reterr);
/* Whose it is, and its number there. */
enum { NUMBER_BITS = 40 };
static inline int64_t number_org(int64_t number) { return number >> NUMBER_BITS; }
static inline int64_t number_low(int64_t number) { return number & ((INT64_C(1) << NUMBER_BITS) - 1); }
static inline int64_t number_of(int64_t org, int64_t low) { return org << NUMBER_BITS | low; }

/* The text of a term; 0 is none.  Valid for as long as the connection meets no other term of its slot. */
int reader_term_text(struct reader *r, int64_t org, int64_t id, struct str *ret, struct err *reterr);

/* The connection behind a snapshot, for the listings of `check`. */
struct db *reader_db(struct reader *r);

/* Brings a database to the last of `steps`, after making a copy in `dir` when it holds anything.  `dir` NULL: no copy is made here,
 * somebody has said that there is one. */
int store_upgrade(struct db *db, const char *dir, const struct schema_step *steps, size_t n, struct err *reterr);

/* A file of `path`, synced and of that digest, becomes the blob too, durably; it keeps its old name. */
int blob_adopt(struct store *s, const struct hash *h, const char *path, struct err *reterr);
void blob_tidy(struct store *s);        /* removes what processes left that are no more */

/* ---- the write-ahead log's keeper (docs/design/write-path.md): a thread with a connection of its own ---- */
struct log_bounds { int64_t soft, hard, step; };        /* bytes */
extern const struct log_bounds log_bounds_default;
int log_keeper_start(const char *db_path, struct db *writer, const struct log_bounds *bounds, struct log_keeper **ret, struct err *reterr);
void log_keeper_stop(struct log_keeper *k);     /* NULL is fine */
void log_keeper_committed(struct log_keeper *k);        /* on the writer's thread, after each commit */

#endif
