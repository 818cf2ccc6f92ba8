#include "api/api_impl.h"
#include "base/limits.h"
#include "daybook/daybook.h"
#include "farm/thing_table.h"
#include "sheet/sheet.h"

/* /api/places.csv, /api/places.xlsx, POST /api/places/import and the same of the other kinds: things as spreadsheets (docs/ref/things.md). */

static const char CSV[] = "text/csv; charset=utf-8", XLSX[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

static int64_t whose(struct request *q, const struct service *v, bool write, struct err *reterr)
{
        struct str code = STR_NONE;
        if (request_param(q, "org", &code) < 0)
                return err_set(reterr, ERR_BAD_QUERY, "org has a broken escape"), 0;
        return write ? access_org_of(v->access, q, code, reterr) : access_org_seen(v->access, q, code, reterr);
}

/* ---- telling ---- */

struct table { struct sheet_row *rows; size_t n, cap, columns; bool numbers[THING_COLUMNS]; };

static struct str *add_row(struct arena *a, struct table *t)
{
        if (t->n == t->cap) {
                size_t cap = t->cap ? 2 * t->cap : 256;
                struct sheet_row *rows = arena_array(a, struct sheet_row, cap);
                if (t->n)
                        memcpy(rows, t->rows, t->n * sizeof *rows);
                t->rows = rows;
                t->cap = cap;
        }
        struct str *cells = arena_array(a, struct str, THING_COLUMNS);
        t->rows[t->n++] = (struct sheet_row){ .cells = cells, .n = t->columns };
        return cells;
}

static int fill(struct request *q, const struct service *v, int64_t org, enum thing_kind k, struct table *t, struct err *reterr)
{
        enum { A_TIME = 500 };
        struct thing *list = arena_array(q->arena, struct thing, A_TIME);
        struct str after = STR_NONE;
        ssize_t n;
        t->columns = thing_table_head(k, q->lang, add_row(q->arena, t), t->numbers);
        t->rows[0].n = t->columns;
        while ((n = daybook_things(v->daybook, q->arena, org, k, after, A_TIME, list, reterr)) > 0) {
                for (ssize_t i = 0; i < n; i++) {
                        const struct json *body;
                        if (t->n > LIMIT_EXPORT_ROWS)
                                return err_set(reterr, ERR_TOO_LARGE, "a table has at most %d rows; read the list page by page", LIMIT_EXPORT_ROWS);
                        if (json_read(q->arena, list[i].body.p, list[i].body.n, NULL, &body, reterr) < 0)
                                return err_while(reterr, "reading a thing");
                        thing_table_row(q->arena, k, list[i].code, body, add_row(q->arena, t));
                }
                after = list[n - 1].code;
        }
        return n < 0 ? -1 : 0;
}

static void answer_table(struct request *q, struct buf *b, const char *type, const char *ending)
{
        struct reply r = { .status = 200, .content_type = type };
        reply_take(q, &r, b);
        reply_header(&r, "Cache-Control", "no-store");
        reply_header(&r, "Content-Disposition", arena_printf(q->arena, "attachment; filename=\"%ss.%s\"", thing_kind_name(things_kind(q)), ending).p);
        exchange_answer(q->exchange, &r);
}

static void told(struct request *q, const struct service *v, bool xlsx)
{
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct table t = { 0 };
        struct err e = { 0 };
        enum thing_kind k = things_kind(q);
        int64_t org = whose(q, v, false, &e);
        int rc = org ? fill(q, v, org, k, &t, &e) : -1;
        if (rc == 0 && xlsx) {
                const struct sheet s = { t.rows, t.n };
                rc = sheet_write_xlsx(&s, thing_kind_title(k, q->lang), t.numbers, &b, &e);
        } else if (rc == 0) {
                sheet_csv_begin(&b);
                for (size_t i = 0; i < t.n; i++)
                        sheet_csv_row(&b, t.rows[i].cells, t.columns);
        }
        if (rc < 0) {
                buf_free(&b);
                exchange_problem(q->exchange, &e, NULL);
        } else {
                answer_table(q, &b, xlsx ? XLSX : CSV, xlsx ? "xlsx" : "csv");
        }
}

static void csv(struct request *q, void *app)
{
        told(q, app, false);
}

static void xlsx(struct request *q, void *app)
{
        told(q, app, true);
}

/* ---- taking ---- */

struct taking {
        int64_t org;
        struct str org_code;
        enum thing_kind kind;
        bool proceed;
        struct thing_columns columns;
        struct thing_statement *list;   /* rows that are good */
        size_t n, rows, refused, added, changed;
        struct faults faults;
};

/* Not twice in one table: which of both should hold? */
static bool repeated(struct request *q, struct taking *t, struct str code, int row)
{
        for (size_t i = 0; i < t->n; i++)
                if (str_eq(t->list[i].code, code)) {
                        faults_tell(q->arena, &t->faults, CODE_REPEATED_ROW, arena_printf(q->arena, "/%d/code", row), "another row bears the code %.*s", (int)(code.n < 100 ? code.n : 100), code.p);
                        return true;
                }
        return false;
}

static int judge_rows(struct request *q, struct taking *t, const struct sheet *s, struct err *reterr)
{
        t->list = arena_array(q->arena, struct thing_statement, s->n + 1);
        t->rows = s->n ? s->n - 1 : 0;
        if (!s->n)
                return err_set(reterr, ERR_BAD_INPUT, "the table is empty: its first row bears the headings");
        if (thing_table_columns(q->arena, t->kind, s->rows[0].cells, s->rows[0].n, s->rows[0].number, &t->columns, &t->faults) < 0) {
                t->refused = t->rows;
                t->proceed = false;     /* nobody knows what the columns mean */
                return 0;
        }
        for (size_t i = 1; i < s->n; i++) {
                const struct sheet_row *r = &s->rows[i];
                struct thing_statement *one = &t->list[t->n];
                struct str body;
                bool good = thing_table_read(q->arena, &t->columns, r->cells, r->n, r->number, &one->code, &body, &t->faults) == 0;
                if (!good || repeated(q, t, one->code, r->number))
                        t->refused++;
                else if (json_read(q->arena, body.p, body.n, NULL, &one->body, reterr) < 0)
                        return -1;
                else
                        t->n++;
        }
        return 0;
}

/* What each row will be: compared with what stands. */
static int compare(struct request *q, const struct service *v, struct taking *t, struct err *reterr)
{
        for (size_t i = 0; i < t->n; i++) {
                struct thing stands;
                struct buf b = { .max = LIMIT_THING_BYTES };
                int rc = daybook_thing(v->daybook, q->arena, t->org, t->kind, t->list[i].code, &stands, reterr);
                if (rc < 0)
                        return -1;
                json_write(&b, t->list[i].body);
                t->added += !rc;
                t->changed += rc && !str_eq(buf_view(&b), stands.body);
                buf_free(&b);
        }
        return 0;
}

static void write_row_faults(struct buf *b, const struct taking *t)
{
        buf_z(b, "\"errors\":[");
        for (size_t i = 0; i < t->faults.n; i++) {
                const struct fault *f = &t->faults.list[i];
                int row;
                struct str column = thing_table_place(&t->columns, f->pointer, &row);
                buf_printf(b, "%s{\"row\":%d", i ? "," : "", row);
                if (column.n) {
                        buf_z(b, ",\"column\":");
                        json_write_str(b, column);
                }
                buf_printf(b, ",\"code\":\"%s\",\"pointer\":", f->code);
                json_write_str(b, f->pointer);
                buf_z(b, ",\"detail\":");
                json_write_str(b, f->message);
                buf_char(b, '}');
        }
        buf_char(b, ']');
        if (t->faults.dropped)
                buf_printf(b, ",\"untold\":%zu", t->faults.dropped);
}

static void answer_refused_table(struct request *q, const struct taking *t)
{
        struct buf extra = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        int row = 0;
        struct str column = t->faults.n ? thing_table_place(&t->columns, t->faults.list[0].pointer, &row) : STR_NONE;
        err_set(&e, ERR_BAD_INPUT, "%zu of %zu rows are not good, nothing was stored. The first: row %d, %.*s: %.*s", t->refused, t->rows, row, (int)(column.n < 60 ? column.n : 60), column.p ? column.p : "",
                t->faults.n ? (int)(t->faults.list[0].message.n < 200 ? t->faults.list[0].message.n : 200) : 0, t->faults.n ? t->faults.list[0].message.p : "");
        write_row_faults(&extra, t);
        exchange_problem(q->exchange, &e, &extra);
        buf_free(&extra);
}

static int read_table(struct request *q, const struct service *v, struct taking *t, struct err *reterr)
{
        struct str proceed = STR_NONE;
        struct sheet s;
        t->kind = things_kind(q);
        t->org = whose(q, v, true, reterr);
        if (!t->org || request_param(q, "proceed", &proceed) < 0)
                return t->org ? err_set(reterr, ERR_BAD_QUERY, "proceed is 1 or absent") : -1;
        if (proceed.n && !str_is(proceed, "1") && !str_is(proceed, "0"))
                return err_set(reterr, ERR_BAD_QUERY, "proceed is 1 or absent");
        t->proceed = str_is(proceed, "1");
        t->org_code = store_org_code(v->store, q->arena, t->org);
        if (!request_media_is(q, "text/csv") && !request_media_is(q, XLSX) && !request_media_is(q, "application/octet-stream"))
                return err_set(reterr, ERR_MEDIA_TYPE, "send text/csv in UTF-8 or an XLSX workbook (%s)", XLSX);
        if (things_code(t->org_code, STR("A"), reterr) < 0 || sheet_read(q->arena, q->body, LIMIT_IMPORT_ROWS + 1, &s, reterr) < 0)
                return -1;
        request_drop_body(q);
        return judge_rows(q, t, &s, reterr);
}

static void import(struct request *q, void *app)
{
        const struct service *v = app;
        struct taking t = { 0 };
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        int rc = read_table(q, v, &t, &e);
        if (rc == 0 && t.faults.refused && !t.proceed) {
                answer_refused_table(q, &t);
                return;
        }
        rc = rc < 0 || compare(q, v, &t, &e) < 0 || (t.n && things_state(q, v, t.org, t.kind, t.list, t.n, &e) < 0) ? -1 : 0;
        if (rc < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        buf_printf(&b, "{\"rows\":%zu,\"added\":%zu,\"changed\":%zu,\"same\":%zu,\"refused\":%zu,", t.rows, t.added, t.changed, t.n - t.added - t.changed, t.refused);
        write_row_faults(&b, &t);
        buf_z(&b, "}\n");
        answer_buf(q, 200, "application/json", &b, "the answer");
}

#define KIND(symbol, one) \
        const struct route route_##symbol##_csv = { .methods = METHOD_GET, .pattern = "/api/" one "s.csv", .name = one "s.csv", .needs = MAY_QUERY, .bulk = true, .handle = csv }; \
        const struct route route_##symbol##_xlsx = { .methods = METHOD_GET, .pattern = "/api/" one "s.xlsx", .name = one "s.xlsx", .needs = MAY_QUERY, .bulk = true, .handle = xlsx }; \
        const struct route route_##symbol##_import = { .methods = METHOD_POST, .pattern = "/api/" one "s/import", .name = one "s.import", .needs = MAY_CAPTURE, .max_body = LIMIT_IMPORT_BYTES, .bulk = true, .handle = import };
KIND(place, "place")
KIND(product, "product")
KIND(input, "input")
KIND(crop, "crop")
KIND(partner, "partner")
#undef KIND
