#ifndef SUYUAN_APP_KEY_DEVICE_H
#define SUYUAN_APP_KEY_DEVICE_H

#include "app/command.h"
#include "base/arena.h"

/* `suyuan key register | registered | withdraw N`: the keys with which devices sign.  Exit codes. */
int device_key_register(const struct settings *s, struct arena *a, struct err *reterr);
int device_key_list(const struct settings *s, struct arena *a, struct err *reterr);
int device_key_withdraw(const struct settings *s, struct arena *a, const char *n, struct err *reterr);

#endif
