#include <openssl/evp.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/text.h"
#include "pages/pages_impl.h"
#include "pages/style.h"

static void language_link(struct buf *b, const struct request *q, enum lang l, const char *own_name)
{
        buf_z(b, "<a href=\"");
        html_href(b, q->path);
        buf_printf(b, "?l=%s\" hreflang=\"%s\" lang=\"%s\"%s>%s</a>", lang_tag(l), lang_tag(l), lang_tag(l), q->lang == l ? " aria-current=\"true\"" : "", own_name);
}

static void write_style(struct buf *b)
{
        for (size_t i = 0; i < sizeof page_style / sizeof *page_style; i++)
                buf_z(b, page_style[i]);
}

void shell_begin(struct buf *b, const struct request *q, struct str title)
{
        buf_printf(b, "<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>", lang_tag(q->lang));
        html_text(b, title);
        buf_z(b, " · ");
        html_words(b, q->lang, W_SITE);
        buf_z(b, "</title><meta name=\"description\" content=\"");
        html_text(b, title);
        buf_z(b, "\"><link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\"><meta name=\"theme-color\" content=\"#14683a\"><style>");
        write_style(b);
        buf_z(b, "</style></head><body><a class=\"skip\" href=\"#main\">");
        html_words(b, q->lang, W_SKIP);
        buf_z(b, "</a>");
}

void shell_header(struct buf *b, const struct request *q, struct str title, struct str line, enum words note)
{
        buf_z(b, "<header><nav aria-label=\"");
        html_words(b, q->lang, W_LANGUAGES);
        buf_z(b, "\">");
        language_link(b, q, LANG_HANS, "简体");
        language_link(b, q, LANG_HANT, "繁體");
        language_link(b, q, LANG_EN, "English");
        buf_z(b, "</nav><h1>");
        html_text(b, title);
        buf_z(b, "</h1>");
        if (line.n) {
                buf_z(b, "<p class=\"sub\">");
                html_text(b, line);
                buf_z(b, "</p>");
        }
        if (note != WORDS) {
                buf_z(b, "<p class=\"demo\">");
                html_words(b, q->lang, note);
                buf_z(b, "</p>");
        }
        buf_z(b, "</header><main id=\"main\">");
}

void shell_end(struct buf *b)
{
        buf_z(b, "</body></html>");
}

/* The same for every page of a process: made once, before the first request. */
static char policy[256], policy_with_script[320];

void shell_start(void)
{
        unsigned char code[48];
        struct buf style;
        buf_init(&style, 64 * 1024);
        write_style(&style);
        struct hash h = sha256(style.p, style.n);
        buf_free(&style);
        EVP_EncodeBlock(code, h.b, sizeof h.b);
        snprintf(policy, sizeof policy, "default-src 'none'; style-src 'sha256-%s'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'", (char *)code);
        snprintf(policy_with_script, sizeof policy_with_script, "%s; script-src 'self'; connect-src 'self'", policy);
}

static void begin_reply(const struct request *q, struct reply *r, int status, const char *allowed)
{
        *r = (struct reply){ .status = status, .content_type = "text/html; charset=utf-8" };
        reply_header(r, "Content-Security-Policy", allowed);
        reply_header(r, "Vary", "Accept, Accept-Language");
        reply_header(r, "Content-Language", lang_tag(q->lang));
        reply_header(r, "Cache-Control", "no-cache");
}

void shell_reply(const struct request *q, struct reply *r, int status)
{
        begin_reply(q, r, status, policy);
}

void shell_reply_with_script(const struct request *q, struct reply *r, int status)
{
        begin_reply(q, r, status, policy_with_script);
}

void shell_icon(struct buf *b, enum icon i)
{
        static const char *const drawing[] = {
                [ICON_CHECK] = "<circle cx=\"30\" cy=\"30\" r=\"29\" fill=\"#14683a\"/><path d=\"M16 31l10 10 19-21\" fill=\"none\" stroke=\"#fff\" stroke-width=\"6\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/>",
                [ICON_ALERT] = "<path d=\"M30 4l27 49H3z\" fill=\"#d99a1c\"/><path d=\"M30 22v16\" stroke=\"#1b2620\" stroke-width=\"6\" stroke-linecap=\"round\"/><circle cx=\"30\" cy=\"46\" r=\"3.6\" fill=\"#1b2620\"/>",
                [ICON_STOP] = "<path d=\"M18 2h24l16 16v24L42 58H18L2 42V18z\" fill=\"#fff\"/><path d=\"M20 20l20 20M40 20L20 40\" stroke=\"#a3161d\" stroke-width=\"7\" stroke-linecap=\"round\"/>",
                [ICON_UNKNOWN] = "<circle cx=\"30\" cy=\"30\" r=\"29\" fill=\"#fff\"/><path d=\"M21 23a9 9 0 1 1 13 8c-3 2-4 3-4 7\" fill=\"none\" stroke=\"#a3161d\" stroke-width=\"6\" stroke-linecap=\"round\"/><circle cx=\"30\" cy=\"47\" r=\"3.6\" fill=\"#a3161d\"/>",
                [ICON_SHIELD] = ("<path d=\"M30 3l23 8v17c0 15-9 24-23 29C16 52 7 43 7 28V11z\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"5\" stroke-linejoin=\"round\"/>"
                                "<path d=\"M19 30l8 8 15-17\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"5\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/>"),
        };
        buf_printf(b, "<svg viewBox=\"0 0 60 60\" aria-hidden=\"true\">%s</svg>", drawing[i]);
}
