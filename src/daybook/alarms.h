#ifndef SUYUAN_DAYBOOK_ALARMS_H
#define SUYUAN_DAYBOOK_ALARMS_H

#include "farm/rule.h"
#include "http/http.h"
#include "ledger/service.h"

/* What the rules found and who decided upon it.  An alarm is open until the rule no longer finds it, or somebody closes it by name and with a reason. */

struct alarm {
        struct str id;                  /* of the API: no more than its subject, rule and key, in one word */
        struct str subject, rule, key, pointer, words /* JSON by language */;
        struct str event_id;            /* of the record it speaks of; empty: of none alone */
        enum severity severity;
        int64_t seq, opened_us, closed_us;      /* closed_us 0: open */
        struct str owner;               /* of the newest decision that names one */
        struct str by, reason;          /* of the newest decision; empty: none */
        int64_t decided_us;
        bool closed_by_decision;
};

/* The newest first, those after `after` (an id with its time, as `ret_next` gave it; empty: from the first); count or -1.  `ret_next` is empty on the last page. */
ssize_t alarms_page(struct store *s, struct arena *a, int64_t org, bool open, struct str after, size_t max, struct alarm **ret, struct str *ret_next, struct err *reterr);

/* A decision with its row in the audit trail; `owner` may be empty.  ERR_NOT_FOUND, ERR_BAD_INPUT: it closes without a reason. */
struct alarm_decision { struct str owner, reason; bool closes; };
int alarm_decide(const struct service *v, struct request *q, int64_t org, struct str id, const struct alarm_decision *x, struct err *reterr);

/* Findings of a subject that a decision closed: what no longer stands in the way.  Count or -1. */
ssize_t alarms_settled(struct store *s, struct arena *a, int64_t org, struct str subject, struct settled **ret, struct err *reterr);

#endif
