#include "api/api_impl.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "daybook/daybook.h"

/* /api/places, /api/products, /api/inputs, /api/crops, /api/partners: master data, one handler for all kinds (docs/ref/things.md). */

enum thing_kind things_kind(const struct request *q)
{
        struct str word = str_from(q->path, sizeof "/api/" - 1);
        for (size_t i = 0; i < word.n; i++)
                if (word.p[i] == '/' || word.p[i] == '.')
                        word.n = i;
        return thing_kind_of(word);
}

int things_code(struct str org, struct str code, struct err *reterr)
{
        if (ident_check_code(org, reterr) < 0)
                return err_set(reterr, ERR_BAD_IDENTIFIER, "organisation %.*s has a code that cannot stand in a thing's address: letters, digits and ._- behind a letter", STR_ARG(org));
        return ident_check_code(code, reterr);
}

/* ---- telling ---- */

static void write_head(struct buf *b, struct request *q, const struct service *v, struct str org, const struct thing *t)
{
        buf_z(b, "{\"code\":");
        json_write_str(b, t->code);
        buf_z(b, ",\"org\":");
        json_write_str(b, org);
        buf_z(b, ",\"uri\":");
        json_write_str(b, ident_uri(q->arena, t->canonical, store_origins(v->store)));
        buf_printf(b, ",\"n\":%lld", (long long)t->n);
}

static void write_thing(struct buf *b, struct request *q, const struct service *v, struct str org, const struct thing *t)
{
        write_head(b, q, v, org, t);
        buf_z(b, ",\"recordTime\":");
        json_write_str(b, stamp_utc(q->arena, t->record_us));
        if (t->body.n > 2)
                buf_char(b, ',');
        buf_str(b, str_from(t->body, 1));       /* its members, without the first brace */
}

static void answer_json(struct request *q, int status, struct buf *b, const char *link)
{
        struct reply r = { .status = status, .content_type = "application/json" };
        struct err e = { 0 };
        if (b->overflow) {
                buf_free(b);
                err_set(&e, ERR_TOO_LARGE, "the list is too large to be told in one answer; ask for less");
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        reply_take(q, &r, b);
        reply_header(&r, "Cache-Control", "no-store");
        if (link)
                reply_header(&r, "Link", link);
        exchange_answer(q->exchange, &r);
}

static void list_of(struct request *q, const struct service *v, int64_t org)
{
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        struct str after = STR_NONE, code = store_org_code(v->store, q->arena, org);
        enum thing_kind k = things_kind(q);
        int max;
        if (request_param(q, "after", &after) < 0 || page_size(q, LIMIT_PAGE_THINGS, &max, &e) < 0) {
                if (!e.kind)
                        err_set(&e, ERR_BAD_QUERY, "after has a broken escape");
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        struct thing *list = arena_array(q->arena, struct thing, max);
        ssize_t n = daybook_things(v->daybook, q->arena, org, k, after, (size_t)max, list, &e);
        if (n < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        buf_printf(&b, "{\"%ss\":[", thing_kind_name(k));
        for (ssize_t i = 0; i < n; i++) {
                if (i)
                        buf_char(&b, ',');
                write_thing(&b, q, v, code, &list[i]);
        }
        buf_z(&b, "]}\n");
        answer_json(q, 200, &b, n == max ? next_link_by(q, "after", list[n - 1].code) : NULL);
}

static void list(struct request *q, void *app)
{
        const struct service *v = app;
        struct err e = { 0 };
        struct str code = STR_NONE;
        int64_t org = request_param(q, "org", &code) < 0 ? (err_set(&e, ERR_BAD_QUERY, "org has a broken escape"), 0) : access_org_seen(v->access, q, code, &e);
        if (org)
                list_of(q, v, org);
        else
                exchange_problem(q->exchange, &e, NULL);
}

static void history(struct request *q, const struct service *v, int64_t org, const struct thing *now)
{
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        struct str code = store_org_code(v->store, q->arena, org);
        int64_t before;
        int max;
        struct thing *past;
        ssize_t n = -1;
        if (number_param(q, "before", 1, 99999999999, 0, &before, &e) == 0 && page_size(q, 100, &max, &e) == 0) {
                past = arena_array(q->arena, struct thing, max);
                n = daybook_thing_past(v->daybook, q->arena, org, now, before, (size_t)max, past, &e);
        }
        if (n < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        buf_z(&b, "{\"history\":[");
        for (ssize_t i = 0; i < n; i++) {
                if (i)
                        buf_char(&b, ',');
                write_thing(&b, q, v, code, &past[i]);
        }
        buf_z(&b, "]}\n");
        answer_json(q, 200, &b, n == max ? next_link_by(q, "before", arena_printf(q->arena, "%lld", (long long)past[n - 1].n)) : NULL);
}

static void tell(struct request *q, void *app)
{
        const struct service *v = app;
        struct err e = { 0 };
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct thing t;
        struct str code, rest;
        int64_t org = path_org(q, v, false, &code, &rest, &e);
        if (org && !code.n && !rest.p) {
                list_of(q, v, org);
                return;
        }
        int rc = !org ? -1 : rest.p && !str_is(rest, "history") ? 0 : daybook_thing(v->daybook, q->arena, org, things_kind(q), code, &t, &e);
        if (rc == 0)
                err_set(&e, ERR_NOT_FOUND, "没有这个%s / there is no such %s", thing_kind_title(things_kind(q), LANG_HANS), thing_kind_name(things_kind(q)));
        if (rc != 1) {
                exchange_problem(q->exchange, &e, NULL);
        } else if (rest.p) {
                history(q, v, org, &t);
        } else {
                write_thing(&b, q, v, store_org_code(v->store, q->arena, org), &t);
                buf_char(&b, '\n');
                answer_json(q, 200, &b, NULL);
        }
}

/* ---- putting ---- */

const struct json *things_bare(struct request *q, const struct json *body, struct str org, struct str code, struct faults *f)
{
        static const char *const told[] = { "code", "org", "uri", "n", "recordTime" };
        if (!json_is(body, JSON_OBJECT))
                return body;
        struct json_member *list = arena_array(q->arena, struct json_member, body->n + 1);
        struct json *bare = arena_alloc(q->arena, sizeof *bare);
        *bare = (struct json){ .kind = JSON_OBJECT, .members = list };
        for (uint32_t i = 0; i < body->n; i++) {
                const struct json_member *m = &body->members[i];
                size_t k = 0;
                while (k < sizeof told / sizeof *told && !str_is(m->name, told[k]))
                        k++;
                if (k == sizeof told / sizeof *told)
                        list[bare->n++] = *m;
                else if (k < 2 && !str_eq(json_text(&m->value), k ? org : code))
                        faults_tell(q->arena, f, CODE_NOT_IN_LIST, arena_printf(q->arena, "/%s", told[k]), "%s says something else than the address", told[k]);
        }
        return bare;
}

int things_state(struct request *q, const struct service *v, int64_t org, enum thing_kind k, const struct thing_statement *list, size_t n, struct err *reterr)
{
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct document *d;
        things_document(&b, q->arena, k, store_org_code(v->store, q->arena, org), list, n, store_origins(v->store), clock_now_us());
        int rc = document_read(q->arena, b.p, b.n, store_origins(v->store), &d, reterr);
        buf_free(&b);
        if (rc == 0 && d->faults.refused)       /* of ours: each thing was judged before */
                rc = err_set(reterr, ERR_INTERNAL, "the statement is not valid: %.*s", (int)(d->faults.list[0].message.n < 200 ? d->faults.list[0].message.n : 200), d->faults.list[0].message.p);
        struct ledger_job job = { .org = org, .door = DOOR_FIELD, .actor = caller_of(q)->actor, .doc = rc == 0 ? d : NULL, .arena = q->arena };
        return rc < 0 || ledger_record(v->ledger, &job, reterr) < 0 ? -1 : daybook_catch_up_things(v->daybook, org, reterr);
}

struct putting { int64_t org; struct str org_code, code; enum thing_kind kind; const struct json *body; struct faults faults; };

static int read_put(struct request *q, const struct service *v, struct putting *p, struct err *reterr)
{
        const struct json *sent;
        struct str rest, kept;
        p->kind = things_kind(q);
        p->org = path_org(q, v, true, &p->code, &rest, reterr);
        if (!p->org)
                return -1;
        p->org_code = store_org_code(v->store, q->arena, p->org);
        if (!p->code.n || rest.p)
                return err_set(reterr, ERR_NOT_FOUND, "put a thing at /api/%ss/{org}/{code}", thing_kind_name(p->kind));
        if (things_code(p->org_code, p->code, reterr) < 0 || epcis_body(q, reterr) < 0 || json_read(q->arena, q->body.p ? q->body.p : "", q->body.n, NULL, &sent, reterr) < 0)
                return -1;
        sent = things_bare(q, sent, p->org_code, p->code, &p->faults);
        if (thing_read(q->arena, p->kind, sent, &kept, &p->faults) < 0 || p->faults.refused)
                return 0;
        return json_read(q->arena, kept.p, kept.n, NULL, &p->body, reterr);
}

/* 1 new, 0 it stood, -1. */
static int state(struct request *q, const struct service *v, const struct putting *p, struct thing *ret, struct err *reterr)
{
        const struct thing_statement one = { p->code, p->body };
        int stood = daybook_thing(v->daybook, q->arena, p->org, p->kind, p->code, ret, reterr);
        if (stood < 0 || things_state(q, v, p->org, p->kind, &one, 1, reterr) < 0 ||
            daybook_thing(v->daybook, q->arena, p->org, p->kind, p->code, ret, reterr) != 1)
                return reterr->kind ? -1 : err_set(reterr, ERR_INTERNAL, "the statement was recorded and did not become a thing");
        return !stood;
}

static void put(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct putting p = { 0 };
        struct err e = { 0 };
        struct thing t;
        int rc = read_put(q, v, &p, &e);
        if (rc == 0 && p.faults.refused) {
                answer_list_of_faults(q, &p.faults);
                return;
        }
        rc = rc < 0 ? -1 : state(q, v, &p, &t, &e);
        if (rc < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        write_head(&b, q, v, p.org_code, &t);
        write_not_understood(&b, &p.faults);
        buf_z(&b, "}\n");
        answer_json(q, rc ? 201 : 200, &b, NULL);
}

#define KIND(symbol, one) \
        const struct route route_##symbol##_list = { .methods = METHOD_GET, .pattern = "/api/" one "s", .name = one "s", .needs = MAY_QUERY, .handle = list }; \
        const struct route route_##symbol = { .methods = METHOD_GET, .pattern = "/api/" one "s/*", .name = one, .needs = MAY_QUERY, .handle = tell }; \
        const struct route route_##symbol##_put = { .methods = METHOD_PUT, .pattern = "/api/" one "s/*", .name = one ".put", .needs = MAY_CAPTURE, .max_body = LIMIT_THING_BYTES, .bulk = true, .handle = put };
KIND(place, "place")
KIND(product, "product")
KIND(input, "input")
KIND(crop, "crop")
KIND(partner, "partner")
#undef KIND
