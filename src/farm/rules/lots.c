#include "farm/rules/rules_impl.h"

/* What the rules ask of a lot alike. */

bool lot_takes(const struct lot_fact *f)
{
        return f->deed == DEED_USED || f->deed == DEED_SHIPPED || f->deed == DEED_SOLD || f->deed == DEED_JOINED || f->deed == DEED_RETURNED || f->deed == DEED_DESTROYED;
}

bool lot_gives(const struct lot_fact *f)
{
        return f->deed == DEED_MADE || f->deed == DEED_RECEIVED;
}

/* ---- the end of a lot ---- */

static void put_all(struct pile *p, const struct fact_amount *list, size_t n)
{
        for (size_t i = 0; i < n; i++)
                pile_put(p, &list[i]);
}

/* To the last: it says of no quantity, or with it as much has left as came. */
static bool destroys_all(const struct lot_fact *f, const struct pile *came, const struct pile *left)
{
        if (!f->n_left || !f->left[0].stated)
                return true;
        return came->n && left->n && came->dimension == left->dimension && str_eq(came->uom, left->uom) && decimal_cmp(left->quantity, came->quantity) >= 0;
}

const struct lot_fact **lot_ended(struct judging *j)
{
        const struct lot_facts *lot = j->lot;
        const struct lot_fact **list = arena_array(j->arena, const struct lot_fact *, lot->n + 1), *destroyed = NULL, *recalled = NULL;
        struct pile came = { 0 }, left = { 0 };
        for (size_t i = 0; i < lot->n; i++) {
                const struct lot_fact *f = &lot->acts[i];
                bool ours = !f->copy;           /* what a partner has of it may be there still */
                list[i] = destroyed && ours ? destroyed : recalled;
                if (f->deed == DEED_COUNTED && ours)
                        came = left = (struct pile){ 0 };
                if (ours) {
                        put_all(&came, f->came, f->n_came);
                        if (f->deed != DEED_JOINED && f->deed != DEED_PARTED)
                                put_all(&left, f->left, f->n_left);
                }
                if (f->deed == DEED_DESTROYED && ours && !destroyed && destroys_all(f, &came, &left))
                        destroyed = f;
                else if (lot_gives(f) && ours)
                        destroyed = NULL;       /* there is some again: bought anew, or come back */
                recalled = f->deed == DEED_RECALLED ? f : f->deed == DEED_RELEASED ? NULL : recalled;
        }
        return list;
}

/* ---- saying it ---- */

struct said said_deed(struct judging *j, const struct lot_fact *f)
{
        static const enum words deeds[] = {
                [DEED_SEEN] = SAY_DEED_SEEN, [DEED_MADE] = SAY_DEED_MADE, [DEED_RECEIVED] = SAY_DEED_RECEIVED, [DEED_COUNTED] = SAY_DEED_SEEN, [DEED_USED] = SAY_DEED_USED,
                [DEED_SHIPPED] = SAY_DEED_SHIPPED, [DEED_SOLD] = SAY_DEED_SOLD, [DEED_JOINED] = SAY_DEED_SEEN, [DEED_PARTED] = SAY_DEED_SEEN, [DEED_RETURNED] = SAY_DEED_RETURNED,
                [DEED_DESTROYED] = SAY_DEED_DESTROYED, [DEED_RECALLED] = SAY_DEED_RECALLED, [DEED_RELEASED] = SAY_DEED_SEEN,
        };
        bool by_act = f->deed == DEED_MADE || f->deed == DEED_USED || f->deed == DEED_JOINED;
        return by_act && f->act != ACT_OTHER ? said_act(f->act) : said(j, deeds[f->deed], NULL, 0);
}

struct said said_moment(struct judging *j, int64_t time_us)
{
        enum { SHANGHAI_MIN = 480 };
        struct civil c = civil_of(time_us, SHANGHAI_MIN);
        return said_same(arena_printf(j->arena, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute));
}

struct finding *tell_of_lot(struct judging *j, const struct rule *r, enum severity s, const struct lot_fact *about, struct str key, enum words w, const struct said *args, size_t n)
{
        const struct fact f = { .seq = about->seq, .time_us = about->time_us };
        return tell(j, r, s, &f, key, w, args, n);
}

struct str key_of_lot(struct judging *j, const struct lot_fact *f, const char *what)
{
        return arena_printf(j->arena, "%lld:%s", (long long)f->seq, what);
}
