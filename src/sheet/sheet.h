#ifndef SUYUAN_SHEET_SHEET_H
#define SUYUAN_SHEET_SHEET_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* Tables as people have them in spreadsheets: rows of texts, as CSV or XLSX.  Knows no domain word.  What is read is a stranger's file: bounded by
 * LIMIT_SHEET_…, LIMIT_CSV_…; a workbook with a document type (entities) is refused, formulas are not computed: the value that stands beside one is read. */

struct sheet_row {
        const struct str *cells;
        size_t n;
        int number;             /* 1-based, as the program shows it; of CSV the line on which it begins */
};
struct sheet { const struct sheet_row *rows; size_t n; };      /* rows that hold anything */

/* CSV (UTF-8, RFC 4180) or XLSX (ECMA-376; the first sheet), told by the first bytes.  At most `max_rows` rows.  ERR_BAD_INPUT with reterr->line where it is known,
 * ERR_TOO_LARGE past a limit.  The texts are in the arena. */
int sheet_read(struct arena *a, struct str bytes, size_t max_rows, struct sheet *ret, struct err *reterr);
bool sheet_is_xlsx(struct str bytes);

/* One row of CSV.  A text that a spreadsheet would compute (it begins with = + - @ and is no number) gets an apostrophe before it, which sheet_read takes away. */
void sheet_csv_begin(struct buf *out);          /* the mark by which spreadsheets know UTF-8 */
void sheet_csv_row(struct buf *out, const struct str *cells, size_t n);
/* A workbook with one sheet.  Cells that read as short numbers become numbers where `numbers[column]`. */
int sheet_write_xlsx(const struct sheet *s, const char *name, const bool *numbers, struct buf *out, struct err *reterr);

#endif
