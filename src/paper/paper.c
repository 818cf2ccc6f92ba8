#include "paper/paper.h"

#include <cairo-pdf.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/oom.h"

/* Points (1/72 inch) on A4 landscape. */
enum {
        WIDTH = 842, HEIGHT = 595, MARGIN = 40, FOOT = 22,
        BOTTOM = HEIGHT - MARGIN - FOOT,        /* where rows end */
        TEXT_WIDTH = WIDTH - 2 * MARGIN,
        PAD = 4,                                /* within a cell */
        COLUMNS_MAX = 16, CELL_LINES = 24,      /* a longer cell ends in an ellipsis: a row must fit a page */
};
static const double title_size = 17, heading_size = 12, text_size = 9, foot_size = 7.5;

struct paper {
        enum lang lang;
        char *foot;
        struct buf *out;
        cairo_surface_t *surface;
        cairo_t *cr;
        PangoFontMap *fonts;            /* its own, so that nothing is kept for each thread that ever drew */
        PangoContext *pango;
        double y;
        int page;
};

static cairo_status_t append(void *out, const unsigned char *p, unsigned int n)
{
        buf_add(out, (const char *)p, n);
        return ((struct buf *)out)->overflow ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

/* ---- text ---- */

struct look { double size; bool bold, right; double grey; int lines; };

static PangoLayout *lay(const struct paper *p, struct str text, double width, const struct look *k)
{
        PangoLayout *l = pango_layout_new(p->pango);
        PangoFontDescription *font = pango_font_description_new();
        pango_font_description_set_family(font, p->lang == LANG_HANT ? "Noto Sans CJK TC" : "Noto Sans CJK SC");
        pango_font_description_set_absolute_size(font, k->size * PANGO_SCALE);
        pango_font_description_set_weight(font, k->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
        pango_layout_set_font_description(l, font);
        pango_font_description_free(font);
        pango_layout_set_text(l, text.n ? text.p : "", (int)text.n);
        pango_layout_set_width(l, (int)(width * PANGO_SCALE));
        pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
        pango_layout_set_alignment(l, k->right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
        pango_layout_set_height(l, -(k->lines ? k->lines : CELL_LINES));
        pango_layout_set_ellipsize(l, PANGO_ELLIPSIZE_END);
        PangoAttrList *plain = pango_attr_list_new();   /* a code that is cut gets no hyphen of ours */
        pango_attr_list_insert(plain, pango_attr_insert_hyphens_new(FALSE));
        pango_layout_set_attributes(l, plain);
        pango_attr_list_unref(plain);
        return l;
}

static double height_of(PangoLayout *l)
{
        int h = 0;
        pango_layout_get_size(l, NULL, &h);
        return (double)h / PANGO_SCALE;
}

/* Draws and lets go of the layout; its height. */
static double show(const struct paper *p, PangoLayout *l, double x, double y, double grey)
{
        double h = height_of(l);
        cairo_move_to(p->cr, x, y);
        cairo_set_source_rgb(p->cr, grey, grey, grey);
        pango_cairo_show_layout(p->cr, l);
        g_object_unref(l);
        return h;
}

static void line(const struct paper *p, double y, double grey)
{
        cairo_set_source_rgb(p->cr, grey, grey, grey);
        cairo_set_line_width(p->cr, 0.5);
        cairo_move_to(p->cr, MARGIN, y);
        cairo_line_to(p->cr, WIDTH - MARGIN, y);
        cairo_stroke(p->cr);
}

/* ---- pages ---- */

static void foot(struct paper *p)
{
        char number[64];
        const char *form = p->lang == LANG_EN ? "page %d" : p->lang == LANG_HANT ? "第 %d 頁" : "第 %d 页";
        double y = HEIGHT - MARGIN - foot_size;
        snprintf(number, sizeof number, form, p->page);
        line(p, y - 5, 0.8);
        show(p, lay(p, str_of(p->foot), TEXT_WIDTH * 0.85, &(struct look){ .size = foot_size, .lines = 1 }), MARGIN, y, 0.35);
        show(p, lay(p, str_of(number), TEXT_WIDTH, &(struct look){ .size = foot_size, .right = true, .lines = 1 }), MARGIN, y, 0.35);
}

static void turn_page(struct paper *p)
{
        foot(p);
        cairo_show_page(p->cr);
        p->page++;
        p->y = MARGIN;
}

/* True: a new page was begun. */
static bool room_for(struct paper *p, double height)
{
        if (p->y + height <= BOTTOM || p->y == MARGIN)
                return false;
        turn_page(p);
        return true;
}

struct paper *paper_new(struct buf *out, const struct paper_options *o)
{
        struct paper *p = or_abort(calloc(1, sizeof *p));
        p->lang = o->lang;
        p->out = out;
        p->foot = or_abort(strndup(o->foot.n ? o->foot.p : "", o->foot.n));
        p->surface = cairo_pdf_surface_create_for_stream(append, out, WIDTH, HEIGHT);
        char *title = or_abort(strndup(o->title.n ? o->title.p : "", o->title.n));
        cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_TITLE, title);
        free(title);
        p->cr = cairo_create(p->surface);
        p->fonts = pango_cairo_font_map_new();
        p->pango = pango_font_map_create_context(p->fonts);
        pango_cairo_context_set_resolution(p->pango, 72);
        pango_context_set_language(p->pango, pango_language_from_string(lang_tag(o->lang)));
        p->page = 1;
        p->y = MARGIN;
        p->y += show(p, lay(p, o->title, TEXT_WIDTH, &(struct look){ .size = title_size, .bold = true, .lines = 2 }), MARGIN, p->y, 0) + 8;
        return p;
}

int paper_end(struct paper *p, struct err *reterr)
{
        foot(p);
        cairo_show_page(p->cr);
        cairo_surface_finish(p->surface);
        cairo_status_t status = cairo_surface_status(p->surface);
        cairo_destroy(p->cr);
        cairo_surface_destroy(p->surface);
        g_object_unref(p->pango);
        g_object_unref(p->fonts);
        if (p->out->overflow)
                status = CAIRO_STATUS_WRITE_ERROR;      /* cairo does not always say so */
        free(p->foot);
        free(p);
        return status == CAIRO_STATUS_SUCCESS ? 0 : err_set(reterr, ERR_INTERNAL, "the drawing failed: %s", cairo_status_to_string(status));
}

/* ---- what stands on them ---- */

/* A heading does not stand alone at a page's foot. */
void paper_heading(struct paper *p, struct str text)
{
        p->y += p->y == MARGIN ? 0 : 10;
        room_for(p, 90);
        p->y += show(p, lay(p, text, TEXT_WIDTH, &(struct look){ .size = heading_size, .bold = true, .lines = 2 }), MARGIN, p->y, 0) + 4;
}

void paper_text(struct paper *p, struct str text)
{
        PangoLayout *l = lay(p, text, TEXT_WIDTH, &(struct look){ .size = text_size });
        room_for(p, height_of(l));
        p->y += show(p, l, MARGIN, p->y, 0.2) + 4;
}

void paper_pairs(struct paper *p, const struct paper_pair *list, size_t n)
{
        enum { IN_A_ROW = 3 };
        static const double name_share = 0.3;
        double width = (double)TEXT_WIDTH / IN_A_ROW, name = width * name_share;
        for (size_t i = 0; i < n; i += IN_A_ROW) {
                double tallest = 0;
                PangoLayout *names[IN_A_ROW], *values[IN_A_ROW];
                size_t m = n - i < IN_A_ROW ? n - i : IN_A_ROW;
                for (size_t k = 0; k < m; k++) {
                        names[k] = lay(p, list[i + k].name, name - PAD, &(struct look){ .size = text_size });
                        values[k] = lay(p, list[i + k].value, width - name - 2 * PAD, &(struct look){ .size = text_size });
                        tallest = fmax(tallest, fmax(height_of(names[k]), height_of(values[k])));
                }
                room_for(p, tallest);
                for (size_t k = 0; k < m; k++) {
                        show(p, names[k], MARGIN + width * (double)k, p->y, 0.4);
                        show(p, values[k], MARGIN + width * (double)k + name, p->y, 0);
                }
                p->y += tallest + 3;
        }
}

/* ---- tables ---- */

struct table { const struct paper_column *columns; size_t n; double x[COLUMNS_MAX + 1]; };

static struct table table_of(const struct paper_column *columns, size_t n)
{
        struct table t = { .columns = columns, .n = n < COLUMNS_MAX ? n : COLUMNS_MAX };
        double sum = 0, x = MARGIN;
        for (size_t i = 0; i < t.n; i++)
                sum += columns[i].share;
        for (size_t i = 0; i < t.n; i++) {
                t.x[i] = x;
                x += TEXT_WIDTH * columns[i].share / sum;
        }
        t.x[t.n] = x;
        return t;
}

static double lay_row(const struct paper *p, const struct table *t, const struct str *cells, bool head, PangoLayout **ret)
{
        double tallest = text_size;
        for (size_t i = 0; i < t->n; i++) {
                struct look k = { .size = text_size, .bold = head, .right = t->columns[i].right };
                ret[i] = lay(p, head ? t->columns[i].title : cells[i], t->x[i + 1] - t->x[i] - 2 * PAD, &k);
                tallest = fmax(tallest, height_of(ret[i]));
        }
        return tallest + 2 * PAD;
}

static void show_row(struct paper *p, const struct table *t, PangoLayout **row, double height, bool head)
{
        if (head) {
                cairo_set_source_rgb(p->cr, 0.93, 0.95, 0.93);
                cairo_rectangle(p->cr, MARGIN, p->y, TEXT_WIDTH, height);
                cairo_fill(p->cr);
        }
        for (size_t i = 0; i < t->n; i++)
                show(p, row[i], t->x[i] + PAD, p->y + PAD, 0);
        p->y += height;
        line(p, p->y, head ? 0.4 : 0.8);
}

static void head(struct paper *p, const struct table *t)
{
        PangoLayout *row[COLUMNS_MAX];
        double height = lay_row(p, t, NULL, true, row);
        show_row(p, t, row, height, true);
}

void paper_table(struct paper *p, const struct paper_column *columns, size_t n_columns, const struct str *cells, size_t n_rows, struct str none)
{
        struct table t = table_of(columns, n_columns);
        room_for(p, 50);
        head(p, &t);
        for (size_t i = 0; i < n_rows; i++) {
                PangoLayout *row[COLUMNS_MAX];
                double height = lay_row(p, &t, cells + i * n_columns, false, row);
                if (room_for(p, height))
                        head(p, &t);
                show_row(p, &t, row, height, false);
        }
        if (!n_rows)
                p->y += show(p, lay(p, none, TEXT_WIDTH - 2 * PAD, &(struct look){ .size = text_size }), MARGIN + PAD, p->y + PAD, 0.4) + 2 * PAD;
        p->y += 6;
}
