#include <assert.h>

#include "base/lang.h"
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
        assert(k < ACTS);
        for (int l = 0; l < LANGS; l++)
                s.in[l] = str_of(acts[k][l]);
        return s;
}

static struct str filled(struct arena *a, const char *sentence, int lang, const struct said *args, size_t n)
{
        struct str list[10];            /* {0} … {9} */
        assert(n <= sizeof list / sizeof *list);
        for (size_t i = 0; i < n; i++)
                list[i] = args[i].in[lang];
        return lang_fill(a, sentence, list, n);
}

struct said said(struct judging *j, enum words w, const struct said *args, size_t n)
{
        struct said s;
        for (int l = 0; l < LANGS; l++)
                s.in[l] = n ? filled(j->arena, templates[w][l], l, args, n) : str_of(templates[w][l]);
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

