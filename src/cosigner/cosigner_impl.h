#ifndef SUYUAN_COSIGNER_COSIGNER_IMPL_H
#define SUYUAN_COSIGNER_COSIGNER_IMPL_H

#include <pthread.h>

#include "cosigner/cosigner.h"
#include "merkle/checkpoint.h"
#include "merkle/witness.h"

enum { COSIGNER_PATH = 4096 };

struct origin_state {
        struct str origin;
        char hex[65];                   /* SHA-256 of it */
        struct vkey *keys;
        size_t n_keys;
        pthread_mutex_t mutex;          /* of what follows, and of the file */
        int64_t size;                   /* cosigned; 0: nothing yet */
        struct hash root;
        int64_t time_s;                 /* of our last line */
        char *note;                     /* as in the file, malloc'ed; NULL: nothing yet */
        struct bucket { double level; int64_t us; } taken;
};

struct cosigner {
        struct arena *arena;
        char dir[COSIGNER_PATH];
        int lock_fd;
        struct signer *signer;
        struct origin_state *origins;
        size_t n_origins;
        struct pace *pace;
};

/* key.c */
int cosigner_key(struct arena *a, const char *dir, const char *name, struct signer **ret, struct err *reterr);

/* state.c */
int state_load(struct cosigner *c, struct origin_state *o, struct err *reterr);
/* Looks, decides, cosigns, keeps: one at a time for an origin.  `ret_line` only with status 200. */
struct state_answer { int status; int64_t size; struct str lines; };
int state_advance(struct cosigner *c, struct origin_state *o, struct arena *a, const struct witness_request *q, const struct note *n, const struct checkpoint *cp, struct state_answer *ret, struct err *reterr);
struct origin_state *state_find(struct cosigner *c, struct str origin);
struct origin_state *state_find_hex(struct cosigner *c, struct str hex);
/* A copy of what is in the file, in the arena; STR_NONE: nothing yet. */
struct str state_note(struct origin_state *o, struct arena *a);

/* pace.c: no more than so many a second, by who asks and by log. */
struct pace *pace_new(void);
void pace_free(struct pace *p);
bool pace_peer(struct pace *p, const char *peer);
bool bucket_take(struct bucket *b, double per_s, double burst);

#endif
