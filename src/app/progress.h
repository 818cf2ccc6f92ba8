#ifndef SUYUAN_APP_PROGRESS_H
#define SUYUAN_APP_PROGRESS_H

#include <stdint.h>

/* A line on standard error that says how far a long work is: only on a terminal, at most ten times a second. */
void progress_show(const char *stage, int64_t done, int64_t total);
void progress_end(void);        /* wipes the line */

/* The same as a ledger_progress. */
void progress_ledger(void *ctx, const char *stage, int64_t done, int64_t total);

#endif
