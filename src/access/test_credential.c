#include "base/test.h"

#include <stdio.h>

#include "access/access_impl.h"
#include "access/credential.h"
#include "base/err.h"

/* Secrets that travel, the wait after failures, passwords: what needs no database. */

/* ---- credentials ---- */

static void what_is_made_is_recognised_by_its_own_prefix_only(void **state)
{
        char a[CREDENTIAL_BYTES + 1], b[CREDENTIAL_BYTES + 1];
        (void)state;
        credential_make(KEY_PREFIX, a);
        credential_make(KEY_PREFIX, b);
        assert_int_equal(strlen(a), CREDENTIAL_BYTES);
        assert_string_not_equal(a, b);
        assert_int_equal(credential_look(str_of(a), KEY_PREFIX), CREDENTIAL_FORMED);
        assert_int_equal(credential_look(str_of(a), SESSION_PREFIX), CREDENTIAL_MALFORMED);
        assert_int_equal(credential_look(STR_NONE, KEY_PREFIX), CREDENTIAL_NONE);
}

static void one_wrong_letter_anywhere_is_noticed(void **state)
{
        static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
        char a[CREDENTIAL_BYTES + 1];
        int unnoticed = 0;
        (void)state;
        credential_make(KEY_PREFIX, a);
        for (size_t i = strlen(KEY_PREFIX); i < CREDENTIAL_BYTES; i++) {
                char was = a[i];
                for (size_t k = 0; k < 32; k++) {
                        a[i] = letters[k];
                        unnoticed += a[i] != was && credential_look(str_of(a), KEY_PREFIX) != CREDENTIAL_MISTYPED;
                }
                a[i] = 'o';     /* no letter of ours */
                assert_int_equal(credential_look(str_of(a), KEY_PREFIX), CREDENTIAL_MALFORMED);
                a[i] = was;
        }
        assert_int_equal(unnoticed, 0);
}

static void a_length_beside_the_right_one_is_malformed(void **state)
{
        char a[CREDENTIAL_BYTES + 2];
        (void)state;
        credential_make(KEY_PREFIX, a);
        assert_int_equal(credential_look((struct str){ a, CREDENTIAL_BYTES - 1 }, KEY_PREFIX), CREDENTIAL_MALFORMED);
        a[CREDENTIAL_BYTES] = '0';
        assert_int_equal(credential_look((struct str){ a, CREDENTIAL_BYTES + 1 }, KEY_PREFIX), CREDENTIAL_MALFORMED);
}

static enum credential bearer(const char *before, const char *token, const char *after)
{
        char header[200];
        struct str s;
        snprintf(header, sizeof header, "%s%s%s", before, token, after);
        enum credential c = credential_bearer(str_of(header), &s);
        if (c == CREDENTIAL_FORMED)
                assert_str(s, token);
        return c;
}

static void the_scheme_is_bearer_in_any_case(void **state)
{
        char key[CREDENTIAL_BYTES + 1];
        (void)state;
        credential_make(KEY_PREFIX, key);
        assert_int_equal(bearer("Bearer ", key, ""), CREDENTIAL_FORMED);
        assert_int_equal(bearer("bEARER  ", key, " "), CREDENTIAL_FORMED);
        assert_int_equal(bearer("", "", ""), CREDENTIAL_NONE);
        static const char *const wrong[] = { "", "Basic ", "Bearer\t", "Bearer,", "Bear ", "Bearer Bearer " };
        for (size_t i = 0; i < COUNT(wrong); i++)
                assert_int_equal(bearer(wrong[i], key, ""), CREDENTIAL_MALFORMED);
        assert_int_equal(bearer("Bearer", "", ""), CREDENTIAL_MALFORMED);
        assert_int_equal(bearer("Bearer ", key, " x"), CREDENTIAL_MALFORMED);
        assert_int_equal(bearer("Bearer ", key, ","), CREDENTIAL_MALFORMED);
}

static void a_cookie_is_found_among_others_by_its_whole_name(void **state)
{
        (void)state;
        assert_str(credential_cookie(STR("suyuan_session=abc"), SESSION_COOKIE), "abc");
        assert_str(credential_cookie(STR("a=b;  suyuan_session=abc; c=d"), SESSION_COOKIE), "abc");
        assert_str(credential_cookie(STR("suyuan_session=a=b"), SESSION_COOKIE), "a=b");
        static const char *const none[] = { "", ";", "suyuan_session", "xsuyuan_session=abc", "suyuan_sessionx=abc", "SUYUAN_SESSION=abc", "a=suyuan_session=abc", "=abc", "suyuan_session =abc" };
        for (size_t i = 0; i < COUNT(none); i++)
                if (credential_cookie(str_of(none[i]), SESSION_COOKIE).n)
                        fail_msg("found one in '%s'", none[i]);
}

static void scopes_open_what_they_say(void **state)
{
        struct str unknown = STR_NONE;
        (void)state;
        assert_int_equal(access_scope_may(STR("capture"), &unknown), 1u << MAY_CAPTURE | 1u << MAY_PUSH);    /* readings are records too */
        assert_int_equal(access_scope_may(STR("query, watch"), &unknown), 1u << MAY_QUERY | 1u << MAY_SUBSCRIBE | 1u << MAY_WATCH);
        assert_null(unknown.p);
        access_scope_may(STR("capture,orgs"), &unknown);
        assert_str(unknown, "orgs");
        unknown = STR_NONE;
        assert_int_equal(access_scope_may(STR("Capture"), &unknown), 0);
        assert_str(unknown, "Capture");
}

/* ---- waits ---- */

static int fail_and_wait(struct throttle *t, const char *name, const char *address)
{
        throttle_failed(t, str_of(name), str_of(address));
        return throttle_wait(t, str_of(name), str_of(address));
}

/* Slots are shared by a keyed hash, so one of many others may happen to wait too. */
static bool others_go_on(struct throttle *t)
{
        int waiting = 0;
        for (int i = 0; i < 16; i++) {
                char name[20], address[20];
                snprintf(name, sizeof name, "other%d", i);
                snprintf(address, sizeof address, "198.51.100.%d", i);
                waiting += throttle_wait(t, str_of(name), str_of(address)) > 0;
        }
        return waiting <= 2;
}

static void each_failure_beyond_five_doubles_the_wait_of_a_name(void **state)
{
        static const int want[] = { 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60 };
        struct throttle *t = throttle_new();
        char address[20];
        (void)state;
        for (int i = 0; i < (int)COUNT(want); i++) {
                snprintf(address, sizeof address, "192.0.2.%d", i);     /* from everywhere: it is the name that waits */
                assert_int_equal(fail_and_wait(t, "li", address), want[i]);
        }
        assert_true(others_go_on(t));
        throttle_good(t, STR("li"));
        assert_int_equal(throttle_wait(t, STR("li"), STR("198.51.100.1")), 0);
        throttle_free(t);
}

static void an_address_waits_after_twenty_whatever_names_it_tries(void **state)
{
        struct throttle *t = throttle_new();
        char name[20];
        int wait = 0;
        (void)state;
        for (int i = 0; i < 40; i++) {
                snprintf(name, sizeof name, "guess%d", i);
                throttle_failed(t, str_of(name), STR("192.0.2.1"));
                wait = throttle_wait(t, STR("somebody else"), STR("192.0.2.1"));
                assert_true(i < 20 ? wait <= 0 : wait >= 1);
        }
        assert_int_equal(wait, 900);
        throttle_good(t, STR("guess1"));        /* knowing one password forgives an address nothing */
        assert_int_equal(throttle_wait(t, STR("somebody else"), STR("192.0.2.1")), 900);
        assert_true(others_go_on(t));
        throttle_free(t);
}

/* ---- passwords ---- */

static void a_password_is_right_or_wrong(void **state)
{
        struct access x = { 0 };
        struct arena *a = arena_new();
        const char *one, *two;
        (void)state;
        assert_int_equal(password_hash(&x, a, STR("correct horse"), &one, NULL), 0);
        assert_int_equal(password_hash(&x, a, STR("correct horse"), &two, NULL), 0);
        assert_string_not_equal(one, two);
        assert_true(str_starts(str_of(one), STR("$argon2id$v=19$m=32768,t=2,p=1$")));
        assert_int_equal(password_right(&x, a, one, STR("correct horse"), NULL), 1);
        assert_int_equal(password_right(&x, a, one, STR("correct horsE"), NULL), 0);
        assert_int_equal(password_right(&x, a, one, STR_NONE, NULL), 0);
        assert_int_equal(password_right(&x, a, NULL, STR("correct horse"), NULL), 0);
        assert_int_equal(x.hashing, 0);
        arena_free(a);
}

static void a_password_has_eight_to_128_bytes(void **state)
{
        struct access x = { 0 };
        struct arena *a = arena_new();
        char text[PASSWORD_BYTES + 2];
        const char *hash;
        struct err e = { 0 };
        (void)state;
        memset(text, 'x', sizeof text);
        assert_int_equal(password_hash(&x, a, (struct str){ text, 7 }, &hash, &e), -1);
        assert_int_equal(e.kind, ERR_BAD_INPUT);
        assert_int_equal(password_hash(&x, a, (struct str){ text, 8 }, &hash, NULL), 0);
        assert_int_equal(password_hash(&x, a, (struct str){ text, PASSWORD_BYTES }, &hash, NULL), 0);
        assert_int_equal(password_right(&x, a, hash, (struct str){ text, PASSWORD_BYTES }, NULL), 1);
        assert_int_equal(password_right(&x, a, hash, (struct str){ text, PASSWORD_BYTES + 1 }, NULL), 0);
        assert_int_equal(password_hash(&x, a, (struct str){ text, PASSWORD_BYTES + 1 }, &hash, &e), -1);
        arena_free(a);
}

static void strangers_take_no_more_than_two_hashes_memory(void **state)
{
        struct access x = { .hashing = PASSWORDS_AT_ONCE };
        struct arena *a = arena_new();
        struct err e = { 0 };
        (void)state;
        assert_int_equal(password_right(&x, a, NULL, STR("correct horse"), &e), -1);
        assert_int_equal(e.kind, ERR_BUSY);
        assert_int_equal(x.hashing, PASSWORDS_AT_ONCE);
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_made_is_recognised_by_its_own_prefix_only),
                cmocka_unit_test(one_wrong_letter_anywhere_is_noticed),
                cmocka_unit_test(a_length_beside_the_right_one_is_malformed),
                cmocka_unit_test(the_scheme_is_bearer_in_any_case),
                cmocka_unit_test(a_cookie_is_found_among_others_by_its_whole_name),
                cmocka_unit_test(scopes_open_what_they_say),
                cmocka_unit_test(each_failure_beyond_five_doubles_the_wait_of_a_name),
                cmocka_unit_test(an_address_waits_after_twenty_whatever_names_it_tries),
                cmocka_unit_test(a_password_is_right_or_wrong),
                cmocka_unit_test(a_password_has_eight_to_128_bytes),
                cmocka_unit_test(strangers_take_no_more_than_two_hashes_memory),
        };
        return cmocka_run_group_tests_name("access/credential", tests, NULL, NULL);
}
