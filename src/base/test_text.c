#include "base/test.h"

#include "base/text.h"

#define LINE(s) { (s), sizeof(s) - 1 }

static void knows_utf8(void **state)
{
        static const struct str good[] = {
                LINE(""), LINE("a"), LINE("溯源"), LINE("\x7f"), LINE("\xc2\x80"), LINE("\xdf\xbf"),
                LINE("\xe0\xa0\x80"), LINE("\xed\x9f\xbf"), LINE("\xee\x80\x80"), LINE("\xef\xbf\xbf"),
                LINE("\xf0\x90\x80\x80"), LINE("\xf4\x8f\xbf\xbf"), LINE("a\0b"),
                LINE("0123456701234567溯0123456701234567"),
        };
        static const struct str bad[] = {
                LINE("\x80"), LINE("\xbf"), LINE("\xc0\x80"), LINE("\xc1\xbf"), LINE("\xc2"),
                LINE("\xc2\x41"), LINE("\xc2\xc0"), LINE("\xe0\x80\x80"), LINE("\xe0\x9f\xbf"),
                LINE("\xed\xa0\x80"), LINE("\xed\xbf\xbf"), LINE("\xe4\xb8"), LINE("\xe4\xb8\x41"),
                LINE("\xf0\x80\x80\x80"), LINE("\xf0\x8f\xbf\xbf"), LINE("\xf4\x90\x80\x80"),
                LINE("\xf5\x80\x80\x80"), LINE("\xf0\x90\x80"), LINE("\xf8\x88\x80\x80\x80"),
                LINE("\xfe"), LINE("\xff"), LINE("01234567\xff"), LINE("0123456\xff"),
        };

        (void)state;
        for (size_t i = 0; i < COUNT(good); i++)
                assert_true(utf8_valid(good[i]));
        for (size_t i = 0; i < COUNT(bad); i++)
                assert_false(utf8_valid(bad[i]));
        assert_int_equal(utf8_valid_to(STR("0123456789\xe4\xb8")), 10);
}

/* Every code point is valid in its own length, and no surrogate is. */
static void every_code_point(void **state)
{
        (void)state;
        for (uint32_t c = 0x80; c <= 0x110000; c++) {
                char s[4];
                size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
                uint32_t rest = c;
                for (size_t i = n; i-- > 1; rest >>= 6)
                        s[i] = (char)(0x80 | (rest & 0x3f));
                s[0] = (char)((0xf00 >> n) | rest);
                bool want = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
                if (utf8_valid((struct str){ s, n }) != want)
                        fail_msg("U+%04X", c);
        }
}

static void decodes_percent(void **state)
{
        static const struct {
                const char *in, *want;
        } rows[] = {
                { "", "" }, { "abc", "abc" }, { "a%20b", "a b" }, { "%e6%BA%af", "溯" },
                { "+", "+" }, { "%2F%2f", "//" }, { "%25%32%35", "%25" }, { "%7F", "\x7f" },
                { "%", NULL }, { "%4", NULL }, { "%4g", NULL }, { "%g4", NULL }, { "a%", NULL },
                { "%00", NULL }, { "%ff", NULL }, { "%c0%80", NULL }, { "%ed%a0%80", NULL },
                { "%-1", NULL }, { "% 1", NULL }, { "%e6%BA", NULL },
        };
        struct arena *a = arena_new();

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct str got = STR("untouched");
                bool fine = percent_decode(a, str_of(rows[i].in), &got);
                assert_int_equal(fine, rows[i].want != NULL);
                assert_str(got, fine ? rows[i].want : "untouched");
        }
        arena_free(a);
}

static void encodes_percent_and_back(void **state)
{
        struct arena *a = arena_new();
        struct buf b = { .max = 1000 };
        struct str back;

        (void)state;
        percent_encode(&b, STR("aZ09-._~/ ?溯"), "/");
        assert_str(buf_view(&b), "aZ09-._~/%20%3F%E6%BA%AF");
        buf_clear(&b);
        percent_encode(&b, STR("a\0/"), NULL);
        assert_str(buf_view(&b), "a%00%2F");
        for (int c = 1; c < 128; c++) {
                char z[] = { (char)c, '\0' };
                buf_clear(&b);
                percent_encode(&b, str_of(z), "");
                assert_true(percent_decode(a, buf_view(&b), &back));
                assert_str(back, z);
        }
        buf_free(&b);
        arena_free(a);
}

static void trims(void **state)
{
        (void)state;
        assert_str(str_trim(STR(" \t\r\n\f\va b \n")), "a b");
        assert_str(str_trim(STR("  ")), "");
        assert_str(str_trim(STR_NONE), "");
        assert_str(str_trim(STR("\xc2\xa0")), "\xc2\xa0");      /* ASCII only */
}

static void splits(void **state)
{
        (void)state;
        struct str rest = STR("a,,b,"), head;
        const char *want[] = { "a", "", "b", "" };

        for (size_t i = 0; i < COUNT(want); i++) {
                assert_true(str_split(&rest, ',', &head));
                assert_str(head, want[i]);
        }
        assert_false(str_split(&rest, ',', &head));
        assert_false(str_split(&rest, ',', &head));
        rest = STR("");
        assert_true(str_split(&rest, ',', &head));
        assert_false(str_split(&rest, ',', &head));
}

static void compares_without_case(void **state)
{
        (void)state;
        assert_true(str_ieq(STR("Content-Type"), STR("cONTENT-tYPE")));
        assert_true(str_ieq(STR_NONE, STR("")));
        assert_false(str_ieq(STR("a"), STR("ab")));
        assert_false(str_ieq(STR("@["), STR("`{")));    /* 32 apart, but no letters */
        assert_false(str_ieq(STR("\xc3\x84"), STR("\xc3\xa4")));
}

static void reads_hex(void **state)
{
        (void)state;
        unsigned char got[3] = { 1, 2, 3 };

        for (int c = 0; c < 256; c++) {
                const char *digits = "0123456789abcdef0123456789ABCDEF";
                const char *at = c ? strchr(digits, c) : NULL;
                assert_int_equal(hex_value((char)c), at ? (at - digits) % 16 : -1);
        }
        assert_true(hex_read(STR("00aBfF"), got, 3));
        assert_memory_equal(got, "\x00\xab\xff", 3);
        assert_false(hex_read(STR("11223"), got, 3));
        assert_false(hex_read(STR("1122334"), got, 3));
        assert_false(hex_read(STR("11223344"), got, 3));
        assert_false(hex_read(STR("11223g"), got, 3));
        assert_memory_equal(got, "\x00\xab\xff", 3);
        assert_true(hex_read(STR(""), got, 0));
}

static void base64_there_and_back(void **state)
{
        /* RFC 4648 §10 */
        static const char *const rows[][2] = {
                { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
                { "\xfb\xff\xbf", "+/+/" },
        };
        struct arena *a = arena_new();
        struct buf b = { .max = 2000 };
        unsigned char bytes[256];
        struct str got;
        uint64_t seed = 1;

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                buf_clear(&b);
                base64_encode(&b, rows[i][0], strlen(rows[i][0]));
                assert_str(buf_view(&b), rows[i][1]);
                assert_true(base64_decode(a, str_of(rows[i][1]), &got));
                assert_str(got, rows[i][0]);
        }
        for (size_t n = 0; n <= sizeof bytes; n++) {
                for (size_t i = 0; i < n; i++)
                        bytes[i] = (unsigned char)test_random(&seed);
                buf_clear(&b);
                base64_encode(&b, bytes, n);
                assert_true(base64_decode(a, buf_view(&b), &got));
                assert_int_equal(got.n, n);
                assert_memory_equal(got.p, bytes, n);
        }
        buf_free(&b);
        arena_free(a);
}

static void base64_has_one_spelling(void **state)
{
        static const struct str bad[] = {
                LINE("Z"), LINE("Zg"), LINE("Zg="), LINE("Zm8"), LINE("Zg==="), LINE("===="), LINE("Z==="), LINE("="), LINE("=Zg="), LINE("Z=g="),
                LINE("Zh=="), LINE("Zm9="), LINE("Zg==Zg=="), LINE("Zm9v\n"), LINE("Zm\n9v==="), LINE(" Zm9v==="), LINE("Zm9-"), LINE("Zm9_"),
                LINE("Zm9\0"), LINE("Zm9\xff"), LINE("Zm9vZg"), LINE("Zm8=Zm8="),
        };
        struct arena *a = arena_new();
        unsigned char out[3];
        struct str got = STR("untouched");

        (void)state;
        for (size_t i = 0; i < COUNT(bad); i++)
                if (base64_decode(a, bad[i], &got))
                        fail_msg("row %zu", i);
        assert_str(got, "untouched");
        assert_true(base64_read(STR("Zm9v"), out, 3));
        assert_false(base64_read(STR("Zm9v"), out, 2));
        assert_false(base64_read(STR("Zm8="), out, 3));
        assert_true(base64_read(STR_NONE, out, 0));
        /* Of every last digit only those without stray bits. */
        int fine = 0;
        for (int c = 1; c < 256; c++)
                fine += base64_read((struct str){ (char[]){ 'A', (char)c, '=', '=' }, 4 }, out, 1);
        assert_int_equal(fine, 4);
        arena_free(a);
}

static void numbers_have_one_spelling(void **state)
{
        static const char *const bad[] = { "", "00", "01", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "9223372036854775808", "92233720368547758070", "１" };
        int64_t n = 7;

        (void)state;
        for (size_t i = 0; i < COUNT(bad); i++)
                assert_false(number_read(str_of(bad[i]), &n));
        assert_int_equal(n, 7);
        assert_true(number_read(STR("0"), &n));
        assert_int_equal(n, 0);
        assert_true(number_read(STR("9223372036854775807"), &n));
        assert_true(n == INT64_MAX);
        assert_true(number_read(STR("1050"), &n));
        assert_int_equal(n, 1050);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(base64_there_and_back),
                cmocka_unit_test(base64_has_one_spelling),
                cmocka_unit_test(numbers_have_one_spelling),
                cmocka_unit_test(knows_utf8),
                cmocka_unit_test(every_code_point),
                cmocka_unit_test(decodes_percent),
                cmocka_unit_test(encodes_percent_and_back),
                cmocka_unit_test(trims),
                cmocka_unit_test(splits),
                cmocka_unit_test(compares_without_case),
                cmocka_unit_test(reads_hex),
        };
        return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
