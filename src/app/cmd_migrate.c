#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/checking.h"
#include "app/command.h"
#include "app/progress.h"
#include "store/move.h"

static int check_target(const struct settings *s, struct err *reterr)
{
        struct store_options o = { .writer_cache_kib = 65536, .reader_cache_kib = 65536, .readers = 2, .database = s->to };
        struct store *store;
        if (store_open(s->data, false, &o, &store, reterr) < 0)
                return -1;
        int64_t faults = check_everything(store, reterr);
        store_close(store);
        if (faults > 0)
                return err_set(reterr, ERR_STORE, "everything was copied as it was, and %" PRId64 " faults are in it: was the source whole?", faults);
        return faults < 0 ? -1 : 0;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        static const char sqlite[] = "sqlite:";
        (void)operands, (void)n;
        if (strncmp(s->from, sqlite, sizeof sqlite - 1) != 0 || !*s->to)
                return err_set(reterr, ERR_BAD_INPUT, "migrate moves from --from sqlite:DIR to --to postgres://…"), EXIT_USAGE;
        int rc = store_move(s->from + sizeof sqlite - 1, s->to, s->data, progress_ledger, NULL, reterr);
        progress_end();
        if (rc < 0 || check_target(s, reterr) < 0)
                return EXIT_REFUSED;
        printf("已搬移并核对无误 / moved, compared and checked; start with: suyuan serve --data %s --database …\n", s->data);
        return EXIT_OK;
}

const struct command command_migrate = {
        .name = "migrate",
        .operands = "",
        .about = "从 SQLite 搬到数据库服务器 / move from SQLite to a database server",
        .help = "Stop the server first.  Rows go in one transaction that is kept only when every table, read back, is the same; then everything\n"
                "is checked as `suyuan check` does.  The source stays as it was.  Blobs are linked or copied into --data.\n\n"
                "  suyuan migrate --from sqlite:/var/lib/suyuan --to postgres://suyuan@db.example.cn/suyuan --data /var/lib/suyuan-pg",
        .run = run,
};
