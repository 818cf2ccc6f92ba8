#include "store/links.h"

#include "base/limits.h"
#include "store/many_impl.h"
#include "store/parties.h"
#include "store/sql_names.h"

ssize_t reader_links(struct reader *r, struct arena *a, struct str canonical, struct resolver_link **ret, struct err *reterr)
{
        const struct db_row *row;
        size_t n = 0;
        int64_t owner = store_owner(r->store, canonical);
        *ret = arena_array(a, struct resolver_link, LIMIT_LINKS);
        int rc = db_query(r->db, SQL_links, DB_ARGS(db_t(canonical), db_i(LIMIT_LINKS)), reterr);
        while (rc >= 0 && (rc = db_next(r->db, SQL_links, &row, reterr)) == 1)
                if (!owner || owner == db_int(row, 0))
                        (*ret)[n++] = (struct resolver_link){ db_int(row, 0), arena_str(a, db_text(row, 1)), arena_str(a, db_text(row, 2)),
                                                              arena_str(a, db_text(row, 3)), arena_str(a, db_text(row, 4)), arena_str(a, db_text(row, 5)) };
        return rc < 0 ? -1 : (ssize_t)n;
}

int reader_owns(struct reader *r, int64_t org, struct str canonical, struct err *reterr)
{
        const struct db_row *row;
        int64_t owner = store_owner(r->store, canonical), all = reader_see_public(r);
        if (owner || all == org)
                return !owner || owner == org;
        int64_t item = reader_item(r, all, canonical, reterr);
        struct group *g;
        if (item > 0)
                return many_group(r, item, &g, reterr) < 0 ? -1 : many_first(r, g, org, reterr);
        int rc = item < 0 ? -1 : db_one(r->db, SQL_master_first, DB_ARGS(db_t(canonical)), &row, reterr);
        if (rc == 1)
                rc = db_int(row, 0) == org;
        db_done(r->db, SQL_master_first);
        return rc;
}

int link_set(struct db *db, struct str canonical, const struct resolver_link *l, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_link_count, DB_ARGS(db_t(canonical), db_i(l->org)), &row, reterr);
        int64_t n = rc == 1 ? db_int(row, 0) : 0;
        db_done(db, SQL_link_count);
        if (rc < 0)
                return -1;
        if (n >= LIMIT_LINKS)
                return err_set(reterr, ERR_TOO_LARGE, "a thing has %d links at most; delete one first", (int)LIMIT_LINKS);
        return db_run(db, SQL_link_set, DB_ARGS(db_t(canonical), db_i(l->org), db_t(l->type), db_t(l->lang), db_t(l->media), db_t(l->href), db_t(l->title)), reterr);
}

int link_drop(struct db *db, struct str canonical, const struct resolver_link *l, struct err *reterr)
{
        return db_run(db, SQL_link_drop, DB_ARGS(db_t(canonical), db_i(l->org), db_t(l->type), db_t(l->lang), db_t(l->media)), reterr);
}
