#ifndef SUYUAN_SERIES_TEST_SUPPORT_H
#define SUYUAN_SERIES_TEST_SUPPORT_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"
#include "base/test_folder.h"
#include "series/series.h"
#include "store/postgres/test_support.h"
#include "store/sqlite/test_support.h"
#include "store/store.h"

/* What the tests of this folder share: a data directory with a series on it, on either engine (SUYUAN_TEST_DATABASE), and a clock of its own. */

#define T0 INT64_C(1767225600000)       /* 2026-01-01T00:00:00Z */
#define HOUR INT64_C(3600000)

struct told { char channel[65]; int64_t t_ms; struct decimal said, stands; };
struct fixture {
        char dir[64], url[512], db[600];        /* db: what raw_sql takes for the series' tables */
        bool server;
        int64_t now_ms;
        struct store *store;
        struct series *series;
        struct arena *arena;
        size_t stored, n_told;
        struct told told[64];
};

static inline int64_t test_now(void *ctx) { return ((const struct fixture *)ctx)->now_ms; }
static inline void test_stored(void *ctx, const struct batch_view *v, int64_t received_ms)
{
        (void)received_ms;
        ((struct fixture *)ctx)->stored += batch_view_n(v);
}
static inline void test_conflict(void *ctx, const struct reading *r, struct decimal stands)
{
        struct fixture *f = ctx;
        struct told *t = &f->told[f->n_told++ % COUNT(f->told)];
        *t = (struct told){ .t_ms = r->t_ms, .said = r->value, .stands = stands };
        memcpy(t->channel, r->channel.p, r->channel.n);
}

static inline void must(int rc, const struct err *e)
{
        if (rc < 0)
                fail_msg("%s (%s)", e->detail, e->cause);
}

static inline void fixture_open(struct fixture *f)
{
        struct err e = { 0 };
        const struct store_options o = { .writer_cache_kib = 512, .reader_cache_kib = 256, .readers = 1, .database = f->server ? f->url : NULL };
        const struct series_options so = { .readers = 2, .cache_kib = 256, .grace_ms = 600000, .now_ms = test_now, .on_stored = test_stored, .on_conflict = test_conflict, .ctx = f };
        must(store_open(f->dir, true, &o, &f->store, &e), &e);
        must(series_open(f->store, &so, &f->series, &e), &e);
}

static inline void fixture_close(struct fixture *f)
{
        series_close(f->series);
        store_close(f->store);
        f->series = NULL;
        f->store = NULL;
}

static inline int fixture_make(struct fixture *f)
{
        const struct str origin = STR("https://trace.example.cn");
        struct err e = { 0 };
        snprintf(f->dir, sizeof f->dir, "/tmp/suyuan-series-XXXXXX");
        f->server = fresh_server_database(f->url);
        if (!mkdtemp(f->dir))
                return -1;
        must(f->server ? store_init_server(f->dir, f->url, &origin, 1, &e) : store_init(f->dir, &origin, 1, &e), &e);
        if (f->server)
                snprintf(f->db, sizeof f->db, "%s_series", f->url);     /* the search path stands at its end */
        else
                snprintf(f->db, sizeof f->db, "%s/series.db", f->dir);
        f->arena = arena_new();
        f->now_ms = T0;
        return 0;
}

static inline int setup_closed(void **state)
{
        return (*state = calloc(1, sizeof(struct fixture))) ? fixture_make(*state) : -1;
}
static inline int setup(void **state)
{
        int rc = setup_closed(state);
        if (rc == 0)
                fixture_open(*state);
        return rc;
}
static inline int teardown(void **state)
{
        struct fixture *f = *state;
        if (f->series)
                fixture_close(f);
        test_folder_remove(f->dir);
        arena_free(f->arena);
        free(f);
        return 0;
}

/* ---- words of the tests ---- */

static inline struct batch *say(struct fixture *f, struct batch *b, const char *device, const char *channel, int64_t t_ms, int64_t m, int scale)
{
        struct batch *into = b ? b : batch_new(f->arena);
        const struct reading r = { .device = str_of(device), .channel = str_of(channel), .t_ms = t_ms, .value = { m, (int8_t)scale } };
        assert_true(batch_add(into, &r));
        return into;
}
static inline void append(struct fixture *f, struct batch *b)
{
        struct err e = { 0 };
        must(series_append(f->series, batch_bytes(b), &e), &e);
}
static inline void settle(struct fixture *f)
{
        struct err e = { 0 };
        must(series_settle(f->series, &e), &e);
}

struct seen { struct sample *list; size_t n, cap; };
static inline int test_sample(void *ctx, const struct sample *s)
{
        struct seen *l = ctx;
        if (l->n == l->cap)
                l->list = realloc(l->list, (l->cap = 2 * l->cap + 64) * sizeof *s);
        l->list[l->n++] = *s;
        return 0;
}
static inline struct seen samples(struct fixture *f, const char *device, const char *channel, int64_t from_ms, int64_t to_ms)
{
        struct seen l = { 0 };
        struct err e = { 0 };
        must(series_read(f->series, str_of(device), str_of(channel), from_ms, to_ms, test_sample, &l, &e), &e);
        return l;
}

#endif
