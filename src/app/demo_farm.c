#include "app/demo_farm.h"

#include <string.h>

#include "app/ask.h"
#include "app/demo_devices.h"
#include "base/clock.h"
#include "base/json.h"

enum { DISTRICT_MIN = 480 };
#define FIRST_SEASON "/api/seasons/default/Rape2027"

/* ---- days ---- */

static void write_day(struct buf *out, int64_t us)
{
        struct civil c = civil_of(us, DISTRICT_MIN);
        buf_printf(out, "%04d-%02d-%02d", c.year, c.month, c.day);
}

static void write_time(struct buf *out, int64_t us)
{
        struct civil c = civil_of(us, DISTRICT_MIN);
        write_day(out, us);
        buf_printf(out, "T%02d:%02d:%02d+08:00", c.hour, c.minute, c.second);
}

/* What was done today stays today, also where the day is young: in its first ten hours the minutes are shorter. */
static int64_t before(int64_t moment_us, int64_t minutes)
{
        enum { FULL_MIN = 600 };
        struct civil c = civil_of(moment_us, DISTRICT_MIN);
        int64_t gone = c.hour * 60 + c.minute;
        return moment_us - (gone < FULL_MIN ? minutes * gone / FULL_MIN : minutes) * 60 * INT64_C(1000000);
}

/* "-12@", "~90@" behind an @: its length, or 0. */
static size_t mark(struct str s, bool *ret_minutes, int64_t *ret_n)
{
        size_t i = 0;
        bool below = false;
        *ret_minutes = s.n && s.p[0] == '~';
        if (i < s.n && (*ret_minutes || s.p[0] == '-' || s.p[0] == '+'))
                below = s.p[i++] == '-';
        size_t first = i;
        for (*ret_n = 0; i < s.n && i < first + 6 && s.p[i] >= '0' && s.p[i] <= '9'; i++)
                *ret_n = *ret_n * 10 + (s.p[i] - '0');
        if (below)
                *ret_n = -*ret_n;
        return i > first && i < s.n && s.p[i] == '@' ? i + 1 : 0;
}

void demo_farm_dates(struct buf *out, struct str text, int64_t moment_us)
{
        const int64_t day = 86400 * INT64_C(1000000);
        while (text.n) {
                const char *at = memchr(text.p, '@', text.n);
                size_t upto = at ? (size_t)(at - text.p) : text.n;
                bool minutes;
                int64_t n;
                buf_add(out, text.p, upto);
                text = str_from(text, upto + (at ? 1 : 0));
                size_t taken = at ? mark(text, &minutes, &n) : 0;
                if (at && !taken)
                        buf_char(out, '@');
                else if (at && minutes)
                        write_time(out, before(moment_us, n));
                else if (at)
                        write_day(out, moment_us + n * day);
                text = str_from(text, taken);
        }
}

/* ---- asking ---- */

/* The moment that an earlier run began from, or now: a second run says the same. */
static int find_moment(struct asking *x, struct arena *a, int64_t *ret, struct err *reterr)
{
        struct stamp s;
        struct str answer;
        const struct json *j;
        int status = ask_on(x, a, "GET", FIRST_SEASON, STR_NONE, &answer);
        *ret = clock_now_us();
        if (status == 404)
                return 0;
        if (status != 200 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return err_set(reterr, ERR_INTERNAL, "the demonstration's first season cannot be read");
        if (!stamp_read(json_str(j, "x-demonstrationAt"), &s))
                return err_set(reterr, ERR_CONFLICT, "there is a season Rape2027 here that is not the demonstration's: load it into a folder of its own");
        *ret = s.us;
        return 1;
}

static int count_one(const struct json *one, struct demo_farm_totals *t, struct err *reterr)
{
        struct str status = json_text(json_get(one, "status"));
        t->captured += str_is(status, "201");
        t->known += str_is(status, "200");
        if (str_is(status, "201") || str_is(status, "200"))
                return 0;
        const struct json *errors = json_get(one, "errors"), *first = json_is(errors, JSON_ARRAY) && errors->n ? &errors->items[0] : NULL;
        struct str id = json_str(one, "id"), why = first ? json_str(first, "message") : json_str(one, "detail"), where = first ? json_str(first, "pointer") : STR_NONE;
        return err_set(reterr, ERR_INTERNAL, "the demonstration's act %.*s is refused: %.*s %.*s", STR_ARG(id), (int)where.n, where.p ? where.p : "", STR_ARG(why));
}

static int ask_for(struct asking *x, struct arena *a, const struct json *ask, struct demo_farm_totals *t, struct err *reterr)
{
        struct buf body = { .max = 4 * 1024 * 1024 };
        struct str answer, path = json_str(ask, "path");
        const struct json *j;
        json_write(&body, json_get(ask, "body"));
        int status = ask_on(x, a, arena_cstr(a, json_str(ask, "method")), arena_cstr(a, path), buf_view(&body), &answer);
        buf_free(&body);
        if (status < 200 || status > 299)
                return err_set(reterr, ERR_INTERNAL, "the demonstration's %.*s is answered with %d: %.*s", STR_ARG(path), status, (int)(answer.n < 300 ? answer.n : 300), answer.p ? answer.p : "");
        if (!str_is(path, "/api/acts"))
                return 0;
        if (json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return -1;
        for (uint32_t i = 0; i < j->n; i++)
                if (count_one(&j->items[i], t, reterr) < 0)
                        return -1;
        return 0;
}

/* What is stated anew each time it is put (the organisation, people, products) is put once, before the first season stands. */
static int ask_all(struct asking *x, struct arena *a, struct str asks, int64_t *ret_moment, struct demo_farm_totals *t, struct err *reterr)
{
        struct buf text = { .max = 4 * 1024 * 1024 };
        const struct json *list;
        int64_t moment;
        int again = find_moment(x, a, &moment, reterr);
        if (again < 0)
                return -1;
        *ret_moment = moment;
        demo_farm_dates(&text, asks, moment);
        int rc = json_read(a, text.p, text.n, NULL, &list, reterr);
        for (uint32_t i = 0; rc == 0 && i < list->n; i++) {
                struct str path = json_str(&list->items[i], "path");
                if (!again || str_is(path, "/api/seasons") || str_is(path, "/api/acts"))
                        rc = ask_for(x, a, &list->items[i], t, reterr);
        }
        buf_free(&text);
        return rc;
}

int demo_farm_load(struct store *store, struct ledger *ledger, struct str asks, struct demo_farm_totals *ret, struct err *reterr)
{
        struct asking *x;
        if (ask_begin(store, ledger, &x, reterr) < 0)
                return -1;
        struct arena *a = arena_new();
        int64_t moment = 0;
        int rc = ask_all(x, a, asks, &moment, ret, reterr);
        if (rc == 0)
                rc = demo_devices_load(x, ask_series(x), store_dir(store), moment, &ret->readings, reterr);
        arena_free(a);
        ask_end(x);
        return rc;
}
