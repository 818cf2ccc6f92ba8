#ifndef SUYUAN_STORE_WIPE_H
#define SUYUAN_STORE_WIPE_H

#include "store/store.h"

/* After an erasure was committed: what the write-ahead log still holds of it is moved into the file, where it is overwritten, and the log is cut to nothing.  Waits a few
 * seconds for readers of an older state; `ret_all` false: they did not leave, and it is to be asked again.  A server's database keeps old rows until its VACUUM: nothing is done, true. */
int store_wipe(struct store *s, bool *ret_all, struct err *reterr);

/* Copies of the database in the data directory that were made before a change of the schema, and hold whatever was erased since: their paths, in the arena. */
size_t store_older_copies(struct store *s, struct arena *a, struct str **ret);

#endif
