#include <stdlib.h>
#include <zlib.h>

#include "api/devices.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "ingest/decoder.h"
#include "ingest/mapping.h"

/* Readings that are handed in: by a device or for one (POST /api/devices/{id}/readings), and by the collecting process (POST /api/collect/readings).  Answered by the series'
 * writer once they are durable; no worker waits for it. */

/* ---- packed bodies ---- */

static int unpack(struct request *q, size_t max, struct str *ret, struct err *reterr)
{
        struct buf out = { .max = max };
        char part[64 * 1024];
        z_stream z = { .next_in = (unsigned char *)(uintptr_t)q->body.p, .avail_in = (unsigned)q->body.n };
        int rc = inflateInit2(&z, 16 + MAX_WBITS);
        if (rc != Z_OK)
                return err_set(reterr, ERR_INTERNAL, "zlib does not start");
        do {
                z.next_out = (unsigned char *)part;
                z.avail_out = sizeof part;
                rc = inflate(&z, Z_NO_FLUSH);
                buf_add(&out, part, sizeof part - z.avail_out);
        } while (rc == Z_OK && !out.overflow);
        inflateEnd(&z);
        bool large = out.overflow;
        *ret = large ? STR_NONE : arena_str(q->arena, buf_view(&out));
        buf_free(&out);
        if (large)
                return err_set(reterr, ERR_TOO_LARGE, "the readings unpack to more than %zu bytes", max);
        return rc == Z_STREAM_END && !z.avail_in ? 0 : err_set(reterr, ERR_BAD_INPUT, "the body is no whole gzip");
}

int body_unpacked(struct request *q, size_t max, struct str *ret, struct err *reterr)
{
        struct str coding = str_trim(request_header(q, "Content-Encoding"));
        *ret = q->body;
        if (!coding.n || str_ieq(coding, STR("identity")))
                return 0;
        if (!str_ieq(coding, STR("gzip")) && !str_ieq(coding, STR("x-gzip")))
                return err_set(reterr, ERR_MEDIA_TYPE, "a body comes as it is or as gzip, not as \"%.*s\"", (int)(coding.n < 100 ? coding.n : 100), coding.p);
        return q->body.n ? unpack(q, max, ret, reterr) : 0;
}

/* ---- the hand-over ---- */

static void answered(struct series_job *job, void *ctx)
{
        struct request *q = ctx;
        if (job->err.kind) {
                exchange_problem(q->exchange, &job->err, NULL);
                return;
        }
        struct reply r = { .status = 200, .content_type = "application/json", .body = arena_printf(q->arena, "{\"accepted\":%zu}\n", batch_view_n(job->view)) };
        reply_header(&r, "Cache-Control", "no-store");
        exchange_answer(q->exchange, &r);
}

static int submit(struct request *q, const struct service *v, struct str bytes, struct err *reterr)
{
        struct series_job *job = arena_alloc(q->arena, sizeof *job);
        *job = (struct series_job){ .bytes = bytes, .arena = q->arena, .done = answered, .ctx = q };
        return series_submit(sensing_series(v->sensing), job, reterr);
}

/* ---- of one device ---- */

static int may_push(struct request *q, const struct service *v, struct str id, struct device_row *ret, struct err *reterr)
{
        const struct caller *c = caller_of(q);
        struct str mine = str_starts(c->actor, STR("device:")) && !caller_may(c, MAY_CAPTURE) ? str_from(c->actor, 7) : STR_NONE;
        if (mine.p && !str_eq(mine, id)) {
                sensing_notice(v->sensing, SENSING_FOREIGN_TOPIC, mine, access_address(q), id, STR_NONE, clock_now_us() / 1000, 1);
                return err_set(reterr, ERR_FORBIDDEN, "设备只能上报自己的读数 / a device hands in its own readings, not those of %.*s", (int)(id.n < 64 ? id.n : 64), id.p);
        }
        if (sensing_device_seen(v->sensing, q, id, true, ret, reterr) < 0)
                return -1;
        return !ret->revoked_us ? 0 : err_set(reterr, ERR_FORBIDDEN, "设备已停用 / the device was revoked or removed");
}

static struct str media_of(const struct request *q)
{
        struct str type = request_header(q, "Content-Type"), head = STR_NONE;
        return str_split(&type, ';', &head) ? str_trim(head) : STR("application/json");
}

static int decode(struct request *q, const struct device_row *d, struct str *ret, size_t *ret_n, struct err *reterr)
{
        struct str media = media_of(q);
        const struct decoder *how = decoder_of_media(media.n ? media : STR("application/json"));
        struct message m = { .device = d->id, .received_ms = clock_now_us() / 1000, .zone_min = 480 };
        struct batch *b = batch_new(q->arena);
        if (!how)
                return err_set(reterr, ERR_MEDIA_TYPE, "readings come as application/json, application/senml+json, text/csv or Sparkplug B, not as \"%.*s\"", (int)(media.n < 100 ? media.n : 100), media.p);
        if (mapping_read(q->arena, d->detail, &m.mapping, NULL) < 0)
                m.mapping = NULL;               /* as at the other doors: what is described wrongly is taken as it is said */
        if (body_unpacked(q, LIMIT_READINGS_UNPACKED, &m.bytes, reterr) < 0 || decoder_run(how, q->arena, &m, b, reterr) < 0)
                return -1;
        *ret_n = batch_n(b);
        *ret = batch_bytes(b);
        return 0;
}

static int allowed(struct request *q, const struct service *v, struct str id, size_t n, struct err *reterr)
{
        int wait;
        if (sensing_allows(v->sensing, id, n, &wait))
                return 0;
        sensing_notice(v->sensing, SENSING_THROTTLED, id, access_address(q), STR("http"), STR_NONE, clock_now_us() / 1000, 1);
        err_set(reterr, ERR_TOO_MANY, "上报过于频繁，请 %d 秒后再试 / more than this device is allowed: wait %d s, and hand in many readings at once", wait, wait);
        reterr->retry_s = wait;
        return -1;
}

void readings_push(struct request *q, const struct service *v, struct str id)
{
        struct device_row d;
        struct err e = { 0 };
        struct str bytes;
        size_t n = 0;
        int rc = may_push(q, v, id, &d, &e) < 0 || decode(q, &d, &bytes, &n, &e) < 0 || allowed(q, v, d.id, n, &e) < 0 ? -1 : 0;
        if (rc == 0 && !n) {
                struct reply r = { .status = 200, .content_type = "application/json", .body = STR("{\"accepted\":0}\n") };
                exchange_answer(q->exchange, &r);
                return;
        }
        if (rc < 0 || submit(q, v, bytes, &e) < 0)
                exchange_problem(q->exchange, &e, NULL);
}

/* ---- of the collecting process ---- */

static void collect(struct request *q, void *app)
{
        const struct service *v = app;
        struct err e = { 0 };
        if (devices_here(v, &e) < 0 || submit(q, v, q->body, &e) < 0)
                exchange_problem(q->exchange, &e, NULL);
}

const struct route route_collect_readings = { .methods = METHOD_POST, .pattern = "/api/collect/readings", .name = "collect.readings", .needs = MAY_COLLECT, .bulk = true, .max_body = LIMIT_COLLECT_BYTES, .handle = collect };
