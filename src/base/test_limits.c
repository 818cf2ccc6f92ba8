#include "base/test.h"

#include "base/limits.h"

static void every_limit_is_one_that_can_be_met(void **state)
{
        static const struct {
                const char *name;
                long long value;
                const char *about;
        } rows[] = {
#define LIMIT(name, value, unit, about) { #name, (value), about },
#include "base/limits.def"
#undef LIMIT
        };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                assert_in_range(rows[i].value, 1, INT32_MAX);
                assert_true(strlen(rows[i].about) > 0);
        }
}

static void limits_fit_in_one_another(void **state)
{
        (void)state;
        assert_true(LIMIT_EVENT_BYTES <= LIMIT_BODY_BYTES);
        assert_true(LIMIT_TRACE_NODES <= LIMIT_TRACE_NODES_MAX);
        assert_true(LIMIT_IDENTIFIER_BYTES < LIMIT_URL_BYTES);
        assert_true(LIMIT_URL_BYTES < LIMIT_HEADER_BYTES);
        assert_true(LIMIT_WRITE_BATCH <= LIMIT_DOCUMENT_EVENTS);
        assert_true(LIMIT_BATCH_BYTES <= LIMIT_BODY_BYTES);
        assert_true(LIMIT_SERIES_DEVICE_CHANNELS >= LIMIT_HJ212_VALUES);
        assert_true(LIMIT_SERIES_BULK < LIMIT_BATCH_READINGS);
        assert_true(LIMIT_BATCH_BYTES <= LIMIT_SERIES_QUEUE_BYTES);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_limit_is_one_that_can_be_met),
                cmocka_unit_test(limits_fit_in_one_another),
        };
        return cmocka_run_group_tests_name("base/limits", tests, NULL, NULL);
}
