#include "store/shares.h"

#include "store/sql_names.h"
#include "store/store_impl.h"

/* ---- reading ---- */

static struct share_job row_of(struct arena *a, int64_t org, const struct db_row *row)
{
        return (struct share_job){ .org = org, .n = db_int(row, 0), .kind = (enum share_kind)db_int(row, 1), .actor = arena_str(a, db_text(row, 2)),
                                   .asked_us = db_int(row, 3), .due_us = db_int(row, 4), .begun_us = db_int(row, 5), .done_us = db_int(row, 6),
                                   .replaced_by = db_int(row, 7), .until_us = db_int(row, 8), .place = db_int(row, 9), .copied = db_int(row, 10) };
}

ssize_t reader_share_jobs(struct reader *r, struct arena *a, int64_t org, int64_t after, struct share_job *ret, size_t max, struct err *reterr)
{
        const struct db_row *row;
        size_t n = 0;
        int rc = db_query(r->db, SQL_share_job_page, DB_ARGS(db_i(org), db_i(after), db_i((int64_t)max)), reterr);
        while (rc >= 0 && n < max && (rc = db_next(r->db, SQL_share_job_page, &row, reterr)) == 1)
                ret[n++] = row_of(a, org, row);
        db_done(r->db, SQL_share_job_page);
        return rc < 0 ? -1 : (ssize_t)n;
}

int reader_share_progress(struct reader *r, const struct share_job *j, int64_t *ret_looked, int64_t *ret_of, struct err *reterr)
{
        const struct store *s = r->store;
        int64_t at_org = j->place >> 40, at_seq = j->place & ((INT64_C(1) << 40) - 1);
        *ret_looked = *ret_of = 0;
        for (size_t i = 0; i < s->n_orgs; i++) {
                int64_t from = s->orgs[i].id, last = from == j->org ? 0 : reader_last_seq(r, from, reterr);
                if (last < 0)
                        return -1;
                *ret_of += last;
                *ret_looked += from < at_org ? last : from > at_org ? 0 : at_seq < last ? at_seq : last;
        }
        return 0;
}

int reader_share_due(struct reader *r, int64_t now_us, struct share_job *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(r->db, SQL_share_job_due, DB_ARGS(db_i(now_us)), &row, reterr);
        if (rc == 1)
                *ret = (struct share_job){ .org = db_int(row, 0), .n = db_int(row, 1), .epoch = db_int(row, 2) };
        db_done(r->db, SQL_share_job_due);
        return rc;
}

/* ---- writing ---- */

/* 1 when a row answers, with its first column; 0, -1. */
static int answered(struct db *db, int sql, const struct db_value *args, size_t n, int64_t *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, sql, args, n, &row, reterr);
        if (rc == 1 && ret)
                *ret = db_int(row, 0);
        db_done(db, sql);
        return rc;
}

static int add(struct db *db, const struct share_job *j, struct str me, int64_t *ret_n, struct err *reterr)
{
        if (answered(db, SQL_share_job_next, DB_ARGS(db_i(j->org)), ret_n, reterr) < 0)
                return -1;
        return db_run(db, SQL_share_job_add, DB_ARGS(db_i(j->org), db_i(*ret_n), db_i(j->kind), db_t(j->actor), db_i(j->asked_us), db_i(j->due_us),
                                                     db_i(j->begun_us), db_t(me), db_i(j->until_us)), reterr);
}

int share_job_ask(struct db *db, int64_t org, struct str actor, int64_t now_us, int64_t *ret_n, struct err *reterr)
{
        int rc = answered(db, SQL_share_job_running, DB_ARGS(db_i(org), db_i(SHARE_ASKED)), ret_n, reterr);
        if (rc != 0)
                return rc < 0 ? -1 : 0;
        struct share_job j = { .org = org, .kind = SHARE_ASKED, .actor = actor, .asked_us = now_us, .due_us = now_us };
        return add(db, &j, STR(""), ret_n, reterr);
}

int share_job_register(struct db *db, int64_t org, struct str actor, struct str me, int64_t now_us, int64_t until_us, struct share_job *ret, struct err *reterr)
{
        int64_t n;
        *ret = (struct share_job){ .org = org, .kind = SHARE_REGISTERED, .actor = actor, .asked_us = now_us, .due_us = now_us, .begun_us = now_us,
                                   .until_us = until_us, .epoch = 1 };
        if (answered(db, SQL_share_job_next, DB_ARGS(db_i(org)), &n, reterr) < 0 ||
            db_run(db, SQL_share_job_replace, DB_ARGS(db_i(now_us), db_i(n), db_i(org)), reterr) < 0)
                return -1;
        return add(db, ret, me, &ret->n, reterr);
}

int share_job_look(struct db *db, int64_t org, struct str actor, int64_t now_us, int64_t due_us, struct err *reterr)
{
        int rc = answered(db, SQL_share_job_running, DB_ARGS(db_i(org), db_i(SHARE_REGISTERED)), NULL, reterr);
        if (rc == 0)
                rc = answered(db, SQL_share_job_look_later, DB_ARGS(db_i(due_us), db_i(org)), NULL, reterr);
        if (rc != 0)
                return rc < 0 ? -1 : 0;
        int64_t n;
        struct share_job j = { .org = org, .kind = SHARE_LOOK, .actor = actor, .asked_us = now_us, .due_us = due_us };
        return add(db, &j, STR(""), &n, reterr);
}

int share_job_take(struct db *db, struct share_job *j, struct str me, int64_t now_us, int64_t until_us, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_share_job_take, DB_ARGS(db_t(me), db_i(until_us), db_i(now_us), db_i(j->org), db_i(j->n), db_i(j->epoch)), &row, reterr);
        struct share_job taken = { .org = j->org, .n = j->n };
        if (rc == 1) {
                taken.kind = (enum share_kind)db_int(row, 0);
                taken.epoch = db_int(row, 1);
                taken.place = db_int(row, 2);
                taken.copied = db_int(row, 3);
        }
        db_done(db, SQL_share_job_take);
        if (rc == 1)
                *j = taken;
        return rc;
}

int share_job_keep(struct db *db, struct share_job *j, int64_t until_us, struct err *reterr)
{
        return answered(db, SQL_share_job_keep, DB_ARGS(db_i(until_us), db_i(j->place), db_i(j->org), db_i(j->n), db_i(j->epoch)), &j->copied, reterr);
}

int share_job_let_go(struct db *db, const struct share_job *j, int64_t due_us, struct err *reterr)
{
        return db_run(db, SQL_share_job_let_go, DB_ARGS(db_i(due_us), db_i(j->org), db_i(j->n), db_i(j->epoch)), reterr);
}

int share_job_end(struct db *db, struct share_job *j, int64_t now_us, int64_t look_us, struct err *reterr)
{
        const struct db_row *row;
        struct arena *a = arena_new();
        struct str actor = STR_NONE;
        enum share_kind kind = SHARE_ASKED;
        int rc = db_one(db, SQL_share_job_end, DB_ARGS(db_i(now_us), db_i(j->org), db_i(j->n), db_i(j->epoch)), &row, reterr);
        if (rc == 1) {
                kind = (enum share_kind)db_int(row, 0);
                j->copied = db_int(row, 1);
                actor = arena_str(a, db_text(row, 2));
        }
        db_done(db, SQL_share_job_end);
        if (rc == 1 && kind == SHARE_REGISTERED && share_job_look(db, j->org, actor, now_us, look_us, reterr) < 0)
                rc = -1;
        arena_free(a);
        return rc;
}

int share_job_take_back(struct db *db, struct str me, bool alone, struct err *reterr)
{
        return db_run(db, SQL_share_job_take_back, DB_ARGS(db_i(alone), db_t(me)), reterr);
}
