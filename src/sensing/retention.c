#include "sensing/retention.h"

#include <stdlib.h>
#include <time.h>

#include "base/background.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/oom.h"
#include "sensing/sensing_impl.h"
#include "store/sql_names.h"

/* Readings that are old enough go, once a day.  Of several servers on one database one does it: who moves the mark. */

enum { LOOK_S = 60 };
#define DAY_MS (24 * INT64_C(3600000))

/* ---- what a description says ---- */

static int64_t days_said(const struct json *o)
{
        int64_t days = json_int(json_get(o, "keepDays"), 0);
        return days > 0 ? days : 0;
}

int64_t keep_days(const struct json *detail, struct str channel, int64_t least)
{
        const struct json *list = json_get(detail, "channels");
        int64_t days = days_said(detail);
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++)
                if (str_eq(json_str(&list->items[i], "code"), channel) && json_get(&list->items[i], "keepDays"))
                        days = days_said(&list->items[i]);
        return days && days < least ? least : days;
}

static void check_one(struct arena *a, const struct json *o, struct str at, int64_t least, struct faults *f)
{
        int64_t days = days_said(o);
        if (days && days < least)
                faults_tell(a, f, CODE_OUT_OF_RANGE, at, "读数是证据，至少保存 %lld 天（运营者可用 --keep-days-least 另定） / readings are evidence: they are kept for at least %lld days, unless the operator says otherwise by --keep-days-least",
                            (long long)least, (long long)least);
}

void keep_days_check(struct arena *a, const struct json *detail, int64_t least, struct faults *f)
{
        const struct json *list = json_get(detail, "channels");
        check_one(a, detail, STR("/keepDays"), least, f);
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++)
                check_one(a, &list->items[i], arena_printf(a, "/channels/%u/keepDays", i), least, f);
}

/* ---- one device ---- */

int retention_due(struct series *x, struct arena *a, struct str device, const struct json *detail, int64_t least, int64_t now_ms, struct kept_channel **ret, size_t *ret_n, struct err *reterr)
{
        struct channel_state *said;
        size_t n;
        *ret_n = 0;
        if (series_channels(x, a, device, &said, &n, reterr) < 0)
                return -1;
        *ret = arena_array(a, struct kept_channel, n + 1);
        for (size_t i = 0; i < n; i++) {
                int64_t days = keep_days(detail, said[i].channel, least);
                struct kept_channel k = { .channel = said[i].channel, .days = days, .before_ms = now_ms - days * DAY_MS };
                if (!days)
                        continue;
                if (said[i].first_ms < k.before_ms && series_due(x, device, k.channel, k.before_ms, &k.due, reterr) < 0)
                        return -1;
                (*ret)[(*ret_n)++] = k;
        }
        return 0;
}

int64_t retention_apply(struct series *x, struct str device, const struct kept_channel *list, size_t n, struct err *reterr)
{
        int64_t hours = 0;
        for (size_t i = 0; i < n; i++) {
                if (!list[i].due.hours)
                        continue;
                if (series_retain(x, device, list[i].channel, list[i].before_ms, KEEP_HOURS, reterr) < 0)
                        return -1;
                hours += list[i].due.hours;
                log_line(LOG_INFO, "series.retained", "device=%s channel=%s hours=%lld days=%lld", log_quote(device.p, device.n), log_quote(list[i].channel.p, list[i].channel.n), (long long)list[i].due.hours,
                         (long long)list[i].days);
        }
        return hours;
}

/* ---- who asks for one ---- */

static void write_one(struct arena *a, struct buf *b, const struct kept_channel *k)
{
        buf_z(b, "{\"channel\":");
        json_write_str(b, k->channel);
        buf_printf(b, ",\"keepDays\":%lld,\"before\":", (long long)k->days);
        json_write_str(b, stamp_utc(a, k->before_ms * 1000));
        buf_printf(b, ",\"hours\":%lld", (long long)k->due.hours);
        if (k->due.hours) {
                buf_z(b, ",\"first\":");
                json_write_str(b, stamp_utc(a, k->due.first_ms * 1000));
        }
        buf_char(b, '}');
}

struct trail { struct request *q; const struct device_row *device; };

static int write_trail(struct db *db, void *ctx, struct err *reterr)
{
        const struct trail *t = ctx;
        return access_audit(db, t->q, t->device->org, STR("device.retain"), t->device->id, STR(""), reterr);
}

int sensing_retention(struct sensing *g, struct request *q, struct str id, bool apply, struct buf *b, struct err *reterr)
{
        struct device_row d;
        const struct json *detail;
        struct kept_channel *list;
        size_t n;
        if (sensing_device_seen(g, q, id, apply, &d, reterr) < 0 || json_read(q->arena, d.detail.p, d.detail.n, NULL, &detail, reterr) < 0 ||
            retention_due(g->series, q->arena, d.id, detail, g->keep_days_least, clock_now_us() / 1000, &list, &n, reterr) < 0)
                return -1;
        if (apply && (retention_apply(g->series, d.id, list, n, reterr) < 0 || ledger_act(g->ledger, write_trail, &(struct trail){ q, &d }, reterr) < 0))
                return -1;
        buf_z(b, "{\"channels\":[");
        for (size_t i = 0; i < n; i++) {
                buf_z(b, i ? "," : "");
                write_one(q->arena, b, &list[i]);
        }
        buf_z(b, "]}\n");
        return 0;
}

/* ---- every day ---- */

struct retention {
        struct sensing *g;
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t wake;
        _Atomic bool stop;
};

struct turn { int64_t now_ms; bool ours; };

static int read_mark(struct db *db, int64_t *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_device_mark, DB_ARGS(db_t(STR("retained"))), &row, reterr);
        *ret = rc == 1 ? db_int(row, 0) : 0;
        db_done(db, SQL_device_mark);
        return rc < 0 ? -1 : 0;
}

bool retention_day_over(int64_t mark_ms, int64_t now_ms)
{
        int64_t marked = mark_ms / DAY_MS, today = now_ms / DAY_MS;
        return today > marked || today < marked - 1;
}

static int take_turn(struct db *db, void *ctx, struct err *reterr)
{
        struct turn *t = ctx;
        int64_t turn, mark;
        if (db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0 || read_mark(db, &mark, reterr) < 0)
                return -1;
        t->ours = retention_day_over(mark, t->now_ms);
        return t->ours ? db_run(db, SQL_device_mark_set, DB_ARGS(db_t(STR("retained")), db_i(t->now_ms)), reterr) : 0;
}

/* 1: this day's pass is ours, 0: it was made, -1. */
static int is_ours(struct sensing *g, struct err *reterr)
{
        struct turn t = { .now_ms = clock_now_us() / 1000 };
        struct reader *r;
        int64_t mark;
        if (reader_begin(g->store, &r, reterr) < 0)
                return -1;
        int rc = read_mark(reader_db(r), &mark, reterr);
        reader_end(r);
        if (rc < 0 || !retention_day_over(mark, t.now_ms))
                return rc;
        return ledger_act(g->ledger, take_turn, &t, reterr) < 0 ? -1 : t.ours;
}

/* A pass that is cut short is made again by who comes next. */
static int give_turn_back(struct db *db, void *ctx, struct err *reterr)
{
        (void)ctx;
        return db_run(db, SQL_device_mark_set, DB_ARGS(db_t(STR("retained")), db_i(0)), reterr);
}

static int retain_device(struct sensing *g, struct arena *a, struct str id, struct err *reterr)
{
        struct device_row d;
        const struct json *detail;
        struct kept_channel *list;
        size_t n;
        if (!book_copy(g, a, id, &d) || !d.detail.n || !memmem(d.detail.p, d.detail.n, "\"keepDays\"", sizeof "\"keepDays\"" - 1) || json_read(a, d.detail.p, d.detail.n, NULL, &detail, NULL) < 0)
                return 0;
        if (retention_due(g->series, a, d.id, detail, g->keep_days_least, clock_now_us() / 1000, &list, &n, reterr) < 0)
                return -1;
        return retention_apply(g->series, d.id, list, n, reterr) < 0 ? -1 : 0;
}

/* A device whose readings cannot go holds up no other one. */
static int retain_all(struct retention *t, struct err *reterr)
{
        struct arena *names = arena_new(), *a = arena_new();
        struct str *list;
        size_t n = book_ids(t->g, names, &list);
        int failed = 0;
        for (size_t i = 0; i < n && !t->stop; i++) {
                struct err e = { 0 };
                if (retain_device(t->g, a, list[i], &e) < 0 && !failed++)
                        *reterr = e;
                arena_reset(a);
        }
        arena_free(a);
        arena_free(names);
        if (failed || !t->stop)
                return failed ? -1 : 0;
        return ledger_act(t->g->ledger, give_turn_back, NULL, reterr);
}

static bool rest(struct retention *t)
{
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += LOOK_S;
        pthread_mutex_lock(&t->mutex);
        while (!t->stop && pthread_cond_timedwait(&t->wake, &t->mutex, &until) == 0)
                ;
        pthread_mutex_unlock(&t->mutex);
        return t->stop;
}

static void *run(void *ctx)
{
        struct retention *t = ctx;
        bool trouble = false;
        background_thread();
        do {
                struct err e = { 0 };
                int rc = is_ours(t->g, &e);
                if (rc == 1)
                        rc = retain_all(t, &e);
                if (rc < 0 && !trouble)
                        log_err(LOG_WARN, "sensing.retention", &e);
                trouble = rc < 0;
        } while (!rest(t));
        return NULL;
}

int retention_start(struct sensing *g, struct err *reterr)
{
        struct retention *t = or_abort(calloc(1, sizeof *t));
        t->g = g;
        pthread_mutex_init(&t->mutex, NULL);
        pthread_cond_init(&t->wake, NULL);
        if (pthread_create(&t->thread, NULL, run, t) != 0) {
                free(t);
                return err_set(reterr, ERR_INTERNAL, "the thread that lets old readings go cannot be started");
        }
        pthread_setname_np(t->thread, "retention");
        g->retention = t;
        return 0;
}

void retention_stop(struct sensing *g)
{
        struct retention *t = g->retention;
        if (!t)
                return;
        pthread_mutex_lock(&t->mutex);
        t->stop = true;
        pthread_cond_signal(&t->wake);
        pthread_mutex_unlock(&t->mutex);
        pthread_join(t->thread, NULL);
        pthread_mutex_destroy(&t->mutex);
        pthread_cond_destroy(&t->wake);
        free(t);
        g->retention = NULL;
}
