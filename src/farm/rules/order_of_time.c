#include "farm/rules/rules_impl.h"

/* What cannot have been in this order: harvested before sown, worked after the plot was cleared, done tomorrow; a lot used before it was made, or after its
 * end. */

static bool on_the_crop(enum act k)
{
        return k == ACT_FERTILISE || k == ACT_SPRAY || k == ACT_IRRIGATE || k == ACT_WEED || k == ACT_PRUNE || k == ACT_GROWTH || k == ACT_HARVEST;
}

static const struct fact *first_of(const struct judging *j, enum act a, enum act b)
{
        for (size_t i = 0; i < j->season->n; i++)
                if (!j->season->acts[i].wrong && (j->season->acts[i].act == a || j->season->acts[i].act == b))
                        return &j->season->acts[i];
        return NULL;
}

static void tell_order(struct judging *j, const struct fact *f, const char *what, enum words w, struct said other, int other_day)
{
        tell(j, &rule_order_of_time, SEVERITY_WARNS, f, key_seq_text(j, f, str_of(what)), w, SAID_ARGS(said_act(f->act), said_day(j, f->day), other, said_day(j, other_day)));
}

static void judge_season(struct judging *j)
{
        const struct fact *sown = first_of(j, ACT_SOW, ACT_TRANSPLANT), *cleared = first_of(j, ACT_CLEAR, ACT_CLEAR), *seed = first_of(j, ACT_SOW, ACT_SOW);
        for (size_t i = 0; i < j->season->n; i++) {
                const struct fact *f = &j->season->acts[i];
                if (f->wrong)
                        continue;
                if (f->act == ACT_HARVEST && sown && f->day < sown->day)
                        tell_order(j, f, "before-sowing", SAY_ORDER_BEFORE, said_act(sown->act), sown->day);
                if (f->act == ACT_TRANSPLANT && seed && f->day < seed->day)
                        tell_order(j, f, "before-sowing", SAY_ORDER_BEFORE, said_act(seed->act), seed->day);
                if (on_the_crop(f->act) && cleared && f->day > cleared->day)
                        tell_order(j, f, "after-clearing", SAY_ORDER_AFTER, said_act(cleared->act), cleared->day);
                if (f->seq && f->day > j->today)
                        tell_order(j, f, "future", SAY_ORDER_FUTURE, said_day(j, j->today), j->today);
        }
}

/* ---- a lot ---- */

/* From when on there was something of it: what was made or came here; for a partner's act, what was made anywhere.  NULL: nobody knows. */
static const struct lot_fact *beginning(const struct lot_facts *lot, bool of_copies)
{
        const struct lot_fact *made = NULL;
        for (size_t i = 0; i < lot->n; i++) {
                const struct lot_fact *f = &lot->acts[i];
                if (lot_gives(f) && !f->copy && !of_copies)
                        return f;
                if (f->deed == DEED_MADE && !made)
                        made = f;
        }
        return made;
}

static void tell_of(struct judging *j, enum severity s, const struct lot_fact *f, const char *what, enum words w, const struct lot_fact *other)
{
        tell_of_lot(j, &rule_order_of_time, s, f, key_of_lot(j, f, what), w,
                    SAID_ARGS(said_deed(j, f), said_moment(j, f->time_us), said_same(j->lot->canonical), said_deed(j, other), said_moment(j, other->time_us), said_same(f->event_id)));
}

static void judge_lot(struct judging *j)
{
        const struct lot_facts *lot = j->lot;
        const struct lot_fact *ours = beginning(lot, false), *anywhere = beginning(lot, true), **ended = lot_ended(j);
        for (size_t i = 0; i < lot->n; i++) {
                const struct lot_fact *f = &lot->acts[i], *begun = f->copy ? anywhere : ours, *end = ended[i];
                if (lot_takes(f) && begun && begun->time_us > f->time_us)
                        tell_of(j, SEVERITY_WARNS, f, "before-made", SAY_ORDER_LOT, begun);
                if (!end || end->time_us >= f->time_us || !lot_takes(f) || f->deed == DEED_DESTROYED)
                        continue;
                if (end->deed == DEED_DESTROYED)
                        tell_of(j, SEVERITY_BLOCKS, f, "after-destroyed", SAY_ORDER_DESTROYED, end);
                else if (f->deed != DEED_RETURNED)      /* back is where it belongs */
                        tell_of(j, SEVERITY_BLOCKS, f, "after-recalled", SAY_ORDER_RECALLED, end);
        }
}

void judge_order_of_time(struct judging *j)
{
        judge_season(j);
        if (j->lot)
                judge_lot(j);
}
