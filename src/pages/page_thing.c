#include "base/json.h"
#include "pages/pages_impl.h"
#include "pages/resolver.h"

/* What has a name but no way of its own: an organisation, a place, a kind of goods.  Says who or what it is, and that the
 * lot's own code tells the rest. */

void write_code(struct buf *b, const struct request *q, struct str canonical)
{
        struct ident_parts part;
        ident_parts(q->arena, canonical, &part);
        if (part.serial.n)
                html_words1(b, q->lang, W_SERIAL, part.serial);
        else if (part.lot.n)
                html_words1(b, q->lang, W_LOT, part.lot);
        else if (str_is(part.key_ai, "00"))
                html_words1(b, q->lang, W_UNIT, part.key);
        else
                html_words1(b, q->lang, W_CODE, part.code.n ? part.code : part.key);
}

static void write_data(struct buf *b, const struct request *q, const struct story_name *n, const struct origins *own)
{
        buf_z(b, "{\"@context\":{\"suyuan\":\"https://w3id.org/suyuan/voc/\",\"id\":\"@id\"},\"id\":");
        json_write_str(b, ident_uri(q->arena, n->canonical, own));
        for (int l = 0; l < LANGS; l++) {
                buf_z(b, l ? "," : ",\"suyuan:name\":[");
                buf_printf(b, "{\"@language\":\"%s\",\"@value\":", lang_tag((enum lang)l));
                json_write_str(b, n->text[l]);
                buf_char(b, '}');
        }
        buf_z(b, "]}");
}

static void write_html(struct buf *b, const struct request *q, const struct story_name *n)
{
        struct buf code;
        buf_init(&code, 4096);
        write_code(&code, q, n->canonical);
        shell_begin(b, q, n->text[q->lang]);
        shell_header(b, q, n->text[q->lang], buf_view(&code), n->demonstration ? W_DEMO : WORDS);
        buf_free(&code);
        shell_stands_in(b, q);
        buf_z(b, "<section class=\"card\">");
        if (n->detail[q->lang].n) {
                buf_z(b, "<p><b>");
                html_text(b, n->detail[q->lang]);
                buf_z(b, "</b></p>");
        }
        buf_z(b, "<p>");
        html_words(b, q->lang, W_THING_TEXT);
        buf_printf(b, "</p></section><p class=\"links\"><a href=\"/?l=%s\">", lang_tag(q->lang));
        html_words(b, q->lang, W_U_HOME);
        buf_z(b, "</a></p></main>");
        shell_end(b);
}

void thing_page(struct request *q, const struct story_name *n, const struct origins *own, bool data)
{
        struct buf b;
        struct reply r;
        buf_init(&b, 256 * 1024);
        shell_reply(q, &r, 200);
        if (data) {
                r = (struct reply){ .status = 200, .content_type = "application/ld+json" };
                reply_header(&r, "Vary", "Accept, Accept-Language");
                reply_header(&r, "Cache-Control", "no-cache");
                write_data(&b, q, n, own);
        } else {
                write_html(&b, q, n);
        }
        resolver_headers(q, &r);
        r.body = arena_str(q->arena, buf_view(&b));
        buf_free(&b);
        exchange_answer(q->exchange, &r);
}
