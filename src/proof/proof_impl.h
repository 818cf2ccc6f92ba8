#ifndef SUYUAN_PROOF_PROOF_IMPL_H
#define SUYUAN_PROOF_PROOF_IMPL_H

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#include "proof/ask.h"
#include "proof/keys.h"
#include "proof/last.h"
#include "proof/proof.h"
#include "proof/seal_lists.h"
#include "store/log.h"
#include "proof/treefiles.h"

/* The inside of the flow, shared by its files. */

enum { CHECKPOINT_BYTES_MAX = 64 * 1024, SIGNERS_MAX = 3, KEYS_MAX = 2, DOUBT_BYTES = 400 };

/* A row of log_state. */
struct log_state {
        int64_t n, created_us, size, epoch;
        struct str origin, vkey, note;          /* note "": none was signed yet */
        struct hash root;
};

struct proof {
        struct store *store;
        struct ledger *ledger;
        const struct fileio *io;
        struct arena *arena;            /* as long as the log is open: origin, keys, policy */
        char folder[PATH_MAX];          /* DIR/log */
        char me[600];                   /* among processes on one database */
        int lock_fd;                    /* -1: another process of this folder keeps the files, this one only reads them */
        const char *passphrase;
        int64_t every_us;
        struct policy *policy;          /* NULL: nobody is asked */
        struct str policy_text;
        struct treefiles *files;
        uint8_t edge[LEAF_BYTES];       /* the newest leaf that was taken into the files, and its index; -1: none by this process */
        int64_t edge_at;
        struct ask *ask;
        struct seal_lists *seal_lists;

        pthread_mutex_t turn;           /* one at a time goes on: all down to `mutex` */
        struct arena *round;            /* of one going on */
        struct key key, next;
        bool has_key, has_next, announced;
        const struct signer *sm2;
        bool can_sign, sign_again;
        const char *follows;            /* why others sign and not this process; NULL: it may */
        struct last *last, *copy;
        bool looked;                    /* nobody holds more of this log than we do */
        bool mine, tried;               /* the lease; and it was asked for once */
        int64_t epoch, mine_until_us;   /* monotonic */
        int64_t n;                      /* log_state */

        pthread_mutex_t publishing;     /* one at a time writes DIR/log/checkpoint */
        pthread_mutex_t mutex;          /* guards what anybody may know: the rest */
        struct str origin;
        struct vkey vkey;
        int64_t leaves, size, signed_us, cosigned;      /* size -1: nothing is published */
        struct hash root;
        struct buf note, lines;         /* ours alone; of witnesses */
        char refusal[400];              /* for good, as long as this process lives */
        char trouble[400];              /* for now */
        char doubt[DOUBT_BYTES];        /* what this witness says and does not show */
        const struct policy_witness *doubted;

        pthread_t thread;
        pthread_cond_t woken;
        bool started, stop;
        uint64_t seen;
};

/* ---- logstate.c: rows ---- */
/* The newest log: 1, 0 none yet, -1.  In the arena. */
int logstate_load(struct proof *p, struct reader *r, struct arena *a, struct log_state *ret, struct err *reterr);
int logstate_add(struct proof *p, int64_t n, struct str origin, const struct vkey *key, struct err *reterr);
/* p->mine says what came of it.  On a database of one process it is always ours. */
int logstate_lease(struct proof *p, struct err *reterr);
void logstate_release(struct proof *p);
/* Makes the checkpoint count: 1, 0 somebody else holds the log now, -1. */
int logstate_sign(struct proof *p, int64_t old, int64_t size, const struct hash *root, struct str note, int64_t now_us, struct err *reterr);
int logstate_key(struct proof *p, const struct vkey *key, struct err *reterr);
int logstate_cosign(struct proof *p, int64_t size, struct str name, struct str line, int64_t time_s, struct err *reterr);
/* The lines that have come below a checkpoint. */
int logstate_lines(struct proof *p, struct reader *r, int64_t size, struct buf *out, struct err *reterr);
int logstate_cosigned(struct proof *p, struct reader *r, int64_t index, int64_t *ret_size, struct err *reterr);   /* the oldest that covers it; -1 none */
int logstate_checkpoint(struct proof *p, struct reader *r, struct arena *a, int64_t size, struct str *ret_note, int64_t *ret_us, struct err *reterr);

/* ---- proof.c ---- */
/* Leaves from the files' size to `upto`, from rows; durable. */
int take_in(struct proof *p, struct reader *r, int64_t upto, struct err *reterr);
/* The signed size from the files as they stand, else from files made wholly anew. */
int recover(struct proof *p, struct reader *r, const struct log_state *s, int64_t rows, struct err *reterr);
/* What another process signed, or an earlier run of this one. */
int follow(struct proof *p, struct reader *r, const struct log_state *s, struct err *reterr);
/* The same where another process keeps the files: they are only looked at. */
int look_on(struct proof *p, struct reader *r, const struct log_state *s, struct err *reterr);
void *proof_run(void *proof);

/* ---- publish.c: what is told ---- */
void publish(struct proof *p, const struct log_state *s, struct str lines, int64_t signed_us);
void publish_line(struct proof *p, int64_t size, struct str line);
int64_t published_size(struct proof *p);
/* A witness says what it does not show; NULL: it has cosigned. */
void publish_doubt(struct proof *p, const struct policy_witness *w, const char *why);
/* The keys that checkpoints are told to be signed with now; how many. */
size_t told_keys(struct proof *p, struct vkey ret[KEYS_MAX]);
/* Nothing is signed any more; why, and what to do. */
int refuse(struct proof *p, struct err *reterr, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool refused(struct proof *p);
#define WHAT_TO_DO "Nothing is signed, records are still taken.  Restore the newer copy of the database, or begin a new log (`suyuan log begin`)"

/* ---- sign.c ---- */
/* With the newest state `s`: signs what the files hold, where that is ours to do. */
int sign_on(struct proof *p, const struct log_state *s, int64_t leaves, struct err *reterr);

/* ---- rotate.c ---- */
int rotate(struct proof *p, struct err *reterr);
/* Another process may have changed the key: then it is the one that is told, and nothing is signed with the old one. */
int heed_key(struct proof *p, const struct log_state *s, struct err *reterr);

/* ---- open.c ---- */
/* The name of the n-th log of this installation. */
struct str log_origin(const struct store *s, struct arena *a, int64_t n);
bool vkey_is(const struct vkey *k, struct str text);

/* ---- asking.c: the witnesses ---- */
int open_policy(struct proof *p, const char *path, struct err *reterr);
void start_asking(struct proof *p);

#endif
