/* A page of a query without HTTP: read from its URL, planned, run, the page's bodies in memory.
 *
 *   pages DIR QUERY [TIMES]        QUERY: as after "/epcis/events?"
 *
 * Each time with a snapshot of its own, as a request has.  Prints one line of JSON: events of the page and the median in µs. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "query/run.h"

enum { CACHE_KIB = 4096, PER_PAGE = 30 };

static size_t page(struct arena *a, struct store *s, struct str text)
{
        struct err e = { 0 };
        struct reader *r;
        struct query *q;
        struct query_result found;
        const struct query_run_options o = { .per_page = PER_PAGE };
        if (query_from_url(a, text, NULL, store_origins(s), NULL, &q, &e) < 0 || reader_begin(s, &r, &e) < 0 ||
            query_run(a, r, ORG_DEFAULT, q, NULL, &o, &found, &e) < 0)
                errx(1, "%s (%s)", e.detail, e.cause);
        reader_end(r);
        return found.n;
}

static int by_value(const void *a, const void *b)
{
        int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
        return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
        if (argc < 3)
                errx(2, "usage: pages DIR QUERY [TIMES]");
        struct err e = { 0 };
        struct store *s;
        const struct store_options o = { .writer_cache_kib = CACHE_KIB, .reader_cache_kib = CACHE_KIB, .readers = 1 };
        if (store_open(argv[1], false, &o, &s, &e) < 0)
                errx(1, "%s (%s)", e.detail, e.cause);
        int times = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 2000;
        int64_t *us = calloc((size_t)(times > 0 ? times : 1), sizeof *us);
        struct arena *a = arena_new();
        size_t n = 0;
        for (int i = 0; us && i < times; i++) {
                int64_t begun = clock_mono_us();
                n = page(a, s, str_of(argv[2]));
                us[i] = clock_mono_us() - begun;
                arena_reset(a);
        }
        if (us && times > 0) {
                qsort(us, (size_t)times, sizeof *us, by_value);
                printf("{\"events\":%zu,\"median_us\":%lld}\n", n, (long long)us[times / 2]);
        }
        arena_free(a);
        free(us);
        store_close(s);
        return 0;
}
