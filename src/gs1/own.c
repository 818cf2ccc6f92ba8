#include "gs1/spelling.h"

#include "base/limits.h"

#define TEXT(z) { .p = (z), .n = sizeof(z) - 1 }

/* Names for farms without GS1 numbers (docs: one row a kind of thing). */
static const struct own_kind own_kinds[] = {
        { TEXT("crop"),   IDENT_OTHER,  2 },    /* a name, no item */
        { TEXT("device"), IDENT_DEVICE, 2 },
        { TEXT("input"),  IDENT_CLASS,  2 },
        { TEXT("item"),   IDENT_ITEM,   2 },
        { TEXT("lot"),    IDENT_LOT,    2 },
        { TEXT("org"),    IDENT_ORG,    1 },
        { TEXT("partner"), IDENT_OTHER, 2 },    /* a name, no item */
        { TEXT("place"),  IDENT_PLACE,  2 },
        { TEXT("product"), IDENT_CLASS, 2 },
        { TEXT("season"), IDENT_SEASON, 2 },
        { TEXT("unit"),   IDENT_UNIT,   2 },
};

const struct own_kind *own_kind_of(struct str path)
{
        struct str rest = str_from(path, 1), word;

        if (!segment_next(&rest, &word))
                return NULL;
        for (size_t i = 0; i < sizeof own_kinds / sizeof own_kinds[0]; i++) {
                if (str_eq(word, own_kinds[i].word))
                        return &own_kinds[i];
        }
        return NULL;
}

/* [A-Za-z][A-Za-z0-9._-]*: begins with a letter, so that no program takes it for a number. */
static int code_read(const struct reader *r, struct field f)
{
        char first = f.raw.n > 0 ? f.raw.p[0] : 0;

        if (f.raw.n == 0)
                return wrong(r, f.raw.p, "the %s is missing", f.name);
        if (!charset_has(CHARS_CODE, (unsigned char)first))
                return wrong_character(r, f, f.raw.p, charset_about(CHARS_CODE));
        if (charset_has(CHARS_DIGITS, (unsigned char)first) || first == '.' || first == '_' || first == '-')
                return wrong_character(r, f, f.raw.p, "a code begins with a letter");
        for (size_t i = 1; i < f.raw.n; i++) {
                if (!charset_has(CHARS_CODE, (unsigned char)f.raw.p[i]))
                        return wrong_character(r, f, f.raw.p + i, charset_about(CHARS_CODE));
        }
        return 0;
}

int own_read(const struct reader *r, struct str path, const struct own_kind *row)
{
        static const char *const names[2] = { "organisation's code", "code" };
        struct str rest = str_from(path, row->word.n + 2), segment = STR_NONE;

        if (path.n > LIMIT_IDENTIFIER_BYTES)
                return wrong(r, path.p + LIMIT_IDENTIFIER_BYTES, "an identifier has at most %d characters",
                            LIMIT_IDENTIFIER_BYTES);
        for (int i = 0; i < row->codes; i++) {
                if (!segment_next(&rest, &segment))
                        return wrong(r, path.p + path.n, "the %s is missing at the end", names[i]);
                if (code_read(r, (struct field){ names[i], segment }) < 0)
                        return -1;
        }
        if (segment_next(&rest, &segment))
                return wrong(r, segment.p - 1, "nothing may follow the code at character %zu",
                            (size_t)(segment.p - r->text.p));
        return 0;
}

int ident_check_code(struct str code, struct err *reterr)
{
        struct reader r = { .text = code, .mode = READ_STRICT, .reterr = reterr };

        return code_read(&r, (struct field){ "code", code });
}
