#include "base/lang.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

const char *lang_tag(enum lang l)
{
        static const char *const tags[LANGS] = {
                [LANG_HANS] = "zh-Hans", [LANG_HANT] = "zh-Hant", [LANG_EN] = "en",
        };

        assert(l >= 0 && l < LANGS);
        return tags[l];
}

/* A script subtag says more than a region: zh-Hans-HK is Hans. */
static enum lang chinese(struct str subtags)
{
        static const char *const hant[] = { "Hant", "TW", "HK", "MO" };
        struct str sub;

        while (str_split(&subtags, '-', &sub)) {
                if (str_ieq(sub, STR("Hans")))
                        return LANG_HANS;
                for (size_t i = 0; i < sizeof hant / sizeof *hant; i++)
                        if (str_ieq(sub, str_of(hant[i])))
                                return LANG_HANT;
        }
        return LANG_HANS;
}

/* LANGS when it is none of ours. */
static enum lang tag_lang(struct str tag)
{
        struct str primary;

        if (!str_split(&tag, '-', &primary))
                return LANGS;
        if (str_ieq(primary, STR("en")))
                return LANG_EN;
        return str_ieq(primary, STR("zh")) ? chinese(tag) : LANGS;
}

/* qvalue (RFC 9110 §12.4.2) in thousandths; -1 when malformed. */
static int q_read(struct str s)
{
        int q = 0, unit = 1000;

        if (s.n == 0 || s.n > 5 || (s.p[0] != '0' && s.p[0] != '1') || (s.n > 1 && s.p[1] != '.'))
                return -1;
        for (size_t i = 0; i < s.n; i++) {
                if (i == 1)
                        continue;
                if (s.p[i] < '0' || s.p[i] > '9')
                        return -1;
                q += (s.p[i] - '0') * unit;
                unit /= 10;
        }
        return q <= 1000 ? q : -1;
}

int accept_weight(struct str *item)
{
        struct str rest = *item, param;
        int q = 1000;

        if (!str_split(&rest, ';', item))
                return -1;
        *item = str_trim(*item);
        while (str_split(&rest, ';', &param)) {
                param = str_trim(param);
                if (str_starts(param, STR("q=")) || str_starts(param, STR("Q=")))
                        q = q_read(str_from(param, 2));
        }
        return q;
}

static enum lang accepted(struct str header)
{
        int q[LANGS] = { -1, -1, -1 }, rank[LANGS] = { 0 }, any = -1, n = 0;
        enum lang best = LANGS;
        struct str item;

        while (str_split(&header, ',', &item)) {
                int w = accept_weight(&item);
                enum lang l = tag_lang(item);

                n++;
                if (w >= 0 && str_is(item, "*"))
                        any = w;
                if (l < LANGS && w > q[l]) {
                        q[l] = w;
                        rank[l] = n;
                }
        }
        for (enum lang l = 0; l < LANGS; l++) {
                if (q[l] < 0) {
                        q[l] = any;
                        rank[l] = n + 1;
                }
                if (q[l] > 0 && (best == LANGS || q[l] > q[best] ||
                                 (q[l] == q[best] && rank[l] < rank[best])))
                        best = l;
        }
        return best == LANGS ? LANG_HANS : best;
}

enum lang lang_choose(struct str query, struct str accept_language)
{
        enum lang l = tag_lang(query);

        return l < LANGS ? l : accepted(accept_language);
}

struct str lang_fill(struct arena *a, const char *sentence, const struct str *args, size_t n)
{
        size_t most = strlen(sentence) + 1, at = 0;
        for (const char *p = sentence; *p; p++)
                if (p[0] == '{' && (size_t)(p[1] - '0') < n)
                        most += args[p[1] - '0'].n;
        char *out = arena_raw(a, most);
        for (; *sentence; sentence++) {
                if (sentence[0] != '{' || (size_t)(sentence[1] - '0') >= n) {
                        out[at++] = *sentence;
                        continue;
                }
                struct str s = args[sentence[1] - '0'];
                if (s.n)
                        memcpy(out + at, s.p, s.n);
                at += s.n;
                sentence += 2;
        }
        out[at] = '\0';
        return (struct str){ out, at };
}
