#ifndef SUYUAN_PAPER_PAPER_H
#define SUYUAN_PAPER_PAPER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/lang.h"
#include "base/str.h"

/* A paged document of headings and tables: PDF, A4 landscape, text that can be searched and copied.  Pure drawing: knows no farm.  One thread at a
 * time; texts are looked at during the call only. */
struct paper;

struct paper_options {
        enum lang lang;                 /* chooses the shapes of Chinese characters */
        struct str title;               /* of the file and of the first page */
        struct str foot;                /* on every page, left; the page's number stands right ("第 2 页" …) */
};
struct paper_column { struct str title; double share; bool right; };    /* share of the width, all together any sum; right: figures */

/* Appends to `out` as it goes; `out` must live until paper_end. */
struct paper *paper_new(struct buf *out, const struct paper_options *o);
void paper_heading(struct paper *p, struct str text);
/* A paragraph. */
void paper_text(struct paper *p, struct str text);
/* "name  value" side by side, as many in a row as fit. */
struct paper_pair { struct str name, value; };
void paper_pairs(struct paper *p, const struct paper_pair *list, size_t n);
/* A table's head is repeated on every page that it goes on to.  Cells wrap; a row stays together.  Rows of an empty table are one line that says
 * `none`. */
void paper_table(struct paper *p, const struct paper_column *columns, size_t n_columns, const struct str *cells, size_t n_rows, struct str none);
/* Ends the file and frees `p`; -1 (ERR_INTERNAL) when the drawing failed, and what is in `out` is worth nothing. */
int paper_end(struct paper *p, struct err *reterr);

#endif
