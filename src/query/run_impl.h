#ifndef SUYUAN_QUERY_RUN_IMPL_H
#define SUYUAN_QUERY_RUN_IMPL_H

#include "query/run.h"

/* The inside of running (docs/design/query.md): plan.c chooses a way in, walk.c gives candidates in order, run.c keeps what matches. */

/* One condition that an index knows: a search for each of its values in each organisation. */
struct condition {
        struct search *lanes;
        size_t n;
        bool checkable;         /* few enough values to ask the index for every candidate */
};

struct span { int64_t org, first, last; };      /* seqs within the record times asked for and the high-water mark */

struct run {
        struct arena *arena;
        struct reader *reader;
        int64_t org;
        struct query *query;
        const struct query_shape *shape;
        struct query_bounds bounds;
        const struct query_page_from *from;
        int64_t deadline_us, high_record_us;
        struct err *err;

        struct span *spans;             /* ascending by organisation */
        size_t n_spans;
        struct condition *conditions;
        size_t n_conditions;

        /* the way in */
        const char *plan;
        const struct condition *way;    /* its lanes give the candidates; NULL: `listed` */
        bool by_time, ascending;
        struct search_row *listed;      /* candidates known from the start, in order */
        size_t n_listed;
        bool begun;                     /* `place` is the last candidate given */
        struct search_row place;
        bool spent;                     /* no lane has more than it gave */
        size_t chunk;
};

int run_plan(struct run *r);            /* 1, 0 when nothing can match, -1 */
/* The next candidates after `place`, in order, each event once; how many, 0 at the end.  In `a`. */
ssize_t run_candidates(struct run *r, struct arena *a, struct search_row **ret);
int run_order(const struct run *r, const struct search_row *a, const struct search_row *b);
int run_deadline(const struct run *r);

/* WD_ conditions: tells the query the descendants that master data knows. */
int run_widen(struct run *r);
/* Master data for HASATTR_ and the like; good until the run ends. */
struct masters { struct reader *reader; int64_t org; struct arena *arena; size_t n; struct { struct str id; const struct json *json; } known[64]; };
const struct json *masters_find(void *ctx, struct str canonical);

#endif
