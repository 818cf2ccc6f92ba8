#ifndef SUYUAN_ACCESS_CREDENTIAL_H
#define SUYUAN_ACCESS_CREDENTIAL_H

#include "base/digest.h"
#include "base/str.h"

/* Secrets that travel: "suyuan_key_" or "suyuan_ses_", 32 characters of base32 (160 random bits), 6 that check the rest.  The prefix lets scanners of
 * published code find a leaked key; the check tells a typing error from a key that is not ours. */
enum { CREDENTIAL_BYTES = 11 + 32 + 6 };
#define KEY_PREFIX "suyuan_key_"
#define SESSION_PREFIX "suyuan_ses_"

enum credential { CREDENTIAL_NONE, CREDENTIAL_MALFORMED, CREDENTIAL_MISTYPED, CREDENTIAL_FORMED };

void credential_make(const char *prefix, char ret[CREDENTIAL_BYTES + 1]);
enum credential credential_look(struct str s, const char *prefix);
/* The token of "Bearer TOKEN" (RFC 6750 §2.1; the scheme's case does not matter).  NONE for an empty header. */
enum credential credential_bearer(struct str header, struct str *ret);
/* The value of one cookie of a Cookie header (RFC 6265 §4.2); STR_NONE when it is not there. */
struct str credential_cookie(struct str header, const char *name);

#endif
