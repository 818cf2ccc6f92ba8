/* Capture without HTTP: documents read, prepared and committed by the ledger, as a server's workers do it.
 *
 *   record DIR BODIES [THREADS]    BODIES: as load.c reads them
 *
 * Built twice, with the log and without it.  Prints one line of JSON: events, seconds, seconds of processor time. */
#include <err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "ledger/ledger.h"

enum { MOST = 1 << 16, WRITER_KIB = 32 << 10, READER_KIB = 4096 };

static struct { struct str of[MOST]; size_t n; } bodies;
static _Atomic size_t next_body;
static _Atomic int64_t captured;
static struct store *store;
static struct ledger *ledger;

static void read_bodies(const char *path)
{
        FILE *f = fopen(path, "r");
        size_t n;
        if (!f)
                err(1, "%s", path);
        while (bodies.n < MOST && fscanf(f, "%zu", &n) == 1 && fgetc(f) == '\n') {
                char *p = malloc(n + 1);
                if (!p || fread(p, 1, n, f) != n)
                        err(1, "%s", path);
                bodies.of[bodies.n++] = (struct str){ p, n };
        }
        fclose(f);
}

static void *work(void *ctx)
{
        struct arena *a = arena_new();
        struct document *d;
        struct err e = { 0 };
        for (size_t i; (i = atomic_fetch_add(&next_body, 1)) < bodies.n;) {
                if (document_read(a, bodies.of[i].p, bodies.of[i].n, store_origins(store), &d, &e) < 0)
                        errx(1, "%s", e.detail);
                struct ledger_job j = { .org = ORG_DEFAULT, .door = DOOR_CAPTURE, .actor = STR("bench"), .doc = d, .keep_job = true, .arena = a };
                if (ledger_record(ledger, &j, &e) < 0)
                        errx(1, "%s (%s)", e.detail, e.cause);
                atomic_fetch_add(&captured, (int64_t)j.captured);
                arena_reset(a);
        }
        arena_free(a);
        return ctx;
}

static double cpu_seconds(void)
{
        struct rusage u;
        getrusage(RUSAGE_SELF, &u);
        return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
        pthread_t threads[64];
        struct err e = { 0 };
        const struct store_options o = { .writer_cache_kib = WRITER_KIB, .reader_cache_kib = READER_KIB, .readers = 1 };
        int n = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 8;
        if (argc < 3 || n < 1 || n > 64)
                errx(2, "usage: record DIR BODIES [THREADS]");
        read_bodies(argv[2]);
        if (store_open(argv[1], true, &o, &store, &e) < 0 || ledger_open(store, &ledger, &e) < 0)
                errx(1, "%s (%s)", e.detail, e.cause);
        int64_t begun = clock_mono_us();
        double cpu = cpu_seconds();
        for (int i = 0; i < n; i++)
                if (pthread_create(&threads[i], NULL, work, NULL) != 0)
                        errx(1, "no thread");
        for (int i = 0; i < n; i++)
                pthread_join(threads[i], NULL);
        printf("{\"events\":%lld,\"seconds\":%.3f,\"cpu_seconds\":%.3f}\n", (long long)captured, (double)(clock_mono_us() - begun) / 1e6, cpu_seconds() - cpu);
        ledger_close(ledger);
        store_close(store);
        return 0;
}
