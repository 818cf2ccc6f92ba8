/* Files on their way: what is taken stays, what is told is there, what is wrong changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/test_folder.h"
#include "store/part.h"
#include "store/store_impl.h"

enum { FARM = 1, OTHER = 2 };
static const int64_t DAY_US = INT64_C(86400000000);

struct ground { char dir[64]; struct store *store; struct parts *parts; char *file; struct err err; };

static void begin(struct ground *g)
{
        struct store_options o = { .writer_cache_kib = 1024, .reader_cache_kib = 256, .readers = 2 };
        assert_int_equal(store_open(g->dir, true, &o, &g->store, &g->err), 0);
        assert_int_equal(parts_open(g->store, &g->parts, &g->err), 0);
}

static void end(struct ground *g)
{
        parts_close(g->parts);
        store_close(g->store);
}

static int setup(void **state)
{
        const struct str origin = STR("https://trace.example.cn");
        struct ground *g = calloc(1, sizeof *g);
        snprintf(g->dir, sizeof g->dir, "/tmp/suyuan-part-XXXXXX");
        assert_non_null(mkdtemp(g->dir));
        assert_int_equal(store_init(g->dir, &origin, 1, NULL), 0);
        g->file = calloc(1, LIMIT_BLOB_BYTES + 1);
        memcpy(g->file, "\xff\xd8\xff\xe0", 4);
        begin(g);
        *state = g;
        return 0;
}

static int teardown(void **state)
{
        struct ground *g = *state;
        end(g);
        test_folder_remove(g->dir);
        free(g->file);
        free(g);
        return 0;
}

/* The first `n` bytes of the file, `at` to `at + k` of them; what parts_take, and parts_go_on where it must, give back. */
static int send_as(struct ground *g, int64_t org, int64_t n, int64_t at, int64_t k, struct part_state *ret)
{
        struct part_send in = { .org = org, .hash = sha256(g->file, (size_t)n), .offset = at, .length = n, .bytes = { g->file + at, (size_t)k } };
        g->err = (struct err){ 0 };
        int rc = parts_take(g->parts, &in, ret, &g->err);
        return rc == PART_SYNCS ? parts_go_on(g->parts, &in, ret, &g->err) : rc;
}

static int sends(struct ground *g, int64_t n, int64_t at, int64_t k)
{
        struct part_state st;
        return send_as(g, FARM, n, at, k, &st);
}

static int64_t have(struct ground *g, int64_t n)
{
        struct hash h = sha256(g->file, (size_t)n);
        return parts_look(g->parts, FARM, &h).have;
}

static void it_grows_and_becomes_a_blob(void **state)
{
        struct ground *g = *state;
        struct hash h = sha256(g->file, 1000);
        assert_int_equal(sends(g, 1000, 0, 100), 0);
        assert_int_equal(have(g, 1000), 100);
        assert_int_equal(sends(g, 1000, 100, 899), 0);
        assert_int_equal(have(g, 1000), 999);
        assert_false(blob_has(g->store, &h));
        assert_int_equal(sends(g, 1000, 999, 1), 1);
        assert_int_equal(parts_adopt(g->parts, FARM, &h, &g->err), 0);
        assert_true(blob_has(g->store, &h));
        parts_drop(g->parts, FARM, &h);
        assert_int_equal(parts_look(g->parts, FARM, &h).length, 0);
        assert_true(blob_has(g->store, &h));
}

static void a_wrong_offset_changes_nothing(void **state)
{
        struct ground *g = *state;
        struct part_state st;
        assert_int_equal(sends(g, 1000, 100, 100), -1);
        assert_int_equal(g->err.kind, ERR_WRONG_OFFSET);
        assert_int_equal(sends(g, 1000, 0, 100), 0);
        const int64_t wrong[] = { 0, 99, 101, 900 };
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
                assert_int_equal(send_as(g, FARM, 1000, wrong[i], 10, &st), -1);
                assert_int_equal(g->err.kind, ERR_WRONG_OFFSET);
                assert_int_equal(st.have, 100);
        }
        assert_int_equal(send_as(g, OTHER, 1000, 100, 10, &st), -1);    /* another's bytes are nobody else's */
        assert_int_equal(st.length, 0);
        assert_int_equal(sends(g, 1000, 100, 10), 0);
}

static void one_sender_at_a_time_holds_it(void **state)
{
        struct ground *g = *state;
        struct part_state st;
        struct part_send in = { .org = FARM, .hash = sha256(g->file, 1000), .length = 1000, .bytes = { g->file, 1000 } };
        assert_int_equal(parts_take(g->parts, &in, &st, &g->err), PART_SYNCS);
        assert_int_equal(sends(g, 1000, 0, 1000), -1);
        assert_int_equal(g->err.kind, ERR_WRONG_OFFSET);
        parts_expire(g->parts, clock_now_us() + 30 * DAY_US);           /* not under its holder's feet */
        assert_int_equal(parts_go_on(g->parts, &in, &st, &g->err), 1);
        assert_int_equal(parts_adopt(g->parts, FARM, &in.hash, &g->err), 0);
        parts_drop(g->parts, FARM, &in.hash);
}

static void wrong_bytes_are_thrown_away(void **state)
{
        struct ground *g = *state;
        struct part_state st;
        struct part_send in = { .org = FARM, .hash = sha256(g->file, 1000), .length = 1001, .bytes = { g->file, 1001 } };
        assert_int_equal(parts_take(g->parts, &in, &st, &g->err), PART_SYNCS);
        assert_int_equal(parts_go_on(g->parts, &in, &st, &g->err), -1);
        assert_int_equal(g->err.kind, ERR_WRONG_DIGEST);
        assert_int_equal(parts_look(g->parts, FARM, &in.hash).length, 0);
        memcpy(g->file, "<!doctype html>", 15);
        assert_int_equal(sends(g, 1000, 0, 10), 0);     /* too little to tell */
        assert_int_equal(sends(g, 1000, 10, 990), -1);
        assert_int_equal(g->err.kind, ERR_MEDIA_TYPE);
        assert_int_equal(sends(g, 1000, 0, BLOB_HEAD_BYTES), -1);
        assert_int_equal(g->err.kind, ERR_MEDIA_TYPE);
        assert_int_equal(have(g, 1000), 0);
}

static void limits_are_held(void **state)
{
        struct ground *g = *state;
        assert_int_equal(sends(g, LIMIT_BLOB_BYTES + 1, 0, 100), -1);
        assert_int_equal(g->err.kind, ERR_TOO_LARGE);
        assert_int_equal(sends(g, LIMIT_BLOB_BYTES, 0, 100), 0);
        assert_int_equal(sends(g, 1000, 0, 0), -1);
        assert_int_equal(g->err.kind, ERR_BAD_INPUT);
        struct part_send in = { .org = FARM, .length = LIMIT_BLOB_BYTES, .bytes = { g->file, 100 } };
        struct part_state st;
        int n = 1, rc = 0;
        for (; rc == 0 && n < 100; n++) {               /* by their sizes */
                in.hash.b[0] = (uint8_t)n;
                rc = parts_take(g->parts, &in, &st, &g->err);
        }
        assert_int_equal(n - 1, LIMIT_PARTS_BYTES / LIMIT_BLOB_BYTES);
        assert_int_equal(g->err.kind, ERR_BUSY);
        in = (struct part_send){ .org = OTHER, .length = 1000, .bytes = { g->file, 100 } };
        for (n = 0, rc = 0; rc == 0 && n < 2 * LIMIT_PARTS; n++) {       /* by their number */
                in.hash.b[0] = (uint8_t)n;
                in.hash.b[1] = (uint8_t)(n >> 8);
                rc = parts_take(g->parts, &in, &st, &g->err);
        }
        assert_int_equal(n - 1, LIMIT_PARTS);
}

static void what_was_told_is_there_after_a_death(void **state)
{
        struct ground *g = *state;
        char path[200];
        int64_t n = 3 * (int64_t)PART_SYNC;
        assert_int_equal(sends(g, n, 0, PART_SYNC + 5), 0);
        assert_int_equal(sends(g, 5000, 0, 4999), 0);
        end(g);
        begin(g);                                       /* of the process */
        assert_int_equal(have(g, n), PART_SYNC + 5);
        assert_int_equal(have(g, 5000), 4999);
        end(g);
        snprintf(path, sizeof path, "%s/blobs/parts/boot", g->dir);
        assert_int_equal(unlink(path), 0);
        begin(g);                                       /* of the machine */
        assert_int_equal(have(g, n), PART_SYNC);
        assert_int_equal(have(g, 5000), 0);
        assert_int_equal(sends(g, 5000, 0, 4999), 0);
        assert_int_equal(sends(g, n, PART_SYNC, PART_SYNC), 0);
        end(g);
        unlink(path);
        begin(g);       /* exactly at a mark: nobody knows whether that sync ended */
        assert_int_equal(have(g, n), PART_SYNC);
}

/* It died between the blob's name and the log: the file has two names, and the bytes of a blob are never cut. */
static void a_whole_one_is_found_after_a_death(void **state)
{
        struct ground *g = *state;
        struct hash h = sha256(g->file, 5000), found;
        char path[200];
        int64_t org, size;
        int fd;
        assert_int_equal(sends(g, 5000, 0, 5000), 1);
        assert_int_equal(parts_adopt(g->parts, FARM, &h, &g->err), 0);
        end(g);
        snprintf(path, sizeof path, "%s/blobs/parts/boot", g->dir);
        unlink(path);
        begin(g);
        assert_true(parts_whole(g->parts, false, &org, &found));
        assert_false(parts_whole(g->parts, false, &org, &found));
        assert_int_equal(org, FARM);
        assert_memory_equal(found.b, h.b, sizeof h.b);
        struct part_send in = { .org = org, .hash = found, .offset = 5000 };
        struct part_state st;
        assert_int_equal(parts_go_on(g->parts, &in, &st, &g->err), 1);
        assert_int_equal(blob_open(g->store, &h, &fd, &size, &g->err), 0);
        assert_int_equal(size, 5000);
        close(fd);
}

static void it_is_forgotten_after_days(void **state)
{
        struct ground *g = *state;
        assert_int_equal(sends(g, 1000, 0, 100), 0);
        parts_expire(g->parts, clock_now_us() + LIMIT_PART_DAYS * DAY_US - DAY_US);
        assert_int_equal(have(g, 1000), 100);
        parts_expire(g->parts, clock_now_us() + LIMIT_PART_DAYS * DAY_US + DAY_US);
        assert_int_equal(have(g, 1000), 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                CASE(it_grows_and_becomes_a_blob),
                CASE(a_wrong_offset_changes_nothing),
                CASE(one_sender_at_a_time_holds_it),
                CASE(wrong_bytes_are_thrown_away),
                CASE(limits_are_held),
                CASE(what_was_told_is_there_after_a_death),
                CASE(a_whole_one_is_found_after_a_death),
                CASE(it_is_forgotten_after_days),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
