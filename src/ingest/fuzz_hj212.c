/* Goal: no stream of bytes breaks the reader of frames; it always goes forward, whatever pieces the bytes come in it finds the same frames, and what it lets
 * through is read, joined and answered within bounds. */
#include <assert.h>
#include <stdint.h>

#include "base/limits.h"
#include "ingest/decoder.h"
#include "ingest/hj212.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void one_frame(struct hj212_parts *parts, struct str data)
{
        struct arena *a = arena_new();
        struct buf out = { .max = 4096 };
        struct reading *r;
        struct hj212 h;
        size_t n, left;

        if (hj212_read(data, &h, NULL) == 0) {
                assert(h.mn.n && h.cn > 0 && h.cn <= 9999);
                if (hj212_join(parts, a, &h, NULL) >= 0 && hj212_readings(a, &h, &r, &n, &left, NULL) == 0)
                        for (size_t i = 0; i < n; i++)
                                assert(moment_fine(r[i].t_ms) && r[i].flag < FLAGS);
                hj212_answer(&out, &h, CN_DATA_ANSWER, "");
                hj212_set_time(&out, &h, 1780000000000);
                assert(!out.overflow);
                struct hj212_frame f;
                bool skipping = false;
                hj212_next(buf_view(&out), &skipping, &f);
                assert(f.found == HJ212_FRAME);
        }
        buf_free(&out);
        arena_free(a);
}

/* How many good frames and a digest of them; `piece` bytes come at a time. */
static uint64_t walk(const uint8_t *data, size_t size, size_t piece)
{
        struct hj212_parts parts = { 0 };
        bool skipping = false;
        size_t from = 0, have = 0, rounds = 0;
        uint64_t seen = 0;

        while (from < size || have < size) {
                struct hj212_frame f;
                have = have + piece < size ? have + piece : size;
                do {
                        assert(rounds++ < 4 * size + 16);
                        hj212_next((struct str){ (const char *)data + from, have - from }, &skipping, &f);
                        assert(f.used <= have - from);
                        assert(f.found == HJ212_MORE || f.used > 0);
                        if (f.found == HJ212_FRAME) {
                                one_frame(&parts, f.data);
                                seen = seen * 31 + hj212_crc(f.data) + 1;
                        }
                        from += f.used;
                } while (f.found != HJ212_MORE || f.used > 0);
                assert(have - from < LIMIT_HJ212_DATA_BYTES + 12);
                if (have == size)
                        break;
        }
        return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint64_t seen = walk(data, size, size ? size : 1);
        if (size > 1)
                assert(walk(data + 1, size - 1, 1 + data[0] % 7) == walk(data + 1, size - 1, size));
        (void)seen;
        return 0;
}
