#include "store/log.h"
#include "store/sql_names.h"
#include "store/store_impl.h"

/* What the log is made of.  Numbers are an organisation's own, never those of ORG_MANY. */

static void take_hash(const struct db_row *row, int column, struct hash *ret)
{
        struct str s = db_text(row, column);
        *ret = (struct hash){ 0 };      /* damaged: it opens nothing */
        if (s.n == sizeof(ret->b))
                memcpy(ret->b, s.p, s.n);
}

ssize_t reader_log_rows(struct reader *r, int64_t first, struct log_row *ret, size_t max, struct err *reterr)
{
        const struct db_row *row;
        const struct db_value args[] = { db_i(first), db_i((int64_t)max) };
        size_t n = 0;
        int rc = db_query(r->db, SQL_log_rows, args, 2, reterr);
        while (rc >= 0 && n < max && (rc = db_next(r->db, SQL_log_rows, &row, reterr)) == 1) {
                ret[n] = (struct log_row){ .idx = db_int(row, 0), .org = db_int(row, 1), .type = (uint8_t)db_int(row, 2), .ref = db_int(row, 3), .ms = db_int(row, 4) };
                take_hash(row, 5, &ret[n++].commitment);
        }
        db_done(r->db, SQL_log_rows);
        return rc < 0 ? -1 : (ssize_t)n;
}

int reader_log_row(struct reader *r, int64_t idx, struct log_row *ret, struct err *reterr)
{
        struct log_row row;
        ssize_t n = reader_log_rows(r, idx, &row, 1, reterr);
        if (n <= 0 || row.idx != idx)
                return n < 0 ? -1 : 0;
        *ret = row;
        return 1;
}

int64_t reader_log_size(struct reader *r, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(r->db, SQL_log_last, DB_NO_ARGS, &row, reterr);
        int64_t size = rc == 1 ? db_int(row, 0) + 1 : rc;
        db_done(r->db, SQL_log_last);
        return size;
}

int reader_log_of(struct reader *r, int64_t org, uint8_t type, int64_t ref, struct log_opening *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(r->db, SQL_log_opening, DB_ARGS(db_i(org), db_i(type), db_i(ref)), &row, reterr);
        if (rc == 1) {
                ret->idx = db_int(row, 0);
                ret->ms = db_int(row, 1);
                take_hash(row, 2, &ret->salt);
                take_hash(row, 3, &ret->hash);
        }
        db_done(r->db, SQL_log_opening);
        return rc;
}

int reader_log_statement(struct reader *r, struct arena *a, int64_t org, uint8_t type, int64_t n, struct str *ret_subject, struct str *ret_detail, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(r->db, SQL_log_statement, DB_ARGS(db_i(org), db_i(type), db_i(n)), &row, reterr);
        if (rc == 1) {
                *ret_subject = arena_str(a, db_text(row, 0));
                *ret_detail = arena_str(a, db_text(row, 1));
        }
        db_done(r->db, SQL_log_statement);
        return rc;
}

ssize_t reader_log_about(struct reader *r, struct arena *a, int64_t org, uint8_t type, struct str subject, int64_t *ret_ns, size_t max, struct err *reterr)
{
        const struct db_row *row;
        const struct db_value args[] = { db_i(org), db_i(type), db_t(subject), db_i((int64_t)max) };
        size_t n = 0;
        (void)a;
        int rc = db_query(r->db, SQL_log_about, args, 4, reterr);
        while (rc >= 0 && n < max && (rc = db_next(r->db, SQL_log_about, &row, reterr)) == 1)
                ret_ns[n++] = db_int(row, 0);
        db_done(r->db, SQL_log_about);
        return rc < 0 ? -1 : (ssize_t)n;
}

int64_t reader_log_newest(struct reader *r, int64_t org, uint8_t type, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(r->db, SQL_log_statement_last, DB_ARGS(db_i(org), db_i(type)), &row, reterr);
        int64_t n = rc == 1 ? db_int(row, 0) : rc;
        db_done(r->db, SQL_log_statement_last);
        return n;
}
