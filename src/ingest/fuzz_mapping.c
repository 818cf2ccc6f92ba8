/* Goal: no description breaks the reader, and what it lets through maps every value exactly or says that it does not fit. */
#include <assert.h>

#include "ingest/mapping.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        const struct mapping *m;
        struct err e = { 0 };

        if (mapping_read(a, (struct str){ (const char *)data, size }, &m, &e) < 0) {
                assert(e.kind == ERR_BAD_INPUT || e.kind == ERR_BAD_JSON);
        } else {
                struct reading r = { .channel = STR("x"), .value = { 123456789, 4 } };
                const struct mapped_channel *c = mapping_find(m, STR("x"));
                if (c && mapping_apply(m, &r))
                        assert(channel_name(r.channel));
        }
        arena_free(a);
        return 0;
}
