#include "base/broker_hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/text.h"

/* The broker makes the hash on its only thread, at each connection: a thousand rounds are half a millisecond of it, and after its restart all devices come at
 * once.  Secrets that we make are random and need no slow hash; a short one of somebody's own gets this much. */
enum { ITERATIONS = 1000, MOST_ITERATIONS = 100000, SALT_BYTES = 12, HASH_BYTES = 64 };

static void derive(struct str secret, const uint8_t salt[SALT_BYTES], int iterations, uint8_t ret[HASH_BYTES])
{
        if (!PKCS5_PBKDF2_HMAC(secret.n ? secret.p : "", (int)secret.n, salt, SALT_BYTES, iterations, EVP_sha512(), HASH_BYTES, ret))
                abort();
}

struct str broker_hash(struct arena *a, struct str secret)
{
        uint8_t salt[SALT_BYTES], hash[HASH_BYTES];
        struct buf b;
        random_bytes(salt, sizeof salt);
        derive(secret, salt, ITERATIONS, hash);
        buf_init(&b, 256);
        buf_printf(&b, "$7$%d$", ITERATIONS);
        base64_encode(&b, salt, sizeof salt);
        buf_char(&b, '$');
        base64_encode(&b, hash, sizeof hash);
        struct str ret = arena_str(a, buf_view(&b));
        buf_free(&b);
        return ret;
}

bool broker_hash_is(struct str hash, struct str secret)
{
        uint8_t salt[SALT_BYTES], want[HASH_BYTES], have[HASH_BYTES];
        struct str none, kind, rounds, salt_text;
        int64_t iterations;
        if (!str_split(&hash, '$', &none) || none.n || !str_split(&hash, '$', &kind) || !str_is(kind, "7") || !str_split(&hash, '$', &rounds) ||
            !str_split(&hash, '$', &salt_text))
                return false;
        if (!number_read(rounds, &iterations) || iterations < 1 || iterations > MOST_ITERATIONS || !base64_read(salt_text, salt, sizeof salt) ||
            !base64_read(hash, want, sizeof want))
                return false;
        derive(secret, salt, (int)iterations, have);
        return CRYPTO_memcmp(want, have, sizeof want) == 0;
}
