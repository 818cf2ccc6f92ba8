#ifndef SUYUAN_BASE_BUF_H
#define SUYUAN_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* A growing run of bytes with a mandatory ceiling.  Overflow is sticky: an append past `max` and all
 * after it are dropped whole, `overflow` is set, and the owner looks once, at the end.
 * NUL-terminated (the NUL is not counted in n nor max) from buf_init or the first append on.
 * An all-zero struct with `max` set is a valid empty buffer, with p NULL. */
struct buf {
        char *p;
        size_t n, cap, max;
        bool overflow;
};

void buf_init(struct buf *b, size_t max);
void buf_free(struct buf *b);
void buf_clear(struct buf *b);          /* keeps the memory, forgets an overflow */
void buf_reserve(struct buf *b, size_t more);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, struct str s);
void buf_z(struct buf *b, const char *z);
void buf_char(struct buf *b, char c);
void buf_u64(struct buf *b, uint64_t v);
void buf_i64(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_hex(struct buf *b, const void *p, size_t n);   /* lower case */

static inline struct str buf_view(const struct buf *b)
{
        return (struct str){ b->p, b->n };
}
/* Hands the malloc'ed bytes to the caller (free()), leaving the buffer empty. */
char *buf_take(struct buf *b, size_t *ret_n);

#endif
