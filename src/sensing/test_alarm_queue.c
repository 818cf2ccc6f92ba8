/* An alarm's event reaches a ledger that does not take it at first, once and in its order. */
#include "sensing/alarm_queue.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/test.h"

struct ledger_of_ours { char told[4096]; int tries; enum err_kind fault; const char *never; };

static int record(void *ctx, const struct alarm_row *row, struct err *reterr)
{
        struct ledger_of_ours *l = ctx;
        l->tries++;
        if (l->fault)
                return err_set(reterr, l->fault, "no");
        if (l->never && str_is(row->document, l->never))
                return err_set(reterr, ERR_INTERNAL, "never");
        snprintf(l->told + strlen(l->told), sizeof l->told - strlen(l->told), "%lld %.*s %.*s;", (long long)row->org, STR_ARG(row->device), STR_ARG(row->document));
        return 0;
}

static void put(struct alarm_queue *q, const char *document, int64_t now_ms)
{
        char text[32];
        snprintf(text, sizeof text, "%s", document);
        alarm_queue_put(q, &(struct alarm_row){ 7, STR("soil-1"), str_of(text) }, now_ms);
        memset(text, 'x', sizeof text);         /* it was copied */
}

static void what_the_ledger_did_not_take_is_tried_again_in_its_order(void **state)
{
        struct ledger_of_ours l = { .fault = ERR_STORE };
        struct alarm_queue *q = alarm_queue_new(record, &l);
        (void)state;
        put(q, "frost", 1000);
        assert_int_equal(l.tries, 1);
        put(q, "frost over", 1500);
        alarm_queue_try(q, 1999, false);
        assert_int_equal(l.tries, 1);           /* a second's rest */
        alarm_queue_try(q, 2000, false);
        assert_int_equal(l.tries, 2);
        l.fault = 0;
        alarm_queue_try(q, 3999, false);
        assert_int_equal(l.tries, 2);           /* two */
        assert_int_equal(alarm_queue_waiting(q), 2);
        alarm_queue_try(q, 4000, false);
        assert_int_equal(alarm_queue_waiting(q), 0);
        alarm_queue_add(q, &(struct alarm_row){ 7, STR("soil-1"), STR("of an earlier life") });
        assert_int_equal(alarm_queue_waiting(q), 1);
        put(q, "heat", 4001);
        assert_string_equal(l.told, "7 soil-1 frost;7 soil-1 frost over;7 soil-1 of an earlier life;7 soil-1 heat;");
        alarm_queue_free(q);
}

static void one_that_is_refused_for_good_holds_up_no_other(void **state)
{
        struct ledger_of_ours l = { .fault = ERR_BUSY, .never = "bad" };
        struct alarm_queue *q = alarm_queue_new(record, &l);
        (void)state;
        put(q, "bad", 0);
        put(q, "good", 0);
        l.fault = 0;
        alarm_queue_try(q, 1, true);            /* the end: no rest */
        assert_string_equal(l.told, "7 soil-1 good;");
        assert_int_equal(alarm_queue_waiting(q), 0);
        alarm_queue_free(q);
}

static void a_clock_that_is_put_back_holds_up_nothing(void **state)
{
        struct ledger_of_ours l = { .fault = ERR_STORE };
        struct alarm_queue *q = alarm_queue_new(record, &l);
        (void)state;
        put(q, "frost", 9000000);
        l.fault = 0;
        alarm_queue_try(q, 1000, false);
        assert_string_equal(l.told, "7 soil-1 frost;");
        alarm_queue_free(q);
}

static void what_waits_is_bounded(void **state)
{
        struct ledger_of_ours l = { .fault = ERR_STORE };
        struct alarm_queue *q = alarm_queue_new(record, &l);
        (void)state;
        for (int i = 0; i < LIMIT_ALARMS_WAITING + 10; i++)
                put(q, "frost", 1000);
        assert_int_equal(alarm_queue_waiting(q), LIMIT_ALARMS_WAITING);
        alarm_queue_free(q);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_the_ledger_did_not_take_is_tried_again_in_its_order),
                cmocka_unit_test(one_that_is_refused_for_good_holds_up_no_other),
                cmocka_unit_test(a_clock_that_is_put_back_holds_up_nothing),
                cmocka_unit_test(what_waits_is_bounded),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
