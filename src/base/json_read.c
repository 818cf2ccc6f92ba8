#include "base/json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <yajl/yajl_parse.h>

#include "base/json_names.h"
#include "base/limits.h"
#include "base/oom.h"
#include "base/text.h"

/* One open array or object. */
struct frame {
        uint32_t start;         /* of its members on the stack */
        bool object;
        struct names names;     /* kept for the next object at this depth */
};

/* Values whose container is still open wait on `stack`, those of the innermost one last; arrays leave
 * the name unused.  When a container closes, its members move to the arena in one piece. */
struct reader {
        struct arena *arena;
        struct json_limits limits;
        struct frame *frames;
        uint32_t depth, frames_cap;
        struct json_member *stack;
        uint32_t n, cap;
        uint32_t nodes;
        char *text;             /* where the next decoded text goes */
        char why[200];          /* set when we stop the parse ourselves */
};

/* A place where the text is wrong though yajl would not mind. */
struct flaw {
        size_t at;
        const char *why;
};

__attribute__((format(printf, 2, 3)))
static int stop(struct reader *r, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(r->why, sizeof r->why, fmt, ap);
        va_end(ap);
        return 0;
}

static void push(struct reader *r, struct str name)
{
        if (r->n == r->cap) {
                r->cap = r->cap ? r->cap * 2 : 64;
                r->stack = or_abort(realloc(r->stack, r->cap * sizeof *r->stack));
        }
        r->stack[r->n++].name = name;
}

/* Text grows no longer by decoding, so that one run as long as the input holds it all. */
static struct str keep_text(struct reader *r, const void *p, size_t n)
{
        char *at = r->text;

        if (n)
                memcpy(at, p, n);
        at[n] = '\0';
        r->text += n + 1;
        return (struct str){ at, n };
}

/* Puts a value where it belongs: after the name just read, or as the next item. */
static int put(struct reader *r, struct json v)
{
        if (r->depth == 0 || !r->frames[r->depth - 1].object)
                push(r, STR_NONE);
        if (r->nodes++ >= r->limits.max_nodes)
                return stop(r, "more than %u values; send several documents", r->limits.max_nodes);
        r->stack[r->n - 1].value = v;
        return 1;
}

static int on_null(void *ctx)
{
        return put(ctx, (struct json){ .kind = JSON_NULL });
}

static int on_boolean(void *ctx, int value)
{
        return put(ctx, (struct json){ .kind = value ? JSON_TRUE : JSON_FALSE });
}

static int on_text(struct reader *r, enum json_kind kind, const void *p, size_t n)
{
        struct str s = keep_text(r, p, n);

        return put(r, (struct json){ .kind = (uint8_t)kind, .n = (uint32_t)n, .text = s.p });
}

/* Nothing here computes with doubles, but whoever reads our answers may: a number beyond theirs would come back to them as no
 * number at all.  Only an exponent can reach so far within the limit of a number's length. */
static bool beyond_doubles(const char *p, size_t n)
{
        char z[512];

        if (n >= sizeof z || (!memchr(p, 'e', n) && !memchr(p, 'E', n)))
                return false;
        memcpy(z, p, n);
        z[n] = '\0';
        return isinf(strtod(z, NULL));
}

static int on_number(void *ctx, const char *p, size_t n)
{
        struct reader *r = ctx;
        int fine = on_text(r, JSON_NUMBER, p, n);

        if (fine && n > r->limits.max_number_bytes)
                return stop(r, "a number of more than %u bytes", r->limits.max_number_bytes);
        if (fine && beyond_doubles(p, n))
                return stop(r, "a number too large to mean anything (over 1.8e308)");
        return fine;
}

static int on_string(void *ctx, const unsigned char *p, size_t n)
{
        return on_text(ctx, JSON_STRING, p, n);
}

static int on_name(void *ctx, const unsigned char *p, size_t n)
{
        struct reader *r = ctx;
        struct frame *f = &r->frames[r->depth - 1];

        push(r, keep_text(r, p, n));
        if (names_repeated(&f->names, r->stack + f->start, r->n - f->start))
                return stop(r, "a name appears twice in one object; keep one of the two");
        return 1;
}

static int open_frame(struct reader *r, bool object)
{
        if (!put(r, (struct json){ .kind = object ? JSON_OBJECT : JSON_ARRAY }))
                return 0;
        if (r->depth == r->limits.max_depth)
                return stop(r, "nested deeper than %u levels", r->limits.max_depth);
        if (r->depth == r->frames_cap) {
                uint32_t cap = r->frames_cap ? r->frames_cap * 2 : 16;
                r->frames = or_abort(realloc(r->frames, cap * sizeof *r->frames));
                memset(r->frames + r->frames_cap, 0, (cap - r->frames_cap) * sizeof *r->frames);
                r->frames_cap = cap;
        }
        struct frame *f = &r->frames[r->depth++];
        f->start = r->n;
        f->object = object;
        names_begin(&f->names);
        return 1;
}

static int on_start_object(void *ctx)
{
        return open_frame(ctx, true);
}

static int on_start_array(void *ctx)
{
        return open_frame(ctx, false);
}

static int on_end_object(void *ctx)
{
        struct reader *r = ctx;
        uint32_t start = r->frames[--r->depth].start, n = r->n - start;
        struct json *v = &r->stack[start - 1].value;
        struct json_member *members = arena_raw(r->arena, n * sizeof *members);

        memcpy(members, r->stack + start, n * sizeof *members);
        v->n = n;
        v->members = members;
        r->n = start;
        return 1;
}

static int on_end_array(void *ctx)
{
        struct reader *r = ctx;
        uint32_t start = r->frames[--r->depth].start, n = r->n - start;
        struct json *v = &r->stack[start - 1].value;
        struct json *items = arena_raw(r->arena, n * sizeof *items);

        for (uint32_t i = 0; i < n; i++)
                items[i] = r->stack[start + i].value;
        v->n = n;
        v->items = items;
        r->n = start;
        return 1;
}

static const yajl_callbacks callbacks = {
        .yajl_null = on_null,
        .yajl_boolean = on_boolean,
        .yajl_number = on_number,
        .yajl_string = on_string,
        .yajl_start_map = on_start_object,
        .yajl_map_key = on_name,
        .yajl_end_map = on_end_object,
        .yajl_start_array = on_start_array,
        .yajl_end_array = on_end_array,
};

/* yajl does not look at what its allocator returns. */
static void *yajl_malloc(void *ctx, size_t n)
{
        (void)ctx;
        return or_abort(malloc(n));
}

static void *yajl_realloc(void *ctx, void *p, size_t n)
{
        (void)ctx;
        return or_abort(realloc(p, n));
}

static void yajl_release(void *ctx, void *p)
{
        (void)ctx;
        free(p);
}

/* The code unit of the \uXXXX at `i`; -1 when there is none. */
static int code_unit(const char *p, size_t n, size_t i)
{
        int unit = 0;

        if (n - i < 6 || p[i] != '\\' || p[i + 1] != 'u')
                return -1;
        for (size_t k = i + 2; k < i + 6; k++) {
                int v = hex_value(p[k]);
                if (v < 0)
                        return -1;
                unit = unit << 4 | v;
        }
        return unit;
}

/* Looks at the escape at *i and steps over it; tells what is wrong with it.  Malformed escapes are
 * left to yajl. */
static const char *escape_flaw(const char *p, size_t n, size_t *i)
{
        int unit = code_unit(p, n, *i);

        if (unit < 0) {
                *i += n - *i < 2 ? 1 : 2;
                return NULL;
        }
        if (unit == 0)
                return "the character U+0000 is not allowed";
        *i += 6;
        if (unit < 0xd800 || unit > 0xdfff)
                return NULL;
        int second = unit < 0xdc00 ? code_unit(p, n, *i) : -1;
        if (second < 0xdc00 || second > 0xdfff)
                return "a lone surrogate escape; write surrogates in pairs";
        *i += 6;
        return NULL;
}

static void nearer(struct flaw *f, const char *p, char c, const char *why)
{
        const char *at = memchr(p, c, f->at);

        if (at)
                *f = (struct flaw){ (size_t)(at - p), why };
}

/* What yajl 2.1 lets pass: it replaces lone surrogates by '?', takes overlong forms and encoded
 * surrogates for UTF-8, and \v and \f for white space.  Outside of strings a backslash is an error
 * anyway, so that escapes can be found without knowing where strings begin. */
static struct flaw find_flaw(const char *p, size_t n)
{
        struct flaw flaw = { .at = utf8_valid_to((struct str){ p, n }) };
        size_t i = 0;

        if (flaw.at < n)
                flaw.why = "not UTF-8";
        nearer(&flaw, p, '\v', "a control character (U+000B)");
        nearer(&flaw, p, '\f', "a control character (U+000C)");
        while (i < flaw.at) {
                const char *slash = memchr(p + i, '\\', flaw.at - i);
                if (!slash)
                        break;
                i = (size_t)(slash - p);
                size_t before = i;
                const char *why = escape_flaw(p, flaw.at, &i);
                if (why)
                        return (struct flaw){ before, why };
        }
        return flaw;
}

static bool is_word(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == 'E' || c == '+' ||
               c == '-' || c == '.';
}

static bool is_escaped(const char *p, size_t i)
{
        size_t slashes = 0;

        while (slashes < i && p[i - 1 - slashes] == '\\')
                slashes++;
        return slashes % 2;
}

/* Where the token that ends at `end` begins: yajl tells only how far it has read. */
static size_t token_start(const char *p, size_t end)
{
        size_t i = end ? end - 1 : 0;

        if (p[i] == '"') {
                while (i > 0 && (p[--i] != '"' || is_escaped(p, i)))
                        ;
                return i;
        }
        while (i > 0 && is_word(p[i]) && is_word(p[i - 1]))
                i--;
        return i;
}

static int fail(struct err *e, const char *p, size_t at, const char *why)
{
        int line = 1, column = 1;

        for (size_t i = 0; i < at; i++) {
                if (p[i] == '\n') {
                        line++;
                        column = 1;
                } else if (((unsigned char)p[i] & 0xc0) != 0x80) {
                        column++;
                }
        }
        err_set(e, ERR_BAD_JSON, "%s", why);
        if (e) {
                e->line = line;
                e->column = column;
        }
        return -1;
}

/* The member or item being read, as a JSON Pointer. */
static void point(const struct reader *r, struct err *e)
{
        struct buf b = { .max = 4096 };

        for (uint32_t i = 0; i < r->depth && !b.overflow; i++) {
                const struct frame *f = &r->frames[i];
                uint32_t end = i + 1 < r->depth ? f[1].start : r->n;
                if (f->object)
                        json_pointer_add(&b, r->stack[end - 1].name);
                else
                        json_pointer_index(&b, end - f->start - 1);
        }
        err_at(e, b.p ? b.p : "");
        buf_free(&b);
}

/* "parse error: unallowed token at this point in JSON text\n", without the end of line. */
static int fail_yajl(yajl_handle h, const char *p, size_t at, struct err *e)
{
        unsigned char *said = yajl_get_error(h, 0, NULL, 0);
        char why[200];

        snprintf(why, sizeof why, "%.*s", (int)strcspn((char *)said, "\n"), (char *)said);
        yajl_free_error(h, said);
        if (strstr(why, "premature EOF"))
                return fail(e, p, at, "the text ends too early");
        if (str_starts(str_of(why), STR("parse error")) && at)
                at = token_start(p, at);
        else if (strstr(why, "invalid char in json text") && at)
                at--;   /* the other lexical errors put the wrong byte back */
        return fail(e, p, at, why);
}

/* Feeds all before the flaw, so that of two mistakes the first is told. */
static int parse(struct reader *r, yajl_handle h, const char *p, size_t n, struct err *e)
{
        struct flaw flaw = find_flaw(p, n);
        yajl_status status = yajl_parse(h, (const unsigned char *)p, flaw.at);
        size_t at = yajl_get_bytes_consumed(h);

        if (status == yajl_status_ok && flaw.why)
                return fail(e, p, flaw.at, flaw.why);
        if (status == yajl_status_ok) {
                status = yajl_complete_parse(h);
                at = n;         /* yajl counts anew here */
        }
        if (status == yajl_status_client_canceled) {
                fail(e, p, token_start(p, at), r->why);
                point(r, e);
                return -1;
        }
        return status == yajl_status_ok ? 0 : fail_yajl(h, p, at, e);
}

static void reader_fini(struct reader *r)
{
        for (uint32_t i = 0; i < r->frames_cap; i++)
                names_free(&r->frames[i].names);
        free(r->frames);
        free(r->stack);
}

int json_read(struct arena *a, const char *bytes, size_t n, const struct json_limits *limits,
              const struct json **ret, struct err *reterr)
{
        static const struct json_limits usual = { LIMIT_JSON_DEPTH, LIMIT_JSON_NUMBER_BYTES,
                                                  LIMIT_JSON_NODES };
        yajl_alloc_funcs memory = { yajl_malloc, yajl_realloc, yajl_release, NULL };
        struct reader r = { .arena = a, .limits = limits ? *limits : usual };

        if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
                bytes += 3;
                n -= 3;
        }
        if (n == 0)
                return fail(reterr, bytes, 0, "there is no text");
        if (n >= UINT32_MAX)
                return fail(reterr, bytes, 0, "larger than 4 GB");

        r.text = arena_raw(a, n + 2);
        yajl_handle h = yajl_alloc(&callbacks, &memory, &r);
        int done = parse(&r, h, bytes, n, reterr);
        yajl_free(h);
        if (done == 0) {
                struct json *root = arena_raw(a, sizeof *root);
                *root = r.stack[0].value;
                *ret = root;
        }
        reader_fini(&r);
        return done;
}
