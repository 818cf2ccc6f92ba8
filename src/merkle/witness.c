#include "merkle/witness.h"

#include "base/text.h"

static int bad(struct err *reterr, const char *why)
{
        return err_set(reterr, ERR_BAD_INPUT, "this is no request for a cosignature: %s", why);
}

int witness_read(struct str body, struct witness_request *ret, struct err *reterr)
{
        struct str rest = body, line;

        *ret = (struct witness_request){ 0 };
        if (body.n > WITNESS_BYTES_MAX)
                return err_set(reterr, ERR_TOO_LARGE, "a request for a cosignature has at most %d bytes", WITNESS_BYTES_MAX);
        if (!str_split(&rest, '\n', &line) || !str_starts(line, STR("old ")) || !number_read((struct str){ line.p + 4, line.n - 4 }, &ret->old))
                return bad(reterr, "its first line is 'old' and the size known before");
        while (str_split(&rest, '\n', &line) && rest.p) {
                if (line.n == 0) {
                        ret->note = rest;
                        return rest.n ? 0 : bad(reterr, "the checkpoint is missing");
                }
                if (ret->n == PROOF_MAX)
                        return bad(reterr, "it has more than 63 hashes");
                if (!base64_read(line, ret->proof[ret->n].b, sizeof ret->proof->b))
                        return bad(reterr, "a line of its proof is not the base64 of 32 bytes");
                ret->n++;
        }
        return bad(reterr, "no empty line between proof and checkpoint");
}

void witness_write(struct buf *out, const struct witness_request *q)
{
        buf_z(out, "old ");
        buf_i64(out, q->old);
        buf_char(out, '\n');
        for (size_t i = 0; i < q->n; i++) {
                base64_encode(out, q->proof[i].b, sizeof q->proof->b);
                buf_char(out, '\n');
        }
        buf_char(out, '\n');
        buf_str(out, q->note);
}

/* At least one of the log's keys has signed, and no line of one of them fails. */
static bool is_signed(const struct note *n, const struct witness_known *known)
{
        bool holds = false;

        for (size_t i = 0; i < known->n_keys; i++) {
                int found = note_verify(n, &known->keys[i]);
                if (found < 0)
                        return false;
                holds |= found > 0;
        }
        return holds;
}

static bool hash_eq(const struct hash *a, const struct hash *b)
{
        return memcmp(a->b, b->b, sizeof a->b) == 0;
}

/* `q->old` is what is stored: does the new tree hold all of the old one? */
static bool is_append(const struct witness_request *q, const struct checkpoint *c, const struct witness_known *known)
{
        struct hash empty = tree_empty();

        if (c->size == 0 && !hash_eq(&c->root, &empty))
                return false;
        if (q->old == 0)
                return q->n == 0;       /* every tree holds the empty one: there is nothing to prove */
        return tree_verify_consistency(q->old, c->size, &known->root, &c->root, q->proof, q->n);
}

static int status_of(const struct witness_request *q, const struct note *n, const struct checkpoint *c, const struct witness_known *known)
{
        if (!is_signed(n, known))
                return 403;
        if (q->old > c->size)
                return 400;
        if (q->old != known->size)
                return 409;
        return is_append(q, c, known) ? 200 : 422;
}

struct witness_answer witness_decide(const struct witness_request *q, const struct note *n, const struct checkpoint *c, const struct witness_known *known)
{
        struct witness_answer w = { .status = status_of(q, n, c, known) };

        if (w.status == 409)
                w.size = known->size;
        if (w.status == 200)
                w.checkpoint = *c;
        return w;
}
