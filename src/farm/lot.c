#include "base/limits.h"
#include "farm/act_impl.h"
#include "farm/fact_impl.h"

/* What an event is to a lot that it names.  By its type, business step and dispositions alone: an act of our forms and a partner's event are the same here. */

/* Ways of working beside those of a season. */
static const struct { const char *step; enum act act; } steps[] = {
        { "sorting", ACT_SORT }, { "grading", ACT_SORT }, { "milling", ACT_MILL }, { "hulling", ACT_MILL }, { "drying", ACT_DRY },
        { "packing", ACT_PACK }, { "repackaging", ACT_PACK }, { "bagging", ACT_PACK },
};

static enum act act_on_lot(const struct event *e, bool on_season)
{
        struct str step = fact_step(e);
        if (on_season)
                return fact_act(e);
        if (e->type == EVENT_AGGREGATION)
                return ACT_AGGREGATE;
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
                if (str_is(step, steps[i].step))
                        return steps[i].act;
        return str_is(step, "harvesting") ? ACT_HARVEST : ACT_OTHER;
}

static bool persists(const struct event *e, const char *how, const char *what)
{
        const struct json *list = json_get(json_get(e->json, "persistentDisposition"), how);
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
                struct str s = json_text(&list->items[i]), z = str_of(what);
                if (s.n >= z.n && str_eq(str_from(s, s.n - z.n), z))
                        return true;
        }
        return false;
}

/* Goods that are recalled travel too: back. */
static enum lot_deed deed_of_moving(const struct event *e)
{
        bool back = str_is(e->disposition, "recalled") || str_is(e->disposition, "returned") || str_is(fact_step(e), "returning");
        return back ? DEED_RETURNED : DEED_SHIPPED;
}

static enum lot_deed deed_of_object(const struct event *e)
{
        struct str step = fact_step(e);
        if (str_is(step, "shipping") || str_is(step, "returning") || str_is(step, "departing"))
                return deed_of_moving(e);
        if (str_is(step, "destroying") || str_is(step, "decommissioning") || str_is(e->disposition, "destroyed") || str_is(e->disposition, "disposed"))
                return DEED_DESTROYED;
        if (persists(e, "unset", "recalled"))
                return DEED_RELEASED;
        if (str_is(e->disposition, "recalled") || persists(e, "set", "recalled"))
                return DEED_RECALLED;
        if (str_is(step, "stock_taking") || str_is(step, "cycle_counting"))
                return DEED_COUNTED;
        if (str_is(step, "retail_selling") || str_is(step, "dispensing"))
                return DEED_SOLD;
        if (e->action == ACTION_DELETE)
                return DEED_DESTROYED;
        if (e->action == ACTION_ADD)
                return str_is(step, "receiving") ? DEED_RECEIVED : DEED_MADE;
        return str_is(step, "receiving") || str_is(step, "accepting") || str_is(step, "arriving") ? DEED_RECEIVED : DEED_SEEN;
}

static enum lot_deed deed_of(const struct event *e, uint8_t role)
{
        if (e->type == EVENT_TRANSFORMATION)
                return role == ROLE_INPUT || role == ROLE_INPUT_QUANTITY ? DEED_USED : DEED_MADE;
        if (e->type == EVENT_AGGREGATION)
                return e->action == ACTION_ADD ? DEED_JOINED : e->action == ACTION_DELETE ? DEED_PARTED : DEED_SEEN;
        return e->type == EVENT_OBJECT ? deed_of_object(e) : DEED_SEEN;
}

/* Those of the event's lists that hold what is asked for, as amounts. */
struct amounts { struct fact_amount *list; size_t n; };

static void add(struct arena *a, struct amounts *x, const struct event *e, const struct event_item *q)
{
        if (!x->list)
                x->list = arena_array(a, struct fact_amount, e->n_items);
        x->list[x->n++] = fact_amount_of(a, q, STR_NONE);
}

/* Where a transformation is told as a whole: at the first lot that comes out of it, else at the first that goes in.  One in parts is never told: what the other parts
 * say is not known here. */
static const struct event_item *teller(const struct event *e)
{
        const struct event_item *in = NULL, *out = NULL;
        for (size_t i = 0; i < e->n_items && e->type == EVENT_TRANSFORMATION; i++) {
                const struct event_item *q = &e->items[i];
                if (q->role == ROLE_TRANSFORMATION)
                        return NULL;
                if (q->kind == IDENT_LOT && q->role == ROLE_OUTPUT_QUANTITY && !out)
                        out = q;
                if (q->kind == IDENT_LOT && q->role == ROLE_INPUT_QUANTITY && !in)
                        in = q;
        }
        return out ? out : in;
}

static void take_whole(struct arena *a, const struct event *e, struct lot_fact *f)
{
        struct amounts in = { 0 }, out = { 0 };
        for (size_t i = 0; i < e->n_items; i++) {
                uint8_t role = e->items[i].role;
                if (role == ROLE_INPUT || role == ROLE_INPUT_QUANTITY)
                        add(a, &in, e, &e->items[i]);
                else            /* it came out: one whose parts are bound by a transformationID has no teller */
                        add(a, &out, e, &e->items[i]);
        }
        f->in = in.list;
        f->n_in = in.n;
        f->out = out.list;
        f->n_out = out.n;
}

bool lot_fact_of_event(struct arena *a, const struct event *e, struct str lot, struct lot_fact *ret)
{
        const struct event_item *tells = teller(e);
        struct amounts came = { 0 }, left = { 0 };
        bool named = false;
        *ret = (struct lot_fact){ .on_season = fact_on_season(e), .time_us = e->time.us };
        ret->act = act_on_lot(e, ret->on_season);
        for (size_t i = 0; i < e->n_items; i++) {
                const struct event_item *q = &e->items[i];
                enum way way = way_of(e, q);
                if (!str_eq(q->canonical, lot))
                        continue;
                enum lot_deed deed = deed_of(e, q->role);
                ret->deed = named && ret->deed == DEED_USED ? DEED_USED : deed;
                named = true;
                if (way == COMES || way == COUNTED)
                        add(a, &came, e, q);
                else if (way == LEAVES || q->role == ROLE_CHILD_QUANTITY)
                        add(a, &left, e, q);
        }
        ret->came = came.list;
        ret->n_came = came.n;
        ret->left = left.list;
        ret->n_left = left.n;
        if (named && tells && str_eq(tells->canonical, lot))
                take_whole(a, e, ret);
        return named;
}

size_t lots_of_event(struct arena *a, const struct event *e, const struct str **ret)
{
        struct str *list = NULL;
        size_t n = 0;
        for (size_t i = 0; i < e->n_items && n < LIMIT_EVENT_LOTS; i++) {
                bool there = e->items[i].kind != IDENT_LOT;
                for (size_t k = 0; k < n && !there; k++)
                        there = str_eq(list[k], e->items[i].canonical);
                if (there)
                        continue;
                if (!list)
                        list = arena_array(a, struct str, LIMIT_EVENT_LOTS);
                list[n++] = e->items[i].canonical;
        }
        *ret = list;
        return n;
}
