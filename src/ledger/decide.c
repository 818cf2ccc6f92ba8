#include <stdio.h>

#include "epcis/signature.h"
#include "ledger/ledger_impl.h"
#include "store/names.h"
#include "store/sql_names.h"

/* What becomes of each event: known already, in conflict, or new with the next number.  Events are decided one after
 * the other in the order of the jobs, each against the database and against those before it in the group. */

/* ---- what the database knows ---- */

/* What an organisation records itself and what it was given by another are two statements: nobody's copy can take the place of a record, or
 * declare it wrong. */
static bool same_source(const struct entry *e, struct str from)
{
        return str_eq(entry_source(e), from);
}

static int known_found(void *ctx, size_t input, const struct db_row *row, struct err *reterr)
{
        struct group *g = ctx;
        struct prepared_event *p = g->event_of[input];
        struct str digest = db_text(row, 1);
        (void)reterr;
        if (!same_source(g->batch.entries[input], db_text(row, 3)))
                return 0;
        /* What stands unsigned cannot take the place of what was signed. */
        if (g->batch.entries[input]->event->signature && !(db_int(row, 4) & EVENT_SIGNED))
                return 0;
        if (digest.n != 32 || memcmp(digest.p, g->batch.entries[input]->digest.b, 32) != 0)
                return 0;
        if (db_int(row, 5) == 0) {      /* no salt: erased.  An answer "known" would let anybody who records try what it held. */
                p->known_erased = true;
        } else if (!p->known_seq) {
                p->known_seq = db_int(row, 0);
                p->known_id = arena_str(g->batch.arena, db_text(row, 2));
        }
        return 0;
}

static int find_known(struct group *g)
{
        struct batch *b = &g->batch;
        struct db_value *args = arena_raw(b->arena, (3 * b->n + 1) * sizeof(*args));
        for (size_t i = 0; i < b->n; i++) {
                const struct entry *e = b->entries[i];
                args[3 * i] = db_i(e->org->org->id);
                args[3 * i + 1] = db_i(e->event->time.us);
                args[3 * i + 2] = db_i(e->digest_head);
        }
        return db_many(g->views->db, SQL_event_known, args, 3, b->n, known_found, g, g->err);
}

/* ---- what the group itself holds ---- */

/* `b` is what came after `a`. */
static bool same_record(const struct entry *a, const struct entry *b)
{
        return (a->event->signature || !b->event->signature) && a->org == b->org && str_eq(entry_source(a), entry_source(b)) && a->event->time.us == b->event->time.us && memcmp(a->digest.b, b->digest.b, 32) == 0;
}

/* An earlier event of the group that is kept and the same record; its index + 1. */
uint32_t group_earlier_same(const struct group *g, const struct entry *e)
{
        uint32_t at = g->once[(size_t)e->digest_head & g->mask];
        for (; at; at = g->event_of[at - 1]->next_once)
                if (g->batch.entries[at - 1]->kept && same_record(g->batch.entries[at - 1], e))
                        return at;
        return 0;
}

static bool clashes(const struct group *g, const struct entry *e)
{
        if (e->given_here)
                return false;
        for (size_t k = 0; k < e->n_namesakes; k++)
                if (namesakes_clash(e->flags, &e->event_hash, e->namesakes[k].flags, &e->namesakes[k].event_hash))
                        return true;
        for (uint32_t at = g->name[(size_t)e->name_head & g->mask]; at; at = g->event_of[at - 1]->next_name) {
                const struct entry *x = g->batch.entries[at - 1];
                if (x->kept && x->org == e->org && str_eq(entry_source(x), entry_source(e)) && str_eq(x->event_id, e->event_id) &&
                    namesakes_clash(e->flags, &e->event_hash, x->flags, &x->event_hash))
                        return true;
        }
        return false;
}

void group_remember(struct group *g, size_t i)
{
        const struct entry *e = g->batch.entries[i];
        uint32_t *once = &g->once[(size_t)e->digest_head & g->mask], *name = &g->name[(size_t)e->name_head & g->mask];
        g->event_of[i]->next_once = *once;
        *once = (uint32_t)i + 1;
        if (!e->given_here) {
                g->event_of[i]->next_name = *name;
                *name = (uint32_t)i + 1;
        }
}

/* ---- deciding ---- */

static void say(struct recorded *r, enum outcome outcome, int64_t seq, struct str event_id)
{
        r->outcome = outcome;
        r->seq = seq;
        snprintf(r->event_id, sizeof(r->event_id), "%.*s", STR_ARG(event_id));
}

static void give_name(struct group *g, struct entry *e)
{
        char urn[46];
        uuid_urn(urn);
        e->event_id = arena_str(g->batch.arena, str_of(urn));
        e->name_head = event_name_head(e->event_id);
}

static void keep(struct group *g, size_t i, struct recorded *r)
{
        struct entry *e = g->batch.entries[i];
        r->same_event_id = clashes(g, e);
        if (e->given_here)
                give_name(g, e);
        e->kept = true;
        e->seq = ++e->org->seq;
        e->record_us = e->org->record_us = g->now_us > e->org->record_us ? g->now_us : e->org->record_us;
        e->door = (uint8_t)g->job_of[i]->door;
        group_remember(g, i);
        say(r, OUTCOME_CAPTURED, e->seq, e->event_id);
}

static void decide(struct group *g, size_t i)
{
        struct entry *e = g->batch.entries[i];
        struct prepared_event *p = g->event_of[i];
        struct recorded *r = &g->job_of[i]->recorded[p->index];
        uint32_t same;
        if (p->known_seq) {
                say(r, OUTCOME_KNOWN, p->known_seq, p->known_id);
        } else if ((same = group_earlier_same(g, e))) {
                const struct entry *x = g->batch.entries[same - 1];
                say(r, OUTCOME_KNOWN, x->seq, x->event_id);
        } else if (g->job_of[i]->only_known) {
                say(r, OUTCOME_REFUSED, 0, e->event_id);
        } else if (!signed_may(g, i, r)) {
                say(r, OUTCOME_REFUSED, 0, e->event_id);
        } else if (g->job_of[i]->refuse_known_event_id && clashes(g, e)) {
                say(r, OUTCOME_CONFLICT, 0, e->event_id);
        } else {
                keep(g, i, r);
        }
}

/* One conflict or refused event undoes an all-or-nothing job: what it would have kept gives its numbers back. */
static void undo(struct group *g, size_t from, size_t to, int64_t seq_before)
{
        for (size_t i = from; i < to; i++) {
                struct recorded *r = &g->job_of[i]->recorded[g->event_of[i]->index];
                g->batch.entries[i]->kept = false;
                g->batch.entries[i]->org->seq = seq_before;
                bool of_this_job = r->outcome == OUTCOME_CAPTURED || (r->outcome == OUTCOME_KNOWN && r->seq > seq_before);
                if (of_this_job)
                        *r = (struct recorded){ .outcome = OUTCOME_REFUSED };
        }
}

static void count(struct ledger_job *job)
{
        for (size_t i = 0; i < job->doc->n_events; i++)
                switch (job->recorded[i].outcome) {
                case OUTCOME_CAPTURED:
                        job->captured++;
                        break;
                case OUTCOME_KNOWN:
                        job->known++;
                        break;
                case OUTCOME_CONFLICT:
                case OUTCOME_REFUSED:
                        job->refused++;
                        break;
                }
}

/* The events [from, to) of the batch are one job's. */
static void decide_job(struct group *g, struct ledger_job *job, size_t from, size_t to)
{
        struct org_state *st = views_state(g->views, job->org);
        int64_t seq_before = st->seq;
        bool whole = to - from == job->doc->n_events;
        for (size_t i = from; i < to; i++) {
                decide(g, i);
                enum outcome outcome = job->recorded[g->event_of[i]->index].outcome;
                whole &= outcome == OUTCOME_CAPTURED || outcome == OUTCOME_KNOWN;
        }
        job->undone = job->all_or_nothing && !whole;
        if (job->undone)
                undo(g, from, to, seq_before);
        count(job);
}

int group_decide(struct group *g)
{
        if (find_known(g) < 0 || signed_find_keys(g) < 0 || batch_find_namesakes(g->views, &g->batch, g->err) < 0)
                return err_while(g->err, "looking for known records");
        size_t at = 0;
        for (size_t j = 0; j < g->n_jobs; j++) {
                size_t n = ((struct prepared *)g->jobs[j]->prepared)->n;
                decide_job(g, g->jobs[j], at, at + n);
                at += n;
        }
        share_decide(g);
        batch_flags(&g->batch);
        return 0;
}

void group_undecided(struct group *g)
{
        for (size_t i = 0; i < g->batch.n; i++) {
                struct entry *e = g->batch.entries[i];
                struct prepared_event *p = g->event_of[i];
                g->job_of[i]->recorded[p->index] = (struct recorded){ .outcome = OUTCOME_REFUSED };
                e->kept = false;
                e->seq = 0;
                e->n_namesakes = 0;
                e->flags &= ~(int64_t)EVENT_DECLARED_WRONG;
                *p = (struct prepared_event){ .index = p->index, .body = p->body };
        }
        for (size_t j = 0; j < g->n_jobs; j++) {
                struct ledger_job *job = g->jobs[j];
                job->captured = job->known = job->refused = 0;
                job->undone = false;
        }
        g->has_master = false;
}
