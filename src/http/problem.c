#include <assert.h>

#include "base/json.h"
#include "base/text.h"
#include "base/log.h"
#include "http/http_impl.h"

/* The one place where a failure becomes an answer: application/problem+json (RFC 9457), or for people a page that says
 * the same.  `cause` goes to the log, never out. */

enum { PROBLEM_BYTES = 4 * 1024 * 1024 };

bool problem_for_people(const struct request *q)
{
        static const char *const types[] = { "application/problem+json", "application/json", "application/ld+json", "text/html" };

        return request_prefers(q, types, 4) == 3;
}

/* What a stranger sent may be quoted in `detail`, and is not always UTF-8. */
static struct str clean(struct arena *a, const char *z)
{
        struct str s = str_of(z);

        if (utf8_valid(s))
                return s;
        char *p = arena_cstr(a, s);
        for (size_t i = 0; i < s.n; i++)
                if ((unsigned char)p[i] >= 0x80)
                        p[i] = '?';
        return (struct str){ p, s.n };
}

static void member(struct buf *b, const char *name, struct str value)
{
        buf_char(b, ',');
        json_write_name(b, name);
        json_write_str(b, value);
}

static void write_json(struct buf *b, struct request *q, const struct err *e, const struct buf *extra)
{
        buf_z(b, "{\"type\":\"/problems/");
        buf_z(b, err_slug(e->kind));
        buf_char(b, '"');
        member(b, "title", str_of(err_title(e->kind, q->lang)));
        buf_printf(b, ",\"status\":%d", err_status(e->kind));
        if (e->detail[0])
                member(b, "detail", clean(q->arena, e->detail));
        member(b, "instance", arena_printf(q->arena, "urn:suyuan:request:%s", q->id));
        if (e->pointer[0])
                member(b, "pointer", clean(q->arena, e->pointer));
        if (e->line > 0)
                buf_printf(b, ",\"line\":%d,\"column\":%d", e->line, e->column);
        if (err_exception(e->kind)[0])
                member(b, "epcisException", arena_printf(q->arena, "epcisException:%s", err_exception(e->kind)));
        if (extra && extra->n) {
                buf_char(b, ',');
                buf_str(b, buf_view(extra));
        }
        buf_z(b, "}\n");
}

static void html_text(struct buf *b, struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                switch (s.p[i]) {
                case '&': buf_z(b, "&amp;"); break;
                case '<': buf_z(b, "&lt;"); break;
                case '>': buf_z(b, "&gt;"); break;
                case '"': buf_z(b, "&quot;"); break;
                case '\'': buf_z(b, "&#39;"); break;
                default: buf_char(b, s.p[i]);
                }
}

static void html_element(struct buf *b, const char *open, struct str text, const char *close)
{
        buf_z(b, open);
        html_text(b, text);
        buf_z(b, close);
}

static const char style[] =
        "<style>body{margin:0;background:#f6f7f4;color:#1c2b21;font:1.125rem/1.6 system-ui,\"Noto Sans CJK SC\",sans-serif}"
        "main{max-width:36rem;margin:12vh auto 0;padding:0 1.25rem}h1{font-size:1.6rem;line-height:1.3;margin:0 0 .5rem}"
        "p{margin:.4rem 0}.o{color:#47564c}code,.c{font:.9rem/1.5 ui-monospace,monospace;color:#47564c;overflow-wrap:anywhere}"
        "a{color:#0b6134}</style>";

static void write_html(struct buf *b, struct request *q, const struct err *e)
{
        static const char *const home[LANGS] = { "回到首页", "回到首頁", "To the front page" };

        buf_printf(b, "<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\">"
                   "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>", lang_tag(q->lang));
        html_text(b, str_of(err_title(e->kind, q->lang)));
        buf_printf(b, "</title>%s</head><body><main>", style);
        html_element(b, "<h1>", str_of(err_title(e->kind, q->lang)), "</h1>");
        for (int l = 0; l < LANGS; l++)
                if (l != (int)q->lang) {
                        buf_printf(b, "<p class=\"o\" lang=\"%s\">", lang_tag(l));
                        html_element(b, "", str_of(err_title(e->kind, l)), "</p>");
                }
        if (e->detail[0])
                html_element(b, "<p lang=\"en\">", clean(q->arena, e->detail), "</p>");
        buf_printf(b, "<p><a href=\"/\">%s</a></p><p class=\"c\">%d %s · ", home[q->lang], err_status(e->kind), err_slug(e->kind));
        html_element(b, "", str_of(q->id), "</p></main></body></html>\n");
}

static void add_headers(struct exchange *x, const struct err *e, bool people, struct reply *r)
{
        reply_header(r, "Cache-Control", "no-store");
        reply_header(r, "Vary", "Accept, Accept-Language");
        reply_header(r, "Content-Language", lang_tag(x->q.lang));
        if (people)
                reply_header(r, "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'");
        if (r->status == 401)
                reply_header(r, "WWW-Authenticate", "Bearer realm=\"suyuan\"");
        if (r->status == 405)
                reply_header(r, "Allow", x->allow);
        if (r->status == 429)
                reply_header(r, "Retry-After", arena_printf(x->q.arena, "%d", e->retry_s > 0 ? e->retry_s : 1).p);
        if (r->status == 503)
                reply_header(r, "Retry-After", "1");
}

void exchange_problem(struct exchange *x, const struct err *e, const struct buf *extra)
{
        exchange_problem_with(x, e, extra, NULL, 0);
}

void exchange_problem_with(struct exchange *x, const struct err *e, const struct buf *extra, const struct reply_header *headers, size_t n)
{
        struct err bug = { .kind = ERR_INTERNAL };
        bool people = problem_for_people(&x->q);
        struct buf b;

        if (e->kind == ERR_NONE)
                e = &bug;       /* a failure that forgot its name is ours */
        if (err_status(e->kind) == 403 && !x->refusal.kind && x->front->o.forbidden)
                x->front->o.forbidden(&x->q, x->route, x->front->o.app);
        if (err_status(e->kind) >= 500 || e->cause[0])
                log_err(err_status(e->kind) >= 500 ? LOG_ERROR : LOG_INFO, "http.problem", e);
        buf_init(&b, PROBLEM_BYTES);
        if (people)
                write_html(&b, &x->q, e);
        else
                write_json(&b, &x->q, e, extra);
        if (b.overflow) {       /* too much to tell: what strangers sent can be long */
                buf_clear(&b);
                write_json(&b, &x->q, e, NULL);
        }
        assert(!b.overflow);
        struct reply r = {
                .status = err_status(e->kind),
                .content_type = people ? "text/html; charset=utf-8" : "application/problem+json",
                .body = arena_str(x->q.arena, buf_view(&b)),
        };
        buf_free(&b);
        add_headers(x, e, people, &r);
        for (size_t i = 0; i < n; i++)
                reply_header(&r, headers[i].name, headers[i].value);
        exchange_answer(x, &r);
}
