#ifndef SUYUAN_PAGES_HTML_H
#define SUYUAN_PAGES_HTML_H

#include "base/buf.h"
#include "base/lang.h"

/* Writing HTML, one escaping function a context.  Markup of our own goes through buf_z; everything else through these. */
void html_text(struct buf *b, struct str s);    /* between tags, and in a double-quoted attribute */
void html_href(struct buf *b, struct str url);  /* an http(s) URL or a path, in a double-quoted attribute; "#" for anything else */

/* What people read: strings.def, three languages a line. */
enum words {
#define STRING(id, hans, hant, en) W_##id,
#include "pages/strings.def"
#undef STRING
        WORDS
};
const char *words(enum words w, enum lang l);
/* The words, escaped, with {} replaced in order by the (escaped) arguments. */
void html_words(struct buf *b, enum lang l, enum words w);
void html_words1(struct buf *b, enum lang l, enum words w, struct str a);
void html_words2(struct buf *b, enum lang l, enum words w, struct str a, struct str c);

/* A UN/ECE Rec 20 unit as people say it (units.def); the code itself when it is not listed. */
struct str unit_words(struct str uom, enum lang l);

/* "2026-10-18 06:40" in the district's time zone, inside <time datetime>. */
void html_time(struct buf *b, int64_t us, bool with_year);
void html_date(struct buf *b, int64_t us);

#endif
