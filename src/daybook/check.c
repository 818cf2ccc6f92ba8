#include "daybook/check_impl.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "daybook/step.h"
#include "ledger/compare.h"
#include "store/sql_names.h"

/* The same steps that follow a day make it once more, from the beginning up to where it was followed, in a scratch file; both are then compared as they stream.
 * Memory is that of one step; what grows with the farm is in the file. */

static const struct listing day_listings[] = {
        { "thing", SQL_all_things, 2, 1, { "org", "n", "canonical", "kind", "code", "record_us", "body" } },
        { "season_act", SQL_all_season_acts, 2, 1, { "org", "seq", "season", "time_us", "act", "facts" } },
        { "stock_move", SQL_all_stock_moves, 3, 1, { "org", "seq", "n", "lot", "time_us", "good", "place", "quantity", "uom", "expires" } },
};
enum { DAY_LISTINGS = sizeof day_listings / sizeof *day_listings };

void day_say(struct day_check *c, const char *what, const char *fmt, ...)
{
        char detail[900];
        va_list args;
        va_start(args, fmt);
        vsnprintf(detail, sizeof detail, fmt, args);
        va_end(args);
        c->faults++;
        c->say(c->ctx, what, detail);
}

/* ---- how far ---- */

static int read_orgs(struct day_check *c, struct err *reterr)
{
        const struct db_row *row;
        size_t cap = 0;
        int rc = db_query(c->stored, SQL_all_farm_marks, DB_NO_ARGS, reterr);
        while (rc >= 0 && (rc = db_next(c->stored, SQL_all_farm_marks, &row, reterr)) == 1) {
                if (c->n_orgs == cap) {
                        struct check_org *more = arena_array(c->arena, struct check_org, cap = cap * 2 + 16);
                        if (c->n_orgs)
                                memcpy(more, c->orgs, c->n_orgs * sizeof *more);
                        c->orgs = more;
                }
                c->orgs[c->n_orgs++] = (struct check_org){ .id = db_int(row, 0), .seq = db_int(row, 1), .master = db_int(row, 2), .code = arena_str(c->arena, db_text(row, 3)) };
        }
        return rc < 0 ? -1 : 0;
}

static int64_t last_master(struct day_check *c, int64_t org, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(c->stored, SQL_master_last, DB_ARGS(db_i(org)), &row, reterr);
        int64_t n = rc == 1 ? db_int(row, 0) : rc;
        db_done(c->stored, SQL_master_last);
        return n;
}

static int check_mark(struct day_check *c, const struct check_org *o, struct err *reterr)
{
        int64_t seq = reader_last_seq(c->reader, o->id, reterr), master = last_master(c, o->id, reterr);
        if (seq < 0 || master < 0)
                return -1;
        if (o->seq > seq || o->seq < 0)
                day_say(c, "farm_mark", "org %.*s is followed up to event %lld, and it has %lld", STR_ARG(o->code), (long long)o->seq, (long long)seq);
        if (o->master > master || o->master < 0)
                day_say(c, "farm_mark", "org %.*s is followed up to statement %lld, and it has %lld", STR_ARG(o->code), (long long)o->master, (long long)master);
        return 0;
}

static int check_passed(struct day_check *c, struct err *reterr)
{
        static const char *const what[] = { "record", "event", "statement", "the judging of" };
        const struct db_row *row;
        int rc = db_query(c->stored, SQL_all_farm_passed, DB_NO_ARGS, reterr);
        while (rc >= 0 && (rc = db_next(c->stored, SQL_all_farm_passed, &row, reterr)) == 1) {
                int64_t w = db_int(row, 0);
                struct str name = db_text(row, 2), why = db_text(row, 3), code = db_text(row, 4);
                char number[32];
                snprintf(number, sizeof number, "%lld", (long long)db_int(row, 1));
                day_say(c, "farm_passed", "org %.*s: %s %.*s was passed over, the farm's day goes on without it: %.*s", STR_ARG(code), what[w > 0 && w <= PASSED_JUDGING ? w : 0],
                        (int)(name.n ? name.n < 200 ? name.n : 200 : strlen(number)), name.n ? name.p : number, (int)(why.n < 400 ? why.n : 400), why.n ? why.p : "");
        }
        return rc < 0 ? -1 : 0;
}

/* ---- making ---- */

struct unsettled { int64_t *seqs; size_t n, cap; };

static void add_unsettled(struct day_check *c, struct unsettled *u, int64_t seq)
{
        if (u->n == u->cap) {
                int64_t *more = arena_array(c->arena, int64_t, u->cap = u->cap * 2 + 64);
                if (u->n)
                        memcpy(more, u->seqs, u->n * sizeof *more);
                u->seqs = more;
        }
        u->seqs[u->n++] = seq;
}

/* Was it declared wrong by a record that was followed?  1, 0, -1. */
static int declared_by(struct step *s, const struct followed_event *e, int64_t upto, struct err *reterr)
{
        enum { NAMESAKES = 64 };
        int64_t seqs[NAMESAKES];
        ssize_t n = reader_event_id(s->reader, s->org, e->event_id, seqs, NAMESAKES, reterr);
        for (ssize_t i = 0; i < n; i++) {
                struct followed_event x;
                const char *why;
                int rc = seqs[i] <= upto ? step_read_event(s, seqs[i], &x, &why, reterr) : 0;
                if (rc < 0 || (rc == 1 && x.error_declaration))
                        return rc;
        }
        return n < 0 ? -1 : 0;
}

/* Followed with the mark on it or without, as it came: the declaration is not followed yet. */
static int find_unsettled(struct day_check *c, struct step *s, const struct check_org *o, struct unsettled *u, struct err *reterr)
{
        for (size_t i = 0; i < s->n_events; i++) {
                int rc = s->events[i].declared_wrong && !s->events[i].error_declaration ? declared_by(s, &s->events[i], o->seq, reterr) : 1;
                if (rc < 0)
                        return -1;
                if (rc == 0)
                        add_unsettled(c, u, s->events[i].seq);
        }
        return 0;
}

static int find_again(struct day_check *c, const struct check_org *o, struct unsettled *u, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_query(c->stored, SQL_farm_again_some, DB_ARGS(db_i(o->id), db_i(0), db_i(o->seq), db_i(INT64_MAX)), reterr);
        while (rc >= 0 && (rc = db_next(c->stored, SQL_farm_again_some, &row, reterr)) == 1)
                add_unsettled(c, u, db_int(row, 0));
        return rc < 0 ? -1 : 0;
}

static int copy_acts(struct day_check *c, int64_t org, int64_t seq, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_query(c->stored, SQL_season_acts_of_event, DB_ARGS(db_i(org), db_i(seq)), reterr);
        while (rc >= 0 && (rc = db_next(c->stored, SQL_season_acts_of_event, &row, reterr)) == 1)
                if (db_run(c->scratch, SQL_season_act_put, DB_ARGS(db_i(org), db_t(db_text(row, 0)), db_i(db_int(row, 1)), db_i(seq), db_i(db_int(row, 2)), db_t(db_text(row, 3))), reterr) < 0)
                        rc = -1;
        db_done(c->stored, SQL_season_acts_of_event);
        return rc < 0 ? -1 : 0;
}

static struct db_value text(const struct db_row *row, int column)
{
        struct str s = db_text(row, column);
        return db_t(s.n ? s : STR(""));
}

static int copy_moves(struct day_check *c, int64_t org, int64_t seq, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_query(c->stored, SQL_stock_moves_of_event, DB_ARGS(db_i(org), db_i(seq)), reterr);
        while (rc >= 0 && (rc = db_next(c->stored, SQL_stock_moves_of_event, &row, reterr)) == 1)
                if (db_run(c->scratch, SQL_stock_move_put, DB_ARGS(db_i(org), text(row, 0), db_i(seq), db_i(db_int(row, 1)), db_i(db_int(row, 2)), text(row, 3), text(row, 4), text(row, 5),
                                                                   text(row, 6), text(row, 7)), reterr) < 0)
                        rc = -1;
        db_done(c->stored, SQL_stock_moves_of_event);
        return rc < 0 ? -1 : 0;
}

/* What is being followed anew just now is taken as it stands. */
static int take_unsettled(struct day_check *c, struct check_org *o, const struct unsettled *u, struct err *reterr)
{
        o->under_way = u->n > 0;
        for (size_t i = 0; i < u->n; i++)
                if (db_run(c->scratch, SQL_season_act_erase, DB_ARGS(db_i(o->id), db_i(u->seqs[i])), reterr) < 0 ||
                    db_run(c->scratch, SQL_stock_move_erase, DB_ARGS(db_i(o->id), db_i(u->seqs[i])), reterr) < 0 ||
                    copy_acts(c, o->id, u->seqs[i], reterr) < 0 || copy_moves(c, o->id, u->seqs[i], reterr) < 0)
                        return -1;
        return 0;
}

static int make_org(struct day_check *c, struct check_org *o, struct err *reterr)
{
        struct daybook book = { .store = c->store };
        struct unsettled u = { 0 };
        int64_t seq = 0, master = 0;
        int more = 1;
        while (more == 1) {
                struct arena *a = arena_new();
                struct step s = { .book = &book, .arena = a, .reader = c->reader, .org = o->id, .seq = seq, .master = master, .seq_last = o->seq, .master_last = o->master,
                                  .max = 512, .making = true };
                more = step_make(&s, c->scratch, reterr);
                if (more >= 0 && find_unsettled(c, &s, o, &u, reterr) < 0)
                        more = -1;
                seq = s.seq_to;
                master = s.master_to;
                arena_free(a);
                if (c->progress && more == 1)
                        c->progress(c->ctx, "farm", seq, o->seq);
        }
        return more < 0 || find_again(c, o, &u, reterr) < 0 ? -1 : take_unsettled(c, o, &u, reterr);
}

static int make(struct day_check *c, struct err *reterr)
{
        if (db_begin(c->scratch, reterr) < 0)
                return -1;
        for (size_t i = 0; i < c->n_orgs; i++)
                if (check_mark(c, &c->orgs[i], reterr) < 0 || make_org(c, &c->orgs[i], reterr) < 0)
                        return -1;
        return db_commit(c->scratch, reterr);
}

/* ---- the whole ---- */

static int compare(struct day_check *c, struct err *reterr)
{
        for (size_t i = 0; i < DAY_LISTINGS; i++) {
                if (c->progress)
                        c->progress(c->ctx, day_listings[i].name, (int64_t)i, DAY_LISTINGS);
                int64_t n = listing_compare(&day_listings[i], c->stored, c->scratch, c->say, c->ctx, reterr);
                if (n < 0)
                        return -1;
                c->faults += n;
        }
        return check_alarms(c, reterr);
}

static int check_in(struct day_check *c, struct err *reterr)
{
        char path[PATH_BYTES];
        snprintf(path, sizeof path, "%.3900s/check-day-%ld.db", store_dir(c->store), (long)getpid());
        if (db_open(path, &(struct db_options){ .mode = DB_SCRATCH, .cache_kib = 32 * 1024 }, &c->scratch, reterr) < 0)
                return -1;
        int rc = db_upgrade(c->scratch, schema_steps, n_schema_steps, reterr);
        unlink(path);   /* it lives as long as it is open: a crash leaves nothing behind */
        if (rc == 0)
                rc = read_orgs(c, reterr) < 0 || check_passed(c, reterr) < 0 || make(c, reterr) < 0 ? -1 : compare(c, reterr);
        db_close(c->scratch);
        return rc;
}

int64_t daybook_check(struct store *s, ledger_say *say, ledger_progress *progress, void *ctx, struct err *reterr)
{
        struct day_check c = { .store = s, .say = say, .progress = progress, .ctx = ctx };
        if (reader_begin(s, &c.reader, reterr) < 0)
                return -1;
        c.stored = reader_db(c.reader);
        c.arena = arena_new();
        int rc = check_in(&c, reterr);
        arena_free(c.arena);
        reader_end(c.reader);
        return rc < 0 ? err_while(reterr, "checking the farm's day") : c.faults;
}
