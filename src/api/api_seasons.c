#include "api/api_impl.h"
#include "api/findings.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "epcis/event.h"

/* Seasons: opened (a thing), listed, told with all that was done; and the stock of inputs and goods. */

static void answer_told(struct request *q, int status, struct buf *b)
{
        struct reply r = { .status = status, .content_type = "application/json" };
        struct err e = { 0 };
        if (b->overflow) {
                buf_free(b);
                err_set(&e, ERR_TOO_LARGE, "this is too large to be told in one answer");
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        buf_char(b, '\n');
        reply_take(q, &r, b);
        reply_header(&r, "Cache-Control", "no-store");
        exchange_answer(q->exchange, &r);
}

static void member(struct buf *b, const char *name, struct str s)
{
        if (!s.n)
                return;
        if (b->p[b->n - 1] != '{')
                buf_char(b, ',');
        json_write_name(b, name);
        json_write_str(b, s);
}

static void time_member(struct buf *b, struct arena *a, const char *name, int64_t us)
{
        member(b, name, stamp_utc(a, us));
}

/* ---- opening ---- */

struct opening { int64_t org; struct str org_code, code, kept; const struct json *body; struct faults faults; };

static int read_opening(struct request *q, const struct service *v, struct opening *o, struct err *reterr)
{
        const struct json *sent;
        if (epcis_body(q, reterr) < 0 || json_read(q->arena, q->body.p ? q->body.p : "", q->body.n, NULL, &sent, reterr) < 0)
                return -1;
        struct str code = json_str(sent, "code"), org = json_str(sent, "org");
        const char *slash = code.n ? memchr(code.p, '/', code.n) : NULL;        /* "org/code" says both */
        if (slash && !org.n) {
                org = (struct str){ code.p, (size_t)(slash - code.p) };
                code = str_from(code, org.n + 1);
        }
        o->org = access_org_of(v->access, q, org, reterr);
        if (!o->org)
                return -1;
        o->org_code = store_org_code(v->store, q->arena, o->org);
        if (!code.n) {
                faults_tell(q->arena, &o->faults, CODE_MISSING_MEMBER, STR(""), "a season needs its code");
        } else if (things_code(o->org_code, code, reterr) < 0) {
                faults_tell(q->arena, &o->faults, CODE_BAD_PATTERN, STR("/code"), "%s", reterr->detail);
                *reterr = (struct err){ 0 };
        }
        o->code = code;
        sent = things_bare(q, sent, json_str(sent, "org").n ? o->org_code : org, json_str(sent, "code"), &o->faults);
        if (thing_read(q->arena, THING_SEASON, sent, &o->kept, &o->faults) < 0 || o->faults.refused)
                return 0;
        return json_read(q->arena, o->kept.p, o->kept.n, NULL, &o->body, reterr);
}

static void write_opened(struct buf *b, struct request *q, const struct service *v, const struct opening *o)
{
        buf_char(b, '{');
        member(b, "season", arena_printf(q->arena, "%.*s/%.*s", STR_ARG(o->org_code), STR_ARG(o->code)));
        member(b, "org", o->org_code);
        member(b, "code", o->code);
        member(b, "uri", ident_uri(q->arena, thing_canonical(q->arena, THING_SEASON, o->org_code, o->code, NULL), store_origins(v->store)));
        buf_char(b, '}');
}

static void open_season(struct request *q, void *app)
{
        const struct service *v = app;
        struct opening o = { 0 };
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct thing there;
        struct err e = { 0 };
        int rc = read_opening(q, v, &o, &e);
        if (rc == 0 && o.faults.refused) {
                answer_list_of_faults(q, &o.faults);
                return;
        }
        int known = rc < 0 ? -1 : daybook_thing(v->daybook, q->arena, o.org, THING_SEASON, o.code, &there, &e);
        const struct thing_statement one = { o.code, o.body };
        bool same = known == 1 && str_eq(there.body, o.kept);
        if (known < 0 || (!same && things_state(q, v, o.org, THING_SEASON, &one, 1, &e) < 0)) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        write_opened(&b, q, v, &o);
        answer_told(q, known ? 200 : 201, &b);
}

/* ---- listing ---- */

/* What a board shows of a season at a glance. */
static void write_glance(struct buf *b, struct arena *a, const struct season_facts *s)
{
        const struct fact *last = NULL;
        int first_harvest = 0;
        bool cleared = false;
        size_t n = 0;
        for (size_t i = 0; i < s->n; i++) {
                const struct fact *f = &s->acts[i];
                if (f->wrong)
                        continue;
                n++;
                last = f;
                cleared |= f->act == ACT_CLEAR;
                if (f->act == ACT_HARVEST && !first_harvest)
                        first_harvest = f->day;
        }
        buf_printf(b, ",\"acts\":%zu,\"cleared\":%s", n, cleared ? "true" : "false");
        if (last) {
                member(b, "lastAct", str_of(act_name(last->act)));
                time_member(b, a, "lastAt", last->time_us);
        }
        if (first_harvest)
                member(b, "firstHarvest", day_text(a, first_harvest));
}

static void write_season_head(struct buf *b, struct request *q, const struct service *v, struct str org, const struct thing *t)
{
        buf_char(b, '{');
        member(b, "season", arena_printf(q->arena, "%.*s/%.*s", STR_ARG(org), STR_ARG(t->code)));
        member(b, "org", org);
        member(b, "code", t->code);
        member(b, "uri", ident_uri(q->arena, t->canonical, store_origins(v->store)));
        time_member(b, q->arena, "recordTime", t->record_us);
        if (t->body.n > 2)
                buf_char(b, ',');
        buf_add(b, t->body.p + 1, t->body.n - 2);       /* its members */
}

/* The organisation that ?org= names, or the asker's; 0 with `reterr`. */
static int64_t org_seen(struct request *q, const struct service *v, struct err *reterr)
{
        struct str org = STR_NONE;
        if (request_param(q, "org", &org) < 0)
                return err_set(reterr, ERR_BAD_QUERY, "org has a broken escape"), 0;
        return access_org_seen(v->access, q, org, reterr);
}

static int write_page(struct buf *b, struct request *q, const struct service *v, int64_t org, const struct thing *list, size_t n, struct err *reterr)
{
        struct str code = store_org_code(v->store, q->arena, org);
        buf_z(b, "{\"seasons\":[");
        for (size_t i = 0; i < n; i++) {
                struct season_facts s;
                if (daybook_season(v->daybook, q->arena, org, list[i].code, &s, reterr) < 0)
                        return -1;
                buf_z(b, i ? "," : "");
                write_season_head(b, q, v, code, &list[i]);
                write_glance(b, q->arena, &s);
                buf_char(b, '}');
        }
        buf_z(b, "]}");
        return 0;
}

static void list(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        struct str after = STR_NONE;
        int max;
        int64_t org = org_seen(q, v, &e);
        if (!org || daybook_catch_up(v->daybook, org, &e) < 0 || page_size(q, 500, &max, &e) < 0 || request_param(q, "after", &after) < 0) {
                if (!e.kind)
                        err_set(&e, ERR_BAD_QUERY, "after has a broken escape");
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        struct thing *page = arena_array(q->arena, struct thing, max);
        ssize_t n = daybook_things(v->daybook, q->arena, org, THING_SEASON, after, (size_t)max, page, &e);
        if (n < 0 || write_page(&b, q, v, org, page, (size_t)n, &e) < 0) {
                buf_free(&b);
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        struct reply r = { .status = 200, .content_type = "application/json" };
        buf_char(&b, '\n');
        reply_take(q, &r, &b);
        reply_header(&r, "Cache-Control", "no-store");
        if (n == max)
                reply_header(&r, "Link", next_link_by(q, "after", page[n - 1].code));
        exchange_answer(q->exchange, &r);
}

/* ---- one season ---- */

static void write_amounts(struct buf *b, struct arena *a, const char *name, const struct fact_amount *list, size_t n)
{
        if (!n)
                return;
        buf_char(b, ',');
        json_write_name(b, name);
        for (size_t i = 0; i < n; i++) {
                buf_z(b, i ? ",{" : "[{");
                member(b, "lot", list[i].lot);
                member(b, "good", list[i].good);
                if (list[i].stated) {
                        buf_z(b, ",\"quantity\":");
                        buf_str(b, decimal_text(a, list[i].quantity));
                }
                member(b, "uom", list[i].uom);
                buf_char(b, '}');
        }
        buf_char(b, ']');
}

/* What stands in the record and in no fact. */
static int write_record(struct buf *b, struct request *q, struct reader *r, int64_t org, const struct fact *f, struct err *reterr)
{
        static const char *const names[] = { "operator", "note", "growthStage", "dose", "method", "weather", "look", "pest", "heightCm", "variety" };
        struct event_head head;
        struct event e;
        struct str body, context;
        if (reader_event(r, q->arena, org, f->seq, &head, reterr) < 0 || reader_body(r, q->arena, org, f->seq, &body, &context, reterr) < 0 ||
            event_reread(q->arena, body, context, reader_origins(r), &e, reterr) < 0)
                return -1;
        member(b, "eventID", head.event_id);
        time_member(b, q->arena, "recordTime", head.record_us);
        member(b, "place", e.read_point);
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                member(b, names[i], json_text(event_extension(&e, e.json, arena_printf(q->arena, "%s%s", SUYUAN_VOC, names[i]).p)));
        const struct json *evidence = event_extension(&e, e.json, SUYUAN_VOC "evidence");
        if (evidence) {
                buf_z(b, ",\"evidence\":");
                json_write(b, evidence);
        }
        return 0;
}

static int write_act(struct buf *b, struct request *q, struct reader *r, int64_t org, const struct fact *f, struct err *reterr)
{
        buf_char(b, '{');
        member(b, "act", f->act ? str_of(act_name(f->act)) : STR("other"));
        time_member(b, q->arena, "at", f->time_us);
        member(b, "day", day_text(q->arena, f->day));
        buf_printf(b, ",\"seq\":%lld", (long long)f->seq);
        if (f->wrong)
                buf_z(b, ",\"wrong\":true");
        if (write_record(b, q, r, org, f, reterr) < 0)
                return -1;
        write_amounts(b, q->arena, "in", f->in, f->n_in);
        write_amounts(b, q->arena, "out", f->out, f->n_out);
        member(b, "input", f->input);
        member(b, "registrationNumber", f->registration);
        member(b, "target", f->target);
        if (f->interval_days >= 0)
                buf_printf(b, ",\"intervalDays\":%d", f->interval_days);
        if (f->area_mu.mantissa) {
                buf_z(b, ",\"areaMu\":");
                buf_str(b, decimal_text(q->arena, f->area_mu));
        }
        member(b, "clock", f->clock ? str_of(f->clock) : STR_NONE);
        buf_char(b, '}');
        return 0;
}

static int write_acts(struct buf *b, struct request *q, const struct service *v, int64_t org, const struct season_facts *s, struct err *reterr)
{
        struct reader *r;
        if (reader_begin(v->store, &r, reterr) < 0)
                return -1;
        int rc = 0;
        buf_z(b, ",\"acts\":[");
        for (size_t i = 0; i < s->n && rc == 0; i++) {
                buf_z(b, i ? "," : "");
                rc = write_act(b, q, r, org, &s->acts[i], reterr);
        }
        buf_char(b, ']');
        reader_end(r);
        return rc;
}

struct used { struct fact_amount *list; size_t n; };

static void add_used(struct used *u, const struct fact_amount *x)
{
        struct decimal sum;
        for (size_t i = 0; i < u->n; i++)
                if (str_eq(u->list[i].lot, x->lot) && str_eq(u->list[i].uom, x->uom)) {
                        if (decimal_add(u->list[i].quantity, x->quantity, &sum))
                                u->list[i].quantity = sum;
                        return;
                }
        u->list[u->n++] = *x;
}

/* All that went in and came out, added up by lot. */
static void write_sums(struct buf *b, struct arena *a, const struct season_facts *s)
{
        size_t n = 1;
        struct used in = { 0 }, out = { 0 };
        for (size_t i = 0; i < s->n; i++)
                n += s->acts[i].n_in + s->acts[i].n_out;
        in.list = arena_array(a, struct fact_amount, n);
        out.list = arena_array(a, struct fact_amount, n);
        for (size_t i = 0; i < s->n; i++) {
                const struct fact *f = &s->acts[i];
                for (size_t k = 0; k < f->n_in && !f->wrong; k++)
                        add_used(&in, &f->in[k]);
                for (size_t k = 0; k < f->n_out && !f->wrong; k++)
                        add_used(&out, &f->out[k]);
        }
        write_amounts(b, a, "used", in.list, in.n);
        write_amounts(b, a, "harvested", out.list, out.n);
}

static void write_categories(struct buf *b, const struct season_facts *s)
{
        buf_z(b, ",\"cropCategories\":[");
        for (size_t i = 0; i < s->n_crop_categories; i++) {
                buf_z(b, i ? "," : "");
                json_write_str(b, s->crop_categories[i]);
        }
        buf_char(b, ']');
}

static int write_season(struct buf *b, struct request *q, const struct service *v, int64_t org, const struct thing *t, struct err *reterr)
{
        struct season_facts s;
        struct findings found;
        if (daybook_season(v->daybook, q->arena, org, t->code, &s, reterr) < 0 || season_findings(v->daybook, q->arena, org, &s, &found, reterr) < 0)
                return -1;
        write_season_head(b, q, v, s.org, t);
        member(b, "plotUri", s.plot.n ? ident_uri(q->arena, s.plot, store_origins(v->store)) : STR_NONE);
        member(b, "cropName", s.crop);
        write_categories(b, &s);
        for (size_t i = 0; i < s.n; i++)
                if (s.acts[i].act == ACT_HARVEST && !s.acts[i].wrong) {
                        member(b, "firstHarvest", day_text(q->arena, s.acts[i].day));
                        break;
                }
        write_sums(b, q->arena, &s);
        if (write_acts(b, q, v, org, &s, reterr) < 0)
                return -1;
        buf_z(b, ",\"findings\":");
        findings_json(b, &found);
        buf_char(b, '}');
        return 0;
}

static void tell(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        struct str code, rest;
        struct thing t;
        int64_t org = path_org(q, v, false, &code, &rest, &e);
        if (org && str_is(rest, "advice")) {
                season_advice(q, v, org, code);
                return;
        }
        if (org && str_is(rest, "record-book.pdf")) {
                season_record_book(q, v, org, code);
                return;
        }
        int rc = !org || daybook_catch_up(v->daybook, org, &e) < 0 ? -1 : rest.p ? 0 : daybook_thing(v->daybook, q->arena, org, THING_SEASON, code, &t, &e);
        if (rc == 0)
                err_set(&e, ERR_NOT_FOUND, "没有这个茬次 / there is no such season");
        if (rc != 1 || write_season(&b, q, v, org, &t, &e) < 0) {
                buf_free(&b);
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        answer_told(q, 200, &b);
}

/* ---- stock ---- */

static void write_lot(struct buf *b, struct request *q, const struct service *v, const struct stock_lot *x)
{
        buf_char(b, '{');
        member(b, "lot", ident_uri(q->arena, x->lot, store_origins(v->store)));
        if (x->good.n) {
                struct ident_parts p;
                ident_parts(q->arena, x->good, &p);
                member(b, "good", ident_uri(q->arena, x->good, store_origins(v->store)));
                member(b, "code", p.code.n ? p.code : p.key);
        }
        member(b, "place", x->place.n ? ident_uri(q->arena, x->place, store_origins(v->store)) : STR_NONE);
        buf_z(b, ",\"balance\":");
        buf_str(b, decimal_text(q->arena, x->balance));
        member(b, "uom", x->uom);
        member(b, "expires", x->expires);
        time_member(b, q->arena, "since", x->first_us);
        time_member(b, q->arena, "last", x->last_us);
        buf_char(b, '}');
}

static void stock(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        struct str product = STR_NONE, all = STR_NONE, good = STR_NONE;
        struct thing t;
        struct stock_lot *list;
        bool more = false;
        int64_t org = org_seen(q, v, &e);
        int rc = !org || daybook_catch_up(v->daybook, org, &e) < 0 ? -1 : request_param(q, "product", &product);
        if (rc == 1 && (rc = daybook_thing(v->daybook, q->arena, org, THING_INPUT, product, &t, &e)) == 0)
                rc = daybook_thing(v->daybook, q->arena, org, THING_PRODUCT, product, &t, &e);
        if (rc == 1)
                good = t.canonical;
        else if (rc == 0 && product.n)
                rc = err_set(&e, ERR_NOT_FOUND, "没有这个投入品或产品 / there is no such input or product");
        ssize_t n = rc < 0 ? -1 : daybook_stock(v->daybook, q->arena, org, good, &list, &e);
        if (n < 0) {
                if (!e.kind)
                        err_set(&e, ERR_BAD_QUERY, "product has a broken escape");
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        bool spent = request_param(q, "all", &all) == 1 && str_is(all, "true");
        buf_z(&b, "{\"stock\":[");
        for (ssize_t i = 0; i < n; i++) {
                if (!list[i].balance.mantissa && !spent)
                        continue;
                buf_z(&b, more ? "," : "");
                more = true;
                write_lot(&b, q, v, &list[i]);
        }
        buf_z(&b, "]}");
        answer_told(q, 200, &b);
}

const struct route route_season_open = { .methods = METHOD_POST, .pattern = "/api/seasons", .name = "season.open", .needs = MAY_CAPTURE, .max_body = LIMIT_ACT_BYTES, .bulk = true, .handle = open_season };
const struct route route_seasons = { .methods = METHOD_GET, .pattern = "/api/seasons", .name = "seasons", .needs = MAY_QUERY, .handle = list };
const struct route route_season = { .methods = METHOD_GET, .pattern = "/api/seasons/*", .name = "season", .needs = MAY_QUERY, .handle = tell };
const struct route route_stock = { .methods = METHOD_GET, .pattern = "/api/stock", .name = "stock", .needs = MAY_QUERY, .handle = stock };
