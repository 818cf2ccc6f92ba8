#include "app/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

enum { WORDS_EVERY = 100000 };

/* The stage is told by its pointer: it is one text as long as the stage lasts. */
static void in_words(const char *stage, int64_t done, int64_t total)
{
        static const char *of;
        static int64_t next;
        if (stage != of || done < next - WORDS_EVERY)
                next = WORDS_EVERY;
        of = stage;
        if (done < next)
                return;
        next = (done / WORDS_EVERY + 1) * WORDS_EVERY;
        if (total > 0)
                fprintf(stderr, "%s: 已完成 %" PRId64 "，共 %" PRId64 " / %" PRId64 " of %" PRId64 " done\n", stage, done, total, done, total);
        else
                fprintf(stderr, "%s: 已完成 %" PRId64 " / %" PRId64 " done\n", stage, done, done);
}

void progress_show(const char *stage, int64_t done, int64_t total)
{
        static int64_t shown_us;        /* one terminal a process */
        int64_t now = clock_mono_us();
        if (!isatty(STDERR_FILENO)) {
                in_words(stage, done, total);
                return;
        }
        if (now - shown_us < 100000 && done != total)
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
