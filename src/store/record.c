#include "store/record.h"

#include "epcis/digest.h"
#include "epcis/read.h"
#include "store/sql_names.h"
#include "store/store_impl.h"

/* The event as it stands in the store, in the arena: 1 / 0 / -1.  `ret_form` is STR_NONE unless it was erased. */
static int record_read(struct reader *r, struct arena *a, int64_t org, int64_t seq, struct event *ret, struct hash *ret_salt, struct str *ret_form,
                       struct err *reterr)
{
        const struct db_row *row;
        struct str body = STR_NONE, context = STR_NONE, salt;
        int rc = db_one(r->db, SQL_record_facts, DB_ARGS(db_i(org), db_i(seq)), &row, reterr);
        if (rc == 1 && reader_term_text(r, org, db_int(row, 1), &context, reterr) < 0)
                rc = -1;
        if (rc == 1) {
                body = arena_str(a, db_text(row, 0));
                context = arena_str(a, context);
                salt = db_text(row, 2);
                *ret_form = db_is_null(row, 3) ? STR_NONE : arena_str(a, db_text(row, 3));
                *ret_salt = (struct hash){ { 0 } };
                if (salt.n == sizeof ret_salt->b)
                        memcpy(ret_salt->b, salt.p, salt.n);
        }
        db_done(r->db, SQL_record_facts);
        return rc == 1 && event_reread(a, body, context, store_origins(r->store), ret, reterr) < 0 ? -1 : rc;
}

/* With ORG_MANY a number says whose it is. */
static void one_of(int64_t *org, int64_t *seq)
{
        if (*org == ORG_MANY) {
                *org = number_org(*seq);
                *seq = number_low(*seq);
        }
}

int reader_record_form(struct reader *r, struct arena *a, int64_t org, int64_t seq, struct str *ret, struct err *reterr)
{
        struct event e;
        struct hash salt;
        one_of(&org, &seq);
        int rc = record_read(r, a, org, seq, &e, &salt, ret, reterr);
        if (rc == 1 && !ret->p)
                *ret = record_canonical(a, &e, &salt, true);
        return rc;
}

int reader_record_signature(struct reader *r, struct arena *a, int64_t org, int64_t seq, struct record_signature *ret, struct err *reterr)
{
        struct event e = { 0 };
        struct hash salt;
        struct str form;
        const struct db_row *row;
        one_of(&org, &seq);
        int rc = record_read(r, a, org, seq, &e, &salt, &form, reterr);
        if (rc != 1 || !e.signature)
                return rc < 0 ? -1 : 0;
        *ret = (struct record_signature){ 0 };
        memcpy(ret->key, e.signature->key, sizeof ret->key);
        memcpy(ret->value, e.signature->value, sizeof ret->value);
        rc = db_one(r->db, SQL_device_key_of_record, DB_ARGS(db_b(ret->key, sizeof ret->key), db_i(org), db_i(seq)), &row, reterr);
        if (rc == 1) {
                ret->org = db_int(row, 0);
                ret->n = db_int(row, 1);
                ret->name = arena_str(a, db_text(row, 2));
                ret->registered_us = db_int(row, 3);
                ret->revoked_us = db_int(row, 4);
        }
        db_done(r->db, SQL_device_key_of_record);
        return rc < 0 ? -1 : 1;
}

int reader_record_erasure(struct reader *r, struct arena *a, int64_t org, int64_t seq, struct record_erasure *ret, struct err *reterr)
{
        const struct db_row *row;
        one_of(&org, &seq);
        int rc = db_one(r->db, SQL_record_erased, DB_ARGS(db_i(org), db_i(seq)), &row, reterr);
        if (rc == 1)
                *ret = (struct record_erasure){ db_int(row, 0), db_int(row, 1), arena_str(a, db_text(row, 2)) };
        db_done(r->db, SQL_record_erased);
        return rc;
}

static void take_key(struct arena *a, const struct db_row *row, int column, struct device_key *k)
{
        struct str key = db_text(row, column + 1);
        k->name = arena_str(a, db_text(row, column));
        if (key.n == sizeof k->key)
                memcpy(k->key, key.p, key.n);
        k->created_us = db_int(row, column + 2);
        k->revoked_us = db_int(row, column + 3);
        k->actor = arena_str(a, db_text(row, column + 4));
}

int reader_device_key(struct reader *r, struct arena *a, int64_t org, int64_t n, struct device_key *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(r->db, SQL_device_key, DB_ARGS(db_i(org), db_i(n)), &row, reterr);
        *ret = (struct device_key){ .org = org, .n = n };
        if (rc == 1)
                take_key(a, row, 0, ret);
        db_done(r->db, SQL_device_key);
        return rc;
}

ssize_t reader_device_keys(struct reader *r, struct arena *a, int64_t org, int64_t after, struct device_key *ret, size_t max, struct err *reterr)
{
        const struct db_row *row;
        size_t n = 0;
        int rc = db_query(r->db, SQL_device_keys, DB_ARGS(db_i(org), db_i(after), db_i((int64_t)max)), reterr);
        while (rc >= 0 && n < max && (rc = db_next(r->db, SQL_device_keys, &row, reterr)) == 1) {
                ret[n] = (struct device_key){ .org = org, .n = db_int(row, 0) };
                take_key(a, row, 1, &ret[n++]);
        }
        db_done(r->db, SQL_device_keys);
        return rc < 0 ? -1 : (ssize_t)n;
}

int reader_staff(struct reader *r, struct arena *a, int64_t org, struct str code, struct str *ret_body, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(r->db, SQL_staff_one, DB_ARGS(db_i(org), db_t(code)), &row, reterr);
        if (rc == 1)
                *ret_body = arena_str(a, db_text(row, 0));
        db_done(r->db, SQL_staff_one);
        return rc;
}

ssize_t reader_staff_page(struct reader *r, struct arena *a, int64_t org, struct str after, struct staff_row *ret, size_t max, struct err *reterr)
{
        const struct db_row *row;
        size_t n = 0;
        int rc = db_query(r->db, SQL_staff_page, DB_ARGS(db_i(org), db_t(after.n ? after : STR("")), db_i((int64_t)max)), reterr);
        while (rc >= 0 && n < max && (rc = db_next(r->db, SQL_staff_page, &row, reterr)) == 1)
                ret[n++] = (struct staff_row){ arena_str(a, db_text(row, 0)), arena_str(a, db_text(row, 1)) };
        db_done(r->db, SQL_staff_page);
        return rc < 0 ? -1 : (ssize_t)n;
}
