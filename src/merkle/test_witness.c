#include "merkle/test_log.h"

#include "merkle/witness.h"

/* Goal: a witness cosigns only what holds all that it cosigned before, and gives the protocol's answers in the protocol's order. */

#define HASH "VaGBOrmC32/t7GrMJYcIvn+gnrY3cGJq52llj+ktBF8=\n"
static struct arena *a;
static struct test_log *l;
static struct signer *keys[2], *stranger;       /* two keys of the log, and somebody else */

static struct signer *signer_of(const char *name, int seed_byte)
{
        uint8_t seed[32];

        memset(seed, seed_byte, sizeof seed);
        return signer_ed25519(a, str_of(name), KEY_ED25519, seed);
}

static int setup(void **state)
{
        (void)state;
        a = arena_new();
        l = test_log_new(400);
        keys[0] = signer_of("log.example", 1);
        keys[1] = signer_of("log.example", 2);
        stranger = signer_of("stranger.example", 3);
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        test_log_free(l);
        arena_free(a);
        return 0;
}

static struct hash root_of(int64_t size)
{
        struct tiles t = { size, test_log_fetch, l };
        struct hash h;

        assert_int_equal(tree_root(size, tiles_read, &t, &h), 0);
        return h;
}

/* What a log asks for that goes from old to size, honestly. */
struct asked { struct witness_request q; struct checkpoint c; struct note n; };

static struct note signed_by(const struct checkpoint *c, const struct signer *s)
{
        struct buf text = { .max = 1000 }, b = { .max = 1000 };
        struct note n;

        checkpoint_write(&text, c);
        assert_int_equal(note_write(&b, buf_view(&text), &s, 1, NULL), 0);
        assert_int_equal(note_read(a, arena_str(a, buf_view(&b)), &n, NULL), 0);
        buf_free(&text);
        buf_free(&b);
        return n;
}

static struct asked ask(int64_t old, int64_t size)
{
        struct asked x = { .q.old = old, .c = { .origin = STR("log.example"), .size = size, .root = root_of(size) } };
        struct tiles t = { size, test_log_fetch, l };

        if (old > 0 && old <= size)
                x.q.n = (size_t)tree_prove_consistency(old, size, tiles_read, &t, x.q.proof);
        x.n = signed_by(&x.c, keys[0]);
        return x;
}

static struct vkey known_keys[2];
static struct witness_known at(int64_t size)
{
        known_keys[0] = keys[0]->vkey;
        known_keys[1] = keys[1]->vkey;
        return (struct witness_known){ known_keys, 2, size, root_of(size) };
}

static int status(struct asked x, struct witness_known k)
{
        return witness_decide(&x.q, &x.n, &x.c, &k).status;
}

static void honest_growth_is_cosigned(void **state)
{
        (void)state;
        for (int64_t old = 0; old <= 20; old++)
                for (int64_t size = old; size <= 40; size++) {
                        struct asked x = ask(old, size);
                        struct witness_known k = at(old);
                        struct witness_answer w = witness_decide(&x.q, &x.n, &x.c, &k);
                        assert_int_equal(w.status, 200);
                        assert_int_equal(w.checkpoint.size, size);
                        assert_memory_equal(w.checkpoint.root.b, x.c.root.b, 32);
                }
        assert_int_equal(status(ask(0, 0), at(0)), 200);
}

static void in_the_order_of_the_protocol(void **state)
{
        struct asked x = ask(7, 300);

        (void)state;
        assert_int_equal(status(x, at(7)), 200);
        /* Another size is stored: 409 with it, whatever the proof. */
        for (int64_t stored = 0; stored <= 400; stored += 100) {
                struct witness_known k = at(stored);
                struct witness_answer w = witness_decide(&x.q, &x.n, &x.c, &k);
                assert_int_equal(w.status, 409);
                assert_int_equal(w.size, stored);
        }
        /* A size before the old one: 400, also where 409 would come later. */
        assert_int_equal(status(ask(300, 7), at(300)), 400);
        assert_int_equal(status(ask(300, 7), at(1)), 400);
        /* Nobody known has signed: 403 before all of these. */
        x = ask(300, 7);
        x.n = signed_by(&x.c, stranger);
        assert_int_equal(status(x, at(1)), 403);
}

static void who_may_sign(void **state)
{
        struct asked x = ask(7, 300);

        (void)state;
        x.n = signed_by(&x.c, keys[1]);
        assert_int_equal(status(x, at(7)), 200);
        struct note_line lines[2] = { x.n.lines[0], signed_by(&x.c, keys[0]).lines[0] };
        x.n.lines = lines;
        x.n.n_lines = 2;
        assert_int_equal(status(x, at(7)), 200);
        struct checkpoint other = x.c;
        other.size++;
        lines[1] = signed_by(&other, keys[0]).lines[0];         /* of another text: the other key's line doesn't help */
        assert_int_equal(status(x, at(7)), 403);
}

static void what_is_no_growth_is_not_cosigned(void **state)
{
        struct asked x;

        (void)state;
        x = ask(7, 7);                                          /* another history of the same size */
        x.c.root = root_of(8);
        x.n = signed_by(&x.c, keys[0]);
        assert_int_equal(status(x, at(7)), 422);
        x = ask(7, 7);
        x.q.n = 1;                                              /* a proof where nothing is to be proved */
        assert_int_equal(status(x, at(7)), 422);
        x = ask(0, 5);
        x.q.n = 1;
        assert_int_equal(status(x, at(0)), 422);
        x = ask(0, 0);
        x.c.root = root_of(1);
        x.n = signed_by(&x.c, keys[0]);
        assert_int_equal(status(x, at(0)), 422);
        x = ask(7, 300);
        for (size_t i = 0; i < x.q.n; i++) {
                struct asked y = x;
                y.q.proof[i].b[9] ^= 4;
                assert_int_equal(status(y, at(7)), 422);
        }
        x.q.n--;
        assert_int_equal(status(x, at(7)), 422);
        x.q.n = 0;
        assert_int_equal(status(x, at(7)), 422);
}

/* ---- the text ---- */

static void requests_there_and_back(void **state)
{
        static const char *const texts[] = { "old 0\n\nnote\n", "old 9223372036854775807\n" HASH HASH "\nnote\n\nx", "old 1\n\n\n" };

        (void)state;
        for (size_t i = 0; i < COUNT(texts); i++) {
                struct witness_request q;
                struct buf b = { .max = 1000 };

                assert_int_equal(witness_read(str_of(texts[i]), &q, NULL), 0);
                witness_write(&b, &q);
                assert_str(buf_view(&b), texts[i]);
                buf_free(&b);
        }
}

static void other_requests_are_refused(void **state)
{
        static const char *const bad[] = {
                "", "old", "old 0", "old 0\n", "old 0\n\n", "old 0\n" HASH, "old 0\n" HASH "\n", "old 00\n\nn\n", "old -1\n\nn\n", "old  1\n\nn\n", "old 1 \n\nn\n",
                "Old 1\n\nn\n", "old\n\nn\n", "old 9223372036854775808\n\nn\n", "old 1\nZm9v\n\nn\n", "old 1\r\n\r\nn\r\n", "\nold 1\n\nn\n", "old 1\n " HASH "\nn\n",
        };
        struct witness_request q;

        (void)state;
        for (size_t i = 0; i < COUNT(bad); i++) {
                struct err e = { 0 };
                if (witness_read(str_of(bad[i]), &q, &e) == 0)
                        fail_msg("row %zu was taken", i);
                assert_int_equal(e.kind, ERR_BAD_INPUT);
        }
}

static void limits_of_a_request(void **state)
{
        struct buf b = { .max = 2 * WITNESS_BYTES_MAX };
        struct witness_request q;
        struct err e = { 0 };

        (void)state;
        for (int n = PROOF_MAX; n <= PROOF_MAX + 1; n++) {
                buf_clear(&b);
                buf_z(&b, "old 1\n");
                for (int i = 0; i < n; i++)
                        buf_z(&b, HASH);
                buf_z(&b, "\nnote\n");
                assert_int_equal(witness_read(buf_view(&b), &q, &e), n == PROOF_MAX ? 0 : -1);
        }
        buf_clear(&b);
        buf_z(&b, "old 1\n\n");
        while (b.n < WITNESS_BYTES_MAX)
                buf_char(&b, 'x');
        assert_int_equal(witness_read(buf_view(&b), &q, &e), 0);
        buf_char(&b, 'x');
        assert_int_equal(witness_read(buf_view(&b), &q, &e), -1);
        assert_int_equal(e.kind, ERR_TOO_LARGE);
        buf_free(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(honest_growth_is_cosigned), cmocka_unit_test(in_the_order_of_the_protocol), cmocka_unit_test(who_may_sign),
                cmocka_unit_test(what_is_no_growth_is_not_cosigned), cmocka_unit_test(requests_there_and_back), cmocka_unit_test(other_requests_are_refused),
                cmocka_unit_test(limits_of_a_request),
        };

        return cmocka_run_group_tests_name("merkle/witness", tests, setup, teardown);
}
