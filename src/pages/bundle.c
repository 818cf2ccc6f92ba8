#include "pages/bundle.h"

#include <string.h>

#include "base/text.h"
#include "pages/pages_impl.h"

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

static const struct embedded_file *file_of(const struct bundle *b, struct str name, const char *more)
{
        size_t n = strlen(more);
        for (const struct embedded_file *f = b->files; f->name; f++)
                if (strlen(f->name) == name.n + n && !memcmp(f->name, name.p, name.n) && !strcmp(f->name + name.n, more))
                        return f;
        return NULL;
}

/* The form that the asker takes; what is there only compressed (the decoder of codes) goes to everyone who can run it. */
static const struct embedded_file *choose(const struct request *q, const struct bundle *b, struct str name, bool *ret_packed)
{
        const struct embedded_file *plain = file_of(b, name, ""), *packed = file_of(b, name, ".gz");
        *ret_packed = packed && (!plain || request_takes_gzip(q));
        return *ret_packed ? packed : plain;
}

void bundle_answer(struct request *q, const struct bundle *b)
{
        struct str name = q->rest.n ? q->rest : STR("index.html");
        bool packed;
        const struct embedded_file *f = ends(name, ".gz") ? NULL : choose(q, b, name, &packed);
        if (!f) {
                struct err e = { 0 };
                (void)err_set(&e, ERR_NOT_FOUND, "the app has no such file; it is of another version, or the address is wrong");
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        struct reply r = { .status = 200, .content_type = type_of(name), .body = { (const char *)f->p, f->n } };
        reply_header(&r, "Cache-Control", str_starts(name, STR("assets/")) ? "public, max-age=31536000, immutable" : "no-cache");
        reply_header(&r, "Content-Security-Policy", b->policy);
        reply_header(&r, "Permissions-Policy", b->permissions);
        reply_header(&r, "Vary", "Accept-Encoding");
        if (packed)
                reply_header(&r, "Content-Encoding", "gzip");
        exchange_answer(q->exchange, &r);
}

void bundle_forward(struct request *q, const char *to)
{
        struct reply r = { .status = 308 };
        reply_header(&r, "Location", to);
        exchange_answer(q->exchange, &r);
}
