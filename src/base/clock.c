#include "base/clock.h"

#include <assert.h>
#include <time.h>

#define DAY_US (86400 * (int64_t)1000000)

/* 0001-01-01T00:00:00Z and the first moment of the year 10000. */
#define FIRST_US (-719162 * DAY_US)
#define END_US (2932897 * DAY_US)

static int64_t read_clock(clockid_t id)
{
        struct timespec t;

        clock_gettime(id, &t);
        return t.tv_sec * (int64_t)1000000 + t.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
        return read_clock(CLOCK_REALTIME);
}

int64_t clock_mono_us(void)
{
        return read_clock(CLOCK_MONOTONIC);
}

static int64_t floor_div(int64_t a, int64_t b)
{
        return a / b - (a % b < 0);
}

/* Days since 1970 of a Gregorian date.  Years start in March here, so that the leap day comes last
 * and the days before a month are a straight line (Hinnant, "chrono-compatible low-level date
 * algorithms"). */
static int64_t days_of(int year, int month, int day)
{
        int y = month > 2 ? year : year - 1;
        int era = (int)floor_div(y, 400), of_era = y - era * 400;
        int of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

        return era * (int64_t)146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(int64_t days, struct civil *ret)
{
        int64_t era = floor_div(days + 719468, 146097);
        int of_era = (int)(days + 719468 - era * 146097);
        int y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
        int of_year = of_era - (365 * y + y / 4 - y / 100);
        int m = (5 * of_year + 2) / 153;

        ret->day = of_year - (153 * m + 2) / 5 + 1;
        ret->month = m < 10 ? m + 3 : m - 9;
        ret->year = (int)(y + era * 400 + (ret->month <= 2));
        ret->day_number = days;
}

static int month_days(int year, int month)
{
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

        return days[month - 1] + (month == 2 && leap);
}

struct civil civil_of(int64_t us, int offset_min)
{
        struct civil c;
        int64_t local = us + offset_min * (int64_t)60000000;
        int64_t day = floor_div(local, DAY_US);
        int s = (int)((local - day * DAY_US) / 1000000);

        date_of(day, &c);
        c.hour = s / 3600;
        c.minute = s / 60 % 60;
        c.second = s % 60;
        return c;
}

/* Cuts `n` digits off the front; -1 when they are not there. */
static int number(struct str *s, size_t n)
{
        int v = 0;

        if (s->n < n)
                return -1;
        for (size_t i = 0; i < n; i++) {
                if (s->p[i] < '0' || s->p[i] > '9')
                        return -1;
                v = v * 10 + (s->p[i] - '0');
        }
        *s = (struct str){ s->p + n, s->n - n };
        return v;
}

static bool mark(struct str *s, const char *any)
{
        if (s->n == 0 || s->p[0] == '\0' || !strchr(any, s->p[0]))
                return false;
        *s = (struct str){ s->p + 1, s->n - 1 };
        return true;
}

static bool within(int v, int low, int high)
{
        return v >= low && v <= high;
}

/* ±hh:mm, nothing after it. */
static bool numeric_offset(struct str s, int16_t *ret)
{
        bool west = s.n && s.p[0] == '-';

        if (!mark(&s, "+-"))
                return false;
        int h = number(&s, 2);
        if (!within(h, 0, 23) || !mark(&s, ":"))
                return false;
        int m = number(&s, 2);
        if (!within(m, 0, 59) || s.n)
                return false;
        *ret = (int16_t)(west ? -(h * 60 + m) : h * 60 + m);
        return true;
}

bool offset_read(struct str s, int16_t *ret_minutes)
{
        int16_t minutes;

        if (!numeric_offset(s, &minutes) || minutes > 14 * 60 || minutes < -14 * 60)
                return false;
        *ret_minutes = minutes;
        return true;
}

/* ".123…" to microseconds, half up: 1000000 is possible.  No fraction is 0, a lone point is -1. */
static int fraction(struct str *s)
{
        int us = 0, unit = 100000, digits = 0;
        bool up = false;

        if (!mark(s, "."))
                return 0;
        for (int d; (d = number(s, 1)) >= 0; digits++) {
                us += d * unit;
                up |= digits == 6 && d >= 5;
                unit /= 10;
        }
        return digits ? us + up : -1;
}

/* Leap seconds are put in at the end of a month of UTC. */
static bool ends_month(int64_t us)
{
        struct civil c = civil_of(us, 0);

        return c.hour == 23 && c.minute == 59 && c.second == 59 && c.day == month_days(c.year, c.month);
}

static bool date_read(struct str *s, int64_t *ret_days)
{
        int year = number(s, 4);
        if (year < 1 || !mark(s, "-"))
                return false;
        int month = number(s, 2);
        if (!within(month, 1, 12) || !mark(s, "-"))
                return false;
        int day = number(s, 2);
        if (!within(day, 1, month_days(year, month)))
                return false;
        *ret_days = days_of(year, month, day);
        return true;
}

static bool time_read(struct str *s, int *ret_second, int *ret_us)
{
        int hour = number(s, 2);
        if (!within(hour, 0, 23) || !mark(s, ":"))
                return false;
        int minute = number(s, 2);
        if (!within(minute, 0, 59) || !mark(s, ":"))
                return false;
        int second = number(s, 2);
        if (!within(second, 0, 60))
                return false;
        *ret_second = hour * 3600 + minute * 60 + second;
        *ret_us = fraction(s);
        return *ret_us >= 0;
}

static bool zone_read(struct str s, int16_t *ret)
{
        if (mark(&s, "Zz")) {
                *ret = 0;
                return s.n == 0;
        }
        return numeric_offset(s, ret);
}

bool stamp_read(struct str s, struct stamp *ret)
{
        int64_t days;
        int second, us;
        int16_t offset;

        if (!date_read(&s, &days) || !mark(&s, "Tt"))
                return false;
        bool leap = s.n >= 8 && s.p[6] == '6' && s.p[7] == '0';
        if (!time_read(&s, &second, &us) || !zone_read(s, &offset))
                return false;

        int64_t whole = days * DAY_US + (second - offset * 60) * (int64_t)1000000;
        if (leap && !ends_month(whole - 1000000))
                return false;
        if (whole + us < FIRST_US || whole + us >= END_US)
                return false;
        *ret = (struct stamp){ whole + us, offset };
        return true;
}

static char *put(char *p, int v, int digits)
{
        for (int i = digits; i-- > 0; v /= 10)
                p[i] = (char)('0' + v % 10);
        return p + digits;
}

struct str stamp_utc(struct arena *a, int64_t us)
{
        char text[32], *p = text;

        assert(us >= FIRST_US && us < END_US);
        struct civil c = civil_of(us, 0);
        int micro = (int)(us - floor_div(us, 1000000) * 1000000);

        p = put(p, c.year, 4);
        *p++ = '-';
        p = put(p, c.month, 2);
        *p++ = '-';
        p = put(p, c.day, 2);
        *p++ = 'T';
        p = put(p, c.hour, 2);
        *p++ = ':';
        p = put(p, c.minute, 2);
        *p++ = ':';
        p = put(p, c.second, 2);
        *p++ = '.';
        p = micro % 1000 ? put(p, micro, 6) : put(p, micro / 1000, 3);
        *p++ = 'Z';
        return arena_str(a, (struct str){ text, (size_t)(p - text) });
}

bool day_read(struct str s, int *ret)
{
        int y, m = 0, d = 0;
        if ((y = number(&s, 4)) < 1 || !mark(&s, "-") || !within(m = number(&s, 2), 1, 12) || !mark(&s, "-") ||
            !within(d = number(&s, 2), 1, month_days(y, m)) || s.n)
                return false;
        *ret = (int)days_of(y, m, d);
        return true;
}

struct str day_text(struct arena *a, int day)
{
        struct civil c = civil_of(day * DAY_US, 0);
        return arena_printf(a, "%04d-%02d-%02d", c.year, c.month, c.day);
}
