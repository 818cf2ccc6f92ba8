#ifndef SUYUAN_PROOF_PROOF_H
#define SUYUAN_PROOF_PROOF_H

#include "base/arena.h"
#include "base/buf.h"
#include "ledger/ledger.h"
#include "merkle/checkpoint.h"
#include "merkle/policy.h"
#include "merkle/tile.h"

/* The log of a data directory (docs/design/proof.md): from the leaves that the ledger stored to files, checkpoints and proofs. */
struct proof;
struct fileio;
struct seal_lists;

struct proof_options {
        const char *policy;             /* a tlog-policy file that names the witnesses to ask; NULL or "": DIR/log/policy where it exists */
        int64_t every_ms;               /* at most one checkpoint in this time; 0: 200 */
        bool follow;                    /* start the threads; false: commands, which call proof_advance */
        const char *passphrase;         /* of the key file; NULL: none.  Lives as long as the log */
        const char *copy;               /* a file elsewhere (another disk) for a second copy of the last signed checkpoint; NULL or "": none */
        bool rebuild;                   /* make the files anew from the rows whatever they hold */
        const char *sm2;                /* a PEM file whose SM2 key signs as well; NULL or "": none */
        const struct fileio *io;        /* NULL: the system's; tests make files fail (proof/fileio.h) */
};

/* Opens DIR/log and the key DIR/keys/log.key (made when the log has none yet); recovers.  A log that may not be signed still opens: proof_figures says why.
 * With `l` NULL, or where another process keeps the same folder, nothing changes: what was signed is read as it stands. */
int proof_open(struct store *s, struct ledger *l, const struct proof_options *o, struct proof **ret, struct err *reterr);
void proof_close(struct proof *p);      /* NULL is fine; ends its threads after a last checkpoint */

/* For commands and tests: takes in what is stored, signs and publishes, now. */
int proof_advance(struct proof *p, struct err *reterr);

/* What anybody may know. */
struct str proof_origin(const struct proof *p);
struct vkey proof_vkey(struct proof *p);        /* the one that signs now: `key rotate` changes it while a server runs */
struct proof_figures { int64_t leaves, size, signed_ms, witnesses, cosigned; char refusal[400]; /* why nothing is signed, or "" */
                       char doubt[400]; /* a witness says without proof that it has cosigned more than we hold, or "" */
                       const char *follows; /* why others sign and not this process, static; NULL: it may */ };
void proof_figures(struct proof *p, struct proof_figures *ret);
/* The newest published checkpoint, with what cosignatures have come; in the arena.  ERR_NOT_FOUND before the first. */
int proof_checkpoint(struct proof *p, struct arena *a, struct str *ret, struct err *reterr);
/* A slice of a file: an open descriptor (not to be closed), offset and bytes.  ERR_NOT_FOUND beyond the published size. */
int proof_tile(struct proof *p, struct tile t, int *ret_fd, int64_t *ret_at, int64_t *ret_bytes, struct err *reterr);
int proof_policy(struct proof *p, struct buf *out, struct err *reterr); /* what verifiers may start from: our key, our witnesses, the quorum */

/* Kept for all files of proof that are made. */
struct seal_lists *proof_seal_lists(struct proof *p);

/* Inclusion of a leaf in the newest checkpoint (or an older one of `size` > 0), hashes leaf side first; how many, -1. */
int proof_inclusion(struct proof *p, int64_t index, int64_t size, struct hash ret[PROOF_MAX], struct err *reterr);
int proof_consistency(struct proof *p, int64_t old, int64_t size, struct hash ret[PROOF_MAX], struct err *reterr);
/* The oldest checkpoint that covers `index` and that a witness cosigned: 1 / 0 / -1. */
int proof_first_witnessed(struct proof *p, struct reader *r, struct arena *a, int64_t index, int64_t *ret_size, struct str *ret_note, struct err *reterr);

#endif
