#include <string.h>

#include "api/api_impl.h"
#include "base/clock.h"
#include "base/limits.h"
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
                all[u->n_purchases++] = (struct record_purchase){ .day = (int)story_day(list[i].time_us), .input = in->facts->canonical, .supplier = in->supplier,
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
        if (!b->producer.n)
                b->producer = code;
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
        if (find_used(q, v, org, &season, &used, reterr) < 0 || find_names(q, v, org, &b, reterr) < 0)
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
