#include "push/guard.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/text.h"

struct range4 { uint32_t net; int bits; };
static const struct range4 closed4[] = {
        { 0x00000000, 8 }, { 0x0a000000, 8 }, { 0x64400000, 10 }, { 0x7f000000, 8 }, { 0xa9fe0000, 16 }, { 0xac100000, 12 }, { 0xc0000000, 24 },
        { 0xc0000200, 24 }, { 0xc0586300, 24 }, { 0xc0a80000, 16 }, { 0xc6120000, 15 }, { 0xc6336400, 24 }, { 0xcb007100, 24 },
        { 0xe0000000, 4 }, { 0xf0000000, 4 },
};

static bool public4(uint32_t a)
{
        for (size_t i = 0; i < sizeof closed4 / sizeof *closed4; i++)
                if ((a ^ closed4[i].net) >> (32 - closed4[i].bits) == 0)
                        return false;
        return true;
}

static uint32_t be32(const uint8_t *p)
{
        return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Only 2000::/3 is given out; of it not Teredo, benchmarking, ORCHID (2001::/23), documentation (2001:db8::/32, 3fff::/20); 6to4 and the
 * translating prefix 64:ff9b::/96 are as public as the IPv4 address in them. */
static bool public6(const uint8_t *b)
{
        static const uint8_t translated[12] = { 0, 0x64, 0xff, 0x9b };
        if (memcmp(b, translated, sizeof translated) == 0)
                return public4(be32(b + 12));
        if (b[0] >> 5 != 1 || (be32(b) >> 9) == (0x20010000u >> 9) || be32(b) == 0x20010db8u || be32(b) >> 12 == 0x3fff0u)
                return false;
        return be32(b) >> 16 != 0x2002 || public4(be32(b + 2));
}

bool address_is_public(const struct sockaddr *sa)
{
        if (sa->sa_family == AF_INET)
                return public4(ntohl(((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr));
        if (sa->sa_family == AF_INET6)
                return public6(((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr.s6_addr);
        return false;
}

static bool allows(const struct guard *g, const char *host, int port)
{
        for (size_t i = 0; i < g->n_allow; i++) {
                struct str row = str_of(g->allow[i]), name = str_of(host);
                if (str_ieq(row, name))
                        return true;
                if (row.n > name.n + 1 && row.p[name.n] == ':' && str_ieq((struct str){ row.p, name.n }, name) &&
                    strtol(row.p + name.n + 1, NULL, 10) == port)
                        return true;
        }
        return false;
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
        d->allowed = allows(g, d->host, d->port);
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
