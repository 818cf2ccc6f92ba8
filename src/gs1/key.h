#ifndef SUYUAN_GS1_KEY_H
#define SUYUAN_GS1_KEY_H

#include <stdint.h>

#include "gs1/ident.h"
#include "gs1/reader.h"

/* The GS1 identification keys as data: one row each (General Specifications §3, Digital Link URI syntax
 * §4.3-4.8).  To add a key, add a row; nothing else knows them. */

enum { GS1_QUALIFIERS = 4, GS1_DIGITS_MAX = 18 };

/* What may follow a key to name less of it. */
struct gs1_qualifier {
        struct str ai, short_name;
        const char *name;
        enum charset set;
        uint8_t least, most;            /* characters */
        enum ident_kind makes;          /* the kind it turns the key into; IDENT_OTHER: none */
        bool alone;                     /* goes with no other qualifier */
        bool ignored;                   /* names no instance: never in canonical form */
        bool yields;                    /* dropped where a later qualifier stands */
        bool no_zero;                   /* must not begin with 0 */
        bool zero_is_none;              /* the value "0" means that there is none */
        bool not_hashed;                /* the event hash does not know it */
};

/* A key is a run of digits, or a run of characters (`tail`), or one after the other. */
struct gs1_key {
        struct str ai, short_name;
        const char *name;
        uint8_t digits;                 /* how many digits it begins with; 0: free text after a company prefix */
        uint8_t check_at;               /* which of them is the check digit, from 1; 0: none */
        bool short_forms;               /* 8, 12 and 13 digits are padded with zeros */
        bool zero_first;                /* the first digit is always 0 */
        bool pieces;                    /* the last four digits are piece and total */
        const char *tail_name;
        enum charset tail_set;
        uint8_t tail_least, tail_most;
        enum ident_kind kind, kind_with_tail;
        const struct gs1_qualifier *qualifiers[GS1_QUALIFIERS]; /* in the order of a Digital Link */
};

extern const struct gs1_key gs1_keys[];
extern const size_t gs1_keys_n;

/* The row of an AI ("01") or, where `names`, of an old short name ("gtin", Digital Link 1.1 §5.5); NULL. */
const struct gs1_key *gs1_key_find(struct str ai, bool names);
/* The place in key->qualifiers of an AI or short name; -1 when it does not go with the key. */
int gs1_qualifier_find(const struct gs1_key *key, struct str ai, bool names);
/* Any qualifier of any key by its AI; NULL. */
const struct gs1_qualifier *gs1_qualifier_of(struct str ai);

/* AIs that say something about a thing but do not name it: dates, weights, places … */
struct gs1_attribute {
        struct str first, last;         /* a range of AIs of one length */
        enum charset set;
        uint8_t least, most;
};
const struct gs1_attribute *gs1_attribute_find(struct str ai);

/* A key with its qualifiers, as it was read: pointers into the text, digits completed. */
struct name {
        const struct gs1_key *key;
        char digits[GS1_DIGITS_MAX];
        uint8_t ndigits;
        struct value tail;
        struct value qualifiers[GS1_QUALIFIERS];        /* parallel to key->qualifiers */
        bool wrong_check;               /* check digit (or the GRAI's leading 0) is wrong */
        bool pattern;                   /* was an idpat with * */
};

/* Reads the key's value; the rest of *ret is cleared. */
int name_read_key(const struct reader *r, const struct gs1_key *key, struct str raw, enum spelling how,
                  struct name *ret);
int name_read_qualifier(const struct reader *r, const struct gs1_qualifier *q, struct str raw,
                        enum spelling how, struct value *ret);

enum ident_kind name_kind(const struct name *n);
/* Whether qualifier `i` belongs into the canonical form. */
bool name_shows(const struct name *n, int i);

/* Writes the canonical Digital Link; with `as_spelt` the values keep the escapes they came with (the event
 * hash).  Returns the length. */
enum { NAME_TEXT_MAX = 640 };
size_t name_write(const struct name *n, bool as_spelt, char out[NAME_TEXT_MAX]);

#endif
