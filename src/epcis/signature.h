#ifndef SUYUAN_EPCIS_SIGNATURE_H
#define SUYUAN_EPCIS_SIGNATURE_H

#include "base/digest.h"
#include "epcis/event.h"

/* A device's signature on an event (docs/ref/signing.md): Ed25519 over the record digest, in a member that the digest leaves out:
 *
 *   "suyuan:signature": { "suyuan:key": base64 of 32 bytes, "suyuan:salt": 64 hex digits, "suyuan:value": base64 of 64 bytes }
 *
 * The digest holds seals, and seals need a salt: the device chooses it, so that it can know the digest before anybody else does. */
enum { SIGNING_KEY_BYTES = 32, SIGNATURE_BYTES = 64 };
#define SIGNATURE_MEMBER SUYUAN_VOC "signature"

struct signature {
        uint8_t key[SIGNING_KEY_BYTES], value[SIGNATURE_BYTES];
        bool has_salt;                  /* false: erased with the sealed members */
        struct hash salt;
        const struct json *json;        /* the member's value in the event's JSON: what the digest leaves out */
        struct str name;                /* and its name as sent */
};

/* What is signed: "suyuan signature v1\n" ‖ the record digest. */
enum { SIGNED_BYTES = 20 + 32 };
void signed_text(uint8_t ret[SIGNED_BYTES], const struct hash *record_digest);
bool signature_holds(const struct signature *s, const struct hash *record_digest);
/* SHA-256(public key ‖ signature): what the header of the record's leaf says of it; zeros of NULL. */
struct hash signature_hash(const struct signature *s);

/* A key of which it can be proven that somebody holds its secret: no point of small order. */
bool signing_key_good(const uint8_t key[SIGNING_KEY_BYTES]);
/* The proof of possession that a registration bears: a signature over "suyuan device key v1\n/org/CODE\nNAME\nBASE64\n". */
struct str registration_text(struct arena *a, struct str org_code, struct str name, const uint8_t key[SIGNING_KEY_BYTES]);
bool registration_holds(const uint8_t key[SIGNING_KEY_BYTES], struct str text, const uint8_t proof[SIGNATURE_BYTES]);

#endif
