#ifndef SUYUAN_STORE_RECORD_H
#define SUYUAN_STORE_RECORD_H

#include "epcis/signature.h"
#include "store/store.h"

/* What proofs and pages ask of one record beside its body: the text behind its digest, who signed it, whether personal data were erased. */

/* The canonical form with its seals, whose SHA-256 is the record digest, also of an erased record; in the arena.  1 / 0 no such record / -1. */
int reader_record_form(struct reader *r, struct arena *a, int64_t org, int64_t seq, struct str *ret, struct err *reterr);

/* 1 when a device signed it, 0, -1.  `name` is the key's as registered by whoever recorded it (of a copy: by the original's organisation); STR_NONE when
 * no such key is registered there. */
struct record_signature {
        uint8_t key[SIGNING_KEY_BYTES], value[SIGNATURE_BYTES];
        struct str name;
        int64_t org, n;                 /* the key's; 0: not registered */
        int64_t registered_us, revoked_us;      /* 0: not */
};
int reader_record_signature(struct reader *r, struct arena *a, int64_t org, int64_t seq, struct record_signature *ret, struct err *reterr);

/* 1 when its sealed members were erased, 0, -1. */
struct record_erasure { int64_t erased_us, members; struct str reason; };
int reader_record_erasure(struct reader *r, struct arena *a, int64_t org, int64_t seq, struct record_erasure *ret, struct err *reterr);

/* A registered key by its number; 1 / 0 / -1. */
struct device_key { int64_t org, n, created_us, revoked_us; struct str name, actor; uint8_t key[SIGNING_KEY_BYTES]; };
int reader_device_key(struct reader *r, struct arena *a, int64_t org, int64_t n, struct device_key *ret, struct err *reterr);
/* Those of an organisation after number `after`, in order; count or -1. */
ssize_t reader_device_keys(struct reader *r, struct arena *a, int64_t org, int64_t after, struct device_key *ret, size_t max, struct err *reterr);

/* People of an organisation (access/staff.c): 1, 0, -1; those after a code, count or -1. */
struct staff_row { struct str code, body; };
int reader_staff(struct reader *r, struct arena *a, int64_t org, struct str code, struct str *ret_body, struct err *reterr);
ssize_t reader_staff_page(struct reader *r, struct arena *a, int64_t org, struct str after, struct staff_row *ret, size_t max, struct err *reterr);

#endif
