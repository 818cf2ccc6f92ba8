#include <stdlib.h>
#include <string.h>

#include "api/api_impl.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "daybook/daybook.h"
#include "daybook/record_book.h"
#include "trace/story.h"

/* GET /api/seasons/{org}/{code}/record-book.pdf: the record book of a season as PDF, in the asker's language (?l=).  Names are those of today, what was
 * recorded is as it was. */

static struct str text_of(struct arena *a, struct reader *r, int64_t org, struct str canonical, enum lang l)
{
        struct story_name name;
        struct err e = { 0 };
        return canonical.n && story_name_of(a, r, org, canonical, &name, &e) == 0 ? name.text[l] : STR_NONE;
}

/* ---- the inputs that the season used ---- */

struct used { struct record_input *list; struct record_purchase *purchases; size_t n, n_purchases; };

static bool is_new(const struct used *u, struct str canonical)
{
        for (size_t i = 0; i < u->n; i++)
                if (str_eq(u->list[i].facts->canonical, canonical))
                        return false;
        return canonical.n > 0;
}

static struct str partner_name(struct request *q, const struct service *v, int64_t org, struct str code)
{
        struct thing t;
        const struct json *body;
        struct err e = { 0 };
        if (!code.n || daybook_thing(v->daybook, q->arena, org, THING_PARTNER, code, &t, &e) != 1 || json_read(q->arena, t.body.p, t.body.n, NULL, &body, &e) < 0)
                return code;            /* a name by itself is one too */
        struct str name = json_str(body, "name");
        return name.n ? name : code;
}

/* ---- what stands in the records alone ---- */

static struct str last_segment(struct str s)
{
        for (size_t i = s.n; i-- > 0;)
                if (s.p[i] == '/')
                        return str_from(s, i + 1);
        return s;
}

static int event_at(struct request *q, struct reader *r, int64_t org, int64_t seq, struct event *ret, struct err *reterr)
{
        struct str body, context;
        return reader_body(r, q->arena, org, seq, &body, &context, reterr) < 0 || event_reread(q->arena, body, context, reader_origins(r), ret, reterr) < 0 ? -1 : 0;
}

static struct str own_text(const struct event *e, const char *iri)
{
        return json_text(event_extension(e, e->json, iri));
}

/* The code of whom the receipt itself names. */
static struct str supplier_of(struct request *q, struct reader *r, int64_t org, int64_t seq)
{
        struct event e;
        struct err ignored = { 0 };
        if (event_at(q, r, org, seq, &e, &ignored) < 0)
                return STR_NONE;
        const struct json *list = json_get(e.json, "sourceList");
        struct str code = json_is(list, JSON_ARRAY) && list->n ? last_segment(json_str(&list->items[0], "source")) : STR_NONE;
        return percent_decode(q->arena, code, &code) ? code : STR_NONE;
}

/* A person's name for the own organisation and the administrator; others who may read the record read the code that stands there. */
static struct str operator_name(struct request *q, const struct service *v, int64_t org, struct str uri)
{
        const struct caller *c = caller_of(q);
        struct str code = last_segment(uri), body, name = STR_NONE;
        const struct json *j;
        struct err ignored = { 0 };
        if (!percent_decode(q->arena, code, &code))
                return STR_NONE;
        if ((c->org == org || caller_may(c, MAY_ORGS)) && access_staff(v->access, q->arena, org, code, &body, &ignored) == 1 &&
            json_read(q->arena, body.p, body.n, NULL, &j, &ignored) == 0)
                name = json_str(j, "name");
        return name.n ? name : code;
}

static int find_more(struct request *q, const struct service *v, int64_t org, const struct season_facts *s, const struct record_more **ret, struct err *reterr)
{
        struct record_more *list = arena_array(q->arena, struct record_more, s->n + 1);
        struct reader *r;
        int rc = reader_begin(v->store, &r, reterr);
        if (rc < 0)
                return -1;
        for (size_t i = 0; i < s->n && rc == 0; i++) {
                struct event e;
                rc = event_at(q, r, org, s->acts[i].seq, &e, reterr);
                if (rc == 0)
                        list[i] = (struct record_more){ own_text(&e, SUYUAN_VOC "operator"), own_text(&e, SUYUAN_VOC "note"), own_text(&e, SUYUAN_VOC "pest") };
        }
        reader_end(r);
        for (size_t i = 0; i < s->n && rc == 0; i++)
                list[i].operator = operator_name(q, v, org, list[i].operator);
        *ret = list;
        return rc;
}

static int compare_days(const void *x, const void *y)
{
        const struct record_purchase *a = x, *b = y;
        return a->day - b->day;
}

static int name_suppliers(struct request *q, const struct service *v, int64_t org, struct used *u, struct err *reterr)
{
        struct reader *r;
        if (reader_begin(v->store, &r, reterr) < 0)
                return -1;
        for (size_t i = 0; i < u->n_purchases; i++) {
                struct str code = supplier_of(q, r, org, u->purchases[i].seq);
                if (code.n)
                        u->purchases[i].supplier = code;
        }
        reader_end(r);
        for (size_t i = 0; i < u->n_purchases; i++)
                u->purchases[i].supplier = partner_name(q, v, org, u->purchases[i].supplier);
        if (u->n_purchases)
                qsort(u->purchases, u->n_purchases, sizeof *u->purchases, compare_days);
        return 0;
}

static int add_purchases(struct request *q, const struct service *v, int64_t org, struct used *u, const struct record_input *in, struct err *reterr)
{
        struct receipt *list;
        ssize_t n = daybook_receipts(v->daybook, q->arena, org, in->facts->canonical, &list, reterr);
        if (n < 0)
                return -1;
        struct record_purchase *all = arena_array(q->arena, struct record_purchase, u->n_purchases + (size_t)n + 1);
        if (u->n_purchases)
                memcpy(all, u->purchases, u->n_purchases * sizeof *all);
        for (ssize_t i = 0; i < n; i++)
                all[u->n_purchases++] = (struct record_purchase){ .day = (int)story_day(list[i].time_us), .input = in->facts->canonical, .supplier = in->supplier, .seq = list[i].seq,
                                                                  .lot = list[i].lot, .quantity = list[i].quantity, .uom = list[i].uom };
        u->purchases = all;
        return 0;
}

static int add_input(struct request *q, const struct service *v, int64_t org, struct str canonical, struct used *u, struct err *reterr)
{
        struct thing t;
        const struct json *body;
        int rc = daybook_thing_named(v->daybook, q->arena, org, canonical, &t, reterr);
        if (rc < 0 || (rc == 1 && json_read(q->arena, t.body.p, t.body.n, NULL, &body, reterr) < 0))
                return -1;
        if (rc == 0 || t.kind != THING_INPUT)
                return 0;
        struct input_facts *facts = arena_alloc(q->arena, sizeof *facts);
        input_read(q->arena, t.code, t.canonical, body, facts);
        u->list[u->n] = (struct record_input){ facts, json_str(body, "manufacturer"), partner_name(q, v, org, json_str(body, "supplier")) };
        return add_purchases(q, v, org, u, &u->list[u->n++], reterr);
}

static int find_used(struct request *q, const struct service *v, int64_t org, const struct season_facts *s, struct used *ret, struct err *reterr)
{
        size_t most = s->n;
        for (size_t i = 0; i < s->n; i++)
                most += s->acts[i].n_in;
        *ret = (struct used){ .list = arena_array(q->arena, struct record_input, most + 1) };
        for (size_t i = 0; i < s->n; i++) {
                const struct fact *f = &s->acts[i];
                if (is_new(ret, f->input) && add_input(q, v, org, f->input, ret, reterr) < 0)
                        return -1;
                for (size_t k = 0; k < f->n_in; k++)
                        if (is_new(ret, f->in[k].good) && add_input(q, v, org, f->in[k].good, ret, reterr) < 0)
                                return -1;
        }
        return 0;
}

/* ---- the book ---- */

/* As on its licence, where the administrator stated it; else as its master data say. */
static void find_card(struct request *q, const struct service *v, int64_t org, struct record_book *b)
{
        struct access_card card = { 0 };
        struct str name = STR_NONE;
        if (access_card_of(v->access, q->arena, org, &name, &card)) {
                struct str own = q->lang == LANG_HANS ? name : q->lang == LANG_HANT ? card.name_hant : card.name_en;
                b->producer = own.n ? own : b->producer.n ? b->producer : name;
                b->credit_code = card.credit_code;
                b->seat = card.address;
                b->contact = card.contact;
        }
        if (!b->producer.n)
                b->producer = store_org_code(v->store, q->arena, org);
}

static int find_names(struct request *q, const struct service *v, int64_t org, struct record_book *b, struct err *reterr)
{
        struct reader *r;
        struct str code = store_org_code(v->store, q->arena, org);
        if (reader_begin(v->store, &r, reterr) < 0)
                return -1;
        b->producer = text_of(q->arena, r, org, arena_printf(q->arena, "/org/%.*s", STR_ARG(code)), q->lang);
        b->plot_name = text_of(q->arena, r, org, b->season->plot, q->lang);
        b->season_name = text_of(q->arena, r, org, b->season->canonical, q->lang);
        reader_end(r);
        find_card(q, v, org, b);
        b->address = ident_uri(q->arena, b->season->canonical, store_origins(v->store));
        return 0;
}

static int draw(struct request *q, const struct service *v, int64_t org, struct str code, struct buf *out, struct err *reterr)
{
        struct season_facts season;
        struct used used;
        int rc = daybook_catch_up(v->daybook, org, reterr) < 0 ? -1 : daybook_season(v->daybook, q->arena, org, code, &season, reterr);
        if (rc != 1)
                return rc < 0 ? -1 : err_set(reterr, ERR_NOT_FOUND, "没有这个茬次 / there is no such season");
        struct record_book b = { .lang = q->lang, .season = &season, .now_us = clock_now_us() };
        if (find_used(q, v, org, &season, &used, reterr) < 0 || name_suppliers(q, v, org, &used, reterr) < 0 || find_names(q, v, org, &b, reterr) < 0 ||
            find_more(q, v, org, &season, &b.more, reterr) < 0)
                return -1;
        b.inputs = used.list;
        b.n_inputs = used.n;
        b.purchases = used.purchases;
        b.n_purchases = used.n_purchases;
        return record_book_draw(out, q->arena, &b, reterr);
}

void season_record_book(struct request *q, const struct service *v, int64_t org, struct str code)
{
        struct buf b = { .max = LIMIT_RECORD_BOOK_BYTES };
        struct err e = { 0 };
        struct reply r = { .status = 200, .content_type = "application/pdf" };
        if (draw(q, v, org, code, &b, &e) < 0) {
                buf_free(&b);
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        reply_take(q, &r, &b);
        reply_header(&r, "Cache-Control", "no-store");
        reply_header(&r, "Content-Disposition", "inline; filename=\"record-book.pdf\"");
        exchange_answer(q->exchange, &r);
}
