#include "proof/bundle.h"

/* Anything that claims to be a file of proof, under a policy whose keys are those of the stored inputs (test_bundle.c), so that mutations of a good file come far. */

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct policy *policy_of(struct arena *a)
{
        static const uint8_t log[32] = "the log's key of this very test.", witness[32] = "the witness's key of this test .";
        struct signer *l = signer_ed25519(a, STR("trace.example.cn/log"), KEY_ED25519, log), *w = signer_ed25519(a, STR("witness.example.org"), KEY_COSIGN, witness);
        struct buf b = { .max = 2000 };
        struct policy *ret = NULL;
        buf_z(&b, "log ");
        vkey_write(&b, &l->vkey);
        buf_z(&b, "\nwitness w ");
        vkey_write(&b, &w->vkey);
        buf_z(&b, "\nquorum w\n");
        (void)policy_read(a, arena_str(a, buf_view(&b)), &ret, NULL);
        buf_free(&b);
        return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
        struct arena *a = arena_new();
        struct bundle_result r;
        struct err e = { 0 };
        struct str file = { (const char *)p, n };
        struct buf b = { .max = 1 << 20 };
        if (bundle_verify(a, file, policy_of(a), &r, &e) == 0)
                for (enum lang l = 0; l < LANGS; l++)
                        bundle_sentence(&b, &r, l);
        (void)bundle_is_of(a, file, STR("{\"type\":\"ObjectEvent\"}"), &e);
        buf_free(&b);
        arena_free(a);
        return 0;
}
