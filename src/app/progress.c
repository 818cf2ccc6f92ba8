#include "app/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

void progress_show(const char *stage, int64_t done, int64_t total)
{
        static int64_t shown_us;        /* one terminal a process */
        int64_t now = clock_mono_us();
        if (!isatty(STDERR_FILENO) || (now - shown_us < 100000 && done != total))
                return;
        shown_us = now;
        if (total > 0)
                fprintf(stderr, "\r\033[K%s  %" PRId64 " / %" PRId64 "  %d %%", stage, done, total, (int)(100.0 * (double)done / (double)total));
        else
                fprintf(stderr, "\r\033[K%s  %" PRId64, stage, done);
        fflush(stderr);
}

void progress_end(void)
{
        if (isatty(STDERR_FILENO))
                fputs("\r\033[K", stderr);
}

void progress_ledger(void *ctx, const char *stage, int64_t done, int64_t total)
{
        (void)ctx;
        progress_show(stage, done, total);
}
