#ifndef SUYUAN_PROOF_STAMP_H
#define SUYUAN_PROOF_STAMP_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"

/* RFC 3161 time stamps: somebody else's word on when something was there.  Over OpenSSL's TS_ functions. */

/* A request over SHA-256 of `data`, with a nonce and asking for the certificate; DER. */
int stamp_request(struct arena *a, struct str data, struct str *ret, struct err *reterr);

/* Is the reply (DER) granted, to this request, and signed by somebody whom the certificates of the PEM file `ca` vouch for as a time stamper?
 * `ret_time_s`: what time it says.  ERR_TOO_LARGE beyond LIMIT_STAMP_BYTES. */
int stamp_verify(struct str reply, struct str request, const char *ca, int64_t *ret_time_s, struct err *reterr);

#endif
