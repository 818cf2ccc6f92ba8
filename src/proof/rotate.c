#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "proof/proof_impl.h"

/* The change of the log's key.  `suyuan key rotate` only makes DIR/keys/log-next.key; who holds the log finds it, announces it as a leaf, signs with both
 * until the time that stands in the file, and then with the new one alone. */

/* A leaf that says so. */
static int announce(struct proof *p, const struct vkey *k, const char *what, struct err *reterr)
{
        struct buf detail = { .max = 4096 };
        vkey_write(&detail, k);
        buf_printf(&detail, " %s", what);
        struct ledger_statement s = { .org = ORG_DEFAULT, .type = LEAF_KEY, .subject = p->origin, .detail = buf_view(&detail), .once = true };
        int rc = ledger_state(p->ledger, &s, NULL, reterr);
        buf_free(&detail);
        return rc;
}

static int begin_overlap(struct proof *p, struct err *reterr)
{
        struct key k;
        int rc = key_load(p->arena, store_dir(p->store), KEY_NEXT, p->passphrase, &k, reterr);
        if (rc < 1)
                return rc;
        if (!str_eq(k.vkey.name, p->origin) || !k.signer)
                return err_set(reterr, ERR_BAD_INPUT, "keys/" KEY_NEXT " is %s", k.signer ? "another log's" : "encrypted, and no passphrase was given");
        if (announce(p, &k.vkey, "added", reterr) < 0)
                return -1;
        pthread_mutex_lock(&p->mutex);
        p->next = k;
        p->has_next = p->announced = p->sign_again = true;
        pthread_mutex_unlock(&p->mutex);
        log_line(LOG_INFO, "log.key.both", "next=%08x", (unsigned)k.vkey.id);
        return 0;
}

/* The state first: a process that ends in between finds the next key to be the log's, and finishes (keys_open). */
static int retire(struct proof *p, struct err *reterr)
{
        int rc = announce(p, &p->key.vkey, "revoked", reterr) < 0 ? -1 : logstate_key(p, &p->next.vkey, reterr);
        if (rc < 1)
                return rc;
        if (key_take_next(store_dir(p->store), reterr) < 0)
                return -1;
        pthread_mutex_lock(&p->mutex);
        p->key = p->next;
        p->vkey = p->key.vkey;
        p->has_next = p->announced = false;
        p->sign_again = true;
        pthread_mutex_unlock(&p->mutex);
        log_line(LOG_INFO, "log.key.changed", "key=%08x", (unsigned)p->key.vkey.id);
        return 0;
}

int heed_key(struct proof *p, const struct log_state *s, struct err *reterr)
{
        static const char changed[] = "the log's key was changed by another server: give this one the new keys/" KEY_FILE " and start it again";
        struct vkey now;
        if (p->vkey.name.n && vkey_is(&p->vkey, s->vkey))
                return 0;
        if (vkey_read(p->arena, arena_str(p->arena, s->vkey), &now, reterr) < 0)
                return -1;
        pthread_mutex_lock(&p->mutex);
        p->vkey = now;
        p->follows = p->can_sign ? changed : p->follows;
        pthread_mutex_unlock(&p->mutex);
        if (!p->can_sign)
                return 0;
        p->can_sign = false;
        logstate_release(p);
        log_line(LOG_WARN, "log.follows", "why=%s", log_quote(changed, sizeof changed - 1));
        return 0;
}

int rotate(struct proof *p, struct err *reterr)
{
        char path[PATH_MAX];
        struct stat st;
        if (p->has_next)
                return p->next.until_us <= clock_now_us() ? retire(p, reterr) : 0;
        snprintf(path, sizeof path, "%.3900s/keys/" KEY_NEXT, store_dir(p->store));
        return stat(path, &st) == 0 ? begin_overlap(p, reterr) : 0;
}
