#ifndef SUYUAN_PUSH_GUARD_H
#define SUYUAN_PUSH_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/err.h"

/* Where deliveries may go.  A subscriber chooses the address, and the server stands inside: so nothing is connected to but public
 * addresses, whatever name or spelling led there, unless the operator has allowed the destination by name (--push-allow). */
struct guard { const char *const *allow; size_t n_allow; };     /* "HOST" or "HOST:PORT", as in the destination's URL */

/* ADDRESS_WORLD of base/address.h. */
bool address_is_public(const struct sockaddr *sa);

struct destination { const char *url, *host; int port; bool allowed; };
/* Takes apart and judges what can be judged without asking a name server.  ERR_BAD_SUBSCRIPTION at /dest. */
int destination_read(struct arena *a, struct str url, const struct guard *g, struct destination *ret, struct err *reterr);

#endif
