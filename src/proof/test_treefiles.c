/* The tree's files against the tree itself: every size, reopened anywhere, with calls that fail and processes that end at any of them. */
#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test_folder.h"
#include "proof/test_support.h"
#include "proof/treefiles.h"

enum { SIZES = 70000 };

struct world { char dir[64]; struct treefiles *t; };

static void open_at(struct world *w, int64_t size)
{
        struct err e = { 0 };
        if (treefiles_open(w->dir, true, &test_fileio, &w->t, &e) < 0 || treefiles_recover(w->t, size, &e) < 0)
                fail_msg("%s (%s)", e.detail, e.cause);
}

static int add_to(struct world *w, int64_t upto, struct err *e)
{
        int64_t at = treefiles_size(w->t);
        uint8_t *leaves = test_leaves(at, (size_t)(upto - at));
        int rc = treefiles_add(w->t, leaves, (size_t)(upto - at), e);
        free(leaves);
        return rc;
}

static void must_add_to(struct world *w, int64_t upto)
{
        struct err e = { 0 };
        if (add_to(w, upto, &e) < 0 || treefiles_sync(w->t, false, &e) < 0)
                fail_msg("%s (%s)", e.detail, e.cause);
        assert_int_equal(treefiles_size(w->t), upto);
}

/* The tree of leaves 0 … size - 1, made without files. */
static struct hash right_root(int64_t size)
{
        static struct frontier t;       /* goes on from where it was */
        if (t.size > size)
                t = (struct frontier){ 0 };
        while (t.size < size) {
                uint8_t leaf[LEAF_BYTES];
                test_leaf(t.size, leaf);
                struct hash h = tree_leaf(leaf, sizeof leaf);
                frontier_add(&t, &h);
        }
        return frontier_root(&t);
}

static void assert_root(struct world *w, int64_t size)
{
        struct hash right = right_root(size), got;
        assert_int_equal(treefiles_root(w->t, size, &got, NULL), 0);
        if (memcmp(got.b, right.b, sizeof got.b) != 0)
                fail_msg("another root at size %lld", (long long)size);
}

static void assert_proofs(struct world *w, int64_t index, int64_t old, int64_t size)
{
        struct hash proof[PROOF_MAX], root = right_root(size), before, h;
        uint8_t leaf[LEAF_BYTES];
        test_leaf(index, leaf);
        h = tree_leaf(leaf, sizeof leaf);
        int n = treefiles_inclusion(w->t, index, size, proof, NULL);
        assert_true(n >= 0 && tree_verify(index, size, &h, proof, (size_t)n, &root));
        assert_int_equal(treefiles_root(w->t, old, &before, NULL), 0);
        n = treefiles_consistency(w->t, old, size, proof, NULL);
        assert_true(n >= 0 && tree_verify_consistency(old, size, &before, &root, proof, (size_t)n));
}

/* Every byte of every tile of the tree of `size`. */
static void assert_tiles(struct world *w, int64_t size)
{
        int fd, width;
        int64_t at, bytes;
        for (int64_t n = 0; (width = tile_width(size, 0, n)) > 0; n++) {
                uint8_t tile[TILE_BYTES], bundle[TILE_HASHES * LEAF_FRAME], leaf[LEAF_BYTES];
                assert_true(treefiles_slice(w->t, (struct tile){ 0, n, width }, size, &fd, &at, &bytes));
                assert_int_equal(pread(fd, tile, (size_t)bytes, at), width * 32);
                assert_true(treefiles_slice(w->t, (struct tile){ TILE_ENTRIES, n, width }, size, &fd, &at, &bytes));
                assert_int_equal(pread(fd, bundle, (size_t)bytes, at), width * LEAF_FRAME);
                for (int i = 0; i < width; i++) {
                        test_leaf(n * TILE_HASHES + i, leaf);
                        struct hash h = tree_leaf(leaf, sizeof leaf);
                        assert_memory_equal(tile + i * 32, h.b, 32);
                        assert_memory_equal(bundle + i * LEAF_FRAME, "\0\x2a", 2);
                        assert_memory_equal(bundle + i * LEAF_FRAME + 2, leaf, sizeof leaf);
                }
                assert_false(treefiles_slice(w->t, (struct tile){ 0, n, width + 1 }, size, &fd, &at, &bytes));
        }
}

static int make(void **state)
{
        struct world *w = calloc(1, sizeof *w);
        snprintf(w->dir, sizeof w->dir, "/tmp/suyuan-tree-XXXXXX");
        test_mishap(MISHAP_NONE, 0, 0);
        *state = w;
        return mkdtemp(w->dir) ? 0 : -1;
}

static int drop(void **state)
{
        struct world *w = *state;
        treefiles_close(w->t);
        test_folder_remove(w->dir);
        free(w);
        return 0;
}

static void the_files_are_the_tree_at_every_size(void **state)
{
        struct world *w = *state;
        uint64_t seed = 1;
        open_at(w, 0);
        assert_root(w, 0);
        for (int64_t size = 0; size < SIZES;) {
                size += 1 + (int64_t)(test_random(&seed) % (size < 3000 ? 7 : 1500));
                must_add_to(w, size);
                assert_root(w, size);
                int64_t old = 1 + (int64_t)(test_random(&seed) % (uint64_t)size);
                assert_proofs(w, (int64_t)(test_random(&seed) % (uint64_t)size), old, size);
        }
        assert_tiles(w, treefiles_size(w->t));
        for (int i = 0; i < 200; i++)   /* and every size before is still there */
                assert_root(w, 1 + (int64_t)(test_random(&seed) % SIZES));
}

static void reopened_at_any_size_it_goes_on(void **state)
{
        struct world *w = *state;
        uint64_t seed = 2;
        int64_t size = 0;
        open_at(w, 0);
        for (int i = 0; i < 700; i++) {
                size += i < 520 ? 1 : (int64_t)(test_random(&seed) % 400);
                must_add_to(w, size);
                if (i % 3 == 0)         /* a clean end: nothing is to be made again */
                        assert_int_equal(treefiles_sync(w->t, true, NULL), 0);
                treefiles_close(w->t);
                open_at(w, size);
                assert_true(i % 3 != 0 || treefiles_size(w->t) == size);
                must_add_to(w, size);
                assert_root(w, size);
        }
        assert_tiles(w, size);
}

static void longer_files_are_cut_and_shorter_ones_filled(void **state)
{
        struct world *w = *state;
        char path[128];
        open_at(w, 0);
        must_add_to(w, 1000);
        assert_int_equal(treefiles_sync(w->t, true, NULL), 0);
        treefiles_close(w->t);
        open_at(w, 600);
        assert_int_equal(treefiles_size(w->t), 600);
        assert_root(w, 600);
        must_add_to(w, 700);
        assert_root(w, 700);
        assert_int_equal(treefiles_sync(w->t, true, NULL), 0);
        treefiles_close(w->t);
        snprintf(path, sizeof path, "%s/level-0.bin", w->dir);
        assert_int_equal(truncate(path, 5000), 0);
        open_at(w, 700);
        assert_int_equal(treefiles_size(w->t), 0);
        must_add_to(w, 700);
        assert_root(w, 700);
        assert_tiles(w, 700);
}

static void a_reader_sees_what_another_process_wrote(void **state)
{
        struct world *w = *state, other = { 0 };
        struct err e = { 0 };
        open_at(w, 0);
        must_add_to(w, 300);
        assert_int_equal(treefiles_open(w->dir, false, &fileio_system, &other.t, &e), 0);
        assert_int_equal(treefiles_follow(other.t, 300, &e), 0);
        must_add_to(w, 70000);
        assert_int_equal(treefiles_follow(other.t, 70000, &e), 0);
        assert_root(&other, 70000);
        assert_root(&other, 300);
        assert_proofs(&other, 123, 300, 70000);
        assert_int_equal(treefiles_follow(other.t, 70001, &e), -1);
        treefiles_close(other.t);
}

/* ---- calls that fail ---- */

/* Two batches over a tile's edge; what failed is tried again when the disk is well. */
static void fails_at_each_call(struct world *w, enum mishap what)
{
        long n = 1;
        for (bool all = false; !all; n++) {
                struct err e = { 0 };
                open_at(w, 0);
                must_add_to(w, 250);
                test_mishap(what, n, 0);
                int rc = add_to(w, 600, &e) < 0 || treefiles_sync(w->t, true, &e) < 0 ? -1 : 0;
                all = test_calls() < n;
                assert_int_equal(rc, all || what == MISHAP_SHORT ? 0 : -1);
                assert_true(rc == 0 || e.detail[0]);
                test_mishap(MISHAP_NONE, 0, 0);
                must_add_to(w, 700);
                assert_root(w, 700);
                assert_tiles(w, 700);
                treefiles_close(w->t);
                open_at(w, 700);
                must_add_to(w, 700);
                assert_root(w, 700);
                treefiles_close(w->t);
                w->t = NULL;
        }
        assert_true(n > 8);
}

static void a_failed_call_is_told_and_tried_again(void **state)
{
        fails_at_each_call(*state, MISHAP_EIO);
        fails_at_each_call(*state, MISHAP_ENOSPC);
        fails_at_each_call(*state, MISHAP_SHORT);
}

/* ---- processes that end ---- */

static int in_a_process(struct world *w, enum mishap what, long n, unsigned seed)
{
        int status = 0;
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                open_at(w, 250);
                test_mishap(what, n, seed);
                struct err e = { 0 };
                for (int64_t upto = 260; upto <= 1300; upto += 260)
                        if (add_to(w, upto, &e) < 0 || treefiles_sync(w->t, upto == 780, &e) < 0)
                                _exit(1);
                _exit(0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        return WEXITSTATUS(status);
}

static void ends_at_each_call(struct world *w, enum mishap what, unsigned seeds)
{
        long n = 0;
        int code = TEST_KILLED;
        while (code == TEST_KILLED) {
                n++;
                for (unsigned seed = 0; seed < seeds; seed++) {
                        open_at(w, 0);
                        must_add_to(w, 250);
                        assert_int_equal(treefiles_sync(w->t, true, NULL), 0);
                        treefiles_close(w->t);
                        w->t = NULL;
                        code = in_a_process(w, what, n, seed * 7919u + (unsigned)n);
                        assert_true(code == TEST_KILLED || code == 0);
                        /* Whatever size was signed before it ended. */
                        int64_t size = 250 + (int64_t)(seed * 131u + (unsigned)n * 17u) % 1100;
                        open_at(w, size);
                        assert_true(treefiles_size(w->t) <= size);
                        must_add_to(w, size);
                        assert_root(w, size);
                        assert_tiles(w, size);
                        treefiles_close(w->t);
                        w->t = NULL;
                }
        }
        assert_true(n > 20);
}

static void a_killed_process_leaves_files_that_can_be_put_right(void **state)
{
        ends_at_each_call(*state, MISHAP_KILL, 1);
        ends_at_each_call(*state, MISHAP_KILL_AFTER, 1);
}

static void a_power_cut_leaves_files_that_can_be_put_right(void **state)
{
        ends_at_each_call(*state, MISHAP_POWER, 6);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(the_files_are_the_tree_at_every_size, make, drop),
                cmocka_unit_test_setup_teardown(reopened_at_any_size_it_goes_on, make, drop),
                cmocka_unit_test_setup_teardown(longer_files_are_cut_and_shorter_ones_filled, make, drop),
                cmocka_unit_test_setup_teardown(a_reader_sees_what_another_process_wrote, make, drop),
                cmocka_unit_test_setup_teardown(a_failed_call_is_told_and_tried_again, make, drop),
                cmocka_unit_test_setup_teardown(a_killed_process_leaves_files_that_can_be_put_right, make, drop),
                cmocka_unit_test_setup_teardown(a_power_cut_leaves_files_that_can_be_put_right, make, drop),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
