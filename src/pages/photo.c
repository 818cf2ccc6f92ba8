#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "pages/pages_impl.h"

/* Photos that pages show.  The address bears a mark that only this process can make, so a blob is public exactly as long as some page shows it;
 * what a camera wrote beside the picture (position, owner, device) is cut out on the way. */

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

void photo_href(struct buf *b, const struct hash *h)
{
        char mark[33];
        mark_of(h, mark);
        buf_z(b, "/photo/");
        buf_hex(b, h->b, sizeof h->b);
        buf_printf(b, "?k=%s", mark);
}

/* JPEG (ITU T.81 B.1.1.3): the segments before the scan, without APP1…APP13, APP15 and comments; APP14 tells the colours. */
static bool strip_jpeg(struct buf *out, const unsigned char *p, size_t n)
{
        size_t at = 2;
        buf_add(out, p, 2);
        while (at + 4 <= n && p[at] == 0xff) {
                unsigned char marker = p[at + 1];
                if (marker == 0xff) {
                        at++;
                        continue;
                }
                size_t size = 2 + ((size_t)p[at + 2] << 8 | p[at + 3]);
                if (marker == 0xda) {
                        buf_add(out, p + at, n - at);
                        return true;
                }
                if (size < 4 || at + size > n)
                        return false;
                bool drop = (marker >= 0xe1 && marker <= 0xef && marker != 0xee) || marker == 0xfe;
                if (!drop)
                        buf_add(out, p + at, size);
                at += size;
        }
        return false;
}

/* PNG (W3C PNG §5): without eXIf and text chunks. */
static bool strip_png(struct buf *out, const unsigned char *p, size_t n)
{
        size_t at = 8;
        buf_add(out, p, 8);
        while (at + 12 <= n) {
                size_t size = 12 + ((size_t)p[at] << 24 | (size_t)p[at + 1] << 16 | (size_t)p[at + 2] << 8 | p[at + 3]);
                const char *type = (const char *)p + at + 4;
                if (size > n - at)
                        return false;
                if (memcmp(type, "eXIf", 4) && memcmp(type + 1, "EXt", 3) && memcmp(type + 1, "TXt", 3))
                        buf_add(out, p + at, size);
                if (!memcmp(type, "IEND", 4))
                        return true;
                at += size;
        }
        return false;
}

static int read_blob(struct arena *a, struct store *s, const struct hash *h, struct str *ret, struct err *reterr)
{
        int fd;
        int64_t size;
        if (blob_open(s, h, &fd, &size, reterr) < 0)
                return -1;
        if (size > LIMIT_BLOB_BYTES) {
                close(fd);
                return err_set(reterr, ERR_TOO_LARGE, "the picture is too large to show");
        }
        char *p = arena_raw(a, (size_t)size + 1);
        ssize_t got = 0, n;
        while (got < size && (n = read(fd, p + got, (size_t)(size - got))) > 0)
                got += n;
        close(fd);
        *ret = (struct str){ p, (size_t)got };
        return got == size ? 0 : err_set(reterr, ERR_STORE, "the picture could not be read");
}

static int clean_picture(struct arena *a, struct str raw, struct reply *r, struct err *reterr)
{
        struct buf b;
        const char *type = blob_sniff(raw.p, raw.n);
        bool ok = false;
        buf_init(&b, LIMIT_BLOB_BYTES + 1);
        if (type && !strcmp(type, "image/jpeg"))
                ok = strip_jpeg(&b, (const unsigned char *)raw.p, raw.n);
        else if (type && !strcmp(type, "image/png"))
                ok = strip_png(&b, (const unsigned char *)raw.p, raw.n);
        if (ok)
                *r = (struct reply){ .status = 200, .content_type = type, .body = arena_str(a, buf_view(&b)) };
        buf_free(&b);
        return ok ? 0 : err_set(reterr, ERR_NOT_FOUND, "there is no such picture");
}

static int serve(struct request *q, const struct service *v, struct reply *r, struct err *reterr)
{
        struct hash h;
        struct str given, raw = STR_NONE;
        char mark[33];
        if (q->rest.n != 64 || !hex_read(q->rest, h.b, sizeof h.b) || request_param(q, "k", &given) <= 0)
                return err_set(reterr, ERR_NOT_FOUND, "there is no such picture");
        mark_of(&h, mark);
        if (!str_is(given, mark))
                return err_set(reterr, ERR_NOT_FOUND, "this picture is not public, or its page was opened long ago: open the page again");
        if (read_blob(q->arena, v->store, &h, &raw, reterr) < 0)
                return -1;
        return clean_picture(q->arena, raw, r, reterr);
}

static void handle(struct request *q, void *app)
{
        struct err e = { 0 };
        struct reply r;
        if (serve(q, app, &r, &e) < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        reply_header(&r, "Cache-Control", "public, max-age=31536000, immutable");
        exchange_answer(q->exchange, &r);
}

extern const struct route page_photo;
const struct route page_photo = { .methods = METHOD_GET, .pattern = "/photo/*", .name = "photo", .needs = MAY_PUBLIC, .handle = handle };
