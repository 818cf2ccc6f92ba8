#include "push/schedule.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"

enum { SECOND = 1, MINUTE = 60, HOUR = 3600, DAY = 86400 };
#define US INT64_C(1000000)

/* From the finest to the coarsest. */
static const struct field { const char *name; int low, high; } fields[] = {
        { "second", 0, 59 }, { "minute", 0, 59 }, { "hour", 0, 23 }, { "dayOfMonth", 1, 31 }, { "month", 1, 12 }, { "dayOfWeek", 1, 7 },
};
enum { F_SECOND, F_MINUTE, F_HOUR, F_DAY, F_MONTH, F_WEEKDAY, FIELDS };

static bool read_number(struct str s, const struct field *f, int *ret)
{
        int v = 0;
        if (!s.n || s.n > 2)
                return false;
        for (size_t i = 0; i < s.n; i++) {
                if (s.p[i] < '0' || s.p[i] > '9')
                        return false;
                v = v * 10 + (s.p[i] - '0');
        }
        *ret = v;
        return v >= f->low && v <= f->high;
}

/* "n" or "[a-b]". */
static bool read_part(struct str s, const struct field *f, uint64_t *bits)
{
        int from, to;
        struct str rest, head;
        if (s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']') {
                rest = (struct str){ s.p + 1, s.n - 2 };
                if (!str_split(&rest, '-', &head) || !read_number(head, f, &from) || !rest.p || !read_number(rest, f, &to) || from > to)
                        return false;
        } else if (!read_number(s, f, &from)) {
                return false;
        } else {
                to = from;
        }
        for (int v = from; v <= to; v++)
                *bits |= UINT64_C(1) << v;
        return true;
}

static int refuse(const char *member, struct err *reterr)
{
        char pointer[80];
        snprintf(pointer, sizeof pointer, "/schedule/%.60s", member);
        err_set(reterr, ERR_BAD_SUBSCRIPTION, "%.60s of a schedule is a text of values or ranges between commas, like \"0,15,[30-40]\", within its bounds "
                "(second, minute 0-59; hour 0-23; dayOfMonth 1-31; month 1-12; dayOfWeek 1-7, Monday is 1)", member);
        return err_at(reterr, pointer);
}

static int read_field(const struct json *object, const struct field *f, uint64_t *ret, struct err *reterr)
{
        const struct json *v = json_get(object, f->name);
        struct str rest, part;
        *ret = 0;
        if (!v)
                return 0;
        rest = json_text(v);
        if (!json_is(v, JSON_STRING) || !rest.n || rest.n > 400)
                return refuse(f->name, reterr);
        while (str_split(&rest, ',', &part))
                if (!read_part(str_trim(part), f, ret))
                        return refuse(f->name, reterr);
        return 0;
}

static int known_members(const struct json *object, struct err *reterr)
{
        for (uint32_t i = 0; i < object->n; i++) {
                bool known = false;
                for (int f = 0; f < FIELDS; f++)
                        known = known || str_is(object->members[i].name, fields[f].name);
                if (!known)
                        return err_set(reterr, ERR_BAD_SUBSCRIPTION, "a schedule has second, minute, hour, dayOfMonth, month and dayOfWeek, not \"%.*s\"",
                                       (int)(object->members[i].name.n < 60 ? object->members[i].name.n : 60), object->members[i].name.p);
        }
        return 0;
}

static uint64_t every_value(const struct field *f)
{
        uint64_t bits = 0;
        for (int v = f->low; v <= f->high; v++)
                bits |= UINT64_C(1) << v;
        return bits;
}

int schedule_read(const struct json *object, struct schedule *ret, struct err *reterr)
{
        uint64_t bits[FIELDS];
        bool finer_given = false;

        *ret = (struct schedule){ 0 };
        if (!json_is(object, JSON_OBJECT) || !object->n)
                return err_set(reterr, ERR_BAD_SUBSCRIPTION, "a schedule is an object with at least one of second, minute, hour, dayOfMonth, month, dayOfWeek");
        if (known_members(object, reterr) < 0)
                return -1;
        for (int f = 0; f < FIELDS; f++)
                if (read_field(object, &fields[f], &bits[f], reterr) < 0)
                        return -1;
        for (int f = 0; f < FIELDS; f++) {
                if (bits[f])
                        finer_given = true;
                else    /* days and months have no finer order among each other */
                        bits[f] = f <= F_HOUR && !finer_given ? 1 : every_value(&fields[f]);
        }
        *ret = (struct schedule){ bits[F_SECOND], bits[F_MINUTE], (uint32_t)bits[F_HOUR], (uint32_t)bits[F_DAY], (uint32_t)bits[F_MONTH],
                                  (uint8_t)bits[F_WEEKDAY] };
        if (!schedule_next(ret, 0))
                return err_set(reterr, ERR_BAD_SUBSCRIPTION, "this schedule never comes");
        return 0;
}

/* The first set bit from `from` on, -1 when there is none. */
static int next_bit(uint64_t bits, int from)
{
        if (from > 63 || !(bits >> from))
                return -1;
        return from + __builtin_ctzll(bits >> from);
}

/* The first time of day at or after `from` seconds, -1 when there is none any more. */
static int next_in_day(const struct schedule *s, int from)
{
        int h = next_bit(s->hour, from / HOUR), m, sec;
        if (h == from / HOUR) {
                m = next_bit(s->minute, from / MINUTE % 60);
                if (m == from / MINUTE % 60 && (sec = next_bit(s->second, from % 60)) >= 0)
                        return h * HOUR + m * MINUTE + sec;
                if (m == from / MINUTE % 60)
                        m = next_bit(s->minute, m + 1);
                if (m >= 0)
                        return h * HOUR + m * MINUTE + next_bit(s->second, 0);
                h = next_bit(s->hour, h + 1);
        }
        return h < 0 ? -1 : h * HOUR + next_bit(s->minute, 0) * MINUTE + next_bit(s->second, 0);
}

static bool runs_on(const struct schedule *s, int64_t day)
{
        struct civil c = civil_of(day * DAY * US, 0);
        int weekday = (int)((day + 3) % 7) + 1;         /* 1970-01-01 was a Thursday */
        return (s->month >> c.month & 1) && (s->day >> c.day & 1) && (s->weekday >> weekday & 1);
}

int64_t schedule_next(const struct schedule *s, int64_t after_us)
{
        enum { DAYS = 41 * 366 };       /* 29 February on one weekday: 40 years around 2100 */
        int64_t from = after_us / US + 1, day = from / DAY;
        int in_day = (int)(from % DAY);
        for (int i = 0; i < DAYS; i++, day++, in_day = 0) {
                int at = runs_on(s, day) ? next_in_day(s, in_day) : -1;
                if (at >= 0)
                        return (day * DAY + at) * US;
        }
        return 0;
}
