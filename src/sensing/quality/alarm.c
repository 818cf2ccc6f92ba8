#include "sensing/quality/quality_impl.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* What the crop, the store or the load cannot bear, as the device's description says it: beyond `at` for some time it opens, beyond `clear` it ends, and between the two it stays
 * what it is. */
/* "65" is in "65", in "60-69" and in nothing else. */
static bool is_stage(struct str wanted, const char *stage)
{
        char *end;
        const char *to = wanted.n ? memchr(wanted.p, '-', wanted.n) : NULL;
        long at = strtol(stage, &end, 10);
        if (str_is(wanted, stage))
                return true;
        return to && end > stage && !*end && wanted.n < 8 && at >= strtol(wanted.p, NULL, 10) && at <= strtol(to + 1, NULL, 10);
}

static bool in_stage(const struct quality *q, const struct alarm_rule *r)
{
        for (size_t i = 0; i < r->n_stages; i++)
                if (is_stage(r->stages[i], q->stage))
                        return true;
        return !r->n_stages;
}

static enum verdict judge(const struct look *k, double v, const struct alarm_rule *r, const struct standing *s)
{
        if (r->below ? v > r->clear : v < r->clear)
                return FINE;
        bool beyond = r->below ? v < r->at : v > r->at;
        return !beyond ? s->open ? SAYS_NOTHING : FINE : s->open || in_stage(k->device, r) ? WRONG : FINE;
}

/* False while less than four fifths of the hours are known. */
static bool mean_of(const struct look *k, int hours, double *ret)
{
        int64_t now = k->t_ms / 3600000, known = 0;
        double sum = 0;
        for (int i = 0; k->channel->hours && i < MEAN_HOURS; i++) {
                const struct hour *h = &k->channel->hours[i];
                if (h->n && h->number > now - hours) {
                        sum += h->sum / (double)h->n;
                        known++;
                }
        }
        *ret = known ? sum / (double)known : 0;
        return known * 5 >= hours * 4;
}

static void add_hour(const struct look *k)
{
        struct channel_memory *m = k->channel;
        int64_t number = k->t_ms / 3600000;
        if (!m->hours)
                m->hours = arena_array(k->device->arena, struct hour, MEAN_HOURS);
        struct hour *h = &m->hours[((number % MEAN_HOURS) + MEAN_HOURS) % MEAN_HOURS];
        if (h->number != number)
                *h = (struct hour){ .number = number };
        h->n++;
        h->sum += k->value;
}

static void look_at(const struct look *k, const struct alarm_rule *r, struct standing *s)
{
        double value = k->value;
        if (r->mean_hours && !mean_of(k, r->mean_hours, &value))
                return;
        enum verdict v = judge(k, value, r, s);
        struct evidence e = { .say = r->below ? SAY_ALARM_BELOW : SAY_ALARM_ABOVE, .value = value, .limit = r->at, .from_ms = k->t_ms, .to_ms = k->t_ms, .key = r->name };
        for (int l = 0; l < LANGS; l++)
                e.text[l] = r->title[l];
        bool first = !s->wrong, long_enough = !first && k->t_ms - s->since_ms >= r->for_ms;
        quality_stand(k, CHECK_alarm, s, v, !r->for_ms || long_enough ? 1 : 1 << 30, 1, &e);
}

void look_alarm(const struct look *k)
{
        bool means = false;
        for (size_t i = 0; i < k->channel->spec.n_alarms; i++)
                means |= k->channel->spec.alarms[i].mean_hours > 0;
        if (means && !k->late)
                add_hour(k);
        for (size_t i = 0; !k->late && i < k->channel->spec.n_alarms; i++)
                look_at(k, &k->channel->spec.alarms[i], &k->channel->alarms[i]);
}

bool alarm_is_quiet(const struct alarm_rule *r, int64_t now_ms, int zone_min)
{
        if (r->quiet_from == NO_TIME || r->quiet_to == NO_TIME)
                return false;
        struct civil c = civil_of(now_ms * 1000, zone_min);
        int at = c.hour * 60 + c.minute;
        return r->quiet_from <= r->quiet_to ? at >= r->quiet_from && at < r->quiet_to : at >= r->quiet_from || at < r->quiet_to;
}

const struct alarm_rule *alarm_find(const struct quality *q, struct str channel, struct str name)
{
        for (const struct channel_memory *m = q->channels; m; m = m->next)
                for (size_t i = 0; str_eq(m->spec.code, channel) && i < m->spec.n_alarms; i++)
                        if (str_eq(m->spec.alarms[i].name, name))
                                return &m->spec.alarms[i];
        return NULL;
}
