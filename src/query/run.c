#include "base/clock.h"
#include "base/decimal.h"
#include "epcis/read.h"
#include "query/run_impl.h"

/* Walks the candidates, keeps what matches.  An event's body is read only when all that indexes know of it fits. */
enum { PAGE_BYTES = 32 * 1024 * 1024, KEY_BYTES = 256, CHUNK_FIRST = 64 };

struct page {
        struct run *run;
        struct query_result *ret;
        struct arena *scratch;          /* one event */
        struct masters masters;
        size_t want;                    /* events of this page */
        bool last;                      /* eventCountLimit is reached with it */
        int64_t matched, max;           /* maxEventCount, 0: none or counted already */
        size_t bytes;
        bool done;
        bool told;                      /* the indexes tell all that is asked: a candidate that fits, matches */
        struct ranked *best;            /* by extension: the first want + 1 after `from`, in order */
        size_t n_best;
};

/* ---- keys of an extension: numbers before texts, what has none last; in either direction ---- */

struct ranked { struct search_row row; size_t key_n; char key[KEY_BYTES]; };

static struct str extension_key(struct arena *a, const struct query_shape *shape, const struct event *e)
{
        const struct json *v = event_extension(e, e->json, arena_cstr(a, shape->extension));
        struct str text = json_text(v);
        struct decimal d;
        if (json_is(v, JSON_TRUE) || json_is(v, JSON_FALSE))
                text = json_is(v, JSON_TRUE) ? STR("true") : STR("false");
        if (!text.p)
                return STR_NONE;
        bool number = text.n < KEY_BYTES && decimal_read(text, &d);
        if (text.n > KEY_BYTES - 1)
                text.n = KEY_BYTES - 1;
        return arena_printf(a, "%c%.*s", number ? 'n' : 't', STR_ARG(text));
}

static int compare_keys(struct str a, struct str b, bool ascending)
{
        struct decimal x, y;
        int c;
        if (!a.n || !b.n)
                return (a.n == 0) - (b.n == 0);
        if (a.p[0] == 'n' && b.p[0] == 'n' && decimal_read(str_from(a, 1), &x) && decimal_read(str_from(b, 1), &y))
                c = decimal_cmp(x, y);
        else
                c = str_cmp(a, b);
        return ascending ? c : -c;
}

static int compare_ranked(const struct run *r, struct str ak, const struct search_row *a, struct str bk, const struct search_row *b)
{
        int c = compare_keys(ak, bk, r->shape->ascending);
        return c ? c : run_order(r, a, b);
}

static struct search_row row_of(const struct query_page_from *from)
{
        return (struct search_row){ .org = from->org, .seq = from->seq, .time_us = from->key_us, .record_us = from->key_us };
}

/* Keeps the first want + 1: a bounded list in order, since pages are small. */
static void rank(struct page *p, const struct search_row *row, struct str key)
{
        const struct run *r = p->run;
        struct search_row from = row_of(r->from);
        if (!r->from->first && compare_ranked(r, r->from->key_text, &from, key, row) >= 0)
                return;
        size_t at = p->n_best;
        while (at > 0 && compare_ranked(r, (struct str){ p->best[at - 1].key, p->best[at - 1].key_n }, &p->best[at - 1].row, key, row) > 0)
                at--;
        if (at > p->want)
                return;
        if (p->n_best <= p->want)
                p->n_best++;
        memmove(p->best + at + 1, p->best + at, (p->n_best - 1 - at) * sizeof(*p->best));
        p->best[at] = (struct ranked){ .row = *row, .key_n = key.n };
        if (key.n)
                memcpy(p->best[at].key, key.p, key.n);
}

/* ---- what matches ---- */

static void keep(struct page *p, const struct search_row *row, const struct found_event *f)
{
        struct arena *a = p->run->arena;
        const struct query_found *before = p->ret->n ? &p->ret->list[p->ret->n - 1] : NULL;
        struct str context = before && str_eq(before->context, f->context) ? before->context : arena_str(a, f->context);
        p->ret->list[p->ret->n++] = (struct query_found){ row->org, row->seq, arena_str(a, f->event_id), arena_str(a, f->body), context, row->record_us, f->event_id_given_here };
        p->bytes += f->body.n + f->context.n;
}

static void next_from(struct page *p, const struct search_row *row, struct str key)
{
        const struct run *r = p->run;
        p->ret->next = (struct query_page_from){ .high_record_us = r->high_record_us, .key_us = r->by_time ? row->time_us : row->record_us,
                                                 .key_text = key.n ? arena_str(r->arena, key) : STR_NONE, .org = row->org, .seq = row->seq,
                                                 .told = r->from->told + (int64_t)p->ret->n };
}

static int take(struct page *p, const struct search_row *row, const struct event *e, const struct found_event *f)
{
        p->matched++;
        if (p->max && p->matched > p->max)
                return err_set(p->run->err, ERR_QUERY_LARGE, "more than %lld events match (maxEventCount); ask for fewer, or allow more", (long long)p->max);
        if (p->best) {
                rank(p, row, extension_key(p->scratch, p->run->shape, e));
                return 0;
        }
        if (p->ret->n < p->want && p->bytes < PAGE_BYTES) {
                keep(p, row, f);
                if (!p->ret->more)
                        next_from(p, row, STR_NONE);
                p->done = p->last && p->ret->n == p->want && !p->max;
        } else {
                p->ret->more |= !p->last || p->ret->n < p->want;
                p->want = p->ret->n;
                p->done = !p->max;
        }
        return 0;
}

/* ---- one candidate ---- */

/* Is it under one of the values?  With many values the body tells. */
static int fulfils(const struct run *r, const struct condition *c, const struct search_row *row)
{
        if (!c->checkable || c == r->way)
                return 1;
        for (size_t i = 0; i < c->n; i++) {
                int rc = c->lanes[i].org == row->org ? reader_has(r->reader, &c->lanes[i], row->seq, r->err) : 0;
                if (rc != 0)
                        return rc;
        }
        return 0;
}

static int fits(const struct run *r, const struct search_row *row)
{
        const struct query_bounds *b = &r->bounds;
        if ((b->types && !(b->types & 1u << row->type)) || (b->actions && !(b->actions & 1u << row->action)) ||
            row->time_us < b->time_from_us || row->time_us >= b->time_before_us)
                return 0;
        for (size_t i = 0; i < r->n_conditions; i++) {
                int rc = fulfils(r, &r->conditions[i], row);
                if (rc != 1)
                        return rc;
        }
        int elsewhere = reader_told_elsewhere(r->reader, r->org, row->org, row->seq, r->err);
        return elsewhere < 0 ? -1 : !elsewhere;
}

static int look(struct page *p, const struct search_row *row)
{
        struct run *r = p->run;
        struct event e = { 0 };
        struct found_event f = { 0 };
        int rc = fits(r, row);
        if (rc != 1)
                return rc;
        p->ret->looked++;
        rc = reader_found(r->reader, p->scratch, row->org, row->seq, &f, r->err);
        if (rc < 0)
                return -1;
        if (rc == 1 && p->told)
                return take(p, row, NULL, &f);
        if (rc == 0 || event_reread(p->scratch, f.body, f.context, reader_origins(r->reader), &e, NULL) < 0)
                return err_set(r->err, ERR_STORE, "event %lld is damaged; run `suyuan check`", (long long)row->seq);
        const struct query_event asked = { .event = &e, .event_id = f.event_id, .record_us = row->record_us, .master = masters_find, .ctx = &p->masters };
        return query_matches(r->query, p->scratch, &asked) ? take(p, row, &e, &f) : 0;
}

static int walk(struct page *p)
{
        struct run *r = p->run;
        struct arena *chunk = arena_new();
        ssize_t n = 1;
        int rc = 0;
        while (rc == 0 && !p->done && n > 0) {
                struct search_row *list;
                arena_reset(chunk);
                n = run_candidates(r, chunk, &list);
                rc = n < 0 ? -1 : 0;
                for (ssize_t i = 0; i < n && rc == 0 && !p->done; i++) {
                        rc = run_deadline(r) < 0 ? -1 : look(p, &list[i]);
                        arena_reset(p->scratch);
                }
        }
        arena_free(chunk);
        return rc;
}

/* ---- the page ---- */

static int page_of_best(struct page *p)
{
        struct run *r = p->run;
        for (size_t i = 0; i < p->n_best && i < p->want; i++) {
                const struct ranked *b = &p->best[i];
                struct found_event f = { 0 };
                if (reader_found(r->reader, p->scratch, b->row.org, b->row.seq, &f, r->err) != 1)
                        return -1;
                keep(p, &b->row, &f);
                next_from(p, &b->row, (struct str){ b->key, b->key_n });
                arena_reset(p->scratch);
        }
        p->ret->more = p->n_best > p->want && !p->last;
        return 0;
}

static void size_page(struct page *p, int per_page)
{
        const struct query_shape *shape = p->run->shape;
        int64_t left = shape->event_count_limit ? shape->event_count_limit - p->run->from->told : INT64_MAX;
        p->last = left <= per_page;
        p->want = (size_t)(left < 0 ? 0 : p->last ? left : per_page);
        p->max = p->run->from->first ? shape->max_event_count : 0;      /* later pages are of the same events */
        p->ret->list = arena_array(p->run->arena, struct query_found, p->want + 1);
        if (shape->by == ORDER_EXTENSION && shape->ordered)
                p->best = arena_raw(p->run->arena, (p->want + 2) * sizeof(*p->best));
        p->done = !p->want && !p->max;
}

static bool indexes_tell(const struct run *r)
{
        bool all = r->bounds.exact;
        for (size_t i = 0; all && i < r->n_conditions; i++)
                all = r->conditions[i].checkable || &r->conditions[i] == r->way;
        return all;
}

static int run_page(struct run *r, int per_page, struct query_result *ret)
{
        struct page p = { .run = r, .ret = ret };
        if (run_widen(r) < 0)
                return -1;
        query_bounds(r->query, r->arena, &r->bounds);
        int rc = run_plan(r);
        ret->plan = r->plan;
        if (rc != 1)
                return rc;
        size_page(&p, per_page);
        if (!r->from->first && !p.best) {
                r->place = row_of(r->from);
                r->begun = true;
        }
        p.told = !p.best && indexes_tell(r);
        if (p.told && r->n_conditions == 1)     /* no candidate fails, so the page and one more are all that is looked at */
                r->chunk = p.want + 2;
        p.scratch = arena_new();
        p.masters = (struct masters){ .reader = r->reader, .org = r->org, .arena = arena_new() };
        rc = walk(&p);
        if (rc == 0 && p.best)
                rc = page_of_best(&p);
        arena_free(p.scratch);
        arena_free(p.masters.arena);
        return rc;
}

int query_run(struct arena *a, struct reader *r, int64_t org, struct query *q, const struct query_page_from *from,
              const struct query_run_options *o, struct query_result *ret, struct err *reterr)
{
        static const struct query_page_from beginning = { .first = true };
        struct err ignored = { 0 };
        const struct query_shape *shape = query_shape(q);
        struct run run = { .arena = a, .reader = r, .org = org, .query = q, .shape = shape, .from = from ? from : &beginning,
                           .deadline_us = o->deadline_us, .err = reterr ? reterr : &ignored, .chunk = CHUNK_FIRST,
                           .by_time = shape->ordered && shape->by == ORDER_EVENT_TIME,
                           .ascending = shape->ordered && shape->by != ORDER_EXTENSION && shape->ascending };
        run.high_record_us = run.from->first ? INT64_MIN : run.from->high_record_us;
        *ret = (struct query_result){ 0 };
        return run_page(&run, o->per_page > 0 ? o->per_page : 1, ret) < 0 ? -1 : 0;
}
