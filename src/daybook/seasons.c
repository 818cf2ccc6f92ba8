#include "daybook/daybook_impl.h"

static int prepare(struct step *s, void **ret, struct err *reterr)
{
        (void)s, (void)reterr;
        *ret = NULL;
        return 0;
}

static int write(struct step *s, void *prepared, struct db *db, struct err *reterr)
{
        (void)s, (void)prepared, (void)db, (void)reterr;
        return 0;
}

const struct follower follow_acts = { prepare, write };
