#include "base/test.h"

#include <stdio.h>

#include "merkle/policy.h"
#include "merkle/tree.h"

/* Goal: a policy is read as it is meant or refused with its line, and a checkpoint passes exactly when log and quorum say so. */

static struct arena *a;
enum { LOGS = 3, WITNESSES = 6 };
static struct signer *logs[LOGS], *witnesses[WITNESSES];       /* logs 0 and 1 are keys of one log, 2 of another */
static char log_text[LOGS][128], witness_text[WITNESSES][128];

static struct signer *signer_of(const char *name, enum key_type type, int seed_byte, char ret_text[128])
{
        uint8_t seed[32];
        struct buf b = { .max = 127 };

        memset(seed, seed_byte, sizeof seed);
        struct signer *s = signer_ed25519(a, str_of(name), type, seed);
        vkey_write(&b, &s->vkey);
        memcpy(ret_text, b.p, b.n + 1);
        buf_free(&b);
        return s;
}

static int setup(void **state)
{
        (void)state;
        a = arena_new();
        for (int i = 0; i < LOGS; i++)
                logs[i] = signer_of(i < 2 ? "log.example" : "other.example", KEY_ED25519, 1 + i, log_text[i]);
        for (int i = 0; i < WITNESSES; i++)
                witnesses[i] = signer_of(arena_printf(a, "w%d.example", i).p, KEY_COSIGN, 10 + i, witness_text[i]);
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        arena_free(a);
        return 0;
}

/* ---- reading ---- */

/* $L0 and $W0 in a text stand for the keys. */
static struct str expand(const char *text)
{
        struct buf b = { .max = POLICY_BYTES_MAX };

        for (; *text; text++) {
                if (text[0] == '$' && text[1] == 'L')
                        buf_z(&b, log_text[text[2] - '0']);
                else if (text[0] == '$' && text[1] == 'W')
                        buf_z(&b, witness_text[text[2] - '0']);
                else
                        buf_char(&b, *text);
                text += text[0] == '$' ? 2 : 0;
        }
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

static struct policy *policy_of(const char *text)
{
        struct policy *p = NULL;
        struct err e = { 0 };

        if (policy_read(a, expand(text), &p, &e) < 0)
                fail_msg("%s: %s", text, e.detail);
        return p;
}

static void a_policy_is_read(void **state)
{
        const struct policy *p = policy_of("# comment\n\n \t # another\nlog $L0 https://log.example/\nlog\t$L2\n  witness one $W0 https://w0.example/x#y  \n"
                                           "witness \xe6\xba\xaf $W1\ngroup both all one \xe6\xba\xaf\nquorum both");
        size_t n;
        const struct policy_log *l = policy_logs(p, &n);

        (void)state;
        assert_int_equal(n, 2);
        assert_str(l[0].url, "https://log.example/");
        assert_true(l[1].url.p == NULL);
        assert_int_equal(l[1].vkey.id, logs[2]->vkey.id);
        const struct policy_witness *w = policy_witnesses(p, &n);
        assert_int_equal(n, 2);
        assert_str(w[0].name, "one");
        assert_str(w[0].url, "https://w0.example/x#y");
        assert_int_equal(w[1].vkey.id, witnesses[1]->vkey.id);
        assert_string_equal(policy_quorum(p), "both");
        assert_string_equal(policy_quorum(policy_of("quorum none\n")), "none");
}

static void mistakes_are_told_with_their_line(void **state)
{
        static const struct { const char *text; int line; } bad[] = {
                { "", 1 }, { "log $L0\n", 2 }, { "# quorum none\n", 2 }, { "quorum\n", 1 }, { "quorum none none\n", 1 }, { "quorum none\nquorum none\n", 2 },
                { "quorum one\nwitness one $W0\n", 1 }, { "Quorum none\n", 1 }, { "quorum none # why\n", 1 }, { "quorums none\n", 1 },
                { "log\nquorum none\n", 1 }, { "log $L0 url more\nquorum none\n", 1 }, { "log x+y+z\nquorum none\n", 1 }, { "log $L0\nlog $L0\nquorum none\n", 2 },
                { "log $W0\nquorum none\n", 1 }, { "witness one $L0\nquorum one\n", 1 }, { "witness $W0\nquorum none\n", 1 }, { "witness one $W0 u v\nquorum one\n", 1 },
                { "witness none $W0\nquorum none\n", 1 }, { "\nwitness one $W0\nwitness one $W1\nquorum one\n", 3 }, { "witness one $W0\nwitness two $W0\nquorum one\n", 2 },
                { "witness one $W0\ngroup one 1 one\nquorum one\n", 2 }, { "witness one $W0\ngroup none 1 one\nquorum one\n", 2 },
                { "witness one $W0\ngroup g\nquorum one\n", 2 }, { "witness one $W0\ngroup g 1\nquorum one\n", 2 }, { "witness one $W0\ngroup g 0 one\nquorum g\n", 2 },
                { "witness one $W0\ngroup g 2 one\nquorum g\n", 2 }, { "witness one $W0\ngroup g 01 one\nquorum g\n", 2 }, { "witness one $W0\ngroup g -1 one\nquorum g\n", 2 },
                { "witness one $W0\ngroup g ALL one\nquorum g\n", 2 }, { "witness one $W0\ngroup g 1 two\nquorum g\n", 2 }, { "witness one $W0\ngroup g 1 g\nquorum g\n", 2 },
                { "witness one $W0\ngroup g 1 none\nquorum g\n", 2 }, { "witness one $W0\ngroup g 2 one one\nquorum g\n", 2 },
                { "witness one $W0\ngroup g 1 one\ngroup h 1 one\nquorum h\n", 3 }, { "group g 1 one\nwitness one $W0\nquorum g\n", 1 },
                { "quorum none\r\n", 1 }, { "quorum\vnone\n", 1 }, { "quorum none\x7f\n", 1 }, { "quorum\xc2\xa0none\n", 1 },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(bad); i++) {
                struct policy *p;
                struct err e = { 0 };
                if (policy_read(a, expand(bad[i].text), &p, &e) == 0)
                        fail_msg("taken: %s", bad[i].text);
                assert_int_equal(e.kind, ERR_BAD_INPUT);
                if (e.line != bad[i].line)
                        fail_msg("%s: line %d, %s", bad[i].text, e.line, e.detail);
                assert_non_null(strstr(e.detail, arena_printf(a, "line %d ", bad[i].line).p));
        }
}

static void limits_of_a_policy(void **state)
{
        struct buf b = { .max = 2 * POLICY_BYTES_MAX };
        struct policy *p;
        struct err e = { 0 };

        (void)state;
        buf_printf(&b, "witness w %s\ngroup g0 1 w\n", witness_text[0]);
        for (int i = 1; i < 1023; i++)
                buf_printf(&b, "group g%d 1 g%d\n", i, i - 1);
        struct buf more = { .max = 2 * POLICY_BYTES_MAX };
        buf_str(&more, buf_view(&b));
        buf_z(&b, "quorum g1022\n");
        assert_int_equal(policy_read(a, buf_view(&b), &p, NULL), 0);
        buf_z(&more, "group last 1 g1022\nquorum last\n");
        assert_int_equal(policy_read(a, buf_view(&more), &p, &e), -1);
        assert_int_equal(e.line, 1025);

        buf_clear(&b);
        buf_z(&b, "quorum none\n");
        while (b.n < POLICY_BYTES_MAX)
                buf_char(&b, '\n');
        assert_int_equal(policy_read(a, buf_view(&b), &p, NULL), 0);
        buf_char(&b, '\n');
        assert_int_equal(policy_read(a, buf_view(&b), &p, &e), -1);
        assert_int_equal(e.kind, ERR_TOO_LARGE);
        buf_free(&b);
        buf_free(&more);
}

/* ---- opening ---- */

/* A checkpoint of `origin` with lines of the logs and witnesses that the bits name; witness i at time 1000 + i. */
static struct str note_of(const char *origin, unsigned log_bits, unsigned witness_bits)
{
        struct checkpoint c = { .origin = str_of(origin), .size = 3, .root = tree_empty() };
        struct buf text = { .max = 1000 }, b = { .max = 10000 };
        const struct signer *who[LOGS];
        size_t n = 0;

        for (int i = 0; i < LOGS; i++)
                if (log_bits >> i & 1)
                        who[n++] = logs[i];
        checkpoint_write(&text, &c);
        assert_int_equal(note_write(&b, buf_view(&text), who, n, NULL), 0);
        for (int i = 0; i < WITNESSES; i++)
                if (witness_bits >> i & 1)
                        assert_int_equal(cosign(witnesses[i], buf_view(&text), 1000 + i, &b, NULL), 0);
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&text);
        buf_free(&b);
        return s;
}

static int opened(const struct policy *p, struct str note, struct policy_seen *ret, struct err *e)
{
        *e = (struct err){ 0 };
        int rc = policy_open(a, p, note, ret, e);
        assert_true(rc == 0 || (e->kind == ERR_BAD_INPUT && e->detail[0]));
        return rc;
}

static void the_log_must_be_one_of_the_policy(void **state)
{
        const struct policy *p = policy_of("log $L0\nlog $L1\nlog $L2\nquorum none\n"), *only = policy_of("log $L0\nquorum none\n"), *nobody = policy_of("quorum none\n");
        struct policy_seen seen;
        struct err e;

        (void)state;
        assert_int_equal(opened(p, note_of("log.example", 1, 0), &seen, &e), 0);
        assert_int_equal(seen.log->vkey.id, logs[0]->vkey.id);
        assert_int_equal(seen.checkpoint.c.size, 3);
        assert_true(seen.n_witnesses == 0 && seen.first_s == 0 && seen.last_s == 0);
        assert_int_equal(opened(p, note_of("log.example", 2, 0), &seen, &e), 0);
        assert_int_equal(seen.log->vkey.id, logs[1]->vkey.id);
        assert_int_equal(opened(p, note_of("log.example", 3, 0), &seen, &e), 0);
        assert_int_equal(opened(p, note_of("other.example", 4, 0), &seen, &e), 0);
        assert_int_equal(opened(p, note_of("other.example", 3, 0), &seen, &e), -1);     /* another log's signature */
        assert_non_null(strstr(e.detail, "not signed"));
        assert_int_equal(opened(p, note_of("third.example", 7, 0), &seen, &e), -1);
        assert_non_null(strstr(e.detail, "does not know"));
        assert_int_equal(opened(only, note_of("log.example", 2, 0), &seen, &e), -1);
        assert_int_equal(opened(only, note_of("log.example", 3, 0), &seen, &e), 0);
        assert_int_equal(opened(nobody, note_of("log.example", 1, 0), &seen, &e), -1);
}

/* Of every set of witnesses, told against the sentence of the quorum. */
static void the_quorum_decides(void **state)
{
        const struct policy *p = policy_of("log $L0\nwitness a $W0\nwitness b $W1\nwitness c $W2\nwitness d $W3\nwitness e $W4\nwitness f $W5\n"
                                           "group abc 2 a b c\ngroup de any d e\ngroup all all abc de\nquorum all\n");
        const struct policy *one = policy_of("log $L0\nwitness a $W0\nwitness b $W1\nquorum b\n");

        (void)state;
        for (unsigned bits = 0; bits < 1u << WITNESSES; bits++) {
                bool abc = __builtin_popcount(bits & 7) >= 2, de = bits >> 3 & 3;
                struct str note = note_of("log.example", 1, bits);
                struct policy_seen seen;
                struct err e;

                assert_int_equal(opened(p, note, &seen, &e), abc && de ? 0 : -1);
                assert_int_equal(seen.n_witnesses, __builtin_popcount(bits));
                assert_int_equal(seen.first_s, bits ? 1000 + __builtin_ctz(bits) : 0);
                assert_int_equal(seen.last_s, bits ? 1000 + 31 - __builtin_clz(bits) : 0);
                if (!(abc && de))
                        assert_non_null(strstr(e.detail, "'all'"));
                assert_int_equal(opened(one, note, &seen, &e), bits & 2 ? 0 : -1);
        }
}

/* Turns a letter of the last line that begins with the name. */
static struct str spoilt(struct str note, const char *name)
{
        char *p = arena_cstr(a, note), *at = strstr(p, arena_printf(a, "\xe2\x80\x94 %s ", name).p);

        assert_non_null(at);
        at = strchr(at, '\n') - 20;
        *at = *at == 'A' ? 'B' : 'A';
        return str_of(p);
}

static void a_line_that_fails_spoils_all(void **state)
{
        const struct policy *p = policy_of("log $L0\nlog $L2\nwitness a $W0\nwitness b $W1\ngroup g any a b\nquorum g\n");
        struct str note = note_of("log.example", 5, 7);
        struct policy_seen seen;
        struct err e;

        (void)state;
        assert_int_equal(opened(p, note, &seen, &e), 0);
        assert_int_equal(opened(p, spoilt(note, "log.example"), &seen, &e), -1);
        assert_non_null(strstr(e.detail, "log.example"));
        assert_int_equal(opened(p, spoilt(note, "other.example"), &seen, &e), -1);      /* a known log, if not of this checkpoint */
        assert_non_null(strstr(e.detail, "other.example"));
        assert_int_equal(opened(p, spoilt(note, "w0.example"), &seen, &e), -1);
        assert_non_null(strstr(e.detail, "witness 'a'"));
        assert_int_equal(opened(p, spoilt(note, "w1.example"), &seen, &e), -1);
        assert_int_equal(opened(p, spoilt(note, "w2.example"), &seen, &e), 0);          /* a stranger's */
        assert_int_equal(seen.n_witnesses, 2);
        assert_int_equal(opened(p, STR("no note"), &seen, &e), -1);
}

static int first(const struct policy *p, struct str note, int64_t *ret)
{
        struct note n;

        *ret = 0;
        assert_int_equal(note_read(a, note, &n, NULL), 0);
        return policy_first(p, &n, ret);
}

static void the_earliest_line_alone_says_when_it_was_there(void **state)
{
        const struct policy *p = policy_of("log $L0\nwitness b $W1\nwitness a $W0\nwitness c $W2\nquorum none\n");
        struct str note = note_of("log.example", 1, 15);
        int64_t time;

        (void)state;
        assert_true(first(p, note, &time) == 1 && time == 1000);
        assert_true(first(p, spoilt(note, "log.example"), &time) == 1 && time == 1000);
        assert_true(first(p, spoilt(note, "w1.example"), &time) == 1 && time == 1000);
        assert_int_equal(first(p, spoilt(note, "w0.example"), &time), -1);
        assert_true(first(p, note_of("log.example", 1, 14), &time) == 1 && time == 1001);
        assert_true(first(p, note_of("other.example", 4, 2), &time) == 1 && time == 1001);
        assert_int_equal(first(p, note_of("log.example", 1, 8), &time), 0);             /* a stranger's */
        assert_int_equal(first(p, note_of("log.example", 1, 0), &time), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_policy_is_read), cmocka_unit_test(mistakes_are_told_with_their_line), cmocka_unit_test(limits_of_a_policy),
                cmocka_unit_test(the_log_must_be_one_of_the_policy), cmocka_unit_test(the_quorum_decides), cmocka_unit_test(a_line_that_fails_spoils_all),
                cmocka_unit_test(the_earliest_line_alone_says_when_it_was_there),
        };

        return cmocka_run_group_tests_name("merkle/policy", tests, setup, teardown);
}
