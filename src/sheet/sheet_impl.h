#ifndef SUYUAN_SHEET_SHEET_IMPL_H
#define SUYUAN_SHEET_SHEET_IMPL_H

#include "sheet/sheet.h"

struct sheet_rows { struct arena *arena; struct sheet_row *list; size_t n, cap, max; };

/* An empty row is passed over.  Copies the array, not the texts. */
int sheet_add_row(struct sheet_rows *rows, const struct str *cells, size_t n, int number, struct err *reterr);
/* A spreadsheet would compute the text, or what stands behind apostrophes that were put there for this. */
bool sheet_needs_guard(struct str s);
int sheet_read_xlsx(struct arena *a, struct str bytes, struct sheet_rows *rows, struct err *reterr);

#endif
