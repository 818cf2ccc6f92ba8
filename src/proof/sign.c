#include <stdio.h>

#include "base/clock.h"
#include "proof/proof_impl.h"

/* From the tree to a checkpoint that counts.  The order is what keeps two checkpoints of one size from ever being signed: the leaves are durable in
 * the database, the tree is a function of them; the checkpoint is kept outside the database; it counts once the database has it; then it is told. */

static bool overlapping(const struct proof *p)
{
        return p->has_next && p->announced && p->next.signer;
}

static int write_note(struct proof *p, int64_t size, const struct hash *root, struct buf *out, struct err *reterr)
{
        const struct signer *list[SIGNERS_MAX] = { p->key.signer };
        size_t n = 1;
        struct buf text = { .max = CHECKPOINT_BYTES_MAX };
        if (overlapping(p))
                list[n++] = p->next.signer;
        if (p->sm2)
                list[n++] = p->sm2;
        checkpoint_write(&text, &(struct checkpoint){ .origin = p->origin, .size = size, .root = *root });
        int rc = note_write(out, buf_view(&text), list, n, reterr);
        buf_free(&text);
        return rc;
}

/* ---- rolled back? ---- */

/* A checkpoint of ours is held elsewhere: 1 it follows, -1 (for good) it does not. */
static int known_elsewhere(struct proof *p, const char *where, int64_t size, const struct hash *root, int64_t leaves, struct err *reterr)
{
        struct hash ours;
        if (size > leaves)
                return refuse(p, reterr, "%.120s holds a checkpoint of %lld leaves, the database %lld: it is an older copy.  " WHAT_TO_DO, where, (long long)size, (long long)leaves);
        if (size == 0)
                return 1;
        if (treefiles_root(p->files, size, &ours, reterr) < 0)
                return -1;
        if (memcmp(ours.b, root->b, sizeof ours.b) != 0)
                return refuse(p, reterr, "%.120s holds another tree of %lld leaves than the database: it was put back to an older copy.  " WHAT_TO_DO, where, (long long)size);
        return 1;
}

/* 1 it agrees, 0 there is none, -1. */
static int look_at_last(struct proof *p, struct last *l, const char *where, int64_t leaves, struct err *reterr)
{
        struct vkey keys[KEYS_MAX] = { p->vkey, p->next.vkey };
        struct checkpoint c;
        struct err e = { 0 };
        int rc = l ? last_read(l, p->round, p->origin, keys, p->has_next ? 2 : 1, &c, &e) : 0;
        if (rc < 0 && published_size(p) > 0)
                return refuse(p, reterr, "%.250s.  If the database is the newest that ever was, remove that file", e.detail);
        return rc == 1 ? known_elsewhere(p, where, c.size, &c.root, leaves, reterr) : 0;
}

/* How many answered and agree; -1. */
static int look_at_witnesses(struct proof *p, const struct policy_witness *list, size_t n, int64_t leaves, struct err *reterr)
{
        struct witness_has *has = arena_array(p->round, struct witness_has, n + 1);
        int heard = 0;
        struct vkey keys[ASK_KEYS_MAX];
        size_t n_keys = told_keys(p, keys);
        ask_latest(list, n, p->origin, keys, n_keys, 2000, has);
        for (size_t i = 0; i < n; i++) {
                char where[128];
                snprintf(where, sizeof where, "witness %.100s", arena_cstr(p->round, list[i].name));
                heard += has[i].size >= 0;
                if (has[i].size > 0 && known_elsewhere(p, where, has[i].size, &has[i].root, leaves, reterr) < 0)
                        return -1;
        }
        return heard;
}

/* Before the first signature of a process, and after the lease came back to it.  A log that has a past and no memory of its own of it (log/signed is not in a backup) waits
 * until a witness has spoken: nobody else could tell that the copy is an older one. */
static int look_around(struct proof *p, int64_t leaves, struct err *reterr)
{
        size_t n = 0;
        const struct policy_witness *list = p->policy ? policy_witnesses(p->policy, &n) : NULL;
        if (p->looked)
                return 0;
        int last = look_at_last(p, p->last, "log/signed", leaves, reterr);
        int copy = last < 0 ? -1 : look_at_last(p, p->copy, "the copy of log/signed", leaves, reterr);
        int heard = copy < 0 ? -1 : look_at_witnesses(p, list, n, leaves, reterr);
        if (heard < 0)
                return -1;
        if (n && !heard && !last && !copy && published_size(p) > 0)
                return err_set(reterr, ERR_STORE, "the database may be a restored copy, and no witness answers that could tell whether it is the newest: nothing is signed until one does");
        p->looked = true;
        return 0;
}

/* ---- signing ---- */

static int keep_outside(struct proof *p, struct str note, struct err *reterr)
{
        if (last_write(p->last, note, reterr) < 0)
                return -1;
        return p->copy ? last_write(p->copy, note, reterr) : 0;
}

static void ask(struct proof *p, int64_t size, struct str note)
{
        if (p->ask && size > 0)
                ask_checkpoint(p->ask, size, note);
}

static int sign_size(struct proof *p, const struct log_state *s, int64_t size, struct err *reterr)
{
        struct log_state now = *s;
        struct buf note = { .max = CHECKPOINT_BYTES_MAX };
        int64_t us = clock_now_us();
        int rc = treefiles_root(p->files, size, &now.root, reterr) < 0 || write_note(p, size, &now.root, &note, reterr) < 0 ? -1 : 0;
        if (rc == 0)
                rc = keep_outside(p, buf_view(&note), reterr);
        if (rc == 0)
                rc = logstate_sign(p, s->size, size, &now.root, buf_view(&note), us, reterr);
        if (rc == 1) {
                now.size = size;
                now.note = buf_view(&note);
                p->sign_again = false;
                publish(p, &now, STR_NONE, us);
                ask(p, size, now.note);
        }
        buf_free(&note);
        return rc < 0 ? -1 : 0;
}

int sign_on(struct proof *p, const struct log_state *s, int64_t leaves, struct err *reterr)
{
        if (!p->can_sign || (leaves == s->size && s->note.n && !p->sign_again && p->looked))
                return 0;
        if (look_around(p, leaves, reterr) < 0)
                return -1;
        if (leaves == s->size && s->note.n && !p->sign_again) {
                ask(p, s->size, s->note);       /* signed before we began: a witness may be new, or was away */
                return 0;
        }
        return sign_size(p, s, leaves, reterr);
}
