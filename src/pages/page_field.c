#include <string.h>

#include "base/embedded.h"
#include "base/text.h"
#include "pages/pages_impl.h"

/* /field/: the phone's app (web/field), as it was built into the binary.  A name below assets/ holds its own digest and is never asked for again; the others
 * are asked for at each start of the app with a signal, and without one the app's service worker has them. */

extern const struct embedded_file field_files[];        /* names below /field/; beside each its compressed form, NAME.gz */
extern const struct route page_field, page_field_root;

static const char policy[] = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
                             "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

static const struct { const char *ending, *type; } types[] = {
        { ".html", "text/html; charset=utf-8" }, { ".js", "text/javascript; charset=utf-8" }, { ".css", "text/css; charset=utf-8" },
        { ".webmanifest", "application/manifest+json" }, { ".wasm", "application/wasm" }, { ".svg", "image/svg+xml" }, { ".png", "image/png" },
};

static bool ends(struct str name, const char *ending)
{
        size_t n = strlen(ending);
        return name.n >= n && !memcmp(name.p + name.n - n, ending, n);
}

static const char *type_of(struct str name)
{
        for (size_t i = 0; i < sizeof types / sizeof *types; i++)
                if (ends(name, types[i].ending))
                        return types[i].type;
        return "application/octet-stream";
}

static const struct embedded_file *file_of(struct str name, const char *more)
{
        size_t n = strlen(more);
        for (const struct embedded_file *f = field_files; f->name; f++)
                if (strlen(f->name) == name.n + n && !memcmp(f->name, name.p, name.n) && !strcmp(f->name + name.n, more))
                        return f;
        return NULL;
}

/* The form that the asker takes; what is there only compressed (the decoder of codes) goes to everyone who can run it. */
static const struct embedded_file *choose(const struct request *q, struct str name, bool *ret_packed)
{
        const struct embedded_file *plain = file_of(name, ""), *packed = file_of(name, ".gz");
        *ret_packed = packed && (!plain || shell_takes_gzip(q));
        return *ret_packed ? packed : plain;
}

static void handle(struct request *q, void *app)
{
        (void)app;
        struct str name = q->rest.n ? q->rest : STR("index.html");
        bool packed;
        const struct embedded_file *f = ends(name, ".gz") ? NULL : choose(q, name, &packed);
        if (!f) {
                struct err e = { 0 };
                (void)err_set(&e, ERR_NOT_FOUND, "the app has no such file; it is of another version, or the address is wrong");
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        struct reply r = { .status = 200, .content_type = type_of(name), .body = { (const char *)f->p, f->n } };
        reply_header(&r, "Cache-Control", str_starts(name, STR("assets/")) ? "public, max-age=31536000, immutable" : "no-cache");
        reply_header(&r, "Content-Security-Policy", policy);
        reply_header(&r, "Permissions-Policy", "camera=(self), microphone=(self), geolocation=(self)");
        reply_header(&r, "Vary", "Accept-Encoding");
        if (packed)
                reply_header(&r, "Content-Encoding", "gzip");
        exchange_answer(q->exchange, &r);
}

static void to_the_app(struct request *q, void *app)
{
        (void)app;
        struct reply r = { .status = 308 };
        reply_header(&r, "Location", "/field/");
        exchange_answer(q->exchange, &r);
}

const struct route page_field = { .methods = METHOD_GET, .pattern = "/field/*", .name = "field", .needs = MAY_PUBLIC, .inline_ok = true, .handle = handle };
const struct route page_field_root = { .methods = METHOD_GET, .pattern = "/field", .name = "field.root", .needs = MAY_PUBLIC, .inline_ok = true, .handle = to_the_app };
