#include "base/test.h"
#include "sensing/quantity.h"

static void names_are_unique_and_complete(void **state)
{
        (void)state;
        for (size_t i = 0; i < n_quantities; i++) {
                assert_true(quantity_find(str_of(quantities[i].name)) == &quantities[i]);
                assert_true(quantities[i].lowest < quantities[i].highest);
                for (int l = 0; l < LANGS; l++)
                        assert_true(*quantities[i].title[l]);
        }
        assert_null(quantity_find(STR("phlogiston")));
}

static void a_channel_says_by_its_code_what_it_measures(void **state)
{
        (void)state;
        assert_string_equal(quantity_of_channel(STR("a34004"))->name, "pm25");
        assert_string_equal(quantity_of_channel(STR("soil-moisture"))->name, "soil-moisture");
        assert_string_equal(quantity_of_channel(STR("soil-moisture.40cm"))->name, "soil-moisture");
        assert_null(quantity_of_channel(STR("soil-moisture2")));
        assert_null(quantity_of_channel(STR("")));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names_are_unique_and_complete),
                cmocka_unit_test(a_channel_says_by_its_code_what_it_measures),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
