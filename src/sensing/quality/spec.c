#include "sensing/quality/quality_impl.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"

/* A device's description, with what its channels' quantities say where it is silent. */

static double number(const struct json *o, const char *name, double otherwise)
{
        const struct json *v = json_get(o, name);
        struct decimal d;
        return json_is(v, JSON_NUMBER) && decimal_read(json_text(v), &d) ? decimal_double(d) : otherwise;
}

static int64_t minutes(const struct json *o, const char *name, int64_t otherwise_ms)
{
        double m = number(o, name, -1);
        return m < 0 || m > 1e6 ? otherwise_ms : (int64_t)(m * 60000);
}

static int64_t seconds(const struct json *o, const char *name)
{
        double s = number(o, name, 0);
        return s > 0 && s < 1e7 ? (int64_t)(s * 1000) : 0;
}

/* "22:00" as minutes of the day, NO_TIME. */
static int time_of_day(struct str s)
{
        static const char form[] = "00:00";
        if (s.n != sizeof form - 1 || s.p[2] != ':')
                return NO_TIME;
        for (size_t i = 0; i < s.n; i++)
                if (i != 2 && (s.p[i] < '0' || s.p[i] > '9'))
                        return NO_TIME;
        int h = (s.p[0] - '0') * 10 + s.p[1] - '0', m = (s.p[3] - '0') * 10 + s.p[4] - '0';
        return h < 24 && m < 60 ? h * 60 + m : NO_TIME;
}

static void read_stages(struct arena *a, const struct json *list, struct alarm_rule *ret)
{
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n && ret->n_stages < ALARM_STAGES; i++)
                if (list->items[i].kind == JSON_STRING)
                        ret->stages[ret->n_stages++] = arena_str(a, json_text(&list->items[i]));
}

static void read_quiet(const struct json *pair, struct alarm_rule *ret)
{
        bool both = json_is(pair, JSON_ARRAY) && pair->n == 2;
        ret->quiet_from = both ? time_of_day(json_text(&pair->items[0])) : NO_TIME;
        ret->quiet_to = both ? time_of_day(json_text(&pair->items[1])) : NO_TIME;
}

/* {"name": …, "below" or "above": number, "clear": number, "minutes": number, "stages": […], "quiet": ["22:00", "06:00"]} */
static bool read_alarm(struct arena *a, const struct json *o, struct alarm_rule *ret)
{
        const char *side = json_get(o, "below") ? "below" : "above";
        *ret = (struct alarm_rule){ .below = *side == 'b', .at = number(o, side, NAN) };
        if (isnan(ret->at))
                return false;
        ret->clear = number(o, "clear", ret->at);
        if (ret->below ? ret->clear < ret->at : ret->clear > ret->at)
                ret->clear = ret->at;
        struct str title = arena_str(a, json_str(o, "name"));
        if (!title.n)
                title = arena_printf(a, "%s %g", side, ret->at);
        for (int l = 0; l < LANGS; l++)
                ret->title[l] = title;
        ret->name = (struct str){ title.p, title.n < ALARM_NAME ? title.n : ALARM_NAME };
        ret->name.n = utf8_valid_to(ret->name);
        double hours = number(o, "meanHours", 0);
        ret->mean_hours = hours >= 1 && hours <= MEAN_HOURS ? (int)hours : 0;
        ret->for_ms = minutes(o, "minutes", 0);
        read_stages(a, json_get(o, "stages"), ret);
        read_quiet(json_get(o, "quiet"), ret);
        return true;
}

enum { SILENT_MS = 60 * 60000, SOON_MS = 15 * 60000 };

/* STR() is no constant for a table. */
#define TEXT(z) { z, sizeof z - 1 }
enum { BELOW = true, ABOVE = false };
static const struct { const char *quantity; struct alarm_rule rule; } usual[] = {
#define ALARM(of, name_, side, at_, clear_, minutes_, hours, hans, hant, en) \
        { of, { .name = TEXT(name_), .title = { TEXT(hans), TEXT(hant), TEXT(en) }, .below = side, .at = at_, .clear = clear_, .for_ms = minutes_ * INT64_C(60000), \
                           .mean_hours = hours, .quiet_from = NO_TIME, .quiet_to = NO_TIME } },
#include "sensing/quality/alarms.def"
#undef ALARM
};

static void usual_alarms(struct channel_spec *ret)
{
        for (size_t i = 0; ret->quantity && i < sizeof usual / sizeof *usual; i++)
                if (strcmp(usual[i].quantity, ret->quantity->name) == 0) {
                        ret->alarms = &usual[i].rule;
                        ret->n_alarms = 1;
                }
}

/* A description without alarms has the usual ones; with an empty list none. */
static void read_alarms(struct arena *a, const struct json *list, struct channel_spec *ret)
{
        if (!json_is(list, JSON_ARRAY)) {
                usual_alarms(ret);
                return;
        }
        uint32_t most = list->n < LIMIT_CHANNEL_ALARMS ? list->n : LIMIT_CHANNEL_ALARMS;
        struct alarm_rule *rules = arena_array(a, struct alarm_rule, most + 1);
        for (uint32_t i = 0; i < most; i++)
                ret->n_alarms += read_alarm(a, &list->items[i], &rules[ret->n_alarms]);
        ret->alarms = rules;
}

/* In a language in which it has no name of its own the one it has is better than its quantity's: that one its neighbours bear too. */
static void read_name(struct arena *a, const struct json *o, struct str ret[LANGS])
{
        static const char *const members[LANGS] = { [LANG_HANS] = "name", [LANG_HANT] = "nameHant", [LANG_EN] = "nameEn" };
        for (int l = 0; l < LANGS; l++) {
                struct str own = json_str(o, members[l]);
                ret[l] = arena_str(a, own.n ? own : json_str(o, "name"));
        }
}

static struct channel_spec read_channel(struct arena *a, struct str code, const struct json *o)
{
        const struct quantity *q = quantity_find(json_str(o, "quantity"));
        q = q ? q : quantity_of_channel(code);
        struct channel_spec s = { .code = arena_str(a, code), .quantity = q, .sign = str_of(q ? q->sign : "") };
        read_name(a, o, s.name);
        s.lowest = number(json_get(o, "range"), "min", q ? q->lowest : -HUGE_VAL);
        s.highest = number(json_get(o, "range"), "max", q ? q->highest : HUGE_VAL);
        s.rate = number(o, "maxRate", q ? q->rate : 0);
        s.still_ms = minutes(o, "stillMinutes", q ? q->still_minutes * INT64_C(60000) : 0);
        s.every_ms = seconds(o, "everySeconds");
        if (json_str(o, "sign").n)
                s.sign = arena_str(a, json_str(o, "sign"));
        read_alarms(a, json_get(o, "alarms"), &s);
        return s;
}

int64_t device_silent_ms(const struct json *detail)
{
        int64_t every_ms = seconds(detail, "everySeconds");
        return minutes(detail, "silentMinutes", !every_ms ? SILENT_MS : 3 * every_ms > SOON_MS ? 3 * every_ms : SOON_MS);
}

/* A list of objects with their code, or an object by code. */
static const struct json *channel_at(const struct json *list, size_t i, struct str *ret_code)
{
        const struct json *o = list->kind == JSON_ARRAY ? &list->items[i] : &list->members[i].value;
        *ret_code = list->kind == JSON_ARRAY ? json_str(o, "code") : list->members[i].name;
        return o;
}

struct device_spec *device_spec_read(struct arena *a, struct str id, const struct json *detail)
{
        const struct json *list = json_get(detail, "channels");
        bool several = json_is(list, JSON_ARRAY) || json_is(list, JSON_OBJECT);
        size_t n = several ? list->n < LIMIT_DEVICE_CHANNELS ? list->n : LIMIT_DEVICE_CHANNELS : 0;
        int64_t every_ms = seconds(detail, "everySeconds");
        struct device_spec *s = arena_array(a, struct device_spec, 1);
        s->id = arena_str(a, id);
        s->silent_ms = device_silent_ms(detail);
        s->channels = arena_array(a, struct channel_spec, n + 1);
        for (size_t i = 0; i < n; i++) {
                struct str code;
                const struct json *o = channel_at(list, i, &code);
                if (!code.n)
                        continue;
                s->channels[s->n] = read_channel(a, code, o);
                if (!s->channels[s->n].every_ms)
                        s->channels[s->n].every_ms = every_ms;
                s->n++;
        }
        return s;
}

struct channel_spec channel_spec_of(struct arena *a, struct str code)
{
        return read_channel(a, code, NULL);
}
