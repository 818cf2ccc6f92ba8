/* Goal: URIs as RFC 3986 has them, and the closed lists of the standard's words. */
#include "test_support.h"

#include "epcis/uri.h"
#include "epcis/vocabulary.h"

static void what_is_a_uri(void **state)
{
        static const char *const good[] = {
                "ex:thing", "a:", "urn:epc:id:sgtin:4012345.011111.98%22", "https://id.gs1.org/01/04012345111118/21/!%3F()*&'",
                "http://", "http:///path", "https://u:p@host.example:8443/a/b;c=1?d=e/f?g#h/?", "http://[2001:db8::1]:80/x", "geo:22.9,114.0",
                "ni:///sha-256;abc?ver=CBV2.0", "mailto:a@b", "x:/", "x:?q", "x:#f", "http://a:/", "A+b-c.d:e", "http://x/:@",
        };
        static const char *const bad[] = {
                "", "word", ":x", "1a:b", "a b:c", "/path", "//host/x", "ex:a b", "ex:%", "ex:%4", "ex:%zz", "ex:a#b#c", "ex:a|b", "ex:{a}",
                "http://h:port/", "http://[::1/x", "http://[::1]x/", "http://[]/", "x://a@b@c/", "http://a[b]/", "ex:[a]", "http://x/苗", "ex:\n",
                "é:x", "ex:a\"b", "ex:a\\b", "ex:^", "ex:`",
        };

        (void)state;
        for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
                if (!uri_valid(str_of(good[i])))
                        fail_msg("%s is one", good[i]);
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
                if (uri_valid(str_of(bad[i])))
                        fail_msg("%s is none", bad[i]);
}

static void the_lists_of_words(void **state)
{
        static const struct { const char *p; enum vocabulary v; } rows[] = {
#define WORD(vocabulary, text) { text, VOC_##vocabulary },
#include "epcis/vocabulary.def"
#undef WORD
        };
        static const int sizes[VOCABULARIES] = {
                [VOC_BIZ_STEP] = 41, [VOC_DISPOSITION] = 33, [VOC_BIZ_TRANSACTION] = 13, [VOC_SOURCE_DEST] = 3,
                [VOC_ERROR_REASON] = 2, [VOC_COMPONENT] = 14, [VOC_MEASUREMENT] = 72, [VOC_ALERT] = 2,
        };
        int count[VOCABULARIES] = { 0 };

        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                struct arena *a = arena_new();
                struct str iri = vocabulary_iri(rows[i].v), word = str_of(rows[i].p);

                count[rows[i].v]++;
                assert_true(vocabulary_has(rows[i].v, word));
                assert_str(vocabulary_word(rows[i].v, arena_printf(a, "%.*s%.*s", STR_ARG(iri), STR_ARG(word))), rows[i].p);
                /* Sorted within its list, so each stands once. */
                if (i && rows[i - 1].v == rows[i].v)
                        assert_true(strcmp(rows[i - 1].p, rows[i].p) < 0);
                arena_free(a);
        }
        for (int v = 0; v < VOCABULARIES; v++)
                assert_int_equal(count[v], sizes[v]);
        assert_false(vocabulary_has(VOC_BIZ_STEP, STR("active")));
        assert_false(vocabulary_has(VOC_BIZ_STEP, STR("transforming")));
        assert_null(vocabulary_word(VOC_BIZ_STEP, STR("https://ref.gs1.org/cbv/BizStep-harvesting")).p);
        assert_null(vocabulary_word(VOC_BIZ_STEP, STR("https://ref.gs1.org/cbv/Disp-active")).p);
}

static void standard_values_as_uris(void **state)
{
        (void)state;
        assert_true(vocabulary_forbids(VOC_BIZ_STEP, STR("urn:epcglobal:cbv:bizstep:packing")));
        assert_true(vocabulary_forbids(VOC_COMPONENT, STR("https://ns.gs1.org/cbv/Comp-x")));
        assert_false(vocabulary_forbids(VOC_BIZ_STEP, STR("https://ref.gs1.org/cbv/BizStep-packing")));
        assert_false(vocabulary_forbids(VOC_BIZ_STEP, STR("https://gs1.org/voc/Temperature")));
        assert_true(vocabulary_forbids(VOC_MEASUREMENT, STR("http://gs1.org/voc/Temperature")));
        assert_true(vocabulary_forbids(VOC_ALERT, STR("https://www.gs1.org/voc/ALARM_CONDITION")));
        assert_false(vocabulary_forbids(VOC_MEASUREMENT, STR("urn:epcglobal:cbv:x")));
        assert_false(vocabulary_forbids(VOC_MEASUREMENT, STR("https://ref.gs1.org/voc/Temperature")));
}

/* The reference page has one line for each code, with its severity and meaning. */
static void the_reference_page(void **state)
{
        static const struct { const char *slug, *severity, *about; } codes[] = {
#define FAULT_CODE(name, slug, severity, about) { slug, #severity, about },
#include "epcis/faults.def"
#undef FAULT_CODE
        };
        char want[512], line[512];
        FILE *f = fopen(SOURCE_ROOT "/docs/ref/findings.md", "r");
        size_t at = 0, n = sizeof codes / sizeof codes[0];

        (void)state;
        assert_non_null(f);
        while (fgets(line, sizeof line, f)) {
                if (line[0] != '|' || line[2] != '`')
                        continue;
                assert_true(at < n);
                snprintf(want, sizeof want, "| `%s` | %s | %s |\n", codes[at].slug,
                         strcmp(codes[at].severity, "REFUSED") == 0 ? "refused" : "finding", codes[at].about);
                assert_string_equal(line, want);
                at++;
        }
        fclose(f);
        assert_int_equal(at, n);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_a_uri),
                cmocka_unit_test(the_lists_of_words),
                cmocka_unit_test(standard_values_as_uris),
                cmocka_unit_test(the_reference_page),
        };

        return cmocka_run_group_tests_name("epcis/vocabulary", tests, NULL, NULL);
}
