#include "sensing/quality/quality_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

/* Devices at one place that measure the same thing: the median of three or more is believed rather than the one that is far from it. */
static int by_value(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;
        return (x > y) - (x < y);
}

static double median(const struct neighbour *list, size_t n)
{
        double sorted[LIMIT_NEIGHBOURS];
        for (size_t i = 0; i < n; i++)
                sorted[i] = list[i].mean;
        qsort(sorted, n, sizeof *sorted, by_value);
        return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

static struct channel_memory *channel_of(struct quality *q, struct str code)
{
        for (struct channel_memory *m = q->channels; m; m = m->next)
                if (str_eq(m->spec.code, code))
                        return m;
        return NULL;
}

/* How far apart two of them may be: a twentieth of what is possible, or a third of the median where the scale is wide (particles, light). */
static double room(const struct channel_spec *s, double middle)
{
        double span = isfinite(s->highest) && isfinite(s->lowest) ? (s->highest - s->lowest) / 20 : HUGE_VAL;
        return fmin(span, fmax(fabs(middle) / 3, span / 10));
}

void quality_neighbours(const struct neighbour *list, size_t n, int64_t hour_ms, quality_on *on, void *ctx)
{
        if (n > LIMIT_NEIGHBOURS)
                n = LIMIT_NEIGHBOURS;
        double middle = n >= 3 ? median(list, n) : 0;
        for (size_t i = 0; n >= 3 && i < n; i++) {
                struct channel_memory *m = channel_of(list[i].device, list[i].channel);
                if (!m)
                        continue;
                struct look k = { .device = list[i].device, .channel = m, .value = list[i].mean, .t_ms = hour_ms, .on = on, .ctx = ctx };
                struct evidence e = { .say = SAY_NEIGHBOUR, .value = list[i].mean, .limit = middle, .from_ms = hour_ms, .to_ms = hour_ms + 3600000 };
                quality_stand(&k, CHECK_neighbour, &m->standing[CHECK_neighbour], fabs(list[i].mean - middle) > room(&m->spec, middle) ? WRONG : FINE, 3, 2, &e);
        }
}
