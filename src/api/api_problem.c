#include <stdlib.h>

#include "api/api_impl.h"
#include "base/json.h"

/* GET /problems/ and /problems/{slug}: what the `type` of a problem means, in three languages. */

static void write_titles(struct buf *b, enum err_kind k)
{
        buf_z(b, "\"title\":{");
        for (int l = 0; l < LANGS; l++) {
                if (l)
                        buf_char(b, ',');
                json_write_name(b, lang_tag((enum lang)l));
                json_write_str(b, str_of(err_title(k, (enum lang)l)));
        }
        buf_char(b, '}');
}

static void write_json(struct buf *b, enum err_kind k)
{
        buf_printf(b, "{\"type\":\"/problems/%s\",\"status\":%d,", err_slug(k), err_status(k));
        if (err_exception(k)[0])
                buf_printf(b, "\"epcisException\":\"epcisException:%s\",", err_exception(k));
        write_titles(b, k);
        buf_char(b, '}');
}

static void write_row(struct buf *b, enum err_kind k)
{
        buf_printf(b, "<h2 id=\"%s\">%d %s</h2>", err_slug(k), err_status(k), err_slug(k));
        for (int l = 0; l < LANGS; l++)
                buf_printf(b, "<p lang=\"%s\">%s</p>", lang_tag((enum lang)l), err_title(k, (enum lang)l));
}

static void begin_html(struct buf *b, enum lang l, const char *title)
{
        buf_printf(b, "<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                   "<title>%s</title><style>body{max-width:36rem;margin:2rem auto;padding:0 1rem;background:#f6f7f4;color:#1c2b21;"
                   "font:1.0625rem/1.6 system-ui,\"Noto Sans CJK SC\",sans-serif}h2{font-size:1rem;margin:1.5rem 0 0}p{margin:0}a{color:#0b6134}</style>"
                   "</head><body><main><h1>%s</h1>", lang_tag(l), title, title);
}

/* From the first to the last kind, both included. */
static void answer(struct request *q, enum err_kind first, enum err_kind last)
{
        static const char *const types[] = { "application/json", "text/html" };
        static const char *const names[LANGS] = { "错误说明", "錯誤說明", "Problems" };
        bool people = request_prefers(q, types, 2) == 1;
        struct reply r = { .status = 200, .content_type = people ? "text/html; charset=utf-8" : "application/json" };
        struct buf b = { .max = 256 * 1024 };

        if (people)
                begin_html(&b, q->lang, names[q->lang]);
        else if (first != last)
                buf_char(&b, '[');
        for (enum err_kind k = first; k <= last; k++) {
                if (k != first && !people)
                        buf_char(&b, ',');
                (people ? write_row : write_json)(&b, k);
        }
        if (people)
                buf_z(&b, "<p><a href=\"/problems/\">…</a></p></main></body></html>\n");
        else
                buf_z(&b, first != last ? "]\n" : "\n");
        if (people)
                reply_header(&r, "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'");
        reply_header(&r, "Vary", "Accept, Accept-Language");
        reply_take(q, &r, &b);
        exchange_answer(q->exchange, &r);
}

static void all(struct request *q, void *app)
{
        (void)app;
        answer(q, ERR_NONE + 1, ERR_KINDS - 1);
}

static void one(struct request *q, void *app)
{
        struct err e = { 0 };

        for (enum err_kind k = ERR_NONE + 1; k < ERR_KINDS; k++)
                if (str_is(q->rest, err_slug(k))) {
                        answer(q, k, k);
                        return;
                }
        (void)app;
        err_set(&e, ERR_NOT_FOUND, "no problem has this name; /problems/ lists them");
        exchange_problem(q->exchange, &e, NULL);
}

const struct route route_problems = {
        .methods = METHOD_GET, .pattern = "/problems/", .name = "problems", .needs = MAY_PUBLIC, .inline_ok = true, .handle = all,
};
const struct route route_problem = {
        .methods = METHOD_GET, .pattern = "/problems/*", .name = "problem", .needs = MAY_PUBLIC, .inline_ok = true, .handle = one,
};
