#ifndef SUYUAN_GS1_CHARSET_H
#define SUYUAN_GS1_CHARSET_H

#include <stdbool.h>

/* The alphabets of identifiers, one bit each. */
enum charset {
        CHARS_DIGITS = 1,
        CHARS_82 = 2,           /* GS1 General Specifications §7.11, figure 7.11-1: 82 characters */
        CHARS_39 = 4,           /* figure 7.11-2: 39 characters, for component and part numbers */
        CHARS_CODE = 8,         /* [A-Za-z0-9._-]: our own codes */
        CHARS_HASHED = 16,      /* the part of set 82 that the event hash reads in a Digital Link */
        CHARS_ESCAPED = 32      /* always %XX in a URI of ours, as EPC URNs have it (TDS §6.3.1) */
};

bool charset_has(enum charset set, unsigned char c);
const char *charset_about(enum charset set);    /* in words, for error texts */

#endif
