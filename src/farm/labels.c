#include <string.h>

#include "base/decimal.h"
#include "base/limits.h"
#include "base/text.h"
#include "farm/thing_impl.h"

/* What an input's label says of each crop: `labels: [{crop, target?, intervalDays?, maxUses?, dose?: {min?, max?, uom}}]`.  Who keeps them by crop may send
 * {"番茄": {"intervalDays": 7}}, {"番茄": [{…}, {…}]} or {"番茄": 7} (days). */

static void name(const struct keeping *k, const char *z, bool *more)
{
        if (*more)
                buf_char(k->out, ',');
        *more = true;
        json_write_name(k->out, z);
}

static void check_names(const struct keeping *k, const struct json *v, const char *known)
{
        for (uint32_t i = 0; i < v->n; i++) {
                struct str one = v->members[i].name;
                struct str wanted = arena_printf(k->a, " %.*s ", STR_ARG(one));
                if (memmem(known, strlen(known), wanted.p, wanted.n))
                        continue;
                struct keeping inner = thing_below(k, one);
                thing_wrong(&inner, CODE_NOT_UNDERSTOOD, "the members here are%s", known);
        }
}

/* "20-30 g/mu", as labels print it: the number or both, then the unit. */
static bool keep_printed_dose(const struct keeping *k, struct str s)
{
        static const char *const dashes[] = { "-", "~", "～", "—", "–" };
        size_t n = 0;
        while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '.'))
                n++;
        struct str low = { s.p, n }, rest = str_trim(str_from(s, n)), high = low;
        for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++)
                if (str_starts(rest, str_of(dashes[i]))) {
                        rest = str_trim(str_from(rest, strlen(dashes[i])));
                        for (n = 0; n < rest.n && ((rest.p[n] >= '0' && rest.p[n] <= '9') || rest.p[n] == '.');)
                                n++;
                        high = (struct str){ rest.p, n };
                        rest = str_trim(str_from(rest, n));
                        break;
                }
        struct decimal min, max;
        if (!decimal_read(low, &min) || !decimal_read(high, &max) || !rest.n || rest.n > 40)
                return false;
        buf_printf(k->out, "{\"min\":%.*s,\"max\":%.*s,\"uom\":", STR_ARG(decimal_text(k->a, min)), STR_ARG(decimal_text(k->a, max)));
        json_write_str(k->out, rest);
        buf_char(k->out, '}');
        return true;
}

static void keep_dose(const struct keeping *k, const struct json *v)
{
        bool more = false;
        if (json_is(v, JSON_STRING) && keep_printed_dose(k, str_trim(json_text(v))))
                return;
        if (!json_is(v, JSON_OBJECT)) {
                thing_wrong(k, CODE_WRONG_KIND, "a dose is {\"min\": …, \"max\": …, \"uom\": …}, or as printed: 20-30 g/mu");
                return;
        }
        check_names(k, v, " min max uom ");
        buf_char(k->out, '{');
        for (int i = 0; i < 2; i++) {
                const char *z = i ? "max" : "min";
                struct keeping inner = thing_below(k, str_of(z));
                if (json_get(v, z)) {
                        name(k, z, &more);
                        keep_number(&inner, json_get(v, z));
                }
        }
        struct keeping uom = thing_below(k, STR("uom"));
        name(k, "uom", &more);
        if (json_get(v, "uom"))
                keep_text(&uom, json_get(v, "uom"));
        else
                thing_wrong(k, CODE_MISSING_MEMBER, "a dose needs its unit: uom");
        buf_char(k->out, '}');
}

/* One pest, or several: a label names them in a row. */
static bool keep_target(const struct keeping *k, const struct json *v)
{
        struct buf all = { .max = LIMIT_THING_BYTES };
        if (!json_is(v, JSON_ARRAY))
                return keep_text(k, v);
        for (uint32_t i = 0; i < v->n; i++) {
                if (i)
                        buf_z(&all, "、");
                buf_str(&all, json_text(&v->items[i]));
        }
        const struct json joined = { .kind = JSON_STRING, .n = (uint32_t)all.n, .text = all.p ? all.p : "" };
        bool good = keep_text(k, &joined);
        buf_free(&all);
        return good;
}

struct part { const char *name; bool (*keep)(const struct keeping *k, const struct json *v); };

static void keep_parts(const struct keeping *k, const struct json *v, bool more)
{
        static const struct part parts[] = { { "target", keep_target }, { "intervalDays", keep_count }, { "maxUses", keep_count } };
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
                const struct json *part = json_get(v, parts[i].name);
                struct keeping inner = thing_below(k, str_of(parts[i].name));
                if (!part || json_is(part, JSON_NULL))
                        continue;
                name(k, parts[i].name, &more);
                parts[i].keep(&inner, part);
        }
        if (json_get(v, "dose")) {
                struct keeping inner = thing_below(k, STR("dose"));
                name(k, "dose", &more);
                keep_dose(&inner, json_get(v, "dose"));
        }
}

/* `crop`: the name under which it stood, or empty where it must say so itself. */
static void keep_label(const struct keeping *k, struct str crop, const struct json *v)
{
        bool more = false, days = crop.n && (json_is(v, JSON_NUMBER) || json_is(v, JSON_STRING));
        if (!days && !json_is(v, JSON_OBJECT)) {
                thing_wrong(k, CODE_WRONG_KIND, "a label is {\"crop\": …, \"intervalDays\": …}");
                return;
        }
        buf_z(k->out, "{\"crop\":");
        if (crop.n) {
                struct json said = { .kind = JSON_STRING, .n = (uint32_t)crop.n, .text = crop.p };
                keep_text(k, &said);
        } else if (json_get(v, "crop")) {
                struct keeping inner = thing_below(k, STR("crop"));
                keep_text(&inner, json_get(v, "crop"));
        } else {
                thing_wrong(k, CODE_MISSING_MEMBER, "a label needs its crop");
        }
        more = true;
        if (days) {
                name(k, "intervalDays", &more);
                keep_count(k, v);
        } else {
                check_names(k, v, " crop target intervalDays maxUses dose ");
                keep_parts(k, v, more);
        }
        buf_char(k->out, '}');
}

static void keep_list(const struct keeping *k, struct str crop, const struct json *v, bool *more)
{
        for (uint32_t i = 0; i < v->n; i++) {
                struct keeping inner = thing_entry(k, i);
                if (*more)
                        buf_char(k->out, ',');
                *more = true;
                keep_label(&inner, crop, &v->items[i]);
        }
}

void keep_labels(const struct keeping *k, const struct json *v)
{
        bool more = false;
        if ((!json_is(v, JSON_ARRAY) && !json_is(v, JSON_OBJECT)) || v->n > LIMIT_THING_LIST) {
                thing_wrong(k, json_is(v, JSON_ARRAY) || json_is(v, JSON_OBJECT) ? CODE_TOO_LONG : CODE_WRONG_KIND, "labels are a list of at most %d", LIMIT_THING_LIST);
                return;
        }
        buf_char(k->out, '[');
        if (json_is(v, JSON_ARRAY))
                keep_list(k, STR_NONE, v, &more);
        for (uint32_t i = 0; json_is(v, JSON_OBJECT) && i < v->n; i++) {
                const struct json *one = &v->members[i].value;
                struct keeping inner = thing_below(k, v->members[i].name);
                if (json_is(one, JSON_ARRAY)) {
                        keep_list(&inner, v->members[i].name, one, &more);
                        continue;
                }
                if (more)
                        buf_char(k->out, ',');
                more = true;
                keep_label(&inner, v->members[i].name, one);
        }
        buf_char(k->out, ']');
}

/* ---- the other way ---- */

static int days_of(const struct json *v)
{
        return v ? (int)json_int(v, -1) : -1;
}

static const struct str *texts_of(struct arena *a, const struct json *v, size_t *ret_n)
{
        size_t n = json_is(v, JSON_ARRAY) ? v->n : 0;
        struct str *list = arena_array(a, struct str, n + 1);
        for (size_t i = 0; i < n; i++)
                list[i] = json_text(&v->items[i]);
        *ret_n = n;
        return list;
}

static void read_label(const struct json *v, struct input_label *ret)
{
        const struct json *dose = json_get(v, "dose");
        *ret = (struct input_label){
                .crop = json_str(v, "crop"), .target = json_str(v, "target"), .interval_days = days_of(json_get(v, "intervalDays")), .max_uses = days_of(json_get(v, "maxUses")),
                .dose_min = json_text(json_get(dose, "min")), .dose_max = json_text(json_get(dose, "max")), .dose_uom = json_str(dose, "uom"),
        };
}

/* Where nobody said what it is: what has a registration of a pesticide (PD, WP …) or active ingredients is one. */
static struct str category_of(const struct json *body, size_t n_ingredients)
{
        struct str said = json_str(body, "category"), number = json_str(body, "registrationNumber");
        if (said.n)
                return said;
        return n_ingredients || str_starts(number, STR("PD")) || str_starts(number, STR("LS")) || str_starts(number, STR("WP")) ? STR("pesticide") : STR("other");
}

void input_read(struct arena *a, struct str code, struct str canonical, const struct json *body, struct input_facts *ret)
{
        const struct json *labels = json_get(body, "labels");
        size_t n = json_is(labels, JSON_ARRAY) ? labels->n : 0;
        struct input_label *list = arena_array(a, struct input_label, n + 1);
        *ret = (struct input_facts){
                .code = code, .canonical = canonical, .name = json_str(body, "name"), .registration = json_str(body, "registrationNumber"),
                .interval_days = days_of(json_get(body, "intervalDays")), .labels = list, .n_labels = n,
        };
        ret->ingredients = texts_of(a, json_get(body, "activeIngredients"), &ret->n_ingredients);
        ret->category = category_of(body, ret->n_ingredients);
        for (size_t i = 0; i < n; i++)
                read_label(&labels->items[i], &list[i]);
}
