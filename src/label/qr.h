#ifndef SUYUAN_LABEL_QR_H
#define SUYUAN_LABEL_QR_H

#include <cairo.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* A QR code (ISO/IEC 18004) of level M as black squares on the white that is there. */
struct qr;

/* Lives as long as the arena.  ERR_TOO_LARGE when `text` does not fit any version. */
int qr_new(struct arena *a, struct str text, struct qr **ret, struct err *reterr);

/* Modules a side, the quiet zone of 4 on each side included. */
int qr_modules(const struct qr *q);
/* Draws with the quiet zone's corner at (x, y).  With whole `x`, `y` and `module` no edge falls between pixels. */
void qr_draw(const struct qr *q, cairo_t *cr, int x, int y, int module);

#endif
