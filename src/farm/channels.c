#include "base/decimal.h"
#include "base/limits.h"
#include "farm/thing_impl.h"

/* What a device's channels are (docs/ref/devices.md): `channels: [{code, name?, quantity?, unit?, range?: {min?, max?}, resolution?, keepDays?, calibration?: [{date, …}],
 * bands?: [{crop?, stage?, min?, max?}], …}]`, or by code {"t1": {…}}.  What else a channel says is kept: other versions and models know more. */

static bool number_is(const struct json *v)
{
        struct decimal d;
        return json_is(v, JSON_NUMBER) && decimal_read(json_text(v), &d);
}

static void check_numbers(const struct keeping *k, const struct json *v, const char *const *names, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                const struct json *x = json_get(v, names[i]);
                struct keeping inner = thing_below(k, str_of(names[i]));
                if (x && !json_is(x, JSON_NULL) && !number_is(x))
                        thing_wrong(&inner, CODE_WRONG_KIND, "this is a number");
        }
}

static void check_texts(const struct keeping *k, const struct json *v, const char *const *names, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                const struct json *x = json_get(v, names[i]);
                struct keeping inner = thing_below(k, str_of(names[i]));
                if (x && !json_is(x, JSON_NULL) && (!json_is(x, JSON_STRING) || x->n > 200))
                        thing_wrong(&inner, CODE_WRONG_KIND, "this is a text of at most 200 bytes");
        }
}

/* {min?, max?} in their order. */
static void check_bounds(const struct keeping *k, const struct json *v)
{
        static const char *const bounds[] = { "min", "max" };
        struct decimal low, high;
        if (!json_is(v, JSON_OBJECT)) {
                thing_wrong(k, CODE_WRONG_KIND, "this is an object {\"min\", \"max\"}");
                return;
        }
        check_numbers(k, v, bounds, 2);
        if (number_is(json_get(v, "min")) && number_is(json_get(v, "max")) && decimal_read(json_text(json_get(v, "min")), &low) &&
            decimal_read(json_text(json_get(v, "max")), &high) && decimal_cmp(low, high) > 0)
                thing_wrong(k, CODE_OUT_OF_RANGE, "min is above max");
}

static void check_list(const struct keeping *k, const struct json *channel, const char *name, bool bounds)
{
        const struct json *list = json_get(channel, name);
        struct keeping at = thing_below(k, str_of(name));
        if (!list || json_is(list, JSON_NULL))
                return;
        if (!json_is(list, JSON_ARRAY) || list->n > LIMIT_THING_LIST) {
                thing_wrong(&at, CODE_WRONG_KIND, "this is a list of at most %d objects", LIMIT_THING_LIST);
                return;
        }
        for (uint32_t i = 0; i < list->n; i++) {
                struct keeping one = thing_entry(&at, i);
                if (!json_is(&list->items[i], JSON_OBJECT))
                        thing_wrong(&one, CODE_WRONG_KIND, "this is an object { … }");
                else if (bounds)
                        check_bounds(&one, &list->items[i]);
                else if (!json_str(&list->items[i], "date").n)
                        thing_wrong(&one, CODE_MISSING_MEMBER, "the member date is missing");
        }
}

/* How long its readings are kept: whole days. */
static void check_days(const struct keeping *k, const struct json *v)
{
        struct keeping at = thing_below(k, STR("keepDays"));
        const struct json *x = json_get(v, "keepDays");
        struct decimal d;
        if (x && !json_is(x, JSON_NULL) && (!json_is(x, JSON_NUMBER) || !decimal_read(json_text(x), &d) || d.scale || d.mantissa < 0 || d.mantissa > 100000))
                thing_wrong(&at, CODE_OUT_OF_RANGE, "this is a whole number of days, 0 (for ever) to 100000");
}

static bool good_code(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z') || (s.p[i] >= '0' && s.p[i] <= '9') || memchr("._:-", s.p[i], 4)))
                        return false;
        return s.n > 0 && s.n <= 64;
}

static void check_channel(const struct keeping *k, struct str code, const struct json *v)
{
        static const char *const texts[] = { "name", "nameEn", "nameHant", "quantity", "unit" }, *const numbers[] = { "resolution", "heightM", "depthM" };
        struct keeping range = thing_below(k, STR("range")), at = thing_below(k, STR("code"));
        if (!good_code(code))
                thing_wrong(&at, CODE_BAD_PATTERN, "a channel's code is 1 to 64 letters, digits and ._:-");
        check_texts(k, v, texts, sizeof texts / sizeof *texts);
        check_numbers(k, v, numbers, sizeof numbers / sizeof *numbers);
        if (json_get(v, "range") && !json_is(json_get(v, "range"), JSON_NULL))
                check_bounds(&range, json_get(v, "range"));
        check_days(k, v);
        check_list(k, v, "calibration", false);
        check_list(k, v, "bands", true);
}

static void keep_channel(const struct keeping *k, struct str code, const struct json *v)
{
        if (!json_is(v, JSON_OBJECT)) {
                thing_wrong(k, CODE_WRONG_KIND, "a channel is an object { … }");
                return;
        }
        check_channel(k, code, v);
        buf_z(k->out, "{\"code\":");
        json_write_str(k->out, code);
        for (uint32_t i = 0; i < v->n; i++) {
                if (str_is(v->members[i].name, "code") || json_is(&v->members[i].value, JSON_NULL))
                        continue;
                buf_char(k->out, ',');
                json_write_str(k->out, v->members[i].name);
                buf_char(k->out, ':');
                json_write(k->out, &v->members[i].value);
        }
        buf_char(k->out, '}');
}

static void check_twice(const struct keeping *k, const struct json *v)
{
        for (uint32_t i = 0; i < v->n; i++)
                for (uint32_t j = 0; j < i; j++)
                        if (str_eq(json_str(&v->items[i], "code"), json_str(&v->items[j], "code"))) {
                                struct keeping one = thing_entry(k, i);
                                thing_wrong(&one, CODE_REPEATED_ITEM, "another channel has this code");
                        }
}

void keep_channels(const struct keeping *k, const struct json *v)
{
        bool by_code = json_is(v, JSON_OBJECT);
        if ((!by_code && !json_is(v, JSON_ARRAY)) || v->n > LIMIT_DEVICE_CHANNELS) {
                thing_wrong(k, CODE_WRONG_KIND, "this is a list of at most %d channels", LIMIT_DEVICE_CHANNELS);
                return;
        }
        buf_char(k->out, '[');
        for (uint32_t i = 0; i < v->n; i++) {
                struct keeping one = by_code ? thing_below(k, v->members[i].name) : thing_entry(k, i);
                buf_z(k->out, i ? "," : "");
                keep_channel(&one, by_code ? v->members[i].name : json_str(&v->items[i], "code"), by_code ? &v->members[i].value : &v->items[i]);
        }
        buf_char(k->out, ']');
        if (!by_code)
                check_twice(k, v);
}
