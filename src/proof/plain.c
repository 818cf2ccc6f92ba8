#include "proof/plain.h"

#include "base/json.h"
#include "merkle/prooffile.h"

bool proof_is_plain(struct arena *a, struct str proof)
{
        struct proof_file *f = arena_alloc(a, sizeof *f);
        const struct json *extra;
        if (proof_file_read(a, proof, f, NULL) < 0)
                return false;
        if (!f->extra.n || json_read(a, f->extra.p, f->extra.n, NULL, &extra, NULL) < 0)
                return true;
        return !json_get(extra, "event") && !json_get(extra, "statement");
}

int plain_verify(struct arena *a, struct str proof, struct str leaf, const struct policy *p, struct plain_result *ret, struct err *reterr)
{
        struct proof_file *f = arena_alloc(a, sizeof *f);
        if (proof_file_read(a, proof, f, reterr) < 0)
                return -1;
        ret->index = f->index;
        if (policy_open(a, p, f->checkpoint, &ret->seen, reterr) < 0)
                return 0;
        const struct checkpoint *c = &ret->seen.checkpoint.c;
        struct hash h = tree_leaf(leaf.p, leaf.n);
        if (tree_verify(f->index, c->size, &h, f->proof, f->n, &c->root))
                return 1;
        err_set(reterr, ERR_BAD_INPUT, "the file is not leaf %lld of the %lld under the checkpoint's root: its bytes, the index or a hash of the proof is not what was logged",
                (long long)f->index, (long long)c->size);
        return 0;
}
