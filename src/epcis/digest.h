#ifndef SUYUAN_EPCIS_DIGEST_H
#define SUYUAN_EPCIS_DIGEST_H

#include "base/digest.h"
#include "epcis/event.h"

/* Two digests, two jobs (docs/design/digests.md). */

/* CBV 2.0 event hash (CBV 2.0 §8.9): "ni:///sha-256;{hex}?ver=CBV2.0".  `ret_prehash` may be NULL. */
void event_hash(struct arena *a, const struct event *e, struct hash *ret, struct str *ret_prehash);
struct str event_hash_uri(struct arena *a, const struct hash *h);

/* The record digest: SHA-256 of the canonical form (contexts resolved, members sorted as RFC 8785, numbers
 * as canonical decimals, recordTime and a server-assigned eventID left out), in which every member that is not on the public
 * allow-list (epcis/public.def) stands as {"sealed": hex(HMAC-SHA-256(salt, pointer ‖ value))}.
 * `salt` = HMAC-SHA-256(organisation secret, canonical form without sealing): the same record sent again gets the same
 * salt and the same digest, and nobody without the secret can guess a sealed value.  An event that a device signed bears its salt
 * (epcis/signature.h): then the secret is not looked at and may be NULL, and the signature itself is left out. */
struct record_digest {
        struct hash digest, salt;
};
void record_digest(struct arena *a, const struct event *e, const struct hash *org_secret,
                   struct record_digest *ret);
/* The canonical form with its sealed members, for proofs and tests; `sealed` false gives the open form. */
struct str record_canonical(struct arena *a, const struct event *e, const struct hash *salt, bool sealed);

/* The sealed members of that form, in its order, for the table in which values and salts stand: erasing the value
 * there leaves the digest and every other seal as they are. */
struct seal {
        struct str pointer;     /* JSON Pointer with expanded names */
        struct str value;       /* its canonical JSON text */
        struct hash hash;       /* HMAC-SHA-256(salt, pointer ‖ value) */
};
size_t record_seals(struct arena *a, const struct event *e, const struct hash *salt, const struct seal **ret);

/* Is this top-level or nested member public?  `path` is the chain of expanded names from the event down. */
bool member_is_public(const struct str *path, size_t n);
/* The same, minding the value: a geo: URI or a coordinate is private whatever its name.  `object` is where `v` stands
 * under the last name of `path`.  What shows parts of an event to the public asks this one. */
bool member_open(const struct str *path, size_t n, const struct json *object, const struct json *v);

/* The event as it goes out: the body as sent with recordTime set, and eventID where the server gave it. */
void event_write(struct buf *b, const struct event *e, int64_t record_time_us, struct str event_id);

#endif
