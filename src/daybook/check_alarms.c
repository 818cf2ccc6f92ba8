#include "base/clock.h"
#include "daybook/check_impl.h"
#include "store/sql_names.h"

/* Every season and every lot is judged once more, as after a rebuild, and its alarms held against that.  What a rule says may depend on the day on which it
 * is asked ("it has not happened yet"), and an alarm is judged anew only when its season is touched: where an alarm differs from today's answer it is asked
 * as of the day on which it was opened, before anything is said. */

enum { PAGE = 64, SHANGHAI_MIN = 480 };

struct subject_check {
        struct day_check *c;
        const struct check_org *org;
        struct arena *arena;
        struct str subject;
        struct season_facts facts;
        struct lot_facts lot;           /* without a name: it is a season */
        struct judging by;              /* found: as of today */
        struct judging then;            /* as of the day `then.today` */
};

static struct judging judge_as_of(struct subject_check *s, int day)
{
        struct judging j = s->by;
        j.today = day;
        j.found = NULL;
        j.n = j.cap = 0;
        j.season = &s->facts;
        j.lot = s->lot.canonical.n ? &s->lot : NULL;
        season_judge(&j);
        return j;
}

static const struct finding *finding_of(const struct judging *j, const struct kept *k)
{
        for (size_t i = 0; i < j->n; i++)
                if (str_is(k->rule, j->found[i].rule->name) && str_eq(k->key, j->found[i].key))
                        return &j->found[i];
        return NULL;
}

static const struct finding *found_then(struct subject_check *s, const struct kept *k)
{
        int day = (int)civil_of(k->opened_us, SHANGHAI_MIN).day_number;
        if (!s->then.arena || s->then.today != day)
                s->then = judge_as_of(s, day);
        return finding_of(&s->then, k);
}

static void differs(struct subject_check *s, struct str rule, struct str key, const char *what)
{
        struct str subject = s->subject;
        day_say(s->c, "alarm", "org %.*s, %.*s, rule %.*s, %.*s: %s", STR_ARG(s->org->code), (int)(subject.n < 200 ? subject.n : 200), subject.p, STR_ARG(rule),
                (int)(key.n < 200 ? key.n : 200), key.n ? key.p : "", what);
}

/* NULL: it says what the rule says. */
static const char *difference(struct subject_check *s, const struct kept *k, const struct finding *f, const struct decision *last)
{
        if (k->closed_us && !(last && last->closes))
                return "is closed, but the rule finds it and nobody decided so";
        if (last && last->closes && k->closed_us != last->decided_us)
                return k->closed_us ? "is not closed when it was decided" : "is open, but a decision closed it";
        if (k->severity != (int64_t)f->severity)
                return "is not what the rule finds: severity";
        if (k->seq != f->seq)
                return "is not what the rule finds: seq";
        if (!str_eq(k->pointer, f->pointer))
                return "is not what the rule finds: pointer";
        return str_eq(k->words, alarm_words(s->arena, f)) ? NULL : "is not what the rule finds: words";
}

/* Do its words depend on the day on which it was written down? */
static bool of_its_day(struct subject_check *s, const struct kept *k, const struct finding *f)
{
        const struct finding *then = found_then(s, k);
        return !then || !str_eq(alarm_words(s->arena, then), alarm_words(s->arena, f));
}

static void check_found(struct subject_check *s, const struct finding *f, struct kept *k, const struct decision *last)
{
        struct str rule = str_of(f->rule->name);
        if (!k) {
                differs(s, rule, f->key, "is missing");
                return;
        }
        k->found = true;
        const char *what = difference(s, k, f, last);
        if (!what)
                return;
        struct kept as = *k;
        as.words = alarm_words(s->arena, f);
        if (difference(s, &as, f, last) || !of_its_day(s, k, f))
                differs(s, rule, f->key, what);
}

static int check_subject(struct subject_check *s, struct err *reterr)
{
        struct decision *decisions;
        struct kept *kept;
        int64_t org = s->org->id;
        if (subject_look(&(struct looking){ s->c->scratch, s->c->store, s->c->reader }, s->arena, org, s->subject, &s->facts, &s->lot, reterr) < 0)
                return -1;
        s->by = judge_as_of(s, s->by.today);
        ssize_t n_decisions = alarms_decided(s->c->stored, s->arena, org, s->subject, &decisions, reterr);
        ssize_t n = n_decisions < 0 ? -1 : alarms_kept(s->c->stored, s->arena, org, s->subject, &kept, reterr);
        if (n < 0)
                return -1;
        for (size_t i = 0; i < s->by.n; i++) {
                const struct finding *f = &s->by.found[i];
                check_found(s, f, kept_of(kept, n, f), decision_newest(decisions, (size_t)n_decisions, str_of(f->rule->name), f->key));
        }
        for (ssize_t i = 0; i < n; i++)
                if (!kept[i].found && !kept[i].closed_us && !found_then(s, &kept[i]))
                        differs(s, kept[i].rule, kept[i].key, "is open, but no rule finds it");
        return 0;
}

/* ---- which ---- */

/* Reads (org, subject) of what stands, and runs a statement on the scratch file for each. */
static int for_each(struct day_check *c, int query, int run, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_query(c->stored, query, DB_NO_ARGS, reterr);
        while (rc >= 0 && (rc = db_next(c->stored, query, &row, reterr)) == 1)
                if (db_run(c->scratch, run, DB_ARGS(db_i(db_int(row, 0)), db_t(db_text(row, 1))), reterr) < 0)
                        rc = -1;
        db_done(c->stored, query);
        return rc < 0 ? -1 : 0;
}

/* All that is there, but for what the day book is about to judge. */
static int find_subjects(struct day_check *c, struct err *reterr)
{
        if (db_run(c->scratch, SQL_judge_due_all_seasons, DB_ARGS(db_i(THING_SEASON)), reterr) < 0 || db_run(c->scratch, SQL_judge_due_all_lots, DB_NO_ARGS, reterr) < 0)
                return -1;
        return for_each(c, SQL_all_alarm_subjects, SQL_judge_due_add, reterr) < 0 ? -1 : for_each(c, SQL_all_judge_due, SQL_judge_due_drop, reterr);
}

/* How many; 0: no more. */
static int64_t check_page(struct day_check *c, const struct check_org *o, const struct judging *by, struct arena *a, struct err *reterr)
{
        struct str list[PAGE];
        const struct db_row *row;
        size_t n = 0;
        int rc = db_query(c->scratch, SQL_judge_due_some, DB_ARGS(db_i(o->id), db_i(PAGE)), reterr);
        while (rc >= 0 && (rc = db_next(c->scratch, SQL_judge_due_some, &row, reterr)) == 1)
                list[n++] = arena_str(a, db_text(row, 0));
        for (size_t i = 0; i < n && rc >= 0; i++) {
                struct subject_check s = { .c = c, .org = o, .arena = a, .subject = list[i], .by = *by };
                s.by.arena = a;
                rc = !o->under_way && check_subject(&s, reterr) < 0 ? -1 : db_run(c->scratch, SQL_judge_due_drop, DB_ARGS(db_i(o->id), db_t(list[i])), reterr);
        }
        return rc < 0 ? -1 : (int64_t)n;
}

static int check_org(struct day_check *c, const struct check_org *o, const struct regulation *reg, struct err *reterr)
{
        struct arena *inputs = arena_new();
        struct judging by = { .arena = inputs, .today = (int)civil_of(clock_now_us(), SHANGHAI_MIN).day_number, .regulation = reg };
        int64_t n = judging_inputs(c->scratch, inputs, o->id, &by, reterr) < 0 ? -1 : 1;
        while (n > 0) {
                struct arena *a = arena_new();
                n = check_page(c, o, &by, a, reterr);
                arena_free(a);
        }
        arena_free(inputs);
        return n < 0 ? -1 : 0;
}

int check_alarms(struct day_check *c, struct err *reterr)
{
        const struct regulation *reg;
        if (regulation_look(c->stored, c->arena, &reg, reterr) < 0 || db_begin(c->scratch, reterr) < 0 || find_subjects(c, reterr) < 0)
                return -1;
        for (size_t i = 0; i < c->n_orgs; i++) {
                if (c->progress)
                        c->progress(c->ctx, "alarm", (int64_t)i, (int64_t)c->n_orgs);
                if (check_org(c, &c->orgs[i], reg, reterr) < 0)
                        return -1;
        }
        return db_commit(c->scratch, reterr);
}
