#include "base/test.h"

#include <stdio.h>

#include "merkle/tree.h"

/* Goal: the tree, its proofs and their checks are those of RFC 6962, told against the plainest way to write its definitions. */

/* ---- the definitions, as they stand in RFC 6962 §2.1 ---- */

static struct hash mth(const struct hash *d, int64_t n)
{
        int64_t k = 1;

        if (n == 0)
                return tree_empty();
        if (n == 1)
                return d[0];
        while (2 * k < n)
                k *= 2;
        struct hash left = mth(d, k), right = mth(d + k, n - k);
        return tree_node(&left, &right);
}

enum { LEAVES = 1100 };
static struct hash leaves[LEAVES];

static int setup(void **state)
{
        (void)state;
        for (int i = 0; i < LEAVES; i++) {
                char text[32];
                leaves[i] = tree_leaf(text, (size_t)snprintf(text, sizeof text, "leaf %d", i));
        }
        return 0;
}

/* A reader of complete subtrees, that fails where asked for anything else. */
struct source { int64_t size; int fail_after; };

static int read_naive(void *ctx, int level, int64_t index, struct hash *ret)
{
        struct source *s = ctx;

        assert_true(level >= 0 && index >= 0 && (index + 1) << level <= s->size);
        if (s->fail_after >= 0 && s->fail_after-- == 0)
                return -1;
        *ret = mth(leaves + (index << level), INT64_C(1) << level);
        return 0;
}

static void assert_hash(struct hash got, struct hash want)
{
        assert_memory_equal(got.b, want.b, sizeof got.b);
}

static struct hash from_hex(const char *hex)
{
        struct hash h;

        for (int i = 0; i < 32; i++) {
                unsigned v;
                assert_int_equal(sscanf(hex + 2 * i, "%2x", &v), 1);
                h.b[i] = (uint8_t)v;
        }
        return h;
}

/* ---- tests ---- */

static void hashes_known_values(void **state)
{
        (void)state;
        assert_hash(tree_empty(), from_hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        assert_hash(tree_leaf("", 0), from_hex("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"));
        assert_hash(leaves[0], from_hex("1bb97dcc21635d47e2663efdfd0a174686d98dd701352dd2cd06e8b43fd3d305"));
        assert_hash(mth(leaves, 3), from_hex("d4f92c8fbb89720eb3b55677c7d7efaddfeb10d11a1a84a0ba8f1a23337faa95"));
        assert_hash(mth(leaves, 7), from_hex("5a61fc2b54f9cfa71774f2432143dd40c6cb2b11947faf65a7d3da5cb65199c8"));
        assert_hash(mth(leaves, 257), from_hex("855b936aa00cb98b5114484249ad39d78a6be93623e26c01e8e487dc02184a5a"));
}

static void a_frontier_has_the_root_at_every_size(void **state)
{
        struct frontier t = { 0 };
        struct hash root;

        (void)state;
        for (int64_t n = 0; n <= LEAVES; n++) {
                struct source s = { n, -1 };
                assert_int_equal(t.size, n);
                assert_hash(frontier_root(&t), mth(leaves, n));
                assert_int_equal(tree_root(n, read_naive, &s, &root), 0);
                assert_hash(root, mth(leaves, n));
                if (n < LEAVES)
                        frontier_add(&t, &leaves[n]);
        }
        assert_int_equal(tree_root(-1, read_naive, NULL, &root), -1);
        assert_int_equal(tree_root(TREE_MAX + 1, read_naive, NULL, &root), -1);
}

struct told { int n, n16; };

static void whole(void *ctx, int level, const struct hash *root)
{
        struct told *t = ctx;

        if (level == 16) {
                t->n16++;
                assert_int_equal(t->n, 256);
                return;
        }
        assert_int_equal(level, 8);
        if ((t->n + 1) * 256 <= LEAVES)
                assert_hash(*root, mth(leaves + t->n * 256, 256));
        t->n++;
}

static void many_are_added_as_one_by_one(void **state)
{
        struct frontier t = { 0 }, one = { 0 };
        struct told told = { 0 };
        uint64_t seed = 1;

        (void)state;
        for (int64_t at = 0; at < LEAVES;) {
                int64_t n = (int64_t)(test_random(&seed) % 300);
                n = n > LEAVES - at ? LEAVES - at : n;
                frontier_add_many(&t, leaves + at, (size_t)n, whole, &told);
                at += n;
        }
        for (int i = 0; i < LEAVES; i++)
                frontier_add(&one, &leaves[i]);
        assert_hash(frontier_root(&t), frontier_root(&one));
        assert_int_equal(told.n, LEAVES / 256);
        for (int64_t at = LEAVES; at < 65536; at++)
                frontier_add_many(&t, &leaves[0], 1, whole, &told);
        assert_int_equal(told.n, 256);
        assert_int_equal(told.n16, 1);
}

static void every_leaf_of_small_trees_is_proved(void **state)
{
        struct hash proof[PROOF_MAX];

        (void)state;
        for (int64_t size = 1; size <= 70; size++) {
                struct hash root = mth(leaves, size);
                for (int64_t i = 0; i < size; i++) {
                        struct source s = { size, -1 };
                        int n = tree_prove(i, size, read_naive, &s, proof);
                        assert_true(n >= 0);
                        assert_true(tree_verify(i, size, &leaves[i], proof, (size_t)n, &root));
                        for (int64_t j = 0; j < size; j++)
                                assert_int_equal(tree_verify(j, size, &leaves[i], proof, (size_t)n, &root), j == i);
                        if (n)
                                assert_false(tree_verify(i, size, &leaves[i], proof, (size_t)n - 1, &root));
                }
                struct source s = { size, -1 };
                assert_int_equal(tree_prove(size, size, read_naive, &s, proof), -1);
                assert_int_equal(tree_prove(-1, size, read_naive, &s, proof), -1);
        }
}

static void every_pair_of_small_trees_is_consistent(void **state)
{
        struct hash proof[PROOF_MAX];

        (void)state;
        for (int64_t size = 1; size <= 70; size++) {
                struct hash root = mth(leaves, size);
                for (int64_t old = 1; old <= size; old++) {
                        struct hash old_root = mth(leaves, old), other = mth(leaves + 1, old);
                        struct source s = { size, -1 };
                        int n = tree_prove_consistency(old, size, read_naive, &s, proof);
                        assert_true(n >= 0);
                        assert_true(tree_verify_consistency(old, size, &old_root, &root, proof, (size_t)n));
                        assert_false(tree_verify_consistency(old, size, &other, &root, proof, (size_t)n));
                        assert_false(tree_verify_consistency(old, size, &old_root, &other, proof, (size_t)n));
                        if (n)
                                assert_false(tree_verify_consistency(old, size, &old_root, &root, proof, (size_t)n - 1));
                }
                struct source s = { size, -1 };
                assert_int_equal(tree_prove_consistency(0, size, read_naive, &s, proof), -1);
                assert_int_equal(tree_prove_consistency(size + 1, size, read_naive, &s, proof), -1);
        }
}

static void of_nothing_nothing_is_proved(void **state)
{
        struct hash e = tree_empty(), r = mth(leaves, 5);

        (void)state;
        assert_false(tree_verify_consistency(0, 0, &e, &e, NULL, 0));
        assert_false(tree_verify_consistency(0, 5, &e, &r, NULL, 0));
        assert_false(tree_verify_consistency(-1, 5, &e, &r, NULL, 0));
        assert_false(tree_verify_consistency(6, 5, &e, &r, NULL, 0));
        assert_false(tree_verify(0, 0, &e, NULL, 0, &e));
        assert_false(tree_verify(-1, 1, &r, NULL, 0, &r));
        assert_true(tree_verify(0, 1, &r, NULL, 0, &r));
        assert_false(tree_verify(0, INT64_MAX, &r, NULL, 0, &r));
        assert_true(tree_verify_consistency(5, 5, &r, &r, NULL, 0));
        assert_false(tree_verify_consistency(5, 5, &r, &r, &r, 1));
}

static void flip(struct hash *h, int bit)
{
        h->b[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

static void no_flipped_bit_of_an_inclusion_passes(void **state)
{
        uint64_t seed = 2;

        (void)state;
        for (int round = 0; round < 6; round++) {
                int64_t size = 2 + (int64_t)(test_random(&seed) % (LEAVES - 1)), index = (int64_t)(test_random(&seed) % (uint64_t)size);
                struct source s = { size, -1 };
                struct hash proof[PROOF_MAX], root = mth(leaves, size), leaf = leaves[index];
                size_t n = (size_t)tree_prove(index, size, read_naive, &s, proof);

                assert_true(tree_verify(index, size, &leaf, proof, n, &root));
                for (int bit = 0; bit < 256; bit++) {
                        for (size_t i = 0; i < n; i++) {
                                flip(&proof[i], bit);
                                assert_false(tree_verify(index, size, &leaf, proof, n, &root));
                                flip(&proof[i], bit);
                        }
                        flip(&leaf, bit);
                        assert_false(tree_verify(index, size, &leaf, proof, n, &root));
                        flip(&leaf, bit);
                        flip(&root, bit);
                        assert_false(tree_verify(index, size, &leaf, proof, n, &root));
                        flip(&root, bit);
                }
                for (int bit = 0; bit < 64; bit++)
                        assert_false(tree_verify((int64_t)((uint64_t)index ^ UINT64_C(1) << bit), size, &leaf, proof, n, &root));
        }
}

/* A size says only how the way up turns; where the ways are the same the proof is: the size itself is bound by the signature of the
 * checkpoint.  For the last leaf the way tells the size apart wherever its length or turns differ. */
static void a_flipped_size_passes_only_on_the_same_way(void **state)
{
        uint64_t seed = 3;

        (void)state;
        for (int round = 0; round < 200; round++) {
                int64_t size = 2 + (int64_t)(test_random(&seed) % 1000), index = (int64_t)(test_random(&seed) % (uint64_t)size);
                struct source s = { size, -1 };
                struct hash proof[PROOF_MAX], root = mth(leaves, size);
                size_t n = (size_t)tree_prove(index, size, read_naive, &s, proof);

                for (int bit = 0; bit < 63; bit++) {
                        int64_t other = size ^ INT64_C(1) << bit;
                        bool passes = tree_verify(index, other, &leaves[index], proof, n, &root);
                        if (index >= other)
                                assert_false(passes);
                        else if (other <= LEAVES && passes) {
                                /* The same turns: an honest proof in the other tree would have as many hashes. */
                                struct source o = { other, -1 };
                                struct hash p[PROOF_MAX];
                                assert_int_equal(tree_prove(index, other, read_naive, &o, p), n);
                        }
                }
        }
}

static void no_flipped_bit_of_a_consistency_passes(void **state)
{
        uint64_t seed = 4;

        (void)state;
        for (int round = 0; round < 6; round++) {
                int64_t size = 3 + (int64_t)(test_random(&seed) % (LEAVES - 2)), old = 1 + (int64_t)(test_random(&seed) % (uint64_t)(size - 1));
                struct source s = { size, -1 };
                struct hash proof[PROOF_MAX], root = mth(leaves, size), old_root = mth(leaves, old);
                size_t n = (size_t)tree_prove_consistency(old, size, read_naive, &s, proof);

                assert_true(tree_verify_consistency(old, size, &old_root, &root, proof, n));
                for (int bit = 0; bit < 256; bit++) {
                        for (size_t i = 0; i < n; i++) {
                                flip(&proof[i], bit);
                                assert_false(tree_verify_consistency(old, size, &old_root, &root, proof, n));
                                flip(&proof[i], bit);
                        }
                        flip(&old_root, bit);
                        assert_false(tree_verify_consistency(old, size, &old_root, &root, proof, n));
                        flip(&old_root, bit);
                        flip(&root, bit);
                        assert_false(tree_verify_consistency(old, size, &old_root, &root, proof, n));
                        flip(&root, bit);
                }
        }
}

static void a_reader_that_fails_ends_the_proof(void **state)
{
        struct hash proof[PROOF_MAX], root;

        (void)state;
        for (int after = 0; after < 5; after++) {
                struct source a = { 1000, after }, b = { 1000, after }, c = { 1000, after };
                assert_int_equal(tree_prove(500, 1000, read_naive, &a, proof), -1);
                assert_int_equal(tree_prove_consistency(333, 1000, read_naive, &b, proof), -1);
                assert_int_equal(tree_root(1000, read_naive, &c, &root), -1);
        }
}

/* A tree as large as they may be has a proof that fits. */
static int read_anything(void *ctx, int level, int64_t index, struct hash *ret)
{
        int64_t size = *(int64_t *)ctx;

        assert_true(level >= 0 && level <= 62 && index >= 0 && index < (size >> level));
        memset(ret, level, sizeof *ret);
        return 0;
}

static void the_largest_trees_fit(void **state)
{
        int64_t sizes[] = { TREE_MAX, TREE_MAX - 1, TREE_MAX / 2 + 1 };
        struct hash proof[PROOF_MAX];

        (void)state;
        for (size_t i = 0; i < COUNT(sizes); i++) {
                int64_t at[] = { 0, 1, sizes[i] / 2, sizes[i] - 2, sizes[i] - 1 };
                for (size_t k = 0; k < COUNT(at); k++) {
                        assert_in_range(tree_prove(at[k], sizes[i], read_anything, &sizes[i], proof), 1, 62);
                        assert_in_range(tree_prove_consistency(at[k] + 1, sizes[i], read_anything, &sizes[i], proof), 0, PROOF_MAX);
                }
        }
        assert_int_equal(tree_prove_consistency(TREE_MAX / 2 - 1, TREE_MAX, read_anything, &sizes[0], proof), PROOF_MAX);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(hashes_known_values),
                cmocka_unit_test(a_frontier_has_the_root_at_every_size),
                cmocka_unit_test(many_are_added_as_one_by_one),
                cmocka_unit_test(every_leaf_of_small_trees_is_proved),
                cmocka_unit_test(every_pair_of_small_trees_is_consistent),
                cmocka_unit_test(of_nothing_nothing_is_proved),
                cmocka_unit_test(no_flipped_bit_of_an_inclusion_passes),
                cmocka_unit_test(a_flipped_size_passes_only_on_the_same_way),
                cmocka_unit_test(no_flipped_bit_of_a_consistency_passes),
                cmocka_unit_test(a_reader_that_fails_ends_the_proof),
                cmocka_unit_test(the_largest_trees_fit),
        };

        return cmocka_run_group_tests_name("merkle/tree", tests, setup, NULL);
}
