#include "access/access.h"

#include <string.h>

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

static const struct caller *administrator(struct request *q, struct str actor)
{
        struct caller *c = arena_alloc(q->arena, sizeof *c);
        *c = (struct caller){ .role = AS_ADMIN, .org = ORG_DEFAULT, .may = role_may(AS_ADMIN), .actor = actor, .sees = default_org, .n_sees = 1, .sees_all = true };
        return c;
}

/* Who it is.  --open answers everyone on this machine as administrator, so a page of a foreign site must not reach it
 * by a name of its own (DNS rebinding): only loopback names are answered. */
static int recognise(struct request *q, const struct service *v, struct err *reterr)
{
        q->caller = &nobody;
        if (q->local) {
                q->caller = administrator(q, STR("local"));
                return 0;
        }
        if (!v->open)
                return 0;
        if (!access_is_loopback(q->host))
                return err_set(reterr, ERR_MISDIRECTED, "this server was started with --open and answers only for localhost, 127.0.0.1 and [::1]");
        q->caller = administrator(q, STR("open"));
        return 0;
}

int access_admit(struct request *q, const struct route *route, void *service, struct err *reterr)
{
        if (recognise(q, service, reterr) < 0)
                return -1;
        const struct caller *c = q->caller;
        if (!route || route->needs == MAY_PUBLIC || (route->needs && caller_may(c, (enum permission)route->needs)) || c->role == AS_ADMIN)
                return 0;
        if (c->role == AS_NOBODY)
                return err_set(reterr, ERR_UNAUTHENTICATED, "give an API key: Authorization: Bearer KEY; or sign in");
        return err_set(reterr, ERR_FORBIDDEN, "%s may not do this", role_name(c->role));
}
