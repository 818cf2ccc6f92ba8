#include <stdlib.h>

#include "query/run_impl.h"

/* Candidates in order out of many lanes: each lane gives its next few after the place; what stands before the end of every lane's few is
 * merged, the rest is asked for again. */
enum { CHUNK_LEAST = 4, CHUNK_MAX = 4096, WINDOW = 8192 };

int run_order(const struct run *r, const struct search_row *a, const struct search_row *b)
{
        int64_t x = r->by_time ? a->time_us : a->record_us, y = r->by_time ? b->time_us : b->record_us;
        int c = x != y ? (x < y ? -1 : 1) : a->org != b->org ? (a->org < b->org ? -1 : 1) : (a->seq > b->seq) - (a->seq < b->seq);
        return r->ascending ? c : -c;
}

static int in_order(const void *a, const void *b, void *ctx)
{
        return run_order(ctx, a, b);
}

/* Where a lane goes on after `place`, by time: equal times of an organisation that comes later in the order are still to come. */
static void place_by_time(const struct run *r, struct search *s)
{
        bool later = r->ascending ? s->org > r->place.org : s->org < r->place.org;
        s->after_time_us = r->place.time_us;
        s->after_seq = s->org == r->place.org ? r->place.seq : later == r->ascending ? INT64_MIN : INT64_MAX;
}

static int place_by_record(const struct run *r, struct search *s)
{
        int64_t at = r->place.seq - (r->ascending ? 0 : 1);
        if (s->org != r->place.org) {
                bool equal_told = s->org < r->place.org;        /* ascending: those below the place were told; descending: those are to come */
                at = reader_recorded(r->reader, s->org, s->last_seq, r->place.record_us - !equal_told, r->err);
                if (at < 0)
                        return -1;
        }
        if (r->ascending && at + 1 > s->first_seq)
                s->first_seq = at + 1;
        if (!r->ascending && at < s->last_seq)
                s->last_seq = at;
        return 0;
}

static int place_lane(const struct run *r, struct search *s)
{
        s->by_time = r->by_time;
        s->ascending = r->ascending;
        s->after_time_us = s->after_seq = r->ascending ? INT64_MIN : INT64_MAX;
        if (!r->begun)
                return 0;
        if (!r->by_time)
                return place_by_record(r, s);
        place_by_time(r, s);
        return 0;
}

/* All events by number may have to be passed over in great numbers: a window at a time, with a look at the clock. */
static ssize_t fetch_windows(const struct run *r, struct search s, struct search_row *ret, size_t max)
{
        size_t n = 0;
        int64_t first = s.first_seq, last = s.last_seq;
        while (n < max && first <= last) {
                s.first_seq = s.ascending || last - first < WINDOW ? first : last - WINDOW + 1;
                s.last_seq = !s.ascending || last - first < WINDOW ? last : first + WINDOW - 1;
                ssize_t got = run_deadline(r) < 0 ? -1 : reader_search(r->reader, &s, ret + n, max - n, r->err);
                if (got < 0)
                        return -1;
                n += (size_t)got;
                if (s.ascending)
                        first = s.last_seq + 1;
                else
                        last = s.first_seq - 1;
        }
        return (ssize_t)n;
}

static ssize_t fetch(const struct run *r, const struct search *lane, struct search_row *ret, size_t max)
{
        struct search s = *lane;
        if (place_lane(r, &s) < 0 || run_deadline(r) < 0)
                return -1;
        if (s.first_seq > s.last_seq)
                return 0;
        if (s.path == SEARCH_ALL && !s.by_time)
                return fetch_windows(r, s, ret, max);
        return reader_search(r->reader, &s, ret, max, r->err);
}

/* In order, each once, and nothing after `edge` (NULL: there is none). */
static size_t tidy(const struct run *r, struct search_row *list, size_t n, const struct search_row *edge)
{
        size_t kept = 0;
        if (n)
                qsort_r(list, n, sizeof(*list), in_order, (void *)(uintptr_t)r);
        for (size_t i = 0; i < n && (!edge || run_order(r, &list[i], edge) <= 0); i++)
                if (!kept || run_order(r, &list[kept - 1], &list[i]) != 0)
                        list[kept++] = list[i];
        return kept;
}

static ssize_t from_lanes(struct run *r, struct arena *a, struct search_row **ret)
{
        const struct condition *way = r->way;
        size_t each = r->chunk / (way->n ? way->n : 1), n = 0;
        struct search_row edge = { 0 };
        bool edged = false;
        if (each < CHUNK_LEAST)
                each = CHUNK_LEAST;
        struct search_row *list = arena_raw(a, (each * way->n + 1) * sizeof(*list));
        for (size_t i = 0; i < way->n; i++) {
                ssize_t got = fetch(r, &way->lanes[i], list + n, each);
                if (got < 0)
                        return -1;
                n += (size_t)got;
                if ((size_t)got == each && (!edged || run_order(r, &list[n - 1], &edge) < 0)) {
                        edge = list[n - 1];
                        edged = true;
                }
        }
        r->spent = !edged;
        if (r->chunk < CHUNK_MAX)
                r->chunk *= 2;
        *ret = list;
        return (ssize_t)tidy(r, list, n, edged ? &edge : NULL);
}

static ssize_t from_list(struct run *r, struct search_row **ret)
{
        size_t n = tidy(r, r->listed, r->n_listed, NULL), at = 0;
        while (r->begun && at < n && run_order(r, &r->listed[at], &r->place) <= 0)
                at++;
        *ret = r->listed + at;
        return (ssize_t)(n - at);
}

ssize_t run_candidates(struct run *r, struct arena *a, struct search_row **ret)
{
        if (r->spent)
                return 0;
        ssize_t n = r->way ? from_lanes(r, a, ret) : from_list(r, ret);
        if (n > 0) {
                r->place = (*ret)[n - 1];
                r->begun = true;
        }
        return n;
}
