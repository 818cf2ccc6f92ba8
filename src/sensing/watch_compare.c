#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "sensing/watch.h"

/* Devices at one place that measure the same: their means of the hour beside each other. */

enum { HOUR_MS = 3600000 };

struct standing_there { struct watched *device; struct str channel; const struct quantity *quantity; };
struct gathering { struct watched *device; struct standing_there *list; size_t n, cap; };

static void gather_channel(void *ctx, struct str code, const struct quantity *quantity)
{
        struct gathering *x = ctx;
        if (x->n == x->cap) {
                x->cap = x->cap ? x->cap * 2 : 256;
                x->list = realloc(x->list, x->cap * sizeof *x->list);
                if (!x->list)
                        abort();
        }
        x->list[x->n++] = (struct standing_there){ x->device, code, quantity };
}

static int by_place(const void *a, const void *b)
{
        const struct standing_there *x = a, *y = b;
        if (x->device->org != y->device->org)
                return x->device->org < y->device->org ? -1 : 1;
        int c = str_cmp(x->device->place, y->device->place);
        return c ? c : strcmp(x->quantity->name, y->quantity->name);
}

struct mean { double value; bool any; };
static int take_mean(void *ctx, const struct figures *f)
{
        *(struct mean *)ctx = (struct mean){ figures_mean(f), f->n > 0 };
        return 0;
}

/* Of the devices of a place, those that have a value for the hour; the first channel of each. */
static size_t read_means(struct watch *w, const struct standing_there *list, size_t n, int64_t hour_ms, struct neighbour *ret)
{
        size_t found = 0;
        for (size_t i = 0; i < n && found < LIMIT_NEIGHBOURS; i++) {
                struct mean mean = { 0 };
                struct err e = { 0 };
                if (i && list[i].device == list[i - 1].device)
                        continue;
                if (series_figures(w->g->series, list[i].device->id, list[i].channel, hour_ms, hour_ms + HOUR_MS, HOUR_MS, take_mean, &mean, &e) < 0)
                        log_err(LOG_WARN, "sensing.compare", &e);
                else if (mean.any)
                        ret[found++] = (struct neighbour){ list[i].device->quality, list[i].channel, mean.value };
        }
        return found;
}

struct comparing { struct telling telling; const struct standing_there *list; size_t n; };
static void tell_of(void *ctx, const struct happening *h)
{
        struct comparing *x = ctx;
        for (size_t i = 0; i < x->n; i++)
                if (x->list[i].device->quality == h->of)
                        x->telling.d = x->list[i].device;
        watch_tell(&x->telling, h);
}

static void compare(struct watch *w, const struct standing_there *list, size_t n, int64_t hour_ms)
{
        struct neighbour there[LIMIT_NEIGHBOURS];
        struct comparing x = { { .w = w, .now_ms = clock_now_us() / 1000 }, list, n };
        size_t found = n >= 3 && list->device->place.n ? read_means(w, list, n, hour_ms, there) : 0;
        if (found >= 3)
                quality_neighbours(there, found, hour_ms, tell_of, &x);
}

void watch_compare(struct watch *w, int64_t hour_ms)
{
        struct gathering x = { 0 };
        for (size_t i = 0; i < WATCH_BUCKETS; i++)
                for (struct watched *d = w->table[i]; d; d = d->next) {
                        x.device = d;
                        quality_channels(d->quality, gather_channel, &x);
                }
        if (x.n)
                qsort(x.list, x.n, sizeof *x.list, by_place);
        for (size_t from = 0, to; from < x.n; from = to) {
                for (to = from + 1; to < x.n && by_place(&x.list[from], &x.list[to]) == 0; to++)
                        ;
                compare(w, x.list + from, to - from, hour_ms);
        }
        free(x.list);
}
