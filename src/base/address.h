#ifndef SUYUAN_BASE_ADDRESS_H
#define SUYUAN_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* Where we connect because somebody else said so: a subscriber's consumer, a tenant's device.  The server stands inside, so what is asked for is judged where the connection is
 * made, by the address, whatever name or spelling led there; the operator may allow by name what is closed. */
enum address_reach {
        ADDRESS_CLOSED,         /* this machine, this link (a cloud's metadata too), many at once, nobody: of no use to who is elsewhere but to look at what is inside */
        ADDRESS_SITE,           /* a private network: RFC 1918, RFC 4193; also such or a public IPv4 address written as an IPv6 one (::ffff:10.0.0.1) */
        ADDRESS_WORLD           /* globally reachable unicast (IANA's special-purpose registries, RFC 6890), and not the address of an IPv4 one that is not */
};
enum address_reach address_reach(const struct sockaddr *sa);
/* In the list as "HOST" or "HOST:PORT", as the destination is spelled. */
bool address_allowed(const char *const *allow, size_t n, const char *host, int port);

#endif
