#ifndef SUYUAN_BASE_CSV_H
#define SUYUAN_BASE_CSV_H

#include "base/arena.h"
#include "base/err.h"

/* Tables as spreadsheets write them (RFC 4180): fields between commas, quoted where they hold commas, quotes or line ends; lines end with LF or CRLF.
 * A byte order mark before the first row is passed over.  UTF-8 only.  Where a decimal comma is used, fields stand between semicolons or tabs: set `between`. */
struct csv {
        struct str rest;
        int line;               /* 1-based, of the row that was read last */
        int next_line;
        char between;           /* ',' unless set to another after csv_open */
};
struct csv csv_open(struct str bytes);

/* The next row that holds anything: 1 with its fields in the arena, 0 at the end, -1 with ERR_BAD_INPUT and the line: a quote that is not closed or stands
 * in the middle, no UTF-8, a NUL, or past LIMIT_CSV_FIELDS, LIMIT_CSV_FIELD_BYTES.  After -1 reading goes on with the line after. */
int csv_row(struct csv *c, struct arena *a, const struct str **ret, size_t *ret_n, struct err *reterr);

/* Which column bears this heading; -1: none. */
int csv_column(const struct str *head, size_t n, const char *name);

#endif
