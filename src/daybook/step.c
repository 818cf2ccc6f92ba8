#include "daybook/step.h"

#include <string.h>

#include "epcis/read.h"
#include "store/sql_names.h"

/* One step: what stands between the mark and now is read in a snapshot, turned into rows by the followers, and written with the new mark in one
 * change.  Should another process have moved the mark meanwhile, nothing is written and the next step begins from there. */

enum { EVENTS = 512, MASTERS = 512, BYTES = 4 * 1024 * 1024 /* of events' bodies: one may have a megabyte */ };

static const struct follower *const followers[] = { &follow_things, &follow_acts };
enum { FOLLOWERS = sizeof followers / sizeof *followers };

void step_due(struct step *s, struct str subject)
{
        for (size_t i = s->n_due; i-- > 0 && i + 64 > s->n_due;)      /* runs of the same season are common */
                if (str_eq(s->due[i], subject))
                        return;
        if (s->n_due == s->cap_due) {
                size_t cap = s->cap_due ? s->cap_due * 2 : 64;
                struct str *list = arena_array(s->arena, struct str, cap);
                if (s->n_due)
                        memcpy(list, s->due, s->n_due * sizeof *list);
                s->due = list;
                s->cap_due = cap;
        }
        s->due[s->n_due++] = arena_str(s->arena, subject);
}

/* ---- reading ---- */

static int read_mark(struct step *s, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(reader_db(s->reader), SQL_farm_mark, DB_ARGS(db_i(s->org)), &row, reterr);
        if (rc == 1) {
                s->seq = db_int(row, 0);
                s->master = db_int(row, 1);
        }
        db_done(reader_db(s->reader), SQL_farm_mark);
        s->seq_to = s->seq;
        s->master_to = s->master;
        return rc < 0 ? -1 : 0;
}

static int take_master(struct step *s, const struct db_row *row, struct err *reterr)
{
        struct followed_master *m = &s->masters[s->n_masters++];
        struct str body = db_text(row, 4);
        *m = (struct followed_master){ .n = db_int(row, 0), .record_us = db_int(row, 1), .canonical = arena_str(s->arena, db_text(row, 2)),
                                       .type = arena_str(s->arena, db_text(row, 3)) };
        s->master_to = m->n;
        return json_read(s->arena, body.p, body.n, NULL, &m->json, reterr);
}

static int read_masters(struct step *s, struct err *reterr)
{
        const struct db_row *row;
        struct db *db = reader_db(s->reader);
        s->masters = arena_array(s->arena, struct followed_master, MASTERS);
        int rc = db_query(db, SQL_master_after, DB_ARGS(db_i(s->org), db_i(s->master), db_i(MASTERS)), reterr);
        while (rc >= 0 && (rc = db_next(db, SQL_master_after, &row, reterr)) == 1)
                if ((rc = take_master(s, row, reterr)) < 0)
                        db_done(db, SQL_master_after);
        return rc < 0 ? -1 : 0;
}

static int read_event(struct step *s, int64_t seq, struct err *reterr)
{
        struct followed_event *e = &s->events[s->n_events++];
        struct str body, context;
        int copy = reader_is_copy(s->reader, s->org, seq, reterr);
        *e = (struct followed_event){ .copy = copy == 1 };
        if (copy < 0 || reader_event(s->reader, s->arena, s->org, seq, &e->head, reterr) != 1 ||
            reader_body(s->reader, s->arena, s->org, seq, &body, &context, reterr) < 0)
                return -1;
        s->seq_to = seq;
        s->bytes += body.n;
        return event_reread(s->arena, body, context, reader_origins(s->reader), &e->event, reterr);
}

/* Who has no things has no day to follow: their events wait until there is one. */
static int has_things(struct step *s, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(reader_db(s->reader), SQL_thing_any, DB_ARGS(db_i(s->org)), &row, reterr);
        db_done(reader_db(s->reader), SQL_thing_any);
        return rc;
}

static int read_events(struct step *s, struct err *reterr)
{
        int has = has_things(s, reterr);
        int64_t last = has == 1 ? reader_last_seq(s->reader, s->org, reterr) : has < 0 ? -1 : s->seq;
        if (last < 0)
                return -1;
        s->events = arena_array(s->arena, struct followed_event, EVENTS);
        for (int64_t seq = s->seq + 1; seq <= last && s->n_events < EVENTS && s->bytes < BYTES; seq++)
                if (read_event(s, seq, reterr) < 0)
                        return -1;
        return 0;
}

/* ---- writing ---- */

struct writing { struct step *step; void *prepared[FOLLOWERS]; };

/* 1: the mark is where we read it. */
static int take_mark(struct step *s, struct db *db, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_farm_mark_take, DB_ARGS(db_i(s->org)), &row, reterr);
        bool same = rc == 1 && db_int(row, 0) == s->seq && db_int(row, 1) == s->master;
        db_done(db, SQL_farm_mark_take);
        return rc < 0 ? -1 : same;
}

static int write_due(struct step *s, struct db *db, struct err *reterr)
{
        for (size_t i = 0; i < s->n_due; i++)
                if (db_run(db, SQL_judge_due_add, DB_ARGS(db_i(s->org), db_t(s->due[i])), reterr) < 0)
                        return -1;
        return 0;
}

static int write_step(struct db *db, void *ctx, struct err *reterr)
{
        struct writing *w = ctx;
        struct step *s = w->step;
        int same = take_mark(s, db, reterr);
        if (same != 1)
                return same;
        for (size_t i = 0; i < FOLLOWERS; i++)
                if (followers[i]->write(s, w->prepared[i], db, reterr) < 0)
                        return -1;
        return write_due(s, db, reterr) < 0 ? -1 : db_run(db, SQL_farm_mark_set, DB_ARGS(db_i(s->seq_to), db_i(s->master_to), db_i(s->org)), reterr);
}

static int prepare(struct step *s, struct writing *w, struct err *reterr)
{
        for (size_t i = 0; i < FOLLOWERS; i++)
                if (followers[i]->prepare(s, &w->prepared[i], reterr) < 0)
                        return -1;
        return 0;
}

/* Things first: whether there is a day to follow at all is known after them. */
static int follow(struct step *s, struct err *reterr)
{
        struct writing w = { .step = s };
        if (reader_begin(s->book->store, &s->reader, reterr) < 0)
                return -1;
        int rc = read_mark(s, reterr) < 0 || read_masters(s, reterr) < 0 || (!s->n_masters && read_events(s, reterr) < 0) ||
                 prepare(s, &w, reterr) < 0 ? -1 : 0;
        reader_end(s->reader);
        s->reader = NULL;
        if (rc < 0 || (s->seq_to == s->seq && s->master_to == s->master))
                return rc;
        return ledger_act(s->book->ledger, write_step, &w, reterr) < 0 ? -1 : 1;
}

int step_follow(struct daybook *d, int64_t org, struct err *reterr)
{
        struct arena *a = arena_new();
        struct step s = { .book = d, .arena = a, .org = org };
        int rc = follow(&s, reterr);
        arena_free(a);
        return rc;
}

ssize_t step_orgs(struct daybook *d, struct arena *a, int64_t **ret, struct err *reterr)
{
        enum { MAX = 65536 };
        const struct db_row *row;
        struct reader *r;
        ssize_t n = 0;
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        int64_t *list = arena_array(a, int64_t, MAX);
        int rc = db_query(reader_db(r), SQL_farm_orgs, DB_NO_ARGS, reterr);
        while (rc >= 0 && (rc = db_next(reader_db(r), SQL_farm_orgs, &row, reterr)) == 1)
                if (n < MAX)
                        list[n++] = db_int(row, 0);
        reader_end(r);
        *ret = list;
        return rc < 0 ? -1 : n;
}
