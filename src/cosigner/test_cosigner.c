#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/test.h"
#include "base/test_folder.h"
#include "cosigner/cosigner_impl.h"

/* The limits of a witness, at each and one past it.  What it does is told in scenario/witness.py. */

static struct arena *A;

/* `n` keys, under as many names or all under one. */
static const char *const *vkeys(size_t n, bool one_name)
{
        const char **list = arena_alloc(A, n * sizeof *list);
        for (size_t i = 0; i < n; i++) {
                uint8_t key[32];
                struct buf b = { .max = 1000 };
                random_bytes(key, sizeof key);
                struct vkey k = vkey_of(A, one_name ? STR("log.test") : arena_printf(A, "log.test/%zu", i), KEY_ED25519, key, sizeof key);
                vkey_write(&b, &k);
                list[i] = arena_cstr(A, buf_view(&b));
                buf_free(&b);
        }
        return list;
}

static int open_with(size_t n, bool one_name, struct err *reterr)
{
        char folder[] = "/tmp/suyuan-cosigner-XXXXXX";
        struct cosigner *c = NULL;
        assert_non_null(mkdtemp(folder));
        struct cosigner_options o = { .dir = folder, .name = "w.test", .logs = vkeys(n, one_name), .n_logs = n };
        int rc = cosigner_open(&o, &c, reterr);
        if (rc == 0)
                cosigner_close(c);
        test_folder_remove(folder);
        return rc;
}

static void it_knows_so_many_logs(void **state)
{
        struct err e = { 0 };
        (void)state;
        assert_int_equal(open_with(LIMIT_WITNESS_LOGS, false, &e), 0);
        assert_int_equal(open_with(LIMIT_WITNESS_LOGS + 1, false, &e), -1);
        assert_int_equal(e.kind, ERR_BAD_INPUT);
}

static void and_so_many_keys_of_one(void **state)
{
        struct err e = { 0 };
        (void)state;
        assert_int_equal(open_with(LIMIT_WITNESS_LOG_KEYS, true, &e), 0);
        assert_int_equal(open_with(LIMIT_WITNESS_LOG_KEYS + 1, true, &e), -1);
        assert_int_equal(e.kind, ERR_BAD_INPUT);
}

static void a_bucket_takes_a_burst_and_no_more(void **state)
{
        static const int bursts[] = { LIMIT_WITNESS_PEER_BURST, LIMIT_WITNESS_COSIGN_BURST };
        (void)state;
        for (size_t i = 0; i < COUNT(bursts); i++) {
                struct bucket b = { 0 };
                for (int k = 0; k < bursts[i]; k++)
                        assert_true(bucket_take(&b, 0, bursts[i]));
                assert_false(bucket_take(&b, 0, bursts[i]));
                b.us -= 2000000;
                assert_true(bucket_take(&b, 1, bursts[i]));     /* it has drained */
        }
}

static void one_address_does_not_use_up_anothers(void **state)
{
        struct pace *p = pace_new();
        int taken = 0;
        (void)state;
        while (taken < 100 * LIMIT_WITNESS_PEER_BURST && pace_peer(p, "192.0.2.1"))
                taken++;
        assert_in_range(taken, LIMIT_WITNESS_PEER_BURST, 100 * LIMIT_WITNESS_PEER_BURST - 1);
        int others = 0;
        for (int i = 0; i < 16; i++) {
                char peer[32];
                snprintf(peer, sizeof peer, "198.51.100.%d", i);
                others += pace_peer(p, peer);
        }
        assert_true(others >= 14);      /* places are shared, by chance */
        pace_free(p);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(it_knows_so_many_logs),
                cmocka_unit_test(and_so_many_keys_of_one),
                cmocka_unit_test(a_bucket_takes_a_burst_and_no_more),
                cmocka_unit_test(one_address_does_not_use_up_anothers),
        };
        A = arena_new();
        int rc = cmocka_run_group_tests_name("cosigner/limits", tests, NULL, NULL);
        arena_free(A);
        return rc;
}
