#include "query/run.h"

#include "query/run_impl.h"

struct query_watch { struct run run; struct masters masters; };

int query_watch_begin(struct arena *a, struct reader *r, int64_t org, struct str text, struct query_watch **ret, struct err *reterr)
{
        const struct json *v = NULL;
        struct query_watch *w = arena_alloc(a, sizeof(*w));
        *ret = w;
        w->run = (struct run){ .arena = a, .reader = r, .org = org, .err = reterr };
        w->masters = (struct masters){ .reader = r, .org = org, .arena = arena_new() };
        if (json_read(a, text.p, text.n, NULL, &v, reterr) == 0 && query_from_json(a, v, NULL, reader_origins(r), &w->run.query, reterr) == 0 && run_widen(&w->run) == 0)
                return 0;
        arena_free(w->masters.arena);
        return -1;
}

bool query_watch_matches(struct query_watch *w, struct arena *scratch, const struct event *e, struct str event_id, int64_t record_us)
{
        const struct query_event asked = { .event = e, .event_id = event_id, .record_us = record_us, .master = masters_find, .ctx = &w->masters };
        return query_matches(w->run.query, scratch, &asked);
}

void query_watch_end(struct query_watch *w)
{
        if (w)
                arena_free(w->masters.arena);
}
