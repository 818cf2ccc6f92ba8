#include "daybook/daybook_impl.h"

#include <stdlib.h>

#include "base/limits.h"
#include "epcis/read.h"

/* A lot's facts, from the events that name it: the store's index of items knows which.  Nothing is kept of them, so that whatever came late, was corrected or was taken in by
 * another door is there the next time. */

enum { ROWS = 2 * LIMIT_LOT_EVENTS + 2 /* an event may name it in two lists */, BYTES = 8 * 1024 * 1024 /* of events' bodies */ };

struct reading { struct reader *r; struct arena *keep, *scratch; int64_t org; struct str lot; size_t bytes; };

static const struct fact_amount *kept_amounts(struct arena *a, const struct fact_amount *list, size_t n)
{
        struct fact_amount *copy = arena_array(a, struct fact_amount, n + 1);
        for (size_t i = 0; i < n; i++) {
                copy[i] = list[i];
                copy[i].lot = arena_str(a, list[i].lot);
                copy[i].good = arena_str(a, list[i].good);
                copy[i].uom = arena_str(a, list[i].uom);
        }
        return copy;
}

/* Out of the event's arena, which ends with it: an event may have a megabyte. */
static void keep(struct arena *a, struct lot_fact *f)
{
        f->came = kept_amounts(a, f->came, f->n_came);
        f->left = kept_amounts(a, f->left, f->n_left);
        f->in = kept_amounts(a, f->in, f->n_in);
        f->out = kept_amounts(a, f->out, f->n_out);
}

/* 1 it is a fact of the lot, 0 it is none, -1. */
static int read_fact(struct reading *x, int64_t seq, struct lot_fact *ret, struct err *reterr)
{
        struct event_head head;
        struct event e;
        struct str body, context;
        int rc = reader_event(x->r, x->scratch, x->org, seq, &head, reterr);
        if (rc <= 0 || head.error_declaration || head.declared_wrong)
                return rc < 0 ? -1 : 0;
        int copy = reader_is_copy(x->r, x->org, seq, reterr);
        rc = copy < 0 ? -1 : reader_body(x->r, x->scratch, x->org, seq, &body, &context, reterr);
        if (rc <= 0)
                return rc;
        x->bytes += body.n;
        if (event_reread(x->scratch, body, context, reader_origins(x->r), &e, NULL) < 0)
                return 0;               /* passed over, which is said where it was followed (step.c) */
        if (!lot_fact_of_event(x->scratch, &e, x->lot, ret))
                return 0;
        keep(x->keep, ret);
        ret->seq = seq;
        ret->copy = copy == 1;
        ret->event_id = arena_str(x->keep, head.event_id);
        return 1;
}

static int by_time(const void *x, const void *y)
{
        const struct lot_fact *a = x, *b = y;
        if (a->time_us != b->time_us)
                return a->time_us < b->time_us ? -1 : 1;
        return (a->seq > b->seq) - (a->seq < b->seq);
}

/* Each event once; more than the limit: none. */
static size_t distinct(struct item_event *rows, size_t n)
{
        size_t kept = 0;
        for (size_t i = 0; i < n; i++)
                if (!kept || rows[kept - 1].seq != rows[i].seq)
                        rows[kept++] = rows[i];
        return kept;
}

static int read_facts(struct reading *x, const struct item_event *rows, size_t n, struct lot_facts *ret, struct err *reterr)
{
        struct lot_fact *list = arena_array(x->keep, struct lot_fact, n + 1);
        size_t kept = 0;
        for (size_t i = 0; i < n; i++) {
                int rc = read_fact(x, rows[i].seq, &list[kept], reterr);
                arena_reset(x->scratch);
                if (rc < 0)
                        return -1;
                kept += (size_t)rc;
                if (x->bytes > BYTES) {
                        ret->too_many = true;
                        return 0;
                }
        }
        if (kept)
                qsort(list, kept, sizeof *list, by_time);
        ret->acts = list;
        ret->n = kept;
        return 0;
}

int lot_facts_read(struct reader *r, struct arena *a, int64_t org, struct str lot, struct lot_facts *ret, struct err *reterr)
{
        struct err here = { 0 }, *err = reterr ? reterr : &here;
        struct ident what;
        *ret = (struct lot_facts){ .canonical = lot };
        ident_read(a, lot, NULL, &what);
        if (what.kind != IDENT_LOT)     /* what is no lot has no balance: how much of a class there is nobody says */
                return 0;
        int64_t item = reader_item(r, org, lot, err);
        if (item <= 0)
                return err->kind ? -1 : 0;
        struct item_event *rows = arena_array(a, struct item_event, ROWS);
        ssize_t got = reader_item_events(r, org, item, 0, rows, ROWS, err);
        size_t n = got > 0 ? distinct(rows, (size_t)got) : 0;
        ret->too_many = n > LIMIT_LOT_EVENTS || got == ROWS;
        if (got < 0 || ret->too_many)
                return got < 0 ? -1 : 0;
        struct reading x = { .r = r, .keep = a, .scratch = arena_new(), .org = org, .lot = lot };
        int rc = read_facts(&x, rows, n, ret, err);
        arena_free(x.scratch);
        return rc;
}

int daybook_lot_facts(struct daybook *d, struct arena *a, int64_t org, struct str lot, struct lot_facts *ret, struct err *reterr)
{
        struct reader *r;
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        int rc = lot_facts_read(r, a, org, lot, ret, reterr);
        reader_end(r);
        return rc;
}

ssize_t daybook_lots_of(struct daybook *d, struct arena *a, int64_t org, int64_t seq, const struct str **ret, struct err *reterr)
{
        struct reader *r;
        struct event e;
        struct str body, context;
        *ret = NULL;
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        int rc = reader_body(r, a, org, seq, &body, &context, reterr) < 0 ? -1 : event_reread(a, body, context, reader_origins(r), &e, reterr);
        reader_end(r);
        return rc < 0 ? -1 : (ssize_t)lots_of_event(a, &e, ret);
}
