#include "access/access_impl.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "store/sql_names.h"

/* What administrators do: organisations, users, keys.  Each act is one transaction with its audit row. */

/* Codes and names stand in addresses, logs and actors. */
static bool good_word(struct str s, size_t max, bool upper)
{
        for (size_t i = 0; i < s.n; i++) {
                unsigned char c = (unsigned char)s.p[i];
                if (!((c >= 'a' && c <= 'z') || (upper && c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (i && (c == '-' || c == '_' || c == '.')) || c >= 0x80))
                        return false;
        }
        return s.n > 0 && s.n <= max;
}

static struct audit_row row_of(const struct request *q, int64_t org, const char *act, struct str target)
{
        const struct caller *c = caller_of(q);
        return (struct audit_row){ .org = org, .actor = c->actor, .address = access_address(q), .act = str_of(act), .target = target,
                                   .outcome = STR("ok"), .request = str_of(q->id) };
}

static int next_id(struct db *db, int sql, int64_t *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, sql, DB_NO_ARGS, &row, reterr);
        *ret = rc == 1 ? db_int(row, 0) : 1;
        db_done(db, sql);
        return rc < 0 ? -1 : 0;
}

int64_t access_org_of(struct access *x, const struct request *q, struct str code, struct err *reterr)
{
        const struct caller *c = caller_of(q);
        if (!code.n)
                return c->org;
        pthread_rwlock_rdlock(&x->lock);
        const struct book_org *o = book_org_code(x->book, code);
        int64_t id = o && (caller_may(c, MAY_ORGS) || o->id == c->org) ? o->id : 0;
        pthread_rwlock_unlock(&x->lock);
        if (!id)        /* one answer for what is not there and what is another's */
                err_set(reterr, ERR_NOT_FOUND, "没有这个组织 / there is no organisation %.*s", (int)(code.n < 64 ? code.n : 64), code.p);
        return id;
}

int64_t access_org_seen(struct access *x, const struct request *q, struct str code, struct err *reterr)
{
        const struct caller *c = caller_of(q);
        int64_t id = code.n ? store_org_number(x->store, code) : c->org;
        bool seen = id && c->sees_all;
        for (size_t i = 0; i < c->n_sees && !seen; i++)
                seen = c->sees[i] == id;
        return seen && id ? id : access_org_of(x, q, code, reterr);
}

/* ---- organisations ---- */

struct putting { struct access *x; const struct access_org *o; bool add; struct share_job share; int64_t id, district; struct str kind, name; struct access_card card; bool published; struct hash secret; struct audit_row row; };

static int put_parties(struct db *db, const struct putting *p, struct err *reterr)
{
        for (size_t i = 0; i < p->o->n_parties; i++) {
                const struct db_row *row;
                int rc = db_one(db, SQL_org_party_of, DB_ARGS(db_t(p->o->parties[i])), &row, reterr);
                int64_t whose = rc == 1 ? db_int(row, 0) : p->id;
                db_done(db, SQL_org_party_of);
                if (rc < 0 || (whose != p->id && err_set(reterr, ERR_CONFLICT, "another organisation bears %.*s", (int)(p->o->parties[i].n < 100 ? p->o->parties[i].n : 100), p->o->parties[i].p)) ||
                    db_run(db, SQL_org_party_add, DB_ARGS(db_i(p->id), db_t(p->o->parties[i])), reterr) < 0)
                        return -1;
        }
        return 0;
}

static int put_org(struct db *db, void *ctx, struct err *reterr)
{
        struct putting *p = ctx;
        bool authority = str_is(p->kind, "regulator") || str_is(p->kind, "laboratory");
        if (p->add && (next_id(db, SQL_org_next, &p->id, reterr) < 0 ||
                       db_run(db, SQL_org_add, DB_ARGS(db_i(p->id), db_t(p->o->code), db_t(p->name), db_b(&p->secret, sizeof p->secret), db_i(clock_now_us())), reterr) < 0))
                return -1;
        if (!p->add && db_run(db, SQL_org_rename, DB_ARGS(db_t(p->name), db_i(p->id)), reterr) < 0)
                return -1;
        p->row.org = p->id;
        if ((p->o->disabled > 0 && db_run(db, SQL_org_disable, DB_ARGS(db_i(p->id), db_i(clock_now_us())), reterr) < 0) ||
            (p->o->disabled == 0 && db_run(db, SQL_org_enable, DB_ARGS(db_i(p->id)), reterr) < 0))
                return -1;
        if (db_run(db, SQL_org_about_set, DB_ARGS(db_i(p->id), db_t(p->kind), db_i(p->district), db_i(p->published)), reterr) < 0 ||
            db_run(db, authority ? SQL_org_authority_add : SQL_org_authority_drop, DB_ARGS(db_i(p->id)), reterr) < 0 || put_parties(db, p, reterr) < 0 ||
            (p->row.detail.n && card_write(db, p->id, &p->card, reterr) < 0))
                return -1;
        if ((p->add || p->o->n_parties) && shares_register(p->x, db, p->id, p->row.actor, &p->share, reterr) < 0)
                return -1;
        return audit_write(db, &p->row, reterr);
}

static bool is_kind(struct str kind)
{
        static const char *const kinds[] = { "enterprise", "regulator", "laboratory", "buyer", "carrier" };
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
                if (str_is(kind, kinds[i]))
                        return true;
        return false;
}

/* What is not said stays as it is.  Called with the book locked. */
static int complete(const struct book *b, struct arena *a, int64_t home, const struct access_org *o, bool add, struct putting *p, struct err *reterr)
{
        const struct book_org *there = book_org_code(b, o->code), *district = o->district.n ? book_org_code(b, o->district) : NULL;
        if (add && there)
                return err_set(reterr, ERR_CONFLICT, "组织已存在 / there is an organisation %.*s already", STR_ARG(o->code));
        if (!add && !there)
                return err_set(reterr, ERR_NOT_FOUND, "没有这个组织 / there is no organisation %.*s", (int)(o->code.n < 64 ? o->code.n : 64), o->code.p);
        if (o->district.n && !district)
                return err_set(reterr, ERR_NOT_FOUND, "没有这个区域 / there is no district %.*s", (int)(o->district.n < 64 ? o->district.n : 64), o->district.p);
        p->id = there ? there->id : 0;
        if (there && o->disabled > 0 && there->id == home)
                return err_set(reterr, ERR_FORBIDDEN, "不能停用自己的组织 / nobody disables their own organisation");
        p->name = o->name.n ? o->name : there ? arena_str(a, there->name) : o->code;
        p->kind = o->kind.n ? o->kind : there ? arena_str(a, there->kind) : STR("enterprise");
        p->district = district ? district->id : there ? there->district : 0;
        p->published = o->published >= 0 ? o->published : there ? there->published : true;
        return card_complete(a, &o->card, there ? &there->card : &(struct access_card){ 0 }, &p->card, &p->row.detail, reterr);
}

int access_org_put(struct access *x, struct request *q, const struct access_org *o, bool add, struct err *reterr)
{
        struct putting p = { .x = x, .o = o, .add = add, .row = row_of(q, 0, add ? "org.add" : o->disabled > 0 ? "org.disable" : o->disabled == 0 ? "org.enable" : "org.set", o->code) };
        if (add && !good_word(o->code, 64, true))
                return err_set(reterr, ERR_BAD_INPUT, "组织代码由字母、数字和 -_. 组成，最多 64 字节 / a code is letters, digits and -_., at most 64 bytes");
        if (o->name.n > 200 || (o->kind.n && !is_kind(o->kind)))
                return err_set(reterr, ERR_BAD_INPUT, "kind is enterprise, regulator, laboratory, buyer or carrier; a name has at most 200 bytes");
        random_bytes(&p.secret, sizeof p.secret);
        pthread_rwlock_rdlock(&x->lock);
        int rc = complete(x->book, q->arena, caller_of(q)->org, o, add, &p, reterr);
        pthread_rwlock_unlock(&x->lock);
        if (rc < 0 || access_act(x, put_org, &p, reterr) < 0 || store_orgs_load(x->store, reterr) < 0)
                return -1;
        if (add || o->n_parties)
                shares_first(x, &p.share, q->local);
        return 0;
}

/* ---- users ---- */

struct user { int64_t id, org; struct str name, role; const char *hash; int disabled; struct audit_row row; };

static int add_user(struct db *db, void *ctx, struct err *reterr)
{
        struct user *u = ctx;
        if (next_id(db, SQL_account_next, &u->id, reterr) < 0 ||
            db_run(db, SQL_account_add, DB_ARGS(db_i(u->id), db_i(u->org), db_t(u->name), db_t(u->role), db_t(str_of(u->hash)), db_i(clock_now_us())), reterr) < 0)
                return -1;
        return audit_write(db, &u->row, reterr);
}

static int set_user(struct db *db, void *ctx, struct err *reterr)
{
        struct user *u = ctx;
        if ((u->hash && db_run(db, SQL_account_password, DB_ARGS(db_t(str_of(u->hash)), db_i(u->id)), reterr) < 0) ||
            (u->disabled >= 0 && db_run(db, SQL_account_disable, DB_ARGS(db_i(u->disabled), db_i(u->id)), reterr) < 0) ||
            db_run(db, SQL_login_end_all, DB_ARGS(db_i(u->id)), reterr) < 0)
                return -1;
        return audit_write(db, &u->row, reterr);
}

/* Nobody gives what they have not; who sees others' records is made by who may see all. */
static bool may_give(const struct caller *c, enum role r)
{
        if (caller_may(c, MAY_ORGS))
                return r != AS_NOBODY && r != AS_ROLES && r != AS_DEVICE;
        return r != AS_NOBODY && r != AS_ROLES && r != AS_DEVICE && r != AS_ADMIN && r != AS_REGULATOR && (role_may(r) & ~c->may) == 0;
}

int access_user_add(struct access *x, struct request *q, struct str name, struct str org, struct str role, struct str password, struct err *reterr)
{
        struct user u = { .name = name, .role = role, .org = access_org_of(x, q, org, reterr) };
        if (!u.org)
                return -1;
        if (!good_word(name, 64, true))
                return err_set(reterr, ERR_BAD_INPUT, "用户名由字母、数字、汉字和 -_. 组成 / a user's name is letters, digits and -_., at most 64 bytes");
        if (role_of_name(role) == AS_ROLES)
                return err_set(reterr, ERR_BAD_INPUT, "role is admin, regulator, manager, worker, laboratory, buyer, carrier or auditor");
        if (!may_give(caller_of(q), role_of_name(role)))
                return err_set(reterr, ERR_FORBIDDEN, "you may not make a user with this role");
        pthread_rwlock_rdlock(&x->lock);
        bool there = book_account_name(x->book, name);
        pthread_rwlock_unlock(&x->lock);
        if (there)
                return err_set(reterr, ERR_CONFLICT, "用户名已被使用 / the name is taken");
        if (password_hash(x, q->arena, password, &u.hash, reterr) < 0)
                return -1;
        u.row = row_of(q, u.org, "user.add", name);
        u.row.detail = role;
        return access_act(x, add_user, &u, reterr);
}

/* The account, when the asker administers it. */
static int find_user(struct access *x, const struct request *q, struct str name, struct user *u, struct err *reterr)
{
        const struct caller *c = caller_of(q);
        pthread_rwlock_rdlock(&x->lock);
        const struct book_account *a = book_account_name(x->book, name);
        bool mine = a && (caller_may(c, MAY_ORGS) || (a->org == c->org && may_give(c, a->role)));
        if (mine) {
                u->id = a->id;
                u->org = a->org;
        }
        pthread_rwlock_unlock(&x->lock);
        return mine ? 0 : err_set(reterr, ERR_NOT_FOUND, "没有这个用户 / there is no user %.*s", (int)(name.n < 64 ? name.n : 64), name.p ? name.p : "");
}

int access_user_set(struct access *x, struct request *q, struct str name, int disabled, struct str password, struct err *reterr)
{
        struct user u = { .name = name, .disabled = disabled };
        if (find_user(x, q, name, &u, reterr) < 0 || (password.n && password_hash(x, q->arena, password, &u.hash, reterr) < 0))
                return -1;
        u.row = row_of(q, u.org, password.n ? "user.password" : disabled > 0 ? "user.disable" : "user.enable", name);
        return access_act(x, set_user, &u, reterr);
}

/* ---- keys ---- */

struct key { const struct access_key *k; int64_t id, org, expires_us; enum role role; struct hash hash; bool gone; struct audit_row row; };

static int add_key(struct db *db, void *ctx, struct err *reterr)
{
        struct key *k = ctx;
        struct str none = STR("");
        if (next_id(db, SQL_api_key_next, &k->id, reterr) < 0 ||
            db_run(db, SQL_api_key_add, DB_ARGS(db_i(k->id), db_i(k->org), db_b(&k->hash, sizeof k->hash), db_t(str_of(role_name(k->role))), db_t(k->k->scope),
                                                db_t(k->k->name.n ? k->k->name : none), db_t(k->k->device.n ? k->k->device : none), db_i(clock_now_us()), db_i(k->expires_us)), reterr) < 0)
                return -1;
        return audit_write(db, &k->row, reterr);
}

static enum role role_of_key(struct access *x, const struct access_key *k, int64_t org, unsigned may)
{
        pthread_rwlock_rdlock(&x->lock);
        const struct book_org *o = book_org(x->book, org);
        bool regulator = o && str_is(o->kind, "regulator");
        pthread_rwlock_unlock(&x->lock);
        return k->device.n ? AS_DEVICE : may >> MAY_WATCH & 1 || may >> MAY_COLLECT & 1 ? AS_ADMIN : regulator ? AS_REGULATOR : AS_MANAGER;
}

int access_key_add(struct access *x, struct request *q, const struct access_key *k, struct str *ret_key, int64_t *ret_id, struct err *reterr)
{
        struct key n = { .k = k, .org = access_org_of(x, q, k->org, reterr) };
        struct str unknown = STR_NONE;
        char token[CREDENTIAL_BYTES + 1];
        if (!n.org)
                return -1;
        unsigned may = access_scope_may(k->scope, &unknown);
        if (!may || unknown.p)
                return err_set(reterr, ERR_BAD_INPUT, "scope is a list of capture, query, subscribe, audit, users, watch, decide, collect");
        if ((may & ~caller_of(q)->may) != 0)
                return err_set(reterr, ERR_FORBIDDEN, "you may not make a key with this scope");
        if (k->name.n > 100 || k->device.n > LIMIT_IDENTIFIER_BYTES || k->scope.n > 100 || k->days < 0 || k->days > 36500)
                return err_set(reterr, ERR_BAD_INPUT, "a key's name has at most 100 bytes, and it lives for 1 to 36500 days (0: no end)");
        n.role = role_of_key(x, k, n.org, may);
        credential_make(KEY_PREFIX, token);
        n.hash = sha256(token, CREDENTIAL_BYTES);
        n.expires_us = k->days ? clock_now_us() + k->days * 86400 * INT64_C(1000000) : 0;
        n.row = row_of(q, n.org, "key.add", k->name);
        n.row.detail = k->scope;
        if (access_act(x, add_key, &n, reterr) < 0)
                return -1;
        *ret_id = n.id;
        *ret_key = arena_str(q->arena, str_of(token));
        return 0;
}

static int revoke_key(struct db *db, void *ctx, struct err *reterr)
{
        struct key *k = ctx;
        return db_run(db, SQL_api_key_revoke, DB_ARGS(db_i(clock_now_us()), db_i(k->id)), reterr) < 0 ? -1 : audit_write(db, &k->row, reterr);
}

int access_key_revoke(struct access *x, struct request *q, int64_t id, struct err *reterr)
{
        const struct caller *c = caller_of(q);
        struct key k = { .id = id };
        pthread_rwlock_rdlock(&x->lock);
        for (size_t i = 0; i < x->book->n_keys; i++)
                if (x->book->keys[i].id == id && (caller_may(c, MAY_ORGS) || x->book->keys[i].org == c->org))
                        k.org = x->book->keys[i].org;
        pthread_rwlock_unlock(&x->lock);
        if (!k.org)
                return err_set(reterr, ERR_NOT_FOUND, "没有这个密钥 / there is no key %lld", (long long)id);
        k.row = row_of(q, k.org, "key.revoke", arena_printf(q->arena, "key:%lld", (long long)id));
        return access_act(x, revoke_key, &k, reterr);
}
