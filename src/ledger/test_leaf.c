/* Every record and statement is a leaf, in order, as a stranger would compute it from docs/design/proof.md; what fails leaves none; two processes at once. */
#include "base/text.h"
#include "ledger/test_support.h"
#include "merkle/leaf.h"
#include "store/log.h"

static struct reader *begin(struct fixture *f)
{
        struct reader *r;
        assert_int_equal(reader_begin(f->store, &r, NULL), 0);
        return r;
}

static int64_t log_size(struct fixture *f)
{
        struct reader *r = begin(f);
        int64_t n = reader_log_size(r, NULL);
        reader_end(r);
        return n;
}

static void hex_of(const struct hash *h, char ret[65])
{
        for (int i = 0; i < 32; i++)
                snprintf(ret + 2 * i, 3, "%02x", h->b[i]);
}

/* By hand: nothing of merkle/. */
static struct hash header_hash(const char *org, int64_t n, const struct hash *before, const char *time, const struct hash *digest)
{
        char text[400], hex[65];
        hex_of(before, hex);
        int len = snprintf(text, sizeof text, "suyuan record v1\n/org/%s\n%lld\n%s\n%s\n-\n", org, (long long)n, hex, time);
        return sha256_2(text, (size_t)len, digest, 32);
}

static void assert_opens(struct reader *r, int64_t org, uint8_t type, int64_t ref, const struct hash *hash)
{
        struct log_opening o;
        struct log_row row;
        char bytes[80] = "ftlog commit v1";
        assert_int_equal(reader_log_of(r, org, type, ref, &o, NULL), 1);
        assert_memory_equal(&o.hash, hash, 32);
        memcpy(bytes + 16, &o.salt, 32);
        memcpy(bytes + 48, &o.hash, 32);
        struct hash commitment = sha256(bytes, sizeof bytes);
        assert_int_equal(reader_log_row(r, o.idx, &row, NULL), 1);
        assert_memory_equal(&row.commitment, &commitment, 32);
        assert_true(row.org == org && row.type == type && row.ref == ref && row.ms == o.ms);
}

static void the_chain_is_what_a_stranger_computes(void **state)
{
        static const char *const times[] = { "2026-06-30T16:01:00.000000Z", "2026-06-30T16:03:00.000000Z", "2026-06-30T16:02:00.000000Z" };
        struct fixture *f = *state;
        struct hash before = { 0 }, salt_before = { 0 };
        struct log_row rows[8];
        RECORD(f, PLAIN, { .minute = 1, .items = "'urn:x:1'" }, { .minute = 3, .items = "'urn:x:2'" });
        fixture_close(f);
        fixture_open(f);        /* the chain goes on from what is stored */
        RECORD(f, PLAIN, { .minute = 1, .items = "'urn:x:1'" }, { .minute = 2, .items = "'urn:x:3'" });
        struct reader *r = begin(f);
        assert_int_equal(reader_log_size(r, NULL), 3);
        assert_int_equal(reader_log_rows(r, 0, rows, 8, NULL), 3);
        assert_int_equal(reader_log_rows(r, 1, rows, 1, NULL), 1);
        assert_int_equal(reader_log_rows(r, 3, rows, 8, NULL), 0);
        assert_int_equal(reader_log_row(r, 3, rows, NULL), 0);
        for (int64_t n = 1; n <= 3; n++) {
                struct event_digests d;
                struct log_opening o;
                struct event_head head;
                assert_int_equal(reader_event_digests(r, ORG_DEFAULT, n, &d, NULL), 1);
                assert_int_equal(reader_event(r, f->arena, ORG_DEFAULT, n, &head, NULL), 1);
                before = header_hash("default", n, &before, times[n - 1], &d.digest);
                assert_opens(r, ORG_DEFAULT, LEAF_EVENT, n, &before);
                assert_int_equal(reader_log_of(r, ORG_DEFAULT, LEAF_EVENT, n, &o, NULL), 1);
                assert_int_equal(o.idx, n - 1);
                assert_int_equal(o.ms, head.record_us / 1000);
                assert_memory_not_equal(&o.salt, &salt_before, 32);
                salt_before = o.salt;
        }
        reader_end(r);
        assert_whole(f);
}

/* ---- statements ---- */

static int64_t say(struct fixture *f, uint8_t type, const char *subject, const char *detail, bool once)
{
        struct err e = { 0 };
        int64_t n = 0;
        struct ledger_statement s = { .org = ORG_DEFAULT, .type = type, .subject = str_of(subject), .detail = str_of(detail), .once = once };
        return ledger_state(f->ledger, &s, &n, &e) == 0 ? n : -(int64_t)e.kind;
}

static void statements_are_numbered_in_their_type_and_stand_beside_events(void **state)
{
        struct fixture *f = *state;
        static const char text[] = "suyuan statement v1\n6\n/org/default\n2\nurn:e:1\n3 consent\n";
        struct str subject, detail;
        int64_t ns[4];
        assert_int_equal(say(f, LEAF_ERASURE, "urn:e:0", "1 consent", false), 1);
        RECORD(f, PLAIN, { .minute = 1, .items = "'urn:x:1'" });
        assert_int_equal(say(f, LEAF_KEY, "urn:k", "added", false), 1);
        assert_int_equal(say(f, LEAF_ERASURE, "urn:e:1", "3 consent", false), 2);
        assert_int_equal(say(f, LEAF_ERASURE, "urn:e:1", "3 consent", true), 2);
        assert_int_equal(say(f, LEAF_ERASURE, "urn:e:1", "4 consent", true), 3);
        assert_int_equal(say(f, LEAF_ERASURE, "urn:e:1", "4 consent", false), 4);
        struct reader *r = begin(f);
        struct hash h = sha256(text, sizeof text - 1);
        assert_opens(r, ORG_DEFAULT, LEAF_ERASURE, 2, &h);
        assert_int_equal(reader_log_size(r, NULL), 6);
        assert_int_equal(reader_log_statement(r, f->arena, ORG_DEFAULT, LEAF_ERASURE, 3, &subject, &detail, NULL), 1);
        assert_true(str_is(subject, "urn:e:1") && str_is(detail, "4 consent"));
        assert_int_equal(reader_log_statement(r, f->arena, ORG_DEFAULT, LEAF_KEY, 2, &subject, &detail, NULL), 0);
        assert_int_equal(reader_log_about(r, f->arena, ORG_DEFAULT, LEAF_ERASURE, STR("urn:e:1"), ns, 4, NULL), 3);
        assert_true(ns[0] == 4 && ns[1] == 3 && ns[2] == 2);
        assert_int_equal(reader_log_about(r, f->arena, ORG_DEFAULT, LEAF_ERASURE, STR("urn:e:1"), ns, 1, NULL), 1);
        reader_end(r);
        assert_whole(f);
}

static void what_is_no_statement_is_refused_and_leaves_nothing(void **state)
{
        struct fixture *f = *state;
        const struct ledger_statement nobodys = { .org = 7, .type = LEAF_KEY, .subject = STR("urn:k"), .detail = STR("added") };
        struct err e = { 0 };
        assert_int_equal(say(f, LEAF_EVENT, "urn:k", "x", false), -ERR_BAD_INPUT);
        assert_int_equal(say(f, LEAF_TYPES, "urn:k", "x", false), -ERR_BAD_INPUT);
        assert_int_equal(say(f, LEAF_KEY, "", "x", false), -ERR_BAD_INPUT);
        assert_int_equal(say(f, LEAF_KEY, "urn:k", "", false), -ERR_BAD_INPUT);
        assert_int_equal(say(f, LEAF_KEY, "urn:k\n7", "x", false), -ERR_BAD_INPUT);
        assert_int_equal(say(f, LEAF_KEY, "urn:k", "x\r", false), -ERR_BAD_INPUT);
        assert_int_equal(say(f, LEAF_KEY, "urn:\xff", "x", false), -ERR_BAD_INPUT);
        assert_int_equal(ledger_state(f->ledger, &nobodys, NULL, &e), -1);
        assert_int_equal(e.kind, ERR_NOT_FOUND);
        assert_int_equal(log_size(f), 0);
        assert_int_equal(say(f, LEAF_KEY, "urn:k", "x", false), 1);
}

static int state_and_fail(struct db *db, void *ctx, struct err *reterr)
{
        struct fixture *f = ctx;
        struct ledger_statement s = { .org = ORG_DEFAULT, .type = LEAF_KEY, .subject = STR("urn:k"), .detail = STR("added") };
        (void)db;
        assert_int_equal(ledger_state_in(f->ledger, &s, NULL, reterr), 0);
        return err_set(reterr, ERR_CONFLICT, "no");
}

static void a_change_that_fails_takes_its_statement_with_it(void **state)
{
        struct fixture *f = *state;
        RECORD(f, PLAIN, { .minute = 1, .items = "'urn:x:1'" });
        assert_int_equal(ledger_act(f->ledger, state_and_fail, f, NULL), -1);
        assert_int_equal(log_size(f), 1);
        assert_int_equal(say(f, LEAF_KEY, "urn:k", "added", true), 1);
        RECORD(f, PLAIN, { .minute = 2, .items = "'urn:x:1'" });
        assert_int_equal(log_size(f), 3);
        assert_whole(f);
}

static void a_photo_is_in_the_log_once(void **state)
{
        struct fixture *f = *state;
        struct hash h, other = { { 1 } };
        struct str subject, detail;
        struct err e = { 0 };
        assert_int_equal(ledger_blob(f->ledger, f->store, ORG_DEFAULT, "\xff\xd8\xffphoto", 8, &h, NULL), 0);
        assert_int_equal(ledger_blob(f->ledger, f->store, ORG_DEFAULT, "\xff\xd8\xffphoto", 8, &h, NULL), 0);
        assert_int_equal(ledger_state_blob(f->ledger, f->store, ORG_DEFAULT, &h, NULL), 0);
        assert_int_equal(ledger_state_blob(f->ledger, f->store, ORG_DEFAULT, &other, &e), -1);
        assert_int_equal(e.kind, ERR_NOT_FOUND);
        assert_int_equal(log_size(f), 1);
        struct reader *r = begin(f);
        assert_int_equal(reader_log_statement(r, f->arena, ORG_DEFAULT, LEAF_BLOB, 1, &subject, &detail, NULL), 1);
        reader_end(r);
        assert_true(str_is(detail, "8 image/jpeg"));
        assert_true(str_starts(subject, STR("ni:///sha-256;")));
        assert_true(hex_read(str_from(subject, 14), &other, 32));
        assert_memory_equal(&h, &other, 32);
}

/* ---- copies ---- */

static void add_organisation(struct fixture *f)
{
        fixture_close(f);
        assert_int_equal(raw_sql(f->db, "INSERT INTO org (id, code, name, secret, created_us) VALUES (2, 'buyer', 'buyer', zeroblob(32), 0)"), 0);
        assert_int_equal(raw_sql(f->db, "INSERT INTO org_party (org, canonical) VALUES (2, 'https://id.gs1.org/417/6900000000007')"), 0);
        fixture_open(f);
}

#define SHIPPED ",'sourceList':[{'type':'owning_party','source':'urn:who'}],'destinationList':[{'type':'owning_party','destination':'https://id.gs1.org/417/6900000000007'}]"

static void a_copy_is_a_record_of_its_organisation(void **state)
{
        struct fixture *f = *state;
        struct hash none = { 0 };
        struct event_digests d;
        struct log_opening o;
        add_organisation(f);
        RECORD(f, PLAIN, { .minute = 1, .items = "'urn:x:1'" }, { .minute = 2, .items = "'urn:x:1'", .more = SHIPPED }, { .minute = 3, .items = "'urn:x:1'" });
        struct reader *r = begin(f);
        assert_int_equal(reader_log_size(r, NULL), 4);
        assert_int_equal(reader_event_digests(r, 2, 1, &d, NULL), 1);
        struct hash h = header_hash("buyer", 1, &none, "2026-06-30T16:02:00.000000Z", &d.digest);
        assert_opens(r, 2, LEAF_EVENT, 1, &h);
        assert_int_equal(reader_log_of(r, 2, LEAF_EVENT, 1, &o, NULL), 1);
        assert_int_equal(o.idx, 3);
        reader_end(r);
        assert_whole(f);
}

/* ---- two processes on one server ---- */

enum { PROCESSES = 3, JOBS = 40 };

static void record_much(struct fixture *f, int number)
{
        for (int i = 0; i < JOBS; i++) {
                char items[64], detail[32];
                snprintf(items, sizeof items, "'urn:x:%d'", number * 1000 + i);
                snprintf(detail, sizeof detail, "%d %d", number, i);
                RECORD(f, PLAIN, { .minute = i, .items = items }, { .minute = i, .items = items, .more = SHIPPED });
                if (i % 4 == 0 && say(f, LEAF_CLOCK, "urn:d", detail, false) < 1)
                        _exit(1);
                if (say(f, LEAF_CERTIFICATE, "urn:c", "one for all", true) != 1)
                        _exit(2);
        }
}

static void processes_that_write_at_once_make_one_log(void **state)
{
        struct fixture *f = *state;
        pid_t pid[PROCESSES];
        add_organisation(f);
        fixture_close(f);
        for (int i = 0; i < PROCESSES; i++)
                if ((pid[i] = fork()) == 0) {
                        fixture_open(f);
                        record_much(f, i);
                        fixture_close(f);
                        _exit(0);
                }
        for (int i = 0; i < PROCESSES; i++) {
                int status = -1;
                assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
                assert_int_equal(status, 0);
        }
        fixture_open(f);
        assert_int_equal(log_size(f), PROCESSES * JOBS * 3 + PROCESSES * JOBS / 4 + 1);
        assert_int_equal(raw_sql(f->db, "SELECT max(n) FROM log_statement WHERE type = 9"), PROCESSES * JOBS / 4);
        assert_int_equal(raw_sql(f->db, "SELECT count(*) FROM log_leaf a JOIN log_leaf b ON b.idx = a.idx + 1 WHERE b.ms < a.ms"), 0);
        assert_whole(f);        /* gapless, each record once, chains whole */
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                T(the_chain_is_what_a_stranger_computes),
                T(statements_are_numbered_in_their_type_and_stand_beside_events),
                T(what_is_no_statement_is_refused_and_leaves_nothing),
                T(a_change_that_fails_takes_its_statement_with_it),
                T(a_photo_is_in_the_log_once),
                T(a_copy_is_a_record_of_its_organisation),
                T(processes_that_write_at_once_make_one_log),   /* the last: SQLite has one writer */
        };
        size_t n = sizeof(tests) / sizeof(*tests) - (getenv("SUYUAN_TEST_DATABASE") ? 0 : 1);
        return _cmocka_run_group_tests("tests", tests, n, NULL, NULL);
}
