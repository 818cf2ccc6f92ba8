#include <stdio.h>

#include "base/limits.h"
#include "epcis/parties.h"
#include "ledger/ledger_impl.h"
#include "store/names.h"
#include "store/parties.h"
#include "store/sql_names.h"

/* A record that names another organisation is written into that one's own sequence too, in the same transaction
 * (docs/design/sight.md).  A copy is made on the caller's thread like any other entry, under the receiver's secret; whether it is kept is
 * decided after all jobs of the group, since it follows what became of the original. */

/* The organisations beside the event's own that it names; how many. */
static size_t named_orgs(struct store *s, struct arena *scratch, int64_t from, const struct event *e, int64_t ret[LIMIT_PARTIES])
{
        struct str parties[LIMIT_PARTIES];
        size_t n = 0, n_parties = event_parties(scratch, e, store_origins(s), parties, LIMIT_PARTIES);
        for (size_t i = 0; i < n_parties; i++) {
                int64_t org = store_party_org(s, parties[i]);
                bool seen = !org || org == from;
                for (size_t k = 0; k < n; k++)
                        seen |= ret[k] == org;
                if (!seen)
                        ret[n++] = org;
        }
        return n;
}

static void add_copy(struct prepared *p, struct arena *a, struct copy *c)
{
        if (p->n_copies == p->cap_copies) {
                struct copy *more = arena_array(a, struct copy, p->cap_copies = p->cap_copies ? p->cap_copies * 2 : 4);
                if (p->n_copies)
                        memcpy(more, p->copies, p->n_copies * sizeof(*more));
                p->copies = more;
        }
        p->copies[p->n_copies++] = *c;
}

void share_prepare(struct store *s, const struct views *v, const struct org *from, struct ledger_job *job, struct prepared *p,
                   struct arena *scratch)
{
        int64_t orgs[LIMIT_PARTIES];
        const struct prepared_event *of = &p->events[p->n - 1];
        const struct event *e = p->entries[p->n - 1].event;
        if (s->n_orgs < 2)
                return;
        size_t n = named_orgs(s, scratch, from->id, e, orgs);
        struct str actor = n ? arena_printf(job->arena, "org:%.*s", STR_ARG(from->code)) : STR_NONE;
        for (size_t i = 0; i < n; i++) {
                const struct org *to = store_org(s, orgs[i]);
                struct copy c = { .of = p->n - 1, .org = orgs[i], .event = { .index = of->index, .body = of->body } };
                if (!to)
                        continue;
                event_prepare(job->arena, scratch, v, to, e, actor, &c.entry);
                c.entry.door = DOOR_SHARED;
                add_copy(p, job->arena, &c);
        }
}

/* ---- in the group ---- */

static void decide_copy(struct group *g, size_t i)
{
        struct entry *e = g->batch.entries[i];
        struct shared *sh = &g->shared[i - g->n_own];
        const struct prepared_event *p = g->event_of[i], *op = g->event_of[sh->original];
        const struct entry *original = g->batch.entries[sh->original];
        const struct recorded *r = &g->job_of[i]->recorded[op->index];
        bool stands = !g->job_of[i]->undone && (original->kept || (r->outcome == OUTCOME_KNOWN && op->known_seq));
        /* What its receiver erased comes back only with a new original. */
        if (!stands || p->known_seq || (p->known_erased && !original->kept) || group_earlier_same(g, e))
                return;
        e->event_id = original->kept ? original->event_id : op->known_id;
        e->name_head = event_name_head(e->event_id);
        e->kept = true;
        e->seq = ++e->org->seq;
        e->record_us = e->org->record_us = g->now_us > e->org->record_us ? g->now_us : e->org->record_us;
        sh->from_seq = r->seq;
        group_remember(g, i);
}

void share_decide(struct group *g)
{
        for (size_t i = g->n_own; i < g->batch.n; i++)
                decide_copy(g, i);
}

/* The rows of share jobs, beside the copies that they brought. */
static int write_steps(struct group *g)
{
        for (size_t j = 0; j < g->n_jobs; j++) {
                const struct share_step *step = g->jobs[j]->share;
                int64_t copied = 0;
                for (size_t i = g->n_own; step && i < g->batch.n; i++) {
                        const struct entry *e = g->batch.entries[i];
                        copied += e->kept && g->job_of[i] == g->jobs[j] && e->org->org->id == step->org;
                }
                if (step && db_run(g->views->db, SQL_share_job_step, DB_ARGS(db_i(copied), db_i(step->at.org << 40 | step->at.seq), db_i(step->org), db_i(step->job)), g->err) < 0)
                        return -1;
        }
        return 0;
}

int share_write(struct group *g)
{
        struct rows *r = rows_begin(g->batch.arena, g->views->db, SQL_received_add, 4, g->err);
        for (size_t i = g->n_own; i < g->batch.n; i++) {
                const struct entry *e = g->batch.entries[i];
                if (e->kept && rows_add(r, DB_ARGS(db_i(e->org->org->id), db_i(e->seq), db_i(g->job_of[i]->org), db_i(g->shared[i - g->n_own].from_seq))) < 0)
                        return -1;
        }
        return rows_end(r) < 0 ? -1 : write_steps(g);
}
