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
        MAY_DECIDE,             /* close alarms of the own organisation, give them an owner */
        MAY_PUSH,               /* hand in readings: a device its own, others of their organisation's devices */
        MAY_COLLECT,            /* hand in readings of all devices: the collecting process */
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

/* Whose records an organisation sees: its own, first, and its district's where it is a regulator; in the arena.  From memory, any thread. */
size_t access_sees(void *access, struct arena *a, int64_t org, const int64_t **ret);

/* The caller may see the figures of the server: by permission, or as who sits at the machine. */
bool access_may_watch(const struct request *q);

/* The caller of an admitted request; never NULL there. */
static inline const struct caller *caller_of(const struct request *q) { return q->caller; }
static inline bool caller_may(const struct caller *c, enum permission p) { return c->may >> p & 1; }

/* http's hook, on the network thread: answers from memory only.  Sets q->caller. */
struct service;
struct access;
/* Whose credentials these are of a device that the request is about: `secret` of `Bearer SECRET`, or `id` too of `Basic id:secret`.  Memory only, any thread.  False: the secret is wrong;
 * `ret_org` and `ret_id` still say which device was meant, where there is one. */
typedef bool access_device(void *ctx, const struct request *q, struct str id, struct str secret, int64_t *ret_org, struct str *ret_id);
void access_devices_are(struct access *x, access_device *which, void *ctx);     /* before anybody asks; NULL: nobody's */
bool access_is_loopback(struct str address);            /* of "host:port" */
int access_admit(struct request *q, const struct route *route, void *service, struct err *reterr);
/* http's other hook: a handler's own 403 goes into the audit trail too. */
void access_forbidden(const struct request *q, const struct route *route, void *service);


/* ---- made and ended in app/wire.c, between ledger and http ---- */
struct access;
struct ledger;
int access_open(struct store *s, struct ledger *l, struct access **ret, struct err *reterr);
void access_close(struct access *x);
/* Takes in what another process on the same database changed. */
int access_refresh(struct access *x, struct err *reterr);

/* ---- what the account routes do.  Everything below waits for the database or for a password: workers only.  `q` tells who asks; each act is
 * in the audit trail, in its own transaction. ---- */
/* Tokens are told once; the cookie's whole Set-Cookie value comes in `ret_cookie` (the arena's). */
int access_login(struct access *x, struct request *q, struct str name, struct str password, const char **ret_cookie, struct err *reterr);
int access_logout(struct access *x, struct request *q, const char **ret_cookie, struct err *reterr);
/* 1 with a new cookie when the old one has its age, 0, -1. */
int access_rotate(struct access *x, struct request *q, const char **ret_cookie, struct err *reterr);

/* From now on this process goes on with share jobs (store/shares.h), first with what an earlier one of its name was at; until access_close. */
int access_share_start(struct access *x, struct err *reterr);
/* Asks for copies of what others recorded about an organisation; `ret_n`: the job, which may be one that is under way. */
int access_share(struct access *x, struct request *q, int64_t org, struct str code, int64_t *ret_n, struct err *reterr);

/* What stands on an organisation's licence and where it is found.  `p` NULL: as it is; empty with `p`: nothing any more. */
struct access_card { struct str credit_code, name_hant, name_en, address, contact; };
/* Its name (zh-Hans) and card as they are now, in the arena; false: there is no such organisation.  From memory, any thread. */
bool access_card_of(struct access *x, struct arena *a, int64_t org, struct str *ret_name, struct access_card *ret);

struct access_org { struct str code, name, kind, district; struct access_card card; int published, disabled; const struct str *parties; size_t n_parties; };      /* `published`, `disabled` -1, texts empty: as it is */
int access_org_put(struct access *x, struct request *q, const struct access_org *o, bool add, struct err *reterr);
int access_user_add(struct access *x, struct request *q, struct str name, struct str org, struct str role, struct str password, struct err *reterr);
/* `disabled` -1 and an empty password: as it is.  Ends the user's sessions. */
int access_user_set(struct access *x, struct request *q, struct str name, int disabled, struct str password, struct err *reterr);
struct access_key { struct str org, scope, name, device; int64_t days; };
int access_key_add(struct access *x, struct request *q, const struct access_key *k, struct str *ret_key, int64_t *ret_id, struct err *reterr);
int access_key_revoke(struct access *x, struct request *q, int64_t id, struct err *reterr);

/* Keys with which devices sign; `n` is a number in the organisation.  Texts as sent: base64 of 32 and 64 bytes. */
struct access_device_key { struct str org, name, key, proof; };
int access_device_key_add(struct access *x, struct request *q, const struct access_device_key *k, int64_t *ret_n, struct err *reterr);
int access_device_key_revoke(struct access *x, struct request *q, struct str org, int64_t n, struct err *reterr);
/* Fills `e` but for eventID and reason.  `ret_wiped`: nothing of it is left in the database's files. */
struct ledger_erasure;
int access_erase(struct access *x, struct request *q, struct str org, struct ledger_erasure *e, bool *ret_wiped, struct err *reterr);

struct buf;
struct json;
int access_write_device_keys(struct access *x, const struct request *q, struct str org, int64_t after, struct buf *b, struct err *reterr);
/* JSON of what the asker administers. */
void access_write_orgs(struct access *x, const struct request *q, struct buf *b);
void access_write_users(struct access *x, const struct request *q, struct buf *b);
void access_write_keys(struct access *x, const struct request *q, struct buf *b);
void access_write_self(struct access *x, const struct request *q, struct buf *b);
/* The organisation a code names, when the asker may administer it; 0 with `reterr`. */
int64_t access_org_of(struct access *x, const struct request *q, struct str code, struct err *reterr);
/* A row of the trail about what `q` does, within a change (ledger_act). */
struct db;
struct str access_address(const struct request *q);      /* where it came from, as the trail has it */
/* The same about what came to us by itself: `address` where from. */
int access_audit_of(struct db *db, int64_t org, struct str actor, struct str address, struct str act, struct str target, struct str outcome, struct str detail, struct err *reterr);
int access_audit(struct db *db, const struct request *q, int64_t org, struct str act, struct str target, struct str detail, struct err *reterr);
/* The organisation a code names, when the asker may read its records (empty: the asker's own); 0 with `reterr`. */
int64_t access_org_seen(struct access *x, const struct request *q, struct str code, struct err *reterr);

/* People of an organisation (docs/ref/things.md): rows that can be erased, each change with its audit row.  `body` is JSON as staff_read gave it. */
int staff_read(struct arena *a, const struct json *body, struct str *ret_body, struct err *reterr);
/* 1 new, 0 there was one, -1. */
int access_staff_put(struct access *x, struct request *q, int64_t org, struct str code, struct str body, struct err *reterr);
int access_staff_erase(struct access *x, struct request *q, int64_t org, struct str code, bool *ret_wiped, struct err *reterr);
int access_staff(struct access *x, struct arena *a, int64_t org, struct str code, struct str *ret_body, struct err *reterr);    /* 1, 0, -1 */
/* {"staff":[…]} of those after `after`, and the code of the last where there may be more. */
int access_staff_page(struct access *x, struct arena *a, int64_t org, struct str after, int max, struct buf *out, struct str *ret_next, struct err *reterr);
int access_audit_page(struct access *x, struct arena *a, int64_t org, int64_t after, int max, struct buf *out, struct err *reterr);

#endif
