#include "base/test.h"
#include "base/text.h"
#include "sensing/mail.h"

#include <string.h>

static void only_plain_addresses_are_taken(void **state)
{
        static const char *const good[] = { "a@b", "li.wei+farm@example.cn", "x@[127.0.0.1" }, *const bad[] = { "", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\r\nBcc: c@d", "<a@b>", "农@b", "a,b@c" };
        (void)state;
        for (size_t i = 0; i < 2; i++)
                assert_true(mail_address_ok(str_of(good[i])));
        for (size_t i = 0; i < COUNT(bad); i++)
                assert_false(mail_address_ok(str_of(bad[i])));
        assert_false(mail_address_ok(str_of(good[2])));
}

static struct str written(struct arena *a, const char *subject, const char *text)
{
        static const struct mail_server server = { .url = "", .from = "suyuan@farm.example", .user = "", .password = "", .ca = "" };
        static const struct str to[] = { { "a@b.example", 11 }, { "c@d.example", 11 } };
        struct mail m = { .to = to, .n_to = 2, .id = STR("finding-7"), .subject = str_of(subject), .text = str_of(text), .time_us = INT64_C(1795824000000000) };
        return mail_write(a, &server, &m);
}

static void a_letter_is_what_the_standards_say(void **state)
{
        struct arena *a = arena_new();
        (void)state;
        assert_str(written(a, "霜冻", "低于 2 °C"),
                   "From: <suyuan@farm.example>\r\nTo: <a@b.example>,\r\n <c@d.example>\r\nSubject: =?UTF-8?B?6Zyc5Ya7?=\r\nDate: Sat, 28 Nov 2026 00:00:00 +0000\r\n"
                   "Message-ID: <finding-7@farm.example>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
                   "Content-Transfer-Encoding: base64\r\n\r\n5L2O5LqOIDIgwrBD\r\n");
        arena_free(a);
}

/* Whatever is in subject and text: no line is longer than 78, none begins a header of its own, every encoded word ends with a whole character. */
static void nothing_in_it_can_begin_a_header(void **state)
{
        struct arena *a = arena_new();
        (void)state;
        struct str s = written(a, "很长的主题很长的主题很长的主题很长的主题很长的主题很长的主题\r\nBcc: x@y", "\r\n.\r\nMAIL FROM:<x@y>\r\n");
        assert_null(memmem(s.p, s.n, "Bcc", 3));
        assert_null(memmem(s.p, s.n, "MAIL", 4));
        for (size_t from = 0, i = 0; i + 1 < s.n; i++)
                if (s.p[i] == '\r') {
                        assert_true(i - from <= 78);
                        assert_int_equal(s.p[i + 1], '\n');
                        from = i + 2;
                }
        for (const char *p = s.p; (p = memmem(p, s.n - (size_t)(p - s.p), "=?UTF-8?B?", 10)); ) {
                struct str word = { p + 10, 0 }, text;
                while (word.p[word.n] != '?')
                        word.n++;
                assert_true(base64_decode(a, word, &text));
                assert_true(utf8_valid(text));
                p = word.p;
        }
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(only_plain_addresses_are_taken), cmocka_unit_test(a_letter_is_what_the_standards_say), cmocka_unit_test(nothing_in_it_can_begin_a_header),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
