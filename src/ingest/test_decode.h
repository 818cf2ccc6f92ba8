#ifndef SUYUAN_INGEST_TEST_DECODE_H
#define SUYUAN_INGEST_TEST_DECODE_H

#include "base/buf.h"
#include "base/test.h"
#include "ingest/decoder.h"

/* For the tests of decoders: decode, and look at what came out as text, a reading a line: channel t value[ flag][ #seq]. */
static struct arena *a;
static int setup(void **state) { (void)state; a = arena_new(); return 0; }
static int teardown(void **state) { (void)state; arena_free(a); return 0; }

enum { RECEIVED = 1780000000 };
static inline struct message said(struct str bytes)
{
        return (struct message){ .device = STR("d1"), .bytes = bytes, .received_ms = RECEIVED * INT64_C(1000), .zone_min = 480 };
}

static inline void write_reading(void *ctx, const struct reading *r)
{
        struct buf *b = ctx;
        buf_printf(b, "%.*s %lld %.*s", STR_ARG(r->channel), (long long)r->t_ms, STR_ARG(decimal_text(a, r->value)));
        if (r->flag)
                buf_printf(b, " f%d", r->flag);
        if (r->seq)
                buf_printf(b, " #%u", r->seq);
        buf_char(b, '\n');
}

static inline struct str decoded(const struct decoder *d, struct message m, struct err *e)
{
        struct batch *b = batch_new(a);
        struct batch_view *v;
        struct buf text = { .max = 1 << 20 };

        if (decoder_run(d, a, &m, b, e) < 0)
                return STR("refused");
        assert_int_equal(batch_open(a, batch_bytes(b), &v, NULL), 0);
        batch_each(v, STR_NONE, write_reading, &text);
        struct str s = arena_str(a, buf_view(&text));
        buf_free(&text);
        return s;
}

/* Refused, and what is said of it holds `says`. */
static inline void assert_refused(const struct decoder *d, struct message m, const char *says)
{
        struct err e = { 0 };
        assert_str(decoded(d, m, &e), "refused");
        assert_int_equal(e.kind, ERR_BAD_INPUT);
        if (!strstr(e.detail, says) && !strstr(e.pointer, says))
                fail_msg("'%s' (%s) does not say '%s'", e.detail, e.pointer, says);
}

#endif
