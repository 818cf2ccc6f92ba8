#include "gs1/reader.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

enum { PLACE_BYTES = 96, SHOWN_BYTES = 32, WHY_BYTES = 300 };

/* People count characters, not bytes: continuation bytes of UTF-8 are not counted. */
static size_t characters(const char *from, const char *to)
{
        size_t n = 0;

        for (; from < to; from++)
                n += ((unsigned char)*from & 0xC0) != 0x80;
        return n;
}

static int place_of(const struct reader *r, const char *at)
{
        return (int)characters(r->text.p, at) + 1;
}

/* "character 4 of the lot (31 of the whole)" */
static void say_place(const struct reader *r, struct field f, const char *at, char ret[PLACE_BYTES])
{
        int whole = place_of(r, at);
        int inside = (int)characters(f.raw.p, at) + 1;

        if (f.raw.p == r->text.p)
                snprintf(ret, PLACE_BYTES, "character %d of the %s", inside, f.name);
        else
                snprintf(ret, PLACE_BYTES, "character %d of the %s (%d of the whole)", inside, f.name, whole);
}

static size_t sequence_length(unsigned char lead)
{
        if (lead >= 0xF0)
                return 4;
        if (lead >= 0xE0)
                return 3;
        return lead >= 0xC0 ? 2 : 1;
}

/* The character as it can safely be shown: itself when printable, else its byte. */
static void say_character(const struct reader *r, const char *at, char ret[SHOWN_BYTES])
{
        size_t left = (size_t)(r->text.p + r->text.n - at);
        unsigned char c = (unsigned char)*at;
        size_t n = sequence_length(c);

        if (c > 0x20 && c < 0x7F)
                snprintf(ret, SHOWN_BYTES, "'%c'", c);
        else if (c >= 0xC2 && n <= left && utf8_valid((struct str){ at, n }))
                snprintf(ret, SHOWN_BYTES, "'%.*s'", (int)n, at);
        else if (c == ' ')
                snprintf(ret, SHOWN_BYTES, "a blank");
        else
                snprintf(ret, SHOWN_BYTES, "the byte 0x%02X", c);
}

static int wrong_at(const struct reader *r, const char *at, const char *why)
{
        err_set(r->reterr, ERR_BAD_IDENTIFIER, "%s", why);
        r->reterr->column = place_of(r, at);
        return -1;
}

int wrong(const struct reader *r, const char *at, const char *fmt, ...)
{
        char why[WHY_BYTES];
        va_list args;

        if (!r->reterr)
                return -1;
        va_start(args, fmt);
        vsnprintf(why, sizeof why, fmt, args);
        va_end(args);
        return wrong_at(r, at, why);
}

int wrong_character(const struct reader *r, struct field f, const char *at, const char *why)
{
        char place[PLACE_BYTES], shown[SHOWN_BYTES];

        if (!r->reterr)
                return -1;
        say_place(r, f, at, place);
        say_character(r, at, shown);
        return wrong(r, at, "%s is %s: %s", place, shown, why);
}

int wrong_check_digit(const struct reader *r, struct field f, const char *at, char want)
{
        char place[PLACE_BYTES];

        if (!r->reterr)
                return -1;
        say_place(r, f, at, place);
        return wrong(r, at, "the check digit, %s, should be %c, not %c", place, want, *at);
}

int wrong_length(const struct reader *r, struct field f, size_t chars, size_t least, size_t most)
{
        /* Too long: the first character too many is wrong.  Too short: the place after the last. */
        const char *at = f.raw.p + f.raw.n;

        if (!r->reterr)
                return -1;
        if (chars > most && chars == f.raw.n)
                at = f.raw.p + most;
        if (chars == 0)
                return wrong(r, at, "the %s is missing at character %d", f.name, place_of(r, at));
        if (least == most)
                return wrong(r, at, "the %s has %zu character%s instead of %zu: look at character %d", f.name,
                             chars, chars == 1 ? "" : "s", most, place_of(r, at));
        return wrong(r, at, "the %s has %zu character%s, it may have %zu to %zu: look at character %d", f.name,
                     chars, chars == 1 ? "" : "s", least, most, place_of(r, at));
}

int wrong_value(const struct reader *r, struct field f, const char *at, const char *why)
{
        char place[PLACE_BYTES];

        if (!r->reterr)
                return -1;
        say_place(r, f, at, place);
        return wrong(r, at, "%s: %s", place, why);
}

/* One character of a value, decoded; -1 on a broken escape. */
static int character_at(const char **p, const char *end, bool escapes)
{
        if (!escapes || **p != '%')
                return (unsigned char)*(*p)++;
        if (end - *p < 3 || hex_value((*p)[1]) < 0 || hex_value((*p)[2]) < 0)
                return -1;

        int c = hex_value((*p)[1]) * 16 + hex_value((*p)[2]);

        *p += 3;
        return c;
}

int value_read(const struct reader *r, struct field f, enum spelling how, enum charset set,
               size_t least, size_t most, struct value *ret)
{
        const char *p = f.raw.p, *end = f.raw.p + f.raw.n;
        bool escapes = how != SPELT_BARE, clean = true;
        size_t chars = 0;

        for (; p < end; chars++) {
                const char *at = p;
                int c = character_at(&p, end, escapes);

                if (c < 0)
                        return wrong_character(r, f, at, "two hexadecimal digits must follow it");
                if (!charset_has(set, (unsigned char)c))
                        return wrong_character(r, f, at, charset_about(set));
                if (p - at > 1) {
                        clean = false;
                } else if (charset_has(CHARS_ESCAPED, (unsigned char)c)) {
                        clean = false;
                        if (how == SPELT_URN)
                                return wrong_character(r, f, at, "an EPC URN has it as a percent escape");
                }
        }
        if (chars < least || chars > most)
                return wrong_length(r, f, chars, least, most);
        *ret = (struct value){ .raw = f.raw, .bare = how == SPELT_BARE, .clean = clean };
        return 0;
}

int digits_read(const struct reader *r, struct field f, const char *p, const char *end)
{
        for (; p < end; p++) {
                if (*p < '0' || *p > '9')
                        return wrong_character(r, f, p, charset_about(CHARS_DIGITS));
        }
        return 0;
}

static char *escape_write(char *out, unsigned char c)
{
        static const char hex[] = "0123456789ABCDEF";

        *out++ = '%';
        *out++ = hex[c >> 4];
        *out++ = hex[c & 15];
        return out;
}

char *value_write(char *out, struct value v)
{
        const char *p = v.raw.p, *end = v.raw.p + v.raw.n;

        if (v.clean && v.raw.n > 0)
                return (char *)memcpy(out, v.raw.p, v.raw.n) + v.raw.n;
        while (p < end) {
                int c = character_at(&p, end, !v.bare);

                if (charset_has(CHARS_ESCAPED, (unsigned char)c))
                        out = escape_write(out, (unsigned char)c);
                else
                        *out++ = (char)c;
        }
        return out;
}

char *value_decode(char *out, struct value v)
{
        const char *p = v.raw.p, *end = v.raw.p + v.raw.n;

        while (p < end)
                *out++ = (char)character_at(&p, end, !v.bare);
        return out;
}

bool segment_next(struct str *rest, struct str *ret)
{
        if (!rest->p)
                return false;

        const char *slash = memchr(rest->p, '/', rest->n);

        if (!slash) {
                *ret = *rest;
                *rest = STR_NONE;
                return true;
        }
        *ret = (struct str){ rest->p, (size_t)(slash - rest->p) };
        *rest = (struct str){ slash + 1, rest->n - ret->n - 1 };
        return true;
}
