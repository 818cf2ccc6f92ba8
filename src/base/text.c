#include "base/text.h"

/* Length of the well-formed sequence at `p` (Unicode table 3-7), 0 when there is none.
 * Overlong forms, surrogates and what lies beyond U+10FFFF are not well-formed. */
static size_t sequence(const unsigned char *p, size_t n)
{
        unsigned char low = 0x80, high = 0xbf;
        size_t len;

        if (p[0] < 0x80)
                return 1;
        if (p[0] < 0xc2 || p[0] > 0xf4)
                return 0;
        len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
        if (n < len)
                return 0;
        if (p[0] == 0xe0)
                low = 0xa0;
        else if (p[0] == 0xed)
                high = 0x9f;
        else if (p[0] == 0xf0)
                low = 0x90;
        else if (p[0] == 0xf4)
                high = 0x8f;
        if (p[1] < low || p[1] > high)
                return 0;
        for (size_t i = 2; i < len; i++)
                if ((p[i] & 0xc0) != 0x80)
                        return 0;
        return len;
}

static bool ascii8(const unsigned char *p)
{
        uint64_t eight;

        memcpy(&eight, p, sizeof eight);
        return !(eight & 0x8080808080808080u);
}

size_t utf8_valid_to(struct str s)
{
        const unsigned char *p = (const unsigned char *)s.p;
        size_t i = 0;

        while (i < s.n) {
                if (s.n - i >= 8 && ascii8(p + i)) {
                        i += 8;
                        continue;
                }
                size_t len = sequence(p + i, s.n - i);
                if (!len)
                        break;
                i += len;
        }
        return i;
}

bool utf8_valid(struct str s)
{
        return utf8_valid_to(s) == s.n;
}

int hex_value(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int hex_byte(const char *p)
{
        int hi = hex_value(p[0]), lo = hex_value(p[1]);

        return hi < 0 || lo < 0 ? -1 : hi << 4 | lo;
}

bool hex_read(struct str s, void *ret, size_t n)
{
        unsigned char *out = ret;

        if (s.n / 2 != n || s.n % 2)
                return false;
        for (size_t i = 0; i < s.n; i++)
                if (hex_value(s.p[i]) < 0)
                        return false;
        for (size_t i = 0; i < n; i++)
                out[i] = (unsigned char)hex_byte(s.p + 2 * i);
        return true;
}

void base64_encode(struct buf *b, const void *p, size_t n)
{
        static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const unsigned char *in = p;

        buf_reserve(b, (n + 2) / 3 * 4);
        for (size_t i = 0; i < n; i += 3) {
                size_t left = n - i;
                uint32_t v = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) | (left > 2 ? in[i + 2] : 0);
                char out[4] = { digits[v >> 18], digits[v >> 12 & 63], left > 1 ? digits[v >> 6 & 63] : '=', left > 2 ? digits[v & 63] : '=' };
                buf_add(b, out, sizeof out);
        }
}

static int base64_value(char c)
{
        if (c >= 'A' && c <= 'Z')
                return c - 'A';
        if (c >= 'a' && c <= 'z')
                return c - 'a' + 26;
        if (c >= '0' && c <= '9')
                return c - '0' + 52;
        return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* How many bytes `s` stands for by its length and padding; false when it can be none. */
static bool base64_size(struct str s, size_t *ret)
{
        if (s.n % 4)
                return false;
        *ret = s.n / 4 * 3;
        for (int i = 0; i < 2 && *ret && s.p[s.n - 1 - (size_t)i] == '='; i++)
                --*ret;
        return true;
}

bool base64_read(struct str s, void *ret, size_t n)
{
        unsigned char *out = ret;
        uint32_t bits = 0;
        size_t size, filled = 0;
        int have = 0;

        if (!base64_size(s, &size) || size != n)
                return false;
        for (size_t i = 0; i < s.n - (s.n / 4 * 3 - size); i++) {
                int v = base64_value(s.p[i]);
                if (v < 0)
                        return false;
                bits = bits << 6 | (uint32_t)v;
                have += 6;
                if (have >= 8) {
                        have -= 8;
                        out[filled++] = (unsigned char)(bits >> have);
                        bits &= (1u << have) - 1;
                }
        }
        return bits == 0;
}

bool base64_decode(struct arena *a, struct str s, struct str *ret)
{
        size_t n;

        if (!base64_size(s, &n))
                return false;

        char *out = arena_raw(a, n + 1);
        if (!base64_read(s, out, n))
                return false;
        out[n] = '\0';
        *ret = (struct str){ out, n };
        return true;
}

bool number_read(struct str s, int64_t *ret)
{
        int64_t v = 0;

        if (s.n == 0 || (s.n > 1 && s.p[0] == '0'))
                return false;
        for (size_t i = 0; i < s.n; i++) {
                if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, s.p[i] - '0', &v))
                        return false;
        }
        *ret = v;
        return true;
}

bool percent_decode(struct arena *a, struct str s, struct str *ret)
{
        char *out = arena_raw(a, s.n + 1);
        size_t n = 0;

        for (size_t i = 0; i < s.n; i++) {
                int c = (unsigned char)s.p[i];
                if (c == '%') {
                        if (s.n - i < 3 || (c = hex_byte(s.p + i + 1)) < 1)
                                return false;
                        i += 2;
                }
                out[n++] = (char)c;
        }
        out[n] = '\0';
        if (!utf8_valid((struct str){ out, n }))
                return false;
        *ret = (struct str){ out, n };
        return true;
}

static bool is_unreserved(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.' || c == '_' || c == '~';
}

void percent_encode(struct buf *b, struct str s, const char *also)
{
        static const char hex[] = "0123456789ABCDEF";

        for (size_t i = 0; i < s.n; i++) {
                char c = s.p[i];
                if (is_unreserved(c) || (c && also && strchr(also, c))) {
                        buf_char(b, c);
                } else {
                        unsigned char u = (unsigned char)c;
                        buf_add(b, (char[]){ '%', hex[u >> 4], hex[u & 15] }, 3);
                }
        }
}

static bool is_blank(char c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
        while (s.n && is_blank(s.p[0])) {
                s.p++;
                s.n--;
        }
        while (s.n && is_blank(s.p[s.n - 1]))
                s.n--;
        return s;
}

bool str_split(struct str *rest, char sep, struct str *ret_head)
{
        if (!rest->p)
                return false;

        const char *at = rest->n ? memchr(rest->p, sep, rest->n) : NULL;
        if (!at) {
                *ret_head = *rest;
                *rest = STR_NONE;
                return true;
        }
        size_t n = (size_t)(at - rest->p);
        *ret_head = (struct str){ rest->p, n };
        /* Not str_from(): after a last separator there is one more, empty part. */
        *rest = (struct str){ at + 1, rest->n - n - 1 };
        return true;
}

static char lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool str_ieq(struct str a, struct str b)
{
        if (a.n != b.n)
                return false;
        for (size_t i = 0; i < a.n; i++)
                if (lower(a.p[i]) != lower(b.p[i]))
                        return false;
        return true;
}
