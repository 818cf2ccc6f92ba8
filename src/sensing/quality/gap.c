#include "sensing/quality/quality_impl.h"

#include <string.h>

/* Readings that should be there by the channel's own rhythm.  Found when the next one comes; ends when late ones have filled most of it, or when it is so old that nobody
 * will send them any more.  A channel's gaps are one finding, which is over when the last of them is. */
enum { WEEK_MS = 7 * 24 * 3600000, FILLED_OF_10 = 9 };

static double rhythm(const struct channel_memory *m)
{
        return m->spec.every_ms ? (double)m->spec.every_ms : m->n >= 10 ? m->step_ms : 0;
}

static void tell_gap(const struct look *k, const struct gap *g, bool opens)
{
        quality_tell(k, CHECK_gap, opens, &(struct evidence){ .say = SAY_GAP, .value = (double)g->missing, .from_ms = g->from_ms, .to_ms = g->to_ms, .count = g->missing });
}

static void forget(struct channel_memory *m, size_t i)
{
        memmove(&m->gaps[i], &m->gaps[i + 1], (m->n_gaps - i - 1) * sizeof *m->gaps);
        m->n_gaps--;
}

static void end_gap(const struct look *k, size_t i)
{
        struct gap g = k->channel->gaps[i];
        forget(k->channel, i);
        if (!k->channel->n_gaps)
                tell_gap(k, &g, false);
}

static void open_gap(const struct look *k, double step)
{
        struct channel_memory *m = k->channel;
        struct gap g = { .from_ms = m->last_ms, .to_ms = k->t_ms, .missing = (int64_t)((double)(k->t_ms - m->last_ms) / step + 0.5) - 1 };
        if (m->n_gaps == GAPS)
                forget(m, 0);
        m->gaps[m->n_gaps++] = g;
        tell_gap(k, &g, true);
}

static void fill_gap(const struct look *k)
{
        for (size_t i = 0; i < k->channel->n_gaps; i++) {
                struct gap *g = &k->channel->gaps[i];
                if (k->t_ms <= g->from_ms || k->t_ms >= g->to_ms || ++g->filled * 10 < g->missing * FILLED_OF_10)
                        continue;
                end_gap(k, i);
                return;
        }
}

void look_gap(const struct look *k)
{
        double step = rhythm(k->channel);
        if (k->late) {
                fill_gap(k);
                return;
        }
        struct channel_memory *m = k->channel;
        bool ended = m->standing[CHECK_gap].open;       /* and goes on: what was missing until now is a gap like others, or is being sent */
        m->standing[CHECK_gap] = (struct standing){ 0 };
        if (step > 0 && m->n && (double)(k->t_ms - m->last_ms) > 2.5 * step && k->t_ms - m->last_ms > 2000)
                open_gap(k, step);
        else if (ended && !m->n_gaps)
                tell_gap(k, &(struct gap){ .from_ms = m->last_ms, .to_ms = k->t_ms, .missing = 1 }, false);
}

/* A channel that ended while the device goes on is found by no next reading.  Of one that is only remembered by its findings, after a start, nobody knows yet when it spoke last. */
void time_gap(const struct look *k)
{
        struct channel_memory *m = k->channel;
        double step = rhythm(m);
        while (m->n_gaps && k->t_ms - m->gaps[0].to_ms > WEEK_MS)
                end_gap(k, 0);
        bool missing = step > 0 && m->n && (double)(k->t_ms - m->last_ms) > 10 * step && k->t_ms - m->last_ms > k->device->spec->silent_ms && !k->device->silent.open;
        struct evidence e = { .say = SAY_GAP, .value = missing ? (double)(k->t_ms - m->last_ms) / step : 0, .from_ms = m->last_ms, .to_ms = k->t_ms, .key = STR("now") };
        e.count = (int64_t)e.value;
        quality_stand(k, CHECK_gap, &m->standing[CHECK_gap], missing ? WRONG : SAYS_NOTHING, 1, 1, &e);
}
