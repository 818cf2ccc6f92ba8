#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/background.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/oom.h"
#include "merkle/leaf.h"
#include "sensing/sensing_impl.h"
#include "store/sql_names.h"

/* Sealed hours into the log.  The series numbers what it seals, gapless; the main database keeps up to which number the ledger has stated it.  Mark, rows and leaves are one
 * transaction, so an hour's revision is stated once whatever ends when; who finds the mark moved (another server on the database) begins again from there. */

enum { PAGE = 128, LOOK_MS = 1000, TROUBLE_MS = 10000 };

struct hours {
        struct sensing *g;
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t wake;
        bool stop, trouble;
};

struct page { struct sensing *g; struct arena *a; struct sealed_hour list[PAGE]; size_t n; int64_t after; bool moved; };

/* ---- what is stated ---- */

static struct str hour_text(struct arena *a, int64_t hour_ms)
{
        struct civil c = civil_of(hour_ms * 1000, 0);
        return arena_printf(a, "%04d-%02d-%02dT%02d:00:00Z", c.year, c.month, c.day, c.hour);
}

static struct str detail_of(struct arena *a, const struct sealed_hour *h)
{
        char root[65];
        for (size_t i = 0; i < 32; i++)
                snprintf(root + 2 * i, 3, "%02x", h->root.b[i]);
        return arena_printf(a, "revision %lld channels %d readings %lld root %s", (long long)h->revision, h->channels, (long long)h->n, root);
}

/* 1, 0, -1.  Not from memory: another server may just have registered it. */
static int read_device(struct db *db, struct arena *a, struct str id, struct device_row *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_device_one, DB_ARGS(db_t(id)), &row, reterr);
        if (rc == 1)
                device_row_read(a, row, ret);
        db_done(db, SQL_device_one);
        return rc;
}

static int state_one(struct db *db, struct page *p, const struct sealed_hour *h, struct err *reterr)
{
        struct device_row d;
        int64_t number = 0;
        int rc = read_device(db, p->a, h->device, &d, reterr);
        if (rc <= 0) {
                if (rc < 0)
                        return -1;
                log_line(LOG_WARN, "hours.unknown_device", "device=%s, its hour is not stated", log_quote(h->device.p, h->device.n));
                return 0;
        }
        struct str device = sensing_canonical(p->g, p->a, &d);
        struct ledger_statement s = { .org = d.org, .type = LEAF_SERIES, .subject = arena_printf(p->a, "%.*s %.*s", STR_ARG(device), STR_ARG(hour_text(p->a, h->hour_ms))), .detail = detail_of(p->a, h) };
        if (ledger_state_in(p->g->ledger, &s, &number, reterr) < 0)
                return -1;
        return db_run(db, SQL_device_hour_add, DB_ARGS(db_t(h->device), db_i(h->hour_ms), db_i(h->revision), db_i(d.org), db_i(h->n), db_i(h->channels), db_b(h->root.b, 32), db_i(number)), reterr);
}

static int read_mark(struct db *db, int64_t *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_device_mark, DB_ARGS(db_t(STR("sealed"))), &row, reterr);
        *ret = rc == 1 ? db_int(row, 0) : 0;
        db_done(db, SQL_device_mark);
        return rc < 0 ? -1 : 0;
}

static int write_page(struct db *db, void *ctx, struct err *reterr)
{
        struct page *p = ctx;
        int64_t turn, mark;
        if (db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0 || read_mark(db, &mark, reterr) < 0)
                return -1;
        p->moved = mark != p->after;
        if (p->moved)
                return 0;
        if (db_run(db, SQL_device_mark_set, DB_ARGS(db_t(STR("sealed")), db_i(p->list[p->n - 1].at)), reterr) < 0)
                return -1;
        for (size_t i = 0; i < p->n; i++)
                if (state_one(db, p, &p->list[i], reterr) < 0)
                        return -1;
        return 0;
}

/* ---- following ---- */

static int take_hour(void *ctx, const struct sealed_hour *h)
{
        struct page *p = ctx;
        p->list[p->n] = *h;
        p->list[p->n].device = arena_str(p->a, h->device);
        return ++p->n == PAGE ? -1 : 0;
}

static int mark_now(struct sensing *g, int64_t *ret, struct err *reterr)
{
        struct reader *r;
        if (reader_begin(g->store, &r, reterr) < 0)
                return -1;
        int rc = read_mark(reader_db(r), ret, reterr);
        reader_end(r);
        return rc;
}

/* 1 there may be more, 0 done, -1. */
static int follow(struct sensing *g, struct err *reterr)
{
        struct page *p = or_abort(calloc(1, sizeof *p));
        p->g = g;
        p->a = arena_new();
        int rc = mark_now(g, &p->after, reterr);
        if (rc == 0 && (rc = series_sealed(g->series, p->after, PAGE, take_hour, p, reterr)) < 0 && p->n == PAGE)
                rc = 0;         /* it was we who had enough */
        if (rc >= 0 && p->n)
                rc = ledger_act(g->ledger, write_page, p, reterr);
        bool more = p->n == PAGE || p->moved;
        arena_free(p->a);
        free(p);
        return rc < 0 ? -1 : more;
}

static bool rest(struct hours *h, int ms)
{
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += ms % 1000 * 1000000L;
        until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_mutex_lock(&h->mutex);
        while (!h->stop && pthread_cond_timedwait(&h->wake, &h->mutex, &until) == 0)
                ;
        bool stop = h->stop;
        pthread_mutex_unlock(&h->mutex);
        return stop;
}

static void *run(void *ctx)
{
        struct hours *h = ctx;
        int rc;
        background_thread();
        do {
                struct err e = { 0 };
                rc = follow(h->g, &e);
                if (rc < 0 && !h->trouble)
                        log_err(LOG_WARN, "hours.follow", &e);
                h->trouble = rc < 0;
        } while (!rest(h, rc > 0 ? 0 : rc < 0 ? TROUBLE_MS : LOOK_MS));
        return NULL;
}

int hours_start(struct sensing *g, struct err *reterr)
{
        struct hours *h = or_abort(calloc(1, sizeof *h));
        h->g = g;
        pthread_mutex_init(&h->mutex, NULL);
        pthread_cond_init(&h->wake, NULL);
        if (pthread_create(&h->thread, NULL, run, h) != 0) {
                free(h);
                return err_set(reterr, ERR_INTERNAL, "the thread of the sealed hours cannot be started");
        }
        pthread_setname_np(h->thread, "hours");
        g->hours = h;
        return 0;
}

void hours_stop(struct sensing *g)
{
        struct hours *h = g->hours;
        if (!h)
                return;
        pthread_mutex_lock(&h->mutex);
        h->stop = true;
        pthread_cond_signal(&h->wake);
        pthread_mutex_unlock(&h->mutex);
        pthread_join(h->thread, NULL);
        pthread_mutex_destroy(&h->mutex);
        pthread_cond_destroy(&h->wake);
        free(h);
        g->hours = NULL;
}

/* ---- telling ---- */

static void write_hour(struct buf *b, struct arena *a, const struct db_row *row)
{
        struct str root = db_text(row, 4);
        buf_z(b, "{\"hour\":");
        json_write_str(b, hour_text(a, db_int(row, 0)));
        buf_printf(b, ",\"revision\":%lld,\"readings\":%lld,\"channels\":%lld,\"root\":\"", (long long)db_int(row, 1), (long long)db_int(row, 2), (long long)db_int(row, 3));
        buf_hex(b, root.p, root.n);
        buf_printf(b, "\",\"statement\":%lld}", (long long)db_int(row, 5));
}

int sensing_hours_write(struct sensing *g, struct arena *a, struct str device, int64_t from_ms, int64_t to_ms, int max, struct buf *b, struct err *reterr)
{
        struct reader *r;
        const struct db_row *row;
        bool more = false;
        if (reader_begin(g->store, &r, reterr) < 0)
                return -1;
        buf_char(b, '[');
        int rc = db_query(reader_db(r), SQL_device_hours_newest, DB_ARGS(db_t(device), db_i(from_ms), db_i(to_ms), db_i(max)), reterr);
        while (rc >= 0 && (rc = db_next(reader_db(r), SQL_device_hours_newest, &row, reterr)) == 1) {
                buf_z(b, more ? "," : "");
                more = true;
                write_hour(b, a, row);
        }
        buf_char(b, ']');
        reader_end(r);
        return rc < 0 ? -1 : 0;
}

/* ---- checking ---- */

struct checking { struct store *store; struct series_roots *roots; struct arena *a; ledger_say *say; void *ctx; int64_t faults; };
struct stated { struct str device; int64_t hour_ms, revision, n; struct hash root; };

static ssize_t read_stated(struct store *s, struct arena *a, struct str device, int64_t hour_ms, struct stated *ret, struct err *reterr)
{
        struct reader *r;
        const struct db_row *row;
        ssize_t n = 0;
        if (reader_begin(s, &r, reterr) < 0)
                return -1;
        int rc = db_query(reader_db(r), SQL_device_hours_after, DB_ARGS(db_t(device), db_i(hour_ms), db_i(PAGE)), reterr);
        while (rc >= 0 && n < PAGE && (rc = db_next(reader_db(r), SQL_device_hours_after, &row, reterr)) == 1) {
                struct str root = db_text(row, 4);
                ret[n] = (struct stated){ arena_str(a, db_text(row, 0)), db_int(row, 1), db_int(row, 2), db_int(row, 3), { { 0 } } };
                memcpy(ret[n++].root.b, root.p ? root.p : "", root.n == 32 ? 32 : 0);
        }
        db_done(reader_db(r), SQL_device_hours_after);
        reader_end(r);
        return rc < 0 ? -1 : n;
}

/* The newest revision alone can be made again.  More readings than were stated are late ones, which the next revision will state. */
static int check_one(struct checking *c, const struct stated *s, struct err *reterr)
{
        struct hash root = { { 0 } };
        struct err e = { 0 };
        int64_t n = 0;
        if (c->roots && series_roots_of(c->roots, c->a, s->device, s->hour_ms, &root, &n, &e) < 0 && e.kind != ERR_NOT_FOUND) {
                *reterr = e;
                return -1;
        }
        if (n > s->n || (n == s->n && !memcmp(root.b, s->root.b, 32)))
                return 0;
        c->faults++;
        c->say(c->ctx, "device hour", arena_printf(c->a, "%.*s %.*s: the log states %lld readings, and there are %lld with another root", STR_ARG(s->device), STR_ARG(hour_text(c->a, s->hour_ms)),
                                                   (long long)s->n, (long long)n).p);
        return 0;
}

/* A full page may end between two revisions of an hour: that hour is for the next one. */
static ssize_t whole_hours(const struct stated *list, ssize_t n)
{
        ssize_t k = n;
        while (n == PAGE && k > 0 && list[k - 1].hour_ms == list[n - 1].hour_ms && str_eq(list[k - 1].device, list[n - 1].device))
                k--;
        return k > 0 ? k : n;
}

static bool same_hour(const struct stated *a, const struct stated *b)
{
        return a->hour_ms == b->hour_ms && str_eq(a->device, b->device);
}

static int check_page(struct checking *c, const struct stated *list, ssize_t n, struct err *reterr)
{
        for (ssize_t i = 0; i < n; i++)
                if ((i + 1 == n || !same_hour(&list[i], &list[i + 1])) && check_one(c, &list[i], reterr) < 0)
                        return -1;
        return 0;
}

static int check_all(struct checking *c, struct stated *list, struct err *reterr)
{
        char device[65] = "";
        int64_t hour = INT64_MIN;
        ssize_t n;
        while ((n = whole_hours(list, read_stated(c->store, c->a, str_of(device), hour, list, reterr))) > 0) {
                if (check_page(c, list, n, reterr) < 0)
                        return -1;
                snprintf(device, sizeof device, "%.*s", STR_ARG(list[n - 1].device));
                hour = list[n - 1].hour_ms;
                arena_reset(c->a);
        }
        return n < 0 ? -1 : 0;
}

int64_t sensing_check(struct store *s, ledger_say *say, void *ctx, struct err *reterr)
{
        struct checking c = { .store = s, .say = say, .ctx = ctx };
        if (series_roots_open(s, &c.roots, reterr) < 0)
                return -1;
        struct stated *list = or_abort(calloc(PAGE, sizeof *list));
        c.a = arena_new();
        int rc = check_all(&c, list, reterr);
        arena_free(c.a);
        free(list);
        series_roots_close(c.roots);
        return rc < 0 ? err_while(reterr, "checking sealed hours") : c.faults;
}
