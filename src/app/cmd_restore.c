#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "app/command.h"
#include "app/progress.h"
#include "ledger/ledger.h"
#include "series/series.h"
#include "proof/backup.h"

static void say(void *ctx, const char *what, const char *detail)
{
        (void)ctx;
        progress_end();
        printf("%s: %s\n", what, detail);
}

static int check(const struct settings *s, struct err *reterr)
{
        struct store_options o = { .writer_cache_kib = 65536, .reader_cache_kib = 65536, .readers = 2 };
        struct store *store;
        if (store_open(s->data, false, &o, &store, reterr) < 0)
                return -1;
        int64_t faults = ledger_check(store, say, progress_ledger, NULL, reterr);
        int64_t of_series = faults < 0 ? -1 : series_check(store, say, progress_ledger, NULL, reterr);
        faults = of_series < 0 ? -1 : faults + of_series;
        progress_end();
        store_close(store);
        if (faults > 0)
                return err_set(reterr, ERR_STORE, "everything is as in the backup, and %" PRId64 " faults are in it", faults);
        return faults < 0 ? -1 : 0;
}

static void tell(const struct settings *s, const struct backup_report *r)
{
        printf("已恢复 / restored: %" PRId64 " files, %" PRId64 " bytes, as of %s\n", r->files, r->bytes, r->made);
        printf("日志到第 %" PRId64 " 条 / the log reaches %" PRId64 ".  若备份之后日志还公布过，见证方持有更长的日志：服务照常收记录，但拒绝再签名，直到放回更新的副本，或用 suyuan log begin 另开新日志。\n"
               "If the log went on after this backup, its witnesses hold more: the server takes records but signs nothing until the newer copy is put back or a new log is begun\n"
               "(`suyuan log begin`).  Never remove a witness to get around that.\n", r->log_size, r->log_size);
        if (!*s->keys)
                puts("钥匙未恢复：把 log.key 放进 DIR/keys 才能签名 / no keys were restored: the log is signed again once log.key is in DIR/keys");
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        struct restore_options o = { .source = operands[0], .data = s->data, .keys = s->keys, .progress = progress_ledger };
        struct backup_report r;
        (void)n;
        umask(027);
        int rc = backup_restore(&o, &r, reterr);
        progress_end();
        if (rc < 0)
                return reterr->kind == ERR_BAD_INPUT ? EXIT_USAGE : EXIT_REFUSED;
        tell(s, &r);
        if (!r.sqlite) {
                printf("数据库部分 / the database part: pg_restore --dbname=URL %s/suyuan.pgdump，然后 / then: suyuan check --data %s --database URL\n", r.dump ? s->data : operands[0], s->data);
                return EXIT_OK;
        }
        if (check(s, reterr) < 0)
                return EXIT_REFUSED;
        puts("全部一致 / everything is as it should be");
        return EXIT_OK;
}

const struct command command_restore = {
        .name = "restore", .operands = "SOURCE", .min_operands = 1, .max_operands = 1,
        .about = "从备份恢复 / put a backup back into a new data directory",
        .help = "Compares every file with the manifest while it copies; the directory gets its name only when all was right, and is then checked as `suyuan check` does.\n"
                "DIR must not exist or be empty: what is there is moved away by hand, and kept.\n\n"
                "  suyuan restore /backup/2026-11-28 --data /var/lib/suyuan --keys /media/safe/keys-2026-11-28",
        .run = run,
};
