#ifndef SUYUAN_LABEL_LABEL_H
#define SUYUAN_LABEL_LABEL_H

#include "base/buf.h"
#include "base/err.h"
#include "base/lang.h"
#include "base/str.h"

/* A printed label, 60 × 40 mm: the QR code of an item's page and the words beside it.  Pure drawing: words and
 * address are given. */
enum label_format { LABEL_PDF, LABEL_PNG, LABEL_SVG };

#define LABEL_LINES 6

struct label {
        struct str uri;         /* what the QR holds, error correction level M; quiet zone of 4 modules kept */
        struct str title;       /* product */
        struct str lines[LABEL_LINES];  /* "批次 …", "采收 …", "产地 …"; empty ones are left out */
        struct str small;       /* the code in human-readable form */
        enum lang lang;         /* chooses the shapes of Chinese characters */
};

/* Appends the file to `out`.  PNG at 300 dpi.  Text that is too long for its place ends in an ellipsis; nothing
 * ever overlaps.  ERR_TOO_LARGE when the address needs a code too fine for a phone to read. */
int label_draw(struct buf *out, const struct label *l, enum label_format f, struct err *reterr);

/* "pdf", "png", "svg"; ERR_BAD_INPUT names what is known. */
int label_format_read(struct str s, enum label_format *ret, struct err *reterr);

#endif
