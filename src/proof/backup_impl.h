#ifndef SUYUAN_PROOF_BACKUP_IMPL_H
#define SUYUAN_PROOF_BACKUP_IMPL_H

#include <stdio.h>

#include "base/digest.h"
#include "proof/backup.h"

enum { BACKUP_PATH = 4096 };
#define BACKUP_MARK "# suyuan backup v1"

/* dir ‖ "/" ‖ name; -1 when that is too long. */
int backup_join(char ret[BACKUP_PATH], const char *dir, const char *name, struct err *reterr);
int backup_failed(const char *what, const char *path, struct err *reterr);      /* with errno */
/* Copies at most `max` bytes (-1: all) and says what they hash to.  `to` NULL: only that. */
int backup_copy(const char *from, const char *to, int64_t max, struct hash *ret, int64_t *ret_bytes, struct err *reterr);
/* The folders above a file in `dir`, made where they are not. */
int backup_folders(const char *dir, const char *name, struct err *reterr);
/* Nothing is there, or an empty folder: 1, else 0. `except` (or NULL) does not count. */
int backup_is_empty(const char *dir, const char *except);
bool backup_is_within(const char *inner, const char *outer);     /* also where `inner` is not made yet */
/* Every file of a folder, private, to another one that is made. */
int backup_keys(const char *from, const char *to, struct err *reterr);
int backup_sync(const char *dir, struct err *reterr);   /* all that was written, and what is beside it */

#endif
