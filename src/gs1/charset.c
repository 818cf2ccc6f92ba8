#include "gs1/charset.h"

#include <stdint.h>

/* Every character belongs to some of these unions: the table below stays readable that way. */
enum {
        NO = 0,
        DIG = CHARS_DIGITS | CHARS_82 | CHARS_39 | CHARS_CODE | CHARS_HASHED,
        UPP = CHARS_82 | CHARS_39 | CHARS_CODE | CHARS_HASHED,
        LOW = CHARS_82 | CHARS_CODE | CHARS_HASHED,             /* a-z, '.', '_' */
        MRK = CHARS_82,                                         /* ! ( ) * + , : */
        PLN = CHARS_82 | CHARS_HASHED,                          /* ' ; = */
        ESC = CHARS_82 | CHARS_ESCAPED,                         /* % & */
        ESH = CHARS_82 | CHARS_ESCAPED | CHARS_HASHED,          /* " < > ? */
        SLA = CHARS_82 | CHARS_39 | CHARS_ESCAPED,              /* / */
        HSH = CHARS_39 | CHARS_ESCAPED                          /* # */
};

static const uint8_t sets[128] = {
        NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,
        NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,
        /*    !    "    #    $    %    &    '    (    )    *    +    ,    -    .    / */
        NO,  MRK, ESH, HSH, NO,  ESC, ESC, PLN, MRK, MRK, MRK, MRK, MRK, UPP, LOW, SLA,
        /* 0 … 9                                              :    ;    <    =    >    ? */
        DIG, DIG, DIG, DIG, DIG, DIG, DIG, DIG, DIG, DIG, MRK, PLN, ESH, PLN, ESH, ESH,
        /* @  A … */
        NO,  UPP, UPP, UPP, UPP, UPP, UPP, UPP, UPP, UPP, UPP, UPP, UPP, UPP, UPP, UPP,
        /* … Z                                                     [    \    ]    ^    _ */
        UPP, UPP, UPP, UPP, UPP, UPP, UPP, UPP, UPP, UPP, UPP, NO,  NO,  NO,  NO,  LOW,
        /* `  a … */
        NO,  LOW, LOW, LOW, LOW, LOW, LOW, LOW, LOW, LOW, LOW, LOW, LOW, LOW, LOW, LOW,
        LOW, LOW, LOW, LOW, LOW, LOW, LOW, LOW, LOW, LOW, LOW, NO,  NO,  NO,  NO,  NO,
};

bool charset_has(enum charset set, unsigned char c)
{
        return c < 128 && (sets[c] & set) != 0;
}

const char *charset_about(enum charset set)
{
        switch (set) {
        case CHARS_DIGITS:
                return "only digits may stand there";
        case CHARS_82:
                return "only A-Z a-z 0-9 and ! \" % & ' ( ) * + , - . / : ; < = > ? _ may stand there";
        case CHARS_39:
                return "only A-Z 0-9 and # - / may stand there";
        case CHARS_CODE:
                return "only A-Z a-z 0-9 and . _ - may stand there";
        case CHARS_HASHED:
        case CHARS_ESCAPED:
                break;
        }
        return "it may not stand there";
}
