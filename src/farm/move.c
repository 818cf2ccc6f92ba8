#include "farm/act_impl.h"
#include "farm/fact.h"
#include "farm/fact_impl.h"

/* What comes into a lot and leaves it.  Only what an event states with a quantity; goods that travel leave with shipping and come with
 * receiving, and a copy of a partner's record moves nothing (the follower leaves it out). */

enum way way_of(const struct event *e, const struct event_item *q)
{
        struct str step = fact_step(e);
        if (e->type == EVENT_TRANSFORMATION)
                return q->role == ROLE_INPUT_QUANTITY ? LEAVES : q->role == ROLE_OUTPUT_QUANTITY ? COMES : STAYS;
        if (e->type != EVENT_OBJECT || q->role != ROLE_QUANTITY)
                return STAYS;
        if (e->action == ACTION_ADD)
                return COMES;
        if (e->action == ACTION_DELETE || str_is(step, "shipping"))
                return LEAVES;
        if (str_is(step, "stock_taking") || str_is(step, "cycle_counting"))
                return COUNTED;
        return str_is(step, "receiving") ? COMES : STAYS;
}

/* Mass in kilograms, volume in litres: what is bought by the bottle of 500 mL is used by the millilitre. */
static bool in_common_unit(struct decimal d, struct str uom, struct decimal *ret, struct str *ret_uom)
{
        static const struct { const char *uom, *common; int places; } rows[] = {
                { "GRM", "KGM", -3 }, { "MGM", "KGM", -6 }, { "TNE", "KGM", 3 }, { "MLT", "LTR", -3 }, { "MTQ", "LTR", 3 },
        };
        *ret = d;
        *ret_uom = uom;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                if (!str_is(uom, rows[i].uom))
                        continue;
                *ret_uom = str_of(rows[i].common);
                for (int k = rows[i].places; k > 0; k--)
                        if (__builtin_mul_overflow(ret->mantissa, (int64_t)10, &ret->mantissa) || ret->mantissa > INT64_C(900000000000000000))
                                return false;
                ret->scale = (int8_t)(ret->scale - (rows[i].places < 0 ? rows[i].places : 0));
                return ret->scale <= 15;
        }
        return true;
}

static struct str expiry(const struct event *e)
{
        const struct json *ilmd = json_get(e->json, "ilmd");
        struct str day = json_text(event_extension(e, ilmd, "urn:epcglobal:cbv:mda:itemExpirationDate"));
        return day.n >= 10 ? (struct str){ day.p, 10 } : STR_NONE;
}

size_t moves_of_event(struct arena *a, const struct event *e, const struct lot_move **ret)
{
        struct lot_move *list = arena_array(a, struct lot_move, e->n_items + 1);
        size_t n = 0, made = 0;
        for (size_t i = 0; i < e->n_items; i++) {
                const struct event_item *q = &e->items[i];
                enum way way = way_of(e, q);
                struct lot_move m = { .lot = q->canonical, .place = e->biz_location.n ? e->biz_location : e->read_point };
                struct decimal d;
                m.good = way != STAYS ? fact_good(a, e, q, made) : STR_NONE;
                made += q->role == ROLE_OUTPUT_QUANTITY;
                if (way == STAYS || q->kind == IDENT_SEASON || !fact_quantity(q->quantity, &d) || !in_common_unit(d, q->uom, &m.quantity, &m.uom))
                        continue;
                m.counted = way == COUNTED;
                if (way == LEAVES)
                        m.quantity.mantissa = -m.quantity.mantissa;
                if (way == COMES)
                        m.expires = expiry(e);
                list[n++] = m;
        }
        *ret = list;
        return n;
}
