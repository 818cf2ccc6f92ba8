#include "pages/pages_impl.h"

extern const struct route page_icon;

static void icon(struct request *q, void *app)
{
        (void)app;
        struct reply r = { .status = 200, .content_type = "image/svg+xml", .body = STR(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 64\"><rect width=\"64\" height=\"64\" rx=\"14\" fill=\"#14683a\"/>"
                "<path d=\"M32 54V26M32 34c-12 0-17-8-17-18 11 0 17 7 17 18zM32 42c11 0 16-7 16-16-10 0-16 6-16 16z\" fill=\"#bfe6cd\" stroke=\"#fff\" stroke-width=\"4\" stroke-linejoin=\"round\"/></svg>") };
        reply_header(&r, "Cache-Control", "public, max-age=86400");
        exchange_answer(q->exchange, &r);
}

const struct route page_icon = { .methods = METHOD_GET, .pattern = "/icon.svg", .name = "icon", .needs = MAY_PUBLIC, .inline_ok = true, .handle = icon };
