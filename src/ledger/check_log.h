#ifndef SUYUAN_LEDGER_CHECK_LOG_H
#define SUYUAN_LEDGER_CHECK_LOG_H

#include "ledger/ledger.h"
#include "ledger/views.h"

/* The log as `check` sees it: every record hash and commitment made again, the leaves in their order, the root that is signed. */
struct log_check;
struct log_check *log_check_new(struct db *db, struct store *s, ledger_say *say, void *ctx);
/* The events up to the batch's last; the entries say who signed. */
int log_check_events(struct log_check *c, const struct batch *b, struct err *reterr);
/* All that is left, after the last batch. */
int log_check_rest(struct log_check *c, struct err *reterr);
/* How many faults it said. */
int64_t log_check_free(struct log_check *c);

#endif
