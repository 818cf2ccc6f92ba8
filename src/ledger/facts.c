#include "ledger/facts.h"

#include <stdio.h>

#include "base/limits.h"
#include "epcis/erase.h"
#include "epcis/read.h"
#include "epcis/signature.h"
#include "store/names.h"
#include "store/sql_names.h"

enum { FACT_SEQ, FACT_RECORD, FACT_DOOR, FACT_ACTOR, FACT_CONTEXT, FACT_ID, FACT_BODY, FACT_DIGEST, FACT_FORM, FACT_HASH };       /* the columns of event_facts */
enum { CONTEXTS = 64 };

struct walk {
        struct facts *f;
        struct org_state *org;
        struct arena *terms, *batch, *scratch;  /* lives of: the walk, a batch, an event */
        struct { int64_t id; struct str text; } known[CONTEXTS];
        int64_t last, done, total;
};

/* A term's text, remembered: nearly all events share a few. */
static int term(struct walk *w, int64_t id, struct str *ret, struct err *reterr)
{
        size_t at = (uint64_t)id % CONTEXTS;
        *ret = STR_NONE;
        if (id && w->known[at].id != id) {
                const struct db_row *row;
                int rc = db_one(w->f->from, SQL_term_text, DB_ARGS(db_i(w->org->org->id), db_i(id)), &row, reterr);
                if (rc < 0)
                        return -1;
                w->known[at].id = id;
                w->known[at].text = rc ? arena_str(w->terms, db_text(row, 0)) : STR_NONE;
                db_done(w->f->from, SQL_term_text);
        }
        if (id)
                *ret = w->known[at].text;
        return 0;
}

static int fault(struct walk *w, int64_t seq, const char *what, struct err *reterr)
{
        return w->f->fault(w->f->ctx, seq, what, reterr);
}

static int check_row(struct walk *w, const struct db_row *row, struct err *reterr)
{
        int64_t seq = db_int(row, FACT_SEQ);
        if (seq != w->last + 1 && fault(w, w->last + 1, "is missing", reterr) < 0)
                return -1;
        w->last = seq;
        return db_is_null(row, FACT_BODY) ? fault(w, seq, "has no body", reterr) : 0;
}

/* The record is known by the digest it was given, even where its body would give another one now. */
static bool take_digest(struct str stored, int64_t *ret_head)
{
        struct hash h;
        if (stored.n != sizeof(h.b))
                return false;
        memcpy(h.b, stored.p, sizeof(h.b));
        *ret_head = hash_head(&h);
        return true;
}

/* Of an erased record the digest is that of its form, the event hash cannot be computed any more, and there is no salt. */
static int take_erased(struct walk *w, const struct db_row *row, struct entry *x, struct err *reterr)
{
        struct str form = db_text(row, FACT_FORM), hash = db_text(row, FACT_HASH);
        if (db_is_null(row, FACT_FORM))
                return 0;
        x->erased = true;
        x->digest = sha256(form.p, form.n);
        if (hash.n == sizeof(x->event_hash.b))
                memcpy(x->event_hash.b, hash.p, hash.n);
        return w->f->doubting && !erased_agrees(w->scratch, x->event, form) ? fault(w, db_int(row, FACT_SEQ), "was erased, but what is left is not its public part", reterr) : 0;
}

/* Whoever changed a signed record and made everything else fit cannot make this fit. */
static int check_signature(struct walk *w, const struct db_row *row, const struct entry *x, struct err *reterr)
{
        struct str stored = db_text(row, FACT_DIGEST);
        struct hash digest;
        if (!w->f->doubting || !x->event->signature || stored.n != sizeof(digest.b))
                return 0;
        memcpy(digest.b, stored.p, stored.n);
        return signature_holds(x->event->signature, &digest) ? 0 : fault(w, db_int(row, FACT_SEQ), "bears a device's signature that does not hold", reterr);
}

/* 1 with an entry, 0 when the event is at fault and was told, -1 to stop. */
static int entry_of(struct walk *w, const struct db_row *row, struct entry **ret, struct err *reterr)
{
        struct str actor, context;
        struct err why = { 0 };
        struct event *e = arena_alloc(w->batch, sizeof(*e));
        struct entry *x = arena_alloc(w->batch, sizeof(*x));
        int64_t seq = db_int(row, FACT_SEQ);
        if (check_row(w, row, reterr) < 0 || term(w, db_int(row, FACT_ACTOR), &actor, reterr) < 0 ||
            term(w, db_int(row, FACT_CONTEXT), &context, reterr) < 0)
                return -1;
        if (db_int(row, FACT_ACTOR) && !actor.n && fault(w, seq, "lacks the name of who sent it", reterr) < 0)
                return -1;
        if (db_int(row, FACT_CONTEXT) && !context.n)    /* without it the body's names mean something else */
                return fault(w, seq, "lacks the @context it came with", reterr);
        if (db_is_null(row, FACT_BODY))
                return 0;
        if (event_reread(w->batch, arena_str(w->batch, db_text(row, FACT_BODY)), context, &w->f->store->origins, e, &why) < 0)
                return fault(w, seq, "has a body that cannot be read", reterr);
        event_prepare(w->batch, w->scratch, w->f->views, w->org->org, e, actor, x);
        arena_reset(w->scratch);
        if (!x->given_here && !str_eq(x->event_id, db_text(row, FACT_ID)) && fault(w, seq, "has another eventID than its body", reterr) < 0)
                return -1;
        if (!take_digest(db_text(row, FACT_DIGEST), &x->digest_head) && fault(w, seq, "has no digest", reterr) < 0)
                return -1;
        if (take_erased(w, row, x, reterr) < 0 || check_signature(w, row, x, reterr) < 0)
                return -1;
        x->event_id = arena_str(w->batch, db_text(row, FACT_ID));
        x->name_head = event_name_head(x->event_id);
        x->org = w->org;
        x->kept = true;
        x->seq = seq;
        x->record_us = db_int(row, FACT_RECORD);
        x->door = (uint8_t)db_int(row, FACT_DOOR);
        *ret = x;
        return 1;
}

/* Reads the next events; how many, 0 at the end. */
static int read_batch(struct walk *w, struct batch *b, struct err *reterr)
{
        struct db *db = w->f->from;
        const struct db_row *row;
        int64_t rows = 0;
        int rc = db_query(db, SQL_event_facts, DB_ARGS(db_i(w->org->org->id), db_i(w->last), db_i(LIMIT_WRITE_BATCH)), reterr);
        while (rc >= 0 && (rc = db_next(db, SQL_event_facts, &row, reterr)) == 1) {
                int got = entry_of(w, row, &b->entries[b->n], reterr);
                if (got < 0)
                        rc = -1;
                else
                        b->n += (size_t)got;
                rows++;
        }
        db_done(db, SQL_event_facts);
        return rc < 0 ? -1 : (int)rows;
}

static int write_batch(struct walk *w, struct batch *b, struct err *reterr)
{
        struct views *v = w->f->views;
        if (w->f->facets_only)
                return batch_intern_terms(v, b, reterr) < 0 ? -1 : batch_facets(v, b, reterr);
        if (batch_find_namesakes(v, b, reterr) < 0)
                return -1;
        batch_flags(b);
        if (batch_intern_terms(v, b, reterr) < 0 || batch_intern_items(v, b, reterr) < 0 || batch_views(v, b, reterr) < 0)
                return -1;
        return w->f->events(w->f->ctx, b, reterr);
}

static int walk_org(struct walk *w, struct err *reterr)
{
        int rows = 1;
        w->last = 0;
        while (rows > 0) {
                arena_reset(w->batch);
                struct batch b = { .arena = w->batch, .entries = arena_array(w->batch, struct entry *, LIMIT_WRITE_BATCH) };
                rows = read_batch(w, &b, reterr);
                if (rows < 0 || write_batch(w, &b, reterr) < 0)
                        return err_while(reterr, "events of organisation %lld after %lld", (long long)w->org->org->id, (long long)w->last);
                w->done += rows;
                if (w->f->progress)
                        w->f->progress(w->f->progress_ctx, w->f->stage, w->done, w->total);
        }
        return 0;
}

int facts_run(struct facts *f, struct err *reterr)
{
        struct walk w = { .f = f, .terms = arena_new(), .batch = arena_new(), .scratch = arena_new() };
        const struct db_row *row;
        int rc = db_one(f->from, SQL_event_count, DB_NO_ARGS, &row, reterr);
        if (rc == 1)
                w.total = db_int(row, 0);
        db_done(f->from, SQL_event_count);
        for (size_t i = 0; i < f->views->n_states && rc >= 0; i++) {
                w.org = &f->views->states[i];
                memset(w.known, 0, sizeof(w.known));
                rc = walk_org(&w, reterr);
        }
        arena_free(w.terms);
        arena_free(w.batch);
        arena_free(w.scratch);
        return rc < 0 ? -1 : 0;
}
