/* Goal: what a real decoder reads from the printed label is the address, exactly, in all three formats, and words
 * never run into the code or each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cairo.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "label/label.h"

/* Fonts are kept for the life of the process. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libfontconfig\nleak:libcairo\nleak:libpango\n"; }

static const struct label bag = {
        .uri = { "https://trace.example.cn/01/09521202000013/21/R26101800017", 58 },
        .title = { "栖凤再生稻米 5 kg", 23 },
        .lines = { { "批次 R261018", 14 }, { "采收 2026-10-18", 17 }, { "产地 湖南郴州苏仙区栖凤渡镇", 40 } },
        .small = { "(01)09521202000013(21)R26101800017", 34 },
};

static bool tool(const char *name)
{
        char command[100];

        snprintf(command, sizeof command, "command -v %s >/dev/null", name);
        return system(command) == 0;
}

static void draw_to(const struct label *l, enum label_format f, const char *file)
{
        struct err e = { 0 };
        struct buf b;
        FILE *out = fopen(file, "wb");

        assert_non_null(out);
        buf_init(&b, 4 << 20);
        if (label_draw(&b, l, f, &e) < 0)
                fail_msg("%s", e.detail);
        assert_int_equal(fwrite(b.p, 1, b.n, out), b.n);
        assert_int_equal(fclose(out), 0);
        buf_free(&b);
}

/* What zbarimg says after `prepare` made DIR/seen.png of DIR/label.EXT. */
static void read_back(const struct label *l, enum label_format f, const char *ext, const char *prepare)
{
        char dir[] = "/tmp/suyuan-label-XXXXXX", command[1000], seen[2000] = "";
        FILE *p;
        size_t n;

        assert_non_null(mkdtemp(dir));
        snprintf(command, sizeof command, "%s/label.%s", dir, ext);
        draw_to(l, f, command);
        snprintf(command, sizeof command, "cd %s && %s && zbarimg -q --raw -Sdisable -Sqrcode.enable seen.png 2>/dev/null; rm -r %s", dir, prepare, dir);
        p = popen(command, "r");
        assert_non_null(p);
        n = fread(seen, 1, sizeof seen - 1, p);
        pclose(p);
        assert_int_equal(n, l->uri.n + 1);      /* and a line feed */
        assert_memory_equal(seen, l->uri.p, l->uri.n);
}

static void in_three_formats(const struct label *l)
{
        read_back(l, LABEL_PNG, "png", "mv label.png seen.png");
        if (tool("pdftoppm"))
                read_back(l, LABEL_PDF, "pdf", "pdftoppm -r 300 -png -singlefile label.pdf seen");
        if (tool("rsvg-convert"))
                read_back(l, LABEL_SVG, "svg", "rsvg-convert -z 3 -o seen.png label.svg");
}

static void a_decoder_reads_the_address_back(void **state)
{
        (void)state;
        if (!tool("zbarimg"))
                skip();
        in_three_formats(&bag);
}

static void a_long_address_with_much_text_is_still_read(void **state)
{
        struct label l = bag;
        char uri[240] = "https://a-rather-long-name.of-an-installation.example.cn/lot/cooperative/";

        (void)state;
        if (!tool("zbarimg"))
                skip();
        memset(uri + strlen(uri), 'X', sizeof uri - 1 - strlen(uri));
        l.uri = str_of(uri);
        l.small = str_of(uri);
        l.title = STR("一个特别特别长的产品名称，长到无论如何也放不下的那一种，还要再长一点");
        for (size_t i = 0; i < LABEL_LINES; i++)
                l.lines[i] = STR("这一行的文字也很长很长很长很长很长很长很长很长很长很长很长很长很长很长");
        in_three_formats(&l);
}

/* The PNG's pixels by cairo: dark anywhere in the quiet zone's columns and rows is a fault. */
static size_t dark(cairo_surface_t *s, int x0, int y0, int x1, int y1)
{
        const unsigned char *p = cairo_image_surface_get_data(s);
        int stride = cairo_image_surface_get_stride(s);
        size_t n = 0;

        for (int y = y0; y < y1; y++)
                for (int x = x0; x < x1; x++)
                        n += p[y * stride + x * 4] < 128;
        return n;
}

struct bytes { const struct buf *b; size_t at; };

static cairo_status_t take(void *ctx, unsigned char *p, unsigned n)
{
        struct bytes *b = ctx;

        if (n > b->b->n - b->at)
                return CAIRO_STATUS_READ_ERROR;
        memcpy(p, b->b->p + b->at, n);
        b->at += n;
        return CAIRO_STATUS_SUCCESS;
}

static void modules_fall_on_pixels_and_the_quiet_zone_is_white(void **state)
{
        struct buf b;
        struct bytes from = { &b, 0 };
        cairo_surface_t *s;
        int left = 0, top = 0;

        (void)state;
        buf_init(&b, 4 << 20);
        assert_int_equal(label_draw(&b, &bag, LABEL_PNG, NULL), 0);
        assert_memory_equal(b.p + 33 + 4, "pHYs", 4);
        s = cairo_image_surface_create_from_png_stream(take, &from);
        assert_int_equal(cairo_image_surface_get_width(s), 709);
        assert_int_equal(cairo_image_surface_get_height(s), 472);
        while (dark(s, left, 0, left + 1, 400) == 0)
                left++;
        while (dark(s, 0, top, 300, top + 1) == 0)
                top++;
        /* The finder pattern's outer edge is 7 modules of unbroken black beginning at (left, top). */
        assert_true(left % 4 == 0);
        int module = left / 4;
        assert_true(module >= 3);
        assert_int_equal(dark(s, left, top, left + 7 * module, top + module), 7 * module * module);
        assert_int_equal(dark(s, left + 7 * module, top, left + 8 * module, top + 7 * module), 0);
        for (int y = top; y < top + 21 * module; y++) {         /* no grey: nothing was smoothed */
                for (int x = 0; x < left + 21 * module; x++) {
                        unsigned char v = cairo_image_surface_get_data(s)[y * cairo_image_surface_get_stride(s) + x * 4];

                        assert_true(v == 0 || v == 255);
                }
        }
        cairo_surface_destroy(s);
        buf_free(&b);
}

static void what_can_not_be_read_is_refused(void **state)
{
        static char uri[3000];
        struct label l = bag;
        struct err e = { 0 };
        struct buf b;

        (void)state;
        memset(uri, 'A', sizeof uri - 1);
        buf_init(&b, 4 << 20);
        l.uri = (struct str){ uri, 900 };
        assert_int_equal(label_draw(&b, &l, LABEL_PNG, &e), -1);
        assert_int_equal(e.kind, ERR_TOO_LARGE);
        l.uri = (struct str){ uri, 2999 };
        assert_int_equal(label_draw(&b, &l, LABEL_PDF, &e), -1);
        assert_int_equal(e.kind, ERR_TOO_LARGE);
        assert_int_equal(b.n, 0);
        buf_free(&b);
        buf_init(&b, 100);
        assert_int_equal(label_draw(&b, &bag, LABEL_PNG, &e), -1);
        assert_int_equal(label_draw(&b, &bag, LABEL_SVG, &e), -1);
        buf_free(&b);
}

static void formats_have_names(void **state)
{
        enum label_format f;
        struct err e = { 0 };

        (void)state;
        assert_int_equal(label_format_read(STR("svg"), &f, &e), 0);
        assert_int_equal(f, LABEL_SVG);
        assert_int_equal(label_format_read(STR("gif"), &f, &e), -1);
        assert_non_null(strstr(e.detail, "'gif'"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_decoder_reads_the_address_back),
                cmocka_unit_test(a_long_address_with_much_text_is_still_read),
                cmocka_unit_test(modules_fall_on_pixels_and_the_quiet_zone_is_white),
                cmocka_unit_test(what_can_not_be_read_is_refused),
                cmocka_unit_test(formats_have_names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
