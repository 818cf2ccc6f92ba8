#include "api/api_impl.h"
#include "base/clock.h"
#include "base/limits.h"
#include "daybook/regulation.h"

/* /api/regulation: what is banned, the intervals and limits as they are in force on a day, and files of them. */

static int text_param(const struct request *q, const char *name, struct str *ret, struct err *reterr)
{
        *ret = STR_NONE;
        return request_param(q, name, ret) < 0 ? err_set(reterr, ERR_BAD_QUERY, "%s has a broken escape", name) : 0;
}

struct asked { enum regulation_kind kind; struct str substance; int day; };

static int read_question(const struct request *q, struct asked *ret, struct err *reterr)
{
        struct str kind, on;
        if (text_param(q, "kind", &kind, reterr) < 0 || text_param(q, "substance", &ret->substance, reterr) < 0 || text_param(q, "on", &on, reterr) < 0)
                return -1;
        ret->kind = regulation_kind_of(kind);
        if (kind.n && !ret->kind)
                return err_set(reterr, ERR_BAD_QUERY, "kind is ban, interval or limit");
        if (on.n && !day_read(on, &ret->day))
                return err_set(reterr, ERR_BAD_QUERY, "on is a day such as 2026-07-08");
        return 0;
}

static bool names(const struct json *row, struct str substance)
{
        static const char *const columns[] = { "name_zh", "name_en", "pesticide_zh", "pesticide_en", "substance_zh", "substance_en" };
        for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
                if (str_eq(json_str(row, columns[i]), substance))
                        return true;
        return false;
}

static bool wanted(const struct asked *k, const struct regulation_row *row, const struct json *body)
{
        int from = 0, to = 0;
        day_read(row->from, &from);
        day_read(row->to, &to);
        bool in_force = !k->day || ((!from || k->day >= from) && (!to || k->day <= to));
        return (!k->kind || k->kind == row->kind) && in_force && (!k->substance.n || names(body, k->substance));
}

static void write_row(struct buf *b, const struct regulation_row *row)
{
        buf_z(b, "{\"kind\":");
        json_write_str(b, str_of(regulation_kind_name(row->kind)));
        buf_z(b, ",\"key\":");
        json_write_str(b, row->name);
        buf_z(b, row->body.n > 2 ? "," : "");
        buf_add(b, row->body.p + 1, row->body.n - 1);   /* its columns and the closing brace */
}

static int write_rows(struct buf *b, struct request *q, const struct service *v, const struct asked *k, struct err *reterr)
{
        struct regulation_row *rows;
        const struct json *body;
        bool more = false;
        ssize_t n = regulation_rows(v->store, q->arena, &rows, reterr);
        buf_z(b, "{\"rows\":[");
        for (ssize_t i = 0; i < n; i++) {
                if (json_read(q->arena, rows[i].body.p, rows[i].body.n, NULL, &body, reterr) < 0)
                        return -1;
                if (!wanted(k, &rows[i], body))
                        continue;
                buf_z(b, more ? "," : "");
                more = true;
                write_row(b, &rows[i]);
        }
        buf_z(b, "],\"imports\":[");
        return n < 0 ? -1 : regulation_imports_json(v->store, q->arena, b, reterr);
}

static void list(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct asked k = { 0 };
        struct err e = { 0 };
        if (read_question(q, &k, &e) < 0 || write_rows(&b, q, v, &k, &e) < 0) {
                buf_free(&b);
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        buf_z(&b, "]}\n");
        answer_buf(q, 200, "application/json", &b, "the regulation");
}

/* ---- files ---- */

/* The file as it is (text/csv, ?file=NAME), or in JSON: {"file", "csv"}. */
static int read_file(struct request *q, struct str *ret_name, struct str *ret_bytes, struct err *reterr)
{
        const struct json *j;
        *ret_bytes = q->body;
        if (request_media_is(q, "text/csv"))
                return text_param(q, "file", ret_name, reterr);
        if (epcis_body(q, reterr) < 0 || json_read(q->arena, q->body.p ? q->body.p : "", q->body.n, NULL, &j, reterr) < 0)
                return -1;
        *ret_name = json_str(j, "file");
        *ret_bytes = json_str(j, "csv");
        return ret_bytes->n ? 0 : err_set(reterr, ERR_BAD_INPUT, "send text/csv, or {\"file\", \"csv\"}");
}

static void write_imported(struct buf *b, const struct regulation_imported *x)
{
        size_t told = x->n_refused < LIMIT_FAULTS ? x->n_refused : LIMIT_FAULTS;
        buf_printf(b, "{\"kind\":\"%s\",\"read\":%zu,\"new\":%zu,\"changed\":%zu,\"refused\":[", regulation_kind_name(x->kind), x->read, x->added, x->changed);
        for (size_t i = 0; i < told; i++) {
                buf_printf(b, "%s{\"line\":%d,\"detail\":", i ? "," : "", x->refused[i].line);
                json_write_str(b, x->refused[i].why);
                buf_char(b, '}');
        }
        buf_char(b, ']');
        if (told < x->n_refused)
                buf_printf(b, ",\"untold\":%zu", x->n_refused - told);
        if (x->n)
                buf_printf(b, ",\"import\":%lld", (long long)x->n);
        buf_z(b, "}\n");
}

static void import(struct request *q, void *app)
{
        const struct service *v = app;
        struct regulation_imported x;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct str name = STR_NONE, bytes;
        struct err e = { 0 };
        if (read_file(q, &name, &bytes, &e) < 0 || regulation_import(v, q, name, bytes, &x, &e) < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        write_imported(&b, &x);
        answer_buf(q, 200, "application/json", &b, "the answer");
}

const struct route route_regulation = { .methods = METHOD_GET, .pattern = "/api/regulation", .name = "regulation", .needs = MAY_QUERY, .handle = list };
const struct route route_regulation_import = { .methods = METHOD_POST, .pattern = "/api/regulation", .name = "regulation.import", .needs = MAY_ORGS, .max_body = LIMIT_BODY_BYTES, .bulk = true, .handle = import };
