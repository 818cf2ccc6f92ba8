#include "base/text.h"
#include "farm/regulation_impl.h"

/* What is asked of the tables. */

/* ---- names ---- */

/* Past what does not count at the beginning of `s`: 类, and what stands in brackets to the end.  Asked for every byte, so the first one decides whether to look. */
static struct str significant(struct str s)
{
        static const struct str kind = { "类", 3 }, wide = { "（", 3 };
        while (s.n && s.p[0] == '\xe7' && str_starts(s, kind))
                s = str_from(s, kind.n);
        return s.n && (s.p[0] == '(' || (s.p[0] == '\xef' && str_starts(s, wide))) ? STR_NONE : s;
}

static bool same_letters(struct str a, struct str b)
{
        for (;;) {
                a = significant(a);
                b = significant(b);
                if (!a.n || !b.n || a.p[0] != b.p[0])
                        return !a.n && !b.n;
                a = str_from(a, 1);
                b = str_from(b, 1);
        }
}

/* Names of the law beside those of the standards' classification. */
#define S(z) { z, sizeof(z) - 1 }
static const struct str others[][4] = {
        { S("瓜果"), S("水果"), S("瓜果水果"), S("瓜类水果") },
        { S("菌类"), S("食用菌"), S("食用菌类蔬菜") },
        { S("茶叶"), S("茶") },
        { S("中草药材"), S("中药材"), S("药用植物"), S("中草药") },
        { S("水生植物"), S("水生蔬菜") },
};
#undef S

static bool is_other(struct str law, struct str name)
{
        for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
                if (law.n < 3 || memcmp(law.p, others[i][0].p, 3) != 0 || !same_letters(law, others[i][0]))
                        continue;
                for (size_t k = 1; k < 4 && others[i][k].n; k++)
                        if (same_letters(name, others[i][k]))
                                return true;
        }
        return false;
}

bool same_crop(struct str a, struct str b)
{
        return same_letters(a, b) || is_other(a, b) || is_other(b, a);
}

bool names_target(struct str list, struct str target)
{
        return target.n && list.n >= target.n && memmem(list.p, list.n, target.p, target.n);
}

/* At which place from narrow to wide `name` stands; -1: nowhere. */
static int rank_of(struct str name, const struct str *crop, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (same_crop(name, crop[i]))
                        return (int)i;
        return -1;
}

static bool in_force(int from, int to, int day)
{
        return (!from || day >= from) && (!to || day <= to);
}

/* ---- substances ---- */

static bool is_content(char c)
{
        return (c >= '0' && c <= '9') || c == '.' || c == '%' || c == ' ';
}

/* "40% 氧乐果", "氧乐果 40%", "氧乐果(40%)": without the content; "2,4-滴丁酯" stays. */
static struct str without_content(struct str s)
{
        size_t head = 0, tail = s.n;
        while (head < s.n && is_content(s.p[head]))
                head++;
        if (head && memchr(s.p, '%', head))
                s = str_from(s, head);
        const char *open = s.n ? memchr(s.p, '(', s.n) : NULL;
        if (open && open > s.p)
                s.n = (size_t)(open - s.p);
        for (tail = s.n; tail && is_content(s.p[tail - 1]);)
                tail--;
        if (tail < s.n && memchr(s.p + tail, '%', s.n - tail))
                s.n = tail;
        return str_trim(s);
}

static int alias_cmp(const void *key, const void *one)
{
        const struct str *k = key;
        const struct str en = ((const struct substance_alias *)one)->en;
        size_t n = k->n < en.n ? k->n : en.n;
        for (size_t i = 0; i < n; i++) {
                char c = k->p[i] >= 'A' && k->p[i] <= 'Z' ? (char)(k->p[i] + 32) : k->p[i];
                if (c != en.p[i])
                        return (unsigned char)c - (unsigned char)en.p[i];
        }
        return (k->n > en.n) - (k->n < en.n);
}

struct str regulation_substance(const struct regulation *r, struct str text)
{
        struct str name = without_content(str_trim(text));
        const struct substance_alias *found = r->n_aliases ? bsearch(&name, r->aliases, r->n_aliases, sizeof *r->aliases, alias_cmp) : NULL;
        return found ? found->name : name;
}

/* The run of rows of a substance in a list that is in its order. */
#define RUN_OF(name, type)                                                                      \
        static size_t name(const type *list, size_t n, struct str substance, const type **ret)  \
        {                                                                                       \
                size_t low = 0, high = n, end;                                                  \
                while (low < high) {                                                            \
                        size_t mid = low + (high - low) / 2;                                    \
                        if (str_cmp(list[mid].substance, substance) < 0)                        \
                                low = mid + 1;                                                  \
                        else                                                                    \
                                high = mid;                                                     \
                }                                                                               \
                for (end = low; end < n && str_eq(list[end].substance, substance); end++)       \
                        ;                                                                       \
                *ret = list + low;                                                              \
                return end - low;                                                               \
        }
RUN_OF(ban_run, struct ban)
RUN_OF(interval_run, struct interval)
RUN_OF(limit_run, struct residue_limit)

/* ---- bans ---- */

size_t regulation_bans(const struct regulation *r, struct str substance, const struct ban **ret)
{
        return ban_run(r->bans, r->n_bans, regulation_substance(r, substance), ret);
}

/* "玉米等部分旱田种子包衣" names 玉米. */
static bool excepts(const struct str *except, size_t n_except, const struct str *crop, size_t n)
{
        for (size_t e = 0; e < n_except; e++)
                for (size_t i = 0; i < n; i++)
                        if (same_crop(except[e], crop[i]) || (str_starts(except[e], crop[i]) && str_starts(str_from(except[e], crop[i].n), STR("等"))))
                                return true;
        return false;
}

enum ban_holds ban_judge(const struct ban *b, const struct str *crop, size_t n, int day)
{
        bool holds = b->all;
        if (!in_force(b->from_day, b->to_day, day))
                return BAN_NOT;
        for (size_t i = 0; i < b->n_scopes && !holds; i++)
                holds = rank_of(b->scopes[i], crop, n) >= 0;
        if (!holds)
                return b->condition.n ? BAN_CONDITION : BAN_NOT;
        return excepts(b->except, b->n_except, crop, n) ? BAN_EXCEPTED : BAN_HOLDS;
}

/* ---- intervals ---- */

static int longest(const struct interval *x)
{
        return x->days_upper > x->days ? x->days_upper : x->days;
}

static bool better(const struct interval *x, int x_rank, const struct interval *than, int rank, struct str target)
{
        if (!than || x_rank != rank)
                return !than || x_rank < rank;
        bool names = names_target(x->target, target), named = names_target(than->target, target);
        return names != named ? names : longest(x) > longest(than);
}

const struct interval *regulation_interval(const struct regulation *r, struct str substance, const struct str *crop, size_t n, struct str target, int day)
{
        const struct interval *run, *best = NULL;
        size_t count = interval_run(r->intervals, r->n_intervals, regulation_substance(r, substance), &run);
        int best_rank = 0;
        for (size_t i = 0; i < count; i++) {
                int rank = rank_of(run[i].crop, crop, n);
                if (rank < 0 || !in_force(run[i].from_day, run[i].to_day, day) || !better(&run[i], rank, best, best_rank, target))
                        continue;
                best = &run[i];
                best_rank = rank;
        }
        return best;
}

/* ---- limits ---- */

/* Of two rows for one name: the item's before the category's, then the one that is better known. */
static bool nearer(const struct residue_limit *x, const struct residue_limit *than)
{
        if (x->category != than->category)
                return than->category;
        return x->confidence > than->confidence;
}

const struct residue_limit *regulation_limit(const struct regulation *r, struct str substance, const struct str *crop, size_t n, int day)
{
        const struct residue_limit *run, *best = NULL;
        size_t count = limit_run(r->limits, r->n_limits, regulation_substance(r, substance), &run);
        int best_rank = 0;
        for (size_t i = 0; i < count; i++) {
                const struct residue_limit *x = &run[i];
                int rank = rank_of(x->commodity, crop, n);
                if (rank < 0 || !in_force(x->from_day, x->to_day, day) || (x->category && excepts(x->except, x->n_except, crop, (size_t)rank)))
                        continue;
                if (best && (rank > best_rank || (rank == best_rank && !nearer(x, best))))
                        continue;
                best = x;
                best_rank = rank;
        }
        return best;
}
