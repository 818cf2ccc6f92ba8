#include <stdlib.h>

#include "api/devices.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/oom.h"
#include "base/text.h"

/* GET /api/series?device=…&channel=…&from=…&to=…[&step=…]: a curve, as it was said or by steps (docs/ref/devices.md). */

enum { DAY_MS = 24 * 3600 * 1000, HOUR_MS = 3600 * 1000 };

/* ---- the question ---- */

static bool moment_read(struct str s, int64_t *ret)
{
        struct stamp t;
        bool minus = s.n && s.p[0] == '-';
        if (number_read(minus ? str_from(s, 1) : s, ret)) {
                *ret = minus ? -*ret : *ret;
                return *ret < INT64_C(1) << 53 && *ret > -(INT64_C(1) << 53);
        }
        if (!stamp_read(s, &t))
                return false;
        *ret = t.us >= 0 ? t.us / 1000 : -((-t.us + 999) / 1000);
        return true;
}

static int moment_param(const struct request *q, const char *name, int64_t *ret, struct err *reterr)
{
        struct str text;
        int found = request_param(q, name, &text);
        if (found == 0)
                return 0;
        if (found < 0 || !moment_read(text, ret))
                return err_set(reterr, ERR_BAD_QUERY, "%s is a moment: milliseconds since 1970, or RFC 3339 as 2026-11-28T08:00:00%%2B08:00", name);
        return 1;
}

int span_asked(const struct request *q, struct span *ret, struct err *reterr)
{
        ret->to_ms = clock_now_us() / 1000 + 1;
        int to = moment_param(q, "to", &ret->to_ms, reterr);
        ret->from_ms = ret->to_ms - DAY_MS;
        if (to < 0 || moment_param(q, "from", &ret->from_ms, reterr) < 0)
                return -1;
        return ret->from_ms < ret->to_ms ? 0 : err_set(reterr, ERR_BAD_QUERY, "from is before to");
}

/* Milliseconds, or a number with s, min, h or d. */
static bool step_read(struct str s, int64_t *ret)
{
        static const struct { const char *unit; int64_t ms; } units[] = { { "ms", 1 }, { "s", 1000 }, { "min", 60000 }, { "m", 60000 }, { "h", HOUR_MS }, { "d", DAY_MS } };
        size_t digits = 0;
        int64_t n, ms = 0;
        while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
                digits++;
        struct str unit = str_from(s, digits);
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
                if (!unit.n || str_is(unit, units[i].unit)) {
                        ms = units[i].ms;
                        break;
                }
        if (!ms || !number_read((struct str){ s.p, digits }, &n) || n < 1 || n > INT64_C(400) * DAY_MS / ms)
                return false;
        *ret = n * ms;
        return true;
}

struct asked { struct device_row device; struct str channel; struct span span; int64_t step_ms; const struct json *detail; struct channel_about about; int64_t only_hours_until; };

static int read_question(struct request *q, const struct service *v, struct asked *k, struct err *reterr)
{
        struct str device = STR_NONE, step = STR_NONE;
        if (devices_here(v, reterr) < 0)
                return -1;
        if (request_param(q, "device", &device) != 1 || request_param(q, "channel", &k->channel) != 1)
                return err_set(reterr, ERR_BAD_QUERY, "device and channel say which curve");
        int stepped = request_param(q, "step", &step);
        if (stepped && (stepped < 0 || !step_read(step, &k->step_ms)))
                return err_set(reterr, ERR_BAD_QUERY, "step is a length of time up to 400 days: milliseconds, or 30s, 10min, 1h, 1d");
        if (span_asked(q, &k->span, reterr) < 0 || sensing_device_seen(v->sensing, q, device, false, &k->device, reterr) < 0 ||
            json_read(q->arena, k->device.detail.p, k->device.detail.n, NULL, &k->detail, reterr) < 0)
                return -1;
        channel_about(k->detail, k->channel, &k->about);
        return 0;
}

/* ---- the answer ---- */

enum form { FORM_JSON, FORM_CSV, FORM_EPCIS };
struct telling { struct arena *a; struct buf *b, *flags; enum form form; size_t n; int64_t next; };

static bool room(struct telling *t, int64_t t_ms)
{
        if (t->n < LIMIT_SERIES_POINTS) {
                t->n++;
                return true;
        }
        t->next = t_ms;
        return false;
}

static int tell_sample(void *ctx, const struct sample *s)
{
        struct telling *t = ctx;
        if (!room(t, s->t_ms))
                return -1;
        struct str value = decimal_text(t->a, s->value);
        if (t->form == FORM_CSV) {
                buf_printf(t->b, "%.*s,%.*s,%d\r\n", STR_ARG(stamp_utc(t->a, s->t_ms * 1000)), STR_ARG(value), s->flag);
        } else {
                buf_printf(t->b, "%s[%lld,%.*s]", t->n > 1 ? "," : "", (long long)s->t_ms, STR_ARG(value));
                if (s->flag)
                        buf_printf(t->flags, "%s[%lld,%d]", t->flags->n ? "," : "", (long long)s->t_ms, s->flag);
        }
        return 0;
}

static int tell_figures(void *ctx, const struct figures *f)
{
        struct telling *t = ctx;
        if (!room(t, f->t_ms))
                return -1;
        if (t->form == FORM_CSV)
                buf_printf(t->b, "%.*s,%.15g,%.15g,%.15g,%lld,%.15g\r\n", STR_ARG(stamp_utc(t->a, f->t_ms * 1000)), f->min, figures_mean(f), f->max, (long long)f->n, figures_sdev(f));
        else
                buf_printf(t->b, "%s[%lld,%.15g,%.15g,%.15g,%lld]", t->n > 1 ? "," : "", (long long)f->t_ms, f->min, figures_mean(f), f->max, (long long)f->n);
        return 0;
}

/* Stopping is no failure. */
static int walk(const struct service *v, const struct asked *k, struct telling *t, struct err *reterr)
{
        struct series *x = sensing_series(v->sensing);
        int rc = k->step_ms ? series_figures(x, k->device.id, k->channel, k->span.from_ms, k->span.to_ms, k->step_ms, tell_figures, t, reterr)
                            : series_read(x, k->device.id, k->channel, k->span.from_ms, k->span.to_ms, tell_sample, t, reterr);
        return rc < 0 && !t->next ? -1 : 0;
}

static void member(struct buf *b, const char *name, struct str s)
{
        if (!s.n)
                return;
        buf_char(b, ',');
        json_write_name(b, name);
        json_write_str(b, s);
}

static void write_about(struct request *q, const struct asked *k, struct buf *b)
{
        buf_z(b, "{\"device\":");
        json_write_str(b, k->device.id);
        member(b, "channel", k->channel);
        member(b, "name", k->about.name);
        member(b, "quantity", k->about.quantity);
        member(b, "uom", k->about.unit);
        if (k->step_ms)
                buf_printf(b, ",\"step\":%lld", (long long)k->step_ms);
        member(b, "proof", arena_printf(q->arena, "/api/devices/%.*s/hours?from=%lld&to=%lld", STR_ARG(k->device.id), (long long)k->span.from_ms, (long long)k->span.to_ms));
}

/* What a curve cannot show any more is said: of hours whose readings went only figures are left.  Looked for after the curve, so that what goes meanwhile is said too. */
static int find_dropped(const struct service *v, struct asked *k, struct err *reterr)
{
        return series_dropped(sensing_series(v->sensing), k->device.id, k->channel, k->span.from_ms, k->span.to_ms, &k->only_hours_until, reterr);
}

static int write_json(struct request *q, const struct service *v, struct asked *k, struct buf *b, int64_t *ret_next, struct err *reterr)
{
        struct buf flags = { .max = ANSWER_BYTES_MAX };
        struct telling t = { .a = arena_new(), .b = b, .flags = &flags, .form = FORM_JSON };
        write_about(q, k, b);
        buf_z(b, ",\"points\":[");
        int rc = walk(v, k, &t, reterr);
        buf_char(b, ']');
        if (flags.n) {
                buf_z(b, ",\"flags\":[");
                buf_str(b, buf_view(&flags));
                buf_char(b, ']');
        }
        if (t.next)
                buf_printf(b, ",\"next\":%lld", (long long)t.next);
        if (rc == 0)
                rc = find_dropped(v, k, reterr);
        if (k->only_hours_until)
                buf_printf(b, ",\"onlyHoursUntil\":%lld", (long long)k->only_hours_until);
        buf_z(b, "}\n");
        *ret_next = t.next;
        buf_free(&flags);
        arena_free(t.a);
        return rc;
}

static int write_csv(const struct service *v, struct asked *k, struct buf *b, int64_t *ret_next, struct err *reterr)
{
        struct telling t = { .a = arena_new(), .b = b, .form = FORM_CSV };
        buf_z(b, k->step_ms ? "time,min,mean,max,count,sdev\r\n" : "time,value,flag\r\n");
        int rc = walk(v, k, &t, reterr);
        *ret_next = t.next;
        arena_free(t.a);
        return rc < 0 ? -1 : find_dropped(v, k, reterr);
}

/* ---- as events ---- */

struct gathering { struct figures *list; size_t n, cap; int64_t next; };

static int gather(void *ctx, const struct figures *f)
{
        struct gathering *g = ctx;
        if (g->n == LIMIT_SERIES_POINTS / 10) {
                g->next = f->t_ms;
                return -1;
        }
        if (g->n == g->cap) {
                g->cap = g->cap ? g->cap * 2 : 64;
                g->list = or_abort(realloc(g->list, g->cap * sizeof *g->list));
        }
        g->list[g->n++] = *f;
        return 0;
}

static int write_epcis(struct request *q, const struct service *v, struct asked *k, struct buf *b, int64_t *ret_next, struct err *reterr)
{
        struct gathering g = { 0 };
        k->step_ms = k->step_ms ? k->step_ms : HOUR_MS;
        int rc = series_figures(sensing_series(v->sensing), k->device.id, k->channel, k->span.from_ms, k->span.to_ms, k->step_ms, gather, &g, reterr);
        if (rc == 0 || g.next) {
                struct curve c = { .device = sensing_canonical(v->sensing, q->arena, &k->device), .place = k->device.place, .channel = k->channel, .name = k->about.name,
                                   .type = k->about.type, .unit = k->about.unit, .list = g.list, .n = g.n };
                curve_document(b, q, v, &c);
                rc = find_dropped(v, k, reterr);
        }
        *ret_next = g.next;
        free(g.list);
        return rc;
}

/* Neither a table nor a document has room for words about itself: a header has, as Link for what did not fit. */
static void answer_curve(struct request *q, const char *type, struct buf *b, const struct asked *k, int64_t next)
{
        struct reply r = { .status = 200, .content_type = type };
        struct err e = { 0 };
        if (b->overflow) {
                buf_free(b);
                err_set(&e, ERR_TOO_LARGE, "the curve is too large to be told in one answer; ask for less, or with a step");
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        reply_take(q, &r, b);
        reply_header(&r, "Cache-Control", "no-store");
        if (next)
                reply_header(&r, "Link", next_link_by(q, "from", arena_printf(q->arena, "%lld", (long long)next)));
        if (k->only_hours_until)
                reply_header(&r, "Suyuan-Only-Hours-Until", arena_cstr(q->arena, stamp_utc(q->arena, k->only_hours_until * 1000)));
        exchange_answer(q->exchange, &r);
}

static const char *const types[] = { "application/json", "text/csv", "application/ld+json" };

/* As Accept says, or `format` where a header is not at hand: json, csv, epcis. */
static int form_asked(const struct request *q, struct err *reterr)
{
        static const char *const names[] = { "json", "csv", "epcis" };
        struct str format;
        int form = request_prefers(q, types, 3);
        if (request_param(q, "format", &format) == 0)
                return form < 0 ? err_set(reterr, ERR_NOT_ACCEPTABLE, "a curve is application/json, text/csv or application/ld+json") : form;
        for (int i = 0; i < 3; i++)
                if (str_is(format, names[i]))
                        return i;
        return err_set(reterr, ERR_BAD_QUERY, "format is json, csv or epcis");
}

static void series(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct asked k = { .step_ms = 0 };
        struct err e = { 0 };
        int64_t next = 0;
        int form = form_asked(q, &e);
        int rc = form < 0 ? -1 : read_question(q, v, &k, &e);
        if (rc == 0)
                rc = form == FORM_CSV ? write_csv(v, &k, &b, &next, &e) : form == FORM_EPCIS ? write_epcis(q, v, &k, &b, &next, &e) : write_json(q, v, &k, &b, &next, &e);
        if (rc == 0) {
                answer_curve(q, types[form], &b, &k, next);
                return;
        }
        buf_free(&b);
        exchange_problem(q->exchange, &e, NULL);
}

const struct route route_series = { .methods = METHOD_GET, .pattern = "/api/series", .name = "series", .needs = MAY_QUERY, .handle = series };
