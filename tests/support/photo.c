#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>

/* Photos for tests: grainy like a camera's, red in the corner that is top left in the file, with the orientation and the owner's name in their EXIF.
 *
 *   photo make WIDTH HEIGHT ORIENTATION OUT.{jpg,png,webp,heic}
 *   photo look FILE        width, height, and which corner is red: "480 640 right-top" */

static int number(const char *s)
{
        return (int)strtol(s, NULL, 10);
}

static VipsImage *grain(int width, int height)
{
        VipsImage *noise = NULL, *bytes = NULL, *rgb = NULL, *out = NULL;
        if (vips_gaussnoise(&noise, width, height, "sigma", 9.0, "mean", 120.0, NULL) || vips_cast(noise, &bytes, VIPS_FORMAT_UCHAR, NULL))
                vips_error_exit(NULL);
        VipsImage *bands[] = { bytes, bytes, bytes };
        if (vips_bandjoin(bands, &rgb, 3, NULL) || vips_copy(rgb, &out, "interpretation", VIPS_INTERPRETATION_sRGB, NULL))
                vips_error_exit(NULL);
        return vips_image_copy_memory(out);
}

static int make(char **arg)
{
        int width = number(arg[0]), height = number(arg[1]);
        VipsImage *x = grain(width, height);
        double red[] = { 255, 0, 0 };
        if (vips_draw_rect(x, red, 3, 0, 0, width / 3, height / 3, "fill", TRUE, NULL))
                vips_error_exit(NULL);
        vips_image_set_int(x, VIPS_META_ORIENTATION, number(arg[2]));
        vips_image_set_string(x, "exif-ifd0-Artist", "Zhang San (Zhang San, ASCII, 10 components, 10 bytes)");
        if (vips_image_write_to_file(x, arg[3], NULL))
                vips_error_exit(NULL);
        return 0;
}

static int is_red(VipsImage *x, int across, int down)
{
        double *p;
        int n;
        if (vips_getpoint(x, &p, &n, across, down, NULL))
                vips_error_exit(NULL);
        int red = n >= 3 && p[0] > 180 && p[1] < 90 && p[2] < 90;
        g_free(p);
        return red;
}

static int look(char **arg)
{
        VipsImage *x = vips_image_new_from_file(arg[0], NULL);
        if (!x)
                vips_error_exit(NULL);
        int w = vips_image_get_width(x), h = vips_image_get_height(x);
        printf("%d %d %s\n", w, h, is_red(x, w / 8, h / 8) ? "left-top" : is_red(x, w - w / 8, h / 8) ? "right-top" :
               is_red(x, w / 8, h - h / 8) ? "left-bottom" : is_red(x, w - w / 8, h - h / 8) ? "right-bottom" : "none");
        return 0;
}

int main(int argc, char **argv)
{
        if (VIPS_INIT(argv[0]))
                return 1;
        if (argc == 6 && strcmp(argv[1], "make") == 0)
                return make(argv + 2);
        return argc == 3 && strcmp(argv[1], "look") == 0 ? look(argv + 2) : 2;
}
