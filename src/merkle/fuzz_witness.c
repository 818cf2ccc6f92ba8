/* Any bytes: as a request for a cosignature either refused, or read, written again to the same bytes, and answered; never with 200 for a log whose
 * key a stranger cannot have. */
#include <assert.h>
#include <stdint.h>

#include "merkle/witness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of the vectors' log; what stands in the corpus is signed by it, so that the later checks are reached. */
static const char log_key[] = "log.example.org/trace+3c07add5+AeskOF55y5Z29Be7KNIsEbXr5s+V9pcFpVSP3/sMeGEa";

static void answer(struct arena *a, const struct witness_request *q)
{
        struct note n;
        struct checkpoint c;
        struct vkey k;

        if (note_read(a, q->note, &n, NULL) < 0 || checkpoint_read(n.text, &c, NULL) < 0 || vkey_read(a, str_of(log_key), &k, NULL) < 0)
                return;
        for (int64_t size = 0; size <= 7; size += 7) {
                struct witness_known known = { .keys = &k, .n_keys = 1, .size = size, .root = tree_empty() };
                struct witness_answer w = witness_decide(q, &n, &c, &known);

                assert(w.status == 200 || w.status == 400 || w.status == 403 || w.status == 409 || w.status == 422);
                if (w.status == 200)
                        assert(q->old == size && size == 0 && q->n == 0);      /* of 7 leaves nobody has the empty tree's root */
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        struct str s = { (const char *)data, size };
        struct witness_request q;
        struct err e = { 0 };

        if (witness_read(s, &q, &e) < 0) {
                assert(e.kind == ERR_BAD_INPUT || e.kind == ERR_TOO_LARGE);
        } else {
                struct buf b = { .max = s.n + 1 };
                witness_write(&b, &q);
                assert(str_eq(buf_view(&b), s));
                buf_free(&b);
                answer(a, &q);
        }
        arena_free(a);
        return 0;
}
