#ifndef SUYUAN_LABEL_LABEL_H
#define SUYUAN_LABEL_LABEL_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* A printed label, 60 × 40 mm: the QR code of an item's page and the words beside it.  Pure drawing: words and
 * address are given. */
enum label_format { LABEL_PDF, LABEL_PNG, LABEL_SVG };

struct label {
        struct str uri;         /* what the QR holds, error correction level M; quiet zone of 4 modules kept */
        struct str title;       /* product */
        struct str lines[6];    /* "批次 …", "采收 …", "产地 …"; empty ones are left out */
        struct str small;       /* the code in human-readable form */
};

/* Appends the file to `out`.  PNG at 300 dpi. */
int label_draw(struct buf *out, const struct label *l, enum label_format f, struct err *reterr);

#endif
