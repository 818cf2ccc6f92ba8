#include "gs1/spelling.h"

#include <assert.h>

#include "gs1/check.h"

#define TEXT(z) { .p = (z), .n = sizeof(z) - 1 }

/* EPC URNs (Tag Data Standard 1.13 §6-§8): the key cut up at the end of the company prefix, without its check
 * digit. */

enum { PREFIX_LEAST = 6, PREFIX_MOST = 12, NO_SERIAL = -1, SERIAL_IN_TAIL = -2 };

/* Where the digits of the second field go. */
enum shape {
        SHAPE_PLAIN,            /* prefix, reference */
        SHAPE_LEADS,            /* the reference's first digit (indicator, extension) stands before the prefix */
        SHAPE_FREE              /* the reference is free text */
};

enum family { FAMILY_ID = 1, FAMILY_CLASS = 2, FAMILY_PATTERN = 4 };

struct scheme {
        struct str word;                /* "sgtin" */
        uint8_t families;               /* where it may stand */
        struct str ai;                  /* of the key */
        enum shape shape;
        uint8_t digits;                 /* of prefix and reference together */
        const char *reference;          /* the second field's name */
        int serial;                     /* its place in key->qualifiers, SERIAL_IN_TAIL or NO_SERIAL */
        bool pieces;                    /* two fields of two digits before the serial */
};

/* In the order in which a Digital Link is given one: the first row that fits. */
static const struct scheme schemes[] = {
        { .word = TEXT("sgtin"), .families = FAMILY_ID | FAMILY_PATTERN, .ai = TEXT("01"), .shape = SHAPE_LEADS,
          .digits = 13, .reference = "item reference", .serial = 2 },
        { .word = TEXT("lgtin"), .families = FAMILY_CLASS, .ai = TEXT("01"), .shape = SHAPE_LEADS,
          .digits = 13, .reference = "item reference", .serial = 1 },
        { .word = TEXT("upui"), .families = FAMILY_ID | FAMILY_PATTERN, .ai = TEXT("01"), .shape = SHAPE_LEADS,
          .digits = 13, .reference = "item reference", .serial = 3 },
        { .word = TEXT("sscc"), .families = FAMILY_ID, .ai = TEXT("00"), .shape = SHAPE_LEADS,
          .digits = 17, .reference = "serial reference", .serial = NO_SERIAL },
        { .word = TEXT("sgln"), .families = FAMILY_ID, .ai = TEXT("414"), .shape = SHAPE_PLAIN,
          .digits = 12, .reference = "location reference", .serial = 0 },
        { .word = TEXT("pgln"), .families = FAMILY_ID, .ai = TEXT("417"), .shape = SHAPE_PLAIN,
          .digits = 12, .reference = "party reference", .serial = NO_SERIAL },
        { .word = TEXT("grai"), .families = FAMILY_ID | FAMILY_PATTERN, .ai = TEXT("8003"), .shape = SHAPE_PLAIN,
          .digits = 12, .reference = "asset type", .serial = SERIAL_IN_TAIL },
        { .word = TEXT("giai"), .families = FAMILY_ID, .ai = TEXT("8004"), .shape = SHAPE_FREE,
          .reference = "individual asset reference", .serial = NO_SERIAL },
        { .word = TEXT("gsrn"), .families = FAMILY_ID, .ai = TEXT("8018"), .shape = SHAPE_PLAIN,
          .digits = 17, .reference = "service reference", .serial = NO_SERIAL },
        { .word = TEXT("gsrnp"), .families = FAMILY_ID, .ai = TEXT("8017"), .shape = SHAPE_PLAIN,
          .digits = 17, .reference = "service reference", .serial = NO_SERIAL },
        { .word = TEXT("gdti"), .families = FAMILY_ID | FAMILY_PATTERN, .ai = TEXT("253"), .shape = SHAPE_PLAIN,
          .digits = 12, .reference = "document type", .serial = SERIAL_IN_TAIL },
        { .word = TEXT("sgcn"), .families = FAMILY_ID | FAMILY_PATTERN, .ai = TEXT("255"), .shape = SHAPE_PLAIN,
          .digits = 12, .reference = "coupon reference", .serial = SERIAL_IN_TAIL },
        { .word = TEXT("cpi"), .families = FAMILY_ID | FAMILY_PATTERN, .ai = TEXT("8010"), .shape = SHAPE_FREE,
          .reference = "part reference", .serial = 0 },
        { .word = TEXT("ginc"), .families = FAMILY_ID, .ai = TEXT("401"), .shape = SHAPE_FREE,
          .reference = "consignment reference", .serial = NO_SERIAL },
        { .word = TEXT("gsin"), .families = FAMILY_ID, .ai = TEXT("402"), .shape = SHAPE_PLAIN,
          .digits = 16, .reference = "shipper reference", .serial = NO_SERIAL },
        { .word = TEXT("itip"), .families = FAMILY_ID | FAMILY_PATTERN, .ai = TEXT("8006"), .shape = SHAPE_LEADS,
          .digits = 13, .reference = "item reference", .serial = 2, .pieces = true },
};
enum { SCHEMES = sizeof schemes / sizeof schemes[0] };

static const struct { struct str prefix; enum family family; } families[] = {
        { TEXT("urn:epc:id:"), FAMILY_ID },
        { TEXT("urn:epc:class:"), FAMILY_CLASS },
        { TEXT("urn:epc:idpat:"), FAMILY_PATTERN },
};

/* ---- reading */

/* A URN while it is read. */
struct cut {
        const struct reader *r;
        enum family family;
        const struct scheme *scheme;
        struct str rest;                /* not yet read; .p is NULL after the last field */
        struct str prefix, reference, pieces[2], serial;
};

static bool family_of(struct str *text, enum family *ret)
{
        for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
                if (str_starts(*text, families[i].prefix)) {
                        *ret = families[i].family;
                        *text = str_from(*text, families[i].prefix.n);
                        return true;
                }
        }
        return false;
}

static const struct scheme *scheme_of(struct str word)
{
        for (size_t i = 0; i < SCHEMES; i++) {
                if (str_eq(word, schemes[i].word))
                        return &schemes[i];
        }
        return NULL;
}

/* Up to the next dot. */
static bool dot_next(struct str *rest, struct str *ret)
{
        const char *dot = rest->p ? memchr(rest->p, '.', rest->n) : NULL;

        if (!rest->p)
                return false;
        *ret = (struct str){ rest->p, dot ? (size_t)(dot - rest->p) : rest->n };
        *rest = dot ? (struct str){ dot + 1, rest->n - ret->n - 1 } : STR_NONE;
        return true;
}

static int wrong_ends(const struct cut *c, const char *missing)
{
        return wrong(c->r, c->r->text.p + c->r->text.n, "the %s is missing at the end, after character %zu", missing,
                    c->r->text.n);
}

static int scheme_cut(struct cut *c, struct str text)
{
        const struct reader *r = c->r;
        struct str word;
        const char *colon;

        if (!family_of(&text, &c->family))
                return wrong(r, text.p, "an EPC URN begins with urn:epc:id:, urn:epc:class: or urn:epc:idpat:");
        colon = text.p ? memchr(text.p, ':', text.n) : NULL;
        word = colon ? (struct str){ text.p, (size_t)(colon - text.p) } : text;
        c->scheme = scheme_of(word);
        if (!c->scheme || !(c->scheme->families & c->family))
                return wrong(r, text.p ? text.p : r->text.p + r->text.n,
                            "'%.*s' is no EPC scheme with a GS1 key in this place: character %zu",
                            (int)(word.n < 20 ? word.n : 20), word.p ? word.p : "",
                            (word.p ? (size_t)(word.p - r->text.p) : r->text.n) + 1);
        if (!colon)
                return wrong_ends(c, "company prefix");
        c->rest = (struct str){ colon + 1, text.n - word.n - 1 };
        return 0;
}

/* A pattern may leave out the serial only: with more stars it names what no Digital Link can. */
static int field_digits(const struct cut *c, struct field f)
{
        if (c->family == FAMILY_PATTERN && str_is(f.raw, "*"))
                return wrong(c->r, f.raw.p, "the * at character %zu leaves the %s open: a Digital Link cannot",
                            (size_t)(f.raw.p - c->r->text.p) + 1, f.name);
        return digits_read(c->r, f, f.raw.p, f.raw.p + f.raw.n);
}

static int prefix_cut(struct cut *c)
{
        struct field f = { "company prefix", STR_NONE };

        dot_next(&c->rest, &f.raw);
        c->prefix = f.raw;
        if (field_digits(c, f) < 0)
                return -1;
        if (f.raw.n < PREFIX_LEAST || f.raw.n > PREFIX_MOST)
                return wrong_length(c->r, f, f.raw.n, PREFIX_LEAST, PREFIX_MOST);
        return c->rest.p ? 0 : wrong_ends(c, c->scheme->reference);
}

static int reference_cut(struct cut *c)
{
        const struct scheme *s = c->scheme;
        struct field f = { s->reference, STR_NONE };

        /* Free text may hold dots where no serial comes after it (GIAI, GINC). */
        if (s->shape == SHAPE_FREE && s->serial == NO_SERIAL) {
                c->reference = c->rest;
                c->rest = STR_NONE;
                return 0;
        }
        dot_next(&c->rest, &f.raw);
        c->reference = f.raw;
        if (s->shape == SHAPE_FREE)
                return 0;
        if (field_digits(c, f) < 0)
                return -1;
        if (c->prefix.n + f.raw.n == s->digits)
                return 0;
        return wrong(c->r, f.raw.p + f.raw.n,
                    "company prefix and %s have %zu digits together instead of %d: look at character %zu", f.name,
                    c->prefix.n + f.raw.n, s->digits, (size_t)(f.raw.p + f.raw.n - c->r->text.p) + 1);
}

static int pieces_cut(struct cut *c)
{
        static const char *const names[2] = { "piece", "total" };

        for (int i = 0; i < 2; i++) {
                struct field f = { names[i], STR_NONE };

                if (!dot_next(&c->rest, &f.raw))
                        return wrong_ends(c, names[i]);
                c->pieces[i] = f.raw;
                if (field_digits(c, f) < 0)
                        return -1;
                if (f.raw.n != 2)
                        return wrong_length(c->r, f, f.raw.n, 2, 2);
        }
        return 0;
}

static int serial_cut(struct cut *c, bool *ret_pattern)
{
        *ret_pattern = false;
        if (c->scheme->serial == NO_SERIAL)
                return c->rest.p ? wrong(c->r, c->rest.p - 1, "nothing may follow the %s at character %zu",
                                        c->scheme->reference, (size_t)(c->rest.p - c->r->text.p)) : 0;
        if (!c->rest.p)
                return wrong_ends(c, "serial");
        c->serial = c->rest;
        if (c->family != FAMILY_PATTERN)
                return 0;
        *ret_pattern = true;
        if (str_is(c->serial, "*"))
                return 0;
        return wrong(c->r, c->serial.p, "a pattern ends in .* : character %zu",
                    (size_t)(c->serial.p - c->r->text.p) + 1);
}

static char *put(char *out, struct str s)
{
        return s.n > 0 ? (char *)memcpy(out, s.p, s.n) + s.n : out;
}

/* Puts prefix and reference together as the key has them, and computes the check digit. */
static void digits_join(const struct cut *c, struct name *n)
{
        bool leads = c->scheme->shape == SHAPE_LEADS;
        char *p = n->digits;

        if (n->key->zero_first)
                *p++ = '0';
        if (leads)
                *p++ = c->reference.p[0];
        p = put(p, c->prefix);
        if (c->scheme->shape != SHAPE_FREE) {
                p = put(p, str_from(c->reference, leads));
                *p = gs1_check_digit((struct str){ n->digits, (size_t)(p - n->digits) });
                p++;
        }
        p = put(put(p, c->pieces[0]), c->pieces[1]);
        n->ndigits = (uint8_t)(p - n->digits);
        assert(n->key->digits == 0 || n->ndigits == n->key->digits);
}

static int serial_join(const struct cut *c, struct name *n)
{
        const struct gs1_key *key = n->key;
        int place = c->scheme->serial;

        if (place == SERIAL_IN_TAIL)
                return value_read(c->r, (struct field){ key->tail_name, c->serial }, SPELT_URN, key->tail_set,
                                  1, key->tail_most, &n->tail);
        if (name_read_qualifier(c->r, key->qualifiers[place], c->serial, SPELT_URN, &n->qualifiers[place]) < 0)
                return -1;
        /* TDS §6.3.3: the extension 0 of an SGLN says that there is none. */
        if (key->qualifiers[place]->zero_is_none && str_is(c->serial, "0"))
                n->qualifiers[place] = (struct value){ 0 };
        return 0;
}

/* TDS §6.3.10: the second half of an ITIP's numbers must make sense on what we write ourselves. */
static int pieces_checked(const struct cut *c)
{
        const struct str *p = c->pieces;

        if (c->r->mode != READ_STRICT || !c->scheme->pieces)
                return 0;
        if (str_is(p[0], "00") || memcmp(p[0].p, p[1].p, 2) > 0)
                return wrong_value(c->r, (struct field){ "piece", p[0] }, p[0].p,
                                  "the piece's number should be 01 up to the total that follows");
        return 0;
}

static int free_join(const struct cut *c, struct name *n)
{
        struct field f = { c->scheme->reference, c->reference };

        if (c->scheme->shape != SHAPE_FREE)
                return 0;
        if (c->family == FAMILY_PATTERN && str_is(c->reference, "*"))
                return field_digits(c, f);
        return value_read(c->r, f, SPELT_URN, n->key->tail_set, 1, n->key->tail_most - c->prefix.n, &n->tail);
}

int urn_read(const struct reader *r, struct str text, struct name *ret)
{
        struct cut c = { .r = r };

        *ret = (struct name){ 0 };
        if (scheme_cut(&c, text) < 0 || prefix_cut(&c) < 0 || reference_cut(&c) < 0)
                return -1;
        if (c.scheme->pieces && (pieces_cut(&c) < 0 || pieces_checked(&c) < 0))
                return -1;
        if (serial_cut(&c, &ret->pattern) < 0)
                return -1;
        ret->key = gs1_key_find(c.scheme->ai, false);
        assert(ret->key);
        if (free_join(&c, ret) < 0)
                return -1;
        digits_join(&c, ret);
        return c.serial.p && !ret->pattern ? serial_join(&c, ret) : 0;
}

bool urn_is_pattern(struct str text, enum ident_kind *ret_kind)
{
        const struct scheme *s;
        enum family family;
        struct str word;
        const char *colon;

        if (!family_of(&text, &family) || family != FAMILY_PATTERN)
                return false;
        colon = text.p ? memchr(text.p, ':', text.n) : NULL;
        word = colon ? (struct str){ text.p, (size_t)(colon - text.p) } : text;
        s = scheme_of(word);
        *ret_kind = s ? gs1_key_find(s->ai, false)->kind : IDENT_OTHER;
        return true;
}

/* ---- writing */

static const struct value *serial_of(const struct scheme *s, const struct name *n)
{
        return s->serial == SERIAL_IN_TAIL ? &n->tail : &n->qualifiers[s->serial];
}

/* Whether all that the name shows can be said in this scheme. */
static bool scheme_fits(const struct scheme *s, const struct name *n, bool *ret_pattern)
{
        bool serial = s->serial != NO_SERIAL && serial_of(s, n)->raw.p;

        *ret_pattern = s->serial != NO_SERIAL && !serial;
        for (int i = 0; i < GS1_QUALIFIERS; i++) {
                if (i != s->serial && name_shows(n, i))
                        return false;
        }
        /* An SGLN says with 0 what the others leave to a pattern. */
        if (*ret_pattern && s->serial >= 0 && n->key->qualifiers[s->serial]->zero_is_none)
                *ret_pattern = false;
        return !*ret_pattern || (s->families & FAMILY_PATTERN);
}

static const struct scheme *scheme_for(const struct name *n, bool *ret_pattern)
{
        for (size_t i = 0; i < SCHEMES; i++) {
                if (str_eq(schemes[i].ai, n->key->ai) && scheme_fits(&schemes[i], n, ret_pattern))
                        return &schemes[i];
        }
        return NULL;
}

static char *digits_write(char *p, const struct scheme *s, const struct name *n, size_t prefix)
{
        const char *d = n->digits + n->key->zero_first;
        size_t leads = s->shape == SHAPE_LEADS;
        size_t end = s->digits;                 /* the check digit is left out */

        p = put(p, (struct str){ d + leads, prefix });
        *p++ = '.';
        if (leads)
                *p++ = d[0];
        return put(p, (struct str){ d + leads + prefix, end - leads - prefix });
}

/* A free key's prefix must be told from its digits. */
static int free_prefix_checked(const struct reader *r, const struct name *n, size_t prefix)
{
        struct field f = { n->key->name, n->tail.raw };

        if (f.raw.n <= prefix)
                return wrong(r, f.raw.p + f.raw.n, "the %s is too short for a company prefix of %zu digits",
                            n->key->name, prefix);
        return digits_read(r, f, f.raw.p, f.raw.p + prefix);
}

static char *free_write(char *p, const struct name *n, size_t prefix)
{
        struct value rest = n->tail;

        p = put(p, (struct str){ rest.raw.p, prefix });
        *p++ = '.';
        rest.raw = str_from(rest.raw, prefix);
        return value_write(p, rest);
}

static char *serial_write(char *p, const struct scheme *s, const struct name *n, bool pattern)
{
        if (s->pieces) {
                for (int i = 0; i < 2; i++) {
                        *p++ = '.';
                        p = put(p, (struct str){ n->digits + 14 + 2 * i, 2 });
                }
        }
        if (s->serial == NO_SERIAL)
                return p;
        *p++ = '.';
        if (pattern)
                *p++ = '*';
        else if (!serial_of(s, n)->raw.p)
                *p++ = '0';
        else
                p = value_write(p, *serial_of(s, n));
        return p;
}

static char *head_write(char *p, const struct scheme *s, bool pattern)
{
        enum family f = pattern ? FAMILY_PATTERN : s->families & FAMILY_ID ? FAMILY_ID : FAMILY_CLASS;

        for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
                if (families[i].family == f)
                        p = put(p, families[i].prefix);
        }
        p = put(p, s->word);
        *p++ = ':';
        return p;
}

int urn_write(const struct reader *r, const struct name *n, int prefix_digits, char *out, size_t *ret_n)
{
        bool pattern = false;
        const struct scheme *s = scheme_for(n, &pattern);
        size_t prefix = (size_t)prefix_digits;
        char *p;

        if (prefix_digits < PREFIX_LEAST || prefix_digits > PREFIX_MOST)
                return wrong(r, r->text.p, "a company prefix has %d to %d digits", PREFIX_LEAST, PREFIX_MOST);
        if (!s)
                return wrong(r, r->text.p, "no EPC URN can say this Digital Link");
        if (s->shape == SHAPE_FREE && free_prefix_checked(r, n, prefix) < 0)
                return -1;
        p = head_write(out, s, pattern);
        p = s->shape == SHAPE_FREE ? free_write(p, n, prefix) : digits_write(p, s, n, prefix);
        p = serial_write(p, s, n, pattern);
        *ret_n = (size_t)(p - out);
        return 0;
}
