#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ledger/upload.h"
#include "pages/pages_impl.h"
#include "picture/picture.h"

/* Photos that pages show.  The address bears a mark that only this process can make, so a photo is public exactly as long as some page shows it.
 * To the organisation whose file it is a picture is given without that mark: its desk shows it.  What leaves is never the original but a picture made of it (picture/): small, upright, without what a camera wrote beside it. */

static struct hash photo_key;

void photo_key_start(void)
{
        random_bytes(&photo_key, sizeof photo_key);
}

static void mark_of(const struct hash *h, char ret[33])
{
        struct hash m = hmac_sha256(&photo_key, sizeof photo_key, h->b, sizeof h->b);
        for (int i = 0; i < 16; i++)
                snprintf(ret + 2 * i, 3, "%02x", m.b[i]);
}

void photo_href(struct buf *b, const struct hash *h, bool large)
{
        char mark[33];
        mark_of(h, mark);
        buf_z(b, "/photo/");
        buf_hex(b, h->b, sizeof h->b);
        buf_printf(b, "?k=%s%s", mark, large ? "&amp;w=1280" : "");
}

/* What is asked of the makers; lives in the exchange's arena. */
struct showing {
        struct picture_wait wait;
        struct request *q;
        struct pictures *pictures;
        struct hash hash;
        enum picture_size size;
        bool own;                       /* given to its organisation alone: no cache that others share keeps it */
};

static bool is_own(const struct request *q, const struct service *v, const struct hash *h)
{
        const struct caller *c = caller_of(q);
        struct err ignored = { 0 };
        return c && c->org > 0 && caller_may(c, MAY_QUERY) && blob_owned(v->store, c->org, h, &ignored) == 1;
}

static int read_asked(struct request *q, const struct service *v, struct showing *ret, struct err *reterr)
{
        struct str given = STR_NONE, width = STR_NONE;
        char mark[33];
        if (q->rest.n != 64 || !hex_read(q->rest, ret->hash.b, sizeof ret->hash.b) || request_param(q, "k", &given) < 0)
                return err_set(reterr, ERR_NOT_FOUND, "there is no such picture");
        ret->own = !given.p && is_own(q, v, &ret->hash);
        mark_of(&ret->hash, mark);
        if (!ret->own && !str_is(given, mark))
                return err_set(reterr, ERR_NOT_FOUND, "this picture is not public, or its page was opened long ago: open the page again");
        bool asked = request_param(q, "w", &width) > 0;
        if (asked && !str_is(width, "480") && !str_is(width, "1280"))
                return err_set(reterr, ERR_NOT_FOUND, "pictures are 480 or 1280 wide");
        ret->size = str_is(width, "1280") ? PICTURE_LARGE : PICTURE_SMALL;
        return ret->pictures ? 0 : err_set(reterr, ERR_NOT_FOUND, "this server makes no pictures");
}

/* 1 answered, 0 not made yet, -1. */
static int answer_made(const struct showing *s, struct err *reterr)
{
        struct reply r = { .status = 200, .content_type = "image/jpeg" };
        int rc = picture_open(s->pictures, &s->hash, s->size, &r.fd, &r.fd_size, reterr);
        if (rc != 1)
                return rc;
        reply_header(&r, "Cache-Control", s->own ? "private, max-age=31536000, immutable" : "public, max-age=31536000, immutable");
        exchange_answer(s->q->exchange, &r);
        return 1;
}

/* On the thread that makes pictures. */
static void made(struct picture_wait *w, const struct err *err)
{
        struct showing *s = w->ctx;
        struct err e = { 0 };
        int rc = err ? -1 : answer_made(s, &e);
        if (rc == 0)
                err_set(&e, ERR_BUSY, "the picture was taken away meanwhile; ask again");
        if (rc != 1)
                exchange_problem(s->q->exchange, err ? err : &e, NULL);
}

static void handle(struct request *q, void *app)
{
        const struct service *v = app;
        struct showing *s = arena_alloc(q->arena, sizeof *s);
        struct err e = { 0 };
        *s = (struct showing){ .wait = { .done = made, .ctx = s }, .q = q, .pictures = v->pictures };
        int rc = read_asked(q, v, s, &e);
        if (rc == 0)
                rc = answer_made(s, &e);
        if (rc < 0 || (rc == 0 && picture_make(v->pictures, &s->hash, &s->wait, &e) < 0))
                exchange_problem(q->exchange, &e, NULL);
}

extern const struct route page_photo;
const struct route page_photo = { .methods = METHOD_GET, .pattern = "/photo/*", .name = "photo", .needs = MAY_PUBLIC, .handle = handle };
