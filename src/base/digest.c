#include "base/digest.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/oom.h"

/* Fetching an algorithm walks OpenSSL's providers under a lock: once a process, not once a hash. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_MD *algorithm;
static pthread_key_t context_key;

static void free_context(void *c)
{
        EVP_MD_CTX_free(c);
}

/* The key's destructor does not run for the main thread, which leaves through exit(). */
static void fini(void)
{
        EVP_MD_CTX_free(pthread_getspecific(context_key));
        pthread_setspecific(context_key, NULL);
}

static void init(void)
{
        algorithm = or_abort(EVP_MD_fetch(NULL, "SHA256", NULL));
        if (pthread_key_create(&context_key, free_context) != 0 || atexit(fini) != 0)
                or_abort(NULL);
}

static EVP_MD_CTX *begin(EVP_MD_CTX *c)
{
        if (EVP_DigestInit_ex2(c, algorithm, NULL) != 1)
                or_abort(NULL);
        return c;
}

static void add(EVP_MD_CTX *c, const void *p, size_t n)
{
        if (n && EVP_DigestUpdate(c, p, n) != 1)
                or_abort(NULL);
}

static struct hash end(EVP_MD_CTX *c)
{
        struct hash h;

        if (EVP_DigestFinal_ex(c, h.b, NULL) != 1)
                or_abort(NULL);
        return h;
}

static EVP_MD_CTX *thread_context(void)
{
        pthread_once(&once, init);

        EVP_MD_CTX *c = pthread_getspecific(context_key);
        if (!c) {
                c = or_abort(EVP_MD_CTX_new());
                pthread_setspecific(context_key, c);
        }
        return c;
}

struct hash sha256(const void *p, size_t n)
{
        EVP_MD_CTX *c = begin(thread_context());

        add(c, p, n);
        return end(c);
}

struct hash sha256_2(const void *a, size_t an, const void *b, size_t bn)
{
        EVP_MD_CTX *c = begin(thread_context());

        add(c, a, an);
        add(c, b, bn);
        return end(c);
}

struct hash hmac_sha256(const void *key, size_t keyn, const void *p, size_t n)
{
        enum { BLOCK = 64 };
        unsigned char inner[BLOCK] = { 0 }, outer[BLOCK];

        if (keyn > BLOCK) {
                struct hash h = sha256(key, keyn);
                memcpy(inner, h.b, sizeof h.b);
        } else if (keyn) {
                memcpy(inner, key, keyn);
        }
        for (int i = 0; i < BLOCK; i++) {
                outer[i] = inner[i] ^ 0x5c;
                inner[i] ^= 0x36;
        }
        struct hash h = sha256_2(inner, BLOCK, p, n);
        h = sha256_2(outer, BLOCK, h.b, sizeof h.b);
        OPENSSL_cleanse(inner, sizeof inner);
        OPENSSL_cleanse(outer, sizeof outer);
        return h;
}

struct sha256_run {
        EVP_MD_CTX *c;
};

struct sha256_run *sha256_new(void)
{
        struct sha256_run *r = or_abort(malloc(sizeof *r));

        pthread_once(&once, init);
        r->c = begin(or_abort(EVP_MD_CTX_new()));
        return r;
}

void sha256_add(struct sha256_run *r, const void *p, size_t n)
{
        add(r->c, p, n);
}

struct hash sha256_final(struct sha256_run *r)
{
        struct hash h = end(r->c);

        EVP_MD_CTX_free(r->c);
        free(r);
        return h;
}

void random_bytes(void *p, size_t n)
{
        unsigned char *at = p;

        while (n) {
                ssize_t got = getrandom(at, n, 0);
                if (got < 0) {
                        if (errno == EINTR)
                                continue;
                        perror("getrandom");
                        abort();
                }
                at += got;
                n -= (size_t)got;
        }
}

/* Milliseconds and 12 bits of their fraction, never the same twice in a process even when the clock
 * stands still or goes back (RFC 9562 §6.2, method 3). */
static uint64_t next_tick(void)
{
        static _Atomic uint64_t last;
        uint64_t us = (uint64_t)clock_now_us();
        uint64_t tick = us / 1000 << 12 | us % 1000 * 4096 / 1000;
        uint64_t before = atomic_load(&last);

        do {
                if (tick <= before)
                        tick = before + 1;
        } while (!atomic_compare_exchange_weak(&last, &before, tick));
        return tick;
}

void uuid_urn(char ret[46])
{
        static const char hex[] = "0123456789abcdef";
        unsigned char b[16];
        uint64_t tick = next_tick();
        char *p = ret;

        random_bytes(b + 8, 8);
        for (int i = 0; i < 6; i++)
                b[i] = (unsigned char)(tick >> (52 - 8 * i));
        b[6] = (unsigned char)(0x70 | (tick >> 8 & 0x0f));
        b[7] = (unsigned char)tick;
        b[8] = (unsigned char)(0x80 | (b[8] & 0x3f));

        memcpy(p, "urn:uuid:", 9);
        p += 9;
        for (int i = 0; i < 16; i++) {
                if (i == 4 || i == 6 || i == 8 || i == 10)
                        *p++ = '-';
                *p++ = hex[b[i] >> 4];
                *p++ = hex[b[i] & 15];
        }
        *p = '\0';
}

int64_t hash_prefix(struct str s)
{
        struct hash h = sha256(s.p, s.n);
        uint64_t v = 0;

        for (int i = 0; i < 8; i++)
                v = v << 8 | h.b[i];
        return (int64_t)v;
}
