#include "access/access_impl.h"
#include "base/clock.h"
#include "store/sql_names.h"

/* Sessions: a cookie whose SHA-256 is kept.  Ends 12 hours after the login and after two hours of silence, and gets a new secret every quarter of an hour; the
 * old one is good for another minute, for what is under way. */
#define SECOND INT64_C(1000000)
enum { ABSOLUTE_S = 12 * 3600, IDLE_S = 2 * 3600, ROTATE_S = 15 * 60, GRACE_S = 60 };

struct opening { int64_t account, org, created_us; struct hash hash, before; bool rotates; struct audit_row row; };

static int open_session(struct db *db, void *ctx, struct err *reterr)
{
        const struct opening *o = ctx;
        int64_t now = clock_now_us();
        if (db_run(db, SQL_login_tidy, DB_ARGS(db_i(now), db_i(now - IDLE_S * SECOND)), reterr) < 0 ||
            db_run(db, SQL_login_add, DB_ARGS(db_b(&o->hash, sizeof o->hash), db_i(o->account), db_i(o->created_us), db_i(now), db_i(o->created_us + ABSOLUTE_S * SECOND)), reterr) < 0)
                return -1;
        if (o->rotates)
                return db_run(db, SQL_login_end, DB_ARGS(db_i(now + GRACE_S * SECOND), db_b(&o->before, sizeof o->before)), reterr);
        return audit_write(db, &o->row, reterr);
}

static int only_audit(struct db *db, void *ctx, struct err *reterr)
{
        int64_t turn;
        return db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0 ? -1 : audit_write(db, ctx, reterr);
}

static const char *cookie(struct access *x, struct arena *a, const char *token, int max_age)
{
        return arena_printf(a, SESSION_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s", token, max_age, x->secure ? "; Secure" : "").p;
}

static int new_session(struct access *x, struct request *q, struct opening *o, const char **ret_cookie, struct err *reterr)
{
        char token[CREDENTIAL_BYTES + 1];
        credential_make(SESSION_PREFIX, token);
        o->hash = sha256(token, CREDENTIAL_BYTES);
        if (access_act(x, open_session, o, reterr) < 0)
                return -1;
        *ret_cookie = cookie(x, q->arena, token, ABSOLUTE_S);
        return 0;
}

/* Copies what the name says out of the book. */
static bool find(struct access *x, struct arena *a, struct str name, struct opening *o, const char **ret_password)
{
        pthread_rwlock_rdlock(&x->lock);
        const struct book_account *c = book_account_name(x->book, name);
        *ret_password = c && !c->disabled && !book_org_disabled(x->book, c->org) ? arena_cstr(a, str_of(c->password)) : NULL;
        if (c) {
                o->account = c->id;
                o->org = c->org;
        }
        pthread_rwlock_unlock(&x->lock);
        return *ret_password;
}

static int too_many(struct access *x, struct request *q, int wait, struct err *reterr)
{
        refusal(x, q, NULL, 429);
        err_set(reterr, ERR_TOO_MANY, "请 %d 秒后再试 / too many failed tries: try again in %d s", wait, wait);
        if (reterr)
                reterr->retry_s = wait;
        return -1;
}

int access_login(struct access *x, struct request *q, struct str name, struct str password, const char **ret_cookie, struct err *reterr)
{
        struct opening o = { .created_us = clock_now_us() };
        const char *hash;
        struct str address = arena_str(q->arena, access_address(q)), shown = { name.p, name.n < 64 ? name.n : 64 };
        if (!access_same_origin(q, false))
                return err_set(reterr, ERR_FORBIDDEN, "sign in from this site's own page");
        int wait = throttle_wait(x->throttle, name, address);
        if (wait)
                return too_many(x, q, wait, reterr);
        find(x, q->arena, name, &o, &hash);
        int right = password_right(x, q->arena, hash, password, reterr);
        if (right < 0)
                return -1;
        o.row = (struct audit_row){ .org = o.org, .actor = arena_printf(q->arena, "user:%.*s", STR_ARG(shown)), .address = address, .act = STR("login"),
                                    .outcome = right ? STR("ok") : STR("wrong"), .request = str_of(q->id) };
        if (right) {
                throttle_good(x->throttle, name);
                return new_session(x, q, &o, ret_cookie, reterr);
        }
        throttle_failed(x->throttle, name, address);
        if (ledger_act(x->ledger, only_audit, &o.row, reterr) < 0)
                return -1;
        return err_set(reterr, ERR_UNAUTHENTICATED, "用户名或口令不对 / the name or the password is wrong");
}

static struct hash hash_of_cookie(const struct request *q)
{
        struct str token = credential_cookie(request_header(q, "Cookie"), SESSION_COOKIE);
        return sha256(token.p ? token.p : "", token.n);
}

static int end_session(struct db *db, void *ctx, struct err *reterr)
{
        const struct opening *o = ctx;
        return db_run(db, SQL_login_end, DB_ARGS(db_i(0), db_b(&o->hash, sizeof o->hash)), reterr) < 0 ? -1 : audit_write(db, &o->row, reterr);
}

int access_logout(struct access *x, struct request *q, const char **ret_cookie, struct err *reterr)
{
        struct opening o = { .hash = hash_of_cookie(q) };
        const struct caller *c = caller_of(q);
        o.row = (struct audit_row){ .org = c->org, .actor = c->actor, .address = access_address(q), .act = STR("logout"), .outcome = STR("ok"), .request = str_of(q->id) };
        *ret_cookie = cookie(x, q->arena, "", 0);
        return access_act(x, end_session, &o, reterr);
}

int access_rotate(struct access *x, struct request *q, const char **ret_cookie, struct err *reterr)
{
        struct opening o = { .rotates = true, .before = hash_of_cookie(q) };
        int64_t now = clock_now_us();
        pthread_rwlock_rdlock(&x->lock);
        const struct book_login *l = book_login(x->book, &o.before);
        bool due = l && now - l->rotated_us > ROTATE_S * SECOND && l->until_us - now > GRACE_S * SECOND;
        if (due) {
                o.account = l->account;
                o.created_us = l->created_us;
        }
        pthread_rwlock_unlock(&x->lock);
        return due ? (new_session(x, q, &o, ret_cookie, reterr) < 0 ? -1 : 1) : 0;
}
