#ifndef SUYUAN_PROOF_WHOLE_H
#define SUYUAN_PROOF_WHOLE_H

#include "merkle/policy.h"
#include "merkle/tile.h"

/* A whole log computed again, from its entries up to the root that was signed.  Nothing is kept of it but a tile a level. */

/* Where it comes from.  Tiles are asked for in the order of plan_next, each once, so a source may fetch ahead. */
struct source {
        /* The note, and the policy that the log gives out (empty: none), in the arena. */
        int (*note)(struct source *s, struct arena *a, struct str *ret_note, struct str *ret_policy, struct err *reterr);
        /* The tree has so many leaves: tiles follow. */
        int (*begin)(struct source *s, int64_t size, struct err *reterr);
        /* 1 and its bytes, good until the next; 0 there is none; -1 nothing can be read. */
        int (*tile)(struct source *s, struct tile t, const uint8_t **ret, size_t *ret_n, struct err *reterr);
        void (*close)(struct source *s);
};
/* DIR/log of a data directory, such a folder itself, or a folder of tiles as C2SP tlog-tiles lays them out. */
int source_folder(const char *path, struct source **ret, struct err *reterr);
/* "https://…": what stands before /checkpoint, or the address of an installation. */
int source_url(const char *url, struct source **ret, struct err *reterr);

/* Every tile of a tree: an entry bundle, the hashes of its leaves, and each tile above as soon as all below it have been. */
struct plan { int64_t size, n; int level; };
bool plan_next(struct plan *p, struct tile *ret);
int64_t plan_tiles(int64_t size);       /* how many they are */

struct whole_options {
        struct vkey key;
        const struct policy *policy;    /* whose witnesses must have cosigned; NULL: the log's own policy is asked who they are, and none is missed */
        void (*say)(void *ctx, const char *where, const char *what);    /* the first WHOLE_FAULTS faults */
        void (*progress)(void *ctx, int64_t done, int64_t total);       /* tiles; may be NULL */
        void *ctx;
};
enum { WHOLE_FAULTS = 20 };
struct whole { int64_t size, faults; size_t cosigned; struct str origin; };
/* How many faults were found, 0: everything is what was signed.  -1 when it could not be read to its end, or has no checkpoint at all. */
int64_t whole_verify(struct arena *a, struct source *s, const struct whole_options *o, struct whole *ret, struct err *reterr);

#endif
