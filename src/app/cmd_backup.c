#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "app/command.h"
#include "app/progress.h"
#include "proof/backup.h"

/* What the database's own tool has to do.  The address is not repeated: it may bear a password. */
static void tell_server(const struct backup_report *r, const char *dest)
{
        if (r->dump)
                puts("数据库部分 / the database part: suyuan.pgdump");
        else
                printf("数据库部分须由 pg_dump 完成，且应在本命令之前 / the database part is pg_dump's, and is best made before this command, so that no blob is missing:\n"
                       "  pg_dump --format=custom --file=%s/suyuan.pgdump --dbname=URL\n", dest);
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        struct backup_options o = { .data = s->data, .database = s->database, .dest = operands[0], .keys = s->keys, .previous = s->previous, .progress = progress_ledger };
        struct backup_report r;
        (void)n;
        umask(027);     /* the organisations' secrets are in it, also where DEST was made before by somebody else */
        int rc = backup_make(&o, &r, reterr);
        progress_end();
        if (rc < 0)
                return reterr->kind == ERR_BAD_INPUT ? EXIT_USAGE : EXIT_REFUSED;
        printf("已备份 / backed up: %" PRId64 " files, %" PRId64 " bytes (%" PRId64 " linked), log of %" PRId64 ", %s\n", r.files, r.bytes, r.linked, r.log_size, r.made);
        if (!r.sqlite)
                tell_server(&r, operands[0]);
        if (!*s->keys)
                puts("钥匙不在其中；用 --keys 另存一处 / the keys are not in it: keep them apart with --keys");
        if (r.damaged)
                return err_set(reterr, ERR_STORE, "the backup is made, but %" PRId64 " files of the source are damaged, the first is %s; `suyuan check` names them", r.damaged, r.damaged_first), EXIT_REFUSED;
        return EXIT_OK;
}

const struct command command_backup = {
        .name = "backup", .operands = "DEST", .min_operands = 1, .max_operands = 1,
        .about = "在线备份 / make a backup beside a running server",
        .help = "DEST is a new folder: one state of the database, the log's files to the size signed in it, photos and reports, settings, and a manifest with the\n"
                "SHA-256 of each (`sha256sum -c manifest`).  Never writes over anything.  Keys are left out: whoever holds a backup must not be able to sign.\n"
                "With a database server first: pg_dump --format=custom --file=DEST/suyuan.pgdump, then this with --database.\n\n"
                "  suyuan backup /backup/2026-11-28 --data /var/lib/suyuan --previous /backup/2026-11-27 --keys /media/safe/keys-2026-11-28",
        .run = run,
};
