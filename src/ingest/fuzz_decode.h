#ifndef SUYUAN_INGEST_FUZZ_DECODE_H
#define SUYUAN_INGEST_FUZZ_DECODE_H

#include <assert.h>
#include <stdint.h>

#include "ingest/aliases.h"
#include "ingest/decoder.h"

/* Goal for every decoder: no bytes break it, a refusal says why, and whatever it lets through is a reading as the series takes it. */
static inline void fine(void *ctx, const struct reading *r)
{
        (void)ctx;
        assert(channel_name(r->channel) && channel_name(r->device) && moment_fine(r->t_ms) && r->flag < FLAGS);
}

static inline int fuzz_decode(const struct decoder *d, const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        struct aliases *names = aliases_new();
        struct message m = { .device = STR("d"), .bytes = { (const char *)data, size }, .received_ms = 1780000000000, .zone_min = 480, .aliases = names };
        struct batch *b = batch_new(a);
        struct batch_view *v;
        struct err e = { 0 };

        aliases_set(names, 1, STR("one"), 2);
        if (size && (data[0] & 1))
                mapping_read(a, STR("{\"channels\":[{\"code\":\"x\",\"scale\":0.1,\"offset\":-40},{\"code\":\"y\",\"from\":\"温度\"}]}"), &m.mapping, NULL);
        if (decoder_run(d, a, &m, b, &e) < 0)
                assert(e.kind == ERR_BAD_INPUT || e.kind == ERR_TOO_LARGE);
        else if (batch_n(b) && batch_open(a, batch_bytes(b), &v, NULL) == 0)
                batch_each(v, STR_NONE, fine, NULL);
        aliases_free(names);
        arena_free(a);
        return 0;
}

#endif
