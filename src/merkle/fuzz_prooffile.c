/* Any bytes: either refused, or read and written again to the same bytes. */
#include <assert.h>
#include <stdint.h>

#include "merkle/prooffile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        struct str s = { (const char *)data, size };
        struct proof_file p;
        struct err e = { 0 };

        if (proof_file_read(a, s, &p, &e) < 0) {
                assert(e.kind == ERR_BAD_INPUT || e.kind == ERR_TOO_LARGE);
        } else {
                struct buf b = { .max = s.n + 1 };
                struct hash h = { { 0 } };

                proof_file_write(&b, &p);
                assert(str_eq(buf_view(&b), s));
                buf_free(&b);
                assert(p.index >= 0 && p.n <= PROOF_MAX);
                tree_verify(p.index, TREE_MAX, &h, p.proof, p.n, &h);
                tree_verify_consistency(p.index, TREE_MAX, &h, &h, p.proof, p.n);
        }
        arena_free(a);
        return 0;
}
