#include "label/label.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <pango/pangocairo.h>

#include "label/qr.h"

/* Everything is laid out in dots of 1/300 inch, whole ones for the code, so that in the PNG no module's edge falls
 * between two pixels and the three formats show the same. */
enum {
        DPI = 300,
        WIDTH = 709, HEIGHT = 472,      /* 60 × 40 mm */
        MARGIN = 18,                    /* 1.5 mm: printers cut a little off */
        GAP = 6,
        QR_SIDE = 354,                  /* 30 mm at most, quiet zone included */
        QR_FINEST = 3,                  /* dots a module: 0.25 mm is what phones still read */
        TITLE = 40, TITLE_LEAST = 32, TEXT = 27, SMALL = 21,    /* type sizes */
        ROWS = 3,                       /* of one line at most */
};

/* How large the words are: found by measuring. */
struct fit { int title_size, title_rows, rows[LABEL_LINES]; };

struct sheet {
        cairo_t *cr;
        PangoContext *pango;
};

/* ---- words ---- */

static const char *family(enum lang l)
{
        return l == LANG_HANT ? "Noto Sans CJK TC" : "Noto Sans CJK SC";
}

static PangoLayout *layout_new(const struct sheet *s, const struct label *l, struct str text, int size, int width, int lines)
{
        PangoLayout *layout = pango_layout_new(s->pango);
        PangoFontDescription *font = pango_font_description_new();

        pango_font_description_set_family(font, family(l->lang));
        pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
        if (size >= TITLE_LEAST)
                pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
        pango_layout_set_font_description(layout, font);
        pango_font_description_free(font);
        pango_layout_set_text(layout, text.p, (int)text.n);
        pango_layout_set_width(layout, width * PANGO_SCALE);
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
        pango_layout_set_height(layout, -lines);
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
        return layout;
}

static int layout_height(PangoLayout *layout)
{
        int height = 0;

        pango_layout_get_pixel_size(layout, NULL, &height);
        return height;
}

/* As outlines: what a label printer makes of an embedded CJK font is its own affair, of a filled shape it is not. */
static void layout_show(const struct sheet *s, PangoLayout *layout, int x, int y)
{
        cairo_move_to(s->cr, x, y);
        cairo_set_source_rgb(s->cr, 0, 0, 0);
        pango_cairo_layout_path(s->cr, layout);
        cairo_fill(s->cr);
}

static bool cut_short(const struct sheet *s, const struct label *l, struct str text, int size, int width, int rows)
{
        PangoLayout *layout = layout_new(s, l, text, size, width, rows);
        bool cut = (layout_height(layout), pango_layout_is_ellipsized(layout));

        g_object_unref(layout);
        return cut;
}

/* The column of title and lines.  Returns its height; draws unless `measure`. */
static int column(const struct sheet *s, const struct label *l, const struct fit *f, int x, int width, bool measure)
{
        int y = MARGIN;

        for (int i = -1; i < LABEL_LINES; i++) {
                struct str text = i < 0 ? l->title : l->lines[i];
                PangoLayout *layout;

                if (text.n == 0)
                        continue;
                layout = layout_new(s, l, text, i < 0 ? f->title_size : TEXT, width, i < 0 ? f->title_rows : f->rows[i]);
                if (!measure)
                        layout_show(s, layout, x, y);
                y += layout_height(layout) + GAP;
                g_object_unref(layout);
        }
        return y - MARGIN;
}

/* A title shrinks a little before it takes a second row; a line gets another row while it is cut short and there is room. */
static struct fit fit(const struct sheet *s, const struct label *l, int x, int width, int height)
{
        struct fit f = { .title_size = TITLE, .title_rows = 1 };

        for (int i = 0; i < LABEL_LINES; i++)
                f.rows[i] = 1;
        while (f.title_size > TITLE_LEAST && cut_short(s, l, l->title, f.title_size, width, 1))
                f.title_size -= 2;
        if (cut_short(s, l, l->title, f.title_size, width, 1))
                f.title_rows = 2;
        for (int more = 2; more <= ROWS; more++) {
                for (int i = 0; i < LABEL_LINES; i++) {
                        if (!cut_short(s, l, l->lines[i], TEXT, width, f.rows[i]))
                                continue;
                        f.rows[i] = more;
                        if (column(s, l, &f, x, width, true) > height)
                                f.rows[i] = more - 1;
                }
        }
        return f;
}

/* The code for eyes, along the bottom; returns where it begins, which is where everything above must end. */
static int small_print(const struct sheet *s, const struct label *l)
{
        PangoLayout *layout = layout_new(s, l, l->small, SMALL, WIDTH - 2 * MARGIN, 2);
        int top = HEIGHT - MARGIN;

        if (l->small.n > 0) {
                top -= layout_height(layout);
                layout_show(s, layout, MARGIN, top);
        }
        g_object_unref(layout);
        return top;
}

/* ---- the sheet ---- */

static int draw(const struct sheet *s, const struct label *l, const struct qr *q, struct err *reterr)
{
        int bottom, module, side, width;
        struct fit f;

        cairo_set_source_rgb(s->cr, 1, 1, 1);
        cairo_paint(s->cr);
        bottom = small_print(s, l);
        side = bottom - MARGIN / 2 < QR_SIDE ? bottom - MARGIN / 2 : QR_SIDE;
        module = side / qr_modules(q);
        if (module < QR_FINEST)
                return err_set(reterr, ERR_TOO_LARGE, "the address of %zu characters would make a code too fine to be read on this label", l->uri.n);
        side = module * qr_modules(q);
        qr_draw(q, s->cr, 0, (bottom - side) / 2, module);
        width = WIDTH - MARGIN - side;  /* the quiet zone is the gap */
        f = fit(s, l, side, width, bottom - MARGIN);
        column(s, l, &f, side, width, false);
        return 0;
}

/* Pango's shapes must not depend on the screen that happens to be there. */
static PangoContext *pango_for(cairo_t *cr, enum lang l)
{
        PangoContext *context = pango_cairo_create_context(cr);
        cairo_font_options_t *options = cairo_font_options_create();

        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
        pango_cairo_context_set_font_options(context, options);
        cairo_font_options_destroy(options);
        pango_context_set_language(context, pango_language_from_string(lang_tag(l)));
        return context;
}

static int draw_on(cairo_surface_t *surface, double scale, const struct label *l, struct err *reterr)
{
        struct arena *a = arena_new();
        struct sheet s = { .cr = cairo_create(surface) };
        struct qr *q;
        int r;

        cairo_scale(s.cr, scale, scale);
        s.pango = pango_for(s.cr, l->lang);
        r = qr_new(a, l->uri, &q, reterr);
        if (r == 0)
                r = draw(&s, l, q, reterr);
        cairo_surface_flush(surface);
        if (r == 0 && cairo_status(s.cr) != CAIRO_STATUS_SUCCESS)
                r = err_set(reterr, ERR_INTERNAL, "drawing failed: %s", cairo_status_to_string(cairo_status(s.cr)));
        g_object_unref(s.pango);
        cairo_destroy(s.cr);
        arena_free(a);
        return r;
}

/* ---- the three formats ---- */

static cairo_status_t append(void *out, const unsigned char *p, unsigned int n)
{
        buf_add(out, p, n);
        return CAIRO_STATUS_SUCCESS;
}

/* A PNG as cairo writes it says nothing of its size on paper: the chunk that does goes behind the header chunk. */
static void add_png(struct buf *out, const struct buf *png)
{
        static const unsigned char phys[] = {   /* pHYs, 11811 dots a metre = 300 dpi, with its CRC */
                0, 0, 0, 9, 'p', 'H', 'Y', 's', 0, 0, 0x2e, 0x23, 0, 0, 0x2e, 0x23, 1, 0x78, 0xa5, 0x3f, 0x76,
        };
        enum { HEADER = 8 + 25 };       /* signature, IHDR */

        buf_add(out, png->p, HEADER);
        buf_add(out, phys, sizeof phys);
        buf_add(out, png->p + HEADER, png->n - HEADER);
}

static int draw_png(struct buf *out, const struct label *l, struct err *reterr)
{
        cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
        struct buf png;
        int r = draw_on(surface, 1, l, reterr);

        buf_init(&png, out->max);
        if (r == 0 && cairo_surface_write_to_png_stream(surface, append, &png) != CAIRO_STATUS_SUCCESS)
                r = err_set(reterr, ERR_INTERNAL, "the PNG could not be written");
        if (r == 0 && !png.overflow)
                add_png(out, &png);
        out->overflow |= png.overflow;
        buf_free(&png);
        cairo_surface_destroy(surface);
        return r;
}

static int draw_vector(struct buf *out, const struct label *l, enum label_format f, struct err *reterr)
{
        double point = 72.0 / DPI;
        cairo_surface_t *surface = f == LABEL_PDF
                ? cairo_pdf_surface_create_for_stream(append, out, WIDTH * point, HEIGHT * point)
                : cairo_svg_surface_create_for_stream(append, out, WIDTH * point, HEIGHT * point);
        int r;

        if (f == LABEL_SVG)
                cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PT);
        r = draw_on(surface, point, l, reterr);
        cairo_surface_finish(surface);
        if (r == 0 && cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
                r = err_set(reterr, ERR_INTERNAL, "drawing failed: %s",
                            cairo_status_to_string(cairo_surface_status(surface)));
        cairo_surface_destroy(surface);
        return r;
}

int label_draw(struct buf *out, const struct label *l, enum label_format f, struct err *reterr)
{
        struct buf file;
        int r;

        buf_init(&file, out->max);
        r = f == LABEL_PNG ? draw_png(&file, l, reterr) : draw_vector(&file, l, f, reterr);
        if (r == 0)
                buf_str(out, buf_view(&file));
        out->overflow |= file.overflow;
        buf_free(&file);
        if (r == 0 && out->overflow)
                return err_set(reterr, ERR_TOO_LARGE, "the label does not fit its buffer");
        return r;
}

int label_format_read(struct str s, enum label_format *ret, struct err *reterr)
{
        static const char *const names[] = { [LABEL_PDF] = "pdf", [LABEL_PNG] = "png", [LABEL_SVG] = "svg" };

        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                if (str_is(s, names[i])) {
                        *ret = (enum label_format)i;
                        return 0;
                }
        }
        return err_set(reterr, ERR_BAD_INPUT, "a label is made as pdf, png or svg, not as '%.*s'", STR_ARG(s));
}
