#ifndef SUYUAN_GS1_READER_H
#define SUYUAN_GS1_READER_H

#include "base/err.h"
#include "base/str.h"
#include "gs1/charset.h"

/* What the readers of the spellings (URN, Digital Link, element string, own URI) share: how strict to be, and
 * how to say which character is wrong. */
enum strictness {
        READ_STRICT,            /* wrong computed digits are errors */
        READ_TOLERANT,          /* they are noted, and the text is taken as it stands */
        READ_HASHED             /* as tolerant, but Digital Links only as the event hash of CBV 2.0 takes them */
};

struct reader {
        struct str text;        /* the whole, in which places are counted */
        enum strictness mode;
        struct err *reterr;     /* NULL: nobody asks why, and no time goes into saying it */
};

/* A named part of the text, for error texts: "the lot", "the company prefix". */
struct field {
        const char *name;
        struct str raw;
};

/* All return -1, so that `return wrong(...)` is the whole error path; ERR_BAD_IDENTIFIER with the place in
 * `column`.  `at` points into the text. */
int wrong(const struct reader *r, const char *at, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
/* "character 4 of the lot is '#': …" */
int wrong_character(const struct reader *r, struct field f, const char *at, const char *why);
int wrong_check_digit(const struct reader *r, struct field f, const char *at, char want);
int wrong_length(const struct reader *r, struct field f, size_t chars, size_t least, size_t most);
/* The value of a field that is well spelt but says something impossible. */
int wrong_value(const struct reader *r, struct field f, const char *at, const char *why);

/* How a value is spelt where it was found. */
enum spelling {
        SPELT_BARE,             /* element strings: every character is itself */
        SPELT_PATH,             /* a path segment: %XX is one character (RFC 3986 §2.1) */
        SPELT_URN               /* as a path, and what EPC URNs escape must be escaped (TDS §6.3.1) */
};

struct value {
        struct str raw;         /* in the text; .p is NULL when there is no such value */
        bool bare;              /* '%' is a percent sign, not an escape */
        bool clean;             /* raw is already spelt as canonical form has it */
};

/* Checks that `f.raw` has `least` to `most` characters of `set`. */
int value_read(const struct reader *r, struct field f, enum spelling how, enum charset set,
               size_t least, size_t most, struct value *ret);
/* Checks that all of `f.raw` from `p` up to `end` are digits. */
int digits_read(const struct reader *r, struct field f, const char *p, const char *end);

/* Writes the value with exactly the characters of CHARS_ESCAPED as %XX; returns the end.  Needs up to
 * three bytes a character. */
char *value_write(char *out, struct value v);
/* Writes the characters themselves; returns the end.  Needs v.raw.n bytes. */
char *value_decode(char *out, struct value v);

/* Cuts the next segment off a path, at '/'.  False when there is none left (rest->p is NULL). */
bool segment_next(struct str *rest, struct str *ret);

#endif
