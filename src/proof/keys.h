#ifndef SUYUAN_PROOF_KEYS_H
#define SUYUAN_PROOF_KEYS_H

#include "base/arena.h"
#include "merkle/note.h"
#include "proof/fileio.h"

/* The keys that sign checkpoints: DIR/keys (0700) with a file a key (0600).
 *
 *   log.key        the key in use
 *   log-next.key   its follower while both sign; then it takes the name of the first
 *
 * A file is Go's "PRIVATE+KEY+…" on its first line, or the same encrypted under a passphrase ("suyuan encrypted key v1"); lines that begin with '#' say
 * when it was made and until when two keys sign. */
#define KEY_FILE "log.key"
#define KEY_NEXT "log-next.key"

struct key {
        struct vkey vkey;
        const struct signer *signer;    /* NULL: encrypted, and no passphrase was given */
        bool encrypted;
        int64_t made_us, until_us;      /* of the file; 0: it doesn't say */
};
/* 1, 0 no such file, -1: unreadable, wrong passphrase, or others than its owner may read it.  `passphrase` NULL or "": none. */
int key_load(struct arena *a, const char *dir, const char *file, const char *passphrase, struct key *ret, struct err *reterr);
/* A new Ed25519 key for the log of that name, durable when it returns; ERR_CONFLICT when the file is there.  `until_us` 0: not written. */
int key_make(struct arena *a, const char *dir, const char *file, struct str name, const char *passphrase, int64_t until_us, struct key *ret, struct err *reterr);
/* The next key becomes the key; the old one's file is gone. */
int key_take_next(const char *dir, struct err *reterr);
/* 16 groups of four hex digits of SHA-256(vkey): what people read out to each other. */
struct str key_fingerprint(struct arena *a, const struct vkey *k);

#endif
