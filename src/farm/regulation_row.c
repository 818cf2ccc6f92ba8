#include "base/clock.h"
#include "base/decimal.h"
#include "base/limits.h"
#include "base/text.h"
#include "farm/regulation_impl.h"

/* From a row as it is kept to what is judged by. */

/* Length of the separator that `s` begins with; 0: none. */
static size_t separator(struct str s)
{
        static const char *const all[] = { "、", "；", "，", ";", "," };
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
                if (str_starts(s, str_of(all[i])))
                        return strlen(all[i]);
        return 0;
}

static size_t split_list(struct arena *a, struct str s, const struct str **ret)
{
        size_t n = 0, most = 1, begin = 0;
        for (size_t i = 0; i < s.n; i++)
                most += separator(str_from(s, i)) > 0;
        struct str *list = arena_array(a, struct str, most);
        for (size_t i = 0; i <= s.n; i++) {
                size_t sep = i < s.n ? separator(str_from(s, i)) : 1;
                if (!sep)
                        continue;
                struct str one = str_trim((struct str){ s.p + begin, i - begin });
                if (one.n)
                        list[n++] = one;
                i += sep - 1;
                begin = i + 1;
        }
        *ret = list;
        return n;
}

static struct str find(struct str s, const char *what)
{
        const char *at = s.n ? memmem(s.p, s.n, what, strlen(what)) : NULL;
        return at ? str_from(s, (size_t)(at - s.p)) : STR_NONE;
}

static bool is_all(struct str scope)
{
        static const char *const words[] = { "全部", "所有农作物", "所有作物", "全部作物", "all" };
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                if (str_is(scope, words[i]))
                        return true;
        return false;
}

/* "所有农作物(玉米等部分旱田种子包衣除外)": what stands in brackets and ends so is excepted. */
static void read_scope(struct arena *a, struct str scope, struct ban *b)
{
        struct str open = find(scope, "(");
        const struct str *list;
        if (!open.n)
                open = find(scope, "（");
        struct str except = find(open, "除外");
        if (except.n) {
                size_t skip = open.p[0] == '(' ? 1 : strlen("（");
                b->n_except = split_list(a, (struct str){ open.p + skip, (size_t)(except.p - open.p) - skip }, &b->except);
                scope = str_trim((struct str){ scope.p, (size_t)(open.p - scope.p) });
        }
        size_t n = split_list(a, scope, &list), kept = 0;
        struct str *scopes = arena_array(a, struct str, n + 1);
        for (size_t i = 0; i < n; i++) {
                if (is_all(list[i]))
                        b->all = true;
                else if (find(list[i], "经营").n || find(list[i], "施用").n)
                        b->condition = list[i];
                else
                        scopes[kept++] = list[i];
        }
        b->scopes = scopes;
        b->n_scopes = kept;
}

static int read_day(const struct json *row, const char *name, int *ret, struct err *reterr)
{
        struct str s = json_str(row, name);
        *ret = 0;
        if (!s.n || day_read(s, ret))
                return 0;
        return err_set(reterr, ERR_BAD_INPUT, "%s is a day such as 2026-06-01, not \"%.*s\"", name, (int)(s.n < 40 ? s.n : 40), s.p);
}

struct dated { int from, to; enum confidence confidence; };

static int read_dated(const struct json *row, struct dated *ret, struct err *reterr)
{
        struct str c = json_str(row, "confidence");
        ret->confidence = str_is(c, "high") ? CONFIDENCE_HIGH : str_is(c, "medium") ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
        if (ret->confidence == CONFIDENCE_LOW && !str_is(c, "low"))
                return err_set(reterr, ERR_BAD_INPUT, "confidence is high, medium or low, not \"%.*s\"", (int)(c.n < 40 ? c.n : 40), c.p ? c.p : "");
        if (read_day(row, "effective_from", &ret->from, reterr) < 0 || read_day(row, "effective_to", &ret->to, reterr) < 0)
                return -1;
        return ret->to && ret->to < ret->from ? err_set(reterr, ERR_BAD_INPUT, "effective_to is before effective_from") : 0;
}

static int need(const struct json *row, const char *name, struct str *ret, struct err *reterr)
{
        *ret = json_str(row, name);
        return ret->n ? 0 : err_set(reterr, ERR_BAD_INPUT, "%s is empty", name);
}

/* A whole number of 0 to 3650; -1 where it is none. */
static int whole(struct str s)
{
        int64_t v;
        return number_read(s, &v) && v <= 3650 ? (int)v : -1;
}

#define GROW(b, list, type)                                                                             \
        do {                                                                                            \
                if ((b)->n_##list == (b)->cap_##list) {                                                 \
                        type *more_ = arena_array((b)->arena, type, (b)->cap_##list = (b)->cap_##list * 2 + 64); \
                        if ((b)->n_##list)                                                              \
                                memcpy(more_, (b)->list, (b)->n_##list * sizeof(type));                 \
                        (b)->list = more_;                                                              \
                }                                                                                       \
        } while (0)

static void add_alias(struct regulation_builder *b, struct str en, struct str name)
{
        if (b->dry || !en.n)
                return;
        char *lower = arena_cstr(b->arena, en);
        for (size_t i = 0; i < en.n; i++)
                lower[i] = lower[i] >= 'A' && lower[i] <= 'Z' ? (char)(lower[i] + 32) : lower[i];
        GROW(b, aliases, struct substance_alias);
        b->aliases[b->n_aliases++] = (struct substance_alias){ { lower, en.n }, name };
}

static int add_ban(struct regulation_builder *b, const struct json *row, struct err *reterr)
{
        struct ban x = { .source = json_str(row, "source") };
        struct dated d;
        struct str status, scope;
        if (need(row, "name_zh", &x.substance, reterr) < 0 || need(row, "status", &status, reterr) < 0 || need(row, "scope", &scope, reterr) < 0 || read_dated(row, &d, reterr) < 0)
                return -1;
        x.restricted = str_is(status, "restricted");
        if (!x.restricted && !str_is(status, "banned"))
                return err_set(reterr, ERR_BAD_INPUT, "status is banned or restricted, not \"%.*s\"", (int)(status.n < 40 ? status.n : 40), status.p);
        read_scope(b->arena, scope, &x);
        if (!x.all && !x.n_scopes && !x.condition.n)
                return err_set(reterr, ERR_BAD_INPUT, "scope names no crop");
        x.from_day = d.from;
        x.to_day = d.to;
        x.confidence = d.confidence;
        if (b->dry)
                return 0;
        GROW(b, bans, struct ban);
        b->bans[b->n_bans++] = x;
        add_alias(b, json_str(row, "name_en"), x.substance);
        return 0;
}

static int add_interval(struct regulation_builder *b, const struct json *row, struct err *reterr)
{
        struct interval x = { .formulation = json_str(row, "formulation"), .target = json_str(row, "target"), .source = json_str(row, "source") };
        struct str days, upper = json_str(row, "phi_days_upper"), uses = json_str(row, "max_uses_per_season");
        struct dated d;
        if (need(row, "pesticide_zh", &x.substance, reterr) < 0 || need(row, "crop_zh", &x.crop, reterr) < 0 || need(row, "phi_days", &days, reterr) < 0 || read_dated(row, &d, reterr) < 0)
                return -1;
        x.days = whole(days);
        x.days_upper = upper.n ? whole(upper) : 0;
        if (x.days < 0 || x.days_upper < 0 || (x.days_upper && x.days_upper < x.days))
                return err_set(reterr, ERR_BAD_INPUT, "phi_days and phi_days_upper are whole days of 0 to 3650, the second not below the first");
        x.max_uses = whole(uses) > 0 ? whole(uses) : 0;         /* "春梢3夏梢2" is no number of a season: kept in the row, not judged by */
        x.from_day = d.from;
        x.to_day = d.to;
        x.confidence = d.confidence;
        if (b->dry)
                return 0;
        GROW(b, intervals, struct interval);
        b->intervals[b->n_intervals++] = x;
        add_alias(b, json_str(row, "pesticide_en"), x.substance);
        return 0;
}

static int add_limit(struct regulation_builder *b, const struct json *row, struct err *reterr)
{
        struct residue_limit x = { .limit = json_str(row, "limit"), .unit = json_str(row, "unit"), .standard = json_str(row, "standard"), .source = json_str(row, "source") };
        struct str commodity, level;
        const struct str *list;
        struct decimal value;
        struct dated d;
        if (need(row, "substance_zh", &x.substance, reterr) < 0 || need(row, "commodity_zh", &commodity, reterr) < 0 || need(row, "match_level", &level, reterr) < 0 ||
            read_dated(row, &d, reterr) < 0)
                return -1;
        x.category = str_is(level, "category");
        if (!x.category && !str_is(level, "item"))
                return err_set(reterr, ERR_BAD_INPUT, "match_level is item or category");
        if (!decimal_read(x.limit, &value) || value.mantissa < 0 || !x.unit.n)
                return err_set(reterr, ERR_BAD_INPUT, "limit is a number, with its unit");
        x.from_day = d.from;
        x.to_day = d.to;
        x.confidence = d.confidence;
        x.n_except = split_list(b->arena, json_str(row, "category_exceptions"), &x.except);
        size_t n = split_list(b->arena, commodity, &list);
        for (size_t i = 0; i < n && !b->dry; i++) {
                GROW(b, limits, struct residue_limit);
                b->limits[b->n_limits] = x;
                b->limits[b->n_limits++].commodity = list[i];
        }
        add_alias(b, json_str(row, "substance_en"), x.substance);
        return n ? 0 : err_set(reterr, ERR_BAD_INPUT, "commodity_zh names nothing");
}

int regulation_add(struct regulation_builder *b, enum regulation_kind kind, const struct json *row, struct err *reterr)
{
        if (kind == REGULATION_BAN)
                return add_ban(b, row, reterr);
        return kind == REGULATION_INTERVAL ? add_interval(b, row, reterr) : kind == REGULATION_LIMIT ? add_limit(b, row, reterr) : -1;
}

#define BY_SUBSTANCE(name, type)                                                        \
        static int name(const void *a, const void *b)                                   \
        {                                                                               \
                return str_cmp(((const type *)a)->substance, ((const type *)b)->substance); \
        }
BY_SUBSTANCE(ban_order, struct ban)
BY_SUBSTANCE(interval_order, struct interval)
BY_SUBSTANCE(limit_order, struct residue_limit)

static int alias_order(const void *a, const void *b)
{
        return str_cmp(((const struct substance_alias *)a)->en, ((const struct substance_alias *)b)->en);
}

static void order(void *list, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
        if (n)
                qsort(list, n, size, cmp);
}

const struct regulation *regulation_of(struct arena *a, const struct regulation_row *rows, size_t n)
{
        struct regulation_builder b = { .arena = a };
        struct regulation *r = arena_alloc(a, sizeof *r);
        const struct json *j;
        for (size_t i = 0; i < n; i++)
                if (json_read(a, rows[i].body.p, rows[i].body.n, NULL, &j, NULL) == 0)
                        regulation_add(&b, rows[i].kind, j, NULL);
        order(b.bans, b.n_bans, sizeof *b.bans, ban_order);
        order(b.intervals, b.n_intervals, sizeof *b.intervals, interval_order);
        order(b.limits, b.n_limits, sizeof *b.limits, limit_order);
        order(b.aliases, b.n_aliases, sizeof *b.aliases, alias_order);
        *r = (struct regulation){ b.bans, b.n_bans, b.intervals, b.n_intervals, b.limits, b.n_limits, b.aliases, b.n_aliases };
        return r;
}
