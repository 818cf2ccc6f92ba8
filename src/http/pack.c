#include <stdlib.h>
#include <zlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "http/http_impl.h"

/* Answers that travel packed (http.h, "Packed answers").  The one place where an answer of the moment is packed; files of the web's applications are
 * packed when they are built (pages/bundle.c), and a cached page is sent as it is kept. */

enum {
        WORTH_BYTES = 1024,                     /* less fits a packet anyhow */
        NETWORK_THREAD_BYTES = 128 * 1024,      /* what a network thread packs: a millisecond or two; more goes as it is */
};

/* application/json, application/ld+json…, CSV, plain text, XML.  No page, no script, nothing that is packed already, no text/event-stream. */
static bool type_packs(const char *type)
{
        static const char *const types[] = { "application/json", "text/csv", "text/plain", "application/xml", "text/xml" };
        struct str rest = type ? str_of(type) : STR_NONE, media = STR_NONE;

        str_split(&rest, ';', &media);
        for (size_t i = 0; i < sizeof types / sizeof *types; i++)
                if (str_is(media, types[i]))
                        return true;
        return media.n > 5 && (str_is(str_from(media, media.n - 5), "+json") || str_is(str_from(media, media.n - 4), "+xml"));
}

/* Whether an answer to this request, of this kind, is ever packed: whatever it says then of its coding holds of the plain one too. */
static bool negotiable(const struct exchange *x, const struct reply *r)
{
        bool reads = x->q.method == METHOD_GET || x->q.method == METHOD_HEAD;

        if (!reads || (r->status != 200 && r->status != 304) || r->shared || r->fd > 0 || !x->route || x->route->unpacked)
                return false;
        return type_packs(r->content_type) && r->n_headers + 2 <= sizeof r->headers / sizeof *r->headers;
}

static struct reply_header *header_of(struct reply *r, const char *name)
{
        for (size_t i = 0; i < r->n_headers; i++)
                if (!strcasecmp(r->headers[i].name, name) && r->headers[i].value)
                        return &r->headers[i];
        return NULL;
}

static void add_to_vary(struct arena *a, struct reply *r)
{
        struct reply_header *h = header_of(r, "Vary");

        if (!h)
                reply_header(r, "Vary", "Accept-Encoding");
        else
                h->value = arena_printf(a, "%s, Accept-Encoding", h->value).p;
}

/* The plain and the packed bytes share a tag, so it is a weak one: for both answers, and for the 304 that stands for either. */
static void weaken_tag(struct arena *a, struct reply *r)
{
        struct reply_header *h = header_of(r, "ETag");

        if (h && !str_starts(str_of(h->value), STR("W/")))
                h->value = arena_printf(a, "W/%s", h->value).p;
}

/* False: it would not get shorter.  zlib's own memory is 256 KiB for as long as this takes; the outcome is never larger than what went in. */
static bool pack(struct str in, struct buf *out)
{
        unsigned char part[16 * 1024];
        z_stream z = { .next_in = (unsigned char *)(uintptr_t)in.p, .avail_in = (unsigned)in.n };
        int rc;

        if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
                return false;
        do {
                z.next_out = part;
                z.avail_out = sizeof part;
                rc = deflate(&z, Z_FINISH);
                buf_add(out, part, sizeof part - z.avail_out);
        } while (rc == Z_OK && !out->overflow);
        deflateEnd(&z);
        return rc == Z_STREAM_END && !out->overflow;
}

static void pack_body(struct exchange *x, struct reply *r)
{
        struct buf out = { .max = r->body.n - 1 };

        if (!pack(r->body, &out)) {
                buf_free(&out);
                return;
        }
        r->body.p = buf_take(&out, &r->body.n);
        arena_at_exit(x->q.arena, free, (void *)(uintptr_t)r->body.p);
        reply_header(r, "Content-Encoding", "gzip");
}

const struct reply *reply_packed(struct exchange *x, const struct reply *r, struct reply *mem)
{
        size_t most = x->quick ? NETWORK_THREAD_BYTES : LIMIT_PACKED_BYTES;

        if (!negotiable(x, r))
                return r;
        *mem = *r;
        if (header_of(mem, "Content-Encoding"))
                return r;
        add_to_vary(x->q.arena, mem);
        weaken_tag(x->q.arena, mem);
        if (r->status == 200 && r->body.n >= WORTH_BYTES && r->body.n <= most && request_takes_gzip(&x->q))
                pack_body(x, mem);
        return mem;
}
