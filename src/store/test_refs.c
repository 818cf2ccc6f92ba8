/* Packed references: what goes in comes out, and no bytes bring the reader down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "epcis/event.h"
#include "store/names.h"
#include "store/refs.h"

static void they_come_back_as_they_were(void **state)
{
        (void)state;
        const struct event_ref in[] = {
                { .item = 1, .role = ROLE_EPC },
                { .item = INT64_C(1) << 39, .role = ROLE_TRANSFORMATION },
                { .item = 5, .role = ROLE_INPUT_QUANTITY, .has_quantity = true, .quantity = STR("12.5"), .uom = STR("KGM") },
                { .item = 5, .role = ROLE_INPUT_QUANTITY, .has_quantity = true, .quantity = STR("0") },
                { .item = 4, .role = ROLE_OUTPUT_QUANTITY, .uom = STR("公斤") },
        };
        struct arena *a = arena_new();
        struct buf b;
        const struct event_ref *out;
        buf_init(&b, 1 << 20);
        refs_pack(&b, in, 5);
        assert_int_equal(refs_unpack(a, buf_view(&b), &out), 5);
        for (int i = 0; i < 5; i++) {
                assert_int_equal(out[i].item, in[i].item);
                assert_int_equal(out[i].role, in[i].role);
                assert_int_equal(out[i].has_quantity, in[i].has_quantity);
                assert_true(str_eq(out[i].quantity, in[i].quantity));
                assert_true(str_eq(out[i].uom, in[i].uom));
        }
        for (size_t n = 0; n < b.n; n++)
                assert_int_equal(refs_unpack(a, (struct str){ b.p, n }, &out), -1);
        buf_clear(&b);
        refs_pack(&b, NULL, 0);
        assert_int_equal(refs_unpack(a, buf_view(&b), &out), 0);
        buf_free(&b);
        arena_free(a);
}

static void damaged_bytes_are_refused_or_read(void **state)
{
        (void)state;
        struct arena *a = arena_new();
        uint64_t dice = 1;
        for (int i = 0; i < 20000; i++) {
                char *p = malloc(24);   /* its own allocation, so that an overrun is seen */
                for (int k = 0; k < 24; k++) {
                        dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407u;
                        p[k] = (char)(dice >> 60 ? dice >> 40 & 0x1f : dice >> 40);
                }
                const struct event_ref *out;
                ssize_t n = refs_unpack(a, (struct str){ p, 24 }, &out);
                assert_true(n >= -1 && n <= 24);
                free(p);
                arena_reset(a);
        }
        arena_free(a);
}

static void uuids_of_one_clock_lie_together(void **state)
{
        (void)state;
        int64_t a = event_name_head(STR("urn:uuid:0193579b-1c00-7001-8000-000000000001"));
        int64_t b = event_name_head(STR("urn:uuid:0193579b-1c00-7fff-8000-0000000000ff"));
        int64_t c = event_name_head(STR("urn:uuid:0193579b-1c01-7001-8000-000000000001"));
        assert_int_equal(a >> 16, b >> 16);
        assert_int_equal((c >> 16) - (a >> 16), 1);
        assert_true((a & 0xffff) != (b & 0xffff));
        assert_true(event_name_head(STR("https://example.com/1")) == hash_prefix(STR("https://example.com/1")));
        assert_true(event_name_head(STR("urn:uuid:0193579b-1c00-7001-8000-00000000001")) == hash_prefix(STR("urn:uuid:0193579b-1c00-7001-8000-00000000001")));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(they_come_back_as_they_were),
                cmocka_unit_test(damaged_bytes_are_refused_or_read),
                cmocka_unit_test(uuids_of_one_clock_lie_together),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
