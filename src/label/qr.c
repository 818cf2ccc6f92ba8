#include "label/qr.h"

#include <errno.h>
#include <qrencode.h>

enum { QUIET = 4 };     /* ISO/IEC 18004 §9.1: less, and readers fail on busy print */

struct qr { QRcode *code; };

static void release(void *code)
{
        QRcode_free(code);
}

int qr_new(struct arena *a, struct str text, struct qr **ret, struct err *reterr)
{
        QRcode *code = QRcode_encodeData((int)text.n, (const unsigned char *)text.p, 0, QR_ECLEVEL_M);

        if (!code && errno == ERANGE)
                return err_set(reterr, ERR_TOO_LARGE, "an address of %zu characters does not fit a QR code", text.n);
        if (!code)
                return err_set(reterr, ERR_INTERNAL, "the QR code could not be made");
        arena_at_exit(a, release, code);
        *ret = arena_alloc(a, sizeof **ret);
        (*ret)->code = code;
        return 0;
}

int qr_modules(const struct qr *q)
{
        return q->code->width + 2 * QUIET;
}

void qr_draw(const struct qr *q, cairo_t *cr, int x, int y, int module)
{
        int width = q->code->width;

        cairo_save(cr);
        cairo_set_antialias(cr, CAIRO_ANTIALIAS_NONE);
        cairo_set_source_rgb(cr, 0, 0, 0);
        for (int row = 0; row < width; row++) {
                for (int column = 0; column < width; column++) {
                        int run = 0;

                        /* One rectangle a run: between neighbours drawn one by one, viewers show hairlines. */
                        while (column + run < width && q->code->data[row * width + column + run] & 1)
                                run++;
                        if (run > 0)
                                cairo_rectangle(cr, x + (QUIET + column) * module, y + (QUIET + row) * module,
                                                run * module, module);
                        column += run;
                }
        }
        cairo_fill(cr);
        cairo_restore(cr);
}
