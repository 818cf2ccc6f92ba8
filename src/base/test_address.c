#include "base/address.h"

#include <arpa/inet.h>

#include "base/test.h"

static enum address_reach reach(const char *text)
{
        struct sockaddr_in v4 = { .sin_family = AF_INET };
        struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
        if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
                return address_reach((const struct sockaddr *)&v4);
        assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
        return address_reach((const struct sockaddr *)&v6);
}

static void an_address_is_of_this_machine_of_the_site_or_of_the_world(void **state)
{
        static const struct { enum address_reach reach; const char *list[48]; } table[] = {
                { ADDRESS_CLOSED,
                  { "127.0.0.1", "127.255.255.255", "0.0.0.0", "0.1.2.3", "100.64.0.1", "100.100.100.200", "100.127.255.255", "169.254.169.254", "192.0.0.1", "192.0.0.192", "192.0.2.1", "198.18.0.1",
                    "198.19.255.255", "198.51.100.1", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
                    "::ffff:0.0.0.0", "::127.0.0.1", "::10.0.0.1", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1", "2001::1", "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1",
                    "64:ff9b:1::1", "100::1", "3fff::1", "fd00:ec2::254" } },
                { ADDRESS_SITE,
                  { "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255", "fc00::1", "fd12:3456::1", "fd00:ec2::255", "::ffff:10.0.0.1", "::ffff:8.8.8.8" } },
                { ADDRESS_WORLD,
                  { "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.255", "2606:4700::1111",
                    "240e::1", "2002:808:808::", "64:ff9b::808:808" } },
        };
        (void)state;
        for (size_t i = 0; i < sizeof table / sizeof *table; i++)
                for (const char *const *at = table[i].list; *at; at++)
                        if (reach(*at) != table[i].reach)
                                fail_msg("%s is taken for %d", *at, reach(*at));
        assert_int_equal(address_reach(&(struct sockaddr){ .sa_family = AF_UNIX }), ADDRESS_CLOSED);
}

static void the_operator_allows_by_name(void **state)
{
        static const char *const allow[] = { "127.0.0.1:502", "gate.example", "::1" };
        (void)state;
        assert_true(address_allowed(allow, 3, "127.0.0.1", 502));
        assert_false(address_allowed(allow, 3, "127.0.0.1", 503));
        assert_false(address_allowed(allow, 3, "127.0.0.1", 50));
        assert_true(address_allowed(allow, 3, "GATE.example", 1));
        assert_false(address_allowed(allow, 3, "gate.example.org", 1));
        assert_true(address_allowed(allow, 3, "::1", 502));
        assert_false(address_allowed(allow, 0, "::1", 502));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_address_is_of_this_machine_of_the_site_or_of_the_world),
                cmocka_unit_test(the_operator_allows_by_name),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
