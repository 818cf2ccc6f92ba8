/* Goal: every spelling of a thing is read as one canonical form, of the right kind; the other forms follow from it. */
#include "test_support.h"

#include "gs1/check.h"

#define GS1 "https://id.gs1.org"

enum { OK_CHECK = 0, BAD_CHECK = 1, PATTERN = 2 };

struct reading {
        const char *text, *canonical;
        enum ident_kind kind;
        enum ident_source source;
        int flags;
};

static void assert_readings(const struct reading *rows, size_t n)
{
        struct arena *a = arena_new();

        for (size_t i = 0; i < n; i++) {
                struct ident got, again;

                ident_read(a, str_of(rows[i].text), &own, &got);
                if (!str_is(got.canonical, rows[i].canonical) || got.kind != rows[i].kind
                    || got.source != rows[i].source || got.bad_check_digit != ((rows[i].flags & BAD_CHECK) != 0)
                    || got.pattern != ((rows[i].flags & PATTERN) != 0))
                        fail_msg("%s\n read as %s (%s, source %d, bad %d, pattern %d)\n not as %s", rows[i].text,
                                 arena_cstr(a, got.canonical), ident_kind_name(got.kind), got.source,
                                 got.bad_check_digit, got.pattern, rows[i].canonical);
                ident_read(a, got.canonical, &own, &again);
                assert_str(a, again.canonical, rows[i].canonical);
                assert_int_equal(again.kind, got.kind);
                assert_int_equal(again.bad_check_digit, got.bad_check_digit);
        }
        arena_free(a);
}

#define ASSERT_READINGS(rows) assert_readings((rows), sizeof(rows) / sizeof((rows)[0]))

static void urns_of_every_scheme(void **state)
{
        static const struct reading rows[] = {
                { "urn:epc:id:sgtin:6901234.056789.A-1", GS1 "/01/06901234567892/21/A-1", IDENT_ITEM, IDENT_FROM_URN, 0 },
                { "urn:epc:id:sgtin:690123456789.0.7.8", GS1 "/01/06901234567892/21/7.8", IDENT_ITEM, IDENT_FROM_URN, 0 },
                { "urn:epc:class:lgtin:6901234.056789.L%2F1", GS1 "/01/06901234567892/10/L%2F1", IDENT_LOT, IDENT_FROM_URN, 0 },
                { "urn:epc:class:lgtin:690123.1456789.x", GS1 "/01/16901234567899/10/x", IDENT_LOT, IDENT_FROM_URN, 0 },
                { "urn:epc:id:upui:6901234.056789.xyz%3c", GS1 "/01/06901234567892/235/xyz%3C", IDENT_ITEM, IDENT_FROM_URN, 0 },
                { "urn:epc:id:sscc:6901234.1234567890", GS1 "/00/169012342345678902", IDENT_UNIT, IDENT_FROM_URN, 0 },
                { "urn:epc:id:sgln:6901234.00001.plot-7", GS1 "/414/6901234000016/254/plot-7", IDENT_PLACE, IDENT_FROM_URN, 0 },
                { "urn:epc:id:sgln:6901234.00001.0", GS1 "/414/6901234000016", IDENT_PLACE, IDENT_FROM_URN, 0 },
                { "urn:epc:id:sgln:690123400001..B", GS1 "/414/6901234000016/254/B", IDENT_PLACE, IDENT_FROM_URN, 0 },
                { "urn:epc:id:pgln:690123400001.", GS1 "/417/6901234000016", IDENT_ORG, IDENT_FROM_URN, 0 },
                { "urn:epc:id:pgln:6901234.00001", GS1 "/417/6901234000016", IDENT_ORG, IDENT_FROM_URN, 0 },
                { "urn:epc:id:grai:6901234.00001.77", GS1 "/8003/0690123400001677", IDENT_UNIT, IDENT_FROM_URN, 0 },
                { "urn:epc:id:grai:690123400001..77", GS1 "/8003/0690123400001677", IDENT_UNIT, IDENT_FROM_URN, 0 },
                { "urn:epc:id:giai:6901234.cam.12", GS1 "/8004/6901234cam.12", IDENT_DEVICE, IDENT_FROM_URN, 0 },
                { "urn:epc:id:gsrn:6901234.0000000001", GS1 "/8018/690123400000000018", IDENT_RELATION, IDENT_FROM_URN, 0 },
                { "urn:epc:id:gsrnp:6901234.0000000001", GS1 "/8017/690123400000000018", IDENT_RELATION, IDENT_FROM_URN, 0 },
                { "urn:epc:id:gdti:6901234.00001.CERT-9", GS1 "/253/6901234000016CERT-9", IDENT_DOCUMENT, IDENT_FROM_URN, 0 },
                { "urn:epc:id:sgcn:6901234.00001.007", GS1 "/255/6901234000016007", IDENT_ITEM, IDENT_FROM_URN, 0 },
                { "urn:epc:id:cpi:6901234.PART%2F9.12", GS1 "/8010/6901234PART%2F9/8011/12", IDENT_ITEM, IDENT_FROM_URN, 0 },
                { "urn:epc:id:ginc:6901234.con%261", GS1 "/401/6901234con%261", IDENT_DOCUMENT, IDENT_FROM_URN, 0 },
                { "urn:epc:id:gsin:6901234.000000001", GS1 "/402/69012340000000016", IDENT_DOCUMENT, IDENT_FROM_URN, 0 },
                { "urn:epc:id:itip:6901234.056789.01.03.S", GS1 "/8006/069012345678920103/21/S", IDENT_ITEM, IDENT_FROM_URN, 0 },
        };

        (void)state;
        ASSERT_READINGS(rows);
}

static void patterns_name_classes(void **state)
{
        static const struct reading rows[] = {
                { "urn:epc:idpat:sgtin:6901234.056789.*", GS1 "/01/06901234567892", IDENT_CLASS, IDENT_FROM_URN, PATTERN },
                { "urn:epc:idpat:upui:6901234.056789.*", GS1 "/01/06901234567892", IDENT_CLASS, IDENT_FROM_URN, PATTERN },
                { "urn:epc:idpat:itip:6901234.056789.01.03.*", GS1 "/8006/069012345678920103", IDENT_CLASS, IDENT_FROM_URN, PATTERN },
                { "urn:epc:idpat:grai:6901234.00001.*", GS1 "/8003/06901234000016", IDENT_UNIT, IDENT_FROM_URN, PATTERN },
                { "urn:epc:idpat:gdti:690123400001..*", GS1 "/253/6901234000016", IDENT_DOCUMENT, IDENT_FROM_URN, PATTERN },
                { "urn:epc:idpat:sgcn:6901234.00001.*", GS1 "/255/6901234000016", IDENT_CLASS, IDENT_FROM_URN, PATTERN },
                { "urn:epc:idpat:cpi:6901234.AB12.*", GS1 "/8010/6901234AB12", IDENT_CLASS, IDENT_FROM_URN, PATTERN },
                /* What no Digital Link can say stays. */
                { "urn:epc:idpat:sgtin:6901234.*.*", "urn:epc:idpat:sgtin:6901234.*.*", IDENT_CLASS, IDENT_FROM_VERBATIM, PATTERN },
                { "urn:epc:idpat:sgtin:*.*.*", "urn:epc:idpat:sgtin:*.*.*", IDENT_CLASS, IDENT_FROM_VERBATIM, PATTERN },
                { "urn:epc:idpat:sscc:6901234.*", "urn:epc:idpat:sscc:6901234.*", IDENT_UNIT, IDENT_FROM_VERBATIM, PATTERN },
                { "urn:epc:idpat:sgln:6901234.00001.*", "urn:epc:idpat:sgln:6901234.00001.*", IDENT_PLACE, IDENT_FROM_VERBATIM, PATTERN },
                { "urn:epc:idpat:cpi:6901234.*.*", "urn:epc:idpat:cpi:6901234.*.*", IDENT_CLASS, IDENT_FROM_VERBATIM, PATTERN },
                { "urn:epc:idpat:gid:1.2.*", "urn:epc:idpat:gid:1.2.*", IDENT_OTHER, IDENT_FROM_VERBATIM, PATTERN },
        };

        (void)state;
        ASSERT_READINGS(rows);
}

static void digital_links_on_any_host(void **state)
{
        static const struct reading rows[] = {
                { "https://farm.example/01/6901234567892/10/A-1?17=261231&l=en#photos", GS1 "/01/06901234567892/10/A-1", IDENT_LOT, IDENT_FROM_DIGITAL_LINK, 0 },
                { "HTTP://u:p@farm.example:8443/a/b/gtin/06901234567892/lot/A-1/", GS1 "/01/06901234567892/10/A-1", IDENT_LOT, IDENT_FROM_DIGITAL_LINK, 0 },
                { "https://farm.example/gtin/06901234567892/cpv/2/lot/A-1/ser/9", GS1 "/01/06901234567892/21/9", IDENT_ITEM, IDENT_FROM_DIGITAL_LINK, 0 },
                { "https://farm.example/01/06901234567892/22/2", GS1 "/01/06901234567892", IDENT_CLASS, IDENT_FROM_DIGITAL_LINK, 0 },
                { "https://farm.example/01/06901234567892/tpx/q", GS1 "/01/06901234567892/235/q", IDENT_ITEM, IDENT_FROM_DIGITAL_LINK, 0 },
                { "https://farm.example/01/96385074", GS1 "/01/00000096385074", IDENT_CLASS, IDENT_FROM_DIGITAL_LINK, 0 },
                { "https://farm.example/01/036000291452", GS1 "/01/00036000291452", IDENT_CLASS, IDENT_FROM_DIGITAL_LINK, 0 },
                { "https://farm.example/sscc/106141411234567897", GS1 "/00/106141411234567897", IDENT_UNIT, IDENT_FROM_DIGITAL_LINK, 0 },
                { "https://farm.example/gln/6901234000016/glnx/7", GS1 "/414/6901234000016/254/7", IDENT_PLACE, IDENT_FROM_DIGITAL_LINK, 0 },
                { "https://farm.example/414/6901234000016/254/0", GS1 "/414/6901234000016", IDENT_PLACE, IDENT_FROM_DIGITAL_LINK, 0 },
                { "https://farm.example/414/6901234000016/254/%30", GS1 "/414/6901234000016", IDENT_PLACE, IDENT_FROM_DIGITAL_LINK, 0 },
                { "https://farm.example/party/6901234000016", GS1 "/417/6901234000016", IDENT_ORG, IDENT_FROM_DIGITAL_LINK, 0 },
                { "https://farm.example/417/6901234000016/7040/1ABC", GS1 "/417/6901234000016/7040/1ABC", IDENT_ORG, IDENT_FROM_DIGITAL_LINK, 0 },
                { "https://farm.example/8018/690123400000000018/8019/5", GS1 "/8018/690123400000000018/8019/5", IDENT_RELATION, IDENT_FROM_DIGITAL_LINK, 0 },
                { "https://farm.example/itip/069012345678920103/lot/L", GS1 "/8006/069012345678920103/10/L", IDENT_LOT, IDENT_FROM_DIGITAL_LINK, 0 },
                { "https://farm.example/cpid/6901234AB/cpsn/9", GS1 "/8010/6901234AB/8011/9", IDENT_ITEM, IDENT_FROM_DIGITAL_LINK, 0 },
                /* One value, one spelling. */
                { "https://farm.example/01/06901234567892/10/%41%2d1%2f(2)!", GS1 "/01/06901234567892/10/A-1%2F(2)!", IDENT_LOT, IDENT_FROM_DIGITAL_LINK, 0 },
                { "https://farm.example/01/06901234567892/10/a\"<b>", GS1 "/01/06901234567892/10/a%22%3Cb%3E", IDENT_LOT, IDENT_FROM_DIGITAL_LINK, 0 },
                /* A stem may hold a key's name; what fits to the end is the key. */
                { "https://farm.example/01/shop/01/06901234567892", GS1 "/01/06901234567892", IDENT_CLASS, IDENT_FROM_DIGITAL_LINK, 0 },
                { "https://trace.example.cn/lot/01/06901234567892", GS1 "/01/06901234567892", IDENT_CLASS, IDENT_FROM_DIGITAL_LINK, 0 },
                /* Bare paths and element strings. */
                { "/01/6901234567892/10/A-1", GS1 "/01/06901234567892/10/A-1", IDENT_LOT, IDENT_FROM_DIGITAL_LINK, 0 },
                { "(01)06901234567892(17)261231(21)9(10)A-1", GS1 "/01/06901234567892/21/9", IDENT_ITEM, IDENT_FROM_DIGITAL_LINK, 0 },
                { "(01)06901234567892(10)5%/(2)", GS1 "/01/06901234567892/10/5%25%2F(2)", IDENT_LOT, IDENT_FROM_DIGITAL_LINK, 0 },
                { "(00)106141411234567897(02)06901234567892(37)24(10)A", GS1 "/00/106141411234567897", IDENT_UNIT, IDENT_FROM_DIGITAL_LINK, 0 },
                { "(3103)001250(01)06901234567892", GS1 "/01/06901234567892", IDENT_CLASS, IDENT_FROM_DIGITAL_LINK, 0 },
        };

        (void)state;
        ASSERT_READINGS(rows);
}

static void wrong_check_digits_are_noted_and_kept(void **state)
{
        static const struct reading rows[] = {
                { "https://farm.example/01/6901234567893/10/A", GS1 "/01/06901234567893/10/A", IDENT_LOT, IDENT_FROM_DIGITAL_LINK, BAD_CHECK },
                { "https://farm.example/00/106141411234567890", GS1 "/00/106141411234567890", IDENT_UNIT, IDENT_FROM_DIGITAL_LINK, BAD_CHECK },
                { "https://farm.example/8006/069012345678930103", GS1 "/8006/069012345678930103", IDENT_CLASS, IDENT_FROM_DIGITAL_LINK, BAD_CHECK },
                { "https://farm.example/8003/16901234000013", GS1 "/8003/16901234000013", IDENT_UNIT, IDENT_FROM_DIGITAL_LINK, BAD_CHECK },
                { "(253)6901234000011X", GS1 "/253/6901234000011X", IDENT_DOCUMENT, IDENT_FROM_DIGITAL_LINK, BAD_CHECK },
        };

        (void)state;
        ASSERT_READINGS(rows);
}

static void own_uris_are_their_path(void **state)
{
        static const struct reading rows[] = {
                { "https://trace.example.cn/lot/F01/R2026-07_a.1", "/lot/F01/R2026-07_a.1", IDENT_LOT, IDENT_FROM_OWN_URI, 0 },
                { "HTTPS://Trace.Example.CN/lot/F01/A?l=zh-Hant#map", "/lot/F01/A", IDENT_LOT, IDENT_FROM_OWN_URI, 0 },
                { "http://localhost:8080/org/F01/", "/org/F01", IDENT_ORG, IDENT_FROM_OWN_URI, 0 },
                { "/item/F01/P1", "/item/F01/P1", IDENT_ITEM, IDENT_FROM_OWN_URI, 0 },
                { "/unit/F01/C1", "/unit/F01/C1", IDENT_UNIT, IDENT_FROM_OWN_URI, 0 },
                { "/place/F01/plot-3", "/place/F01/plot-3", IDENT_PLACE, IDENT_FROM_OWN_URI, 0 },
                { "/season/F01/S1", "/season/F01/S1", IDENT_SEASON, IDENT_FROM_OWN_URI, 0 },
                { "/device/F01/cam1", "/device/F01/cam1", IDENT_DEVICE, IDENT_FROM_OWN_URI, 0 },
                /* Not ours, or not well-formed. */
                { "https://other.example/lot/F01/A", "https://other.example/lot/F01/A", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "https://trace.example.cn.evil.example/lot/F01/A", "https://trace.example.cn.evil.example/lot/F01/A", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "https://trace.example.cn/lot/F01", "https://trace.example.cn/lot/F01", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "/lot/F01/1A", "/lot/F01/1A", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "/lot/F01/A/b", "/lot/F01/A/b", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
        };

        (void)state;
        ASSERT_READINGS(rows);
}

static void anything_else_stays_verbatim(void **state)
{
        static const struct reading rows[] = {
                { "", "", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "/", "/", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "42", "42", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "(", "(", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "http://", "http://", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "https://farm.example", "https://farm.example", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "urn:uuid:0190c1d2-0000-7000-8000-000000000000", "urn:uuid:0190c1d2-0000-7000-8000-000000000000", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "urn:epc:", "urn:epc:", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "urn:epc:id:gid:1.2.3", "urn:epc:id:gid:1.2.3", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "urn:epc:id:sgtin:6901234.05678.A", "urn:epc:id:sgtin:6901234.05678.A", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "urn:epc:class:sgtin:6901234.056789.A", "urn:epc:class:sgtin:6901234.056789.A", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "urn:epc:id:sgtin:6901234.056789.\xE7\xA8\xBB", "urn:epc:id:sgtin:6901234.056789.\xE7\xA8\xBB", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "https://farm.example/01/06901234567892/10/%zz", "https://farm.example/01/06901234567892/10/%zz", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "https://farm.example/01/06901234567892/21/1/10/2", "https://farm.example/01/06901234567892/21/1/10/2", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
                { "https://farm.example/01/06901234567892/10/", "https://farm.example/01/06901234567892/10/", IDENT_OTHER, IDENT_FROM_VERBATIM, 0 },
        };

        (void)state;
        ASSERT_READINGS(rows);
}

static void a_text_with_a_zero_byte_is_only_text(void **state)
{
        struct arena *a = arena_new();
        struct ident got;

        (void)state;
        ident_read(a, STR("https://farm.example/01/06901234567892/10/A\0B"), &own, &got);
        assert_int_equal(got.source, IDENT_FROM_VERBATIM);
        assert_int_equal(got.canonical.n, 45);
        arena_free(a);
}

static void the_event_hash_has_its_own_reading(void **state)
{
        static const struct { const char *text, *want; } rows[] = {
                { "urn:epc:id:sgtin:6901234.056789.a%2f%41!", GS1 "/01/06901234567892/21/a%2f%41!" },
                { "urn:epc:id:sgln:6901234.00001.0", GS1 "/414/6901234000016" },
                { "urn:epc:idpat:sgtin:6901234.056789.*", GS1 "/01/06901234567892" },
                { "urn:epc:idpat:sgtin:6901234.*.*", NULL },
                { "urn:epc:idpat:sscc:6901234.*", NULL },
                { "http://a.example/b/gtin/6901234567893/cpv/x/lot/1/ser/2?q=1", GS1 "/01/06901234567893/21/2" },
                { "https://a.example/414/6901234000016/254/0", GS1 "/414/6901234000016/254/0" },
                { "https://a.example/8003/16901234000013ABC", GS1 "/8003/16901234000013ABC" },
                { "https://a.example/01/06901234567892/21/a'\"<=>", GS1 "/01/06901234567892/21/a'\"<=>" },
                { "https://a.example/01/06901234567892/21/a%22", NULL },
                { "https://a.example/01/06901234567892/21/a(b)", NULL },
                { "https://a.example/01/06901234567892/", NULL },
                { "https://a.example/01/06901234567892#x", NULL },
                { "https://a.example/01/06901234567892?q#x", GS1 "/01/06901234567892" },
                { "https://a.example/01/shop/01/06901234567892", NULL },
                { "https://a.example/414/shop/01/06901234567892", GS1 "/01/06901234567892" },
                { "https://a.example/8018/690123400000000018/8019/5", NULL },
                { "https://trace.example.cn/lot/F01/A", NULL },
                { "/01/06901234567892", NULL },
                { "(01)06901234567892", NULL },
                { "", NULL },
        };
        struct arena *a = arena_new();

        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                struct str got = STR_NONE;
                bool known = ident_hash_form(a, str_of(rows[i].text), &got);

                if (known != (rows[i].want != NULL) || (known && !str_is(got, rows[i].want)))
                        fail_msg("%s -> %s", rows[i].text, known ? arena_cstr(a, got) : "none");
        }
        arena_free(a);
}

static void addresses_to_print(void **state)
{
        struct arena *a = arena_new();
        const struct origins none = { NULL, 0 };

        (void)state;
        assert_str(a, ident_uri(a, STR("/lot/F01/A"), &own), "https://trace.example.cn/lot/F01/A");
        assert_str(a, ident_uri(a, STR(GS1 "/01/06901234567892"), &own), GS1 "/01/06901234567892");
        assert_str(a, ident_uri(a, STR("urn:x:y"), &own), "urn:x:y");
        assert_str(a, ident_uri(a, STR("/lot/F01/A"), &none), "/lot/F01/A");
        assert_str(a, ident_page(a, STR(GS1 "/01/06901234567892/10/A%2F1"), &own),
                   "https://trace.example.cn/01/06901234567892/10/A%2F1");
        assert_str(a, ident_page(a, STR("/lot/F01/A"), &own), "https://trace.example.cn/lot/F01/A");
        assert_str(a, ident_page(a, STR("urn:x:y"), &own), "urn:x:y");
        assert_str(a, ident_page(a, STR(GS1 "/voc/x"), &own), GS1 "/voc/x");
        assert_str(a, ident_page(a, STR(GS1 "/00/106141411234567897"), &none), GS1 "/00/106141411234567897");
        arena_free(a);
}

static void urns_are_written_back(void **state)
{
        static const struct { const char *canonical; int digits; const char *urn; } rows[] = {
                { GS1 "/01/16901234567899/10/x%2Fy", 6, "urn:epc:class:lgtin:690123.1456789.x%2Fy" },
                { GS1 "/01/06901234567892/21/9", 12, "urn:epc:id:sgtin:690123456789.0.9" },
                { GS1 "/01/06901234567892/235/9", 7, "urn:epc:id:upui:6901234.056789.9" },
                { GS1 "/01/06901234567892", 7, "urn:epc:idpat:sgtin:6901234.056789.*" },
                { GS1 "/00/169012342345678902", 7, "urn:epc:id:sscc:6901234.1234567890" },
                { GS1 "/414/6901234000016", 7, "urn:epc:id:sgln:6901234.00001.0" },
                { GS1 "/414/6901234000016/254/a", 12, "urn:epc:id:sgln:690123400001..a" },
                { GS1 "/417/6901234000016", 12, "urn:epc:id:pgln:690123400001." },
                { GS1 "/8003/06901234000016", 8, "urn:epc:idpat:grai:69012340.0001.*" },
                { GS1 "/8003/0690123400001677", 8, "urn:epc:id:grai:69012340.0001.77" },
                { GS1 "/8004/6901234cam.12", 9, NULL },
                { GS1 "/8004/6901234cam.12", 7, "urn:epc:id:giai:6901234.cam.12" },
                { GS1 "/8010/6901234A%2F/8011/5", 6, "urn:epc:id:cpi:690123.4A%2F.5" },
                { GS1 "/8010/6901234A%2F", 7, "urn:epc:idpat:cpi:6901234.A%2F.*" },
                { GS1 "/8006/069012345678920103/21/S", 7, "urn:epc:id:itip:6901234.056789.01.03.S" },
                { GS1 "/8006/069012345678920103/10/L", 7, NULL },
                { GS1 "/8018/690123400000000018/8019/5", 7, NULL },
                { GS1 "/01/06901234567893", 7, NULL },
                { GS1 "/01/06901234567892", 5, NULL },
                { GS1 "/01/06901234567892", 13, NULL },
                { "/lot/F01/A", 7, NULL },
                { "", 7, NULL },
        };
        struct arena *a = arena_new();

        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                struct err e = { 0 };
                struct str got = STR_NONE;
                int rc = ident_urn(a, str_of(rows[i].canonical), rows[i].digits, &got, &e);

                if (rc != (rows[i].urn ? 0 : -1) || (rc == 0 && !str_is(got, rows[i].urn)))
                        fail_msg("%s -> %s (%s)", rows[i].canonical, rc ? "error" : arena_cstr(a, got), e.detail);
                assert_int_equal(e.kind, rows[i].urn ? ERR_NONE : ERR_BAD_IDENTIFIER);
        }
        arena_free(a);
}

static void parts_for_showing(void **state)
{
        struct arena *a = arena_new();
        struct ident_parts p;

        (void)state;
        ident_parts(a, STR(GS1 "/01/06901234567892/10/A%2F1"), &p);
        assert_str(a, p.key_ai, "01");
        assert_str(a, p.key, "06901234567892");
        assert_str(a, p.lot, "A/1");
        assert_int_equal(p.serial.n + p.extension.n + p.org.n + p.code.n, 0);
        ident_parts(a, STR(GS1 "/8003/0690123400001677"), &p);
        assert_str(a, p.key, "06901234000016");
        assert_str(a, p.serial, "77");
        ident_parts(a, STR(GS1 "/414/6901234000016/254/7"), &p);
        assert_str(a, p.extension, "7");
        ident_parts(a, STR(GS1 "/8004/6901234cam%2F1"), &p);
        assert_str(a, p.key, "6901234cam/1");
        assert_int_equal(p.serial.n, 0);
        ident_parts(a, STR(GS1 "/8010/6901234A/8011/5"), &p);
        assert_str(a, p.serial, "5");
        ident_parts(a, STR("/lot/F01/R-1"), &p);
        assert_str(a, p.org, "F01");
        assert_str(a, p.code, "R-1");
        ident_parts(a, STR("/org/F01"), &p);
        assert_str(a, p.org, "F01");
        assert_str(a, p.code, "F01");
        ident_parts(a, STR("urn:x:y"), &p);
        assert_int_equal(p.key.n + p.org.n, 0);
        arena_free(a);
}

static void element_strings_under_a_code(void **state)
{
        struct arena *a = arena_new();

        (void)state;
        assert_str(a, ident_element_string(a, STR(GS1 "/01/06901234567892/10/A%2F1")), "(01)06901234567892(10)A/1");
        assert_str(a, ident_element_string(a, STR(GS1 "/8003/0690123400001677")), "(8003)0690123400001677");
        assert_str(a, ident_element_string(a, STR(GS1 "/8010/6901234%23/8011/5")), "(8010)6901234#(8011)5");
        assert_int_equal(ident_element_string(a, STR("/lot/F01/A")).n, 0);
        arena_free(a);
}

static void kinds_have_names(void **state)
{
        (void)state;
        for (int k = 0; k < IDENT_KINDS; k++)
                assert_true(strlen(ident_kind_name((enum ident_kind)k)) > 0);
        assert_string_equal(ident_kind_name(IDENT_LOT), "lot");
}

static void no_origins_at_all(void **state)
{
        struct arena *a = arena_new();
        struct ident got;

        (void)state;
        ident_read(a, STR("https://trace.example.cn/lot/F01/A"), NULL, &got);
        assert_int_equal(got.source, IDENT_FROM_VERBATIM);
        ident_read(a, STR("/lot/F01/A"), NULL, &got);
        assert_int_equal(got.source, IDENT_FROM_OWN_URI);
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(urns_of_every_scheme),
                cmocka_unit_test(patterns_name_classes),
                cmocka_unit_test(digital_links_on_any_host),
                cmocka_unit_test(wrong_check_digits_are_noted_and_kept),
                cmocka_unit_test(own_uris_are_their_path),
                cmocka_unit_test(anything_else_stays_verbatim),
                cmocka_unit_test(a_text_with_a_zero_byte_is_only_text),
                cmocka_unit_test(the_event_hash_has_its_own_reading),
                cmocka_unit_test(addresses_to_print),
                cmocka_unit_test(urns_are_written_back),
                cmocka_unit_test(parts_for_showing),
                cmocka_unit_test(element_strings_under_a_code),
                cmocka_unit_test(kinds_have_names),
                cmocka_unit_test(no_origins_at_all),
        };

        return cmocka_run_group_tests_name("gs1/ident", tests, NULL, NULL);
}
