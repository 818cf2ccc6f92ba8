#include <unistd.h>

#include "api/api_impl.h"
#include "base/limits.h"
#include "base/text.h"
#include "ledger/upload.h"

/* /api/blobs/sha256/{hex}: photos, reports and sounds by what they hash to.  PUT takes the next part, HEAD says how far it is, GET gives the original
 * to the organisation that has it (docs/ref/blobs.md). */

static int hash_asked(const struct request *q, struct hash *ret, struct err *reterr)
{
        return hex_read(q->rest, ret->b, sizeof ret->b) ? 0 : err_set(reterr, ERR_NOT_FOUND, "a file is named by its SHA-256: 64 hex digits");
}

static int home_of(const struct request *q, int64_t *ret, struct err *reterr)
{
        *ret = caller_of(q)->org;
        return *ret > 0 ? 0 : err_set(reterr, ERR_FORBIDDEN, "files belong to an organisation, and this account has none");
}

/* 1 there, 0 absent, -1. */
static int number_header(const struct request *q, const char *name, int64_t *ret, struct err *reterr)
{
        struct str text = request_header(q, name);
        *ret = 0;
        if (!text.p)
                return 0;
        return number_read(text, ret) ? 1 : err_set(reterr, ERR_BAD_INPUT, "%s is a whole number of bytes", name);
}

static size_t state_headers(struct request *q, const struct part_state *at, struct reply_header ret[2])
{
        ret[0] = (struct reply_header){ "Upload-Offset", arena_printf(q->arena, "%lld", (long long)at->have).p };
        ret[1] = (struct reply_header){ "Upload-Length", arena_printf(q->arena, "%lld", (long long)at->length).p };
        return at->length && at->length != PART_OPEN ? 2 : 1;
}

static void answer_state(struct request *q, int status, const struct part_state *at)
{
        struct reply_header h[2];
        struct reply r = { .status = status };
        size_t n = state_headers(q, at, h);
        for (size_t i = 0; i < n; i++)
                reply_header(&r, h[i].name, h[i].value);
        reply_header(&r, "Cache-Control", "no-store");
        exchange_answer(q->exchange, &r);
}

/* ---- HEAD ---- */

static void look(struct request *q, void *app)
{
        const struct service *v = app;
        struct part_state at = { 0 };
        struct err e = { 0 };
        struct hash h;
        int64_t org;
        int rc = hash_asked(q, &h, &e) < 0 || home_of(q, &org, &e) < 0 ? -1 : uploads_look(v->uploads, org, &h, &at, &e);
        if (rc < 0)
                exchange_problem(q->exchange, &e, NULL);
        else
                answer_state(q, rc ? 200 : 404, &at);
}

/* ---- PUT ---- */

/* Content-Range: bytes 0-65535/204800 says the length too; 1 it does. */
static int range_total(const struct request *q, int64_t *ret)
{
        struct str range = request_header(q, "Content-Range");
        const char *slash = range.n ? memchr(range.p, '/', range.n) : NULL;
        return slash && number_read(str_from(range, (size_t)(slash + 1 - range.p)), ret) && *ret > 0 ? 1 : (*ret = 0);
}

static bool is_all(const struct request *q, const struct hash *h)
{
        struct hash is = sha256(q->body.p, q->body.n);
        return memcmp(is.b, h->b, sizeof is.b) == 0;
}

static int read_part(struct request *q, struct part_send *ret, struct err *reterr)
{
        int offset, length;
        if (hash_asked(q, &ret->hash, reterr) < 0 || home_of(q, &ret->org, reterr) < 0 ||
            (offset = number_header(q, "Upload-Offset", &ret->offset, reterr)) < 0 || (length = number_header(q, "Upload-Length", &ret->length, reterr)) < 0)
                return -1;
        if (length && ret->length == 0)
                return err_set(reterr, ERR_BAD_INPUT, "Upload-Length is the whole file's, and a file has at least one byte");
        if (ret->length > LIMIT_BLOB_BYTES)
                return err_set(reterr, ERR_TOO_LARGE, "a photo or report is at most %d bytes", LIMIT_BLOB_BYTES);
        if (!length)
                length = range_total(q, &ret->length);
        ret->bytes = q->body;
        if (offset && !length && ret->offset == 0 && !is_all(q, &ret->hash))
                ret->length = PART_OPEN;        /* whoever says no length is believed by the digest */
        ret->whole = ret->length ? ret->offset == 0 && ret->length == (int64_t)q->body.n : !offset || ret->offset == 0;
        return 0;
}

static void problem_with_state(struct request *q, const struct upload *u)
{
        struct reply_header h[2];
        struct buf extra = { .max = 200 };
        buf_printf(&extra, "\"uploadOffset\":%lld", (long long)u->at.have);
        if (u->at.length && u->at.length != PART_OPEN)
                buf_printf(&extra, ",\"uploadLength\":%lld", (long long)u->at.length);
        exchange_problem_with(q->exchange, &u->err, &extra, h, state_headers(q, &u->at, h));
        buf_free(&extra);
}

static void taken(struct upload *u, void *ctx)
{
        struct request *q = ctx;
        if (u->err.kind)
                problem_with_state(q, u);
        else
                answer_state(q, u->end == UPLOAD_STORED ? 201 : u->end == UPLOAD_KNOWN ? 200 : 204, &u->at);
}

static void take(struct request *q, void *app)
{
        const struct service *v = app;
        struct upload *u = arena_alloc(q->arena, sizeof *u);
        if (read_part(q, &u->part, &u->err) < 0) {
                exchange_problem(q->exchange, &u->err, NULL);
                return;
        }
        u->done = taken;
        u->ctx = q;
        uploads_put(v->uploads, u);
}

/* ---- GET ---- */

static const struct { const char *type, *ending; } endings[] = {
        { "image/jpeg", "jpg" }, { "image/png", "png" }, { "image/heic", "heic" }, { "image/webp", "webp" }, { "application/pdf", "pdf" },
        { "video/webm", "webm" }, { "video/mp4", "mp4" }, { "audio/webm", "webm" }, { "audio/mp4", "m4a" }, { "audio/ogg", "ogg" },
};

static void describe(struct request *q, struct reply *r)
{
        char head[BLOB_SNIFF_BYTES];
        ssize_t n = pread(r->fd, head, sizeof head, 0);
        const char *type = n > 0 ? blob_sniff(head, (size_t)n) : NULL, *ending = "bin";
        for (size_t i = 0; type && i < sizeof endings / sizeof *endings; i++)
                if (!strcmp(type, endings[i].type))
                        ending = endings[i].ending;
        r->content_type = type ? type : "application/octet-stream";
        reply_header(r, "Content-Disposition", arena_printf(q->arena, "attachment; filename=\"%.*s.%s\"", 16, q->rest.p, ending).p);
        reply_header(r, "Cache-Control", "private, max-age=31536000, immutable");
}

static int original(struct request *q, const struct service *v, struct reply *ret, struct err *reterr)
{
        struct hash h;
        int64_t org;
        if (hash_asked(q, &h, reterr) < 0 || home_of(q, &org, reterr) < 0)
                return -1;
        int owned = blob_owned(v->store, org, &h, reterr);
        if (owned == 0)
                return err_set(reterr, ERR_NOT_FOUND, "this organisation has no such file");
        if (owned < 0)
                return -1;
        *ret = (struct reply){ .status = 200 };
        return blob_open(v->store, &h, &ret->fd, &ret->fd_size, reterr);
}

static void give(struct request *q, void *app)
{
        struct err e = { 0 };
        struct reply r;
        if (original(q, app, &r, &e) < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        describe(q, &r);
        exchange_answer(q->exchange, &r);
}

#define PATTERN "/api/blobs/sha256/*"
const struct route route_blob_look = { .methods = METHOD_HEAD, .pattern = PATTERN, .name = "blob.look", .needs = MAY_CAPTURE, .handle = look };
const struct route route_blob_put = { .methods = METHOD_PUT, .pattern = PATTERN, .name = "blob.put", .needs = MAY_CAPTURE, .max_body = LIMIT_PART_BYTES, .handle = take };
const struct route route_blob_get = { .methods = METHOD_GET, .pattern = PATTERN, .name = "blob.get", .needs = MAY_QUERY, .handle = give };
