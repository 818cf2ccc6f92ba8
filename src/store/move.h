#ifndef SUYUAN_STORE_MOVE_H
#define SUYUAN_STORE_MOVE_H

#include <stdint.h>

#include "base/err.h"

typedef void store_progress(void *ctx, const char *stage, int64_t done, int64_t total);

/* Copies everything from a data directory with SQLite to a database server, and the blobs to another directory.  Nobody may write the
 * source meanwhile (its lock is held; ERR_BUSY); it is left as it was.  The server must be empty of ours.  All rows go in one transaction
 * that is committed only when each table, read back, has the same number of rows and the same SHA-256 over them: after a failure the server
 * is as empty as before, and the move is begun again. */
int store_move(const char *from_dir, const char *to_database, const char *to_dir, store_progress *progress, void *ctx, struct err *reterr);

#endif
