#include "base/json.h"

#include "base/decimal.h"

const struct json *json_get_str(const struct json *o, struct str name)
{
        if (!o || o->kind != JSON_OBJECT)
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

struct str json_text(const struct json *v)
{
        if (!v || (v->kind != JSON_STRING && v->kind != JSON_NUMBER))
                return STR_NONE;
        return (struct str){ v->text, v->n };
}

struct str json_str(const struct json *o, const char *name)
{
        const struct json *v = json_get(o, name);
        return json_is(v, JSON_STRING) ? json_text(v) : STR_NONE;
}

bool json_is(const struct json *v, enum json_kind kind)
{
        return v && v->kind == kind;
}

int64_t json_int(const struct json *v, int64_t otherwise)
{
        struct decimal d;
        if (!json_is(v, JSON_NUMBER) || !decimal_read(json_text(v), &d) || d.scale != 0)
                return otherwise;
        return d.mantissa;
}

static bool number_equal(struct arena *a, const struct json *x, const struct json *y)
{
        return str_eq(decimal_canonical(a, json_text(x)), decimal_canonical(a, json_text(y)));
}

static bool equal(struct arena *a, const struct json *x, const struct json *y);

static bool object_equal(struct arena *a, const struct json *x, const struct json *y)
{
        for (uint32_t i = 0; i < x->n; i++) {
                const struct json *other = json_get_str(y, x->members[i].name);
                if (!other || !equal(a, &x->members[i].value, other))
                        return false;
        }
        return true;
}

static bool equal(struct arena *a, const struct json *x, const struct json *y)
{
        if (x->kind != y->kind)
                return false;
        switch ((enum json_kind)x->kind) {
        case JSON_NUMBER:
                return number_equal(a, x, y);
        case JSON_STRING:
                return str_eq(json_text(x), json_text(y));
        case JSON_OBJECT:
                return x->n == y->n && object_equal(a, x, y);
        case JSON_ARRAY:
                for (uint32_t i = 0; x->n == y->n && i < x->n; i++)
                        if (!equal(a, &x->items[i], &y->items[i]))
                                return false;
                return x->n == y->n;
        default:
                return true;
        }
}

bool json_equal(const struct json *x, const struct json *y)
{
        if (!x || !y)
                return x == y;
        struct arena *a = arena_new();
        bool same = equal(a, x, y);
        arena_free(a);
        return same;
}

static void write_escape(struct buf *b, unsigned char c)
{
        static const char names[] = "btn?fr";   /* U+0008 … U+000D */
        if (c == '"' || c == '\\') {
                buf_char(b, '\\');
                buf_char(b, (char)c);
        } else if (c >= 8 && c <= 13 && c != 11) {
                buf_char(b, '\\');
                buf_char(b, names[c - 8]);
        } else {
                buf_printf(b, "\\u%04x", c);
        }
}

void json_write_str(struct buf *b, struct str s)
{
        size_t from = 0;
        buf_char(b, '"');
        for (size_t i = 0; i < s.n; i++) {
                unsigned char c = (unsigned char)s.p[i];
                if (c >= 0x20 && c != '"' && c != '\\')
                        continue;
                buf_add(b, s.p + from, i - from);
                write_escape(b, c);
                from = i + 1;
        }
        if (from < s.n)
                buf_add(b, s.p + from, s.n - from);
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
                buf_z(b, "null");
                break;
        case JSON_FALSE:
                buf_z(b, "false");
                break;
        case JSON_TRUE:
                buf_z(b, "true");
                break;
        case JSON_NUMBER:
                buf_add(b, v->text, v->n);
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
                        buf_z(b, "~0");
                else if (token.p[i] == '/')
                        buf_z(b, "~1");
                else
                        buf_char(b, token.p[i]);
        }
}

void json_pointer_index(struct buf *b, size_t index)
{
        buf_char(b, '/');
        buf_u64(b, index);
}
