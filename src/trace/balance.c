#include "base/json.h"
#include "epcis/read.h"
#include "trace/walk_impl.h"

/* What came in, went out, was lost and is still there of one lot.  Read from the events that name it, each once;
 * those declared wrong do not count.  Exact decimals: a balance that is off by a grain is off. */

struct sums { struct arena *a; struct balance *list; size_t n; };

static struct balance *row(struct sums *s, struct str uom)
{
        for (size_t i = 0; i < s->n; i++)
                if (str_eq(s->list[i].uom, uom))
                        return &s->list[i];
        struct balance *wide = arena_raw(s->a, (s->n + 1) * sizeof *wide);
        if (s->n)
                memcpy(wide, s->list, s->n * sizeof *wide);
        s->list = wide;
        s->list[s->n] = (struct balance){ .uom = uom, .exact = true };
        return &s->list[s->n++];
}

static void put(struct sums *s, size_t member, const struct event_ref *q)
{
        struct decimal d = { 1, 0 };    /* an item named by its serial is one piece */
        struct balance *b = row(s, q->uom);
        if (q->has_quantity ? !decimal_read(q->quantity, &d)
                            : q->role == ROLE_QUANTITY || q->role == ROLE_INPUT_QUANTITY || q->role == ROLE_OUTPUT_QUANTITY) {
                b->exact = false;       /* a lot without a number: how much is not known */
                return;
        }
        struct decimal *sum = (struct decimal *)((char *)b + member);
        if (!decimal_add(*sum, d, sum))
                b->exact = false;
}

/* Born by ADD or as an output; gone by DELETE or as an input.  Shipping and shelving only say where it is. */
static void count_event(struct sums *s, const struct event_head *h, int64_t item)
{
        for (size_t i = 0; i < h->n_refs; i++) {
                const struct event_ref *q = &h->refs[i];
                if (q->item != item)
                        continue;
                bool listed = (q->role == ROLE_EPC || q->role == ROLE_QUANTITY) && h->type == EVENT_OBJECT;
                if (is_output(q->role) || (listed && h->action == ACTION_ADD))
                        put(s, offsetof(struct balance, in), q);
                else if (is_input(q->role) || (listed && h->action == ACTION_DELETE))
                        put(s, offsetof(struct balance, out), q);
        }
}

static bool consumes(const struct event_head *h, int64_t item)
{
        for (size_t i = 0; i < h->n_refs; i++)
                if (h->refs[i].item == item && is_input(h->refs[i].role))
                        return true;
        return false;
}

/* suyuan:loss {suyuan:quantity, suyuan:uom}, or a list of them. */
static void put_loss(struct sums *s, const struct event *e, const struct json *loss)
{
        if (json_is(loss, JSON_ARRAY))
                for (uint32_t i = 0; i < loss->n; i++)
                        put_loss(s, e, &loss->items[i]);
        if (!json_is(loss, JSON_OBJECT))
                return;
        struct decimal d;
        const struct json *quantity = event_extension(e, loss, SUYUAN_VOC "quantity");
        const struct json *uom = event_extension(e, loss, SUYUAN_VOC "uom");
        struct balance *b = row(s, json_text(uom ? uom : json_get(loss, "uom")));
        if (!decimal_read(json_text(quantity ? quantity : json_get(loss, "quantity")), &d) ||
            !decimal_add(b->lost, d, &b->lost))
                b->exact = false;
}

static int count_loss(struct sums *s, struct reader *r, int64_t org, int64_t seq, struct err *reterr)
{
        static const struct origins none = { NULL, 0 };
        struct str body, context;
        struct event e;
        if (reader_body(r, s->a, org, seq, &body, &context, reterr) < 0 ||
            event_reread(s->a, body, context, &none, &e, reterr) < 0)
                return -1;
        put_loss(s, &e, event_extension(&e, e.json, SUYUAN_VOC "loss"));
        return 0;
}

static int count_all(struct walk *w, uint32_t thing, struct sums *s)
{
        for (uint32_t i = 0; i < w->things[thing].n_rows; i++) {
                int64_t seq = w->things[thing].rows[i].seq;
                uint32_t e, before = w->n_seen;
                if (walk_event(w, thing, i, &e) < 0)
                        return -1;
                if (w->n_seen == before || !walk_holds(w, e))
                        continue;       /* named twice in one event */
                count_event(s, &w->seen[e].head, w->things[thing].item);
                if (consumes(&w->seen[e].head, w->things[thing].item) && count_loss(s, w->r, w->org, seq, w->err) < 0)
                        return -1;
        }
        return 0;
}

/* Lost is a part of what went out into a transformation, told apart; so on hand = in - out. */
int trace_balance(struct arena *a, struct reader *r, int64_t org, struct str canonical,
                  struct balance **ret, size_t *ret_n, struct err *reterr)
{
        struct err here = { 0 };
        struct walk w = { .a = a, .r = r, .org = org, .err = reterr ? reterr : &here };
        struct sums s = { .a = a };
        uint32_t thing;
        w.err->kind = ERR_NONE;
        int64_t item = reader_item(r, org, canonical, w.err);
        if (item <= 0)
                return w.err->kind != ERR_NONE ? -1
                       : err_set(reterr, ERR_NOT_FOUND, "no event names %.*s", STR_ARG(canonical));
        if (walk_thing(&w, item, &thing) < 0 || count_all(&w, thing, &s) < 0)
                return err_while(reterr, "the balance of %.*s", STR_ARG(canonical));
        for (size_t i = 0; i < s.n; i++)
                s.list[i].exact &= decimal_sub(s.list[i].in, s.list[i].out, &s.list[i].on_hand);
        *ret = s.list;
        *ret_n = s.n;
        return 0;
}
