#include "base/csv.h"

#include "base/limits.h"
#include "base/text.h"

struct csv csv_open(struct str bytes)
{
        static const struct str bom = { "\xef\xbb\xbf", 3 };
        return (struct csv){ .rest = str_starts(bytes, bom) ? str_from(bytes, 3) : bytes, .next_line = 1, .between = ',' };
}

static bool at_line_end(struct str s)
{
        return s.n == 0 || s.p[0] == '\n' || (s.p[0] == '\r' && s.n > 1 && s.p[1] == '\n');
}

/* Past the end of the line; what stands before it is given up. */
static void skip_line(struct csv *c)
{
        const char *nl = c->rest.n ? memchr(c->rest.p, '\n', c->rest.n) : NULL;
        c->rest = nl ? str_from(c->rest, (size_t)(nl - c->rest.p) + 1) : STR_NONE;
        c->next_line++;
}

static int wrong(struct csv *c, struct err *reterr, const char *what)
{
        skip_line(c);
        err_set(reterr, ERR_BAD_INPUT, "line %d: %s", c->line, what);
        if (reterr)
                reterr->line = c->line;
        return -1;
}

/* The bytes between the quotes, "" being one of them; `at` is behind the first quote.  False: the last one is missing. */
static bool quoted(struct csv *c, struct arena *a, struct str *ret)
{
        struct str s = c->rest;
        size_t n = 0, i = 0, end = 0;
        int lines = 0;
        while (end < s.n && end <= 2 * LIMIT_CSV_FIELD_BYTES && (s.p[end] != '"' || (end + 1 < s.n && s.p[end + 1] == '"')))
                end += s.p[end] == '"' ? 2 : 1;
        char *out = arena_raw(a, (end < s.n ? end : s.n) + 2);  /* as long as it is: a table of many small fields costs no more than itself */
        for (; i < s.n && n <= LIMIT_CSV_FIELD_BYTES; i++) {
                if (s.p[i] == '"' && (i + 1 == s.n || s.p[i + 1] != '"'))
                        break;
                i += s.p[i] == '"';
                lines += s.p[i] == '\n';
                out[n++] = s.p[i];
        }
        if (i >= s.n || n > LIMIT_CSV_FIELD_BYTES)
                return false;
        c->next_line += lines;
        c->rest = str_from(s, i + 1);
        *ret = (struct str){ out, n };
        return true;
}

static struct str plain(struct csv *c)
{
        size_t n = 0;
        while (n < c->rest.n && c->rest.p[n] != c->between && !at_line_end(str_from(c->rest, n)))
                n++;
        struct str s = { c->rest.p, n };
        c->rest = str_from(c->rest, n);
        return s;
}

static const char *field(struct csv *c, struct arena *a, struct str *ret)
{
        if (c->rest.n && c->rest.p[0] == '"') {
                c->rest = str_from(c->rest, 1);
                if (!quoted(c, a, ret))
                        return "a quote is not closed, or the field is too long";
        } else {
                *ret = plain(c);
                if (ret->n && memchr(ret->p, '"', ret->n))
                        return "a quote stands within a field that is not quoted";
        }
        if (ret->n > LIMIT_CSV_FIELD_BYTES)
                return "a field is too long";
        if (!utf8_valid(*ret) || (ret->n && memchr(ret->p, '\0', ret->n)))
                return "the text is not UTF-8";
        *ret = str_trim(*ret);
        return c->rest.n && c->rest.p[0] != c->between && !at_line_end(c->rest) ? "something stands between a quoted field and the next one" : NULL;
}

static int fields(struct csv *c, struct arena *a, const struct str **ret, size_t *ret_n, struct err *reterr)
{
        struct str *list = arena_array(a, struct str, LIMIT_CSV_FIELDS);
        size_t n = 0;
        for (;;) {
                const char *fault = n == LIMIT_CSV_FIELDS ? "too many fields" : field(c, a, &list[n++]);
                if (fault)
                        return wrong(c, reterr, fault);
                if (at_line_end(c->rest))
                        break;
                c->rest = str_from(c->rest, 1);
        }
        skip_line(c);
        *ret = list;
        *ret_n = n;
        return 1;
}

int csv_row(struct csv *c, struct arena *a, const struct str **ret, size_t *ret_n, struct err *reterr)
{
        while (c->rest.n && at_line_end(c->rest))
                skip_line(c);
        c->line = c->next_line;
        return c->rest.n ? fields(c, a, ret, ret_n, reterr) : 0;
}

int csv_column(const struct str *head, size_t n, const char *name)
{
        for (size_t i = 0; i < n; i++)
                if (str_is(head[i], name))
                        return (int)i;
        return -1;
}
