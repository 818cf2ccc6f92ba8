/* The log alone beside a bare loop of the same hashing, and proofs from a large one.
 *
 *   log_alone batches FOLDER BATCH LEAVES      appends, syncs and signs a checkpoint for each BATCH leaves
 *   log_alone proofs FOLDER LEAVES PROOFS      makes a log of so many leaves (kept in FOLDER), then proves leaves drawn at random
 *
 * The bare loop knows nothing but OpenSSL's SHA-256: a hash for each leaf, one for each node, the root for each batch, in memory.
 *
 * Prints one line of JSON. */
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "merkle/checkpoint.h"
#include "proof/last.h"
#include "proof/treefiles.h"

enum { CHUNK = 100000 };

static void die(const struct err *e)
{
        fprintf(stderr, "log_alone: %s (%s)\n", e->detail, e->cause);
        exit(1);
}

static uint8_t *made_leaves(int64_t first, int64_t n)
{
        uint8_t *p = malloc((size_t)n * LEAF_BYTES);
        if (!p)
                abort();
        for (int64_t i = 0; i < n; i++) {
                int64_t number = first + i;
                leaf_write(p + i * LEAF_BYTES, &(struct leaf){ .type = LEAF_EVENT, .ms = number, .commitment = sha256(&number, sizeof number) });
        }
        return p;
}

/* ---- bare ---- */

/* OpenSSL's own one-call SHA256 looks its provider up each time, which costs more than the hashing: that would be no reference. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static void bare_hash(const void *p, size_t n, uint8_t ret[32])
{
        SHA256_CTX c;
        SHA256_Init(&c);
        SHA256_Update(&c, p, n);
        SHA256_Final(ret, &c);
}
#pragma GCC diagnostic pop

static void bare_node(const uint8_t left[32], const uint8_t right[32], uint8_t ret[32])
{
        uint8_t both[65] = { 1 };
        memcpy(both + 1, left, 32);
        memcpy(both + 33, right, 32);
        bare_hash(both, sizeof both, ret);
}

struct bare { int64_t size; uint8_t f[63][32]; };

static void bare_add(struct bare *t, const uint8_t *leaf)
{
        uint8_t h[32], in[1 + LEAF_BYTES] = { 0 };
        memcpy(in + 1, leaf, LEAF_BYTES);
        bare_hash(in, sizeof in, h);
        int b = 0;
        for (; t->size >> b & 1; b++)
                bare_node(t->f[b], h, h);
        memcpy(t->f[b], h, 32);
        t->size++;
}

static void bare_root(const struct bare *t, uint8_t ret[32])
{
        bool some = false;
        for (int b = 0; b < 63; b++)
                if (t->size >> b & 1) {
                        if (some)
                                bare_node(t->f[b], ret, ret);
                        else
                                memcpy(ret, t->f[b], 32);
                        some = true;
                }
}

static double bare_loop(const uint8_t *leaves, int64_t n, int64_t batch, uint8_t root[32])
{
        struct bare t = { 0 };
        int64_t begun = clock_mono_us();
        for (int64_t i = 0; i < n; i++) {
                bare_add(&t, leaves + i * LEAF_BYTES);
                if (t.size % batch == 0)
                        bare_root(&t, root);
        }
        return (double)(clock_mono_us() - begun) / 1e6;
}

/* ---- the log ---- */

enum { PUBLISH_US = 200000 };

struct made { struct treefiles *t; struct last *last; struct arena *arena; struct signer *signer; const char *folder; int64_t next_us; };

static void open_log(struct made *m, const char *folder)
{
        static const uint8_t seed[32] = { 7 };
        struct err e = { 0 };
        char path[4096];
        snprintf(path, sizeof path, "%s/signed", folder);
        m->folder = folder;
        m->arena = arena_new();
        m->signer = signer_ed25519(m->arena, STR("bench.example/log"), KEY_ED25519, seed);
        if (treefiles_open(folder, true, &fileio_system, &m->t, &e) < 0 || treefiles_recover(m->t, 0, &e) < 0 || last_open(path, &fileio_system, &m->last, &e) < 0)
                die(&e);
}

static void close_log(struct made *m)
{
        treefiles_close(m->t);
        last_close(m->last);
        arena_free(m->arena);
}

/* As often as the server does: it makes no more than one checkpoint in PUBLISH_US, and this file is only for who reads the folder. */
static void publish(struct made *m, struct str note)
{
        struct err e = { 0 };
        int64_t now = clock_mono_us();
        if (now < m->next_us)
                return;
        m->next_us = now + PUBLISH_US;
        char made[4200], path[4200];    /* as proof/publish.c does it, unsynced */
        snprintf(made, sizeof made, "%.4000s/.checkpoint.new", m->folder);
        snprintf(path, sizeof path, "%.4000s/checkpoint", m->folder);
        int fd = open(made, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (fd < 0 || fileio_write(&fileio_system, fd, note.p, note.n, 0) < 0 || close(fd) < 0 || rename(made, path) < 0) {
                fileio_failed("publishing", path, &e);
                die(&e);
        }
}

static void sign(struct made *m, struct hash *root)
{
        struct err e = { 0 };
        struct buf text = { .max = 4096 }, note = { .max = 4096 };
        const struct signer *signers[] = { m->signer };
        if (treefiles_root(m->t, treefiles_size(m->t), root, &e) < 0)
                die(&e);
        checkpoint_write(&text, &(struct checkpoint){ .origin = STR("bench.example/log"), .size = treefiles_size(m->t), .root = *root });
        if (note_write(&note, buf_view(&text), signers, 1, &e) < 0 || last_write(m->last, buf_view(&note), &e) < 0)
                die(&e);
        publish(m, buf_view(&note));
        buf_free(&text);
        buf_free(&note);
}

static double log_loop(struct made *m, const uint8_t *leaves, int64_t n, int64_t batch, struct hash *root)
{
        struct err e = { 0 };
        int64_t begun = clock_mono_us();
        for (int64_t i = 0; i < n; i += batch) {
                if (treefiles_add(m->t, leaves + i * LEAF_BYTES, (size_t)batch, &e) < 0 || treefiles_sync(m->t, false, &e) < 0)
                        die(&e);
                sign(m, root);
        }
        m->next_us = 0;
        sign(m, root);          /* the end is published as well */
        return (double)(clock_mono_us() - begun) / 1e6;
}

static int batches(const char *folder, int64_t batch, int64_t n)
{
        uint8_t *leaves = made_leaves(0, n), bare[32];
        struct made m;
        struct hash root;
        open_log(&m, folder);
        double bare_s = bare_loop(leaves, n, batch, bare), log_s = log_loop(&m, leaves, n, batch, &root);
        if (memcmp(bare, root.b, sizeof bare) != 0)
                abort();
        struct buf vkey = { .max = 4096 };
        vkey_write(&vkey, &m.signer->vkey);
        printf("{\"leaves\": %" PRId64 ", \"batch\": %" PRId64 ", \"bare_seconds\": %.6f, \"log_seconds\": %.6f, \"vkey\": \"%s\"}\n", n, batch, bare_s, log_s, vkey.p);
        buf_free(&vkey);
        close_log(&m);
        free(leaves);
        return 0;
}

/* ---- proofs ---- */

static long read_calls(void)
{
        char text[512] = "";
        int fd = open("/proc/self/io", O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
        if (fd >= 0)
                close(fd);
        char *at = n > 0 ? strstr(text, "syscr: ") : NULL;
        return at ? strtol(at + 7, NULL, 10) : 0;
}

static int by_size(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;
        return x < y ? -1 : x > y;
}

static int proofs(const char *folder, int64_t size, int64_t n)
{
        struct err e = { 0 };
        struct treefiles *t;
        struct hash proof[PROOF_MAX];
        double *us = calloc((size_t)n, sizeof *us);
        long most = 0;
        if (!us || treefiles_open(folder, true, &fileio_system, &t, &e) < 0 || treefiles_recover(t, size, &e) < 0)
                die(&e);
        while (treefiles_size(t) < size) {
                int64_t k = size - treefiles_size(t) < CHUNK ? size - treefiles_size(t) : CHUNK;
                uint8_t *leaves = made_leaves(treefiles_size(t), k);
                if (treefiles_add(t, leaves, (size_t)k, &e) < 0)
                        die(&e);
                free(leaves);
        }
        if (treefiles_sync(t, true, &e) < 0)
                die(&e);
        for (int64_t i = 0; i < n; i++) {
                uint64_t index;
                random_bytes(&index, sizeof index);
                long reads = read_calls();
                int64_t begun = clock_mono_us();
                if (treefiles_inclusion(t, (int64_t)(index % (uint64_t)size), size, proof, &e) < 0)
                        die(&e);
                us[i] = (double)(clock_mono_us() - begun);
                reads = read_calls() - reads - 1;
                most = reads > most ? reads : most;
        }
        qsort(us, (size_t)n, sizeof *us, by_size);
        printf("{\"leaves\": %" PRId64 ", \"proofs\": %" PRId64 ", \"p50_us\": %.0f, \"p99_us\": %.0f, \"reads_max\": %ld}\n", size, n, us[n / 2], us[n * 99 / 100], most);
        treefiles_close(t);
        free(us);
        return 0;
}

int main(int argc, char **argv)
{
        if (argc == 5 && !strcmp(argv[1], "batches"))
                return batches(argv[2], strtoll(argv[3], NULL, 10), strtoll(argv[4], NULL, 10));
        if (argc == 5 && !strcmp(argv[1], "proofs"))
                return proofs(argv[2], strtoll(argv[3], NULL, 10), strtoll(argv[4], NULL, 10));
        fprintf(stderr, "usage: log_alone batches FOLDER BATCH LEAVES | proofs FOLDER LEAVES PROOFS\n");
        return 2;
}
