#include <stdio.h>

#include "app/command.h"
#include "app/progress.h"
#include "ledger/ledger.h"

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        (void)operands;
        (void)n;
        struct store_options o = { .writer_cache_kib = 262144, .reader_cache_kib = 16384, .readers = 2, .database = s->database, .migrate = s->migrate };
        struct store *store;
        if (store_open(s->data, true, &o, &store, reterr) < 0)
                return EXIT_REFUSED;
        int rc = ledger_rebuild(store, progress_ledger, NULL, reterr);
        progress_end();
        store_close(store);
        if (rc < 0)
                return EXIT_REFUSED;
        puts("已由事件重建全部视图 / every view was made again from the events");
        return EXIT_OK;
}

const struct command command_rebuild = {
        .name = "rebuild",
        .operands = "",
        .about = "由事件重建全部视图 / recreate every view from the events",
        .help = "Events are the truth; everything else is a view.  The result is identical to what was there, or `check` had something to say.\n"
                "The server must not be running.",
        .run = run,
};
