#include "ledger/compare.h"

#include <stdio.h>

#include "store/sql_names.h"

#define SAID_IN_FULL 20

const struct listing listings[] = {
        { "item", SQL_all_items, 2, 0, { "org", "id", "canonical", "kind" } },
        { "event", SQL_all_events, 2, 0, { "org", "seq", "time_us", "offset_min", "type", "action", "flags", "biz_step", "disposition", "digest", "salt",
                                        "event_hash", "refs" } },
        { "event_item", SQL_all_event_items, 4, 0, { "org", "item", "seq", "role", "time_us" } },
        { "event_facet", SQL_all_event_facets, 4, 0, { "org", "facet", "value", "seq", "time_us" } },
        { "event_once", SQL_all_event_once, 4, 0, { "org", "time_us", "head", "seq" } },
        { "event_name", SQL_all_event_names, 3, 0, { "org", "head", "seq" } },
};
const size_t n_listings = sizeof(listings) / sizeof(*listings);

struct side {
        struct db *db;
        const struct db_row *row;
        int more;               /* 1: `row` is there, 0: at its end, -1 */
};

static void step(struct side *s, int sql, struct err *reterr)
{
        s->more = db_next(s->db, sql, &s->row, reterr);
}

static int by_key(const struct side *a, const struct side *b, int keys)
{
        if (a->more != b->more)
                return a->more ? -1 : 1;        /* the one at its end has only greater rows left */
        for (int i = 0; i < keys; i++) {
                int64_t x = db_int(a->row, i), y = db_int(b->row, i);
                if (x != y)
                        return x < y ? -1 : 1;
        }
        return 0;
}

/* The first column that differs, -1 when none does. */
static int differs(const struct side *a, const struct side *b, int keys)
{
        for (int i = keys; i < db_columns(a->row); i++)
                if (!str_eq(db_text(a->row, i), db_text(b->row, i)))
                        return i;
        return -1;
}

struct telling { const struct listing *l; ledger_say *say; void *ctx; int64_t n; };

static void tell(struct telling *t, const struct db_row *row, const char *what, const char *column)
{
        char detail[600];
        int n = 0;
        if (++t->n > SAID_IN_FULL)
                return;
        for (int i = 0; i < t->l->keys; i++)
                n += snprintf(detail + n, sizeof(detail) - (size_t)n, "%s%s %lld", i ? ", " : "", t->l->columns[i], (long long)db_int(row, i));
        for (int i = t->l->keys; i < t->l->keys + t->l->names; i++) {
                struct str s = db_text(row, i);
                n += snprintf(detail + n, sizeof(detail) - (size_t)n, ", %s %.*s", t->l->columns[i], (int)(s.n < 120 ? s.n : 120), s.n ? s.p : "");
        }
        snprintf(detail + n, sizeof(detail) - (size_t)n, ": %s%s", what, column);
        t->say(t->ctx, t->l->name, detail);
}

static void compare_rows(struct telling *t, struct side *stored, struct side *rebuilt, struct err *reterr)
{
        int order = by_key(stored, rebuilt, t->l->keys), column;
        if (order < 0)
                tell(t, stored->row, "stands here, but no event says so", "");
        else if (order > 0)
                tell(t, rebuilt->row, "is missing", "");
        else if ((column = differs(stored, rebuilt, t->l->keys)) >= 0)
                tell(t, stored->row, "is not what the event says: ", t->l->columns[column]);
        if (order <= 0)
                step(stored, t->l->sql, reterr);
        if (order >= 0)
                step(rebuilt, t->l->sql, reterr);
}

int64_t listing_compare(const struct listing *l, struct db *stored, struct db *rebuilt, ledger_say *say, void *ctx, struct err *reterr)
{
        struct side a = { .db = stored }, b = { .db = rebuilt };
        struct telling t = { l, say, ctx, 0 };
        if (db_query(stored, l->sql, DB_NO_ARGS, reterr) < 0 || db_query(rebuilt, l->sql, DB_NO_ARGS, reterr) < 0)
                return -1;
        step(&a, l->sql, reterr);
        step(&b, l->sql, reterr);
        while (a.more >= 0 && b.more >= 0 && (a.more || b.more))
                compare_rows(&t, &a, &b, reterr);
        db_done(stored, l->sql);
        db_done(rebuilt, l->sql);
        if (t.n > SAID_IN_FULL) {
                char rest[80];
                snprintf(rest, sizeof(rest), "and %lld rows more", (long long)(t.n - SAID_IN_FULL));
                say(ctx, l->name, rest);
        }
        return a.more < 0 || b.more < 0 ? -1 : t.n;
}
