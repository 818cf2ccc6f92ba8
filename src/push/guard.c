#include "push/guard.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/address.h"
#include "base/text.h"

bool address_is_public(const struct sockaddr *sa)
{
        return address_reach(sa) == ADDRESS_WORLD;
}

/* A literal address: 1 public, 0 closed, -1 a name. */
static int literal(const char *host)
{
        struct sockaddr_in v4 = { .sin_family = AF_INET };
        struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
        char bare[64];
        size_t n = strlen(host);
        if (inet_pton(AF_INET, host, &v4.sin_addr) == 1)
                return address_is_public((const struct sockaddr *)&v4);
        if (n < 3 || n > sizeof bare || host[0] != '[')
                return -1;
        memcpy(bare, host + 1, n - 2);
        bare[n - 2] = '\0';
        char *zone = strchr(bare, '%');
        if (zone)
                return 0;
        return inet_pton(AF_INET6, bare, &v6.sin6_addr) == 1 ? address_is_public((const struct sockaddr *)&v6) : 0;
}

static int refuse(struct err *reterr, const char *why)
{
        err_set(reterr, ERR_BAD_SUBSCRIPTION, "dest: %s", why);
        return err_at(reterr, "/dest");
}

static int judge(struct destination *d, const char *scheme, const char *user, const struct guard *g, struct err *reterr)
{
        if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)
                return refuse(reterr, "give an https or http address");
        if (user)
                return refuse(reterr, "a name or password in the address would be kept and shown; use signatureToken");
        d->allowed = address_allowed(g->allow, g->n_allow, d->host, d->port);
        if (d->allowed)
                return 0;
        if (d->port != 80 && d->port != 443 && d->port < 1024)
                return refuse(reterr, "of the ports below 1024 only 80 and 443 are delivered to");
        if (literal(d->host) == 0 || str_ieq(str_of(d->host), STR("localhost")))
                return refuse(reterr, "this address is private, local or not globally reachable; the operator can allow it by name (--push-allow)");
        return 0;
}

static const char *part(struct arena *a, CURLU *u, CURLUPart what, unsigned flags)
{
        char *text = NULL;
        if (curl_url_get(u, what, &text, flags) != CURLUE_OK)
                return NULL;
        const char *copy = arena_cstr(a, str_of(text));
        curl_free(text);
        return copy;
}

int destination_read(struct arena *a, struct str url, const struct guard *g, struct destination *ret, struct err *reterr)
{
        *ret = (struct destination){ 0 };
        if (!url.n || url.n > 2000 || memchr(url.p, '\0', url.n))
                return refuse(reterr, "give an address of at most 2000 bytes");
        CURLU *u = curl_url();
        if (!u)
                abort();
        if (curl_url_set(u, CURLUPART_URL, arena_cstr(a, url), 0) != CURLUE_OK) {
                curl_url_cleanup(u);
                return refuse(reterr, "this is no absolute address");
        }
        const char *scheme = part(a, u, CURLUPART_SCHEME, 0), *port = part(a, u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
        const char *user = part(a, u, CURLUPART_USER, 0);
        ret->host = part(a, u, CURLUPART_HOST, 0);
        ret->url = part(a, u, CURLUPART_URL, 0);
        curl_url_cleanup(u);
        if (!scheme || !ret->host || !*ret->host || !ret->url)
                return refuse(reterr, "this is no absolute address");
        ret->port = port ? (int)strtol(port, NULL, 10) : 0;
        return judge(ret, scheme, user, g, reterr);
}
