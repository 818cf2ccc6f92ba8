#include <assert.h>
#include <sodium.h>

#include "base/text.h"
#include "merkle/note_impl.h"

_Static_assert(ED25519_KEY == crypto_sign_PUBLICKEYBYTES && ED25519_SEED == crypto_sign_SEEDBYTES && ED25519_SIGNATURE == crypto_sign_BYTES, "Ed25519");

struct ed25519 { uint8_t secret[crypto_sign_SECRETKEYBYTES]; };

bool ed25519_ok(struct str key, struct str text, struct str signature)
{
        return key.n == ED25519_KEY && signature.n == ED25519_SIGNATURE &&
               crypto_sign_verify_detached((const unsigned char *)signature.p, (const unsigned char *)text.p, text.n, (const unsigned char *)key.p) == 0;
}

static int sign_ed25519(const struct signer *s, struct str text, struct buf *out, struct err *reterr)
{
        const struct ed25519 *k = s->secret;
        uint8_t signature[ED25519_SIGNATURE];

        (void)reterr;
        crypto_sign_detached(signature, NULL, (const unsigned char *)text.p, text.n, k->secret);
        buf_add(out, signature, sizeof signature);
        return 0;
}

static void wipe(void *secret)
{
        sodium_memzero(secret, sizeof(struct ed25519));
}

struct signer *signer_ed25519(struct arena *a, struct str name, enum key_type type, const uint8_t seed[32])
{
        struct signer *s = arena_alloc(a, sizeof *s);
        struct ed25519 *k = arena_alloc(a, sizeof *k);
        uint8_t public[ED25519_KEY];

        assert(type == KEY_ED25519 || type == KEY_COSIGN);
        arena_at_exit(a, wipe, k);
        crypto_sign_seed_keypair(public, k->secret, seed);
        s->vkey = vkey_of(a, name, type, public, sizeof public);
        s->sign = sign_ed25519;
        s->secret = k;
        return s;
}

static const struct str private_mark = { "PRIVATE+KEY+", 12 };

/* What was decoded is wiped: the seed leaves no second copy. */
static int read_seed(struct arena *a, const struct key_text *t, struct signer **ret, struct err *reterr)
{
        uint8_t type = (uint8_t)t->bytes.p[0];

        if ((type != KEY_ED25519 && type != KEY_COSIGN) || t->bytes.n != 1 + ED25519_SEED)
                return err_set(reterr, ERR_BAD_INPUT, "the private key is not Ed25519's");

        struct signer *s = signer_ed25519(a, t->name, (enum key_type)type, (const uint8_t *)t->bytes.p + 1);
        if (s->vkey.id != t->id)
                return err_set(reterr, ERR_BAD_INPUT, "the private key of '%.*s' has another id than it says: a letter of it was changed", STR_ARG(s->vkey.name));
        *ret = s;
        return 0;
}

int signer_read(struct arena *a, struct str text, struct signer **ret, struct err *reterr)
{
        struct key_text t;

        if (!str_starts(text, private_mark) || !key_text_read(a, str_from(text, private_mark.n), &t))
                return err_set(reterr, ERR_BAD_INPUT, "a private key is written as PRIVATE+KEY+name+8 hex digits+base64");

        int rc = read_seed(a, &t, ret, reterr);
        sodium_memzero((void *)(uintptr_t)t.bytes.p, t.bytes.n);
        return rc;
}

void signer_write(struct buf *out, struct str name, enum key_type type, const uint8_t seed[32])
{
        struct arena *a = arena_new();
        const struct signer *s = signer_ed25519(a, name, type, seed);
        struct buf b = { .max = 1 + ED25519_SEED };

        buf_char(&b, (char)type);
        buf_add(&b, seed, ED25519_SEED);
        buf_str(out, private_mark);
        key_text_write(out, name, s->vkey.id, &b);
        sodium_memzero(b.p, b.n);
        buf_free(&b);
        arena_free(a);
}
