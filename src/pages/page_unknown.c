#include "base/text.h"
#include "gs1/check.h"
#include "pages/pages_impl.h"

/* An address that is miswritten, or that nothing here speaks of: it may be a forgery, and says so first. */

enum { PAGE_BYTES = 64 * 1024 };

/* The first GS1 number of a path whose check digit is wrong: its place and what it should be, so that the words can say it in
 * the reader's language. */
static bool wrong_digit(struct str path, struct str *ret_number, size_t *ret_place, char *ret_right)
{
        struct str rest = str_from(path, 1), ai, value;
        while (str_split(&rest, '/', &ai) && str_split(&rest, '/', &value)) {
                bool number = str_is(ai, "01") || str_is(ai, "00") || str_is(ai, "414") || str_is(ai, "417") || str_is(ai, "gtin") || str_is(ai, "sscc");
                if (!number || value.n < 8)
                        continue;
                char right = gs1_check_digit((struct str){ value.p, value.n - 1 });
                if (!right || right == value.p[value.n - 1] || value.p[value.n - 1] < '0' || value.p[value.n - 1] > '9')
                        continue;
                *ret_number = value;
                *ret_place = value.n;
                *ret_right = right;
                return true;
        }
        return false;
}

static void write_reason(struct buf *b, const struct request *q, const struct err *e)
{
        struct str number;
        size_t place;
        char right;
        if (wrong_digit(q->path, &number, &place, &right)) {
                buf_z(b, "<p><b>");
                html_words2(b, q->lang, W_U_DIGIT, arena_printf(q->arena, "%zu", place), (struct str){ &right, 1 });
                buf_z(b, "</b></p>");
                return;
        }
        buf_z(b, "<p lang=\"en\">");
        html_text(b, str_of(e->detail));
        buf_z(b, "</p>");
}

/* Nothing of the parameter is shown: whoever writes the link must not write our page. */
char shell_unknown(const struct request *q)
{
        struct str ai;
        if (!q->query.n || request_param(q, "unknown", &ai) != 1)
                return 0;
        return str_is(ai, "10") ? 'l' : 's';
}

void shell_stands_in(struct buf *b, const struct request *q)
{
        char which = shell_unknown(q);
        if (!which)
                return;
        buf_z(b, "<section class=\"card bad\"><div class=\"v\">");
        shell_icon(b, ICON_UNKNOWN);
        buf_z(b, "<div><h2>");
        html_words(b, q->lang, W_PART_TITLE);
        buf_z(b, "</h2><p>");
        html_words(b, q->lang, which == 'l' ? W_PART_LOT : W_PART_SERIAL);
        buf_z(b, "</p></div></div></section>");
}

void unknown_page(struct request *q, const struct err *e, bool data)
{
        struct buf b;
        struct reply r;
        if (data) {
                exchange_problem(q->exchange, e, NULL);
                return;
        }
        bool bad = e->kind == ERR_BAD_IDENTIFIER;
        enum words title = bad ? W_U_BAD : W_U_TITLE;
        buf_init(&b, PAGE_BYTES);
        shell_begin(&b, q, str_of(words(title, q->lang)));
        shell_header(&b, q, str_of(words(title, q->lang)), q->path, WORDS);
        buf_z(&b, "<section class=\"card bad\"><div class=\"v\">");
        shell_icon(&b, ICON_UNKNOWN);
        buf_z(&b, "<div><h2>");
        html_words(&b, q->lang, bad ? W_U_CHECK : W_U_BEWARE);
        buf_z(&b, "</h2>");
        if (bad)
                write_reason(&b, q, e);
        buf_z(&b, "<p>");
        html_words(&b, q->lang, bad ? W_U_BAD_TEXT : W_U_TEXT);
        buf_z(&b, "</p></div></div></section><p class=\"links\"><a href=\"/?l=");
        buf_z(&b, lang_tag(q->lang));
        buf_z(&b, "\">");
        html_words(&b, q->lang, W_U_HOME);
        buf_z(&b, "</a></p></main>");
        shell_end(&b);
        shell_reply(q, &r, err_status(e->kind));
        r.body = arena_str(q->arena, buf_view(&b));
        buf_free(&b);
        exchange_answer(q->exchange, &r);
}
