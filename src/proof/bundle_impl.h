#ifndef SUYUAN_PROOF_BUNDLE_IMPL_H
#define SUYUAN_PROOF_BUNDLE_IMPL_H

#include "base/json.h"
#include "epcis/signature.h"
#include "proof/bundle.h"

/* A file of proof taken apart.  Nothing of it is believed yet; what could not be read of a record is said in `fault`. */
struct file_record {
        uint8_t type;
        int64_t index, ms;
        struct hash salt;
        struct str header, event;               /* type 1 */
        struct str statement;                   /* the others */
        struct hash *proof, *first;
        size_t n_proof, n_first;
        bool has_first;
        size_t first_checkpoint;
        bool has_signature;
        struct signature signature;             /* of a device: key and value */
        const struct json *openings;            /* NULL: none */
        struct hash *commitments;               /* of a seal */
        size_t n_commitments;
        const char *fault;                      /* which member, NULL: all could be read */
};

struct bundle_file {
        struct str item;                        /* STR_NONE: one record alone */
        struct str *checkpoints;
        size_t n_checkpoints;
        struct file_record *records;
        size_t n_records;
        char damage[300];                       /* "" or why the file as a whole cannot be read: it was one of ours once */
};
/* -1: no file of proof. */
int bundle_read(struct arena *a, struct str file, struct bundle_file *ret, struct err *reterr);

/* JSON Pointer (RFC 6901); NULL where nothing stands. */
const struct json *json_at(const struct json *v, struct str pointer);

#endif
