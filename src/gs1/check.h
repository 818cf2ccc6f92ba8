#ifndef SUYUAN_GS1_CHECK_H
#define SUYUAN_GS1_CHECK_H

#include "base/err.h"
#include "base/str.h"

/* Check characters of the GS1 General Specifications, and the rules for single values.  Errors are
 * ERR_BAD_IDENTIFIER; `column` is the place of the wrong character, from 1. */

/* Mod 10, weights 3 and 1 from the right (GS1 General Specifications §7.9.1), over `digits` without the
 * check digit.  Returns '0'..'9', or 0 when a character is no digit. */
char gs1_check_digit(struct str digits);

/* Holds GTIN-8/12/13/14, GLN, SSCC, GSRN, GSIN: all digits, `length` of them, and a right check digit at the
 * end.  `name` is for the words: "GTIN". */
int gs1_check_number(struct str digits, size_t length, const char *name, struct err *reterr);

/* A GTIN of 8, 12, 13 or 14 digits. */
int gs1_check_gtin(struct str digits, struct err *reterr);

/* One value as it stands after its AI on a label, without escapes: a key ("01", "00", "8004" …) or what goes
 * with one ("10" lot, "21" serial, "254" …).  An AI that is neither is an error. */
int gs1_check_value(const char *ai, struct str value, struct err *reterr);

#endif
