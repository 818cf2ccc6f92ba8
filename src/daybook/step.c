#include "daybook/step.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
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
        return rc < 0 ? -1 : 0;
}

static void pass(struct step *s, int what, int64_t n, const char *why)
{
        if (s->n_passed == s->cap_passed) {
                struct passed *list = arena_array(s->arena, struct passed, s->cap_passed = s->cap_passed * 2 + 8);
                if (s->n_passed)
                        memcpy(list, s->passed, s->n_passed * sizeof *list);
                s->passed = list;
        }
        s->passed[s->n_passed++] = (struct passed){ what, n, STR(""), arena_str(s->arena, str_of(why)) };
}

void step_pass(struct step *s, int64_t seq, const char *why)
{
        pass(s, PASSED_EVENT, seq, why);
}

static void take_master(struct step *s, const struct db_row *row)
{
        struct followed_master *m = &s->masters[s->n_masters];
        struct str body = db_text(row, 4);
        struct err e = { 0 };
        *m = (struct followed_master){ .n = db_int(row, 0), .record_us = db_int(row, 1), .canonical = arena_str(s->arena, db_text(row, 2)),
                                       .type = arena_str(s->arena, db_text(row, 3)) };
        s->master_to = m->n;
        if (s->refuse)
                pass(s, PASSED_MASTER, m->n, s->refuse);
        else if (json_read(s->arena, body.p ? body.p : "", body.n, NULL, &m->json, &e) < 0)
                pass(s, PASSED_MASTER, m->n, e.detail);
        else
                s->n_masters++;
}

static int read_masters(struct step *s, struct err *reterr)
{
        const struct db_row *row;
        struct db *db = reader_db(s->reader);
        size_t max = s->max < MASTERS ? s->max : MASTERS;
        s->masters = arena_array(s->arena, struct followed_master, max);
        int rc = db_query(db, SQL_master_after, DB_ARGS(db_i(s->org), db_i(s->master), db_i((int64_t)max)), reterr);
        while (rc >= 0 && (rc = db_next(db, SQL_master_after, &row, reterr)) == 1)
                if (db_int(row, 0) <= s->master_last)
                        take_master(s, row);
        return rc < 0 ? -1 : 0;
}

int step_read_event(struct step *s, int64_t seq, struct followed_event *ret, const char **ret_why, struct err *reterr)
{
        const struct db_row *row;
        struct str body = STR_NONE, context = STR_NONE;
        struct err e = { 0 };
        int copy = reader_is_copy(s->reader, s->org, seq, reterr);
        int rc = copy < 0 ? -1 : db_one(reader_db(s->reader), SQL_farm_event, DB_ARGS(db_i(s->org), db_i(seq)), &row, reterr);
        *ret = (struct followed_event){ .seq = seq, .copy = copy == 1 };
        *ret_why = "there is no such event, or it has no body";
        if (rc == 1) {
                ret->error_declaration = db_int(row, 0) & EVENT_DECLARES_ERROR;
                ret->declared_wrong = db_int(row, 0) & EVENT_DECLARED_WRONG;
                ret->event_id = arena_str(s->arena, db_text(row, 1));
                body = arena_str(s->arena, db_text(row, 2));
                context = arena_str(s->arena, db_text(row, 3));
                s->bytes += body.n;
        }
        db_done(reader_db(s->reader), SQL_farm_event);
        if (rc != 1 || !body.n)
                return rc < 0 ? -1 : 0;
        if (event_reread(s->arena, body, context, reader_origins(s->reader), &ret->event, &e) == 0)
                return 1;
        *ret_why = arena_cstr(s->arena, str_of(e.detail));
        return 0;
}

static int read_event(struct step *s, int64_t seq, struct err *reterr)
{
        const char *why = s->refuse;
        int rc = why ? 0 : step_read_event(s, seq, &s->events[s->n_events], &why, reterr);
        if (rc == 0)
                step_pass(s, seq, why);
        s->n_events += rc == 1;
        return rc < 0 ? -1 : 0;
}

/* Who has no things has no day to follow: their events wait until there is one. */
static int has_things(struct step *s, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(reader_db(s->reader), SQL_thing_any, DB_ARGS(db_i(s->org)), &row, reterr);
        db_done(reader_db(s->reader), SQL_thing_any);
        return rc;
}

/* What was erased, once more.  Its old rows are gone. */
static int read_again(struct step *s, struct err *reterr)
{
        const struct db_row *row;
        struct db *db = reader_db(s->reader);
        s->again = arena_array(s->arena, int64_t, s->max);
        int rc = db_query(db, SQL_farm_again_some, DB_ARGS(db_i(s->org), db_i(0), db_i(s->seq), db_i((int64_t)(s->max < 64 ? s->max : 64))), reterr);
        while (rc >= 0 && (rc = db_next(db, SQL_farm_again_some, &row, reterr)) == 1)
                s->again[s->n_again++] = db_int(row, 0);
        for (size_t i = 0; i < s->n_again && rc >= 0; i++)
                rc = read_event(s, s->again[i], reterr);
        return rc < 0 ? -1 : 0;
}

static int read_events(struct step *s, struct err *reterr)
{
        s->events = arena_array(s->arena, struct followed_event, s->max);
        if (!s->making && read_again(s, reterr) < 0)
                return -1;
        int has = s->making ? 1 : s->n_again ? 0 : has_things(s, reterr);
        int64_t last = has == 1 ? reader_last_seq(s->reader, s->org, reterr) : has < 0 ? -1 : s->seq;
        if (last < 0)
                return -1;
        if (last > s->seq_last)
                last = s->seq_last;
        for (size_t n = 0; s->seq_to < last && n < s->max && s->bytes < BYTES; n++)
                if (read_event(s, ++s->seq_to, reterr) < 0)
                        return -1;
        return 0;
}

/* ---- writing ---- */

struct writing { struct step *step; void *prepared[FOLLOWERS]; bool refused; /* by what the records hold */ };

int passed_write(struct db *db, int64_t org, const struct passed *p, struct err *reterr)
{
        return db_run(db, SQL_farm_passed_put, DB_ARGS(db_i(org), db_i(p->what), db_i(p->n), db_t(p->name), db_i(clock_now_us()), db_t(p->why)), reterr);
}

void passed_tell(const struct daybook *d, int64_t org, const struct passed *p)
{
        static const char *const what[] = { [PASSED_EVENT] = "event", [PASSED_MASTER] = "statement", [PASSED_JUDGING] = "judging" };
        struct arena *a = arena_new();
        log_line(LOG_ERROR, "daybook.passed", "org=%s what=%s n=%lld name=%s why=%s", arena_cstr(a, store_org_code(d->store, a, org)), what[p->what], (long long)p->n,
                 log_quote(p->name.n ? p->name.p : "", p->name.n), log_quote(p->why.p, p->why.n));
        arena_free(a);
}

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

/* What is followed once more may be well by now. */
static int write_again(struct step *s, struct db *db, struct err *reterr)
{
        for (size_t i = 0; i < s->n_again; i++)
                if (db_run(db, SQL_farm_again_drop, DB_ARGS(db_i(s->org), db_i(s->again[i])), reterr) < 0 ||
                    db_run(db, SQL_farm_passed_drop, DB_ARGS(db_i(s->org), db_i(PASSED_EVENT), db_i(s->again[i]), db_t(STR(""))), reterr) < 0)
                        return -1;
        return 0;
}

static int write_rows(struct writing *w, struct db *db, struct err *reterr)
{
        struct step *s = w->step;
        for (size_t i = 0; i < FOLLOWERS; i++)
                if (followers[i]->write(s, w->prepared[i], db, reterr) < 0)
                        return -1;
        if (write_again(s, db, reterr) < 0)
                return -1;
        for (size_t i = 0; i < s->n_passed; i++)
                if (passed_write(db, s->org, &s->passed[i], reterr) < 0)
                        return -1;
        return write_due(s, db, reterr) < 0 ? -1 : db_run(db, SQL_farm_mark_set, DB_ARGS(db_i(s->seq_to), db_i(s->master_to), db_i(s->org)), reterr);
}

static int write_step(struct db *db, void *ctx, struct err *reterr)
{
        struct writing *w = ctx;
        w->refused = false;
        int same = take_mark(w->step, db, reterr);
        if (same != 1)
                return same;
        if (write_rows(w, db, reterr) == 0)
                return 0;
        w->refused = db_refused(db);
        return -1;
}

static int prepare(struct step *s, struct writing *w, struct err *reterr)
{
        for (size_t i = 0; i < FOLLOWERS; i++)
                if (followers[i]->prepare(s, &w->prepared[i], reterr) < 0)
                        return -1;
        return 0;
}

static int read_step(struct step *s, struct err *reterr)
{
        s->seq_to = s->seq;
        s->master_to = s->master;
        return read_masters(s, reterr) < 0 || (s->master_to == s->master && read_events(s, reterr) < 0) ? -1 : 0;
}

static bool nothing(const struct step *s)
{
        return s->seq_to == s->seq && s->master_to == s->master && !s->n_again;
}

/* Things first: whether there is a day to follow at all is known after them. */
static int follow(struct step *s, bool *ret_refused, struct err *reterr)
{
        struct writing w = { .step = s };
        *ret_refused = false;
        if (reader_begin(s->book->store, &s->reader, reterr) < 0)
                return -1;
        int rc = read_mark(s, reterr) < 0 || read_step(s, reterr) < 0 || prepare(s, &w, reterr) < 0 ? -1 : 0;
        reader_end(s->reader);
        s->reader = NULL;
        if (rc < 0 || nothing(s))
                return rc;
        rc = ledger_act(s->book->ledger, write_step, &w, reterr) < 0 ? -1 : 1;
        *ret_refused = rc < 0 && w.refused;
        for (size_t i = 0; i < s->n_passed && rc == 1; i++)
                passed_tell(s->book, s->org, &s->passed[i]);
        return rc;
}

/* What the store refuses for what a record holds would be refused for ever: steps become smaller until it stands alone, and it is passed over.  A store
 * that fails is another matter: that is told and tried again. */
int step_follow(struct daybook *d, int64_t org, struct err *reterr)
{
        char why[sizeof reterr->cause] = "";
        bool refused = true, last = false;
        int rc = -1;
        for (size_t max = EVENTS; refused && !last; max /= 2) {
                struct arena *a = arena_new();
                struct err e = { 0 };
                struct step s = { .book = d, .arena = a, .org = org, .max = max ? max : 1, .seq_last = INT64_MAX, .master_last = INT64_MAX, .refuse = max ? NULL : why };
                last = max == 0;
                rc = follow(&s, &refused, &e);
                memcpy(why, e.cause, sizeof why);
                arena_free(a);
                if (rc < 0 && reterr)
                        *reterr = e;
        }
        return rc;
}

int step_make(struct step *s, struct db *into, struct err *reterr)
{
        struct writing w = { .step = s };
        if (read_step(s, reterr) < 0 || prepare(s, &w, reterr) < 0)
                return -1;
        for (size_t i = 0; i < FOLLOWERS; i++)
                if (followers[i]->write(s, w.prepared[i], into, reterr) < 0)
                        return -1;
        return write_due(s, into, reterr) < 0 ? -1 : !nothing(s);
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
