#ifndef SUYUAN_LEDGER_COMPARE_H
#define SUYUAN_LEDGER_COMPARE_H

#include "ledger/ledger.h"
#include "store/db.h"

/* A view as a listing in order of its key: two databases are compared row by row as both stream. */
struct listing {
        const char *name;
        int sql;
        int keys;               /* leading integer columns that say which row it is */
        int names;              /* so many text columns after them are told too */
        const char *columns[13];
};
extern const struct listing listings[];
extern const size_t n_listings;

/* Calls `say` for rows that are missing, too many or different in `stored`, a few in full and the rest as a number;
 * how many, -1 on failure. */
int64_t listing_compare(const struct listing *l, struct db *stored, struct db *rebuilt, ledger_say *say, void *ctx, struct err *reterr);

#endif
