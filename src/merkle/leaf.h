#ifndef SUYUAN_MERKLE_LEAF_H
#define SUYUAN_MERKLE_LEAF_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"

/* A leaf of our log: 42 bytes that say what kind of thing was recorded when, and nothing about it.
 *
 *   u8 version = 1 ‖ u8 type ‖ u64 recorded, ms since 1970, big-endian ‖ 32 bytes commitment
 *   commitment = SHA-256("ftlog commit v1\0" ‖ salt ‖ hash), salt 32 random bytes, hash what is committed to
 *
 * docs/design/proof.md says what `hash` is for each type. */
enum leaf_type { LEAF_EVENT = 1, LEAF_BLOB, LEAF_SERIES, LEAF_VIDEO, LEAF_LOT_SEAL, LEAF_ERASURE, LEAF_KEY, LEAF_ANCHOR, LEAF_CLOCK, LEAF_CERTIFICATE,
                 LEAF_TYPES };
enum { LEAF_BYTES = 42, LEAF_FRAME = 44 /* with the length before it, in an entry bundle */ };

struct leaf { uint8_t type; int64_t ms; struct hash commitment; };
void leaf_write(uint8_t ret[LEAF_BYTES], const struct leaf *l);
int leaf_read(const void *p, size_t n, struct leaf *ret, struct err *reterr);
struct hash leaf_commitment(const struct hash *salt, const struct hash *hash);

/* The header of an event's record, text; the record hash is SHA-256(header ‖ record digest).
 *
 *   suyuan record v1
 *   /org/CODE
 *   <number>
 *   <before, 64 lower case hex digits>
 *   <time: 2026-11-28T08:00:00.000000Z, always six digits>
 *   <signature, 64 hex digits> or - */
struct record_header {
        struct str org;                 /* "/org/CODE" */
        int64_t number;                 /* gapless in the organisation, from 1 */
        struct hash before;             /* the record hash of number - 1; zeros for the first */
        int64_t time_us;                /* eventTime: what the client claims */
        struct hash signature;          /* SHA-256(public key ‖ signature) of a device that signed it; zeros: none */
};
struct str record_header_write(struct arena *a, const struct record_header *h);
int record_header_read(struct str text, struct record_header *ret, struct err *reterr);       /* strict: the very bytes that write gives */
struct hash record_hash(struct str header, const struct hash *digest);

/* All other types: a statement, text, whose SHA-256 is committed to: "suyuan statement v1", type in decimal, org, number, subject, detail; a
 * newline after each.  A line is not empty, UTF-8, and without control characters: whoever writes one has seen to that. */
struct statement {
        uint8_t type;
        struct str org;                 /* "/org/CODE" */
        int64_t number;                 /* gapless in the organisation and type, from 1 */
        struct str subject;             /* what it is about: one line */
        struct str detail;              /* one line, by type: docs/design/proof.md */
};
struct str statement_write(struct arena *a, const struct statement *s);
int statement_read(struct str text, struct statement *ret, struct err *reterr);

#endif
