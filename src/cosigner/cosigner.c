#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/oom.h"
#include "cosigner/cosigner_impl.h"
#include "merkle/policy.h"

/* Opening: the directory's lock, the key, the logs that it knows and what it cosigned of them. */

static int take_lock(struct cosigner *c, struct err *reterr)
{
        char path[COSIGNER_PATH];
        snprintf(path, sizeof path, "%.4000s/witness.lock", c->dir);
        c->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
        if (c->lock_fd < 0)
                return err_set(reterr, ERR_STORE, "%.250s: %s", path, strerror(errno));
        if (flock(c->lock_fd, LOCK_EX | LOCK_NB) < 0)
                return err_set(reterr, ERR_BUSY, "another witness runs on %.250s: two of them could cosign two forks", c->dir);
        return 0;
}

static struct origin_state *origin_new(struct cosigner *c, struct str origin)
{
        struct origin_state *o = &c->origins[c->n_origins++];
        struct buf hex = { .max = 64 };
        struct hash h = sha256(origin.p, origin.n);
        *o = (struct origin_state){ .origin = arena_str(c->arena, origin), .keys = arena_array(c->arena, struct vkey, LIMIT_WITNESS_LOG_KEYS) };
        buf_hex(&hex, h.b, sizeof h.b);
        snprintf(o->hex, sizeof o->hex, "%s", hex.p);
        buf_free(&hex);
        pthread_mutex_init(&o->mutex, NULL);
        return o;
}

static int add_key(struct cosigner *c, const struct vkey *k, struct err *reterr)
{
        if (k->type != KEY_ED25519)
                return err_set(reterr, ERR_BAD_INPUT, "the key of %.*s is no Ed25519 key of a log", STR_ARG(k->name));
        struct origin_state *o = state_find(c, k->name);
        if (!o && c->n_origins == LIMIT_WITNESS_LOGS)
                return err_set(reterr, ERR_BAD_INPUT, "a witness knows at most %d logs", LIMIT_WITNESS_LOGS);
        if (!o)
                o = origin_new(c, k->name);
        for (size_t i = 0; i < o->n_keys; i++)
                if (o->keys[i].id == k->id && str_eq(o->keys[i].key, k->key))
                        return 0;
        if (o->n_keys == LIMIT_WITNESS_LOG_KEYS)
                return err_set(reterr, ERR_BAD_INPUT, "a log has at most %d keys", LIMIT_WITNESS_LOG_KEYS);
        o->keys[o->n_keys++] = *k;
        return 0;
}

static int add_logs(struct cosigner *c, const struct cosigner_options *o, struct err *reterr)
{
        for (size_t i = 0; i < o->n_logs; i++) {
                struct vkey k;
                if (vkey_read(c->arena, str_of(o->logs[i]), &k, reterr) < 0)
                        return err_while(reterr, "reading --log");
                if (add_key(c, &k, reterr) < 0)
                        return -1;
        }
        return 0;
}

static int add_policy(struct cosigner *c, const char *path, struct err *reterr)
{
        struct str text;
        struct policy *p;
        size_t n;
        if (!path || !*path)
                return 0;
        if (file_read(c->arena, path, POLICY_BYTES_MAX, &text, reterr) < 0 || policy_read(c->arena, text, &p, reterr) < 0)
                return err_while(reterr, "reading %s", path);
        const struct policy_log *logs = policy_logs(p, &n);
        for (size_t i = 0; i < n; i++)
                if (add_key(c, &logs[i].vkey, reterr) < 0)
                        return -1;
        return 0;
}

static int open_all(struct cosigner *c, const struct cosigner_options *o, struct err *reterr)
{
        if (cosigner_key(c->arena, o->dir, o->name, &c->signer, reterr) < 0 || take_lock(c, reterr) < 0 ||
            add_logs(c, o, reterr) < 0 || add_policy(c, o->policy, reterr) < 0)
                return -1;
        for (size_t i = 0; i < c->n_origins; i++)
                if (state_load(c, &c->origins[i], reterr) < 0)
                        return -1;
        return 0;
}

int cosigner_open(const struct cosigner_options *o, struct cosigner **ret, struct err *reterr)
{
        struct cosigner *c = or_abort(calloc(1, sizeof *c));
        c->arena = arena_new();
        c->lock_fd = -1;
        c->pace = pace_new();
        c->origins = arena_array(c->arena, struct origin_state, LIMIT_WITNESS_LOGS);
        snprintf(c->dir, sizeof c->dir, "%.4000s", o->dir);
        if (open_all(c, o, reterr) < 0) {
                cosigner_close(c);
                return -1;
        }
        *ret = c;
        return 0;
}

void cosigner_close(struct cosigner *c)
{
        if (!c)
                return;
        for (size_t i = 0; i < c->n_origins; i++) {
                pthread_mutex_destroy(&c->origins[i].mutex);
                free(c->origins[i].note);
        }
        if (c->lock_fd >= 0)
                close(c->lock_fd);
        pace_free(c->pace);
        arena_free(c->arena);
        free(c);
}
