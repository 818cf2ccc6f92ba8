#ifndef SUYUAN_BASE_DIGEST_H
#define SUYUAN_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* SHA-256 (FIPS 180-4) and HMAC (RFC 2104) over OpenSSL.  Never fails. */
struct hash { uint8_t b[32]; };

struct hash sha256(const void *p, size_t n);
struct hash sha256_2(const void *a, size_t an, const void *b, size_t bn);       /* of a ‖ b */
struct hash hmac_sha256(const void *key, size_t keyn, const void *p, size_t n);

/* Incremental, for files.  `new` … `final` frees. */
struct sha256_run;
struct sha256_run *sha256_new(void);
void sha256_add(struct sha256_run *r, const void *p, size_t n);
struct hash sha256_final(struct sha256_run *r);

void random_bytes(void *p, size_t n);
/* A random UUID (RFC 9562 version 7, so that they sort by time), as urn:uuid:… of 45 characters + NUL. */
void uuid_urn(char ret[46]);
/* First 8 bytes of SHA-256 as a signed integer: a small key for a lookup index. */
int64_t hash_prefix(struct str s);

#endif
