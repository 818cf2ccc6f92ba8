/* Bodies for the load: documents of the demonstration's volume, framed as load.c reads them.
 *
 *   documents [-s] [-e] FIRST PER_DOCUMENT COUNT
 *
 * Events FIRST, FIRST + 1, … of seed 1, what a district of FIRST events would see next.  -s: the shuffled worst case, items from all that is known
 * before FIRST.  -e: bare events, PER_DOCUMENT is 1. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/demo_volume.h"

#define SEED 1

int main(int argc, char **argv)
{
        bool shuffled = false, bare = false;
        int option;
        while ((option = getopt(argc, argv, "se")) != -1) {
                shuffled |= option == 's';
                bare |= option == 'e';
        }
        if (argc - optind != 3)
                errx(2, "usage: documents [-s] [-e] FIRST PER_DOCUMENT COUNT");
        uint64_t first = strtoull(argv[optind], NULL, 10), count = strtoull(argv[optind + 2], NULL, 10);
        unsigned n = (unsigned)strtoul(argv[optind + 1], NULL, 10);
        struct buf b;
        buf_init(&b, 64 << 20);
        for (uint64_t i = 0; i < count; i++) {
                buf_clear(&b);
                if (bare)
                        volume_event(&b, SEED, first + i);
                else if (shuffled)
                        volume_document_shuffled(&b, SEED, first + i * n, n, first);
                else
                        volume_document(&b, SEED, first + i * n, n);
                if (b.overflow || printf("%zu\n", b.n) < 0 || fwrite(b.p, 1, b.n, stdout) != b.n)
                        err(1, "writing");
        }
        buf_free(&b);
        return fflush(stdout) == 0 ? 0 : 1;
}
