#ifndef SUYUAN_MERKLE_CHECKPOINT_H
#define SUYUAN_MERKLE_CHECKPOINT_H

#include "merkle/note.h"

/* C2SP tlog-checkpoint: "origin\nsize\nbase64(root)\n" and extension lines, as the text of a note. */
struct checkpoint {
        struct str origin;
        int64_t size;
        struct hash root;
        struct str extensions;  /* further lines with their newlines; we write none */
};
int checkpoint_read(struct str note_text, struct checkpoint *ret, struct err *reterr);
void checkpoint_write(struct buf *out, const struct checkpoint *c);

/* C2SP tlog-cosignature v1 (type 0x04): "cosignature/v1\ntime <s>\n" ‖ checkpoint text, signed with Ed25519; the line bears 8 bytes of
 * time, big-endian, before the signature. */
int cosign(const struct signer *s, struct str note_text, int64_t time_s, struct buf *out_line, struct err *reterr);
/* 1 and its time, 0 the note has no line of this witness, -1 one does not hold. */
int cosigned(const struct note *n, const struct vkey *witness, int64_t *ret_time_s);

/* What a line of a witness says for a time; nothing is checked.  0: none that could hold. */
int64_t cosigned_said(const struct note_line *l);

/* A checkpoint that is believed: right origin, the log's own signature holds.  -1 with a sentence why not. */
struct signed_checkpoint { struct note note; struct checkpoint c; };
int checkpoint_open(struct arena *a, struct str bytes, const struct vkey *log, struct signed_checkpoint *ret, struct err *reterr);

#endif
