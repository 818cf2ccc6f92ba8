#include "proof/ask_impl.h"

/* What a witness answers to add-checkpoint: the first byte chooses the status, the rest is the body.  The checkpoint and the key are fixed. */

static const char note[] =
        "log.example.org/trace\n3\n1Pksj7uJcg6ztVZ3x9fvrd/rENEaGoSguo8aIzN/qpU=\n\n"
        "\xe2\x80\x94 log.example.org/trace PAet1Z7ex8uQekloyfu+xTNeQcejy8Ld0tsYDbgnI21CU9skpbVuWrvJZkjGrIosS7fG4CpJCOxk3iwsNk46Uo2RqAQ=\n";

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
        static const int statuses[] = { 200, 409, 422, 429, 404, 503 };
        struct arena *a = arena_new();
        struct vkey k;
        if (n && vkey_read(a, STR("w1.example.net+8fa485e2+BMKpr+0MY849afVAd1a2M0FQCp4DYy8GaCpvCr1VaUpY"), &k, NULL) == 0)
                witness_hear(a, statuses[p[0] % 6], (struct str){ (const char *)p + 1, n - 1 }, STR(note), &k);
        arena_free(a);
        return 0;
}
