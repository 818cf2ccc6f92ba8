/* What a stranger says they are: the headers that admission reads, Authorization and Cookie, Host, and the scopes of a new key.  The first byte says which. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "access/access.h"
#include "access/access_impl.h"
#include "access/credential.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
        if (!so)
                abort();
}

static bool within(struct str part, struct str whole)
{
        return !part.n || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

/* What passes is exactly as long and of our letters, so it stands in a log or a hash as it is. */
static void formed(struct str token, const char *prefix)
{
        must(token.n == CREDENTIAL_BYTES && str_starts(token, str_of(prefix)));
        for (size_t i = 0; i < token.n; i++)
                must((token.p[i] >= 'a' && token.p[i] <= 'z') || (token.p[i] >= '0' && token.p[i] <= '9') || token.p[i] == '_');
}

static void authorization(struct str s)
{
        struct str token;
        enum credential c = credential_bearer(s, &token);
        must(within(token, s));
        if (c == CREDENTIAL_FORMED)
                formed(token, KEY_PREFIX);
        must(c != CREDENTIAL_FORMED || credential_look(token, SESSION_PREFIX) == CREDENTIAL_MALFORMED);
}

static void cookie(struct str s)
{
        struct str token = credential_cookie(s, SESSION_COOKIE);
        must(within(token, s));
        must(!token.n || !memchr(token.p, ';', token.n));
        if (credential_look(token, SESSION_PREFIX) == CREDENTIAL_FORMED)
                formed(token, SESSION_PREFIX);
}

static void scope(struct str s)
{
        struct str unknown = STR_NONE;
        unsigned may = access_scope_may(s, &unknown);
        must(within(unknown, s) && (may & (1u << MAY_ORGS)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (size < 1)
                return 0;
        struct str s = { (const char *)data + 1, size - 1 };
        if (data[0] == 'a')
                authorization(s);
        else if (data[0] == 'c')
                cookie(s);
        else if (data[0] == 's')
                scope(s);
        else
                (void)access_is_loopback(s);
        return 0;
}
