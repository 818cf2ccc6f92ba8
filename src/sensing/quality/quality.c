#include "sensing/quality/quality_impl.h"

#include <string.h>

#include "base/limits.h"

/* The engine: keeps what was seen of each channel, asks every check, and lets a finding open and end with some patience. */

#define CHECK(symbol, name, grade, hans, hant, en) static const struct check check_##symbol = { name, GRADE_##grade, { hans, hant, en } };
#include "sensing/quality/checks.def"
#undef CHECK

const struct check *const checks[] = {
#define CHECK(symbol, ...) &check_##symbol,
#include "sensing/quality/checks.def"
#undef CHECK
};
const size_t n_checks = CHECKS;

const struct check *check_of_name(struct str name)
{
        for (size_t i = 0; i < n_checks; i++)
                if (str_is(name, checks[i]->name))
                        return checks[i];
        return NULL;
}

struct quality *quality_new(struct str id, const struct json *detail)
{
        struct arena *a = arena_new();
        struct quality *q = arena_array(a, struct quality, 1);
        q->arena = a;
        q->spec = device_spec_read(a, id, detail);
        return q;
}

void quality_free(struct quality *q)
{
        if (q)
                arena_free(q->arena);
}

const struct device_spec *quality_spec(const struct quality *q)
{
        return q->spec;
}

void quality_stage(struct quality *q, struct str stage)
{
        size_t n = stage.n < sizeof q->stage - 1 ? stage.n : sizeof q->stage - 1;
        if (n)
                memcpy(q->stage, stage.p, n);
        q->stage[n] = '\0';
}

bool quality_asks_stage(const struct quality *q)
{
        for (size_t i = 0; i < q->spec->n; i++)
                for (size_t k = 0; k < q->spec->channels[i].n_alarms; k++)
                        if (q->spec->channels[i].alarms[k].n_stages)
                                return true;
        return false;
}

static struct channel_spec described(const struct quality *q, struct str code)
{
        for (size_t i = 0; i < q->spec->n; i++)
                if (str_eq(q->spec->channels[i].code, code))
                        return q->spec->channels[i];
        return channel_spec_of(q->arena, code);
}

/* NULL: it speaks of more channels than anybody can watch. */
static struct channel_memory *memory_of(struct quality *q, struct str code)
{
        for (struct channel_memory *m = q->channels; m; m = m->next)
                if (str_eq(m->spec.code, code))
                        return m;
        if (q->n_channels == LIMIT_DEVICE_CHANNELS)
                return NULL;
        struct channel_memory *m = arena_array(q->arena, struct channel_memory, 1);
        m->spec = described(q, arena_str(q->arena, code));
        m->alarms = arena_array(q->arena, struct standing, m->spec.n_alarms + 1);
        m->next = q->channels;
        q->channels = m;
        q->n_channels++;
        return m;
}

void quality_tell(const struct look *k, enum which_check c, bool opens, const struct evidence *e)
{
        struct arena *a = arena_new();
        struct str key = e->key.n || !e->count ? e->key : arena_printf(a, "%lld", (long long)e->from_ms);
        struct happening h = { .of = k->device, .check = checks[c], .channel = k->channel ? k->channel->spec.code : STR_NONE, .key = key, .opens = opens,
                               .from_ms = e->from_ms, .t_ms = e->to_ms, .value = e->value, .limit = e->limit };
        quality_say(a, k, e, opens, h.words);
        k->on(k->ctx, &h);
        arena_free(a);
}

void quality_stand(const struct look *k, enum which_check c, struct standing *s, enum verdict v, int opens_after, int ends_after, const struct evidence *e)
{
        if (v == SAYS_NOTHING)
                return;
        s->wrong = v == WRONG ? s->wrong + 1 : 0;
        s->fine = v == FINE ? s->fine + 1 : 0;
        if (s->wrong == 1 && !s->open)
                s->since_ms = e->from_ms;
        struct evidence told = *e;
        told.from_ms = s->since_ms;
        if (!s->open && s->wrong >= opens_after) {
                s->open = true;
                quality_tell(k, c, true, &told);
        } else if (s->open && s->fine >= ends_after) {
                s->open = false;
                quality_tell(k, c, false, &told);
        }
}

bool spec_holds(const struct channel_spec *s, double v)
{
        return v >= s->lowest && v <= s->highest;
}

/* A slow mean: a hundredth of each new value, faster while few are known. */
static void remember(struct channel_memory *m, double v, int64_t t_ms)
{
        double share = m->n < 100 ? 1.0 / (double)(m->n + 1) : 0.01;
        if (m->n && t_ms > m->last_ms && (m->n == 1 || (double)(t_ms - m->last_ms) < 10 * m->step_ms))
                m->step_ms += ((double)(t_ms - m->last_ms) - m->step_ms) * (m->n < 20 ? 1.0 / (double)m->n : 0.05);
        if (!m->n || v != m->last)
                m->still_since_ms = t_ms;
        if (spec_holds(&m->spec, v))
                m->usual += (v - m->usual) * share;
        m->last = v;
        m->last_ms = t_ms;
        m->n++;
}

static bool counts(uint8_t flag)
{
        return flag == FLAG_NORMAL || flag == FLAG_MANUAL;
}

void quality_reading(struct quality *q, const struct reading *r, int64_t received_ms, quality_on *on, void *ctx)
{
        struct channel_memory *m = memory_of(q, r->channel);
        q->heard_ms = received_ms > q->heard_ms ? received_ms : q->heard_ms;
        if (!m)
                return;
        struct look k = { .device = q, .channel = m, .value = decimal_double(r->value), .t_ms = r->t_ms, .received_ms = received_ms,
                          .late = m->n && r->t_ms <= m->last_ms, .on = on, .ctx = ctx };
        look_clock(&k);
        if (k.t_ms > received_ms + AHEAD_MS)    /* a moment that has not come must not make the true ones late */
                return;
        look_gap(&k);
        if (counts(r->flag)) {
                look_unit(&k);
                look_range(&k);
                look_rate(&k);
                look_alarm(&k);
        }
        if (!k.late) {
                remember(m, k.value, k.t_ms);
                look_stuck(&k);
        }
}

void quality_time(struct quality *q, int64_t now_ms, quality_on *on, void *ctx)
{
        struct look k = { .device = q, .t_ms = now_ms, .received_ms = now_ms, .on = on, .ctx = ctx };
        time_silent(&k);
        for (struct channel_memory *m = q->channels; m; m = m->next) {
                k.channel = m;
                time_gap(&k);
        }
}

static struct standing *alarm_standing(struct channel_memory *m, struct str key)
{
        for (size_t i = 0; i < m->spec.n_alarms; i++)
                if (str_eq(m->spec.alarms[i].name, key))
                        return &m->alarms[i];
        return NULL;
}

static bool resume_gap(struct channel_memory *m, const struct open_finding *f)
{
        if (m->n_gaps < GAPS)
                m->gaps[m->n_gaps++] = (struct gap){ .from_ms = f->from_ms, .to_ms = f->t_ms, .missing = f->value >= 1 ? (int64_t)f->value : 1 };
        return true;
}

bool quality_resume(struct quality *q, const struct open_finding *f)
{
        const struct check *c = check_of_name(f->check);
        if (!c)
                return true;            /* not one of the checks': a conflict, a wrong secret */
        struct channel_memory *m = f->channel.n ? memory_of(q, f->channel) : NULL;
        struct standing *s = c == &check_silent ? &q->silent : NULL;
        if (m && c == &check_gap)
                return resume_gap(m, f);
        for (size_t i = 0; m && i < n_checks; i++)
                if (checks[i] == c)
                        s = i == CHECK_alarm ? alarm_standing(m, f->key) : &m->standing[i];
        if (s)
                *s = (struct standing){ .open = true, .since_ms = f->from_ms };
        return s != NULL;
}

void quality_heard(struct quality *q, int64_t ms)
{
        q->heard_ms = ms;
}

void quality_channels(const struct quality *q, quality_channel *on, void *ctx)
{
        for (const struct channel_memory *m = q->channels; m; m = m->next)
                if (m->spec.quantity)
                        on(ctx, m->spec.code, m->spec.quantity);
}

const struct channel_spec *quality_channel_spec(const struct quality *q, struct str code)
{
        for (const struct channel_memory *m = q->channels; m; m = m->next)
                if (str_eq(m->spec.code, code))
                        return &m->spec;
        return NULL;
}
