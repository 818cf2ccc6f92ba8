#ifndef SUYUAN_APP_PROGRESS_H
#define SUYUAN_APP_PROGRESS_H

#include <stdint.h>

/* Says on standard error how far a long work is: on a terminal one line that changes, at most ten times a second; else (a log, a pipe) a line in words
 * each time another 100,000 are done. */
void progress_show(const char *stage, int64_t done, int64_t total);
void progress_end(void);        /* wipes the line */

/* The same as a ledger_progress. */
void progress_ledger(void *ctx, const char *stage, int64_t done, int64_t total);

#endif
