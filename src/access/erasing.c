#include "access/access_impl.h"
#include "base/log.h"
#include "store/wipe.h"

/* Erasing personal data (docs/design/digests.md): asked for by who administers the organisation, with a row in the trail of each organisation that it touches. */

struct erasing_job { struct access *x; const struct request *q; struct ledger_erasure *e; };

static int write_trail(struct db *db, const struct erasing_job *j, int64_t org, struct err *reterr)
{
        int64_t members = 0, records = 0;
        for (size_t i = 0; i < j->e->n; i++)
                if (j->e->records[i].org == org && j->e->records[i].outcome == ERASED) {
                        members += j->e->records[i].members;
                        records++;
                }
        if (!records && org != j->e->org)
                return 0;
        struct audit_row row = { .org = org, .actor = caller_of(j->q)->actor, .address = access_address(j->q), .act = STR("erase"), .target = j->e->event_id,
                                 .outcome = STR("ok"), .request = str_of(j->q->id),
                                 .detail = arena_printf(j->e->arena, "reason=%.*s records=%lld members=%lld", STR_ARG(j->e->reason), (long long)records, (long long)members) };
        return audit_write(db, &row, reterr);
}

static int erase(struct db *db, void *ctx, struct err *reterr)
{
        struct erasing_job *j = ctx;
        int64_t turn;
        if (db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0 || ledger_erase_in(j->x->ledger, j->e, reterr) < 0 || write_trail(db, j, j->e->org, reterr) < 0)
                return -1;
        for (size_t i = 0; i < j->e->n; i++) {
                bool told = j->e->records[i].org == j->e->org;
                for (size_t k = 0; k < i; k++)
                        told |= j->e->records[k].org == j->e->records[i].org;
                if (!told && write_trail(db, j, j->e->records[i].org, reterr) < 0)
                        return -1;
        }
        return 0;
}

static bool good_reason(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') || (i && s.p[i] == '-')))
                        return false;
        return s.n > 0 && s.n <= 40;
}

int access_erase(struct access *x, struct request *q, struct str org, struct ledger_erasure *e, bool *ret_wiped, struct err *reterr)
{
        struct erasing_job j = { x, q, e };
        struct err why = { 0 };
        e->org = access_org_of(x, q, org, reterr);
        e->arena = q->arena;
        if (!e->org)
                return -1;
        if (!e->event_id.n || !good_reason(e->reason))
                return err_set(reterr, ERR_BAD_INPUT, "send eventID and reason; the reason is a word of a-z, 0-9 and '-', as in request: it goes into the log, so no person stands in it");
        if (ledger_act(x->ledger, erase, &j, reterr) < 0)
                return -1;
        if (store_wipe(x->store, ret_wiped, &why) < 0) {
                log_err(LOG_WARN, "access.erase", &why);
                *ret_wiped = false;
        }
        return 0;
}
