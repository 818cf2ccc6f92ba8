#include "api/findings.h"

#include "base/clock.h"
#include "base/json.h"

/* The rules' answer about a season: with and without an act tells what the act brought. */

enum { SHANGHAI_MIN = 480 };

/* Everything the rules find about these facts. */
static int judge(struct daybook *d, struct arena *a, int64_t org, const struct season_facts *s, struct findings *ret, struct err *reterr)
{
        struct judging *j = arena_alloc(a, sizeof *j);
        *j = (struct judging){ .arena = a, .today = (int)civil_of(clock_now_us(), SHANGHAI_MIN).day_number };
        if (daybook_judging(d, a, org, j, reterr) < 0)
                return -1;
        j->season = s;
        season_judge(j);
        *ret = (struct findings){ j->found, j->n };
        return 0;
}

int season_findings(struct daybook *d, struct arena *a, int64_t org, const struct season_facts *s, struct findings *ret, struct err *reterr)
{
        return judge(d, a, org, s, ret, reterr);
}

static struct finding *room(struct arena *a, struct finding *list, size_t n, size_t *cap)
{
        if (n < *cap)
                return list;
        struct finding *more = arena_array(a, struct finding, *cap = *cap * 2 + 8);
        if (n)
                memcpy(more, list, n * sizeof *more);
        return more;
}

static bool among(const struct findings *f, const struct finding *x)
{
        for (size_t i = 0; i < f->n; i++)
                if (f->list[i].rule == x->rule && str_eq(f->list[i].key, x->key))
                        return true;
        return false;
}

struct basis_season { struct str code; int known; struct season_facts facts; struct basis_season *next; };
struct basis { struct daybook *d; struct arena *a; int64_t org; bool read; struct judging by; struct basis_season *seasons; };

struct basis *basis_new(struct daybook *d, struct arena *a, int64_t org)
{
        struct basis *b = arena_alloc(a, sizeof *b);
        *b = (struct basis){ .d = d, .a = a, .org = org };
        return b;
}

/* 1 with the season's facts, 0 there is none, -1. */
static int season_of(struct basis *b, struct str code, const struct season_facts **ret, struct err *reterr)
{
        struct basis_season *s = b->seasons;
        while (s && !str_eq(s->code, code))
                s = s->next;
        if (!s) {
                s = arena_alloc(b->a, sizeof *s);
                *s = (struct basis_season){ .code = code, .next = b->seasons };
                if ((s->known = daybook_season(b->d, b->a, b->org, code, &s->facts, reterr)) < 0)
                        return -1;
                b->seasons = s;
        }
        *ret = &s->facts;
        return s->known;
}

static bool in(int64_t seq, const int64_t *list, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (list[i] == seq)
                        return true;
        return false;
}

/* The same season without some of its records. */
static struct season_facts season_without(struct arena *a, const struct season_facts *s, int64_t seq, const int64_t *later, size_t n_later)
{
        struct season_facts x = *s;
        x.acts = arena_array(a, struct fact, s->n + 1);
        x.n = 0;
        for (size_t i = 0; i < s->n; i++)
                if (s->acts[i].seq != seq && !in(s->acts[i].seq, later, n_later))
                        x.acts[x.n++] = s->acts[i];
        return x;
}

static struct findings judged(const struct basis *b, struct arena *a, const struct season_facts *s)
{
        struct judging *j = arena_alloc(a, sizeof *j);
        *j = b->by;
        j->arena = a;
        j->season = s;
        season_judge(j);
        return (struct findings){ j->found, j->n };
}

/* What the act itself did to the lots that it names. */
static int lot_findings(struct daybook *d, struct arena *a, int64_t org, int64_t seq, struct findings *ret, struct err *reterr)
{
        static const struct season_facts nothing;
        const struct str *lots;
        ssize_t n = daybook_lots_of(d, a, org, seq, &lots, reterr);
        size_t cap = 0;
        struct finding *list = NULL;
        for (ssize_t i = 0; i < n; i++) {
                struct lot_facts lot;
                struct judging j = { .arena = a, .season = &nothing, .lot = &lot };
                if (daybook_lot_facts(d, a, org, lots[i], &lot, reterr) < 0)
                        return -1;
                season_judge(&j);
                for (size_t k = 0; k < j.n; k++) {
                        if (j.found[k].seq != seq)
                                continue;
                        list = room(a, list, ret->n, &cap);
                        list[ret->n++] = j.found[k];
                }
        }
        ret->list = list;
        return n < 0 ? -1 : 0;
}

static int findings_of_season(struct basis *b, const struct act_form *form, int64_t seq, const int64_t *later, size_t n_later, struct findings *ret, struct err *reterr)
{
        const struct season_facts *season;
        if (!act_on_season(form->act))
                return 0;
        int rc = season_of(b, form->season, &season, reterr);
        if (rc != 1)
                return rc;
        if (!b->read && daybook_judging(b->d, b->a, b->org, &b->by, reterr) < 0)
                return -1;
        b->read = true;
        struct season_facts with = season_without(b->a, season, 0, later, n_later), without = season_without(b->a, season, seq, later, n_later);
        struct findings all = judged(b, b->a, &with), before = judged(b, b->a, &without);
        struct finding *list = arena_array(b->a, struct finding, all.n + 1);
        for (size_t i = 0; i < all.n; i++)
                if (all.list[i].seq == seq || !among(&before, &all.list[i]))
                        list[ret->n++] = all.list[i];
        ret->list = list;
        return 0;
}

int act_findings(struct basis *b, const struct act_form *form, int64_t seq, const int64_t *later, size_t n_later, struct findings *ret, struct err *reterr)
{
        struct findings season = { 0 }, lots = { 0 };
        if (findings_of_season(b, form, seq, later, n_later, &season, reterr) < 0 || lot_findings(b->d, b->a, b->org, seq, &lots, reterr) < 0)
                return -1;
        struct finding *list = arena_array(b->a, struct finding, season.n + lots.n + 1);
        if (season.n)
                memcpy(list, season.list, season.n * sizeof *list);
        if (lots.n)
                memcpy(list + season.n, lots.list, lots.n * sizeof *list);
        *ret = (struct findings){ list, season.n + lots.n };
        return 0;
}

static void put_words(struct buf *b, const struct str *words)
{
        for (int l = 0; l < LANGS; l++) {
                buf_z(b, l ? "," : "{");
                json_write_name(b, lang_tag((enum lang)l));
                json_write_str(b, words[l]);
        }
        buf_char(b, '}');
}

void findings_json(struct buf *b, const struct findings *f)
{
        buf_char(b, '[');
        for (size_t i = 0; i < f->n; i++) {
                const struct finding *x = &f->list[i];
                buf_z(b, i ? ",{\"rule\":" : "{\"rule\":");
                json_write_str(b, str_of(x->rule->name));
                buf_printf(b, ",\"severity\":\"%s\",\"key\":", severity_name(x->severity));
                json_write_str(b, x->key);
                buf_z(b, ",\"words\":");
                put_words(b, x->words);
                buf_z(b, ",\"pointer\":");
                json_write_str(b, x->pointer.n ? x->pointer : STR(""));
                if (x->seq)
                        buf_printf(b, ",\"seq\":%lld", (long long)x->seq);
                if (x->from_day) {
                        struct civil day = civil_of((int64_t)x->from_day * INT64_C(86400000000), 0);
                        buf_printf(b, ",\"from\":\"%04d-%02d-%02d\"", day.year, day.month, day.day);
                }
                buf_char(b, '}');
        }
        buf_char(b, ']');
}
