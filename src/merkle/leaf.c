#include "merkle/leaf.h"

#include <assert.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

enum { LEAF_VERSION = 1, TEXT_MAX = 64 * 1024 };

void leaf_write(uint8_t ret[LEAF_BYTES], const struct leaf *l)
{
        ret[0] = LEAF_VERSION;
        ret[1] = l->type;
        for (int i = 0; i < 8; i++)
                ret[2 + i] = (uint8_t)((uint64_t)l->ms >> (56 - 8 * i));
        memcpy(ret + 10, l->commitment.b, sizeof l->commitment.b);
}

int leaf_read(const void *p, size_t n, struct leaf *ret, struct err *reterr)
{
        const uint8_t *b = p;
        uint64_t ms = 0;

        if (n != LEAF_BYTES)
                return err_set(reterr, ERR_BAD_INPUT, "a leaf has %d bytes, not %zu", LEAF_BYTES, n);
        if (b[0] != LEAF_VERSION)
                return err_set(reterr, ERR_BAD_INPUT, "a leaf of version %d is not known", b[0]);
        if (b[1] < LEAF_EVENT || b[1] >= LEAF_TYPES)
                return err_set(reterr, ERR_BAD_INPUT, "a leaf of type %d is not known", b[1]);
        for (int i = 0; i < 8; i++)
                ms = ms << 8 | b[2 + i];
        if (ms > INT64_MAX)
                return err_set(reterr, ERR_BAD_INPUT, "a leaf's time is past all times");
        ret->type = b[1];
        ret->ms = (int64_t)ms;
        memcpy(ret->commitment.b, b + 10, sizeof ret->commitment.b);
        return 0;
}

struct hash leaf_commitment(const struct hash *salt, const struct hash *hash)
{
        static const char mark[16] = "ftlog commit v1";         /* with its NUL */
        uint8_t b[sizeof mark + 2 * sizeof salt->b];

        memcpy(b, mark, sizeof mark);
        memcpy(b + sizeof mark, salt->b, sizeof salt->b);
        memcpy(b + sizeof mark + sizeof salt->b, hash->b, sizeof hash->b);
        return sha256(b, sizeof b);
}

/* ---- the two texts ---- */

static bool is_line(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
                        return false;
        return s.n > 0 && utf8_valid(s);
}

static bool org_ok(struct str s)
{
        return is_line(s) && s.n > 5 && str_starts(s, STR("/org/"));
}

static struct str taken(struct arena *a, struct buf *b)
{
        struct str s;

        assert(!b->overflow);
        s = arena_str(a, buf_view(b));
        buf_free(b);
        return s;
}

static bool is_zero(const struct hash *h)
{
        static const struct hash zero;

        return memcmp(h->b, zero.b, sizeof h->b) == 0;
}

/* A header is written for every event that is recorded, so by hand: printf would take longer than the hashing does. */

static char *put(char *p, struct str s)
{
        memcpy(p, s.p, s.n);
        return p + s.n;
}

/* At least so many digits. */
static char *put_number(char *p, int64_t v, int least)
{
        char digits[20];
        uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;
        int n = 0;

        for (; u || n < least; u /= 10)
                digits[n++] = (char)('0' + u % 10);
        if (v < 0)
                *p++ = '-';
        while (n)
                *p++ = digits[--n];
        return p;
}

static char *put_hex(char *p, const struct hash *h)
{
        static const char hex[] = "0123456789abcdef";

        for (size_t i = 0; i < sizeof h->b; i++) {
                *p++ = hex[h->b[i] >> 4];
                *p++ = hex[h->b[i] & 15];
        }
        return p;
}

enum { TIME_BYTES = 64, REST_BYTES = 17 + 22 + 65 + TIME_BYTES + 65 };

/* RFC 3339 with all six digits, whatever they are: one time has one text. */
static char *put_time(char *p, int64_t us)
{
        struct civil c = civil_of(us, 0);
        int64_t fraction = us % 1000000;
        const struct { int v, digits; char after; } part[] = { { c.year, 4, '-' }, { c.month, 2, '-' }, { c.day, 2, 'T' }, { c.hour, 2, ':' },
                { c.minute, 2, ':' }, { c.second, 2, '.' }, { (int)(fraction < 0 ? fraction + 1000000 : fraction), 6, 'Z' } };

        for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
                p = put_number(p, part[i].v, part[i].digits);
                *p++ = part[i].after;
        }
        return p;
}

struct str record_header_write(struct arena *a, const struct record_header *h)
{
        char *text = arena_raw(a, h->org.n + REST_BYTES), *p = text;

        assert(org_ok(h->org) && h->number > 0);
        p = put(p, STR("suyuan record v1\n"));
        p = put(p, h->org);
        *p++ = '\n';
        p = put_number(p, h->number, 1);
        *p++ = '\n';
        p = put_hex(p, &h->before);
        *p++ = '\n';
        p = put_time(p, h->time_us);
        *p++ = '\n';
        if (is_zero(&h->signature))
                *p++ = '-';
        else
                p = put_hex(p, &h->signature);
        *p++ = '\n';
        return (struct str){ text, (size_t)(p - text) };
}

/* Cuts `n` lines, each with its newline, and nothing after them. */
static bool cut_lines(struct str text, struct str *ret, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (!str_split(&text, '\n', &ret[i]) || !is_line(ret[i]))
                        return false;
        return text.p && text.n == 0;
}

static bool hex_lower(struct str s, struct hash *ret)
{
        for (size_t i = 0; i < s.n; i++)
                if (s.p[i] >= 'A' && s.p[i] <= 'F')
                        return false;
        return hex_read(s, ret->b, sizeof ret->b);
}

static bool time_read(struct str s, int64_t *ret)
{
        char text[TIME_BYTES];
        struct stamp t;

        if (!stamp_read(s, &t))
                return false;
        *ret = t.us;
        return str_eq((struct str){ text, (size_t)(put_time(text, t.us) - text) }, s);
}

int record_header_read(struct str text, struct record_header *ret, struct err *reterr)
{
        struct record_header h = { 0 };
        struct str line[6];

        if (text.n > TEXT_MAX || !cut_lines(text, line, 6) || !str_is(line[0], "suyuan record v1"))
                return err_set(reterr, ERR_BAD_INPUT, "this is no header of a record: six lines are expected, the first 'suyuan record v1'");
        h.org = line[1];
        if (!org_ok(h.org))
                return err_set(reterr, ERR_BAD_INPUT, "line 2 of a record's header is /org/CODE");
        if (!number_read(line[2], &h.number) || h.number == 0)
                return err_set(reterr, ERR_BAD_INPUT, "line 3 of a record's header is its number, from 1");
        if (!hex_lower(line[3], &h.before))
                return err_set(reterr, ERR_BAD_INPUT, "line 4 of a record's header is the hash of the record before, 64 hex digits");
        if (!time_read(line[4], &h.time_us))
                return err_set(reterr, ERR_BAD_INPUT, "line 5 of a record's header is its time: UTC with six digits after the second and Z");
        if (!str_is(line[5], "-") && (!hex_lower(line[5], &h.signature) || is_zero(&h.signature)))
                return err_set(reterr, ERR_BAD_INPUT, "line 6 of a record's header is the hash of a device's signature, or '-'");
        *ret = h;
        return 0;
}

struct hash record_hash(struct str header, const struct hash *digest)
{
        return sha256_2(header.p, header.n, digest->b, sizeof digest->b);
}

struct str statement_write(struct arena *a, const struct statement *s)
{
        struct buf b = { .max = TEXT_MAX };

        assert(s->type > LEAF_EVENT && s->type < LEAF_TYPES && org_ok(s->org) && s->number > 0);
        assert(is_line(s->subject) && is_line(s->detail));
        buf_printf(&b, "suyuan statement v1\n%d\n%.*s\n%lld\n", s->type, STR_ARG(s->org), (long long)s->number);
        buf_str(&b, s->subject);
        buf_char(&b, '\n');
        buf_str(&b, s->detail);
        buf_char(&b, '\n');
        return taken(a, &b);
}

int statement_read(struct str text, struct statement *ret, struct err *reterr)
{
        struct statement s = { 0 };
        struct str line[6];
        int64_t type;

        if (text.n > TEXT_MAX || !cut_lines(text, line, 6) || !str_is(line[0], "suyuan statement v1"))
                return err_set(reterr, ERR_BAD_INPUT, "this is no statement: six lines are expected, the first 'suyuan statement v1'");
        if (!number_read(line[1], &type) || type <= LEAF_EVENT || type >= LEAF_TYPES)
                return err_set(reterr, ERR_BAD_INPUT, "line 2 of a statement is its type, %d to %d", LEAF_EVENT + 1, LEAF_TYPES - 1);
        if (!org_ok(line[2]))
                return err_set(reterr, ERR_BAD_INPUT, "line 3 of a statement is /org/CODE");
        if (!number_read(line[3], &s.number) || s.number == 0)
                return err_set(reterr, ERR_BAD_INPUT, "line 4 of a statement is its number, from 1");
        s.type = (uint8_t)type;
        s.org = line[2];
        s.subject = line[4];
        s.detail = line[5];
        *ret = s;
        return 0;
}
