#ifndef SUYUAN_PROOF_ASK_IMPL_H
#define SUYUAN_PROOF_ASK_IMPL_H

#include "proof/ask.h"

/* What a witness's answer to add-checkpoint says.  Anything may come: nothing is believed but a line that verifies. */
enum witness_says {
        SAYS_COSIGNED,          /* a line that holds */
        SAYS_SIZE,              /* 409: this is the size that it has */
        SAYS_OTHER_TREE,        /* 422, or 409 without a number: what was sent does not follow from what it has */
        SAYS_LATER,             /* 429, 5xx */
        SAYS_NOTHING            /* it does not know us, refuses us, or is no witness */
};
struct witness_said { enum witness_says says; struct str line; int64_t time_s, size; };
struct witness_said witness_hear(struct arena *a, int status, struct str body, struct str checkpoint_note, const struct vkey *witness);

/* Is this, from a witness, a checkpoint of this origin that one of these keys of ours signed?  Then it is what the witness has of us. */
bool witness_shows(struct arena *a, struct str body, struct str origin, const struct vkey *keys, size_t n, struct signed_checkpoint *ret);

/* The address of what a witness has of an origin: URL/<hex SHA-256 of the origin>/checkpoint. */
const char *witness_url(struct arena *a, struct str base, struct str origin);

#endif
