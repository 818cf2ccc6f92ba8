#include "base/address.h"

#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"

struct range4 { uint32_t net; int bits; enum address_reach reach; };
static const struct range4 special4[] = {
        { 0x00000000, 8, ADDRESS_CLOSED },  { 0x0a000000, 8, ADDRESS_SITE },    { 0x64400000, 10, ADDRESS_CLOSED }, { 0x7f000000, 8, ADDRESS_CLOSED },
        { 0xa9fe0000, 16, ADDRESS_CLOSED }, { 0xac100000, 12, ADDRESS_SITE },   { 0xc0000000, 24, ADDRESS_CLOSED }, { 0xc0000200, 24, ADDRESS_CLOSED },
        { 0xc0586300, 24, ADDRESS_CLOSED }, { 0xc0a80000, 16, ADDRESS_SITE },   { 0xc6120000, 15, ADDRESS_CLOSED }, { 0xc6336400, 24, ADDRESS_CLOSED },
        { 0xcb007100, 24, ADDRESS_CLOSED }, { 0xe0000000, 4, ADDRESS_CLOSED },  { 0xf0000000, 4, ADDRESS_CLOSED },
};

static enum address_reach reach4(uint32_t a)
{
        for (size_t i = 0; i < sizeof special4 / sizeof *special4; i++)
                if ((a ^ special4[i].net) >> (32 - special4[i].bits) == 0)
                        return special4[i].reach;
        return ADDRESS_WORLD;
}

static uint32_t be32(const uint8_t *p)
{
        return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Only 2000::/3 is given out; of it not Teredo, benchmarking, ORCHID (2001::/23), documentation (2001:db8::/32, 3fff::/20); 6to4 and the
 * translating prefix 64:ff9b::/96 are as public as the IPv4 address in them. */
static bool world6(const uint8_t *b)
{
        static const uint8_t translated[12] = { 0, 0x64, 0xff, 0x9b };
        if (memcmp(b, translated, sizeof translated) == 0)
                return reach4(be32(b + 12)) == ADDRESS_WORLD;
        if (b[0] >> 5 != 1 || (be32(b) >> 9) == (0x20010000u >> 9) || be32(b) == 0x20010db8u || be32(b) >> 12 == 0x3fff0u)
                return false;
        return be32(b) >> 16 != 0x2002 || reach4(be32(b + 2)) == ADDRESS_WORLD;
}

/* fd00:ec2::254 is where a cloud tells its machines their secrets. */
static bool site6(const uint8_t *b)
{
        static const uint8_t mapped[12] = { [10] = 0xff, 0xff }, metadata[16] = { 0xfd, 0, 0x0e, 0xc2, [14] = 0x02, 0x54 };
        if (memcmp(b, mapped, sizeof mapped) == 0)
                return reach4(be32(b + 12)) != ADDRESS_CLOSED;
        return b[0] >> 1 == 0xfc >> 1 && memcmp(b, metadata, sizeof metadata) != 0;
}

enum address_reach address_reach(const struct sockaddr *sa)
{
        if (sa->sa_family == AF_INET)
                return reach4(ntohl(((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr));
        if (sa->sa_family != AF_INET6)
                return ADDRESS_CLOSED;
        const uint8_t *b = ((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr.s6_addr;
        return world6(b) ? ADDRESS_WORLD : site6(b) ? ADDRESS_SITE : ADDRESS_CLOSED;
}

bool address_allowed(const char *const *allow, size_t n, const char *host, int port)
{
        for (size_t i = 0; i < n; i++) {
                struct str row = str_of(allow[i]), name = str_of(host);
                if (str_ieq(row, name))
                        return true;
                if (row.n > name.n + 1 && row.p[name.n] == ':' && str_ieq((struct str){ row.p, name.n }, name) && strtol(row.p + name.n + 1, NULL, 10) == port)
                        return true;
        }
        return false;
}
