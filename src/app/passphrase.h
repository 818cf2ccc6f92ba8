#ifndef SUYUAN_APP_PASSPHRASE_H
#define SUYUAN_APP_PASSPHRASE_H

#include "app/command.h"

/* What opens the log's key, where it is encrypted: the first line of --key-passphrase-file, else SUYUAN_KEY_PASSPHRASE, else "". */
enum { PASSPHRASE_BYTES = 1024 };
int passphrase_read(const struct settings *s, char *ret, size_t size, struct err *reterr);

#endif
