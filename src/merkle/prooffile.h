#ifndef SUYUAN_MERKLE_PROOFFILE_H
#define SUYUAN_MERKLE_PROOFFILE_H

#include "merkle/tree.h"
#include "merkle/note.h"

/* C2SP tlog-proof: one leaf's inclusion in a checkpoint, as text (".tlog-proof").
 *
 *   c2sp.org/tlog-proof@v1
 *   extra <base64>             optional; not authenticated by the file itself
 *   index <m>
 *   <base64 hash>…             leaf side first
 *                              (empty line)
 *   <checkpoint note>          */
struct proof_file {
        struct str extra;               /* decoded; STR_NONE when there is none */
        int64_t index;
        struct hash proof[PROOF_MAX];
        size_t n;
        struct str checkpoint;          /* the note, verbatim */
};
enum { PROOF_FILE_BYTES_MAX = 4 << 20 };
int proof_file_read(struct arena *a, struct str text, struct proof_file *ret, struct err *reterr);
void proof_file_write(struct buf *out, const struct proof_file *p);

#endif
