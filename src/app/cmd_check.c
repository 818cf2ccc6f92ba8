#include <inttypes.h>
#include <stdio.h>

#include "app/command.h"
#include "app/progress.h"
#include "ledger/ledger.h"
#include "sensing/sensing.h"
#include "series/series.h"

static void say(void *ctx, const char *what, const char *detail)
{
        (void)ctx;
        progress_end();
        printf("%s: %s\n", what, detail);
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        (void)operands;
        (void)n;
        struct store_options o = { .writer_cache_kib = 65536, .reader_cache_kib = 65536, .readers = 2, .database = s->database };
        struct store *store;
        if (store_open(s->data, false, &o, &store, reterr) < 0)
                return EXIT_REFUSED;
        int64_t faults = ledger_check(store, say, progress_ledger, NULL, reterr);
        int64_t of_series = faults < 0 ? -1 : series_check(store, say, progress_ledger, NULL, reterr);
        int64_t of_hours = of_series < 0 ? -1 : sensing_check(store, say, NULL, reterr);
        faults = of_hours < 0 ? -1 : faults + of_series + of_hours;
        progress_end();
        store_close(store);
        if (faults < 0)
                return EXIT_REFUSED;
        if (faults > 0) {
                printf("%" PRId64 " 处有误 / faults found\n", faults);
                return EXIT_REFUSED;
        }
        puts("全部一致 / everything is as it should be");
        return EXIT_OK;
}

const struct command command_check = {
        .name = "check",
        .operands = "",
        .about = "核对完整性 / verify integrity, digests, blobs, and every view against its rebuild",
        .help = "Reads only; a server may be running.  Exit 1 and one line a fault when something is wrong.",
        .run = run,
};
