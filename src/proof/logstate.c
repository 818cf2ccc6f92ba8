#include "base/clock.h"
#include "proof/proof_impl.h"
#include "store/sql_names.h"
#include "store/store_impl.h"

/* The log's rows: read through a snapshot, changed through the ledger. */

enum { LEASE_US = 15000000, RENEW_US = 5000000 };
enum { S_N, S_ORIGIN, S_VKEY, S_CREATED, S_SIZE, S_ROOT, S_NOTE, S_EPOCH };

static void take_row(struct arena *a, const struct db_row *row, struct log_state *s)
{
        struct str root = db_text(row, S_ROOT);
        *s = (struct log_state){
                .n = db_int(row, S_N), .created_us = db_int(row, S_CREATED), .size = db_int(row, S_SIZE), .epoch = db_int(row, S_EPOCH),
                .origin = arena_str(a, db_text(row, S_ORIGIN)), .vkey = arena_str(a, db_text(row, S_VKEY)), .note = arena_str(a, db_text(row, S_NOTE)),
        };
        memcpy(s->root.b, root.p, root.n < sizeof s->root.b ? root.n : sizeof s->root.b);
}

int logstate_load(struct proof *p, struct reader *r, struct arena *a, struct log_state *ret, struct err *reterr)
{
        const struct db_row *row;
        (void)p;
        int rc = db_one(reader_db(r), SQL_log_state_last, DB_NO_ARGS, &row, reterr);
        *ret = (struct log_state){ 0 };
        if (rc == 1)
                take_row(a, row, ret);
        db_done(reader_db(r), SQL_log_state_last);
        return rc;
}

/* One row back: it was done; none: it did not hold any more. */
static int done(struct db *db, int sql, const struct db_value *args, size_t n, int64_t *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, sql, args, n, &row, reterr);
        if (rc == 1 && ret)
                *ret = db_int(row, 0);
        db_done(db, sql);
        return rc;
}

struct adding { int64_t n; struct str origin, vkey; };

static int add(struct db *db, void *ctx, struct err *reterr)
{
        const struct adding *x = ctx;
        struct hash root = tree_empty();
        return db_run(db, SQL_log_state_add, DB_ARGS(db_i(x->n), db_t(x->origin), db_t(x->vkey), db_i(clock_now_us()), db_b(root.b, sizeof root.b)), reterr);
}

int logstate_add(struct proof *p, int64_t n, struct str origin, const struct vkey *key, struct err *reterr)
{
        struct buf b = { .max = 4096 };
        vkey_write(&b, key);
        int rc = ledger_act(p->ledger, add, &(struct adding){ n, origin, buf_view(&b) }, reterr);
        buf_free(&b);
        return rc;
}

/* ---- the lease: one of several processes signs ---- */

struct leasing { struct proof *p; bool renew, mine; int64_t epoch; };

static int take(struct db *db, void *ctx, struct err *reterr)
{
        struct leasing *x = ctx;
        struct proof *p = x->p;
        int64_t now = clock_now_us(), until = store_shared(p->store) ? now + LEASE_US : 0;
        int rc = x->renew ? done(db, SQL_log_state_renew, DB_ARGS(db_i(until), db_i(p->n), db_i(p->epoch)), &x->epoch, reterr)
                          : done(db, SQL_log_state_take, DB_ARGS(db_t(str_of(p->me)), db_i(until), db_i(p->n), db_i(now), db_i(!p->tried)), &x->epoch, reterr);
        x->mine = rc == 1;
        return rc < 0 ? -1 : 0;
}

int logstate_lease(struct proof *p, struct err *reterr)
{
        struct leasing x = { .p = p, .renew = p->mine };
        if ((p->mine && !store_shared(p->store)) || (p->tried && p->mine_until_us > clock_mono_us()))
                return 0;
        int64_t begun = clock_mono_us();
        if (ledger_act(p->ledger, take, &x, reterr) < 0)
                return -1;
        p->tried = true;        /* a namesake that is asked again is another process of this folder's name: it is to wait */
        if (x.mine && !x.renew)
                p->looked = false;
        p->mine = x.mine;
        if (x.mine)
                p->epoch = x.epoch;
        p->mine_until_us = begun + RENEW_US;
        return 0;
}

static int let_go(struct db *db, void *ctx, struct err *reterr)
{
        const struct proof *p = ctx;
        return done(db, SQL_log_state_renew, DB_ARGS(db_i(0), db_i(p->n), db_i(p->epoch)), NULL, reterr) < 0 ? -1 : 0;
}

void logstate_release(struct proof *p)
{
        if (p->mine && store_shared(p->store))
                (void)ledger_act(p->ledger, let_go, p, NULL);   /* else it runs out */
        p->mine = false;
}

/* ---- a checkpoint counts ---- */

struct signing { struct proof *p; int64_t old, size, now_us; const struct hash *root; struct str note; bool held; };

static int sign(struct db *db, void *ctx, struct err *reterr)
{
        struct signing *x = ctx;
        const struct proof *p = x->p;
        int64_t until = store_shared(p->store) ? clock_now_us() + LEASE_US : 0;
        int rc = done(db, SQL_log_state_sign, DB_ARGS(db_i(x->size), db_b(x->root->b, sizeof x->root->b), db_t(x->note), db_i(until),
                                                      db_i(p->n), db_i(x->old), db_i(p->epoch)), NULL, reterr);
        x->held = rc == 1;
        if (rc < 1)
                return rc;
        return db_run(db, SQL_log_checkpoint_add, DB_ARGS(db_i(p->n), db_i(x->size), db_t(x->note), db_i(x->now_us)), reterr);
}

int logstate_sign(struct proof *p, int64_t old, int64_t size, const struct hash *root, struct str note, int64_t now_us, struct err *reterr)
{
        struct signing x = { p, old, size, now_us, root, note, false };
        int64_t begun = clock_mono_us();
        if (ledger_act(p->ledger, sign, &x, reterr) < 0)
                return -1;
        p->mine = x.held;
        p->mine_until_us = begun + RENEW_US;
        return x.held;
}

struct keying { struct proof *p; struct str vkey; bool held; };

static int set_key(struct db *db, void *ctx, struct err *reterr)
{
        struct keying *x = ctx;
        int rc = done(db, SQL_log_state_key, DB_ARGS(db_t(x->vkey), db_i(x->p->n), db_i(x->p->epoch)), NULL, reterr);
        x->held = rc == 1;
        return rc < 0 ? -1 : 0;
}

int logstate_key(struct proof *p, const struct vkey *key, struct err *reterr)
{
        struct buf b = { .max = 4096 };
        vkey_write(&b, key);
        struct keying x = { p, buf_view(&b), false };
        int rc = ledger_act(p->ledger, set_key, &x, reterr);
        buf_free(&b);
        p->mine = p->mine && x.held;
        return rc < 0 ? -1 : x.held;
}

/* ---- witnesses ---- */

struct cosigning { struct proof *p; int64_t size, time_s; struct str name, line; };

static int cosign_row(struct db *db, void *ctx, struct err *reterr)
{
        const struct cosigning *x = ctx;
        return db_run(db, SQL_log_cosign_add, DB_ARGS(db_i(x->p->n), db_i(x->size), db_t(x->name), db_t(x->line), db_i(x->time_s)), reterr);
}

int logstate_cosign(struct proof *p, int64_t size, struct str name, struct str line, int64_t time_s, struct err *reterr)
{
        return ledger_act(p->ledger, cosign_row, &(struct cosigning){ p, size, time_s, name, line }, reterr);
}

int logstate_lines(struct proof *p, struct reader *r, int64_t size, struct buf *out, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_query(reader_db(r), SQL_log_cosigns, DB_ARGS(db_i(p->n), db_i(size)), reterr);
        while (rc >= 0 && (rc = db_next(reader_db(r), SQL_log_cosigns, &row, reterr)) == 1)
                buf_str(out, db_text(row, 0));
        return rc;
}

int logstate_cosigned(struct proof *p, struct reader *r, int64_t index, int64_t *ret_size, struct err *reterr)
{
        *ret_size = -1;
        int rc = done(reader_db(r), SQL_log_cosigned_first, DB_ARGS(db_i(p->n), db_i(index)), ret_size, reterr);
        return rc < 0 ? -1 : 0;
}

int logstate_checkpoint(struct proof *p, struct reader *r, struct arena *a, int64_t size, struct str *ret_note, int64_t *ret_us, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(reader_db(r), SQL_log_checkpoint_one, DB_ARGS(db_i(p->n), db_i(size)), &row, reterr);
        *ret_note = rc == 1 ? arena_str(a, db_text(row, 0)) : STR_NONE;
        *ret_us = rc == 1 ? db_int(row, 1) : 0;
        db_done(reader_db(r), SQL_log_checkpoint_one);
        return rc;
}
