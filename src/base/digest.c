#include "base/digest.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/oom.h"

/* OpenSSL's EVP looks its way through a provider for each hash, which for what the log hashes by the million (43 and 65 bytes) costs a
 * quarter to a half more than the hashing itself, and wants a context a thread.  The older functions behind it are the same code without that way; OpenSSL
 * has them marked as deprecated, so the mark is silenced for these three lines and nowhere else.  `./dev bench log` shows the figure. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static void begin(SHA256_CTX *c)
{
        SHA256_Init(c);
}

static void add(SHA256_CTX *c, const void *p, size_t n)
{
        if (n)
                SHA256_Update(c, p, n);
}

static struct hash end(SHA256_CTX *c)
{
        struct hash h;

        SHA256_Final(h.b, c);
        return h;
}
#pragma GCC diagnostic pop

struct hash sha256(const void *p, size_t n)
{
        SHA256_CTX c;

        begin(&c);
        add(&c, p, n);
        return end(&c);
}

struct hash sha256_2(const void *a, size_t an, const void *b, size_t bn)
{
        SHA256_CTX c;

        begin(&c);
        add(&c, a, an);
        add(&c, b, bn);
        return end(&c);
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
        SHA256_CTX c;
};

struct sha256_run *sha256_new(void)
{
        struct sha256_run *r = or_abort(malloc(sizeof *r));

        begin(&r->c);
        return r;
}

void sha256_add(struct sha256_run *r, const void *p, size_t n)
{
        add(&r->c, p, n);
}

struct hash sha256_final(struct sha256_run *r)
{
        struct hash h = end(&r->c);

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
