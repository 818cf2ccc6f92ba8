#include "merkle/test_log.h"

/* Goal: a tile has one name and one width; what a tree is asked for is found in its tiles. */

static void names(void **state)
{
        static const struct { const char *path; struct tile t; } rows[] = {
                { "0/000", { 0, 0, 256 } }, { "0/255", { 0, 255, 256 } }, { "1/x001/000", { 1, 1000, 256 } },
                { "0/x001/x234/067", { 0, 1234067, 256 } }, { "0/x001/x234/067.p/5", { 0, 1234067, 5 } },
                { "63/000.p/255", { 63, 0, 255 } }, { "entries/000", { TILE_ENTRIES, 0, 256 } },
                { "entries/x012/345.p/1", { TILE_ENTRIES, 12345, 1 } },
                { "0/x009/x223/x372/x036/x854/x775/807", { 0, INT64_MAX, 256 } },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct buf b = { .max = 200 };
                struct tile t;

                tile_path(&b, rows[i].t);
                assert_true(str_starts(buf_view(&b), STR("tile/")));
                assert_str(str_from(buf_view(&b), 5), rows[i].path);
                assert_int_equal(tile_read_path(str_of(rows[i].path), &t, NULL), 0);
                assert_true(t.level == rows[i].t.level && t.n == rows[i].t.n && t.width == rows[i].t.width);
                buf_free(&b);
        }
}

static void random_names_there_and_back(void **state)
{
        uint64_t seed = 1;

        (void)state;
        for (int i = 0; i < 20000; i++) {
                struct tile t = { (int)(test_random(&seed) % 65) - 1, (int64_t)(test_random(&seed) >> (1 + test_random(&seed) % 62)),
                                  1 + (int)(test_random(&seed) % 256) }, got;
                struct buf b = { .max = 200 };

                tile_path(&b, t);
                assert_int_equal(tile_read_path(str_from(buf_view(&b), 5), &got, NULL), 0);
                assert_true(t.level == got.level && t.n == got.n && t.width == got.width);
                buf_free(&b);
        }
}

static void no_other_spelling(void **state)
{
        static const char *const bad[] = {
                "", "/", "0", "0/", "/000", "0/0", "0/00", "0/0000", "0/1", "0/001/", "0//001", "00/000", "64/000", "-1/000", "+1/000", "1 /000",
                "0/x000/001", "0/x001", "0/001/000", "0/x001/x000", "0/xx01/000", "0/x01/000", "0/x0001/000", "0/X001/000", "0/x001//000",
                "0/000.p", "0/000.p/", "0/000.p/0", "0/000.p/00", "0/000.p/01", "0/000.p/256", "0/000.p/1000", "0/000.p/-1", "0/000.p/1/", "0/000.p/1.p/1",
                "0/000.P/1", "0/000.p//1", "0/.p/1", "0/.p/1000", "entries", "entries/", "entries/0", "Entries/000", "entries/000.p/256", "data/000", "tile/0/000",
                "0/../000", "../0/000", "0/000?x", "0/000 ", " 0/000", "0/000\n", "0/0x0", "0/x", "0/xxx", "0/x9/x223/372", "0/x009/x223/x372/x036/x854/x775/808",
                "0/x999/x999/x999/x999/x999/x999/999", "0/x001/x000/x000/x000/x000/x000/x000/000", "0/\xef\xbc\x90\x30\x30", "0x0/000", "1e0/000",
                "0/000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
        };
        struct tile t = { 9, 9, 9 };

        (void)state;
        for (size_t i = 0; i < COUNT(bad); i++) {
                struct err e = { 0 };
                if (tile_read_path(str_of(bad[i]), &t, &e) == 0)
                        fail_msg("'%s' was taken", bad[i]);
                assert_int_equal(e.kind, ERR_BAD_INPUT);
        }
        assert_int_equal(tile_read_path((struct str){ "0/0\0000", 6 }, &t, NULL), -1);
        assert_int_equal(t.level, 9);
}

static void widths(void **state)
{
        static const struct { int64_t size; int level; int64_t n; int want; } rows[] = {
                { 0, 0, 0, 0 }, { 1, 0, 0, 1 }, { 1, 1, 0, 0 }, { 255, 0, 0, 255 }, { 256, 0, 0, 256 }, { 256, 0, 1, 0 }, { 256, 1, 0, 1 },
                { 70000, 0, 272, 256 }, { 70000, 0, 273, 112 }, { 70000, 0, 274, 0 }, { 70000, 1, 0, 256 }, { 70000, 1, 1, 17 }, { 70000, 1, 2, 0 },
                { 70000, 2, 0, 1 }, { 70000, 3, 0, 0 }, { 70000, TILE_ENTRIES, 273, 112 }, { 70000, 0, -1, 0 }, { 70000, 8, 0, 0 }, { 70000, 63, 0, 0 },
                { -5, 0, 0, 0 }, { TREE_MAX, 7, 0, 64 }, { TREE_MAX, 7, 1, 0 }, { TREE_MAX, 0, TREE_MAX / 256 - 1, 256 }, { TREE_MAX, 0, TREE_MAX / 256, 0 },
                { INT64_MAX, 0, INT64_MAX, 0 }, { 70000, -2, 0, 0 },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++)
                if (tile_width(rows[i].size, rows[i].level, rows[i].n) != rows[i].want)
                        fail_msg("row %zu: %d", i, tile_width(rows[i].size, rows[i].level, rows[i].n));
}

static void proofs_out_of_tiles(void **state)
{
        struct test_log *l = test_log_new(66000);
        uint64_t seed = 5;

        (void)state;
        for (int i = 0; i < 300; i++) {
                int64_t size = 1 + (int64_t)(test_random(&seed) % 66000), index = (int64_t)(test_random(&seed) % (uint64_t)size), old = index + 1;
                struct tiles t = { size, test_log_fetch, l }, before = { old, test_log_fetch, l };
                struct hash proof[PROOF_MAX], root, old_root;
                int n = tree_prove(index, size, tiles_read, &t, proof);

                assert_int_equal(tree_root(size, tiles_read, &t, &root), 0);
                assert_true(n >= 0 && tree_verify(index, size, &l->level[0][index], proof, (size_t)n, &root));
                assert_int_equal(tree_root(old, tiles_read, &before, &old_root), 0);
                n = tree_prove_consistency(old, size, tiles_read, &t, proof);
                assert_true(n >= 0 && tree_verify_consistency(old, size, &old_root, &root, proof, (size_t)n));
        }
        struct tiles all = { 66000, test_log_fetch, l };
        struct hash root, want = frontier_root(&l->frontier);
        assert_int_equal(tree_root(66000, tiles_read, &all, &root), 0);
        assert_memory_equal(root.b, want.b, sizeof root.b);
        test_log_free(l);
}

static int fetch_nothing(void *ctx, struct tile t, const uint8_t **ret)
{
        (void)t, (void)ret;
        ++*(int *)ctx;
        return -1;
}

static void what_is_not_there_is_not_asked_for(void **state)
{
        int asked = 0;
        struct tiles t = { 300, fetch_nothing, &asked };
        struct hash h;

        (void)state;
        assert_int_equal(tiles_read(&t, 0, 300, &h), -1);
        assert_int_equal(tiles_read(&t, 0, -1, &h), -1);
        assert_int_equal(tiles_read(&t, -1, 0, &h), -1);
        assert_int_equal(tiles_read(&t, 63, 0, &h), -1);
        assert_int_equal(tiles_read(&t, 9, 0, &h), -1);
        assert_int_equal(tiles_read(&t, 5, 9, &h), -1);         /* 288 to 319 */
        assert_int_equal(tiles_read(&t, 0, INT64_MAX, &h), -1);
        assert_int_equal(asked, 0);
        assert_int_equal(tiles_read(&t, 5, 8, &h), -1);
        assert_int_equal(asked, 1);
}

static void bundles(void **state)
{
        struct buf b = { .max = 100000 };
        char large[65535];
        struct str rest, entry;

        (void)state;
        memset(large, 'x', sizeof large);
        bundle_add(&b, STR("one"));
        bundle_add(&b, STR_NONE);
        bundle_add(&b, (struct str){ large, sizeof large });
        assert_memory_equal(b.p, "\0\3one\0\0\xff\xff", 9);
        rest = buf_view(&b);
        assert_true(bundle_next(&rest, &entry));
        assert_str(entry, "one");
        assert_true(bundle_next(&rest, &entry));
        assert_int_equal(entry.n, 0);
        assert_true(bundle_next(&rest, &entry));
        assert_int_equal(entry.n, sizeof large);
        assert_false(bundle_next(&rest, &entry));
        assert_int_equal(rest.n, 0);
        for (size_t cut = 1; cut < b.n; cut += cut < 9 ? 1 : 1000) {
                size_t n = 0;
                rest = (struct str){ b.p, b.n - cut };
                while (bundle_next(&rest, &entry))
                        n += entry.n + 2;
                assert_int_equal(rest.n, b.n - cut - n);
                assert_true(rest.n > 0);
        }
        buf_free(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names), cmocka_unit_test(random_names_there_and_back), cmocka_unit_test(no_other_spelling), cmocka_unit_test(widths),
                cmocka_unit_test(proofs_out_of_tiles), cmocka_unit_test(what_is_not_there_is_not_asked_for), cmocka_unit_test(bundles),
        };

        return cmocka_run_group_tests_name("merkle/tile", tests, NULL, NULL);
}
