#include "base/test.h"

#include "base/broker_hash.h"

/* Made by mosquitto_passwd 2.0.11. */
static const char theirs[] = "$7$101$YaIrtFVl7Y2O6+E9$S8ohuo/bAemDjlGaZG91ktrF+GIKYr07aSutuFzDGr1fcD7D0EgsLo1uFsWqUitrhsbTMLd5+ZPIMcZ/LkI0Eg==";

static void the_brokers_own_is_understood(void **state)
{
        (void)state;
        assert_true(broker_hash_is(str_of(theirs), STR("a secret of seven words")));
        assert_false(broker_hash_is(str_of(theirs), STR("a secret of seven word")));
        assert_false(broker_hash_is(str_of(theirs), STR("")));
}

static void ours_is_one_and_new_each_time(void **state)
{
        (void)state;
        struct arena *a = arena_new();
        struct str one = broker_hash(a, STR("s")), two = broker_hash(a, STR("s"));
        assert_true(str_starts(one, STR("$7$1000$")));
        assert_false(str_eq(one, two));
        assert_true(broker_hash_is(one, STR("s")) && broker_hash_is(two, STR("s")));
        assert_false(broker_hash_is(one, STR("t")));
        arena_free(a);
}

static void what_is_none_is_none(void **state)
{
        (void)state;
        static const char *const none[] = { "", "$", "$7$", "$6$101$YaIrtFVl7Y2O6+E9$S8oh", "$7$0$YaIrtFVl7Y2O6+E9$AA==", "$7$999999999$YaIrtFVl7Y2O6+E9$AA==", "x$7$101$YaIrtFVl7Y2O6+E9$AA==" };
        for (size_t i = 0; i < COUNT(none); i++)
                assert_false(broker_hash_is(str_of(none[i]), STR("s")));
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(the_brokers_own_is_understood), cmocka_unit_test(ours_is_one_and_new_each_time),
                                            cmocka_unit_test(what_is_none_is_none) };
        return cmocka_run_group_tests_name("base/broker_hash", tests, NULL, NULL);
}
