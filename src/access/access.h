#ifndef SUYUAN_ACCESS_ACCESS_H
#define SUYUAN_ACCESS_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "http/http.h"
#include "store/store.h"

/* Who asks, and what they may do (roles: MODEL.md §7).  Deny by default: a route says which permission it needs, a role has
 * the permissions of access/roles.def, a key those of its scope and not more than its role's. */

enum role {
        AS_NOBODY,              /* without an account: the public */
        AS_ADMIN,               /* platform administrator */
        AS_REGULATOR, AS_MANAGER, AS_WORKER, AS_LABORATORY, AS_BUYER, AS_CARRIER, AS_AUDITOR, AS_DEVICE,
        AS_ROLES
};
const char *role_name(enum role r);                     /* "admin", "regulator" … */
unsigned role_may(enum role r);                        /* bits 1 << permission */
enum role role_of_name(struct str name);                /* AS_ROLES when there is none */

/* What a route needs (struct route's `needs`).  0 is given to nobody but the administrator. */
enum permission {
        MAY_PUBLIC = 1,         /* everyone, also without an account */
        MAY_CAPTURE,            /* record events and master data */
        MAY_QUERY,              /* read events, master data, traces, capture jobs; named queries and subscriptions of the organisation */
        MAY_SUBSCRIBE,
        MAY_ACCOUNT,            /* whoever is logged in: their own session */
        MAY_USERS,              /* users and keys of the own organisation */
        MAY_ORGS,               /* organisations, users and keys of all */
        MAY_AUDIT,              /* read the audit trail of the own organisation (the administrator: all) */
        MAY_WATCH,              /* /metrics, details of /healthz */
        PERMISSIONS
};

struct caller {
        enum role role;
        int64_t org;                    /* whose records are written, and the home of users, keys, queries; 0: none */
        unsigned may;                   /* bits 1 << permission */
        struct str actor;               /* as stored with each record: "user:li", "key:3", "open", "local" */
        /* Whose records may be read: the own organisation, or a district's.  Reads go through reader_see. */
        const int64_t *sees;
        size_t n_sees;
        bool sees_all;
};

/* The caller of an admitted request; never NULL there. */
static inline const struct caller *caller_of(const struct request *q) { return q->caller; }
static inline bool caller_may(const struct caller *c, enum permission p) { return c->may >> p & 1; }

/* http's hook, on the network thread: answers from memory only.  Sets q->caller. */
struct service;
bool access_is_loopback(struct str address);            /* of "host:port" */
int access_admit(struct request *q, const struct route *route, void *service, struct err *reterr);

#endif
