/* Any bytes: as a policy either refused with a line or read; then asked about a checkpoint, which is what follows the byte 0x1e. */
#include <assert.h>
#include <stdint.h>

#include "merkle/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(struct arena *a, const struct policy *p, struct str note)
{
        struct policy_seen seen;
        struct err e = { 0 };
        size_t n;

        policy_witnesses(p, &n);
        if (policy_open(a, p, note, &seen, &e) < 0) {
                assert((e.kind == ERR_BAD_INPUT || e.kind == ERR_TOO_LARGE) && e.detail[0]);
                return;
        }
        assert(seen.log && seen.n_witnesses <= n && (seen.first_s > 0) == (seen.n_witnesses > 0) && seen.first_s <= seen.last_s);
        assert(str_eq(seen.log->vkey.name, seen.checkpoint.c.origin));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        const uint8_t *at = size ? memchr(data, 0x1e, size) : NULL;
        size_t n = at ? (size_t)(at - data) : size;
        struct policy *p;
        struct err e = { 0 };

        if (policy_read(a, (struct str){ (const char *)data, n }, &p, &e) < 0) {
                assert((e.kind == ERR_BAD_INPUT && e.detail[0]) || e.kind == ERR_TOO_LARGE);
        } else {
                assert(policy_quorum(p)[0]);
                if (at)
                        ask(a, p, (struct str){ (const char *)at + 1, size - n - 1 });
        }
        arena_free(a);
        return 0;
}
