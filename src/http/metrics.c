#include <assert.h>
#include <stdlib.h>

#include "http/http_impl.h"

/* Counters of every answer, by route and status, and of how long it took.  Relaxed atomics: they are read for a graph. */

static const int16_t statuses[] = { 200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 409, 410,
                                    413, 414, 415, 416, 421, 422, 429, 431, 500, 501, 503, 0 };
static const int64_t bounds_us[] = { 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000 };
enum { STATUSES = sizeof statuses / sizeof *statuses, BOUNDS = sizeof bounds_us / sizeof *bounds_us };

struct counters {
        const char *name;
        _Atomic uint64_t by_status[STATUSES];
        _Atomic uint64_t by_time[BOUNDS + 1];
        _Atomic uint64_t us;
};

struct metrics {
        size_t n;
        struct counters *list;  /* the routes in their order, the fallback, and what no route took */
};

struct metrics *metrics_new(const struct http_options *o)
{
        struct metrics *m = calloc(1, sizeof *m);
        struct counters *list = calloc(o->n_routes + 2, sizeof *list);

        if (!m || !list)
                abort();
        m->list = list;
        m->n = o->n_routes + 2;
        for (size_t i = 0; i < o->n_routes; i++)
                list[i].name = o->routes[i]->name;
        list[o->n_routes].name = o->fallback ? o->fallback->name : "fallback";
        list[o->n_routes + 1].name = "none";
        return m;
}

void metrics_free(struct metrics *m)
{
        free(m->list);
        free(m);
}

size_t metrics_route_number(const struct metrics *m, const struct http_options *o, const struct route *r)
{
        for (size_t i = 0; r && i < o->n_routes; i++)
                if (o->routes[i] == r)
                        return i;
        return m->n - (r ? 2 : 1);
}

void metrics_count(struct metrics *m, size_t route_number, int status, int64_t us)
{
        struct counters *c = &m->list[route_number];
        size_t s = 0, t = 0;

        while (statuses[s] && statuses[s] != status)
                s++;
        while (t < BOUNDS && us > bounds_us[t])
                t++;
        atomic_fetch_add_explicit(&c->by_status[s], 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&c->by_time[t], 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&c->us, (uint64_t)us, memory_order_relaxed);
}

static void write_requests(const struct counters *c, struct buf *out)
{
        for (size_t s = 0; s < STATUSES; s++)
                if (c->by_status[s])
                        buf_printf(out, "suyuan_http_requests_total{route=\"%s\",status=\"%.*d\"} %llu\n", c->name, statuses[s] ? 3 : 1,
                                   statuses[s], (unsigned long long)c->by_status[s]);
}

static void write_times(const struct counters *c, struct buf *out)
{
        uint64_t sum = 0;

        for (size_t t = 0; t <= BOUNDS; t++)
                sum += c->by_time[t];
        if (!sum)
                return;
        sum = 0;
        for (size_t t = 0; t < BOUNDS; t++) {
                sum += c->by_time[t];
                buf_printf(out, "suyuan_http_request_seconds_bucket{route=\"%s\",le=\"%g\"} %llu\n", c->name, (double)bounds_us[t] / 1e6,
                           (unsigned long long)sum);
        }
        sum += c->by_time[BOUNDS];
        buf_printf(out, "suyuan_http_request_seconds_bucket{route=\"%s\",le=\"+Inf\"} %llu\n", c->name, (unsigned long long)sum);
        buf_printf(out, "suyuan_http_request_seconds_sum{route=\"%s\"} %.6f\n", c->name, (double)c->us / 1e6);
        buf_printf(out, "suyuan_http_request_seconds_count{route=\"%s\"} %llu\n", c->name, (unsigned long long)sum);
}

void metrics_write(const struct metrics *m, int under_way, struct buf *out)
{
        buf_z(out, "# HELP suyuan_http_requests_total Answers given.\n# TYPE suyuan_http_requests_total counter\n");
        for (size_t i = 0; i < m->n; i++)
                write_requests(&m->list[i], out);
        buf_z(out, "# HELP suyuan_http_request_seconds From the request line to the last byte of the answer.\n"
              "# TYPE suyuan_http_request_seconds histogram\n");
        for (size_t i = 0; i < m->n; i++)
                write_times(&m->list[i], out);
        buf_printf(out, "# HELP suyuan_http_requests_under_way Requests begun and not yet answered.\n"
                   "# TYPE suyuan_http_requests_under_way gauge\nsuyuan_http_requests_under_way %d\n", under_way);
}

void http_metrics(const struct request *q, struct buf *out)
{
        const struct front *f = q->exchange->front;

        metrics_write(f->metrics, f->under_way, out);
}
