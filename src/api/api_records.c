#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/api_impl.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "daybook/daybook.h"
#include "epcis/facet.h"

/* GET /api/records: what an organisation recorded, the newest day first, by act, season, place, days, person and words: what the desk shows.  A page is
 * found by keyset (eventTime, number), so the last page of 100,000 costs what the first does.  Where few records match, one answer looks for SLICE_US only and
 * leads on from there, so that no question takes long. */

enum { SLICE_US = 400 * 1000, CHUNK = 128, NAMES_MAX = 200, DECLARATIONS = 16 };

struct wanted {
        int64_t org;
        struct str code;                /* of the organisation */
        enum act act;
        bool any_act;
        struct str season, place, person, text;         /* canonical; text as sent; empty: any */
        struct str *names;              /* canonical names of things and people that the text names */
        size_t n_names;
        unsigned acts_named;            /* bits 1 << enum act, of those whose title the text names */
        int64_t from_us, upto_us, after_us, after_seq;
};
_Static_assert(ACTS <= 32, "acts fit into a word of bits");

/* ---- words ---- */

static bool says(struct str s, struct str what)
{
        for (size_t at = 0; what.n && at + what.n <= s.n; at++)
                if (!strncasecmp(s.p + at, what.p, what.n))
                        return true;
        return false;
}

static bool ends_with(struct str s, struct str end)
{
        return end.n && s.n >= end.n && !memcmp(s.p + s.n - end.n, end.p, end.n);
}

static bool text_fits(struct str s, const struct wanted *w)
{
        if (says(s, w->text))
                return true;
        for (size_t i = 0; i < w->n_names; i++)
                if (ends_with(s, w->names[i]))
                        return true;
        return false;
}

/* JSON is no deeper than LIMIT_JSON_DEPTH. */
static bool anything_fits(const struct json *v, const struct wanted *w)
{
        if (json_is(v, JSON_STRING))
                return text_fits(json_text(v), w);
        for (uint32_t i = 0; json_is(v, JSON_ARRAY) && i < v->n; i++)
                if (anything_fits(&v->items[i], w))
                        return true;
        for (uint32_t i = 0; json_is(v, JSON_OBJECT) && i < v->n; i++)
                if (anything_fits(&v->members[i].value, w))
                        return true;
        return false;
}

/* Without an escape the text as kept tells that a word is not there; most records need no reading so. */
static bool may_say(struct str body, const struct wanted *w)
{
        if (w->acts_named || memchr(body.p, '\\', body.n) || says(body, w->text))
                return true;
        for (size_t i = 0; i < w->n_names; i++)
                if (memmem(body.p, body.n, w->names[i].p, w->names[i].n))
                        return true;
        return false;
}

/* ---- what is asked ---- */

static void add_name(struct wanted *w, struct str canonical)
{
        if (w->n_names < NAMES_MAX && canonical.n)
                w->names[w->n_names++] = canonical;
}

static int name_things(struct request *q, const struct service *v, struct wanted *w, struct err *reterr)
{
        static const enum thing_kind kinds[] = { THING_PLACE, THING_INPUT, THING_PRODUCT, THING_PARTNER, THING_SEASON };
        enum { A_TIME = 500 };
        struct thing *list = arena_array(q->arena, struct thing, A_TIME);
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
                struct str after = STR_NONE;
                ssize_t n;
                while (w->n_names < NAMES_MAX && (n = daybook_things(v->daybook, q->arena, w->org, kinds[k], after, A_TIME, list, reterr)) > 0) {
                        for (ssize_t i = 0; i < n; i++)
                                if (says(list[i].body, w->text))
                                        add_name(w, list[i].canonical);
                        after = list[n - 1].code;
                }
                if (reterr->kind)
                        return -1;
        }
        return 0;
}

/* People's names are for their own organisation. */
static int name_people(struct request *q, const struct service *v, struct wanted *w, struct err *reterr)
{
        struct str next = STR_NONE;
        const struct caller *c = caller_of(q);
        if (c->org != w->org && !caller_may(c, MAY_ORGS))
                return 0;
        do {
                struct buf b = { .max = ANSWER_BYTES_MAX };
                const struct json *j;
                int rc = access_staff_page(v->access, q->arena, w->org, next, LIMIT_PAGE_THINGS, &b, &next, reterr);
                rc = rc < 0 ? rc : json_read(q->arena, b.p, b.n, NULL, &j, reterr);
                buf_free(&b);
                if (rc < 0)
                        return -1;
                const struct json *list = json_get(j, "staff");
                for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
                        struct str code = json_str(&list->items[i], "code");
                        if (says(json_str(&list->items[i], "name"), w->text))
                                add_name(w, arena_printf(q->arena, "/staff/%.*s/%.*s", STR_ARG(w->code), STR_ARG(code)));
                }
        } while (next.n && w->n_names < NAMES_MAX);
        return 0;
}

static int name_all(struct request *q, const struct service *v, struct wanted *w, struct err *reterr)
{
        w->names = arena_array(q->arena, struct str, NAMES_MAX);
        for (int k = 1; k < ACTS; k++)
                for (int l = 0; l < LANGS; l++)
                        if (says(act_title((enum act)k, (enum lang)l), w->text))
                                w->acts_named |= 1u << k;
        return name_things(q, v, w, reterr) < 0 || name_people(q, v, w, reterr) < 0 ? -1 : 0;
}

static int text_param(struct request *q, const char *name, struct str *ret, struct err *reterr)
{
        *ret = STR_NONE;
        if (request_param(q, name, ret) < 0 || !utf8_valid(*ret))
                return err_set(reterr, ERR_BAD_QUERY, "%s has a broken escape", name);
        *ret = str_trim(*ret);
        return ret->n <= LIMIT_IDENTIFIER_BYTES ? 0 : err_set(reterr, ERR_BAD_QUERY, "%s has at most %d bytes", name, LIMIT_IDENTIFIER_BYTES);
}

/* Midnight in the place's time zone before that day, or, `end`, the last moment of it. */
static int day_param(struct request *q, const char *name, bool end, int64_t *ret, struct err *reterr)
{
        struct str text;
        int day;
        if (text_param(q, name, &text, reterr) < 0)
                return -1;
        if (!text.n)
                return 0;
        if (!day_read(text, &day))
                return err_set(reterr, ERR_BAD_QUERY, "%s is a day, e.g. 2026-05-01", name);
        *ret = ((int64_t)(day + end) * 86400 - 8 * 3600) * 1000000 - end;
        return 0;
}

static int after_param(struct request *q, struct wanted *w, struct err *reterr)
{
        struct str text, time;
        if (text_param(q, "after", &text, reterr) < 0)
                return -1;
        w->after_us = w->after_seq = INT64_MAX;
        if (!text.n)
                return 0;
        return str_split(&text, '.', &time) && number_read(time, &w->after_us) && number_read(text, &w->after_seq) ? 0
                : err_set(reterr, ERR_BAD_QUERY, "after is what the link to the next page says");
}

static struct str place_named(struct request *q, const struct service *v, const struct wanted *w, struct str code)
{
        struct thing t;
        struct err ignored = { 0 };
        if (daybook_thing(v->daybook, q->arena, w->org, THING_PLACE, code, &t, &ignored) == 1)
                return t.canonical;
        return arena_printf(q->arena, "/place/%.*s/%.*s", STR_ARG(w->code), STR_ARG(code));
}

static int read_asked(struct request *q, const struct service *v, struct wanted *w, struct err *reterr)
{
        struct str org, act, season, place, person;
        *w = (struct wanted){ .from_us = INT64_MIN, .upto_us = INT64_MAX };
        if (text_param(q, "org", &org, reterr) < 0 || text_param(q, "act", &act, reterr) < 0 || text_param(q, "season", &season, reterr) < 0 ||
            text_param(q, "place", &place, reterr) < 0 || text_param(q, "person", &person, reterr) < 0 || text_param(q, "text", &w->text, reterr) < 0 ||
            day_param(q, "from", false, &w->from_us, reterr) < 0 || day_param(q, "to", true, &w->upto_us, reterr) < 0 || after_param(q, w, reterr) < 0 ||
            !(w->org = access_org_seen(v->access, q, org, reterr)))
                return -1;
        w->any_act = !act.n;
        w->act = act_of_name(act);
        if (act.n && w->act == ACT_OTHER)
                return err_set(reterr, ERR_BAD_QUERY, "there is no act %.*s (GET /api/acts/kinds)", (int)(act.n < 60 ? act.n : 60), act.p);
        w->code = store_org_code(v->store, q->arena, w->org);
        if (season.n)
                w->season = arena_printf(q->arena, "/season/%.*s/%.*s", STR_ARG(w->code), STR_ARG(season));
        if (person.n)
                w->person = arena_printf(q->arena, "/staff/%.*s/%.*s", STR_ARG(w->code), STR_ARG(person));
        if (place.n)
                w->place = place_named(q, v, w, place);
        return w->text.n ? name_all(q, v, w, reterr) : 0;
}

/* ---- finding ---- */

struct hunt {
        struct request *q;
        const struct service *v;
        struct reader *r;
        const struct wanted *w;
        struct told_events told;
        size_t most;
        int64_t at_us, at_seq;          /* of the last record that was looked at */
        bool more;
};

/* Its act, read from the event as from a form: what matters is what was recorded, not through which door. */
static bool act_fits(const struct wanted *w, const struct event *e)
{
        if (!w->any_act)
                return fact_is_act(e, w->act);
        return true;
}

static bool words_fit(const struct wanted *w, const struct event *e)
{
        if (!w->text.n || anything_fits(e->json, w))
                return true;
        for (int k = 1; k < ACTS; k++)
                if ((w->acts_named >> k & 1) && fact_is_act(e, (enum act)k))
                        return true;
        return false;
}

static bool fits(const struct wanted *w, const struct event *e)
{
        struct str person = json_text(event_extension(e, e->json, SUYUAN_VOC "operator"));
        return !json_get(e->json, "errorDeclaration") && act_fits(w, e) && (!w->place.n || str_eq(e->read_point, w->place)) && (!w->person.n || ends_with(person, w->person)) &&
               words_fit(w, e);
}

static int tell(struct hunt *f, int64_t seq, int64_t record_us, const struct found_event *x, struct err *reterr)
{
        struct arena *a = f->q->arena;
        struct told_event *t = &f->told.list[f->told.n];
        struct str body = arena_str(a, x->body), context = arena_str(a, x->context);
        *t = (struct told_event){ .context = context, .record_us = record_us, .event_id = arena_str(a, x->event_id), .event_id_given_here = x->event_id_given_here };
        if (event_reread(a, body, context, store_origins(f->v->store), &t->event, reterr) < 0)
                return err_while(reterr, "record %lld", (long long)seq);
        f->told.n++;
        return 0;
}

/* What was said later of this record: its declarations, which tell why it was wrong and what takes its place. */
static int tell_declarations(struct hunt *f, struct arena *scratch, int64_t seq, struct str event_id, struct err *reterr)
{
        int64_t seqs[DECLARATIONS];
        struct event_head head;
        if (reader_event(f->r, scratch, f->w->org, seq, &head, reterr) < 0)
                return -1;
        ssize_t n = head.declared_wrong ? reader_event_id(f->r, f->w->org, event_id, seqs, DECLARATIONS, reterr) : 0;
        for (ssize_t i = 0; i < n; i++) {
                struct found_event x;
                if (reader_event(f->r, scratch, f->w->org, seqs[i], &head, reterr) < 0)
                        return -1;
                if (head.error_declaration &&
                    (reader_found(f->r, scratch, f->w->org, seqs[i], &x, reterr) < 0 || tell(f, seqs[i], head.record_us, &x, reterr) < 0))
                        return -1;
        }
        return n < 0 ? -1 : 0;
}

static int look(struct hunt *f, struct arena *scratch, const struct search_row *row, size_t *n_told, struct err *reterr)
{
        struct found_event x;
        struct event e;
        int copy = reader_is_copy(f->r, f->w->org, row->seq, reterr);
        if (copy)
                return copy < 0 ? -1 : 0;
        if (reader_found(f->r, scratch, f->w->org, row->seq, &x, reterr) != 1)
                return reterr->kind ? -1 : 0;
        if (f->w->text.n && !may_say(x.body, f->w) && !says(x.event_id, f->w->text))
                return 0;
        if (event_reread(scratch, x.body, x.context, store_origins(f->v->store), &e, reterr) < 0)
                return -1;
        bool named = f->w->text.n && says(x.event_id, f->w->text) && !json_get(e.json, "errorDeclaration");
        struct wanted without = *f->w;
        if (named)
                without.text = STR_NONE;
        if (!fits(&without, &e))
                return 0;
        ++*n_told;
        return tell(f, row->seq, row->record_us, &x, reterr) < 0 || tell_declarations(f, scratch, row->seq, x.event_id, reterr) < 0 ? -1 : 0;
}

/* False: what is asked for is named by no record. */
static bool begin(struct hunt *f, struct search *s, struct err *reterr)
{
        const struct wanted *w = f->w;
        *s = (struct search){ .org = w->org, .path = SEARCH_TIME, .first_seq = 1, .last_seq = reader_last_seq(f->r, w->org, reterr), .time_from_us = w->from_us, .time_upto_us = w->upto_us,
                              .by_time = true, .after_time_us = w->after_us, .after_seq = w->after_seq };
        if (w->season.n) {
                s->path = SEARCH_ITEM;
                s->roles = 1 << ROLE_TRANSFORMATION | 1 << ROLE_EPC;
                s->value = reader_item(f->r, w->org, w->season, reterr);
                return s->value > 0;
        }
        if (w->place.n) {
                s->path = SEARCH_FACET;
                s->facet = FACET_READ_POINT;
                s->value = reader_term(f->r, w->org, w->place, reterr);
                return s->value > 0;
        }
        return true;
}

static int find(struct hunt *f, struct err *reterr)
{
        struct search s;
        struct arena *scratch = arena_new();
        struct search_row *rows = arena_array(f->q->arena, struct search_row, CHUNK);
        int64_t until = clock_mono_us() + SLICE_US;
        size_t n_told = 0;
        bool goes_on = begin(f, &s, reterr);
        int rc = reterr->kind ? -1 : 0;
        while (rc == 0 && goes_on) {
                ssize_t n = reader_search(f->r, &s, rows, CHUNK, reterr);
                rc = n < 0 ? -1 : 0;
                goes_on = n == CHUNK;
                for (ssize_t i = 0; i < n && rc == 0; i++) {
                        if (rows[i].seq == f->at_seq)   /* once for each role */
                                continue;
                        if (n_told == f->most || (f->at_seq && clock_mono_us() > until)) {
                                f->more = true;
                                goes_on = false;
                                break;
                        }
                        rc = look(f, scratch, &rows[i], &n_told, reterr);
                        arena_reset(scratch);
                        s.after_time_us = f->at_us = rows[i].time_us;
                        s.after_seq = f->at_seq = rows[i].seq;
                }
        }
        arena_free(scratch);
        return rc;
}

static void answer(struct hunt *f)
{
        struct request *q = f->q;
        struct reply r = { .status = 200, .content_type = "application/json" };
        struct buf b = { .max = ANSWER_BYTES_MAX };
        translate_events(q, f->v, EPC_DIGITAL_LINK, &f->told);
        query_document(&b, q->arena, &f->told, "records");
        reply_take(q, &r, &b);
        reply_header(&r, "Cache-Control", "no-store");
        if (f->more)
                reply_header(&r, "Link", next_link_by(q, "after", arena_printf(q->arena, "%lld.%lld", (long long)f->at_us, (long long)f->at_seq)));
        exchange_answer(q->exchange, &r);
}

static void records(struct request *q, void *app)
{
        const struct service *v = app;
        struct hunt f = { .q = q, .v = v };
        struct wanted w;
        struct err e = { 0 };
        int most;
        int rc = read_asked(q, v, &w, &e) < 0 || page_size(q, 500, &most, &e) < 0 || reader_begin(v->store, &f.r, &e) < 0 ? -1 : 0;
        if (rc == 0) {
                f.w = &w;
                f.most = (size_t)most;
                f.told.list = arena_array(q->arena, struct told_event, f.most * (DECLARATIONS + 1));
                rc = find(&f, &e);
                reader_end(f.r);
        }
        if (rc < 0)
                exchange_problem(q->exchange, &e, NULL);
        else
                answer(&f);
}

const struct route route_records = { .methods = METHOD_GET, .pattern = "/api/records", .name = "records", .needs = MAY_QUERY, .handle = records };
