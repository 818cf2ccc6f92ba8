#ifndef SUYUAN_GS1_CHECK_H
#define SUYUAN_GS1_CHECK_H

#include "base/err.h"
#include "base/str.h"

/* Check characters of the GS1 General Specifications. */

/* Mod 10, weights 3 and 1 from the right (GS1 General Specifications §7.9.1), over `digits` without the
 * check digit.  Returns '0'..'9', or 0 when a character is no digit. */
char gs1_check_digit(struct str digits);

/* Holds GTIN-8/12/13/14, GLN, SSCC, GSRN, GSIN: all digits, a right length and a right check digit at the end
 * Error: ERR_BAD_IDENTIFIER naming the character's place. */
int gs1_check_number(struct str digits, size_t length, const char *name, struct err *reterr);

#endif
