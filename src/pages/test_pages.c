#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/test_folder.h"
#include "pages/pages_impl.h"
#include "picture/picture.h"

/* The pages on a store of their own, asked without sockets: the facts that must be on them, and what must not. */

static const struct str origin = { "http://127.0.0.1:8080", 21 };

struct ground { struct service service; struct loopback *l; struct arena *a; char dir[64]; };

static int setup(void **state)
{
        struct store_options o = { .writer_cache_kib = 1024, .reader_cache_kib = 256, .readers = 2 };
        struct ground *g = calloc(1, sizeof *g);
        snprintf(g->dir, sizeof g->dir, "/tmp/suyuan-pages-XXXXXX");
        assert_non_null(mkdtemp(g->dir));
        assert_int_equal(store_init(g->dir, &origin, 1, NULL), 0);
        assert_int_equal(store_open(g->dir, true, &o, &g->service.store, NULL), 0);
        assert_int_equal(ledger_open(g->service.store, &g->service.ledger, NULL), 0);
        assert_int_equal(pages_start(&g->service, NULL), 0);
        struct http_options h = { .routes = pages_routes, .n_routes = pages_n_routes, .app = &g->service,
                                  .fallback = &pages_fallback, .quiet = true };
        g->l = loopback_new(&h);
        g->a = arena_new();
        *state = g;
        return 0;
}

static int teardown(void **state)
{
        struct ground *g = *state;
        loopback_free(g->l);
        pages_stop();
        ledger_close(g->service.ledger);
        store_close(g->service.store);
        test_folder_remove(g->dir);
        arena_free(g->a);
        free(g);
        return 0;
}

#define NAME_OF(id, name) "{\"id\":\"http://127.0.0.1:8080" id "\",\"attributes\":[{\"id\":\"cbvmda:name\",\"attribute\":\"" name "\"}]}"
#define LOT(lot) "[{\"epcClass\":\"http://127.0.0.1:8080/lot/f/" lot "\",\"quantity\":10,\"uom\":\"KGM\"}]"
#define AT(time) "\"eventTime\":\"" time "\",\"eventTimeZoneOffset\":\"+08:00\",\"readPoint\":{\"id\":\"http://127.0.0.1:8080/place/f/P1\"},"
#define SEASON "\"transformationID\":\"http://127.0.0.1:8080/season/f/S1\","

static void record(struct ground *g, const char *master, const char *events)
{
        struct str text = arena_printf(g->a, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\",{\"suyuan\":\"%s\"}],"
                "\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\",\"creationDate\":\"2026-11-01T00:00:00Z\",\"epcisHeader\":{\"epcisMasterData\":{\"vocabularyList\":["
                "{\"type\":\"urn:epcglobal:epcis:vtype:EPCClass\",\"vocabularyElementList\":[%s]}]}},\"epcisBody\":{\"eventList\":[%s]}}", SUYUAN_VOC, master, events);
        struct document *d;
        struct err e = { 0 };
        assert_int_equal(document_read(g->a, text.p, text.n, store_origins(g->service.store), &d, &e), 0);
        assert_int_equal(d->faults.refused, 0);
        struct ledger_job job = { .org = ORG_DEFAULT, .door = DOOR_IMPORT, .actor = STR("test"), .doc = d, .arena = g->a };
        assert_int_equal(ledger_record(g->service.ledger, &job, &e), 0);
        assert_int_equal(job.refused, 0);
}

static void season(struct ground *g)
{
        record(g, NAME_OF("/lot/f/RICE", "再生稻米 <b>&\\\"'") "," NAME_OF("/org/f", "谷雨农场"),
               "{\"type\":\"TransformationEvent\"," AT("2026-06-01T08:00:00+08:00") SEASON "\"bizStep\":\"suyuan:spraying\",\"inputQuantityList\":" LOT("PEST")
               ",\"suyuan:preHarvestIntervalDays\":7,\"suyuan:operator\":\"http://127.0.0.1:8080/staff/f/LiSi\",\"suyuan:note\":\"phone 13800000000\","
               "\"suyuan:position\":{\"suyuan:latitude\":25.123456}},"
               "{\"type\":\"TransformationEvent\"," AT("2026-06-20T08:00:00+08:00") SEASON "\"bizStep\":\"suyuan:harvesting\",\"outputQuantityList\":" LOT("RICE") "},"
               "{\"type\":\"ObjectEvent\"," AT("2026-06-20T09:00:00+08:00") "\"action\":\"OBSERVE\",\"bizStep\":\"inspecting\",\"disposition\":\"conformant\",\"quantityList\":" LOT("RICE") "}");
}

static struct loopback_reply ask(struct ground *g, const char *target, const char *accept, const char *also, const char *value)
{
        struct loopback_header headers[] = { { "Accept", accept }, { also, value } };
        struct loopback_request q = { .method = "GET", .target = str_of(target), .headers = headers, .n_headers = also ? 2 : 1 };
        struct loopback_reply r;
        loopback_ask(g->l, g->a, &q, &r);
        return r;
}

static const char *page(struct ground *g, const char *target, int status)
{
        struct loopback_reply r = ask(g, target, "text/html", NULL, NULL);
        assert_int_equal(r.status, status);
        return arena_cstr(g->a, r.body);
}

#define SHOWS(html, words) assert_non_null(strstr((html), (words)))
#define HIDES(html, words) assert_null(strstr((html), (words)))

static void page_tells_the_facts_in_three_languages(void **state)
{
        struct ground *g = *state;
        season(g);
        const char *hans = page(g, "/lot/f/RICE", 200), *hant = page(g, "/lot/f/RICE?l=zh-Hant", 200), *en = page(g, "/lot/f/RICE?l=en", 200);
        SHOWS(hans, "<html lang=\"zh-Hans\"");
        SHOWS(hans, "谷雨农场");
        SHOWS(hans, "要求 7\u00a0天");
        SHOWS(hans, "3 个环节有记录");
        SHOWS(hant, "<html lang=\"zh-Hant\"");
        SHOWS(hant, "採收");
        SHOWS(en, "<html lang=\"en\"");
        SHOWS(en, "Harvested");
        SHOWS(en, "not recorded");
}

static void names_are_text_and_nothing_else(void **state)
{
        struct ground *g = *state;
        season(g);
        const char *html = page(g, "/lot/f/RICE", 200);
        SHOWS(html, "再生稻米 &lt;b&gt;&amp;&quot;&#39;");
        HIDES(html, "<b>&\"");
}

static void nobody_and_no_position_is_on_it(void **state)
{
        struct ground *g = *state;
        season(g);
        const char *html = page(g, "/lot/f/RICE", 200);
        struct loopback_reply data = ask(g, "/lot/f/RICE", "application/ld+json", NULL, NULL);
        const char *json = arena_cstr(g->a, data.body);
        HIDES(html, "LiSi");
        HIDES(html, "13800000000");
        HIDES(html, "25.123456");
        HIDES(json, "LiSi");
        HIDES(json, "13800000000");
        HIDES(json, "25.123456");
        assert_true(str_is(data.content_type, "application/ld+json"));
        SHOWS(json, "\"suyuan:verdict\":\"clear\"");
}

static void page_asks_nobody_else(void **state)
{
        struct ground *g = *state;
        season(g);
        struct loopback_reply r = ask(g, "/lot/f/RICE", "text/html", NULL, NULL);
        const char *policy = loopback_header(&r, "Content-Security-Policy"), *html = arena_cstr(g->a, r.body);
        SHOWS(policy, "default-src 'none'");
        SHOWS(policy, "style-src 'sha256-");
        SHOWS(policy, "script-src 'self'; connect-src 'self'");
        HIDES(policy, "unsafe");
        SHOWS(html, "<script type=\"module\" src=\"/verify/");
        assert_true(strstr(html, "<script") > strstr(html, "</footer>"));
        HIDES(strstr(html, "<script") + 1, "<script");
        HIDES(html, " style=");
        HIDES(html, " on");
        assert_true(r.body.n < 30 * 1024);
}

static void page_without_entries_has_no_script(void **state)
{
        struct ground *g = *state;
        struct loopback_reply r = ask(g, "/lot/f/NOPE", "text/html", NULL, NULL);
        HIDES(loopback_header(&r, "Content-Security-Policy"), "script");
        HIDES(arena_cstr(g->a, r.body), "<script");
        r = ask(g, "/", "text/html", NULL, NULL);
        HIDES(loopback_header(&r, "Content-Security-Policy"), "script");
}

static void page_offers_its_own_check(void **state)
{
        struct ground *g = *state;
        season(g);
        const char *html = page(g, "/lot/f/RICE", 200);
        SHOWS(html, "data-proof=\"/log/proof?item=/lot/f/RICE\"");
        SHOWS(html, "href=\"/log/proof?item=/lot/f/RICE\"");
        SHOWS(html, "href=\"/log/policy\"");
        SHOWS(html, "suyuan verify suyuan-proof.json --policy suyuan-policy.txt");
        SHOWS(html, " data-r=\"default 1 spraying -\"");
        SHOWS(html, " data-r=\"default 2 harvesting -\"");
        SHOWS(html, "<i data-k=\"default\">本系统的管理单位</i>");
}

static void script_is_kept_for_ever_at_its_address(void **state)
{
        struct ground *g = *state;
        season(g);
        const char *html = page(g, "/lot/f/RICE?l=en", 200), *from = strstr(html, "/verify/"), *js = strstr(html, "src=\"/verify/");
        struct str words_at = { from, (size_t)(strchr(from, '"') - from) }, script_at = { js + 5, (size_t)(strchr(js + 5, '"') - js - 5) };
        struct loopback_reply r = ask(g, arena_cstr(g->a, script_at), "*/*", NULL, NULL);
        assert_int_equal(r.status, 200);
        assert_true(str_is(r.content_type, "text/javascript; charset=utf-8"));
        SHOWS(loopback_header(&r, "Cache-Control"), "immutable");
        struct loopback_reply packed = ask(g, arena_cstr(g->a, script_at), "*/*", "Accept-Encoding", "br, gzip");
        assert_string_equal(loopback_header(&packed, "Content-Encoding"), "gzip");
        assert_true(packed.body.n <= 12000);
        assert_true(packed.body.n < r.body.n);
        r = ask(g, arena_cstr(g->a, words_at), "*/*", NULL, NULL);
        assert_true(str_is(r.content_type, "application/json"));
        SHOWS(arena_cstr(g->a, r.body), "\"TITLE\":\"Check it yourself\"");
        assert_int_equal(ask(g, "/verify/0000000000000000.js", "*/*", NULL, NULL).status, 404);
        assert_int_equal(ask(g, "/verify/", "*/*", NULL, NULL).status, 404);
}

static void app_of_the_phone_has_its_types_its_policy_and_names_that_never_change(void **state)
{
        struct ground *g = *state;
        struct loopback_reply r = ask(g, "/field/", "text/html", NULL, NULL);
        assert_int_equal(r.status, 200);
        assert_true(str_is(r.content_type, "text/html; charset=utf-8"));
        assert_string_equal(loopback_header(&r, "Cache-Control"), "no-cache");
        const char *policy = loopback_header(&r, "Content-Security-Policy"), *html = arena_cstr(g->a, r.body), *js = strstr(html, "src=\"/field/assets/index-");
        SHOWS(policy, "script-src 'self' 'wasm-unsafe-eval';");
        HIDES(policy, "unsafe-inline");
        assert_non_null(js);
        const char *script = arena_cstr(g->a, (struct str){ js + 5, (size_t)(strchr(js + 5, '"') - js - 5) });
        r = ask(g, script, "*/*", NULL, NULL);
        assert_true(str_is(r.content_type, "text/javascript; charset=utf-8"));
        SHOWS(loopback_header(&r, "Cache-Control"), "immutable");
        struct loopback_reply packed = ask(g, script, "*/*", "Accept-Encoding", "gzip, br");
        assert_string_equal(loopback_header(&packed, "Content-Encoding"), "gzip");
        assert_true(packed.body.n < r.body.n && packed.body.n < 90 * 1024);
        r = ask(g, "/field/sw.js", "*/*", NULL, NULL);
        assert_string_equal(loopback_header(&r, "Cache-Control"), "no-cache");
        const char *hidden[] = { "/field/sw.js.gz", "/field/assets/", "/field/../suyuan.db", "/field/nothing" };
        for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
                assert_int_equal(ask(g, hidden[i], "*/*", NULL, NULL).status, 404);
        r = ask(g, "/field", "text/html", NULL, NULL);
        assert_int_equal(r.status, 308);
        assert_string_equal(loopback_header(&r, "Location"), "/field/");
}

static void known_page_is_304_until_it_changes(void **state)
{
        struct ground *g = *state;
        season(g);
        struct loopback_reply r = ask(g, "/lot/f/RICE", "text/html", NULL, NULL);
        const char *etag = loopback_header(&r, "ETag");
        assert_int_equal(ask(g, "/lot/f/RICE", "text/html", "If-None-Match", etag).status, 304);
        record(g, NAME_OF("/lot/f/NEVER", "x"), "{\"type\":\"ObjectEvent\"," AT("2026-06-21T09:00:00+08:00") "\"action\":\"OBSERVE\",\"bizStep\":\"holding\","
               "\"disposition\":\"recalled\",\"quantityList\":" LOT("RICE") "}");
        r = ask(g, "/lot/f/RICE", "text/html", "If-None-Match", etag);
        assert_int_equal(r.status, 200);
        const char *html = arena_cstr(g->a, r.body);
        SHOWS(html, "已召回");
        assert_true(strstr(html, "已召回") < strstr(html, "从种子到货架"));
}

static void new_name_makes_the_page_stale(void **state)
{
        struct ground *g = *state;
        season(g);
        SHOWS(page(g, "/lot/f/RICE", 200), "谷雨农场");
        record(g, NAME_OF("/org/f", "新名农场"), "");
        SHOWS(page(g, "/lot/f/RICE", 200), "新名农场");
}

static void unknown_code_warns_and_wrong_digit_is_named(void **state)
{
        struct ground *g = *state;
        season(g);
        SHOWS(page(g, "/lot/f/NOPE", 404), "谨防假冒");
        SHOWS(page(g, "/01/09521202000029/10/A", 400), "第 14 位是校验码，应为 1");
        struct loopback_reply r = ask(g, "/lot/f/NOPE", "application/json", NULL, NULL);
        assert_int_equal(r.status, 404);
        assert_true(str_is(r.content_type, "application/problem+json"));
}

static void organisation_has_a_plain_page(void **state)
{
        struct ground *g = *state;
        season(g);
        const char *html = page(g, "/org/f", 200);
        SHOWS(html, "<h1>谷雨农场</h1>");
        HIDES(html, "谨防假冒");
}

/* A grey PNG of one pixel. */
static const unsigned char png[] = {
        0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
        0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b,
        0x55, 0x00, 0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x68, 0x00, 0x00, 0x00,
        0x82, 0x00, 0x81, 0x77, 0xcd, 0x72, 0xb6, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae,
        0x42, 0x60, 0x82,
};

static void a_photo_needs_a_page_that_shows_it_and_is_never_the_original(void **state)
{
        struct ground *g = *state;
        struct hash h;
        struct buf b;
        buf_init(&b, 4096);
        assert_int_equal(pictures_start(g->service.store, SUYUAN_IMAGE, &g->service.pictures, NULL), 0);
        assert_int_equal(blob_put(g->service.store, png, sizeof png, &h, NULL), 0);
        photo_href(&b, &h, false);
        for (int twice = 0; twice < 2; twice++) {       /* made, and found */
                struct loopback_reply r = ask(g, b.p, "image/*", NULL, NULL);
                assert_int_equal(r.status, 200);
                assert_true(str_is(r.content_type, "image/jpeg"));
                assert_memory_equal(r.body.p, "\xff\xd8\xff", 3);
        }
        *strchr(b.p, '?') = '\0';
        assert_int_equal(ask(g, b.p, "application/json", NULL, NULL).status, 404);
        buf_clear(&b);
        assert_int_equal(blob_put(g->service.store, png, 20, &h, NULL), 0);
        photo_href(&b, &h, false);
        assert_int_equal(ask(g, b.p, "application/json", NULL, NULL).status, 404);
        buf_free(&b);
        pictures_stop(g->service.pictures);
        g->service.pictures = NULL;
}

static size_t gaps(const char *s)
{
        size_t n = 0;
        for (; (s = strstr(s, "{}")); s += 2)
                n++;
        return n;
}

static void words_are_complete_in_every_language(void **state)
{
        (void)state;
        for (int w = 0; w < WORDS; w++)
                for (int l = 0; l < LANGS; l++) {
                        assert_true(words((enum words)w, (enum lang)l)[0] != '\0');
                        assert_int_equal(gaps(words((enum words)w, (enum lang)l)), gaps(words((enum words)w, LANG_HANS)));
                }
}

static void each_context_has_its_escape(void **state)
{
        struct buf b;
        (void)state;
        buf_init(&b, 4096);
        html_text(&b, STR("a<b>&\"'é"));
        assert_string_equal(b.p, "a&lt;b&gt;&amp;&quot;&#39;é");
        static const char *const links[][2] = { { "/lot/a?x=1&y", "/lot/a?x=1&amp;y" }, { "https://a/\"", "https://a/&quot;" }, { "javascript:alert(1)", "#" },
                                                { "//evil.example", "#" }, { "/\\evil.example", "#" }, { "data:text/html,x", "#" }, { "", "#" } };
        for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
                buf_clear(&b);
                html_href(&b, str_of(links[i][0]));
                assert_string_equal(b.p, links[i][1]);
        }
        buf_clear(&b);
        html_words1(&b, LANG_EN, W_LOT, STR("<x>"));
        assert_string_equal(b.p, "Lot &lt;x&gt;");
        buf_free(&b);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                CASE(page_tells_the_facts_in_three_languages),
                CASE(names_are_text_and_nothing_else),
                CASE(nobody_and_no_position_is_on_it),
                CASE(page_asks_nobody_else),
                CASE(page_without_entries_has_no_script),
                CASE(page_offers_its_own_check),
                CASE(script_is_kept_for_ever_at_its_address),
                CASE(app_of_the_phone_has_its_types_its_policy_and_names_that_never_change),
                CASE(known_page_is_304_until_it_changes),
                CASE(new_name_makes_the_page_stale),
                CASE(unknown_code_warns_and_wrong_digit_is_named),
                CASE(organisation_has_a_plain_page),
                CASE(a_photo_needs_a_page_that_shows_it_and_is_never_the_original),
                cmocka_unit_test(words_are_complete_in_every_language),
                cmocka_unit_test(each_context_has_its_escape),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
