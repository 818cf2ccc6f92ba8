#ifndef SUYUAN_BASE_DECIMAL_H
#define SUYUAN_BASE_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* Exact decimals for quantities: never a binary float in a balance.  value = mantissa / 10^scale,
 * |mantissa| < 10^18, 0 <= scale <= 15. */
struct decimal {
        int64_t mantissa;
        int8_t scale;
};

/* Reads JSON number syntax (RFC 8259 §6), also with leading zeros or '+'.  False when it is no number
 * or does not fit exactly. */
bool decimal_read(struct str s, struct decimal *ret);
/* Shortest plain text, no exponent, no trailing zeros: "12.5", "-0.03", "0". */
struct str decimal_text(struct arena *a, struct decimal d);
/* False (and `*ret` untouched) on overflow. */
bool decimal_add(struct decimal a, struct decimal b, struct decimal *ret);
bool decimal_sub(struct decimal a, struct decimal b, struct decimal *ret);
bool decimal_mul(struct decimal a, struct decimal b, struct decimal *ret);       /* also false where the product does not fit exactly */
int decimal_cmp(struct decimal a, struct decimal b);
/* a > b * (1000 + thousandths) / 1000, exactly and of any two; 0 <= thousandths <= 1000. */
bool decimal_exceeds(struct decimal a, struct decimal b, int thousandths);
double decimal_double(struct decimal d);        /* for showing shares only */

/* The canonical text of any JSON number, of any size, without loss: no '+', no leading or trailing
 * zeros, plain notation while the digits stay <= 40, else d.ddde±n.  "1.0" "1e0" "1" are all "1";
 * "-0" is "0".  STR_NONE when `s` is no JSON number. */
struct str decimal_canonical(struct arena *a, struct str s);

#endif
