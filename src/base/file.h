#ifndef SUYUAN_BASE_FILE_H
#define SUYUAN_BASE_FILE_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Small whole files: keys, checkpoints, states. */

/* ERR_NOT_FOUND when there is none, ERR_TOO_LARGE beyond `max` bytes, ERR_STORE. */
int file_read(struct arena *a, const char *path, size_t max, struct str *ret, struct err *reterr);

/* The same of a secret: ERR_FORBIDDEN where others than its owner may read or write it, told from the file that is read. */
int file_read_private(struct arena *a, const char *path, size_t max, struct str *ret, struct err *reterr);

/* The file has these bytes or its old ones, whatever happens, and these durably once this returns 0: new name, fsync, rename, fsync of the folder.
 * One caller a path at a time. */
int file_replace(const char *path, mode_t mode, struct str bytes, struct err *reterr);

/* Durable, and never over another file: ERR_CONFLICT when the name is taken.  For keys. */
int file_create(const char *path, mode_t mode, struct str bytes, struct err *reterr);

/* After a rename or a removal in it. */
int folder_sync(const char *path, struct err *reterr);

/* For who says himself what failed: -1 with errno. */
int write_all(int fd, const void *p, size_t n);
int sync_folder(const char *path);

#endif
