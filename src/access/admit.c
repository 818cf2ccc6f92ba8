#include <stdio.h>
#include <string.h>

#include "access/access_impl.h"
#include "base/clock.h"

#include "base/text.h"
#include "ledger/service.h"

/* Admission, on the network thread: memory only. */

static const int64_t default_org[] = { ORG_DEFAULT };

static const struct caller nobody = { .role = AS_NOBODY, .may = 1u << MAY_PUBLIC, .actor = { "nobody", 6 } };

/* The host of "host:port" or "[v6]:port". */
static struct str host_of(struct str s)
{
        if (s.n && s.p[0] == '[') {
                const char *end = memchr(s.p, ']', s.n);
                return end ? (struct str){ s.p, (size_t)(end - s.p) + 1 } : s;
        }
        const char *colon = memchr(s.p ? s.p : "", ':', s.n);
        return colon ? (struct str){ s.p, (size_t)(colon - s.p) } : s;
}

bool access_is_loopback(struct str address)
{
        struct str host = host_of(address);
        return str_is(host, "127.0.0.1") || str_is(host, "[::1]") || str_ieq(host, STR("localhost"));
}

static struct caller *administrator(struct request *q, struct str actor)
{
        struct caller *c = arena_alloc(q->arena, sizeof *c);
        *c = (struct caller){ .role = AS_ADMIN, .org = ORG_DEFAULT, .may = role_may(AS_ADMIN), .actor = actor, .sees = default_org, .n_sees = 1, .sees_all = true };
        return c;
}

/* ---- credentials ---- */

enum { IDLE_S = 2 * 3600 };

static unsigned scope_may(struct str scope)
{
        static const struct { const char *name; unsigned may; } scopes[] = {
#define P(permission) (1u << MAY_##permission)
#define SCOPE(name, may, about) { name, may },
#include "access/scopes.def"
#undef SCOPE
#undef P
        };
        unsigned may = 0;
        struct str one;
        while (str_split(&scope, ',', &one))
                for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
                        if (str_is(str_trim(one), scopes[i].name))
                                may |= scopes[i].may;
        return may;
}

unsigned access_scope_may(struct str scope, struct str *ret_unknown)
{
        struct str one;
        unsigned may = 0;
        while (str_split(&scope, ',', &one)) {
                unsigned m = scope_may(one);
                if (!m)
                        *ret_unknown = one;
                may |= m;
        }
        return may;
}

/* A regulator sees those of its district, and of districts within it. */
static bool in_district(const struct book *b, int64_t org, int64_t of)
{
        for (int depth = 0; depth < 8 && org; depth++) {
                if (org == of)
                        return true;
                const struct book_org *o = book_org(b, org);
                org = o ? o->district : 0;
        }
        return false;
}

static size_t sees_of(const struct book *b, struct arena *a, int64_t org, bool district, const int64_t **ret)
{
        int64_t *sees = arena_array(a, int64_t, (district ? b->n_orgs : 0) + 1);
        size_t n = 0;
        sees[n++] = org;
        for (size_t i = 0; district && i < b->n_orgs; i++)
                if (b->orgs[i].id != org && in_district(b, b->orgs[i].id, org))
                        sees[n++] = b->orgs[i].id;
        *ret = sees;
        return n;
}

size_t access_sees(void *access, struct arena *a, int64_t org, const int64_t **ret)
{
        struct access *x = access;
        pthread_rwlock_rdlock(&x->lock);
        const struct book_org *home = book_org(x->book, org);
        size_t n = sees_of(x->book, a, org, home && str_is(home->kind, "regulator"), ret);
        pthread_rwlock_unlock(&x->lock);
        return n;
}

static const struct caller *caller_new(struct request *q, const struct book *b, int64_t org, enum role role, unsigned may, struct str actor)
{
        struct caller *c = arena_alloc(q->arena, sizeof *c);
        const struct book_org *home = book_org(b, org);
        const int64_t *sees;
        size_t n = sees_of(b, q->arena, org, role == AS_REGULATOR || (home && str_is(home->kind, "regulator")), &sees);
        *c = (struct caller){ .role = role, .org = org, .may = may, .actor = actor, .sees = sees, .n_sees = n, .sees_all = role == AS_ADMIN && may >> MAY_ORGS & 1 };
        return c;
}

static int by_key(struct request *q, struct access *x, struct str header, struct err *reterr)
{
        struct str token;
        enum credential form = credential_bearer(header, &token);
        if (form == CREDENTIAL_MALFORMED)
                return err_set(reterr, ERR_UNAUTHENTICATED, "Authorization is: Bearer KEY, with a key of `suyuan key add`");
        if (form == CREDENTIAL_MISTYPED)
                return err_set(reterr, ERR_UNAUTHENTICATED, "the key has a typing error: its last characters do not fit the others");
        struct hash h = sha256(token.p, token.n);
        struct book_key *k = book_key(x->book, &h);
        int64_t now = clock_now_us();
        if (!k || k->revoked_us)
                return err_set(reterr, ERR_UNAUTHENTICATED, k ? "the key was revoked" : "no such key");
        if (k->expires_us && k->expires_us <= now)
                return err_set(reterr, ERR_UNAUTHENTICATED, "the key has expired");
        if (book_org_disabled(x->book, k->org))
                return err_set(reterr, ERR_UNAUTHENTICATED, "the key's organisation is disabled");
        k->used_us = now;
        q->caller = caller_new(q, x->book, k->org, k->role, role_may(k->role) & (scope_may(k->scope) | 1u << MAY_PUBLIC | 1u << MAY_ACCOUNT),
                               k->device.n ? arena_printf(q->arena, "device:%.*s", STR_ARG(k->device)) : arena_printf(q->arena, "key:%lld", (long long)k->id));
        return 0;
}

/* ---- devices ---- */

/* "id:secret" of Basic credentials (RFC 7617); the whole of Bearer's. */
static bool device_login(struct request *q, struct str header, struct str *ret_id, struct str *ret_secret)
{
        struct str rest = str_trim(header), scheme, pair;
        *ret_id = STR_NONE;
        if (!str_split(&rest, ' ', &scheme))
                return false;
        *ret_secret = str_trim(rest);
        if (str_ieq(scheme, STR("Bearer")))
                return ret_secret->n > 0 && !str_starts(*ret_secret, STR(KEY_PREFIX));
        if (!str_ieq(scheme, STR("Basic")) || !base64_decode(q->arena, *ret_secret, &pair) || !pair.n || !memchr(pair.p, ':', pair.n))
                return false;
        str_split(&pair, ':', ret_id);
        *ret_secret = pair;
        return pair.n > 0;
}

/* Nobody, whom the trail of the device's organisation tells of. */
static const struct caller *refused_device(struct request *q, int64_t org, struct str device)
{
        struct caller *c = arena_alloc(q->arena, sizeof *c);
        *c = nobody;
        c->org = org;
        if (device.n)
                c->actor = arena_printf(q->arena, "device:%.*s?", STR_ARG(device));
        return c;
}

/* Who guesses is slowed down by device and address together: neither the device elsewhere nor the farm's people behind that address wait for it. */
static int by_device(struct request *q, struct access *x, struct str id, struct str secret, struct err *reterr)
{
        struct str device = STR_NONE;
        int64_t org = 0;
        bool right = x->device(x->device_ctx, q, id, secret, &org, &device);
        /* the device that is meant, whatever path names it; who tries what no device is called is one */
        struct str who = arena_printf(q->arena, "device %.*s@%.*s", STR_ARG(device), STR_ARG(access_address(q)));
        int wait = throttle_wait(x->throttle, who, who);
        if (wait) {
                err_set(reterr, ERR_TOO_MANY, "密码错误次数过多，请 %d 秒后再试 / too many wrong secrets for this device: wait %d s", wait, wait);
                reterr->retry_s = wait;
                return -1;
        }
        if (!right) {
                throttle_failed(x->throttle, who, who);
                q->caller = refused_device(q, org, device);
                return err_set(reterr, ERR_UNAUTHENTICATED, "no device has this id and secret, or it was revoked");
        }
        throttle_good(x->throttle, who);
        if (book_org_disabled(x->book, org))
                return err_set(reterr, ERR_UNAUTHENTICATED, "the device's organisation is disabled");
        q->caller = caller_new(q, x->book, org, AS_DEVICE, 1u << MAY_PUBLIC | 1u << MAY_PUSH, arena_printf(q->arena, "device:%.*s", STR_ARG(device)));
        return 0;
}

void access_devices_are(struct access *x, access_device *which, void *ctx)
{
        pthread_rwlock_wrlock(&x->lock);
        x->device = which;
        x->device_ctx = ctx;
        pthread_rwlock_unlock(&x->lock);
}

static bool idle(const struct book_login *l, int64_t now)
{
        return now - l->seen_us > IDLE_S * INT64_C(1000000);
}

static int by_cookie(struct request *q, struct access *x, struct str token, struct err *reterr)
{
        struct hash h = sha256(token.p, token.n);
        struct book_login *l = credential_look(token, SESSION_PREFIX) == CREDENTIAL_FORMED ? book_login(x->book, &h) : NULL;
        int64_t now = clock_now_us();
        const struct book_account *a = l && l->until_us > now && !idle(l, now) ? book_account(x->book, l->account) : NULL;
        if (!a || a->disabled || a->role == AS_ROLES || book_org_disabled(x->book, a->org))
                return err_set(reterr, ERR_UNAUTHENTICATED, "the session is over: sign in again");
        if (q->method != METHOD_GET && q->method != METHOD_HEAD && q->method != METHOD_OPTIONS && !access_same_origin(q, true))
                return err_set(reterr, ERR_FORBIDDEN, "a change that a cookie stands for must come from this site's own pages (Origin or Sec-Fetch-Site)");
        l->seen_us = now;
        q->caller = caller_new(q, x->book, a->org, a->role, role_may(a->role), arena_printf(q->arena, "user:%.*s", STR_ARG(a->name)));
        return 0;
}

bool access_same_origin(const struct request *q, bool strict)
{
        struct str site = request_header(q, "Sec-Fetch-Site"), origin = request_header(q, "Origin");
        if (site.n)
                return str_is(site, "same-origin") || str_is(site, "none");
        if (!origin.n)
                return !strict;
        struct str host = str_starts(origin, STR("https://")) ? str_from(origin, 8) : str_starts(origin, STR("http://")) ? str_from(origin, 7) : STR_NONE;
        return host.n && str_ieq(host, q->host);
}

static int by_credentials(struct request *q, const struct route *route, struct access *x, struct err *reterr)
{
        struct str id, secret;
        struct str header = request_header(q, "Authorization");
        struct str cookie = credential_cookie(request_header(q, "Cookie"), SESSION_COOKIE);
        int rc = 0;
        pthread_rwlock_rdlock(&x->lock);
        if (header.n && x->device && route && route->needs == MAY_PUSH && device_login(q, header, &id, &secret))
                rc = by_device(q, x, id, secret, reterr);
        else if (header.n)
                rc = by_key(q, x, header, reterr);
        else if (cookie.n)
                rc = by_cookie(q, x, cookie, reterr);
        pthread_rwlock_unlock(&x->lock);
        return rc;
}

/* ---- who it is, and whether they may ---- */

/* Figures for whoever sits at the machine.  A proxy is there too, and a page of a foreign site may be asked under a name of its own. */
static bool at_the_machine(const struct request *q)
{
        return (!strcmp(q->peer, "127.0.0.1") || !strcmp(q->peer, "::1")) && access_is_loopback(q->host) && !request_header(q, "X-Forwarded-For").p &&
               !request_header(q, "Forwarded").p && !request_header(q, "Via").p && !request_header(q, "X-Real-IP").p;
}

bool access_may_watch(const struct request *q)
{
        const struct caller *c = caller_of(q);
        return caller_may(c, MAY_WATCH) || (c->role == AS_NOBODY && at_the_machine(q));
}

/* The data directory's owner, who may speak for any organisation in it (`suyuan import --org`). */
static int by_socket(struct request *q, const struct service *v, struct err *reterr)
{
        struct str code = request_header(q, "Suyuan-Org");
        struct caller *c = administrator(q, STR("local"));
        if (code.n)
                c->org = store_org_number(v->store, code);
        q->caller = c;
        return c->org ? 0 : err_set(reterr, ERR_NOT_FOUND, "there is no organisation %.*s", (int)(code.n < 64 ? code.n : 64), code.p);
}

/* --open answers everyone on this machine as administrator, so a page of a foreign site must not reach it
 * by a name of its own (DNS rebinding): only loopback names are answered. */
static int recognise(struct request *q, const struct route *route, const struct service *v, struct err *reterr)
{
        q->caller = &nobody;
        if (q->local)
                return by_socket(q, v, reterr);
        if (!v->open)
                return v->access ? by_credentials(q, route, v->access, reterr) : 0;
        if (!access_is_loopback(q->host))
                return err_set(reterr, ERR_MISDIRECTED, "this server was started with --open and answers only for localhost, 127.0.0.1 and [::1]");
        /* who says who it is, is asked for its secret here too: a device with a wrong one must not find out in production alone */
        if (route && route->needs == MAY_PUSH && request_header(q, "Authorization").n && v->access)
                return by_credentials(q, route, v->access, reterr);
        q->caller = administrator(q, STR("open"));
        return 0;
}

static int judge(struct request *q, const struct route *route, struct err *reterr)
{
        const struct caller *c = q->caller;
        if (c->role == AS_ADMIN && caller_may(c, MAY_ORGS))
                return 0;
        if (route->needs && caller_may(c, (enum permission)route->needs))
                return 0;
        if (route->needs == MAY_WATCH && access_may_watch(q))
                return 0;
        if (c->role == AS_NOBODY)
                return err_set(reterr, ERR_UNAUTHENTICATED, "give an API key (Authorization: Bearer KEY), or sign in");
        return err_set(reterr, ERR_FORBIDDEN, "%s may not do this", role_name(c->role));
}

/* What the public gets needs no credentials, so wrong ones (a proxy's own, a cookie that is over) do no harm there. */
int access_admit(struct request *q, const struct route *route, void *service, struct err *reterr)
{
        const struct service *v = service;
        struct err e = { 0 };
        int rc = recognise(q, route, v, &e);
        if (rc < 0 && e.kind != ERR_MISDIRECTED && (!route || route->needs == MAY_PUBLIC))
                return 0;
        if (rc == 0 && route && route->needs != MAY_PUBLIC)
                rc = judge(q, route, &e);
        if (rc == 0)
                return 0;
        if (v->access && e.kind != ERR_MISDIRECTED)
                refusal(v->access, q, route, err_status(e.kind));
        *reterr = e;
        return -1;
}
