/* Random streams of documents from several threads at once, against a naive model of what the ledger promises. */
#include <pthread.h>

#include "ledger/test_support.h"
#include "merkle/leaf.h"
#include "store/log.h"

enum { THREADS = 4, JOBS = 60, MOST_EVENTS = 6, IDS = 12, MINUTES = 5, ITEMS = 9 };

/* The whole content of an event to be; equal content is the same record. */
struct content { int id, minute, item, declares; };

struct said { struct content content; struct recorded r; bool refuse, undone; };

struct submitter {
        struct fixture *f;
        uint64_t dice;
        struct said said[JOBS * MOST_EVENTS];
        size_t n;
        int64_t statements;
        bool failed;
};

static unsigned throw_dice(uint64_t *dice, unsigned sides)
{
        *dice = *dice * UINT64_C(6364136223846793005) + 1442695040888963407u;
        return (unsigned)(*dice >> 33) % sides;
}

static struct content any(uint64_t *dice)
{
        struct content c = { (int)throw_dice(dice, IDS), (int)throw_dice(dice, MINUTES), (int)throw_dice(dice, ITEMS), throw_dice(dice, 4) == 0 };
        if (c.id > IDS / 2)
                c.id = 0;       /* none: the server gives one */
        return c;
}

static struct line line_of(struct arena *a, struct content c)
{
        struct str id = arena_printf(a, "https://ids.example.cn/%d", c.id);
        struct str items = arena_printf(a, "'urn:x:%d','urn:x:%d'", c.item, c.item + 100);
        return (struct line){ .id = c.id ? id.p : NULL, .minute = c.minute, .items = items.p, .declares_error = c.declares };
}

/* Something that is no event, between them. */
static void state_one(struct submitter *s)
{
        const struct ledger_statement x = { .org = ORG_DEFAULT, .type = LEAF_CLOCK, .subject = STR("urn:d"), .detail = STR("0") };
        int64_t n = 0;
        s->failed |= ledger_state(s->f->ledger, &x, &n, NULL) < 0 || n < 1;
        s->statements++;
}

static void submit_one(struct submitter *s)
{
        struct arena *a = arena_new();
        struct content contents[MOST_EVENTS];
        struct line lines[MOST_EVENTS];
        size_t n = 1 + throw_dice(&s->dice, MOST_EVENTS);
        for (size_t i = 0; i < n; i++) {
                contents[i] = any(&s->dice);
                lines[i] = line_of(a, contents[i]);
        }
        struct ledger_job j = { .org = ORG_DEFAULT, .door = DOOR_CAPTURE, .actor = STR("model"), .doc = document_of(a, lines, n), .arena = a,
                                .refuse_known_event_id = throw_dice(&s->dice, 2), .all_or_nothing = throw_dice(&s->dice, 2) };
        if (ledger_record(s->f->ledger, &j, NULL) < 0)
                s->failed = true;
        if (throw_dice(&s->dice, 3) == 0)
                state_one(s);
        for (size_t i = 0; i < n && !s->failed; i++)
                s->said[s->n++] = (struct said){ contents[i], j.recorded[i], j.refuse_known_event_id, j.undone };
        arena_free(a);
}

static void *submit_many(void *ctx)
{
        struct submitter *s = ctx;
        for (int i = 0; i < JOBS && !s->failed; i++)
                submit_one(s);
        return NULL;
}

/* ---- the model ---- */

static bool equal(struct content a, struct content b)
{
        return a.id == b.id && a.minute == b.minute && a.item == b.item && a.declares == b.declares;
}

/* Two different records under one eventID that do not belong together. */
static bool clash(struct content a, struct content b)
{
        bool same_event = a.minute == b.minute && a.item == b.item;
        return a.id && a.id == b.id && !equal(a, b) && !((a.declares || b.declares) && same_event);
}

struct model { struct content of[THREADS * JOBS * MOST_EVENTS + 1]; struct recorded said[THREADS * JOBS * MOST_EVENTS + 1]; int64_t last; };

static void each_number_is_given_once(struct model *m, const struct submitter *s)
{
        for (int t = 0; t < THREADS; t++)
                for (size_t i = 0; i < s[t].n; i++) {
                        const struct said *x = &s[t].said[i];
                        if (x->r.outcome != OUTCOME_CAPTURED)
                                continue;
                        assert_false(x->undone);
                        assert_int_equal(m->said[x->r.seq].seq, 0);
                        m->of[x->r.seq] = x->content;
                        m->said[x->r.seq] = x->r;
                        if (x->r.seq > m->last)
                                m->last = x->r.seq;
                }
        for (int64_t seq = 1; seq <= m->last; seq++) {
                assert_int_equal(m->said[seq].seq, seq);
                for (int64_t other = 1; other < seq; other++)
                        assert_false(equal(m->of[seq], m->of[other]));
        }
}

static bool clashes_before(const struct model *m, struct content c, int64_t before)
{
        for (int64_t seq = 1; seq < before; seq++)
                if (clash(m->of[seq], c))
                        return true;
        return false;
}

static void every_answer_is_right(const struct model *m, const struct said *x)
{
        switch (x->r.outcome) {
        case OUTCOME_CAPTURED:
                assert_int_equal(x->r.same_event_id, clashes_before(m, x->content, x->r.seq));
                assert_false(x->refuse && x->r.same_event_id);
                break;
        case OUTCOME_KNOWN:
                assert_true(x->r.seq >= 1 && x->r.seq <= m->last && equal(m->of[x->r.seq], x->content));
                assert_string_equal(x->r.event_id, m->said[x->r.seq].event_id);
                break;
        case OUTCOME_CONFLICT:
                assert_true(x->refuse);
                break;
        case OUTCOME_REFUSED:
                assert_true(x->undone);
                break;
        }
}

static bool declared_wrong(const struct model *m, struct content c)
{
        for (int64_t seq = 1; seq <= m->last; seq++)
                if (c.id && m->of[seq].id == c.id && m->of[seq].declares)
                        return !c.declares;
        return false;
}

static void every_event_stands_as_said(struct fixture *f, const struct model *m)
{
        struct reader *r;
        struct item_event at[THREADS * JOBS * MOST_EVENTS];
        assert_int_equal(reader_begin(f->store, &r, NULL), 0);
        assert_int_equal(reader_last_seq(r, ORG_DEFAULT, NULL), m->last);
        for (int64_t seq = 1; seq <= m->last; seq++) {
                struct event_head h;
                assert_int_equal(reader_event(r, f->arena, ORG_DEFAULT, seq, &h, NULL), 1);
                assert_true(str_is(h.event_id, m->said[seq].event_id));
                assert_int_equal(h.error_declaration, m->of[seq].declares);
                assert_int_equal(h.declared_wrong, declared_wrong(m, m->of[seq]));
        }
        for (int item = 0; item < ITEMS; item++) {
                ssize_t n = 0, expected = 0;
                int64_t id = reader_item(r, ORG_DEFAULT, arena_printf(f->arena, "urn:x:%d", item), NULL);
                for (int64_t seq = 1; seq <= m->last; seq++)
                        expected += m->of[seq].item == item;
                if (id)
                        n = reader_item_events(r, ORG_DEFAULT, id, 0, at, sizeof at / sizeof *at, NULL);
                assert_int_equal(n, expected);
                for (ssize_t i = 0; i < n; i++)
                        assert_int_equal(m->of[at[i].seq].item, item);
        }
        reader_end(r);
}

/* Leaves without a gap, each number of each kind in its turn, times that never run backwards. */
static void the_log_holds_each_once(struct fixture *f, const struct model *m, int64_t statements)
{
        struct reader *r;
        int64_t next[2] = { 1, 1 }, ms = 0;
        ssize_t n = (ssize_t)(m->last + statements);
        struct log_row *rows = arena_array(f->arena, struct log_row, n + 1);
        assert_int_equal(reader_begin(f->store, &r, NULL), 0);
        assert_int_equal(reader_log_rows(r, 0, rows, (size_t)n + 1, NULL), n);
        reader_end(r);
        for (ssize_t i = 0; i < n; i++) {
                assert_int_equal(rows[i].idx, i);
                assert_true(rows[i].type == LEAF_EVENT || rows[i].type == LEAF_CLOCK);
                assert_int_equal(rows[i].ref, next[rows[i].type == LEAF_CLOCK]++);
                assert_true(rows[i].ms >= ms);
                ms = rows[i].ms;
        }
        assert_int_equal(next[1] - 1, statements);
}

/* ---- rebuild ---- */

static const char *const tables[] = { "item", "event", "event_item", "event_once", "event_name", "event_body", "term", "finding", "log_leaf", "log_of", "log_statement" };
enum { TABLES = sizeof tables / sizeof *tables };

/* A second database beside (SQLite), or tables called old_… (a server). */
static void keep_copies(struct fixture *f, const char *copy)
{
        if (!f->server)
                assert_int_equal(raw_sql(f->db, arena_printf(f->arena, "VACUUM INTO '%s'", copy).p), 0);
        for (size_t i = 0; f->server && i < TABLES; i++)
                assert_int_equal(raw_sql(f->db, arena_printf(f->arena, "CREATE TABLE old_%s AS TABLE %s", tables[i], tables[i]).p), 0);
}

static int64_t rows_that_differ(struct fixture *f, const char *copy)
{
        struct str attach = f->server ? STR("") : arena_printf(f->arena, "ATTACH '%s' AS old; ", copy);
        const char *old = f->server ? "old_" : "old.";
        int64_t n = 0;
        for (size_t i = 0; i < TABLES; i++) {
                const char *t = tables[i];
                int64_t differ = raw_sql(f->db, arena_printf(f->arena, "%sSELECT (SELECT count(*) FROM (SELECT * FROM %s EXCEPT SELECT * FROM %s%s) AS a)"
                                                             " + (SELECT count(*) FROM (SELECT * FROM %s%s EXCEPT SELECT * FROM %s) AS b)", attach.p, t, old, t, old, t, t).p);
                assert_true(differ >= 0);
                n += differ;
        }
        return n;
}

static void a_rebuild_is_identical(struct fixture *f)
{
        struct err e = { 0 };
        struct str copy = arena_printf(f->arena, "%s/copy.db", f->dir);
        fixture_close(f);
        keep_copies(f, copy.p);
        fixture_open_store(f);
        if (ledger_rebuild(f->store, NULL, NULL, &e) < 0)
                fail_msg("%s (%s)", e.detail, e.cause);
        store_close(f->store);
        assert_int_equal(rows_that_differ(f, copy.p), 0);
        assert_true(raw_sql(f->db, "SELECT count(*) FROM event") > 100);
        fixture_open(f);
}

static void concurrent_streams_fit_the_model(void **state)
{
        struct fixture *f = *state;
        pthread_t threads[THREADS];
        struct submitter *s = calloc(THREADS, sizeof *s);
        struct model *m = calloc(1, sizeof *m);
        for (int t = 0; t < THREADS; t++) {
                s[t].f = f;
                s[t].dice = (uint64_t)t * 977 + 5;
                assert_int_equal(pthread_create(&threads[t], NULL, submit_many, &s[t]), 0);
        }
        for (int t = 0; t < THREADS; t++)
                pthread_join(threads[t], NULL);
        for (int t = 0; t < THREADS; t++)
                assert_false(s[t].failed);
        each_number_is_given_once(m, s);
        int64_t statements = 0;
        for (int t = 0; t < THREADS; t++)
                statements += s[t].statements;
        the_log_holds_each_once(f, m, statements);
        for (int t = 0; t < THREADS; t++)
                for (size_t i = 0; i < s[t].n; i++)
                        every_answer_is_right(m, &s[t].said[i]);
        every_event_stands_as_said(f, m);
        assert_whole(f);
        a_rebuild_is_identical(f);
        every_event_stands_as_said(f, m);
        assert_whole(f);
        free(s);
        free(m);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(concurrent_streams_fit_the_model, setup, teardown) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
