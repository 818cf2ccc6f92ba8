#ifndef SUYUAN_BASE_TEXT_H
#define SUYUAN_BASE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

bool utf8_valid(struct str s);
/* Length of the longest well-formed beginning. */
size_t utf8_valid_to(struct str s);
/* Percent-decoding (RFC 3986 §2.1); '+' stays '+'.  False on a broken escape, %00 or a result that is not UTF-8. */
bool percent_decode(struct arena *a, struct str s, struct str *ret);
/* Escapes everything but unreserved characters and those in `also`. */
void percent_encode(struct buf *b, struct str s, const char *also);
struct str str_trim(struct str s);              /* ASCII white space */
/* Cuts at the first `sep`: *ret_head before it, *rest after it.  False when `rest` is spent (p is NULL).
 * "a," gives "a" and ""; an empty string that is there gives one empty part. */
bool str_split(struct str *rest, char sep, struct str *ret_head);
bool str_ieq(struct str a, struct str b);       /* ASCII case */
int hex_value(char c);                          /* 0..15 or -1 */
bool hex_read(struct str s, void *ret, size_t n); /* exactly 2n hex digits */

/* Base64 (RFC 4648 §4): the standard alphabet, padded, no line breaks.  Reading is strict: bytes have one spelling, so unused bits that are
 * not zero, missing padding and anything between are refused. */
void base64_encode(struct buf *b, const void *p, size_t n);
bool base64_decode(struct arena *a, struct str s, struct str *ret);
bool base64_read(struct str s, void *ret, size_t n);    /* of exactly n bytes */
/* A decimal number of 0 to INT64_MAX without sign, leading zeros or anything else: one spelling too. */
bool number_read(struct str s, int64_t *ret);

#endif
