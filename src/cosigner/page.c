#include "cosigner/page.h"

#include "cosigner/cosigner_impl.h"
#include "pages/html.h"

static void tag_words(struct buf *b, enum lang l, const char *tag, enum words w)
{
        buf_printf(b, "<%s>", tag);
        html_words(b, l, w);
        buf_printf(b, "</%s>", tag);
}

static void language_links(struct buf *b)
{
        static const char *const own_names[] = { [LANG_HANS] = "简体", [LANG_HANT] = "繁體", [LANG_EN] = "English" };
        buf_z(b, "<nav>");
        for (int l = 0; l < LANGS; l++)
                buf_printf(b, "<a href=\"?l=%s\" hreflang=\"%s\" lang=\"%s\">%s</a> ", lang_tag((enum lang)l), lang_tag((enum lang)l), lang_tag((enum lang)l), own_names[l]);
        buf_z(b, "</nav>");
}

static void row(struct buf *b, enum lang l, struct origin_state *o)
{
        pthread_mutex_lock(&o->mutex);
        int64_t size = o->size, time_s = o->time_s;
        bool some = o->note;
        pthread_mutex_unlock(&o->mutex);
        buf_z(b, "<tr><td>");
        if (some)
                buf_printf(b, "<a href=\"%s/checkpoint\">", o->hex);
        html_text(b, o->origin);
        buf_printf(b, "%s</td><td>", some ? "</a>" : "");
        if (some) {
                buf_i64(b, size);
                buf_z(b, "</td><td>");
                html_time(b, time_s * 1000000, true);
        } else {
                html_words(b, l, W_WIT_NONE);
                buf_z(b, "</td><td>");
        }
        buf_z(b, "</td></tr>");
}

static void table(struct buf *b, enum lang l, struct cosigner *c)
{
        tag_words(b, l, "h2", W_WIT_LOGS);
        buf_z(b, "<table><thead><tr>");
        tag_words(b, l, "th", W_WIT_ORIGIN);
        tag_words(b, l, "th", W_WIT_SIZE);
        tag_words(b, l, "th", W_WIT_TIME);
        buf_z(b, "</tr></thead><tbody>");
        for (size_t i = 0; i < c->n_origins; i++)
                row(b, l, &c->origins[i]);
        buf_z(b, "</tbody></table>");
}

void cosigner_page(struct buf *b, struct cosigner *c, const struct request *q)
{
        enum lang l = q->lang;
        struct buf key = { .max = 4096 };
        vkey_write(&key, &c->signer->vkey);
        buf_printf(b, "<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">", lang_tag(l));
        tag_words(b, l, "title", W_WIT_TITLE);
        buf_z(b, "</head><body>");
        language_links(b);
        tag_words(b, l, "h1", W_WIT_TITLE);
        tag_words(b, l, "p", W_WIT_LEAD);
        tag_words(b, l, "h2", W_WIT_KEY);
        buf_z(b, "<p><code>");
        html_text(b, buf_view(&key));
        buf_z(b, "</code></p>");
        table(b, l, c);
        tag_words(b, l, "p", W_WIT_HOW);
        buf_z(b, "</body></html>");
        buf_free(&key);
}
