#include "gs1/key.h"

#include <assert.h>

#include "gs1/check.h"

#define TEXT(z) { .p = (z), .n = sizeof(z) - 1 }

/* ---- the tables: Digital Link URI syntax §4.8 (which qualifier goes with which key, and in which order),
 * General Specifications §3.2-3.9 (lengths and characters); the short names are those of Digital Link 1.1. */

static const struct gs1_qualifier cpv = {
        .ai = TEXT("22"), .short_name = TEXT("cpv"), .name = "consumer product variant",
        .set = CHARS_82, .least = 1, .most = 20, .ignored = true,
};
static const struct gs1_qualifier lot = {
        .ai = TEXT("10"), .short_name = TEXT("lot"), .name = "lot",
        .set = CHARS_82, .least = 1, .most = 20, .makes = IDENT_LOT, .yields = true,
};
static const struct gs1_qualifier serial = {
        .ai = TEXT("21"), .short_name = TEXT("ser"), .name = "serial number",
        .set = CHARS_82, .least = 1, .most = 20, .makes = IDENT_ITEM,
};
static const struct gs1_qualifier upui_serial = {
        .ai = TEXT("235"), .short_name = TEXT("tpx"), .name = "third-party serial number",
        .set = CHARS_82, .least = 1, .most = 28, .makes = IDENT_ITEM, .alone = true,
};
static const struct gs1_qualifier extension = {
        .ai = TEXT("254"), .short_name = TEXT("glnx"), .name = "GLN extension",
        .set = CHARS_82, .least = 1, .most = 20, .zero_is_none = true,
};
static const struct gs1_qualifier issuer = {
        .ai = TEXT("7040"), .short_name = TEXT("uic"), .name = "unique identification code",
        .set = CHARS_82, .least = 4, .most = 4, .alone = true, .not_hashed = true,
};
static const struct gs1_qualifier part_serial = {
        .ai = TEXT("8011"), .short_name = TEXT("cpsn"), .name = "part serial number",
        .set = CHARS_DIGITS, .least = 1, .most = 12, .makes = IDENT_ITEM, .no_zero = true,
};
static const struct gs1_qualifier instance = {
        .ai = TEXT("8019"), .short_name = TEXT("srin"), .name = "service relation instance",
        .set = CHARS_DIGITS, .least = 1, .most = 10, .not_hashed = true,
};

const struct gs1_key gs1_keys[] = {
        { .ai = TEXT("00"), .short_name = TEXT("sscc"), .name = "SSCC",
          .digits = 18, .check_at = 18, .kind = IDENT_UNIT },
        { .ai = TEXT("01"), .short_name = TEXT("gtin"), .name = "GTIN",
          .digits = 14, .check_at = 14, .short_forms = true, .kind = IDENT_CLASS,
          .qualifiers = { &cpv, &lot, &serial, &upui_serial } },
        { .ai = TEXT("253"), .short_name = TEXT("gdti"), .name = "GDTI",
          .digits = 13, .check_at = 13, .tail_name = "GDTI serial", .tail_set = CHARS_82, .tail_most = 17,
          .kind = IDENT_DOCUMENT, .kind_with_tail = IDENT_DOCUMENT },
        { .ai = TEXT("255"), .short_name = TEXT("gcn"), .name = "coupon number",
          .digits = 13, .check_at = 13, .tail_name = "coupon serial", .tail_set = CHARS_DIGITS, .tail_most = 12,
          .kind = IDENT_CLASS, .kind_with_tail = IDENT_ITEM },
        { .ai = TEXT("401"), .short_name = TEXT("ginc"), .name = "GINC",
          .tail_name = "GINC", .tail_set = CHARS_82, .tail_least = 5, .tail_most = 30,
          .kind = IDENT_DOCUMENT, .kind_with_tail = IDENT_DOCUMENT },
        { .ai = TEXT("402"), .short_name = TEXT("gsin"), .name = "GSIN",
          .digits = 17, .check_at = 17, .kind = IDENT_DOCUMENT },
        { .ai = TEXT("414"), .short_name = TEXT("gln"), .name = "GLN",
          .digits = 13, .check_at = 13, .kind = IDENT_PLACE, .qualifiers = { &extension, &issuer } },
        { .ai = TEXT("417"), .short_name = TEXT("party"), .name = "party GLN",
          .digits = 13, .check_at = 13, .kind = IDENT_ORG, .qualifiers = { &issuer } },
        { .ai = TEXT("8003"), .short_name = TEXT("grai"), .name = "GRAI",
          .digits = 14, .check_at = 14, .zero_first = true,
          .tail_name = "GRAI serial", .tail_set = CHARS_82, .tail_most = 16,
          .kind = IDENT_UNIT, .kind_with_tail = IDENT_UNIT },
        { .ai = TEXT("8004"), .short_name = TEXT("giai"), .name = "GIAI",
          .tail_name = "GIAI", .tail_set = CHARS_82, .tail_least = 5, .tail_most = 30,
          .kind = IDENT_DEVICE, .kind_with_tail = IDENT_DEVICE, .qualifiers = { &issuer } },
        { .ai = TEXT("8006"), .short_name = TEXT("itip"), .name = "ITIP",
          .digits = 18, .check_at = 14, .pieces = true, .kind = IDENT_CLASS,
          .qualifiers = { &cpv, &lot, &serial } },
        { .ai = TEXT("8010"), .short_name = TEXT("cpid"), .name = "component/part identifier",
          .tail_name = "component/part identifier", .tail_set = CHARS_39, .tail_least = 5, .tail_most = 30,
          .kind = IDENT_CLASS, .kind_with_tail = IDENT_CLASS, .qualifiers = { &part_serial } },
        { .ai = TEXT("8017"), .short_name = TEXT("gsrnp"), .name = "provider GSRN",
          .digits = 18, .check_at = 18, .kind = IDENT_RELATION, .qualifiers = { &instance } },
        { .ai = TEXT("8018"), .short_name = TEXT("gsrn"), .name = "GSRN",
          .digits = 18, .check_at = 18, .kind = IDENT_RELATION, .qualifiers = { &instance } },
};
const size_t gs1_keys_n = sizeof gs1_keys / sizeof gs1_keys[0];

/* General Specifications §3.2, figure 3.2-1.  Values are held to their length and alphabet only: they stand
 * on labels beside a name and are no part of it. */
static const struct gs1_attribute attributes[] = {
        { TEXT("02"), TEXT("03"), CHARS_DIGITS, 14, 14 },
        { TEXT("11"), TEXT("17"), CHARS_DIGITS, 6, 6 },
        { TEXT("20"), TEXT("20"), CHARS_DIGITS, 2, 2 },
        { TEXT("240"), TEXT("243"), CHARS_82, 1, 30 },
        { TEXT("250"), TEXT("251"), CHARS_82, 1, 30 },
        { TEXT("30"), TEXT("30"), CHARS_DIGITS, 1, 8 },
        { TEXT("3100"), TEXT("3695"), CHARS_DIGITS, 6, 6 },
        { TEXT("37"), TEXT("37"), CHARS_DIGITS, 1, 8 },
        { TEXT("3900"), TEXT("3959"), CHARS_DIGITS, 1, 18 },
        { TEXT("400"), TEXT("400"), CHARS_82, 1, 30 },
        { TEXT("403"), TEXT("403"), CHARS_82, 1, 30 },
        { TEXT("410"), TEXT("413"), CHARS_DIGITS, 13, 13 },
        { TEXT("415"), TEXT("416"), CHARS_DIGITS, 13, 13 },
        { TEXT("420"), TEXT("427"), CHARS_82, 1, 20 },
        { TEXT("4300"), TEXT("4333"), CHARS_82, 1, 90 },
        { TEXT("7001"), TEXT("7039"), CHARS_82, 1, 30 },
        { TEXT("7041"), TEXT("7259"), CHARS_82, 1, 90 },
        { TEXT("8001"), TEXT("8002"), CHARS_82, 1, 20 },
        { TEXT("8005"), TEXT("8005"), CHARS_DIGITS, 6, 6 },
        { TEXT("8007"), TEXT("8009"), CHARS_82, 1, 50 },
        { TEXT("8012"), TEXT("8014"), CHARS_82, 1, 25 },
        { TEXT("8020"), TEXT("8020"), CHARS_82, 1, 25 },
        { TEXT("8026"), TEXT("8026"), CHARS_DIGITS, 18, 18 },
        { TEXT("8030"), TEXT("8043"), CHARS_82, 1, 90 },
        { TEXT("8110"), TEXT("8112"), CHARS_82, 1, 70 },
        { TEXT("8200"), TEXT("8200"), CHARS_82, 1, 70 },
        { TEXT("90"), TEXT("99"), CHARS_82, 1, 90 },
};

static bool is_ai(struct str s)
{
        return s.n >= 2 && s.n <= 4 && charset_has(CHARS_DIGITS, (unsigned char)s.p[0]);
}

const struct gs1_key *gs1_key_find(struct str ai, bool names)
{
        bool digits;

        if (ai.n < 2 || ai.n > 5)
                return NULL;
        digits = is_ai(ai);
        if (!digits && !names)
                return NULL;
        for (size_t i = 0; i < gs1_keys_n; i++) {
                if (str_eq(ai, digits ? gs1_keys[i].ai : gs1_keys[i].short_name))
                        return &gs1_keys[i];
        }
        return NULL;
}

int gs1_qualifier_find(const struct gs1_key *key, struct str ai, bool names)
{
        for (int i = 0; i < GS1_QUALIFIERS && key->qualifiers[i]; i++) {
                if (str_eq(ai, key->qualifiers[i]->ai) || (names && str_eq(ai, key->qualifiers[i]->short_name)))
                        return i;
        }
        return -1;
}

const struct gs1_qualifier *gs1_qualifier_of(struct str ai)
{
        for (size_t k = 0; k < gs1_keys_n; k++) {
                int i = gs1_qualifier_find(&gs1_keys[k], ai, false);

                if (i >= 0)
                        return gs1_keys[k].qualifiers[i];
        }
        return NULL;
}

const struct gs1_attribute *gs1_attribute_find(struct str ai)
{
        for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
                const struct gs1_attribute *row = &attributes[i];

                if (ai.n == row->first.n && memcmp(ai.p, row->first.p, ai.n) >= 0
                    && memcmp(ai.p, row->last.p, ai.n) <= 0)
                        return row;
        }
        return NULL;
}

/* ---- reading a key's value */

static int check_digit_read(const struct reader *r, struct field f, struct name *n)
{
        char have = n->digits[n->key->check_at - 1];
        char want = gs1_check_digit((struct str){ n->digits, n->key->check_at - 1u });

        if (have == want)
                return 0;
        n->wrong_check = true;
        if (r->mode != READ_STRICT)
                return 0;
        /* In the text a short GTIN's check digit is its last one. */
        return wrong_check_digit(r, f, f.raw.p + n->key->check_at - 1 - (n->ndigits - f.raw.n), want);
}

static int zero_first_read(const struct reader *r, struct field f, struct name *n)
{
        if (n->digits[0] == '0')
                return 0;
        n->wrong_check = true;
        if (r->mode != READ_STRICT)
                return 0;
        return wrong_character(r, f, f.raw.p, "it should be 0");
}

/* General Specifications §3.9.6: piece 01 … total. */
static int pieces_read(const struct reader *r, struct field f, const struct name *n)
{
        const char *piece = n->digits + 14;

        if (r->mode != READ_STRICT)
                return 0;
        if (memcmp(piece, "00", 2) == 0 || memcmp(piece, piece + 2, 2) > 0)
                return wrong_value(r, f, f.raw.p + 14, "the piece's number should be 01 up to the total that follows");
        return 0;
}

static bool gtin_length(size_t n)
{
        return n == 8 || n == 12 || n == 13 || n == 14;
}

/* The digits at the start; GTIN-8, -12 and -13 get the zeros they are written without (§3.3.2). */
static int key_digits(const struct reader *r, struct field f, bool pads, struct name *ret)
{
        size_t want = ret->key->digits, have = f.raw.n < want ? f.raw.n : want;

        if (digits_read(r, f, f.raw.p, f.raw.p + have) < 0)
                return -1;
        if (have < want && !(pads && gtin_length(have)))
                return pads ? wrong(r, f.raw.p + have, "the GTIN has %zu digits, it should have 8, 12, 13 or 14", have)
                            : wrong_length(r, f, have, want, want);
        memset(ret->digits, '0', want - have);
        memcpy(ret->digits + want - have, f.raw.p, have);
        ret->ndigits = (uint8_t)want;
        return 0;
}

static int fixed_key(const struct reader *r, struct field f, bool pads, struct name *ret)
{
        if (f.raw.n > ret->key->digits)
                f.raw.n = ret->key->digits;
        if (key_digits(r, f, pads, ret) < 0 || check_digit_read(r, f, ret) < 0)
                return -1;
        if (ret->key->zero_first && zero_first_read(r, f, ret) < 0)
                return -1;
        return ret->key->pieces ? pieces_read(r, f, ret) : 0;
}

/* A free key begins with a company prefix, of which at least four digits can be told (§1.4.4). */
static int free_key(const struct reader *r, struct field f)
{
        return f.raw.n < 4 ? 0 : digits_read(r, f, f.raw.p, f.raw.p + 4);
}

static int only_digits(const struct reader *r, struct field f, size_t most)
{
        if (digits_read(r, f, f.raw.p, f.raw.p + f.raw.n) < 0)
                return -1;
        return f.raw.n > most ? wrong_length(r, f, f.raw.n, most, most) : 0;
}

int name_read_key(const struct reader *r, const struct gs1_key *key, struct str raw, enum spelling how,
                  struct name *ret)
{
        struct field whole = { key->name, raw };
        struct field tail = { key->tail_name, str_from(raw, key->digits) };

        *ret = (struct name){ .key = key };
        if (raw.n == 0)
                return wrong(r, raw.p, "the %s is missing", key->name);
        /* The length first: of a digit too many one should not hear that the check digit is wrong. */
        if (key->tail_most == 0 && only_digits(r, whole, key->digits) < 0)
                return -1;
        if (key->digits == 0 && free_key(r, whole) < 0)
                return -1;
        if (key->digits > 0 && fixed_key(r, whole, key->short_forms && how == SPELT_PATH, ret) < 0)
                return -1;
        if (tail.raw.n == 0)
                return 0;
        return value_read(r, tail, how, key->tail_set, key->tail_least, key->tail_most, &ret->tail);
}

int name_read_qualifier(const struct reader *r, const struct gs1_qualifier *q, struct str raw,
                        enum spelling how, struct value *ret)
{
        struct field f = { q->name, raw };

        if (value_read(r, f, how, q->set, q->least, q->most, ret) < 0)
                return -1;
        if (q->no_zero && r->mode == READ_STRICT && raw.p[0] == '0')
                return wrong_value(r, f, raw.p, "it should not begin with 0");
        if (q->zero_is_none && r->mode != READ_HASHED && (str_is(raw, "0") || str_is(raw, "%30")))
                *ret = (struct value){ 0 };
        return 0;
}

/* ---- what was read */

bool name_shows(const struct name *n, int i)
{
        const struct gs1_qualifier *q = n->key->qualifiers[i];

        if (!q || !n->qualifiers[i].raw.p || q->ignored)
                return false;
        for (int later = i + 1; q->yields && later < GS1_QUALIFIERS; later++) {
                if (n->qualifiers[later].raw.p)
                        return false;
        }
        return true;
}

enum ident_kind name_kind(const struct name *n)
{
        enum ident_kind kind = n->tail.raw.p ? n->key->kind_with_tail : n->key->kind;

        for (int i = 0; i < GS1_QUALIFIERS; i++) {
                if (name_shows(n, i) && n->key->qualifiers[i]->makes != IDENT_OTHER)
                        kind = n->key->qualifiers[i]->makes;
        }
        return kind;
}

static char *put(char *out, struct str s)
{
        return (char *)memcpy(out, s.p, s.n) + s.n;
}

static char *put_value(char *out, struct value v, bool as_spelt)
{
        if (!v.raw.p)
                return out;
        return as_spelt ? put(out, v.raw) : value_write(out, v);
}

size_t name_write(const struct name *n, bool as_spelt, char out[NAME_TEXT_MAX])
{
        char *p = put(out, STR("https://id.gs1.org/"));

        p = put(p, n->key->ai);
        *p++ = '/';
        p = put(p, (struct str){ n->digits, n->ndigits });
        p = put_value(p, n->tail, as_spelt);
        for (int i = 0; i < GS1_QUALIFIERS; i++) {
                if (!name_shows(n, i))
                        continue;
                *p++ = '/';
                p = put(p, n->key->qualifiers[i]->ai);
                *p++ = '/';
                p = put_value(p, n->qualifiers[i], as_spelt);
        }
        assert(p - out <= NAME_TEXT_MAX);
        return (size_t)(p - out);
}
