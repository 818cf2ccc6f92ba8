#include "access/access.h"
#include "pages/bundle.h"

/* /desk/: the enterprise's desk (web/desk).  Its files are public; what they ask for is not. */

extern const struct embedded_file desk_files[];
extern const struct route page_desk, page_desk_root;

static const struct bundle app_desk = {
        desk_files,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'",
        "geolocation=(self)",
};

static void handle(struct request *q, void *app)
{
        (void)app;
        bundle_answer(q, &app_desk);
}

static void to_the_desk(struct request *q, void *app)
{
        (void)app;
        bundle_forward(q, "/desk/");
}

const struct route page_desk = { .methods = METHOD_GET, .pattern = "/desk/*", .name = "desk", .needs = MAY_PUBLIC, .inline_ok = true, .handle = handle };
const struct route page_desk_root = { .methods = METHOD_GET, .pattern = "/desk", .name = "desk.root", .needs = MAY_PUBLIC, .inline_ok = true, .handle = to_the_desk };
