#ifndef SUYUAN_APP_INPUT_H
#define SUYUAN_APP_INPUT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* A document that a command is given: a file or a pipe, whole; in the arena.  ERR_BAD_INPUT when it cannot be read, ERR_TOO_LARGE beyond
 * LIMIT_BODY_BYTES. */
int input_bytes(struct arena *a, const char *name, struct str *ret, struct err *reterr);

#endif
