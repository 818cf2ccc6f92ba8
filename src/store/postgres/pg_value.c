#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres/pg_impl.h"

/* Values as they are on the wire: binary in both directions. */

enum { T_BOOL = 16, T_BYTEA = 17, T_INT8 = 20, T_INT2 = 21, T_INT4 = 23, T_TEXT = 25, T_FLOAT8 = 701, T_NUMERIC = 1700,
       T_BYTEA_ARRAY = 1001, T_TEXT_ARRAY = 1009, T_INT8_ARRAY = 1016 };       /* pg_type.oid, fixed for ever */

static uint64_t get(const char *p, int bytes)
{
        uint64_t v = 0;
        for (int i = 0; i < bytes; i++)
                v = v << 8 | (unsigned char)p[i];
        return v;
}

void pg_put64(char ret[8], int64_t v)
{
        for (int i = 0; i < 8; i++)
                ret[i] = (char)((uint64_t)v >> (56 - 8 * i));
}

/* ---- results ---- */

/* The whole part of a numeric, which is what sum(bigint) gives: digits of base 10000, the first worth 10000^weight. */
static int64_t numeric(const char *p, int n)
{
        if (n < 8)
                return 0;
        int digits = (int)get(p, 2), weight = (int16_t)get(p + 2, 2);
        bool negative = get(p + 4, 2) == 0x4000;
        int64_t v = 0;
        for (int i = 0; i <= weight && i < 5; i++)
                v = v * 10000 + (i < digits && 8 + 2 * i + 2 <= n ? (int64_t)get(p + 8 + 2 * i, 2) : 0);
        return negative ? -v : v;
}

static double float8(const char *p)
{
        double d;
        uint64_t bits = get(p, 8);
        memcpy(&d, &bits, sizeof d);
        return d;
}

int64_t pg_row_int(const struct db_row *row, int column)
{
        const struct pg_row *r = (const struct pg_row *)row;
        int c = column + r->skip, n = PQgetlength(r->result, r->at, c);
        const char *p = PQgetvalue(r->result, r->at, c);
        if (n == 0)
                return 0;
        switch (PQftype(r->result, c)) {
        case T_INT8:
                return (int64_t)get(p, 8);
        case T_INT4:
                return (int32_t)get(p, 4);
        case T_INT2:
                return (int16_t)get(p, 2);
        case T_BOOL:
                return p[0] != 0;
        case T_NUMERIC:
                return numeric(p, n);
        case T_FLOAT8:
                return (int64_t)float8(p);
        default:
                return strtoll(p, NULL, 10);
        }
}

struct str pg_row_text(const struct db_row *row, int column)
{
        static _Thread_local char ring[8][24];
        static _Thread_local unsigned turn;
        const struct pg_row *r = (const struct pg_row *)row;
        int c = column + r->skip;
        if (PQgetisnull(r->result, r->at, c))
                return STR_NONE;
        char *text = ring[turn++ % 8];
        switch (PQftype(r->result, c)) {
        case T_INT8: case T_INT4: case T_INT2: case T_BOOL: case T_NUMERIC:
                return (struct str){ text, (size_t)snprintf(text, sizeof ring[0], "%lld", (long long)pg_row_int(row, column)) };
        case T_FLOAT8:
                return (struct str){ text, (size_t)snprintf(text, sizeof ring[0], "%.15g", float8(PQgetvalue(r->result, r->at, c))) };
        default:
                return (struct str){ PQgetvalue(r->result, r->at, c), (size_t)PQgetlength(r->result, r->at, c) };
        }
}

bool pg_row_is_null(const struct db_row *row, int column)
{
        const struct pg_row *r = (const struct pg_row *)row;
        return PQgetisnull(r->result, r->at, column + r->skip);
}

int pg_row_columns(const struct db_row *row)
{
        const struct pg_row *r = (const struct pg_row *)row;
        return PQnfields(r->result) - r->skip;
}

/* ---- parameters ---- */

Oid pg_type_of(enum db_kind kind)
{
        switch (kind) {
        case DB_INT:
                return T_INT8;
        case DB_TEXT:
                return T_TEXT;
        case DB_BLOB:
                return T_BYTEA;
        case DB_NULL:
                break;
        }
        return 0;
}

Oid pg_array_type_of(Oid element)
{
        return element == T_INT8 ? T_INT8_ARRAY : element == T_TEXT ? T_TEXT_ARRAY : T_BYTEA_ARRAY;
}

static void add32(struct buf *b, uint32_t v)
{
        char p[4] = { (char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v };
        buf_add(b, p, 4);
}

static void add_element(struct buf *b, const struct db_value *v)
{
        char p[8];
        switch (v->kind) {
        case DB_NULL:
                add32(b, UINT32_MAX);
                break;
        case DB_INT:
                add32(b, 8);
                pg_put64(p, v->i);
                buf_add(b, p, 8);
                break;
        case DB_TEXT: case DB_BLOB:
                add32(b, (uint32_t)v->s.n);
                buf_add(b, v->s.n ? v->s.p : "", v->s.n);
                break;
        }
}

void pg_array(struct buf *b, const struct db_value *first, size_t per_row, size_t n_rows, Oid type)
{
        bool has_null = false;
        for (size_t i = 0; i < n_rows; i++)
                has_null |= first[i * per_row].kind == DB_NULL;
        add32(b, 1);            /* dimensions */
        add32(b, has_null);
        add32(b, type);
        add32(b, (uint32_t)n_rows);
        add32(b, 1);            /* first index */
        for (size_t i = 0; i < n_rows; i++)
                add_element(b, &first[i * per_row]);
}
