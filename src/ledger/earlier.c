#include "base/limits.h"
#include "epcis/parties.h"
#include "ledger/ledger.h"
#include "store/parties.h"
#include "store/store_impl.h"

/* Copies of what was recorded before an organisation, or one of its identifiers, was registered.  The record is submitted again by its own
 * organisation: it is known, and the copy that it lacks is written, by the same rules as at capture.  So doing it twice, or at once with a
 * capture, does no harm, and a place to go on from is all the state there is.  What is held in memory is one chunk. */

enum { CHUNK = 256, CHUNK_BYTES = 4 << 20 };

struct earlier {
        struct ledger *ledger;
        struct store *store;
        struct arena *arena;
        struct reader *reader;
        int64_t org, job;
        struct event *events;
        size_t n;
};

/* Bodies are written by json_write: member names stand as they are. */
static bool may_name_somebody(struct str body)
{
        static const char *const members[] = { "\"sourceList\"", "\"destinationList\"", "owner\"", "recipient\"" };
        for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
                if (memmem(body.p, body.n, members[i], strlen(members[i])))
                        return true;
        return false;
}

static bool names(struct earlier *x, const struct event *e)
{
        struct str parties[LIMIT_PARTIES];
        size_t n = event_parties(x->arena, e, store_origins(x->store), parties, LIMIT_PARTIES);
        for (size_t i = 0; i < n; i++)
                if (store_party_org(x->store, parties[i]) == x->org)
                        return true;
        return false;
}

/* The events of (at->org, at->seq + 1 …) that name the organisation; `*at` moves on.  1, 0 when there are no more, -1. */
static int gather_chunk(struct earlier *x, struct share_place *at, struct err *reterr)
{
        struct str body, context;
        size_t bytes = 0;
        int rc = 1;
        x->events = arena_array(x->arena, struct event, CHUNK);
        x->n = 0;
        for (int i = 0; i < CHUNK && bytes < CHUNK_BYTES; i++, at->seq++) {
                rc = reader_body(x->reader, x->arena, at->org, at->seq + 1, &body, &context, reterr);
                if (rc != 1)
                        break;
                bytes += body.n;
                if (!may_name_somebody(body))
                        continue;
                struct event *e = &x->events[x->n];
                struct err why = { 0 };
                if (event_reread(x->arena, body, context, store_origins(x->store), e, &why) == 0 && names(x, e))
                        x->n++;         /* what cannot be read is for `check` to say */
        }
        return rc;
}

static int submit(struct earlier *x, const struct share_place *at, struct err *reterr)
{
        struct document d = { .events = x->events, .n_events = x->n, .refused = arena_array(x->arena, bool, x->n + 1) };
        struct share_step step = { x->org, x->job, *at };
        struct ledger_job job = { .org = at->org, .door = DOOR_SHARED, .actor = STR("share"), .doc = &d, .arena = x->arena, .only_known = true,
                                  .share = x->job ? &step : NULL };
        return x->n ? ledger_record(x->ledger, &job, reterr) : 0;
}

static int share_chunk(struct earlier *x, struct share_place *at, struct err *reterr)
{
        struct share_place next = *at;
        x->arena = arena_new();
        int more = reader_begin(x->store, &x->reader, reterr);
        if (more == 0) {
                more = gather_chunk(x, &next, reterr);
                reader_end(x->reader);
        }
        if (more >= 0 && submit(x, &next, reterr) < 0)
                more = -1;
        arena_free(x->arena);
        if (more >= 0)
                *at = next;
        return more;
}

int ledger_share_earlier(struct ledger *l, struct store *s, int64_t org, int64_t job, struct share_place *at, int64_t max_events, struct err *reterr)
{
        struct earlier x = { .ledger = l, .store = s, .org = org, .job = job };
        for (size_t i = 0; i < s->n_orgs; i++) {
                int64_t from = s->orgs[i].id;
                if (from == org || from < at->org)
                        continue;
                if (from > at->org)
                        *at = (struct share_place){ from, 0 };
                for (int more = 1; more;) {
                        int64_t before = at->seq;
                        if (max_events <= 0)
                                return 1;
                        more = share_chunk(&x, at, reterr);
                        if (more < 0)
                                return -1;
                        max_events -= at->seq - before + 1;     /* an organisation of no records is a look too */
                }
        }
        return 0;
}
