#ifndef SUYUAN_FARM_THING_TABLE_H
#define SUYUAN_FARM_THING_TABLE_H

#include "farm/thing.h"

/* Things as rows of a table that people edit in a spreadsheet: the code, each member of the kind, and what begins with x- as one JSON object.  Pure.
 * A list of texts stands with 、 between them, a position as "25.7,113.0", outlines and labels as JSON; labels also as "番茄:7；黄瓜:3" (days). */
enum { THING_COLUMNS = 32, THING_COLUMNS_READ = 64 };

/* The headings in one language; how many.  `numbers`: columns that hold numbers. */
size_t thing_table_head(enum thing_kind k, enum lang l, struct str *ret, bool *numbers);
void thing_table_row(struct arena *a, enum thing_kind k, struct str code, const struct json *body, struct str *ret);

/* The headings of a table as sent: in any of the languages or the members' own names.  Faults bear pointers /{row}/{heading}. */
struct thing_columns { enum thing_kind kind; int column[THING_COLUMNS_READ]; struct str heading[THING_COLUMNS_READ]; size_t n; };
int thing_table_columns(struct arena *a, enum thing_kind k, const struct str *head, size_t n, int row, struct thing_columns *ret, struct faults *f);
/* One row, judged as thing_read does; faults bear pointers /{row}/{member}….  An empty cell is a member that is not there. */
int thing_table_read(struct arena *a, const struct thing_columns *c, const struct str *cells, size_t n, int row, struct str *ret_code, struct str *ret_body, struct faults *f);
/* The heading of the column that a fault's pointer is about, and its row; STR_NONE: of the whole row. */
struct str thing_table_place(const struct thing_columns *c, struct str pointer, int *ret_row);

#endif
