#ifndef SUYUAN_BASE_JSON_H
#define SUYUAN_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* JSON (RFC 8259) as a tree in an arena.  Numbers stay the text that was sent, so nothing is lost to
 * binary floats.  Member order is kept.  Read once, never changed. */
enum json_kind { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
        uint8_t kind;           /* enum json_kind */
        uint32_t n;             /* items, members, or bytes of text */
        union {
                const char *text;               /* string (decoded UTF-8, NUL-terminated) or number as sent */
                const struct json *items;       /* array */
                const struct json_member *members; /* object, in the order sent */
        };
};

struct json_member {
        struct str name;
        struct json value;
};

struct json_limits {
        uint32_t max_depth;             /* nesting of arrays and objects */
        uint32_t max_number_bytes;      /* length of a number's text */
        uint32_t max_nodes;             /* values in all */
};

/* Reads one JSON text.  A leading UTF-8 BOM is skipped.  Refuses, with line and column in `reterr`
 * (ERR_BAD_JSON): malformed text, bytes after the value, wrong UTF-8, lone surrogates, U+0000,
 * duplicate names in one object, and what passes `limits`.
 * `bytes` may go away afterwards: the tree is wholly in the arena.
 * `limits` NULL means those of limits.def.  For what is well-formed but refused, `reterr` also points
 * at the member.  A BOM counts for no column. */
int json_read(struct arena *a, const char *bytes, size_t n, const struct json_limits *limits,
              const struct json **ret, struct err *reterr);

/* The value of a member, or NULL (also when `o` is NULL or no object). */
const struct json *json_get(const struct json *o, const char *name);
const struct json *json_get_str(const struct json *o, struct str name);
/* The text of a string or number; STR_NONE for anything else or NULL. */
struct str json_text(const struct json *v);
/* The text of a string member, or STR_NONE. */
struct str json_str(const struct json *o, const char *name);
bool json_is(const struct json *v, enum json_kind kind);
/* Integer value of a number without fraction or exponent that fits; `otherwise` if not. */
int64_t json_int(const struct json *v, int64_t otherwise);

/* Equal as JSON values: member order ignored, numbers compared as decimals (1.0 = 1 = 1e0). */
bool json_equal(const struct json *a, const struct json *b);

/* Writes compactly, members in their order, numbers as they were sent. */
void json_write(struct buf *b, const struct json *v);
/* Writes `s` as a JSON string with its quotes. */
void json_write_str(struct buf *b, struct str s);
/* `"name":` */
void json_write_name(struct buf *b, const char *name);

/* JSON Pointer (RFC 6901): appends /token with ~ and / escaped. */
void json_pointer_add(struct buf *b, struct str token);
void json_pointer_index(struct buf *b, size_t index);

#endif
