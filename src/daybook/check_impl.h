#ifndef SUYUAN_DAYBOOK_CHECK_IMPL_H
#define SUYUAN_DAYBOOK_CHECK_IMPL_H

#include "daybook/check.h"
#include "daybook/judge_impl.h"

/* Of an organisation: how far it was followed. */
struct check_org { int64_t id, seq, master; struct str code; bool under_way; /* some of its events may be read in two ways just now */ };
struct day_check {
        struct store *store;
        ledger_say *say;
        ledger_progress *progress;      /* may be NULL */
        void *ctx;
        struct reader *reader;
        struct db *stored, *scratch;
        struct arena *arena;            /* lives as long as the check */
        struct check_org *orgs;
        size_t n_orgs;
        int64_t faults;
};
void day_say(struct day_check *c, const char *what, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* What stands under `alarm` against what the rules find in the scratch file; its judge_due is used up. */
int check_alarms(struct day_check *c, struct err *reterr);

#endif
