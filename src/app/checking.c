#include "app/checking.h"

#include <stdio.h>

#include "app/progress.h"
#include "daybook/check.h"
#include "ledger/ledger.h"
#include "sensing/sensing.h"
#include "series/series.h"

static void say(void *ctx, const char *what, const char *detail)
{
        (void)ctx;
        progress_end();
        printf("%s: %s\n", what, detail);
}

int64_t check_everything(struct store *s, struct err *reterr)
{
        int64_t faults = ledger_check(s, say, progress_ledger, NULL, reterr);
        int64_t day = faults < 0 ? -1 : daybook_check(s, say, progress_ledger, NULL, reterr);
        int64_t readings = day < 0 ? -1 : series_check(s, say, progress_ledger, NULL, reterr);
        int64_t hours = readings < 0 ? -1 : sensing_check(s, say, NULL, reterr);
        progress_end();
        return hours < 0 ? -1 : faults + day + readings + hours;
}
