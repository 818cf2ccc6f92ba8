#ifndef SUYUAN_APP_ASK_H
#define SUYUAN_APP_ASK_H

#include "app/command.h"
#include "base/arena.h"

/* Asks the API as the owner of the data directory: the server that runs on it, over its Unix socket, or without one the same routes in
 * this process.  0 with a 2xx answer's body; -1 with the problem's words. */
int ask_api(const struct settings *s, struct arena *a, const char *method, const char *path, struct str body, struct str *ret, struct err *reterr);

/* The same with a body of another media type than JSON.  `ret` is the answer's body also where it is a refusal, whose words are in `reterr`; it is
 * left alone where nobody answered. */
int ask_api_with(const struct settings *s, struct arena *a, const char *method, const char *path, const char *type, struct str body, struct str *ret, struct err *reterr);

/* The same routes in this process alone, asked many times: of a store and ledger that the caller has open.  ask_on gives the answer's status. */
struct asking;
struct ledger;
struct store;
int ask_begin(struct store *store, struct ledger *ledger, struct asking **ret, struct err *reterr);
int ask_on(struct asking *x, struct arena *a, const char *method, const char *path, struct str body, struct str *ret);
void ask_end(struct asking *x);
struct series;
struct series *ask_series(const struct asking *x);

struct buf;
/* A member of a body that was begun with '{'; nothing where there is no value. */
void ask_member(struct buf *b, const char *name, const char *value);

#endif
