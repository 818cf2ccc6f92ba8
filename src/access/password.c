#include <sodium.h>

#include "access/access_impl.h"

/* argon2id (RFC 9106), one lane: 32 MiB and two passes cost some 40 ms of a farm PC and, by memory, all that a guesser's hardware is good at; OWASP's floor
 * is 19 MiB and two.  Two at once, so that strangers cannot take the machine's memory. */

static const char *dummy(void)
{
        /* Of a password nobody has, so that an unknown name costs what a known one does. */
        static char hash[crypto_pwhash_STRBYTES];
        static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
        char secret[32];
        pthread_mutex_lock(&lock);
        if (!hash[0]) {
                random_bytes(secret, sizeof secret);
                if (crypto_pwhash_str_alg(hash, secret, sizeof secret, PASSWORD_PASSES, PASSWORD_MEMORY, crypto_pwhash_ALG_ARGON2ID13) != 0)
                        hash[0] = '\0';
        }
        pthread_mutex_unlock(&lock);
        return hash;
}

static int begin(struct access *x, struct err *reterr)
{
        if (atomic_fetch_add(&x->hashing, 1) < PASSWORDS_AT_ONCE)
                return 0;
        atomic_fetch_sub(&x->hashing, 1);
        return err_set(reterr, ERR_BUSY, "too many people sign in at this moment; try again shortly");
}

int password_hash(struct access *x, struct arena *a, struct str password, const char **ret, struct err *reterr)
{
        char *hash = arena_alloc(a, crypto_pwhash_STRBYTES);
        if (password.n < 8 || password.n > PASSWORD_BYTES)
                return err_set(reterr, ERR_BAD_INPUT, "口令 8 至 %d 字节 / a password has 8 to %d bytes", PASSWORD_BYTES, PASSWORD_BYTES);
        if (begin(x, reterr) < 0)
                return -1;
        int rc = crypto_pwhash_str_alg(hash, password.p, password.n, PASSWORD_PASSES, PASSWORD_MEMORY, crypto_pwhash_ALG_ARGON2ID13);
        atomic_fetch_sub(&x->hashing, 1);
        *ret = hash;
        return rc == 0 ? 0 : err_set(reterr, ERR_BUSY, "there is no memory to hash a password just now");
}

int password_right(struct access *x, struct arena *a, const char *hash, struct str password, struct err *reterr)
{
        (void)a;
        if (begin(x, reterr) < 0)
                return -1;
        if (password.n > PASSWORD_BYTES)
                password = STR_NONE;
        int rc = crypto_pwhash_str_verify(hash ? hash : dummy(), password.p ? password.p : "", password.n);
        atomic_fetch_sub(&x->hashing, 1);
        return hash && rc == 0;
}
