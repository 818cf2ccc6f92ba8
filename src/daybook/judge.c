#include "daybook/judge_impl.h"

#include "base/clock.h"
#include "base/text.h"
#include "farm/thing.h"
#include "store/sql_names.h"

/* Seasons and lots that were touched are judged and their alarms kept.  Judging reads; its outcome is written in one change, and only when nothing was followed and
 * no regulation came in meanwhile: else it is done again. */

enum { BATCH = 64, SHANGHAI_MIN = 480 };

static int today(void)
{
        return (int)civil_of(clock_now_us(), SHANGHAI_MIN).day_number;
}

/* ---- what is judged by ---- */

static void add_input(struct arena *a, struct input_facts *list, size_t *n, const struct db_row *row)
{
        const struct json *body;
        struct str text = db_text(row, 2);
        if (json_read(a, text.p, text.n, NULL, &body, NULL) == 0)
                input_read(a, arena_str(a, db_text(row, 0)), arena_str(a, db_text(row, 1)), body, &list[(*n)++]);
}

int judging_inputs(struct db *db, struct arena *a, int64_t org, struct judging *j, struct err *reterr)
{
        struct input_facts *list = NULL;
        const struct db_row *row;
        size_t n = 0, cap = 0;
        int rc = db_query(db, SQL_inputs_of, DB_ARGS(db_i(org), db_i(THING_INPUT)), reterr);
        while (rc >= 0 && (rc = db_next(db, SQL_inputs_of, &row, reterr)) == 1) {
                if (n == cap) {
                        struct input_facts *more = arena_array(a, struct input_facts, cap = cap * 2 + 32);
                        if (n)
                                memcpy(more, list, n * sizeof *more);
                        list = more;
                }
                add_input(a, list, &n, row);
        }
        j->inputs = list;
        j->n_inputs = n;
        return rc < 0 ? -1 : 0;
}

int daybook_judging(struct daybook *d, struct arena *a, int64_t org, struct judging *j, struct err *reterr)
{
        struct reader *r;
        *j = (struct judging){ .arena = a, .today = today() };
        if (regulation_keep(d, a, &j->regulation, reterr) < 0 || reader_begin(d->store, &r, reterr) < 0)
                return -1;
        int rc = judging_inputs(reader_db(r), a, org, j, reterr);
        reader_end(r);
        return rc;
}

/* ---- one subject ---- */

/* What came into the store under a lot, as acts without a season. */
static void add_receipt(struct arena *a, struct season_facts *s, size_t *cap, const struct db_row *row)
{
        struct str q = db_text(row, 3), good = db_text(row, 2);
        struct decimal d;
        if (!good.n || !decimal_read(q, &d) || d.mantissa <= 0)         /* a count begins with '=' and is no receipt */
                return;
        if (s->n == *cap) {
                struct fact *more = arena_array(a, struct fact, *cap = *cap * 2 + 4);
                if (s->n)
                        memcpy(more, s->acts, s->n * sizeof *more);
                s->acts = more;
        }
        s->acts[s->n++] = (struct fact){ .act = ACT_RECEIVE_INPUT, .seq = db_int(row, 0), .time_us = db_int(row, 1), .day = (int)civil_of(db_int(row, 1), SHANGHAI_MIN).day_number,
                                         .input = arena_str(a, good), .interval_days = -1 };
}

static int look_lot(const struct looking *l, struct arena *a, int64_t org, struct str lot, struct season_facts *ret, struct lot_facts *ret_lot, struct err *reterr)
{
        const struct db_row *row;
        size_t cap = 0;
        *ret = (struct season_facts){ .canonical = lot };
        int rc = db_query(l->db, SQL_lot_moves, DB_ARGS(db_i(org), db_t(lot)), reterr);
        while (rc >= 0 && (rc = db_next(l->db, SQL_lot_moves, &row, reterr)) == 1)
                add_receipt(a, ret, &cap, row);
        return rc < 0 ? -1 : lot_facts_read(l->reader, a, org, lot, ret_lot, reterr);
}

int subject_look(const struct looking *l, struct arena *a, int64_t org, struct str subject, struct season_facts *ret, struct lot_facts *ret_lot, struct err *reterr)
{
        struct str rest = subject, part, code = STR_NONE;
        *ret = (struct season_facts){ 0 };
        if (!str_starts(subject, STR("/season/")))
                return look_lot(l, a, org, subject, ret, ret_lot, reterr);
        while (str_split(&rest, '/', &part))
                code = part;
        return season_look(l, a, org, code, ret, reterr) < 0 ? -1 : 0;  /* a season that nobody put has no acts to judge */
}

static int read_subject(struct daybook *d, struct arena *a, int64_t org, struct str subject, struct season_facts *ret, struct lot_facts *ret_lot, struct err *reterr)
{
        struct reader *r;
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        int rc = subject_look(&(struct looking){ reader_db(r), d->store, r }, a, org, subject, ret, ret_lot, reterr);
        reader_end(r);
        return rc;
}

/* When each record that is spoken of was had: an alarm is as old as that. */
static int read_ages(struct daybook *d, struct arena *a, int64_t org, struct judged *j, struct err *reterr)
{
        int64_t *list = arena_array(a, int64_t, j->n + 1);
        struct reader *r;
        j->record_us = list;
        if (!j->n)
                return 0;
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        int rc = 0;
        for (size_t i = 0; i < j->n && rc >= 0; i++) {
                struct search_row row;
                if (j->found[i].seq && (rc = reader_event_row(r, org, j->found[i].seq, &row, reterr)) == 1)
                        list[i] = row.record_us;
        }
        reader_end(r);
        return rc < 0 ? -1 : 0;
}

/* What stands there cannot be read, and trying again would not change it. */
static int pass_unreadable(struct arena *a, struct judged *ret, const struct err *e, struct err *reterr)
{
        if (e->kind == ERR_BAD_JSON) {
                ret->passed = (struct passed){ PASSED_JUDGING, 0, ret->subject, arena_str(a, str_of(e->detail)) };
                return 0;
        }
        if (reterr)
                *reterr = *e;
        return -1;
}

static int judge_subject(struct daybook *d, struct judging *by, int64_t org, struct judged *ret, struct err *reterr)
{
        struct season_facts facts;
        struct lot_facts lot = { .canonical = STR_NONE };
        struct judging j = *by;
        struct err e = { 0 };
        if (ret->passed.what)
                return 0;
        if (read_subject(d, by->arena, org, ret->subject, &facts, &lot, &e) < 0)
                return pass_unreadable(by->arena, ret, &e, reterr);
        j.season = &facts;
        j.lot = lot.canonical.n ? &lot : NULL;
        season_judge(&j);
        ret->found = j.found;
        ret->n = j.n;
        return read_ages(d, by->arena, org, ret, reterr);
}

/* ---- what is due ---- */

struct due { struct arena *a; int64_t org, seq, master, version; struct judged list[BATCH]; size_t n, max; bool stale, refused; };

static int read_due(struct daybook *d, struct due *x, struct err *reterr)
{
        const struct db_row *row;
        struct reader *r;
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        struct db *db = reader_db(r);
        int rc = db_one(db, SQL_farm_mark, DB_ARGS(db_i(x->org)), &row, reterr);
        if (rc == 1) {
                x->seq = db_int(row, 0);
                x->master = db_int(row, 1);
        }
        db_done(db, SQL_farm_mark);
        rc = rc < 0 || regulation_version(db, &x->version, reterr) < 0 ? -1 : db_query(db, SQL_judge_due_some, DB_ARGS(db_i(x->org), db_i((int64_t)x->max)), reterr);
        while (rc >= 0 && (rc = db_next(db, SQL_judge_due_some, &row, reterr)) == 1)
                x->list[x->n++].subject = arena_str(x->a, db_text(row, 0));
        reader_end(r);
        return rc < 0 ? -1 : 0;
}

static int unchanged(struct db *db, const struct due *x, struct err *reterr)
{
        const struct db_row *row;
        int64_t version;
        int rc = db_one(db, SQL_farm_mark_take, DB_ARGS(db_i(x->org)), &row, reterr);
        bool same = rc == 1 && db_int(row, 0) == x->seq && db_int(row, 1) == x->master;
        db_done(db, SQL_farm_mark_take);
        return rc < 0 || regulation_version(db, &version, reterr) < 0 ? -1 : same && version == x->version;
}

static int write_subject(struct db *db, struct due *x, const struct judged *j, struct err *reterr)
{
        int rc = j->passed.what ? passed_write(db, x->org, &j->passed, reterr) : alarms_write(db, x->a, x->org, j, clock_now_us(), reterr);
        if (rc == 0 && !j->passed.what)
                rc = db_run(db, SQL_farm_passed_drop, DB_ARGS(db_i(x->org), db_i(PASSED_JUDGING), db_i(0), db_t(j->subject)), reterr);
        return rc < 0 ? -1 : db_run(db, SQL_judge_due_drop, DB_ARGS(db_i(x->org), db_t(j->subject)), reterr);
}

static int write_judged(struct db *db, void *ctx, struct err *reterr)
{
        struct due *x = ctx;
        x->refused = false;
        int same = unchanged(db, x, reterr);
        x->stale = same == 0;
        if (same != 1)
                return same;
        for (size_t i = 0; i < x->n; i++)
                if (write_subject(db, x, &x->list[i], reterr) < 0) {
                        x->refused = db_refused(db);
                        return -1;
                }
        return 0;
}

static int judge_and_write(struct daybook *d, struct due *x, struct err *reterr)
{
        struct judging by;
        if (daybook_judging(d, x->a, x->org, &by, reterr) < 0)
                return -1;
        for (size_t i = 0; i < x->n; i++)
                if (judge_subject(d, &by, x->org, &x->list[i], reterr) < 0)
                        return -1;
        if (ledger_act(d->ledger, write_judged, x, reterr) < 0)
                return -1;
        for (size_t i = 0; i < x->n && !x->stale; i++)
                if (x->list[i].passed.what)
                        passed_tell(d, x->org, &x->list[i].passed);
        return 0;
}

/* How many were judged; 0: nothing is due, or others were faster.  `refuse`: the one that is judged is passed over for this reason. */
static int64_t judge_some(struct daybook *d, struct due *x, const char *refuse, struct err *reterr)
{
        if (read_due(d, x, reterr) < 0)
                return -1;
        if (x->n && refuse)
                x->list[0].passed = (struct passed){ PASSED_JUDGING, 0, x->list[0].subject, str_of(refuse) };
        if (!x->n)
                return 0;
        return judge_and_write(d, x, reterr) < 0 ? -1 : x->stale ? 0 : (int64_t)x->n;
}

/* As step_follow: what the store refuses for what it holds is found by smaller batches, and passed over. */
static int64_t judge_batch(struct daybook *d, int64_t org, bool *ret_more, struct err *reterr)
{
        char why[sizeof reterr->cause] = "";
        bool refused = true, last = false;
        int64_t n = -1;
        for (size_t max = BATCH; refused && !last; max /= 2) {
                struct arena *a = arena_new();
                struct due *x = arena_alloc(a, sizeof *x);
                struct err e = { 0 };
                x->a = a;
                x->org = org;
                x->max = max ? max : 1;
                last = max == 0;
                n = judge_some(d, x, last ? why : NULL, &e);
                refused = n < 0 && x->refused;
                *ret_more = n == (int64_t)x->max;
                memcpy(why, e.cause, sizeof why);
                arena_free(a);
                if (n < 0 && reterr)
                        *reterr = e;
        }
        return n;
}

int64_t judge_due(struct daybook *d, int64_t org, struct err *reterr)
{
        int64_t all = 0, n = 0;
        bool more = true;
        while (more && !d->stop) {
                n = judge_batch(d, org, &more, reterr);
                all += n > 0 ? n : 0;
        }
        return n < 0 ? -1 : all;
}
