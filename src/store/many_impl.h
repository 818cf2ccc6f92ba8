#ifndef SUYUAN_STORE_MANY_IMPL_H
#define SUYUAN_STORE_MANY_IMPL_H

#include "store/store_impl.h"

/* Between reader_many.c and reader_public.c. */

struct group {                          /* what organisations call by one name */
        int64_t *members;               /* numbers, ascending: by organisation; [0] stands for all */
        uint32_t n;
        bool begun, followed;           /* standing: the first who have it are known; so are those it was handed to */
        bool owned;
        int64_t *standing;              /* organisations */
        uint32_t n_standing, cap_standing;
};

struct many {
        struct arena *arena;
        bool all, public;
        int64_t *orgs;                  /* ascending, unless all */
        size_t n_orgs;
        struct group **groups;
        uint32_t n_groups, cap_groups;
        struct member_slot { int64_t member; uint32_t group; } *slots;      /* open addressing; a power of two, at most half full */
        uint32_t n_slots, n_members;
};

bool many_sees(const struct many *m, int64_t org);
/* The group of an item; the item alone where the database lost its name (`suyuan check` tells). */
int many_group(struct reader *r, int64_t item, struct group **ret, struct err *reterr);
/* Rows of one organisation's item as they stand, up to `max`, and where copies came from. */
struct origin_of { int64_t org, seq; };
ssize_t many_rows(struct reader *r, int64_t member, int64_t after, struct item_event *ret, struct origin_of *from, size_t max, struct err *reterr);

/* Does what an organisation says of a thing count here: 1, 0, -1.  Always, but for the public. */
int many_counts(struct reader *r, struct group *g, int64_t org, struct err *reterr);
/* Does it own the thing, or was it the first to record it: 1, 0, -1. */
int many_first(struct reader *r, struct group *g, int64_t org, struct err *reterr);
/* The same for one reference of an event. */
int many_ref_told(struct reader *r, struct group *g, int64_t org, uint8_t role, struct err *reterr);
/* The one organisation whose master data of a thing counts; 0: everybody's. */
int64_t many_namer(struct reader *r, struct str canonical, struct err *reterr);

#endif
