#include "base/json.h"

#include <assert.h>
#include <stdlib.h>
#include <yajl/yajl_parse.h>

#include "base/oom.h"
#include "base/text.h"

/* Values of unfinished arrays and objects lie on one stack; when a container ends, its part of the stack is
 * copied into the arena.  Names travel with their values. */
struct reading {
        struct arena *arena;
        const struct json_limits *limits;
        struct json_member *stack;
        size_t n, cap;
        size_t *open;           /* where each open container's values begin on the stack */
        uint32_t depth, depth_cap;
        uint32_t nodes;
        struct str name;        /* of the value that comes next in an object */
        struct err *err;
        bool refused;           /* by us, not by the grammar */
};

static int refuse(struct reading *r, const char *what, struct str about)
{
        r->refused = true;
        err_set(r->err, ERR_BAD_JSON, "%s%s%.*s", what, about.n ? ": " : "", (int)(about.n > 120 ? 120 : about.n), about.p ? about.p : "");
        return 0;
}

static int push(struct reading *r, struct json v)
{
        if (++r->nodes > r->limits->max_nodes)
                return refuse(r, "more values in one text than allowed", STR_NONE);
        if (r->n == r->cap) {
                r->cap = r->cap ? r->cap * 2 : 256;
                r->stack = or_abort(realloc(r->stack, r->cap * sizeof *r->stack));
        }
        r->stack[r->n++] = (struct json_member){ r->name, v };
        r->name = STR_NONE;
        return 1;
}

static int on_null(void *ctx)
{
        return push(ctx, (struct json){ .kind = JSON_NULL });
}

static int on_boolean(void *ctx, int yes)
{
        return push(ctx, (struct json){ .kind = yes ? JSON_TRUE : JSON_FALSE });
}

static int on_number(void *ctx, const char *p, size_t n)
{
        struct reading *r = ctx;
        if (n > r->limits->max_number_bytes)
                return refuse(r, "a number is longer than allowed", (struct str){ p, 40 });
        return push(r, (struct json){ .kind = JSON_NUMBER, .n = (uint32_t)n,
                                      .text = arena_cstr(r->arena, (struct str){ p, n }) });
}

static int on_string(void *ctx, const unsigned char *p, size_t n)
{
        struct reading *r = ctx;
        return push(r, (struct json){ .kind = JSON_STRING, .n = (uint32_t)n,
                                      .text = arena_cstr(r->arena, (struct str){ (const char *)p, n }) });
}

static int on_key(void *ctx, const unsigned char *p, size_t n)
{
        struct reading *r = ctx;
        r->name = arena_str(r->arena, (struct str){ (const char *)p, n });
        return 1;
}

/* The container takes its place on the stack at once, so that its name is kept with it. */
static int begin(struct reading *r, enum json_kind kind)
{
        if (r->depth >= r->limits->max_depth)
                return refuse(r, "nested deeper than allowed", STR_NONE);
        if (!push(r, (struct json){ .kind = (uint8_t)kind }))
                return 0;
        if (r->depth == r->depth_cap) {
                r->depth_cap = r->depth_cap ? r->depth_cap * 2 : 32;
                r->open = or_abort(realloc(r->open, r->depth_cap * sizeof *r->open));
        }
        r->open[r->depth++] = r->n;
        return 1;
}

static int on_array(void *ctx)
{
        return begin(ctx, JSON_ARRAY);
}

static int on_object(void *ctx)
{
        return begin(ctx, JSON_OBJECT);
}

static int on_array_end(void *ctx)
{
        struct reading *r = ctx;
        size_t from = r->open[--r->depth], n = r->n - from;
        struct json *items = arena_raw(r->arena, (n ? n : 1) * sizeof *items);
        for (size_t i = 0; i < n; i++)
                items[i] = r->stack[from + i].value;
        r->n = from;
        r->stack[from - 1].value.n = (uint32_t)n;
        r->stack[from - 1].value.items = items;
        return 1;
}

static uint64_t name_hash(struct str s)
{
        uint64_t h = 1469598103934665603u;      /* FNV-1a, 64 bit */
        for (size_t i = 0; i < s.n; i++)
                h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
        return h ^ h >> 32;
}

static const struct str *twice_among_few(const struct json_member *m, size_t n)
{
        for (size_t i = 1; i < n; i++)
                for (size_t k = 0; k < i; k++)
                        if (str_eq(m[i].name, m[k].name))
                                return &m[i].name;
        return NULL;
}

/* Open addressing over the members' places; at most half full. */
static const struct str *twice_among_many(const struct json_member *m, size_t n)
{
        size_t cap = 64;
        while (cap < 2 * n)
                cap *= 2;
        uint32_t *slot = or_abort(calloc(cap, sizeof *slot));
        const struct str *twice = NULL;
        for (size_t i = 0; i < n && !twice; i++) {
                size_t at = name_hash(m[i].name) & (cap - 1);
                while (slot[at] && !str_eq(m[slot[at] - 1].name, m[i].name))
                        at = (at + 1) & (cap - 1);
                if (slot[at])
                        twice = &m[i].name;
                slot[at] = (uint32_t)i + 1;
        }
        free(slot);
        return twice;
}

static int on_object_end(void *ctx)
{
        struct reading *r = ctx;
        size_t from = r->open[--r->depth], n = r->n - from;
        struct json_member *members = arena_raw(r->arena, (n ? n : 1) * sizeof *members);
        if (n)
                memcpy(members, r->stack + from, n * sizeof *members);
        const struct str *twice = n <= 16 ? twice_among_few(members, n) : twice_among_many(members, n);
        if (twice)
                return refuse(r, "a name stands twice in one object", *twice);
        r->n = from;
        r->stack[from - 1].value.n = (uint32_t)n;
        r->stack[from - 1].value.members = members;
        return 1;
}

static const yajl_callbacks callbacks = {
        .yajl_null = on_null, .yajl_boolean = on_boolean, .yajl_number = on_number, .yajl_string = on_string,
        .yajl_start_map = on_object, .yajl_map_key = on_key, .yajl_end_map = on_object_end,
        .yajl_start_array = on_array, .yajl_end_array = on_array_end,
};

static int refuse_at(struct err *e, const char *bytes, size_t at)
{
        int line = 1, column = 1;
        for (size_t i = 0; i < at; i++) {
                if (bytes[i] == '\n')
                        line++, column = 1;
                else if (((unsigned char)bytes[i] & 0xc0) != 0x80)      /* characters, not bytes */
                        column++;
        }
        if (e) {
                e->line = line;
                e->column = column;
        }
        return -1;
}

static int hex4(const char *p)
{
        int v = 0;
        for (int i = 0; i < 4; i++) {
                int h = hex_value(p[i]);
                if (h < 0)
                        return -1;
                v = v << 4 | h;
        }
        return v;
}

/* The bytes of a \u escape to step over; 0 when it names what no text may hold.  yajl would turn a lone surrogate into '?'. */
static size_t escape_length(const char *p, const char *end)
{
        if (end - p < 6)
                return 2;       /* cut short: the grammar says so */
        int v = hex4(p + 2);
        if (v == 0 || (v >= 0xdc00 && v <= 0xdfff))
                return 0;
        if (v < 0xd800 || v > 0xdbff)
                return 6;
        if (end - p < 12 || p[6] != '\\' || p[7] != 'u')
                return 0;
        int low = hex4(p + 8);
        return low >= 0xdc00 && low <= 0xdfff ? 12 : 0;
}

static int check_escapes(const char *bytes, size_t n, struct err *e)
{
        const char *p = bytes, *end = bytes + n;
        while ((p = memchr(p, '\\', (size_t)(end - p)))) {
                size_t step = p + 1 < end && p[1] == 'u' ? escape_length(p, end) : 2;
                if (!step) {
                        err_set(e, ERR_BAD_JSON, "an escape names no character (U+0000 or half of a surrogate pair): %.6s", p);
                        return refuse_at(e, bytes, (size_t)(p - bytes));
                }
                if (p + step >= end)
                        break;
                p += step;
        }
        return 0;
}

static int check_utf8(const char *bytes, size_t n, struct err *e)
{
        size_t good = utf8_valid_to((struct str){ bytes, n });
        if (good == n)
                return 0;
        err_set(e, ERR_BAD_JSON, "the text is not UTF-8: byte 0x%02x has no place here", (unsigned char)bytes[good]);
        return refuse_at(e, bytes, good);
}

/* yajl stops behind the token that it did not expect; people want its beginning. */
static size_t token_begin(const char *bytes, size_t at)
{
        if (at == 0)
                return 0;
        size_t i = at - 1;
        if (bytes[i] == '"') {
                while (i > 0 && (bytes[i - 1] != '"' || (i > 1 && bytes[i - 2] == '\\')))
                        i--;
                return i ? i - 1 : at - 1;
        }
        while (i > 0 && (hex_value(bytes[i]) >= 0 || strchr("rulsxyz+-.", bytes[i])) && strchr("0123456789truefalsn+-.E", bytes[i - 1]))
                i--;
        return i;
}

static int refuse_grammar(struct reading *r, yajl_handle h, const char *bytes, size_t n)
{
        size_t at = yajl_get_bytes_consumed(h);
        if (at > n)
                at = n;
        if (!r->refused) {
                unsigned char *why = yajl_get_error(h, 0, NULL, 0);
                struct str text = str_trim(str_of((char *)why));
                err_set(r->err, ERR_BAD_JSON, "%.*s", STR_ARG(text));
                yajl_free_error(h, why);
                bool cut = at >= n && (text.n >= 3 && !memcmp(text.p + text.n - 3, "EOF", 3));
                at = cut ? n : token_begin(bytes, at);
        }
        return refuse_at(r->err, bytes, at);
}

static int parse(struct reading *r, const char *bytes, size_t n)
{
        yajl_handle h = or_abort(yajl_alloc(&callbacks, NULL, r));
        yajl_config(h, yajl_dont_validate_strings, 1);  /* check_utf8 is stricter */
        yajl_status s = yajl_parse(h, (const unsigned char *)bytes, n);
        if (s == yajl_status_ok)
                s = yajl_complete_parse(h);
        int rc = s == yajl_status_ok ? 0 : refuse_grammar(r, h, bytes, n);
        yajl_free(h);
        return rc;
}

int json_read(struct arena *a, const char *bytes, size_t n, const struct json_limits *limits,
              const struct json **ret, struct err *reterr)
{
        if (n >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3))
                bytes += 3, n -= 3;
        if (check_utf8(bytes, n, reterr) < 0 || check_escapes(bytes, n, reterr) < 0)
                return -1;
        struct reading r = { .arena = a, .limits = limits, .err = reterr };
        int rc = parse(&r, bytes, n);
        if (rc == 0 && r.n != 1) {
                err_set(reterr, ERR_BAD_JSON, "there is no JSON value");
                rc = refuse_at(reterr, bytes, n);
        }
        if (rc == 0) {
                struct json *top = arena_alloc(a, sizeof *top);
                *top = r.stack[0].value;
                *ret = top;
        }
        free(r.stack);
        free(r.open);
        return rc;
}
