#include "base/digest.h"
#include "store/sql_names.h"
#include "store/store_impl.h"

/* What query/ asks: one organisation's candidates at a time (store.h). */

static const int statements[][2][2] = {          /* [path][by time][ascending] */
        [SEARCH_ALL] = { { SQL_search_all_down, SQL_search_all_up }, { SQL_search_time_down, SQL_search_time_up } },
        [SEARCH_TIME] = { { SQL_search_time_seq_down, SQL_search_time_seq_up }, { SQL_search_time_down, SQL_search_time_up } },
        [SEARCH_FACET] = { { SQL_search_facet_seq_down, SQL_search_facet_seq_up }, { SQL_search_facet_time_down, SQL_search_facet_time_up } },
        [SEARCH_ITEM] = { { SQL_search_item_seq_down, SQL_search_item_seq_up }, { SQL_search_item_time_down, SQL_search_item_time_up } },
};

const struct origins *reader_origins(const struct reader *r)
{
        return &r->store->origins;
}

struct str reader_org_code(const struct reader *r, struct arena *a, int64_t org)
{
        return store_org_code(r->store, a, org);
}

/* The range of times as the index takes it: the place narrows it from one side. */
static void narrow(const struct search *s, int64_t *from, int64_t *upto)
{
        *from = s->time_from_us;
        *upto = s->time_upto_us;
        if (s->by_time && s->ascending && s->after_time_us > *from)
                *from = s->after_time_us;
        if (s->by_time && !s->ascending && s->after_time_us < *upto)
                *upto = s->after_time_us;
}

ssize_t reader_search(struct reader *r, const struct search *s, struct search_row *ret, size_t max, struct err *reterr)
{
        int sql = statements[s->path][s->by_time][s->ascending];
        int64_t from, upto;
        struct db_value args[10];
        size_t n_args = 0, n = 0;
        const struct db_row *row;
        narrow(s, &from, &upto);
        args[n_args++] = db_i(s->org);
        if (s->path == SEARCH_FACET)
                args[n_args++] = db_i(s->facet);
        if (s->path == SEARCH_FACET || s->path == SEARCH_ITEM)
                args[n_args++] = db_i(s->value);
        if (s->path == SEARCH_ITEM)
                args[n_args++] = db_i(s->roles);
        args[n_args++] = db_i(s->first_seq);
        args[n_args++] = db_i(s->last_seq);
        args[n_args++] = db_i(from);
        args[n_args++] = db_i(upto);
        if (s->by_time) {
                args[n_args++] = db_i(s->after_time_us);
                args[n_args++] = db_i(s->after_seq);
        }
        struct db_value all[11];
        memcpy(all, args, n_args * sizeof(*args));
        all[n_args++] = db_i((int64_t)max);
        int rc = db_query(r->db, sql, all, n_args, reterr);
        while (rc >= 0 && n < max && (rc = db_next(r->db, sql, &row, reterr)) == 1)
                ret[n++] = (struct search_row){ s->org, db_int(row, 0), db_int(row, 1), db_int(row, 2), (uint8_t)db_int(row, 3), (uint8_t)db_int(row, 4) };
        db_done(r->db, sql);
        return rc < 0 ? -1 : (ssize_t)n;
}

static int64_t count(struct reader *r, int sql, const struct db_value *args, size_t n, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(r->db, sql, args, n, &row, reterr);
        int64_t v = rc == 1 ? db_int(row, 0) : rc;
        db_done(r->db, sql);
        return v;
}

int64_t reader_search_count(struct reader *r, const struct search *s, int64_t max, struct err *reterr)
{
        switch (s->path) {
        case SEARCH_TIME:
                return count(r, SQL_count_time, DB_ARGS(db_i(s->org), db_i(s->time_from_us), db_i(s->time_upto_us), db_i(max)), reterr);
        case SEARCH_FACET:
                return count(r, SQL_count_facet, DB_ARGS(db_i(s->org), db_i(s->facet), db_i(s->value), db_i(s->first_seq), db_i(s->last_seq), db_i(max)), reterr);
        case SEARCH_ITEM:
                return count(r, SQL_count_item, DB_ARGS(db_i(s->org), db_i(s->value), db_i(s->first_seq), db_i(s->last_seq), db_i(max)), reterr);
        case SEARCH_ALL:
                break;
        }
        int64_t n = s->last_seq - s->first_seq + 1;
        return n < 0 ? 0 : n < max ? n : max;
}

int reader_has(struct reader *r, const struct search *s, int64_t seq, struct err *reterr)
{
        int64_t v = s->path == SEARCH_FACET ? count(r, SQL_has_facet, DB_ARGS(db_i(s->org), db_i(s->facet), db_i(s->value), db_i(seq)), reterr)
                                            : count(r, SQL_has_item, DB_ARGS(db_i(s->org), db_i(s->value), db_i(seq), db_i(s->roles)), reterr);
        return v < 0 ? -1 : v > 0;
}

int64_t reader_term(struct reader *r, int64_t org, struct str text, struct err *reterr)
{
        const struct db_row *row;
        int64_t id = 0;
        int rc = db_query(r->db, SQL_term_find, DB_ARGS(db_i(org), db_i(hash_prefix(text))), reterr);
        while (rc >= 0 && !id && (rc = db_next(r->db, SQL_term_find, &row, reterr)) == 1)
                if (str_eq(db_text(row, 1), text))
                        id = db_int(row, 0);
        db_done(r->db, SQL_term_find);
        return rc < 0 ? -1 : id;
}

int reader_event_row(struct reader *r, int64_t org, int64_t seq, struct search_row *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(r->db, SQL_event_row, DB_ARGS(db_i(org), db_i(seq)), &row, reterr);
        if (rc == 1)
                *ret = (struct search_row){ org, seq, db_int(row, 0), db_int(row, 1), (uint8_t)db_int(row, 2), (uint8_t)db_int(row, 3) };
        db_done(r->db, SQL_event_row);
        return rc;
}

/* Record times never run backwards, so the place is found by halving. */
int64_t reader_recorded(struct reader *r, int64_t org, int64_t last_seq, int64_t us, struct err *reterr)
{
        int64_t low = 0, high = last_seq;
        while (low < high) {
                struct search_row row;
                int64_t middle = low + (high - low + 1) / 2;
                int rc = reader_event_row(r, org, middle, &row, reterr);
                if (rc < 0)
                        return -1;
                if (rc == 1 && row.record_us <= us)
                        low = middle;
                else
                        high = middle - 1;
        }
        return low;
}

int reader_found(struct reader *r, struct arena *a, int64_t org, int64_t seq, struct found_event *ret, struct err *reterr)
{
        const struct db_row *row;
        struct str context = STR_NONE;
        int rc = db_one(r->db, SQL_event_found, DB_ARGS(db_i(org), db_i(seq)), &row, reterr);
        if (rc == 1 && reader_term_text(r, org, db_int(row, 1), &context, reterr) < 0)
                rc = -1;
        *ret = (struct found_event){ 0 };
        if (rc == 1)
                *ret = (struct found_event){ arena_str(a, db_text(row, 0)), arena_str(a, context), arena_str(a, db_text(row, 2)),
                                             (db_int(row, 3) & EVENT_ID_GIVEN_HERE) != 0 };
        db_done(r->db, SQL_event_found);
        return rc;
}

size_t reader_orgs(struct reader *r, struct arena *a, int64_t org, int64_t **ret)
{
        if (org == ORG_MANY)
                return many_orgs(r, a, ret);
        *ret = arena_array(a, int64_t, 1);
        **ret = org;
        return 1;
}

int reader_told_elsewhere(struct reader *r, int64_t org, int64_t of_org, int64_t seq, struct err *reterr)
{
        return org == ORG_MANY ? many_hidden(r, of_org, seq, reterr) : 0;
}

/* ---- what there is to search by ---- */

static int next_term(struct reader *r, int64_t org, int facet, int64_t after, int64_t *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(r->db, SQL_facet_next, DB_ARGS(db_i(org), db_i(facet), db_i(after)), &row, reterr);
        *ret = rc == 1 ? db_int(row, 0) : 0;
        db_done(r->db, SQL_facet_next);
        return rc;
}

static ssize_t facet_values(struct reader *r, struct arena *a, int64_t org, int facet, int64_t after, struct seen_value *ret, size_t max, struct err *reterr)
{
        size_t n = 0;
        int rc = 1;
        while (n < max && (rc = next_term(r, org, facet, after, &after, reterr)) == 1 && after) {
                const struct db_row *row;
                rc = db_one(r->db, SQL_term_text, DB_ARGS(db_i(org), db_i(after)), &row, reterr);
                if (rc == 1)
                        ret[n++] = (struct seen_value){ after, arena_str(a, db_text(row, 0)) };
                db_done(r->db, SQL_term_text);
                if (rc < 0)
                        break;
        }
        return rc < 0 ? -1 : (ssize_t)n;
}

ssize_t reader_values(struct reader *r, struct arena *a, int64_t org, int facet, int64_t after, struct seen_value *ret, size_t max, struct err *reterr)
{
        const struct db_row *row;
        size_t n = 0;
        if (facet)
                return facet_values(r, a, org, facet, after, ret, max, reterr);
        int rc = db_query(r->db, SQL_items_seen, DB_ARGS(db_i(org), db_i(after), db_i((int64_t)max)), reterr);
        while (rc >= 0 && n < max && (rc = db_next(r->db, SQL_items_seen, &row, reterr)) == 1)
                ret[n++] = (struct seen_value){ db_int(row, 0), arena_str(a, db_text(row, 1)) };
        db_done(r->db, SQL_items_seen);
        return rc < 0 ? -1 : (ssize_t)n;
}
