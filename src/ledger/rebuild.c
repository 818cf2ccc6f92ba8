#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/oom.h"
#include "ledger/facts.h"
#include "ledger/leaf.h"
#include "store/sql_names.h"

/* Everything in one transaction: who reads meanwhile sees the old views, and a crash leaves them. */

static int write_events(void *ctx, struct batch *b, struct err *reterr)
{
        struct rows *r = rows_begin(b->arena, ctx, SQL_event_views_set, 11, reterr);
        for (size_t i = 0; i < b->n; i++) {
                const struct entry *e = b->entries[i];
                if (rows_add(r, DB_ARGS(db_i(e->event->time.us), db_i(e->event->time.offset_min), db_i(e->event->type), db_i(e->event->action),
                                        db_i(e->flags), db_i(e->term_ids[TERM_BIZ_STEP]), db_i(e->term_ids[TERM_DISPOSITION]),
                                        db_b(e->event_hash.b, 32), db_b(e->refs.p, e->refs.n),
                                        db_i(e->org->org->id), db_i(e->seq))) < 0)
                        return -1;
        }
        return rows_end(r);
}

static int nothing_more(void *ctx, struct batch *b, struct err *reterr)
{
        (void)ctx, (void)b, (void)reterr;
        return 0;
}

/* A rebuild from damaged facts would make the damage look whole. */
static int stop(void *ctx, int64_t seq, const char *what, struct err *reterr)
{
        (void)ctx;
        return err_set(reterr, ERR_STORE, "event %lld %s; nothing was changed. Run `suyuan check` and restore a copy", (long long)seq, what);
}

static int drop_views(struct db *db, struct err *reterr)
{
        static const int drops[] = { SQL_drop_items, SQL_drop_event_items, SQL_drop_event_facets, SQL_drop_event_once, SQL_drop_event_names,
                                     SQL_drop_farm_marks, SQL_drop_things, SQL_drop_season_acts, SQL_drop_stock_moves, SQL_drop_alarms, SQL_drop_judge_due,
                                     SQL_drop_farm_passed, SQL_drop_farm_again };
        for (size_t i = 0; i < sizeof(drops) / sizeof(*drops); i++)
                if (db_run(db, drops[i], DB_NO_ARGS, reterr) < 0)
                        return -1;
        return 0;
}

static int take_all_turns(struct views *v, bool anew, struct err *reterr)
{
        int64_t *orgs = or_abort(calloc(v->n_states + 1, sizeof(*orgs)));
        for (size_t i = 0; i < v->n_states; i++)
                orgs[i] = v->states[i].org->id;
        int rc = views_take_turns(v, orgs, v->n_states, anew, reterr);
        free(orgs);
        return rc;
}

static int rebuild(struct store *s, struct views *v, ledger_progress *progress, void *ctx, struct err *reterr)
{
        struct facts f = { .store = s, .from = v->db, .views = v, .progress = progress, .progress_ctx = ctx, .stage = "rebuild",
                           .events = write_events, .fault = stop, .ctx = v->db };
        if (take_all_turns(v, true, reterr) < 0 || drop_views(v->db, reterr) < 0)
                return -1;
        for (size_t i = 0; i < v->n_states; i++)
                v->states[i].item = 0;  /* items are numbered anew, in the old order */
        return facts_run(&f, reterr) < 0 ? -1 : db_run(v->db, SQL_view_made, DB_ARGS(db_t(STR("event_facet"))), reterr);
}

/* ---- views that a schema step brought ---- */

/* `check` tells what is wrong with the event; the others are found meanwhile. */
static int pass_over(void *ctx, int64_t seq, const char *what, struct err *reterr)
{
        (void)ctx, (void)reterr;
        log_line(LOG_WARN, "ledger.facets", "event=%lld fault=%s", (long long)seq, log_quote(what, strlen(what)));
        return 0;
}

struct saying { const char *line; int64_t next; };

static void say_progress(void *ctx, const char *stage, int64_t done, int64_t total)
{
        struct saying *x = ctx;
        if (done < x->next && done < total)
                return;
        x->next = done + 100000;
        log_line(LOG_INFO, x->line, "stage=%s done=%lld of=%lld", stage, (long long)done, (long long)total);
}

static int make_facets(struct store *s, struct views *v, struct err *reterr)
{
        struct saying to = { "ledger.facets", 0 };
        struct facts f = { .store = s, .from = v->db, .views = v, .progress = say_progress, .progress_ctx = &to, .stage = "making",
                           .facets_only = true, .events = nothing_more, .fault = pass_over };
        return db_run(v->db, SQL_drop_event_facets, DB_NO_ARGS, reterr) < 0 ? -1 : facts_run(&f, reterr);
}

static int make_log(struct store *s, struct views *v, struct err *reterr)
{
        struct saying to = { "ledger.log", 0 };
        int64_t now_us = clock_now_us();
        return leaves_of_earlier(v, say_progress, &to, now_us, reterr) < 0 ? -1 : statements_of_earlier_blobs(s, v, now_us, reterr);
}

static const struct late_view {
        const char *name, *while_;      /* in view_pending */
        int (*make)(struct store *s, struct views *v, struct err *reterr);
} late_views[] = {
        { "event_facet", "making the facets of earlier events", make_facets },
        { "log", "putting earlier events into the log", make_log },
};

static int is_pending(struct db *db, struct str name, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_view_pending, DB_ARGS(db_t(name)), &row, reterr);
        db_done(db, SQL_view_pending);
        return rc;
}

/* Asked again under the turns: another process may have made it meanwhile. */
static int make_late(struct store *s, struct views *v, const struct late_view *late, struct err *reterr)
{
        struct str name = str_of(late->name);
        int rc = take_all_turns(v, false, reterr) < 0 ? -1 : is_pending(v->db, name, reterr);
        if (rc == 1)
                rc = late->make(s, v, reterr);
        return rc < 0 ? -1 : db_run(v->db, SQL_view_made, DB_ARGS(db_t(name)), reterr);
}

static int complete(struct store *s, struct views *v, const struct late_view *late, struct err *reterr)
{
        int rc = is_pending(v->db, str_of(late->name), reterr);
        if (rc != 1)
                return rc;
        if (db_begin(v->db, reterr) < 0)
                return -1;
        if (make_late(s, v, late, reterr) == 0)
                return db_commit(v->db, reterr);
        db_rollback(v->db);
        return -1;
}

int views_complete(struct store *s, struct views *v, struct err *reterr)
{
        for (size_t i = 0; i < sizeof(late_views) / sizeof(*late_views); i++)
                if (complete(s, v, &late_views[i], reterr) < 0)
                        return err_while(reterr, "%s", late_views[i].while_);
        return 0;
}

int ledger_rebuild(struct store *s, ledger_progress *progress, void *ctx, struct err *reterr)
{
        struct views v;
        struct db *db = store_writer(s);
        if (views_open(&v, db, s, reterr) < 0)
                return -1;
        int rc = db_begin(db, reterr);
        if (rc == 0) {
                rc = rebuild(s, &v, progress, ctx, reterr);
                if (rc == 0)
                        rc = db_commit(db, reterr);
                else
                        db_rollback(db);
        }
        if (rc == 0) {
                store_committed(s);
                rc = views_complete(s, &v, reterr);     /* the log of an older database: no view, but made once */
        }
        views_close(&v);
        return rc < 0 ? err_while(reterr, "rebuilding") : 0;
}
