#include "base/limits.h"
#include "farm/rules/rules_impl.h"

/* Findings in words. */

static const char *const templates[WORDS_N][LANGS] = {
#define WORDS(symbol, hans, hant, en) [SAY_##symbol] = { hans, hant, en },
#include "farm/rules/words.def"
};

static const char *const acts[ACTS][LANGS] = {
        [ACT_OTHER] = { "其他", "其他", "Another act" },
#define ACT(symbol, number, name, subject, shape, action, step, disposition, hans, hant, en) [ACT_##symbol] = { hans, hant, en },
#include "farm/acts.def"
};

struct said said_same(struct str s)
{
        return (struct said){ { s, s, s } };
}

struct said said_day(struct judging *j, int day)
{
        return day ? said_same(day_text(j->arena, day)) : said(j, SAY_NO_DATE, NULL, 0);
}

struct said said_number(struct judging *j, int64_t n)
{
        return said_same(arena_printf(j->arena, "%lld", (long long)n));
}

struct said said_act(enum act k)
{
        struct said s;
        for (int l = 0; l < LANGS; l++)
                s.in[l] = str_of(acts[k < ACTS ? k : ACT_OTHER][l]);
        return s;
}

static struct str fill(struct arena *a, const char *z, int lang, const struct said *args, size_t n)
{
        size_t most = strlen(z) + 1, at = 0;
        for (const char *p = z; *p; p++)
                if (p[0] == '{' && (size_t)(p[1] - '0') < n)
                        most += args[p[1] - '0'].in[lang].n;
        char *out = arena_raw(a, most);
        for (; *z; z++) {
                if (z[0] != '{' || (size_t)(z[1] - '0') >= n) {
                        out[at++] = *z;
                        continue;
                }
                struct str s = args[z[1] - '0'].in[lang];
                if (s.n)
                        memcpy(out + at, s.p, s.n);
                at += s.n;
                z += 2;
        }
        out[at] = '\0';
        return (struct str){ out, at };
}

struct said said(struct judging *j, enum words w, const struct said *args, size_t n)
{
        struct said s;
        for (int l = 0; l < LANGS; l++)
                s.in[l] = n ? fill(j->arena, templates[w][l], l, args, n) : str_of(templates[w][l]);
        return s;
}

struct finding *finding_add(struct judging *j, const struct rule *r, enum severity s, const struct fact *about)
{
        if (j->n == j->cap && j->n < LIMIT_FINDINGS) {
                size_t cap = j->cap ? j->cap * 2 : 8;
                cap = cap < LIMIT_FINDINGS ? cap : LIMIT_FINDINGS;
                struct finding *list = arena_array(j->arena, struct finding, cap);
                if (j->n)
                        memcpy(list, j->found, j->n * sizeof *list);
                j->found = list;
                j->cap = cap;
        }
        struct finding *f = j->n < j->cap ? &j->found[j->n++] : arena_alloc(j->arena, sizeof *f);
        *f = (struct finding){ .rule = r, .severity = s, .seq = about ? about->seq : 0, .time_us = about ? about->time_us : 0 };
        return f;
}

struct finding *tell(struct judging *j, const struct rule *r, enum severity s, const struct fact *about, struct str key, enum words w, const struct said *args, size_t n)
{
        struct finding *f = finding_add(j, r, s, about);
        struct said words = said(j, w, args, n);
        f->key = key;
        memcpy(f->words, words.in, sizeof f->words);
        return f;
}

struct str key_seq(struct judging *j, const struct fact *f)
{
        return arena_printf(j->arena, "%lld", (long long)f->seq);
}

struct str key_seq_text(struct judging *j, const struct fact *f, struct str text)
{
        return arena_printf(j->arena, "%lld:%.*s", (long long)f->seq, STR_ARG(text));
}

struct said basis_said(struct judging *j, enum basis b, struct str source, enum confidence c)
{
        static const enum words how[] = { [CONFIDENCE_LOW] = SAY_CONFIDENCE_LOW, [CONFIDENCE_MEDIUM] = SAY_CONFIDENCE_MEDIUM, [CONFIDENCE_HIGH] = SAY_CONFIDENCE_HIGH };
        if (b != BASIS_TABLE)
                return said(j, b == BASIS_RECORD ? SAY_BASIS_RECORD : SAY_BASIS_LABEL, NULL, 0);
        return said(j, SAY_BASIS_TABLE, SAID_ARGS(said_same(source.n ? source : STR("—")), said(j, how[c], NULL, 0)));
}

struct said crop_said(struct judging *j)
{
        return j->season->crop.n ? said_same(j->season->crop) : said(j, SAY_NO_CROP, NULL, 0);
}

