#include "epcis/event.h"
#include "store/many_impl.h"
#include "store/parties.h"
#include "store/sql_names.h"

/* Whose word about a thing the public is told (docs/design/sight.md).  Standing has who owns the thing or, where no owner is registered, who
 * recorded it first; then everyone to whom one who has it handed the thing, or what it was packed in, by a record that
 * names both; and the authorities. */

enum { ROWS_MAX = 1024, DEPTH_MAX = 4 };        /* rows of one organisation that are followed; containers in containers */

static bool has(const struct group *g, int64_t org)
{
        for (uint32_t i = 0; i < g->n_standing; i++)
                if (g->standing[i] == org)
                        return true;
        return false;
}

static void give(struct many *m, struct group *g, int64_t org)
{
        if (!org || has(g, org))
                return;
        if (g->n_standing == g->cap_standing) {
                int64_t *more = arena_array(m->arena, int64_t, g->cap_standing = g->cap_standing ? g->cap_standing * 2 : 4);
                if (g->n_standing)
                        memcpy(more, g->standing, g->n_standing * sizeof(*more));
                g->standing = more;
        }
        g->standing[g->n_standing++] = org;
}

/* ---- the first ---- */

/* When an organisation first recorded something of its own about the thing; INT64_MAX when it was only told. */
static int first_record(struct reader *r, int64_t member, int64_t *ret, struct err *reterr)
{
        struct item_event rows[16];
        struct origin_of from[16];
        struct event_head h;
        *ret = INT64_MAX;
        ssize_t n = many_rows(r, member, 0, rows, from, 16, reterr);
        for (ssize_t i = 0; i < n; i++)
                if (!from[i].org) {
                        int rc = reader_event(r, r->many->arena, number_org(member), number_low(rows[i].seq), &h, reterr);
                        *ret = rc == 1 ? h.record_us : INT64_MAX;
                        return rc < 0 ? -1 : 0;
                }
        return n < 0 ? -1 : 0;
}

static int begin(struct reader *r, struct group *g, struct err *reterr)
{
        int64_t best = INT64_MAX, first = 0, at;
        struct str name = reader_item_name(r, r->many->arena, number_org(g->members[0]), number_low(g->members[0]), NULL);
        int64_t owner = store_owner(r->store, name);
        g->begun = true;
        g->owned = owner != 0;
        give(r->many, g, owner);
        for (uint32_t i = 0; !owner && i < g->n; i++) {
                if (first_record(r, g->members[i], &at, reterr) < 0)
                        return -1;
                if (at < best || !first)
                        first = number_org(g->members[i]);
                best = at < best ? at : best;
        }
        give(r->many, g, first);
        return 0;
}

/* ---- to whom it was handed ---- */

static int give_receivers(struct reader *r, struct group *g, int64_t org, int64_t seq, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_query(r->db, SQL_received_by, DB_ARGS(db_i(org), db_i(seq)), reterr);
        while (rc >= 0 && (rc = db_next(r->db, SQL_received_by, &row, reterr)) == 1)
                give(r->many, g, db_int(row, 0));
        return rc < 0 ? -1 : 0;
}

static int follow(struct reader *r, struct group *g, int depth, struct err *reterr);

/* What it was packed in: who got that, got it. */
static int give_by_container(struct reader *r, struct group *g, int64_t number, int depth, struct err *reterr)
{
        struct event_head h;
        struct group *box;
        int64_t org = number_org(number);
        int rc = depth ? reader_event(r, r->many->arena, org, number_low(number), &h, reterr) : 0;
        for (size_t i = 0; rc == 1 && i < h.n_refs; i++) {
                if (h.refs[i].role != ROLE_PARENT)
                        continue;
                if (many_group(r, number_of(org, h.refs[i].item), &box, reterr) < 0 || follow(r, box, depth - 1, reterr) < 0)
                        return -1;
                for (uint32_t k = 0; has(box, org) && k < box->n_standing; k++)
                        give(r->many, g, box->standing[k]);
        }
        return rc < 0 ? -1 : 0;
}

static int follow_member(struct reader *r, struct group *g, int64_t member, int depth, struct err *reterr)
{
        struct item_event *rows = arena_raw(r->many->arena, ROWS_MAX * sizeof(*rows));
        struct origin_of *from = arena_raw(r->many->arena, ROWS_MAX * sizeof(*from));
        ssize_t n = many_rows(r, member, 0, rows, from, ROWS_MAX, reterr);
        for (ssize_t i = 0; i < n; i++) {
                bool child = rows[i].role == ROLE_CHILD || rows[i].role == ROLE_CHILD_QUANTITY;
                if (from[i].org)
                        continue;
                if (give_receivers(r, g, number_org(member), number_low(rows[i].seq), reterr) < 0 ||
                    (child && give_by_container(r, g, rows[i].seq, depth, reterr) < 0))
                        return -1;
        }
        return n < 0 ? -1 : 0;
}

/* Until nobody new has it: each organisation's records are followed once. */
static int follow(struct reader *r, struct group *g, int depth, struct err *reterr)
{
        if (!g->begun && begin(r, g, reterr) < 0)
                return -1;
        if (g->followed)
                return 0;
        g->followed = true;             /* also: a box in itself ends here */
        for (uint32_t i = 0; i < g->n_standing; i++)    /* grows */
                for (uint32_t k = 0; k < g->n; k++)
                        if (number_org(g->members[k]) == g->standing[i] && follow_member(r, g, g->members[k], depth, reterr) < 0)
                                return -1;
        return 0;
}

/* ---- what is told ---- */

int many_counts(struct reader *r, struct group *g, int64_t org, struct err *reterr)
{
        if (!r->many->public)
                return 1;
        if (!store_published(r->store, org))
                return 0;
        if (!g->begun && begin(r, g, reterr) < 0)
                return -1;
        if (has(g, org) || store_authority(r->store, org))
                return 1;
        return follow(r, g, DEPTH_MAX, reterr) < 0 ? -1 : has(g, org);
}

int many_first(struct reader *r, struct group *g, int64_t org, struct err *reterr)
{
        if (!g->begun && begin(r, g, reterr) < 0)
                return -1;
        return g->n_standing && g->standing[0] == org;
}

/* What somebody used of goods that nobody here owns (bought fertiliser) is part of his own record; whose goods are somebody's, is not
 * to be had as an origin without his doing. */
int many_ref_told(struct reader *r, struct group *g, int64_t org, uint8_t role, struct err *reterr)
{
        int counts = many_counts(r, g, org, reterr);
        bool input = role == ROLE_INPUT || role == ROLE_INPUT_QUANTITY;
        return counts || !store_published(r->store, org) ? counts : input && !g->owned;
}

int64_t many_namer(struct reader *r, struct str canonical, struct err *reterr)
{
        const struct db_row *row;
        if (!r->many->public)
                return 0;
        int64_t owner = store_owner(r->store, canonical);
        if (owner)
                return owner;
        int rc = db_one(r->db, SQL_master_first, DB_ARGS(db_t(canonical)), &row, reterr);
        owner = rc == 1 ? db_int(row, 0) : rc;
        db_done(r->db, SQL_master_first);
        return owner;
}
