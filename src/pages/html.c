#include "pages/html.h"

#include <string.h>

#include "base/clock.h"
#include "trace/story.h"

/* Looked up by byte: NULL for the many that stand for themselves. */
static const char *const escapes[256] = { ['<'] = "&lt;", ['>'] = "&gt;", ['&'] = "&amp;", ['"'] = "&quot;", ['\''] = "&#39;" };

void html_text(struct buf *b, struct str s)
{
        size_t from = 0;
        for (size_t i = 0; i < s.n; i++) {
                const char *safe = escapes[(unsigned char)s.p[i]];
                if (!safe)
                        continue;
                buf_add(b, s.p + from, i - from);
                buf_z(b, safe);
                from = i + 1;
        }
        if (from < s.n)
                buf_add(b, s.p + from, s.n - from);
}

void html_href(struct buf *b, struct str url)
{
        bool path = url.n && url.p[0] == '/' && !(url.n > 1 && (url.p[1] == '/' || url.p[1] == '\\'));
        if (path || str_starts(url, STR("https://")) || str_starts(url, STR("http://")))
                html_text(b, url);
        else
                buf_char(b, '#');
}

const char *words(enum words w, enum lang l)
{
        static const char *const all[WORDS][LANGS] = {
#define STRING(id, hans, hant, en) [W_##id] = { hans, hant, en },
#include "pages/strings.def"
#undef STRING
        };
        return all[w][l];
}

static void fill(struct buf *b, const char *p, const struct str *args, size_t n)
{
        size_t used = 0;
        for (const char *gap; (gap = strstr(p, "{}")); p = gap + 2) {
                html_text(b, (struct str){ p, (size_t)(gap - p) });
                if (used < n)
                        html_text(b, args[used++]);
        }
        html_text(b, str_of(p));
}

void html_words(struct buf *b, enum lang l, enum words w)
{
        fill(b, words(w, l), NULL, 0);
}

void html_words1(struct buf *b, enum lang l, enum words w, struct str a)
{
        fill(b, words(w, l), &a, 1);
}

void html_words2(struct buf *b, enum lang l, enum words w, struct str a, struct str c)
{
        fill(b, words(w, l), (const struct str[]){ a, c }, 2);
}

struct str unit_words(struct str uom, enum lang l)
{
        static const struct { const char *code, *say[LANGS]; } units[] = {
#define UNIT(code, hans, hant, en) { code, { hans, hant, en } },
#include "pages/units.def"
#undef UNIT
        };
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
                if (str_is(uom, units[i].code))
                        return str_of(units[i].say[l]);
        return uom;
}

/* Two digits, or four: a page has a hundred times, and printf is slow. */
static void digits(struct buf *b, int value, int n)
{
        char z[4];
        for (int i = n; i-- > 0; value /= 10)
                z[i] = (char)('0' + value % 10);
        buf_add(b, z, (size_t)n);
}

static void day(struct buf *b, struct civil c, bool with_year)
{
        if (with_year) {
                digits(b, c.year, 4);
                buf_char(b, '-');
        }
        digits(b, c.month, 2);
        buf_char(b, '-');
        digits(b, c.day, 2);
}

static void time_of_day(struct buf *b, struct civil c)
{
        digits(b, c.hour, 2);
        buf_char(b, ':');
        digits(b, c.minute, 2);
}

static void time_tag(struct buf *b, struct civil c)
{
        buf_z(b, "<time datetime=\"");
        day(b, c, true);
        buf_char(b, 'T');
        time_of_day(b, c);
        buf_z(b, "+08:00\">");
}

void html_time(struct buf *b, int64_t us, bool with_year)
{
        struct civil c = civil_of(us, STORY_OFFSET_MIN);
        time_tag(b, c);
        day(b, c, with_year);
        buf_char(b, ' ');
        time_of_day(b, c);
        buf_z(b, "</time>");
}

void html_date(struct buf *b, int64_t us)
{
        struct civil c = civil_of(us, STORY_OFFSET_MIN);
        time_tag(b, c);
        day(b, c, true);
        buf_z(b, "</time>");
}
