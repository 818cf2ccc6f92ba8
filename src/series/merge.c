#include "series/merge.h"

#include <stdlib.h>

#include "base/limits.h"

#define YEAR_2000_MS INT64_C(946684800000)

uint8_t flag_judged(uint8_t flag, int64_t t_ms, int64_t received_ms)
{
        return t_ms > received_ms + LIMIT_SERIES_AHEAD_MS || t_ms < YEAR_2000_MS ? FLAG_CLOCK : flag;
}

/* ---- gathering ---- */

void gathering_begin(struct gathering *g, struct arena *a)
{
        *g = (struct gathering){ .a = a };
}

static struct gathered_hour **slot_of(const struct gathering *g, uint32_t device, int64_t hour)
{
        size_t i = (size_t)(((uint64_t)hour << 32 ^ (uint64_t)hour ^ (uint64_t)device << 20 ^ device) * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (g->cap - 1);
        while (g->slots[i] && (g->slots[i]->device != device || g->slots[i]->hour != hour))
                i = (i + 1) & (g->cap - 1);
        return &g->slots[i];
}

static void grow(struct gathering *g)
{
        struct gathering old = *g;
        g->cap = old.cap ? 2 * old.cap : 256;
        g->slots = arena_array(g->a, struct gathered_hour *, g->cap);
        for (size_t i = 0; i < old.cap; i++)
                if (old.slots[i])
                        *slot_of(g, old.slots[i]->device, old.slots[i]->hour) = old.slots[i];
}

static struct gathered_hour *hour_of(struct gathering *g, uint32_t device, int64_t hour, int64_t received_ms)
{
        if (2 * (g->n_hours + 1) > g->cap)
                grow(g);
        struct gathered_hour **at = slot_of(g, device, hour);
        if (!*at) {
                struct gathered_hour *h = arena_alloc(g->a, sizeof *h);
                *h = (struct gathered_hour){ .device = device, .hour = hour, .received_ms = received_ms };
                *at = h;
                g->n_hours++;
        }
        return *at;
}

/* In the order in which a device says them, so mostly the next; there are at most LIMIT_SERIES_DEVICE_CHANNELS. */
static struct gathered_column *column_of(struct gathering *g, struct gathered_hour *h, uint32_t id)
{
        uint32_t next = h->last + 1 < h->n ? h->last + 1 : 0;
        for (uint32_t i = 0; i < h->n; i++, next = next + 1 < h->n ? next + 1 : 0)
                if (h->columns[next].id == id) {
                        h->last = next;
                        return &h->columns[next];
                }
        if (h->n == h->cap) {
                h->cap = 2 * h->cap + 8;
                struct gathered_column *more = arena_array(g->a, struct gathered_column, h->cap);
                if (h->n)
                        memcpy(more, h->columns, h->n * sizeof *more);
                h->columns = more;
        }
        h->last = h->n;
        h->columns[h->n] = (struct gathered_column){ .id = id, .sorted = true };
        return &h->columns[h->n++];
}

static void add_point(struct gathering *g, struct gathered_column *c, const struct point *p)
{
        if (c->n == c->cap) {
                c->cap = 2 * c->cap + 16;
                struct point *more = arena_raw(g->a, c->cap * sizeof *more);
                if (c->n)
                        memcpy(more, c->p, c->n * sizeof *more);
                c->p = more;
        }
        c->sorted = c->sorted && (c->n == 0 || c->p[c->n - 1].t < p->t);
        c->p[c->n++] = *p;
}

static void gather_item(struct gathering *g, struct gathered_hour **h, uint32_t device, uint32_t channel, const struct batch_item *x, int64_t received_ms)
{
        if (!*h || x->t_ms - (*h)->hour * HOUR_MS >= HOUR_MS || x->t_ms < (*h)->hour * HOUR_MS)
                *h = hour_of(g, device, x->t_ms / HOUR_MS, received_ms);
        const struct point p = { .m = x->mantissa, .t = (uint32_t)(x->t_ms - (*h)->hour * HOUR_MS), .scale = x->scale, .flag = flag_judged(x->flag, x->t_ms, received_ms) };
        add_point(g, column_of(g, *h, channel), &p);
        g->n++;
}

void gather(struct gathering *g, const struct batch_view *v, const uint32_t *devices, const uint32_t *channels, int64_t received_ms)
{
        for (size_t i = 0; i < v->n_devices; i++) {
                struct batch_cursor c = batch_begin(&v->devices[i]);
                struct gathered_hour *h = NULL;
                struct batch_item x;
                while (batch_next(&c, v, &x))
                        gather_item(g, &h, devices[i], channels[x.channel], &x, received_ms);
        }
}

void gather_channel(struct gathering *g, const struct batch_view *v, struct str device, struct str channel, int64_t received_ms)
{
        for (size_t i = 0; i < v->n_devices; i++) {
                if (!str_eq(v->devices[i].name, device))
                        continue;
                struct batch_cursor c = batch_begin(&v->devices[i]);
                struct gathered_hour *h = NULL;
                struct batch_item x;
                while (batch_next(&c, v, &x))
                        if (str_eq(v->channels[x.channel], channel))
                                gather_item(g, &h, 1, 1, &x, received_ms);
        }
}

static int by_device_and_hour(const void *a, const void *b)
{
        const struct gathered_hour *x = *(struct gathered_hour *const *)a, *y = *(struct gathered_hour *const *)b;
        return x->device != y->device ? (x->device > y->device) - (x->device < y->device) : (x->hour > y->hour) - (x->hour < y->hour);
}

struct gathered_hour **gathered(struct gathering *g, size_t *ret_n)
{
        struct gathered_hour **list = arena_array(g->a, struct gathered_hour *, g->n_hours + 1);
        size_t n = 0;
        for (size_t i = 0; i < g->cap; i++)
                if (g->slots[i])
                        list[n++] = g->slots[i];
        qsort(list, n, sizeof *list, by_device_and_hour);
        *ret_n = n;
        return list;
}

/* ---- merging ---- */

/* By merging, so that what came first stays first. */
static void sort_points(struct point *p, struct point *room, size_t n)
{
        if (n < 2)
                return;
        size_t half = n / 2, i = 0, j = half, k = 0;
        sort_points(p, room, half);
        sort_points(p + half, room, n - half);
        if (p[half - 1].t <= p[half].t)
                return;
        memcpy(room, p, half * sizeof *p);
        while (i < half && j < n)
                p[k++] = p[j].t < room[i].t ? p[j++] : room[i++];
        memcpy(p + k, room + i, (half - i) * sizeof *p);
}

static bool same_value(const struct point *a, const struct point *b)
{
        return a->scale == b->scale ? a->m == b->m : decimal_cmp((struct decimal){ a->m, a->scale }, (struct decimal){ b->m, b->scale }) == 0;
}

/* Another statement of a moment that has one: true when it takes its place. */
static bool said_again(struct merging *m, const struct point *said, struct point *stands)
{
        if (stands->flag == FLAG_CLOCK && said->flag != FLAG_CLOCK) {
                *stands = *said;
                return true;
        }
        if (same_value(said, stands)) {
                m->duplicates++;
                return false;
        }
        m->conflicts++;
        if (m->conflict)
                m->conflict(m->ctx, said, stands);
        return false;
}

static void add_said(struct merging *m, struct column *into, const struct point *p, bool *changed)
{
        if (into->n && into->p[into->n - 1].t == p->t) {
                *changed |= said_again(m, p, &into->p[into->n - 1]);
                return;
        }
        into->p[into->n++] = *p;
        m->added++;
        *changed = true;
}

bool merge_column(struct merging *m, struct column *into, struct gathered_column *from)
{
        if (into->kind != COLUMN_RAW) {
                m->expired += from->n;
                return false;
        }
        if (!from->sorted)
                sort_points(from->p, arena_raw(m->a, (from->n / 2 + 1) * sizeof(struct point)), from->n);
        struct column old = *into;
        uint32_t i = 0, j = 0;
        bool changed = false;
        into->p = arena_raw(m->a, ((size_t)old.n + from->n + 1) * sizeof(struct point));
        into->n = 0;
        while (i < old.n || j < from->n) {
                if (j == from->n || (i < old.n && old.p[i].t <= from->p[j].t))
                        into->p[into->n++] = old.p[i++];
                else
                        add_said(m, into, &from->p[j++], &changed);
        }
        into->mixed = !points_align(into->p, into->n);
        return changed;
}
