#include "daybook/daybook_impl.h"

#include <stdlib.h>

#include "store/sql_names.h"

/* The balance of each lot from what moved: a count says how much there is, whatever was before. */

struct stock { struct arena *a; struct stock_lot *list; size_t n, cap; size_t first; /* of the lot that is read */ };

/* The line of this lot and unit; lots come one after the other. */
static struct stock_lot *line(struct stock *s, struct str lot, struct str uom)
{
        if (s->n && !str_eq(s->list[s->n - 1].lot, lot))
                s->first = s->n;
        for (size_t i = s->first; i < s->n; i++)
                if (str_eq(s->list[i].uom, uom))
                        return &s->list[i];
        if (s->n == s->cap) {
                s->cap = s->cap ? s->cap * 2 : 64;
                struct stock_lot *more = arena_array(s->a, struct stock_lot, s->cap);
                if (s->n)
                        memcpy(more, s->list, s->n * sizeof *more);
                s->list = more;
        }
        s->list[s->n] = (struct stock_lot){ .lot = arena_str(s->a, lot), .uom = arena_str(s->a, uom), .first_us = INT64_MAX };
        return &s->list[s->n++];
}

/* lot, time_us, good, place, quantity, uom, expires */
static void move(struct stock *s, const struct db_row *row)
{
        struct stock_lot *x = line(s, db_text(row, 0), db_text(row, 5));
        struct str q = db_text(row, 4);
        bool counted = q.n && q.p[0] == '=';
        struct decimal d, sum;
        if (!decimal_read(str_from(q, counted), &d))
                return;
        if (counted)
                x->balance = d;
        else if (decimal_add(x->balance, d, &sum))
                x->balance = sum;
        x->last_us = db_int(row, 1);
        if (x->first_us > x->last_us)
                x->first_us = x->last_us;
        if (db_text(row, 2).n && !x->good.n)
                x->good = arena_str(s->a, db_text(row, 2));
        bool in = counted || d.mantissa > 0;
        if (in && db_text(row, 3).n)
                x->place = arena_str(s->a, db_text(row, 3));
        if (in && db_text(row, 6).n)
                x->expires = arena_str(s->a, db_text(row, 6));
}

/* What expires first; what does not say last; of equals what came first. */
static int by_expiry(const void *x, const void *y)
{
        const struct stock_lot *a = x, *b = y;
        if (!a->expires.n != !b->expires.n)
                return a->expires.n ? -1 : 1;
        int c = str_cmp(a->expires, b->expires);
        if (!c)
                c = (a->first_us > b->first_us) - (a->first_us < b->first_us);
        return c ? c : str_cmp(a->lot, b->lot);
}

ssize_t daybook_stock(struct daybook *d, struct arena *a, int64_t org, struct str good, struct stock_lot **ret, struct err *reterr)
{
        struct stock s = { .a = a };
        const struct db_row *row;
        struct reader *r;
        int sql = good.n ? SQL_stock_moves_of : SQL_stock_moves;
        const struct db_value args[] = { db_i(org), db_t(good) };
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        int rc = db_query(reader_db(r), sql, args, good.n ? 2 : 1, reterr);
        while (rc >= 0 && (rc = db_next(reader_db(r), sql, &row, reterr)) == 1)
                move(&s, row);
        reader_end(r);
        if (rc < 0)
                return -1;
        if (s.n)
                qsort(s.list, s.n, sizeof *s.list, by_expiry);
        *ret = s.list;
        return (ssize_t)s.n;
}

int daybook_lot(struct daybook *d, struct arena *a, int64_t org, struct str good, struct str day, struct str *ret, struct err *reterr)
{
        struct stock_lot *list;
        ssize_t n = daybook_stock(d, a, org, good, &list, reterr);
        const struct stock_lot *expired = NULL;
        for (ssize_t i = 0; i < n; i++) {
                if (list[i].balance.mantissa <= 0)
                        continue;
                if (!list[i].expires.n || str_cmp(list[i].expires, day) >= 0) {
                        *ret = list[i].lot;
                        return 1;
                }
                expired = expired ? expired : &list[i];
        }
        if (expired)
                *ret = expired->lot;
        return n < 0 ? -1 : expired != NULL;
}

/* ---- what came in ---- */

static void take_receipt(struct arena *a, const struct db_row *row, struct receipt *list, ssize_t *n)
{
        struct str quantity = db_text(row, 4);
        if (!quantity.n || quantity.p[0] == '-' || quantity.p[0] == '=')        /* what left, and what was counted */
                return;
        list[(*n)++] = (struct receipt){ .lot = arena_str(a, db_text(row, 0)), .time_us = db_int(row, 1), .quantity = arena_str(a, quantity), .uom = arena_str(a, db_text(row, 5)),
                                         .seq = db_int(row, 7) };
}

ssize_t daybook_receipts(struct daybook *d, struct arena *a, int64_t org, struct str good, struct receipt **ret, struct err *reterr)
{
        enum { MAX = 1000 };                    /* of one input: more than a season's book has room for */
        const struct db_row *row;
        struct reader *r;
        ssize_t n = 0;
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        *ret = arena_array(a, struct receipt, MAX);
        int rc = db_query(reader_db(r), SQL_stock_moves_of, DB_ARGS(db_i(org), db_t(good)), reterr);
        while (rc >= 0 && n < MAX && (rc = db_next(reader_db(r), SQL_stock_moves_of, &row, reterr)) == 1)
                take_receipt(a, row, *ret, &n);
        db_done(reader_db(r), SQL_stock_moves_of);
        reader_end(r);
        return rc < 0 ? -1 : n;
}
