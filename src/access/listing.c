#include "access/access_impl.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"

/* What is told of accounts.  Never a hash. */

static void member(struct buf *b, bool first, const char *name, struct str value)
{
        if (!first)
                buf_char(b, ',');
        json_write_name(b, name);
        json_write_str(b, value.n ? value : STR(""));
}

static void time_member(struct buf *b, struct arena *a, const char *name, int64_t us)
{
        if (us)
                member(b, false, name, stamp_utc(a, us));
}

static bool administers(const struct request *q, int64_t org)
{
        const struct caller *c = caller_of(q);
        return caller_may(c, MAY_ORGS) || c->org == org;
}

static struct str code_of(const struct book *b, int64_t org)
{
        const struct book_org *o = book_org(b, org);
        return o ? o->code : STR_NONE;
}

void access_write_orgs(struct access *x, const struct request *q, struct buf *b)
{
        bool more = false;
        buf_z(b, "{\"orgs\":[");
        pthread_rwlock_rdlock(&x->lock);
        for (size_t i = 0; i < x->book->n_orgs; i++) {
                const struct book_org *o = &x->book->orgs[i];
                if (!administers(q, o->id))
                        continue;
                buf_z(b, more ? ",{" : "{");
                more = true;
                member(b, true, "code", o->code);
                member(b, false, "name", o->name);
                member(b, false, "kind", o->kind);
                if (o->district)
                        member(b, false, "district", code_of(x->book, o->district));
                card_tell(b, &o->card);
                buf_printf(b, ",\"published\":%s,\"disabled\":%s}", o->published ? "true" : "false", o->disabled ? "true" : "false");
        }
        pthread_rwlock_unlock(&x->lock);
        buf_z(b, "]}\n");
}

void access_write_users(struct access *x, const struct request *q, struct buf *b)
{
        bool more = false;
        buf_z(b, "{\"users\":[");
        pthread_rwlock_rdlock(&x->lock);
        for (size_t i = 0; i < x->book->n_accounts; i++) {
                const struct book_account *a = &x->book->accounts[i];
                if (!administers(q, a->org))
                        continue;
                buf_z(b, more ? ",{" : "{");
                more = true;
                member(b, true, "name", a->name);
                member(b, false, "org", code_of(x->book, a->org));
                member(b, false, "role", a->role == AS_ROLES ? STR_NONE : str_of(role_name(a->role)));
                buf_printf(b, ",\"disabled\":%s}", a->disabled ? "true" : "false");
        }
        pthread_rwlock_unlock(&x->lock);
        buf_z(b, "]}\n");
}

void access_write_keys(struct access *x, const struct request *q, struct buf *b)
{
        bool more = false;
        buf_z(b, "{\"keys\":[");
        pthread_rwlock_rdlock(&x->lock);
        for (size_t i = 0; i < x->book->n_keys; i++) {
                const struct book_key *k = &x->book->keys[i];
                if (!administers(q, k->org))
                        continue;
                buf_printf(b, "%s{\"id\":%lld", more ? "," : "", (long long)k->id);
                more = true;
                member(b, false, "org", code_of(x->book, k->org));
                member(b, false, "scope", k->scope);
                member(b, false, "name", k->name);
                if (k->device.n)
                        member(b, false, "device", k->device);
                time_member(b, q->arena, "created", k->created_us);
                time_member(b, q->arena, "expires", k->expires_us);
                time_member(b, q->arena, "revoked", k->revoked_us);
                time_member(b, q->arena, "used", k->used_us);
                buf_char(b, '}');
        }
        pthread_rwlock_unlock(&x->lock);
        buf_z(b, "]}\n");
}

void access_write_self(struct access *x, const struct request *q, struct buf *b)
{
        static const char *const names[PERMISSIONS] = { [MAY_PUBLIC] = "public", [MAY_CAPTURE] = "capture", [MAY_QUERY] = "query", [MAY_SUBSCRIBE] = "subscribe",
                [MAY_ACCOUNT] = "account", [MAY_USERS] = "users", [MAY_ORGS] = "orgs", [MAY_AUDIT] = "audit", [MAY_WATCH] = "watch", [MAY_DECIDE] = "decide" };
        const struct caller *c = caller_of(q);
        bool more = false;
        buf_char(b, '{');
        member(b, true, "actor", c->actor);
        member(b, false, "role", str_of(role_name(c->role)));
        pthread_rwlock_rdlock(&x->lock);
        member(b, false, "org", code_of(x->book, c->org));
        pthread_rwlock_unlock(&x->lock);
        buf_z(b, ",\"may\":[");
        for (int p = 1; p < PERMISSIONS; p++)
                if (caller_may(c, (enum permission)p)) {
                        buf_printf(b, "%s\"%s\"", more ? "," : "", names[p]);
                        more = true;
                }
        buf_z(b, "]}\n");
}
