#ifndef SUYUAN_PROOF_BACKUP_H
#define SUYUAN_PROOF_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* A copy of a data directory that is whole by itself, made beside a running server, and the way back (docs/operate/backup.md).
 *
 *   DEST/manifest          last of all; '#' lines say when and what, then "SHA-256  path" of each file: `sha256sum -c manifest` checks it
 *   DEST/suyuan.db         one state of the database; with a database server: DEST/suyuan.pgdump, which pg_dump made before
 *   DEST/series.db         readings of devices, where there are any, as of a moment later: at least the hours that the records speak of (a server's dump has them too)
 *   DEST/log/…             the log's files, cut to the size that this state of the database has signed
 *   DEST/blobs/…           at least what that state names
 *
 * Keys are not in it: whoever holds a backup must not be able to sign. */

typedef void backup_progress(void *ctx, const char *stage, int64_t done, int64_t total);

struct backup_options {
        const char *data, *database;    /* database NULL or "": SQLite in data */
        const char *dest;               /* made; or empty; or with suyuan.pgdump alone */
        const char *keys;               /* where the keys go, apart; NULL or "": nowhere */
        const char *previous;           /* an earlier backup: blobs that it has are linked, not copied; NULL or "": none */
        backup_progress *progress;
        void *ctx;
};
struct backup_report {
        int64_t files, bytes, linked;
        int64_t damaged;                /* blobs whose bytes are not what their name says; they are in the backup as they are */
        int64_t log_size;               /* signed leaves in it */
        bool sqlite, dump;              /* the database is in it: as suyuan.db, as suyuan.pgdump */
        char made[32], damaged_first[120];
};
/* ERR_CONFLICT when there is something in dest already. */
int backup_make(const struct backup_options *o, struct backup_report *ret, struct err *reterr);

/* Everything is compared with the manifest while it is copied, beside its final place, and gets its name only when all was right.
 * ERR_CONFLICT when `data` holds anything, ERR_STORE when a file is missing or another than the manifest says. */
struct restore_options { const char *source, *data, *keys; backup_progress *progress; void *ctx; };
int backup_restore(const struct restore_options *o, struct backup_report *ret, struct err *reterr);

#endif
