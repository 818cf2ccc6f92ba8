#ifndef SUYUAN_DAYBOOK_CHECK_H
#define SUYUAN_DAYBOOK_CHECK_H

#include "ledger/ledger.h"

/* The views of the farm's day, as they stand, against what the record up to the mark gives, made anew in a scratch file beside: things, acts of seasons, moves
 * of stock row by row, alarms by judging every season and lot.  What people decided is a fact and is taken as it stands; when an alarm was opened, and those
 * that a later fact closed, are history that no record tells.  What was passed over is told too.  Reads one snapshot: a server may go on meanwhile.  Calls `say` for each
 * fault; how many, -1 when it could not run. */
int64_t daybook_check(struct store *s, ledger_say *say, ledger_progress *progress, void *ctx, struct err *reterr);

#endif
