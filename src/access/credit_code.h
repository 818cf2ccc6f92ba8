#ifndef SUYUAN_ACCESS_CREDIT_CODE_H
#define SUYUAN_ACCESS_CREDIT_CODE_H

#include "base/err.h"
#include "base/str.h"

/* The unified social credit code (统一社会信用代码) by GB 32100-2015: 18 characters, digits and capital letters without I, O, S, V, Z; the third to the
 * eighth are the digits of an administrative division; the last one checks the others (ISO 7064 in 31 characters, weights 3^(i-1) mod 31). */
enum { CREDIT_CODE_BYTES = 18 };

/* The check character of the first 17; 0 when one of them is none of the 31. */
char credit_code_check(struct str first);
/* Fills `ret` (CREDIT_CODE_BYTES, no end mark): as sent, in capitals, without blanks around.  -1: ERR_BAD_INPUT, which says the place and what should
 * stand there. */
int credit_code_read(struct str s, char ret[CREDIT_CODE_BYTES], struct err *reterr);

#endif
