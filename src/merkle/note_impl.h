#ifndef SUYUAN_MERKLE_NOTE_IMPL_H
#define SUYUAN_MERKLE_NOTE_IMPL_H

#include "merkle/note.h"

/* For the implementers of keys and notes. */

enum { ED25519_KEY = 32, ED25519_SEED = 32, ED25519_SIGNATURE = 64, SM2_KEY = 65, SM2_SIGNATURE = 64 };

/* Signatures of both kinds are 64 bytes.  False for a key that is none, whatever it is. */
bool ed25519_ok(struct str key, struct str text, struct str signature);
bool sm2_ok(struct str key, struct str text, struct str signature);

/* Whether a line of this kind of key can be checked at all; others are passed over as if the key were unknown. */
bool key_type_known(const struct vkey *k);
/* Cuts "name+8 hex+base64" at the first two '+'; the third part decoded, not empty.  False when it has another form. */
struct key_text { struct str name; uint32_t id; struct str bytes; };
bool key_text_read(struct arena *a, struct str text, struct key_text *ret);
void key_text_write(struct buf *out, struct str name, uint32_t id, const struct buf *bytes);

#endif
