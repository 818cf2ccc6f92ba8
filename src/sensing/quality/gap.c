#include "sensing/quality/quality_impl.h"

#include <string.h>

/* Readings that should be there by the channel's own rhythm.  Found when the next one comes; ends when late ones have filled most of it. */
static double rhythm(const struct channel_memory *m)
{
        return m->spec.every_ms ? (double)m->spec.every_ms : m->n >= 10 ? m->step_ms : 0;
}

static void forget(struct channel_memory *m, size_t i)
{
        memmove(&m->gaps[i], &m->gaps[i + 1], (m->n_gaps - i - 1) * sizeof *m->gaps);
        m->n_gaps--;
}

static void open_gap(const struct look *k, double step)
{
        struct channel_memory *m = k->channel;
        struct gap g = { .from_ms = m->last_ms, .to_ms = k->t_ms, .missing = (int64_t)((double)(k->t_ms - m->last_ms) / step + 0.5) - 1 };
        if (m->n_gaps == GAPS)
                forget(m, 0);           /* the oldest stays open: nobody filled it */
        m->gaps[m->n_gaps++] = g;
        quality_tell(k, CHECK_gap, true, &(struct evidence){ .say = SAY_GAP, .value = (double)g.missing, .from_ms = g.from_ms, .to_ms = g.to_ms, .count = g.missing });
}

static void fill_gap(const struct look *k)
{
        struct channel_memory *m = k->channel;
        for (size_t i = 0; i < m->n_gaps; i++) {
                struct gap *g = &m->gaps[i];
                if (k->t_ms <= g->from_ms || k->t_ms >= g->to_ms || ++g->filled * 10 < g->missing * 9)
                        continue;
                quality_tell(k, CHECK_gap, false, &(struct evidence){ .say = SAY_GAP, .value = (double)g->missing, .from_ms = g->from_ms, .to_ms = g->to_ms, .count = g->missing });
                forget(m, i);
                return;
        }
}

void look_gap(const struct look *k)
{
        double step = rhythm(k->channel);
        if (k->late)
                fill_gap(k);
        else if (step > 0 && k->channel->n && (double)(k->t_ms - k->channel->last_ms) > 2.5 * step && k->t_ms - k->channel->last_ms > 2000)
                open_gap(k, step);
}

/* A channel that ended while the device goes on is found by no next reading. */
void time_gap(const struct look *k)
{
        struct channel_memory *m = k->channel;
        double step = rhythm(m);
        bool missing = step > 0 && (double)(k->t_ms - m->last_ms) > 10 * step && k->t_ms - m->last_ms > k->device->spec->silent_ms && !k->device->silent.open;
        struct evidence e = { .say = SAY_GAP, .value = missing ? (double)(k->t_ms - m->last_ms) / step : 0, .from_ms = m->last_ms, .to_ms = k->t_ms, .key = STR("now") };
        e.count = (int64_t)e.value;
        quality_stand(k, CHECK_gap, &m->standing[CHECK_gap], missing ? WRONG : FINE, 1, 1, &e);
}
