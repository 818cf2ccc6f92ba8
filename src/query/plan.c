#include <stdlib.h>

#include "base/clock.h"
#include "query/run_impl.h"

/* Which index gives the candidates.  Counting is bounded, so choosing costs less than the page that follows:
 *
 *   eventIDs                       whenever they are given
 *   an item, a facet, a time       the one with the fewest events, where that is less than PROBE
 *   else, by record time           an item or a facet: its rows stand in that order; then a time below DEEP_PROBE, gathered; then
 *                                  all events by number
 *   else, by event time            an item or facet below DEEP_PROBE, gathered; then all events by time */
enum { PROBE = 256, DEEP_PROBE = 20000, CHECKED_VALUES = 16, IDS_EACH = 1024 };

int run_deadline(const struct run *r)
{
        if (r->deadline_us && clock_mono_us() > r->deadline_us)
                return err_set(r->err, ERR_QUERY_COMPLEX, "the query takes too long; ask for fewer events: by EPC, place, business step, or a shorter time");
        return 0;
}

/* ---- spans ---- */

static int fill_span(struct run *r, struct span *s)
{
        int64_t last = reader_last_seq(r->reader, s->org, r->err);
        if (last < 0)
                return -1;
        s->first = 1;
        s->last = last;
        if (r->from->first) {
                struct search_row row;
                int rc = last ? reader_event_row(r->reader, s->org, last, &row, r->err) : 0;
                if (rc < 0)
                        return -1;
                if (rc && row.record_us > r->high_record_us)
                        r->high_record_us = row.record_us;
        } else {
                s->last = reader_recorded(r->reader, s->org, last, r->high_record_us, r->err);
        }
        if (s->last > 0 && r->bounds.record_from_us > INT64_MIN) {
                int64_t before = reader_recorded(r->reader, s->org, s->last, r->bounds.record_from_us - 1, r->err);
                s->first = before + 1;
                if (before < 0)
                        return -1;
        }
        if (s->last > 0 && r->bounds.record_before_us < INT64_MAX)
                s->last = reader_recorded(r->reader, s->org, s->last, r->bounds.record_before_us - 1, r->err);
        return s->last < 0 ? -1 : 0;
}

static int fill_spans(struct run *r)
{
        int64_t *orgs;
        r->n_spans = reader_orgs(r->reader, r->arena, r->org, &orgs);
        r->spans = arena_array(r->arena, struct span, r->n_spans + 1);
        for (size_t i = 0; i < r->n_spans; i++) {
                r->spans[i].org = orgs[i];
                if (fill_span(r, &r->spans[i]) < 0)
                        return -1;
        }
        return 0;
}

/* ---- conditions ---- */

static struct search lane_of(const struct run *r, const struct span *s, enum search_path path)
{
        const struct query_bounds *b = &r->bounds;
        return (struct search){ .org = s->org, .path = path, .first_seq = s->first, .last_seq = s->last, .time_from_us = b->time_from_us,
                                .time_upto_us = b->time_before_us == INT64_MAX ? INT64_MAX : b->time_before_us - 1 };
}

static int by_value(const void *pa, const void *pb)
{
        const struct search *a = pa, *b = pb;
        if (a->org != b->org)
                return a->org < b->org ? -1 : 1;
        return (a->value > b->value) - (a->value < b->value);
}

/* A value that nobody has an event of gives no lane; two spellings of one give one. */
static int add_condition(struct run *r, const struct search *like, const struct str *values, size_t n)
{
        struct condition *c = &r->conditions[r->n_conditions++];
        c->lanes = arena_array(r->arena, struct search, n * r->n_spans + 1);
        c->checkable = n <= CHECKED_VALUES;
        for (size_t k = 0; k < r->n_spans; k++)
                for (size_t i = 0; i < n; i++) {
                        const struct span *s = &r->spans[k];
                        int64_t value = like->path == SEARCH_FACET ? reader_term(r->reader, s->org, values[i], r->err)
                                                                   : reader_item(r->reader, s->org, values[i], r->err);
                        if (value < 0)
                                return -1;
                        if (!value)
                                continue;
                        c->lanes[c->n] = lane_of(r, s, like->path);
                        c->lanes[c->n].facet = like->facet;
                        c->lanes[c->n].roles = like->roles;
                        c->lanes[c->n++].value = value;
                }
        size_t kept = 0;
        qsort(c->lanes, c->n, sizeof(*c->lanes), by_value);
        for (size_t i = 0; i < c->n; i++)
                if (!kept || by_value(&c->lanes[kept - 1], &c->lanes[i]) != 0)
                        c->lanes[kept++] = c->lanes[i];
        c->n = kept;
        return 0;
}

static int fill_conditions(struct run *r)
{
        const struct query_bounds *b = &r->bounds;
        r->conditions = arena_array(r->arena, struct condition, b->n_facets + b->n_items + 1);
        for (size_t i = 0; i < b->n_facets; i++)
                if (add_condition(r, &(struct search){ .path = SEARCH_FACET, .facet = b->facets[i].facet }, b->facets[i].values, b->facets[i].n) < 0)
                        return -1;
        for (size_t i = 0; i < b->n_items; i++)
                if (add_condition(r, &(struct search){ .path = SEARCH_ITEM, .roles = b->items[i].roles ? b->items[i].roles : INT64_MAX },
                                  b->items[i].canonical, b->items[i].n) < 0)
                        return -1;
        return 0;
}

/* The condition that no index is needed for: every event, or every event of a time. */
static struct condition *everything(struct run *r, enum search_path path)
{
        struct condition *c = arena_alloc(r->arena, sizeof(*c));
        c->lanes = arena_array(r->arena, struct search, r->n_spans + 1);
        c->n = r->n_spans;
        for (size_t i = 0; i < r->n_spans; i++)
                c->lanes[i] = lane_of(r, &r->spans[i], path);
        return c;
}

/* ---- choosing ---- */

static int64_t count(struct run *r, const struct condition *c, int64_t max)
{
        int64_t n = 0;
        for (size_t i = 0; i < c->n && n < max; i++) {
                int64_t more = reader_search_count(r->reader, &c->lanes[i], max - n, r->err);
                if (more < 0)
                        return -1;
                n += more;
        }
        return n;
}

static const char *name_of(const struct condition *c)
{
        static const char *const names[] = { [SEARCH_ALL] = "record", [SEARCH_TIME] = "time", [SEARCH_FACET] = "facet", [SEARCH_ITEM] = "item" };
        return c->n ? names[c->lanes[0].path] : "none";
}

static int choose(struct run *r, const struct condition *c)
{
        r->way = c;
        r->plan = name_of(c);
        return 1;
}

/* The sparsest condition below `max`; NULL when none is. */
static int sparsest(struct run *r, const struct condition *times, int64_t max, const struct condition **ret, int64_t *ret_n)
{
        *ret = NULL;
        *ret_n = max;
        for (size_t i = 0; i <= r->n_conditions && *ret_n > 0; i++) {
                const struct condition *c = i < r->n_conditions ? &r->conditions[i] : times;
                int64_t n = c ? count(r, c, *ret_n) : max;
                if (n < 0)
                        return -1;
                if (n < *ret_n) {
                        *ret_n = n;
                        *ret = c;
                }
        }
        return 0;
}

static int choose_way(struct run *r)
{
        const struct query_bounds *b = &r->bounds;
        bool timed = b->time_from_us > INT64_MIN || b->time_before_us < INT64_MAX;
        struct condition *times = timed ? everything(r, SEARCH_TIME) : NULL;
        const struct condition *best;
        int64_t n;
        if (r->n_conditions == 1 && !timed && !r->by_time)      /* in its own order already: nothing to choose */
                return choose(r, &r->conditions[0]);
        if (sparsest(r, times, PROBE, &best, &n) < 0)
                return -1;
        if (best)
                return choose(r, best);
        if (r->by_time) {
                if (r->n_conditions && sparsest(r, NULL, DEEP_PROBE, &best, &n) < 0)
                        return -1;
                return choose(r, best ? best : everything(r, SEARCH_TIME));
        }
        if (r->n_conditions) {          /* facets come first: an item with many events is the rarer thing to have */
                size_t at = r->n_conditions - 1;
                return choose(r, &r->conditions[at]);
        }
        n = times ? count(r, times, DEEP_PROBE) : DEEP_PROBE;
        return n < 0 ? -1 : choose(r, n < DEEP_PROBE ? times : everything(r, SEARCH_ALL));
}

/* ---- eventIDs ---- */

static int in_order(const void *a, const void *b, void *ctx)
{
        return run_order(ctx, a, b);
}

static int list_ids(struct run *r)
{
        const struct query_bounds *b = &r->bounds;
        size_t cap = 0;
        int64_t *seqs = arena_raw(r->arena, IDS_EACH * sizeof(*seqs));
        for (size_t k = 0; k < r->n_spans; k++)
                for (size_t i = 0; i < b->n_event_ids; i++) {
                        const struct span *s = &r->spans[k];
                        ssize_t n = reader_event_id(r->reader, s->org, b->event_ids[i], seqs, IDS_EACH, r->err);
                        if (n < 0 || run_deadline(r) < 0)
                                return -1;
                        if (r->n_listed + (size_t)n > cap) {
                                cap = 2 * (r->n_listed + (size_t)n);
                                struct search_row *more = arena_raw(r->arena, cap * sizeof(*more));
                                if (r->n_listed)
                                        memcpy(more, r->listed, r->n_listed * sizeof(*more));
                                r->listed = more;
                        }
                        for (ssize_t j = 0; j < n; j++)
                                if (seqs[j] >= s->first && seqs[j] <= s->last) {
                                        int rc = reader_event_row(r->reader, s->org, seqs[j], &r->listed[r->n_listed], r->err);
                                        if (rc < 0)
                                                return -1;
                                        r->n_listed += (size_t)rc;
                                }
                }
        if (r->n_listed)
                qsort_r(r->listed, r->n_listed, sizeof(*r->listed), in_order, r);
        r->plan = "id";
        return 1;
}

int run_plan(struct run *r)
{
        r->plan = "none";
        if (r->bounds.never || fill_spans(r) < 0 || fill_conditions(r) < 0)
                return r->bounds.never ? 0 : -1;
        for (size_t i = 0; i < r->n_conditions; i++)
                if (!r->conditions[i].n)
                        return 0;
        return r->bounds.n_event_ids ? list_ids(r) : choose_way(r);
}
