#ifndef SUYUAN_APP_DEMO_FARM_H
#define SUYUAN_APP_DEMO_FARM_H

#include "base/buf.h"
#include "ledger/ledger.h"

/* The farm's day of the demonstration (demo/source/farm.py): seasons that are open, what was done in the last weeks, what lies in the stores.  It is asked
 * of the API like anybody's, within this process.  Its days are counted from the moment when it was first loaded, which its first season keeps. */
struct demo_farm_totals { int64_t captured, known, readings; };
int demo_farm_load(struct store *store, struct ledger *ledger, struct str asks, struct demo_farm_totals *ret, struct err *reterr);

/* Fills in the marks of the text: "@-12@" the day so many days from the moment ("2026-11-16"), "@~90@" the time so many minutes before it (RFC 3339; up to
 * 600 stay on its day); both in the district's time.  An @ that begins no mark stays. */
void demo_farm_dates(struct buf *out, struct str text, int64_t moment_us);

#endif
