/* What check says of a log that was changed: each place by its name. */
#include "ledger/test_support.h"

/* `form` has the table's name once or twice. */
static void each_kept_table(struct fixture *f, const char *form)
{
        static const char *const tables[] = { "log_leaf", "log_of", "log_statement", "log_state", "event", "event_body" };
        for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
                struct buf b = { .max = 200 };
                for (const char *p = form; *p; p++)
                        if (*p == '%')
                                buf_z(&b, tables[i]), p++;
                        else
                                buf_char(&b, *p);
                assert_int_equal(raw_sql(f->db, b.p), 0);
                buf_free(&b);
        }
}

/* The log is no view: what is wrong with it is told, and nothing makes it again. */
static void a_damaged_log_is_found_and_named(void **state)
{
        static const struct { const char *sql, *says; } damages[] = {
                { "UPDATE log_of SET salt = zeroblob(32) WHERE type = 1 AND ref = 2", "log_of: org 1, event 2: its salt does not open its leaf" },
                { "UPDATE log_of SET salt = zeroblob(31) WHERE type = 1 AND ref = 2", "log_of: org 1, event 2: its salt or hash is damaged" },
                { "UPDATE log_of SET hash = zeroblob(32) WHERE type = 1 AND ref = 2", "log_of: org 1, event 2: its hash is not that of the record" },
                { "UPDATE log_of SET hash = (SELECT hash FROM log_of WHERE type = 1 AND ref = 1), salt = (SELECT salt FROM log_of WHERE type = 1 AND ref = 1), idx = 0 WHERE type = 1 AND ref = 2",
                  "log_of: org 1, event 2: its leaf is another record's" },
                { "DELETE FROM log_of WHERE type = 1 AND ref = 3", "log_of: org 1, event 3: is not in the log" },
                { "INSERT INTO log_of (org, type, ref, idx, salt, hash) VALUES (1, 1, 9, 9, zeroblob(32), zeroblob(32))", "log_of: org 1, type 1, number 9: stands here, but is no record's" },
                { "UPDATE log_leaf SET commitment = zeroblob(32) WHERE idx = 1", "log_of: org 1, event 2: its salt does not open its leaf" },
                { "UPDATE log_leaf SET commitment = zeroblob(31) WHERE idx = 1", "log_leaf: idx 1: its commitment is damaged" },
                { "UPDATE log_leaf SET ms = ms + 1 WHERE idx = 1", "log_leaf: idx 1: its time is not that of its record" },
                { "UPDATE log_leaf SET ms = ms - 1 WHERE idx = 2", "log_leaf: idx 2: its time is before that of the leaf before it" },
                { "UPDATE log_leaf SET ms = ms - 1 WHERE idx = 0", "log_leaf: idx 0: its time is not that of its record" },
                { "UPDATE log_leaf SET ms = ms + 1 WHERE idx = 0", "log_leaf: idx 1: its time is before that of the leaf before it" },
                { "UPDATE log_leaf SET ref = 7 WHERE idx = 1", "log_leaf: idx 1: there is nothing that it stands for" },
                { "UPDATE log_leaf SET type = 2 WHERE idx = 1", "log_of: org 1, event 2: its leaf is another record's" },
                { "DELETE FROM log_leaf WHERE idx = 1", "log_leaf: idx 1: is missing" },
                { "DELETE FROM log_leaf WHERE idx = 3", "log_of: org 1, type 7, statement 1: its leaf is missing" },
                { "UPDATE event SET record_us = record_us + 1000 WHERE seq = 2", "log_leaf: idx 1: its time is not that of its record" },
                { "UPDATE event SET digest = zeroblob(32) WHERE seq = 2", "log_of: org 1, event 2: the record is not what its leaf commits to" },
                { "UPDATE event SET time_us = time_us + 1 WHERE seq = 1", "log_of: org 1, event 1: the record is not what its leaf commits to" },
                { "DELETE FROM event WHERE seq = 2; DELETE FROM event_body WHERE seq = 2", "log_leaf: idx 1: there is nothing that it stands for" },
                { "UPDATE log_statement SET detail = 'added urn:y'", "log_of: org 1, type 7, statement 1: the record is not what its leaf commits to" },
                { "UPDATE log_statement SET n = 2", "log_statement: org 1, type 7: statement 1 is missing" },
                { "UPDATE log_statement SET subject = ''", "log_statement: org 1, type 7, statement 1: is none" },
                { "DELETE FROM log_statement", "log_leaf: idx 3: there is nothing that it stands for" },
                { "INSERT INTO log_state (n, origin, vkey, created_us, size, root, note, epoch, holder, until_us) VALUES (1, 'x', 'x', 0, 4, zeroblob(32), '', 0, '', 0)",
                  "log_state: n 1: the first 4 leaves do not give the root that was signed" },
                { "INSERT INTO log_state (n, origin, vkey, created_us, size, root, note, epoch, holder, until_us) VALUES (1, 'x', 'x', 0, 5, zeroblob(32), '', 0, '', 0)",
                  "log_state: n 1: 5 leaves were signed, and 4 are left" },
        };
        struct fixture *f = *state;
        const struct ledger_statement key = { .org = ORG_DEFAULT, .type = 7, .subject = STR("urn:k"), .detail = STR("added urn:x") };
        RECORD(f, PLAIN, { .id = "urn:e:1", .minute = 1, .items = "'urn:x:1','urn:x:2'" }, { .minute = 2, .items = "'urn:x:2'" }, { .minute = 3, .items = "'urn:x:3'" });
        assert_int_equal(ledger_state(f->ledger, &key, NULL, NULL), 0);
        each_kept_table(f, "CREATE TABLE kept_%s AS SELECT * FROM %s");
        for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
                assert_int_equal(raw_sql(f->db, damages[i].sql), 0);
                if (faults_of(f) < 1 || !strstr(f->faults.p, damages[i].says))
                        fail_msg("after %s check said: %s", damages[i].sql, f->faults.p);
                each_kept_table(f, "DELETE FROM %s");
                each_kept_table(f, "INSERT INTO %s SELECT * FROM kept_%s");
        }
        assert_whole(f);
}

static void many_faults_of_the_log_are_counted(void **state)
{
        struct fixture *f = *state;
        for (int i = 0; i < 15; i++)
                RECORD(f, PLAIN, { .minute = i, .items = "'urn:x:1'" }, { .minute = i, .items = "'urn:x:2'" });
        assert_int_equal(raw_sql(f->db, "UPDATE log_of SET salt = zeroblob(32)"), 0);
        assert_int_equal(faults_of(f), 30);
        assert_non_null(strstr(f->faults.p, "log: and 10 faults more"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                T(a_damaged_log_is_found_and_named),
                T(many_faults_of_the_log_are_counted),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
