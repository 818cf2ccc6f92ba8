#include "pages/html.h"

#include "base/clock.h"
#include "trace/story.h"

void html_text(struct buf *b, struct str s)
{
        size_t from = 0;
        for (size_t i = 0; i < s.n; i++) {
                const char *safe = s.p[i] == '<' ? "&lt;" : s.p[i] == '>' ? "&gt;" : s.p[i] == '&' ? "&amp;" : s.p[i] == '"' ? "&quot;" : s.p[i] == '\'' ? "&#39;" : NULL;
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
        for (size_t used = 0; *p; p++) {
                if (p[0] == '{' && p[1] == '}') {
                        if (used < n)
                                html_text(b, args[used++]);
                        p++;
                } else {
                        html_text(b, (struct str){ p, 1 });
                }
        }
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

static void time_tag(struct buf *b, struct civil c)
{
        buf_printf(b, "<time datetime=\"%04d-%02d-%02dT%02d:%02d+08:00\">", c.year, c.month, c.day, c.hour, c.minute);
}

void html_time(struct buf *b, int64_t us, bool with_year)
{
        struct civil c = civil_of(us, STORY_OFFSET_MIN);
        time_tag(b, c);
        if (with_year)
                buf_printf(b, "%04d-", c.year);
        buf_printf(b, "%02d-%02d %02d:%02d</time>", c.month, c.day, c.hour, c.minute);
}

void html_date(struct buf *b, int64_t us)
{
        struct civil c = civil_of(us, STORY_OFFSET_MIN);
        time_tag(b, c);
        buf_printf(b, "%04d-%02d-%02d</time>", c.year, c.month, c.day);
}
