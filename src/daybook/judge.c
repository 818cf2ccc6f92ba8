#include "daybook/daybook_impl.h"

int64_t judge_due(struct daybook *d, int64_t org, struct err *reterr)
{
        (void)d, (void)org, (void)reterr;
        return 0;
}

void judge_free(struct judge *j)
{
        (void)j;
}
