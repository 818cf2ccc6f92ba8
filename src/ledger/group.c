#include "base/json.h"
#include "ledger/leaf.h"
#include "ledger/ledger_impl.h"
#include "store/refs.h"
#include "store/sql_names.h"

/* The rows of one transaction. */

static int write_bodies(struct group *g)
{
        struct rows *r = rows_begin(g->batch.arena, g->views->db, SQL_event_body_add, 3, g->err);
        for (size_t i = 0; i < g->batch.n; i++) {
                const struct entry *e = g->batch.entries[i];
                if (e->kept && rows_add(r, DB_ARGS(db_i(e->org->org->id), db_i(e->seq), db_t(g->event_of[i]->body))) < 0)
                        return -1;
        }
        return rows_end(r);
}

/* ---- findings ---- */

struct str pointer_in_event(struct str pointer)
{
        static const struct str list = { "/eventList/", 11 };
        for (size_t i = 0; i + list.n < pointer.n; i++)
                if (str_starts(str_from(pointer, i), list)) {
                        size_t at = i + list.n;
                        while (at < pointer.n && pointer.p[at] >= '0' && pointer.p[at] <= '9')
                                at++;
                        return str_from(pointer, at);
                }
        return pointer;
}

static int write_job_findings(struct ledger_job *job, struct rows *r)
{
        static const struct str told = { "another record bears this eventID too", 37 };
        const struct faults *f = &job->doc->faults;
        size_t k = 0;
        for (size_t i = 0; i < job->doc->n_events; i++) {
                int64_t n = 0;
                const struct recorded *rec = &job->recorded[i];
                for (; k < f->n && f->list[k].event <= (int32_t)i; k++) {
                        const struct fault *x = &f->list[k];
                        if (x->event == (int32_t)i && x->severity == FAULT_FINDING && rec->outcome == OUTCOME_CAPTURED &&
                            rows_add(r, DB_ARGS(db_i(job->org), db_i(rec->seq), db_i(++n), db_t(str_of(x->code)),
                                                db_t(pointer_in_event(x->pointer)), db_t(x->message))) < 0)
                                return -1;
                }
                if (rec->outcome == OUTCOME_CAPTURED && rec->same_event_id &&
                    rows_add(r, DB_ARGS(db_i(job->org), db_i(rec->seq), db_i(++n), db_t(STR("same-event-id")), db_t(STR("/eventID")), db_t(told))) < 0)
                        return -1;
        }
        return 0;
}

static int write_findings(struct group *g)
{
        struct rows *r = rows_begin(g->batch.arena, g->views->db, SQL_finding_add, 6, g->err);
        for (size_t j = 0; j < g->n_jobs; j++)
                if (write_job_findings(g->jobs[j], r) < 0)
                        return -1;
        return rows_end(r);
}

/* ---- master data: a statement is added when it says something new ---- */

static int newest_says(struct group *g, int64_t org, struct str canonical, struct str type, struct str body)
{
        const struct db_row *row;
        int rc = db_one(g->views->db, SQL_master_newest, DB_ARGS(db_i(org), db_t(canonical)), &row, g->err);
        if (rc == 1)
                rc = str_eq(db_text(row, 0), type) && str_eq(db_text(row, 1), body);
        db_done(g->views->db, SQL_master_newest);
        return rc;
}

static int write_master(struct group *g, const struct ledger_job *job)
{
        struct org_state *st = views_state(g->views, job->org);
        struct buf text = { .max = SIZE_MAX / 8 };
        int rc = 0;
        for (size_t i = 0; i < job->doc->n_master && rc >= 0; i++) {
                const struct master_element *m = &job->doc->master[i];
                buf_clear(&text);
                json_write(&text, m->json);
                rc = newest_says(g, job->org, m->canonical, m->type, buf_view(&text));
                if (rc == 0) {
                        g->has_master = true;
                        rc = db_run(g->views->db, SQL_master_add, DB_ARGS(db_i(job->org), db_i(++st->master), db_t(m->canonical), db_t(m->type),
                                                                          db_i(g->now_us), db_t(buf_view(&text))), g->err);
                }
        }
        buf_free(&text);
        return rc < 0 ? err_while(g->err, "writing master data") : 0;
}

/* ---- the whole ---- */

static int write_jobs(struct group *g)
{
        for (size_t j = 0; j < g->n_jobs; j++) {
                struct ledger_job *job = g->jobs[j];
                if (!job->undone && write_master(g, job) < 0)
                        return -1;
                if (job->keep_job)
                        job->report = capture_report(job, g->now_us);
                if (job->keep_job &&
                    db_run(g->views->db, SQL_capture_add, DB_ARGS(db_i(job->org), db_t(str_of(job->capture_id)), db_i(g->now_us),
                                                                  db_t(job->report)), g->err) < 0)
                        return err_while(g->err, "writing the capture job");
        }
        return 0;
}

int group_write(struct group *g)
{
        struct batch *b = &g->batch;
        if (group_decide(g) < 0 || batch_intern_terms(g->views, b, g->err) < 0 || batch_intern_items(g->views, b, g->err) < 0 ||
            batch_views(g->views, b, g->err) < 0 || batch_events(g->views, b, g->err) < 0)
                return -1;
        if (write_bodies(g) < 0 || write_findings(g) < 0 || share_write(g) < 0)
                return err_while(g->err, "writing events");
        if (write_jobs(g) < 0)
                return -1;
#ifdef LEDGER_WITHOUT_LOG       /* bench/record.c: what the log costs */
        return 0;
#else
        return batch_leaves(g->views, b, g->err);
#endif
}

void group_failed(struct group *g, const struct err *e)
{
        for (size_t j = 0; j < g->n_jobs; j++) {
                struct ledger_job *job = g->jobs[j];
                for (size_t i = 0; i < job->doc->n_events; i++)
                        job->recorded[i] = (struct recorded){ .outcome = OUTCOME_REFUSED };
                job->captured = job->known = job->refused = 0;
                job->capture_id[0] = '\0';
                job->err = *e;
        }
}

/* ---- telling the readers ---- */

/* An event of an earlier batch whose flag changed touches its items too. */
static int mark_flagged(struct group *g, struct store *s, uint64_t number, size_t i)
{
        const struct db_row *row;
        const struct event_ref *refs;
        struct batch *b = &g->batch;
        int rc = db_one(g->views->db, SQL_event_refs, DB_ARGS(db_i(b->flagged_org[i]), db_i(b->flagged[i])), &row, g->err);
        ssize_t n = rc == 1 ? refs_unpack(b->arena, arena_str(b->arena, db_text(row, 0)), &refs) : 0;
        for (ssize_t k = 0; k < n; k++)
                stamps_mark(s->stamps, number, b->flagged_org[i], refs[k].item);
        db_done(g->views->db, SQL_event_refs);
        return rc < 0 ? -1 : 0;
}

int group_items_changed(struct group *g, struct store *s)
{
        uint64_t number = stamps_next(s->stamps);
        int rc = 0;
        for (size_t i = 0; i < g->batch.n; i++) {
                const struct entry *e = g->batch.entries[i];
                for (size_t k = 0; e->kept && k < e->event->n_items; k++)
                        stamps_mark(s->stamps, number, e->org->org->id, e->items[k]);
        }
        for (size_t i = 0; i < g->batch.n_elsewhere; i += 2)
                stamps_mark(s->stamps, number, g->batch.elsewhere[i], g->batch.elsewhere[i + 1]);
        for (size_t i = 0; i < g->batch.n_flagged; i++)
                rc |= mark_flagged(g, s, number, i);
        if (g->has_master)
                atomic_store(&s->stamps->master, number);
        stamps_publish(s->stamps, number);
        return rc;
}
