#include <dirent.h>
#include <unistd.h>

#include "ingest/test_decode.h"

/* What holds for every row of decoders.def. */
static void names_are_unique_and_sorted_and_found(void **state)
{
        (void)state;
        for (size_t i = 0; i < n_decoders; i++) {
                if (i)
                        assert_true(strcmp(decoders[i - 1]->name, decoders[i]->name) < 0);
                assert_ptr_equal(decoder_find(str_of(decoders[i]->name)), decoders[i]);
                assert_true(decoders[i]->about[0] && decoders[i]->about_zh[0] && decoders[i]->media_types[0] && decoders[i]->max_bytes);
        }
        assert_null(decoder_find(STR("nothing")));
        assert_null(decoder_find(STR_NONE));
}

static void a_media_type_chooses_one(void **state)
{
        (void)state;
        assert_string_equal(decoder_of_media(STR("Application/JSON; charset=utf-8"))->name, "json");
        assert_string_equal(decoder_of_media(STR("application/senml+json"))->name, "senml");
        assert_string_equal(decoder_of_media(STR("text/csv"))->name, "csv");
        assert_null(decoder_of_media(STR("text/plain")));
        assert_null(decoder_of_media(STR_NONE));
}

static void what_is_empty_or_too_large_is_refused_unread(void **state)
{
        (void)state;
        for (size_t i = 0; i < n_decoders; i++) {
                struct err e = { 0 };
                assert_refused(decoders[i], said(STR("")), "empty");
                char *large = arena_alloc(a, decoders[i]->max_bytes + 1);
                assert_str(decoded(decoders[i], said((struct str){ large, decoders[i]->max_bytes + 1 }), &e), "refused");
                assert_int_equal(e.kind, ERR_TOO_LARGE);
                e = (struct err){ 0 };
                decoded(decoders[i], said((struct str){ large, decoders[i]->max_bytes }), &e);
                assert_int_not_equal(e.kind, ERR_TOO_LARGE);
                arena_reset(a);
        }
}

static void each_has_a_fuzz_target_with_inputs(void **state)
{
        (void)state;
        for (size_t i = 0; i < n_decoders; i++) {
                int inputs = 0;
                assert_int_equal(access(arena_printf(a, SOURCE_ROOT "/src/ingest/fuzz_decode_%s.c", decoders[i]->name).p, R_OK), 0);
                DIR *d = opendir(arena_printf(a, SOURCE_ROOT "/src/ingest/corpus_decode_%s", decoders[i]->name).p);
                assert_non_null(d);
                while (readdir(d))
                        inputs++;
                closedir(d);
                assert_true(inputs > 2);
        }
}

static void binary_numbers_become_the_shortest_decimals(void **state)
{
        static const struct { double v; const char *want; } cases[] = { { 0, "0" }, { 0.1, "0.1" }, { -2.5, "-2.5" }, { 1e17, "100000000000000000" }, { 1.0 / 3, "0.333333333333333" }, { 1e-20, "0" }, { 123456.789, "123456.789" } };
        struct decimal d;
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                assert_true(decimal_of_double(cases[i].v, &d));
                assert_str(decimal_text(a, d), cases[i].want);
        }
        assert_true(decimal_of_float(19.3f, &d));
        assert_str(decimal_text(a, d), "19.3");
        assert_false(decimal_of_double(1e18, &d));
        assert_false(decimal_of_double(1.0 / (double)(a == NULL), &d));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names_are_unique_and_sorted_and_found),
                cmocka_unit_test(a_media_type_chooses_one),
                cmocka_unit_test(what_is_empty_or_too_large_is_refused_unread),
                cmocka_unit_test(each_has_a_fuzz_target_with_inputs),
                cmocka_unit_test(binary_numbers_become_the_shortest_decimals),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
