#ifndef SUYUAN_PROOF_SEAL_H
#define SUYUAN_PROOF_SEAL_H

#include "ledger/ledger.h"

/* Lot seals (docs/design/proof.md): when a thing leaves an organisation, its log says how many records stand behind it and which.  A record that is
 * held back later is missed. */

/* A seal's detail: "through count HEX", HEX of SHA-256 over the sorted commitments. */
struct seal_detail { int64_t through, count; struct hash hash; };
struct str seal_detail_write(struct arena *a, const struct seal_detail *d);
bool seal_detail_read(struct str text, struct seal_detail *ret);        /* strict: what seal_detail_write gives */
/* Sorts the commitments in place and hashes them. */
struct hash seal_hash_of(struct hash *commitments, size_t n);

/* Which records stood behind a thing in one organisation when its last number was `through`: those of its trace back over that organisation's records 1 to
 * through, one declared wrong like any other, without the copies of others' records.  Their commitments, in the arena; how many, -1. */
ssize_t seal_commitments(struct arena *a, struct reader *r, int64_t org, struct str item, int64_t through, struct hash **ret, struct err *reterr);

/* The thread that seals what was shipped, after the commit and never in its way: it rests nine times as long as it works.  Where it stopped follows from the
 * newest seals, so a kill costs nothing; the same seal twice is one. */
struct seals;
int seals_start(struct store *s, struct ledger *l, struct seals **ret, struct err *reterr);
void seals_stop(struct seals *s);       /* NULL is fine */
/* Its work without the thread, for tests and commands: seals all that is due; how many, -1. */
int64_t seals_catch_up(struct store *s, struct ledger *l, struct err *reterr);

#endif
