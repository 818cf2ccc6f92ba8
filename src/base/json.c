#include "base/json.h"

#include <stdlib.h>

#include "base/decimal.h"
#include "base/oom.h"

const struct json *json_get_str(const struct json *o, struct str name)
{
        if (!json_is(o, JSON_OBJECT))
                return NULL;
        for (uint32_t i = 0; i < o->n; i++)
                if (str_eq(o->members[i].name, name))
                        return &o->members[i].value;
        return NULL;
}

const struct json *json_get(const struct json *o, const char *name)
{
        return json_get_str(o, str_of(name));
}

bool json_is(const struct json *v, enum json_kind kind)
{
        return v && v->kind == kind;
}

struct str json_text(const struct json *v)
{
        if (!json_is(v, JSON_STRING) && !json_is(v, JSON_NUMBER))
                return STR_NONE;
        return (struct str){ v->text, v->n };
}

struct str json_str(const struct json *o, const char *name)
{
        const struct json *v = json_get(o, name);

        return json_is(v, JSON_STRING) ? json_text(v) : STR_NONE;
}

int64_t json_int(const struct json *v, int64_t otherwise)
{
        if (!json_is(v, JSON_NUMBER))
                return otherwise;

        bool minus = v->text[0] == '-';
        uint64_t sum = 0, most = minus ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
        for (uint32_t i = minus; i < v->n; i++) {
                unsigned digit = (unsigned)(v->text[i] - '0');
                if (digit > 9 || sum > (most - digit) / 10)
                        return otherwise;
                sum = sum * 10 + digit;
        }
        return minus ? (int64_t)-sum : (int64_t)sum;
}

static bool equal_numbers(const struct json *a, const struct json *b)
{
        if (str_eq(json_text(a), json_text(b)))
                return true;

        struct arena *scratch = arena_new();
        bool same = str_eq(decimal_canonical(scratch, json_text(a)),
                           decimal_canonical(scratch, json_text(b)));
        arena_free(scratch);
        return same;
}

static bool equal_arrays(const struct json *a, const struct json *b)
{
        for (uint32_t i = 0; i < a->n; i++)
                if (!json_equal(&a->items[i], &b->items[i]))
                        return false;
        return true;
}

static int by_name(const void *a, const void *b)
{
        const struct json_member *const *x = a, *const *y = b;

        return str_cmp((*x)->name, (*y)->name);
}

static const struct json_member **sorted(const struct json *o)
{
        const struct json_member **list = or_abort(malloc(o->n * sizeof *list));

        for (uint32_t i = 0; i < o->n; i++)
                list[i] = &o->members[i];
        qsort(list, o->n, sizeof *list, by_name);
        return list;
}

/* A stranger chooses the order, so large objects must not be searched name by name. */
static bool equal_large(const struct json *a, const struct json *b)
{
        const struct json_member **x = sorted(a), **y = sorted(b);
        bool same = true;

        for (uint32_t i = 0; same && i < a->n; i++)
                same = str_eq(x[i]->name, y[i]->name) && json_equal(&x[i]->value, &y[i]->value);
        free(x);
        free(y);
        return same;
}

static bool equal_objects(const struct json *a, const struct json *b)
{
        enum { LARGE = 16 };

        if (a->n > LARGE)
                return equal_large(a, b);
        for (uint32_t i = 0; i < a->n; i++) {
                const struct json *v = json_get_str(b, a->members[i].name);
                if (!v || !json_equal(&a->members[i].value, v))
                        return false;
        }
        return true;
}

bool json_equal(const struct json *a, const struct json *b)
{
        if (a->kind != b->kind)
                return false;
        switch ((enum json_kind)a->kind) {
        case JSON_NULL:
        case JSON_FALSE:
        case JSON_TRUE:
                return true;
        case JSON_NUMBER:
                return equal_numbers(a, b);
        case JSON_STRING:
                return str_eq(json_text(a), json_text(b));
        case JSON_ARRAY:
                return a->n == b->n && equal_arrays(a, b);
        case JSON_OBJECT:
                return a->n == b->n && equal_objects(a, b);
        }
        return false;
}

/* What follows the backslash; 'u' for \u00XX, 0 for bytes that stand for themselves. */
static const char escapes[256] = {
        ['\0'] = 'u', [1] = 'u', [2] = 'u', [3] = 'u', [4] = 'u', [5] = 'u', [6] = 'u', [7] = 'u',
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', [11] = 'u', ['\f'] = 'f', ['\r'] = 'r',
        [14] = 'u', [15] = 'u', [16] = 'u', [17] = 'u', [18] = 'u', [19] = 'u', [20] = 'u',
        [21] = 'u', [22] = 'u', [23] = 'u', [24] = 'u', [25] = 'u', [26] = 'u', [27] = 'u',
        [28] = 'u', [29] = 'u', [30] = 'u', [31] = 'u', ['"'] = '"', ['\\'] = '\\',
};

void json_write_str(struct buf *b, struct str s)
{
        static const char hex[] = "0123456789abcdef";
        size_t from = 0;

        buf_char(b, '"');
        for (size_t i = 0; i < s.n; i++) {
                unsigned char c = (unsigned char)s.p[i];
                if (!escapes[c])
                        continue;
                buf_add(b, s.p + from, i - from);
                from = i + 1;
                if (escapes[c] == 'u')
                        buf_add(b, (char[]){ '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] }, 6);
                else
                        buf_add(b, (char[]){ '\\', escapes[c] }, 2);
        }
        buf_add(b, s.n ? s.p + from : "", s.n - from);
        buf_char(b, '"');
}

void json_write_name(struct buf *b, const char *name)
{
        json_write_str(b, str_of(name));
        buf_char(b, ':');
}

static void write_array(struct buf *b, const struct json *v)
{
        buf_char(b, '[');
        for (uint32_t i = 0; i < v->n; i++) {
                if (i)
                        buf_char(b, ',');
                json_write(b, &v->items[i]);
        }
        buf_char(b, ']');
}

static void write_object(struct buf *b, const struct json *v)
{
        buf_char(b, '{');
        for (uint32_t i = 0; i < v->n; i++) {
                if (i)
                        buf_char(b, ',');
                json_write_str(b, v->members[i].name);
                buf_char(b, ':');
                json_write(b, &v->members[i].value);
        }
        buf_char(b, '}');
}

void json_write(struct buf *b, const struct json *v)
{
        switch ((enum json_kind)v->kind) {
        case JSON_NULL:
                buf_str(b, STR("null"));
                break;
        case JSON_FALSE:
                buf_str(b, STR("false"));
                break;
        case JSON_TRUE:
                buf_str(b, STR("true"));
                break;
        case JSON_NUMBER:
                buf_str(b, json_text(v));
                break;
        case JSON_STRING:
                json_write_str(b, json_text(v));
                break;
        case JSON_ARRAY:
                write_array(b, v);
                break;
        case JSON_OBJECT:
                write_object(b, v);
                break;
        }
}

void json_pointer_add(struct buf *b, struct str token)
{
        buf_char(b, '/');
        for (size_t i = 0; i < token.n; i++) {
                if (token.p[i] == '~')
                        buf_str(b, STR("~0"));
                else if (token.p[i] == '/')
                        buf_str(b, STR("~1"));
                else
                        buf_char(b, token.p[i]);
        }
}

void json_pointer_index(struct buf *b, size_t index)
{
        buf_char(b, '/');
        buf_u64(b, index);
}
