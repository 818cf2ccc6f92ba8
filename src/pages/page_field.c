#include "access/access.h"
#include "pages/bundle.h"

/* /field/: the phone's app (web/field).  Without a signal its own service worker has the files. */

extern const struct embedded_file field_files[];
extern const struct route page_field, page_field_root;

static const struct bundle app_field = {
        field_files,
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
        "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
        "camera=(self), microphone=(self), geolocation=(self)",
};

static void handle(struct request *q, void *app)
{
        (void)app;
        bundle_answer(q, &app_field);
}

static void to_the_app(struct request *q, void *app)
{
        (void)app;
        bundle_forward(q, "/field/");
}

const struct route page_field = { .methods = METHOD_GET, .pattern = "/field/*", .name = "field", .needs = MAY_PUBLIC, .inline_ok = true, .handle = handle };
const struct route page_field_root = { .methods = METHOD_GET, .pattern = "/field", .name = "field.root", .needs = MAY_PUBLIC, .inline_ok = true, .handle = to_the_app };
