#include "trace/story_impl.h"

/* The facts that a verdict rests on: state, interval, hours, tests, and what is not recorded. */

int64_t story_day(int64_t us)
{
        return civil_of(us, STORY_OFFSET_MIN).day_number;
}

struct standing { enum story_state state; int64_t since; bool failed; };

static void stand(struct standing *n, const struct story_entry *x)
{
        enum story_state to = n->state;
        if (x->kind == STORY_RECALL)
                to = STATE_RECALLED;
        else if (x->kind == STORY_HOLD && to != STATE_RECALLED)
                to = STATE_HELD;
        else if (x->kind == STORY_RELEASE)
                to = STATE_CLEAR;
        if (to != n->state)
                n->since = x->time_us;
        n->state = to;
        n->failed = (n->failed && x->kind != STORY_RELEASE) || (x->kind == STORY_TEST && x->result == RESULT_FAILED);
}

/* Held and recalled are told thing by thing, for everything on the way that the event names: releasing the sister lot
 * releases nothing of ours. */
static void judge_state(struct teller *t)
{
        struct story *s = t->s;
        struct standing *now = arena_array(t->a, struct standing, t->t->n_nodes + 1);
        for (size_t i = 0; i < s->n_entries; i++) {
                const struct story_entry *x = &s->entries[i];
                const struct event_head *h = &t->t->events[x->event];
                for (size_t r = 0; r < h->n_refs && !x->declared_wrong; r++) {
                        uint32_t n = story_node(t, h->refs[r].item);
                        if (n != UINT32_MAX)
                                stand(&now[n], x);
                }
                s->destroyed |= x->kind == STORY_DESTROY && x->node == 0 && !x->declared_wrong;
        }
        for (uint32_t n = 0; n < t->t->n_nodes; n++) {
                s->failed |= now[n].failed;
                if (now[n].state > s->state) {
                        s->state = now[n].state;
                        s->state_since_us = now[n].since;
                        s->state_of = story_name(t, t->t->nodes[n].id);
                }
        }
}

static bool is_harvest_after(const struct story_entry *h, const struct story_entry *spray)
{
        return h->kind == STORY_HARVEST && !h->declared_wrong && h->season == spray->season && h->time_us >= spray->time_us;
}

int story_days_to_harvest(const struct story *s, const struct story_entry *spray)
{
        for (size_t i = 0; i < s->n_entries; i++)       /* by time */
                if (is_harvest_after(&s->entries[i], spray))
                        return (int)(story_day(s->entries[i].time_us) - story_day(spray->time_us));
        return -1;
}

/* Each harvest against each spray before it on the same season; the one nearest to its limit is told. */
static void judge_interval(struct story *s)
{
        int nearest = INT32_MAX;
        s->spray_days = s->spray_required = -1;
        for (size_t h = 0; h < s->n_entries; h++) {
                const struct story_entry *harvest = &s->entries[h];
                if (harvest->kind != STORY_HARVEST || harvest->declared_wrong)
                        continue;
                for (size_t i = 0; i < s->n_entries; i++) {
                        const struct story_entry *spray = &s->entries[i];
                        if (spray->kind != STORY_SPRAY || spray->declared_wrong || !is_harvest_after(harvest, spray))
                                continue;
                        int days = (int)(story_day(harvest->time_us) - story_day(spray->time_us));
                        int margin = days - (spray->interval_days < 0 ? 0 : spray->interval_days);
                        s->interval_broken |= spray->interval_days > days;
                        if (spray->interval_days < 0)
                                s->gaps |= GAP_INTERVAL;
                        if (margin < nearest || s->spray_days < 0) {
                                nearest = margin;
                                s->spray_days = days;
                                s->spray_required = spray->interval_days;
                        }
                }
        }
}

static void judge_hours(struct story *s)
{
        s->harvest_us = s->shelf_us = INT64_MIN;
        for (size_t i = 0; i < s->n_entries; i++) {
                const struct story_entry *x = &s->entries[i];
                if (x->declared_wrong)
                        continue;
                if (x->kind == STORY_HARVEST && s->harvest_us == INT64_MIN)
                        s->harvest_us = x->time_us;
                if (x->kind == STORY_SHELF && s->shelf_us == INT64_MIN && x->time_us >= s->harvest_us)
                        s->shelf_us = x->time_us;
        }
}

static void judge_tests(struct story *s)
{
        for (size_t i = 0; i < s->n_entries; i++) {
                const struct story_entry *x = &s->entries[i];
                if (x->kind != STORY_TEST || x->declared_wrong)
                        continue;
                s->tests_passed += x->result == RESULT_PASSED;
                s->tests_failed += x->result == RESULT_FAILED;
                s->tests_open += x->result == RESULT_NONE;
        }
}

static void judge_gaps(struct story *s)
{
        unsigned have = 0;
        bool temperature = false;
        for (size_t i = 0; i < s->n_entries; i++) {
                const struct story_entry *x = &s->entries[i];
                if (x->declared_wrong)
                        continue;
                have |= 1u << x->kind;
                temperature |= x->temperature_max.n > 0;
                s->n_sprays += x->kind == STORY_SPRAY;
        }
#define HAS(kind) (have & 1u << STORY_##kind)
        s->gaps |= HAS(SOW) ? 0 : GAP_SOW;
        s->gaps |= HAS(SPRAY) ? 0 : GAP_SPRAY;
        s->gaps |= HAS(HARVEST) ? 0 : GAP_HARVEST;
        s->gaps |= HAS(TEST) ? 0 : GAP_TEST;
        s->gaps |= HAS(SHIP) || HAS(DEPART) || HAS(TRANSPORT) || HAS(ARRIVE) || HAS(RECEIVE) ? 0 : GAP_TRANSPORT;
        s->gaps |= temperature ? 0 : GAP_TEMPERATURE;
        s->gaps |= HAS(SHELF) || HAS(SOLD) ? 0 : GAP_SHELF;
        s->gaps |= s->n_photos ? 0 : GAP_PHOTO;
        s->gaps |= s->tests_open ? GAP_TEST_RESULT : 0;
        s->gaps |= !HAS(SOW) && !HAS(HARVEST) ? GAP_ORIGIN : 0;
#undef HAS
}

void story_judge(struct teller *t)
{
        judge_state(t);
        judge_interval(t->s);
        judge_hours(t->s);
        judge_tests(t->s);
        judge_gaps(t->s);
}
