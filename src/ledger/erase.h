#ifndef SUYUAN_LEDGER_ERASE_H
#define SUYUAN_LEDGER_ERASE_H

#include "ledger/ledger.h"
#include "ledger/views.h"

/* The inside of ledger_erase_in: within a transaction, on the writer's thread. */
int views_erase(struct views *v, const struct store *s, struct ledger_erasure *x, struct err *reterr);

#endif
