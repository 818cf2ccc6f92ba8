#include "base/test.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "epcis/digest.h"
#include "epcis/read.h"
#include "epcis/translate.h"

#define DOCUMENTS SOURCE_ROOT "/../shared/data/epcis/valid"

static const char EVENT[] = "{\"type\":\"TransformationEvent\",\"eventTime\":\"2026-11-01T08:00:00+08:00\",\"eventTimeZoneOffset\":\"+08:00\",\"e:same\":\"urn:epc:id:sgtin:4012345.011122.25\","
        "\"inputEPCList\":[\"%s\",\"urn:uuid:7\"],\"outputQuantityList\":[{\"epcClass\":\"%s\",\"quantity\":5.0,\"uom\":\"KGM\"}],\"transformationID\":\"%s\",\"readPoint\":{\"id\":\"%s\",\"e:gate\":4},"
        "\"sourceList\":[{\"type\":\"owning_party\",\"source\":\"%s\"}],\"bizTransactionList\":[{\"bizTransaction\":\"%s\"}],"
        "\"sensorElementList\":[{\"sensorMetadata\":{\"deviceID\":\"%s\"},\"sensorReport\":[{\"type\":\"Temperature\",\"value\":26.0,\"deviceID\":\"%s\"}]}]}";
static const char *const urns[] = { "urn:epc:id:sgtin:4012345.011122.25", "urn:epc:class:lgtin:4012345.011122.L1", "urn:epc:id:gdti:4012345.12345.1", "urn:epc:id:sgln:4012345.00001.0",
        "urn:epc:id:pgln:4012345.00001", "urn:epc:id:gdti:4012345.12345.7", "urn:epc:id:giai:4012345.111", "urn:epc:id:giai:4012345.112" };
static const char *const links[] = { "https://id.gs1.org/01/04012345111224/21/25", "https://id.gs1.org/01/04012345111224/10/L1", "https://id.gs1.org/253/40123451234561",
        "https://id.gs1.org/414/4012345000016", "https://id.gs1.org/417/4012345000016", "https://id.gs1.org/253/40123451234567", "https://id.gs1.org/8004/4012345111",
        "https://id.gs1.org/8004/4012345112" };

static const struct json *the_event(struct arena *a, const char *const *ids)
{
        char text[4096];
        const struct json *v = NULL;
        struct err e = { 0 };
        snprintf(text, sizeof text, EVENT, ids[0], ids[1], ids[2], ids[3], ids[4], ids[5], ids[6], ids[7]);
        if (json_read(a, text, strlen(text), NULL, &v, &e) < 0)
                fail_msg("%s", e.detail);
        return v;
}

static void same(const struct json *x, const struct json *y)
{
        struct buf a = { .max = 1 << 20 }, b = { .max = 1 << 20 };
        json_write(&a, x);
        json_write(&b, y);
        if (!str_eq(buf_view(&a), buf_view(&b)))
                fail_msg("%.*s\n is not %.*s", (int)a.n, a.p, (int)b.n, b.p);
        buf_free(&a);
        buf_free(&b);
}

static void every_identifier_of_the_standard_is_translated_and_nothing_else(void **state)
{
        struct arena *a = arena_new();
        const struct json *u = the_event(a, urns), *d = the_event(a, links);
        (void)state;
        same(event_translate(a, EPC_DIGITAL_LINK, u, NULL), d);
        same(event_translate(a, EPC_URN, d, NULL), u);
        assert_ptr_equal(event_translate(a, EPC_AS_SENT, u, NULL), u);
        assert_ptr_equal(event_translate(a, EPC_DIGITAL_LINK, d, NULL), d);
        assert_ptr_equal(event_translate(a, EPC_URN, u, NULL), u);
        arena_free(a);
}

static void what_would_lose_something_stays(void **state)
{
        static const char *const rows[] = {
                "https://id.gs1.org/01/04012345111224/21/25?17=261231", "https://id.gs1.org/01/04012345111225/21/25", "urn:epc:idpat:sgtin:4012345.*.*",
                "https://example.com/thing/7", "urn:uuid:00000000-0000-4000-8000-000000000001", "/lot/farm/A1", "" };
        struct arena *a = arena_new();
        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                assert_true(str_is(epc_translate(a, EPC_URN, str_of(rows[i]), NULL), rows[i]));
                assert_true(str_is(epc_translate(a, EPC_DIGITAL_LINK, str_of(rows[i]), NULL), rows[i]));
        }
        assert_true(str_is(epc_translate(a, EPC_URN, STR("https://farm.example/shop/01/06921234567890/21/2%2F5"), NULL), "urn:epc:id:sgtin:69212345.06789.2%2F5"));
        assert_true(str_is(epc_translate(a, EPC_DIGITAL_LINK, STR("urn:epc:idpat:sgtin:4012345.011122.*"), NULL), "https://id.gs1.org/01/04012345111224"));
        assert_true(str_is(epc_translate(a, EPC_URN, STR("https://id.gs1.org/01/04012345111224"), NULL), "urn:epc:idpat:sgtin:4012345.011122.*"));
        arena_free(a);
}

static uint32_t draw(uint64_t *seed)
{
        *seed = *seed * 6364136223846793005U + 1442695040888963407U;
        return (uint32_t)(*seed >> 33);
}

/* A random key of a scheme, as URN with a prefix of random length. */
static struct str random_urn(struct arena *a, uint64_t *seed)
{
        static const struct { const char *head; int digits; const char *tail; } schemes[] = {
                { "id:sgtin:", 13, ".%s" }, { "class:lgtin:", 13, ".%s" }, { "idpat:sgtin:", 13, ".*" }, { "id:sscc:", 17, "" }, { "id:sgln:", 12, ".%s" }, { "id:pgln:", 12, "" },
                { "id:grai:", 12, ".%s" }, { "id:gdti:", 12, ".%s" }, { "id:giai:", 0, "" } };
        static const char alphabet[] = "0123456789ABCxyz-._";
        size_t k = draw(seed) % (sizeof schemes / sizeof *schemes);
        int prefix = 6 + (int)(draw(seed) % 7);
        char digits[20], serial[20];
        for (int i = 0; i < 18; i++)
                digits[i] = (char)('0' + draw(seed) % 10);
        int n = 1 + (int)(draw(seed) % 12);
        for (int i = 0; i < n; i++)
                serial[i] = alphabet[draw(seed) % (sizeof alphabet - 1)];
        serial[n] = '\0';
        const char *tail = strstr(schemes[k].tail, "%s") ? arena_printf(a, ".%s", serial).p : schemes[k].tail;
        if (!schemes[k].digits)
                return arena_printf(a, "urn:epc:%s%.*s.%s", schemes[k].head, prefix, digits, serial);
        return arena_printf(a, "urn:epc:%s%.*s.%.*s%s", schemes[k].head, prefix, digits, schemes[k].digits - prefix, digits + prefix, tail);
}

static void urn_then_digital_link_is_the_identity(void **state)
{
        struct arena *a = arena_new();
        uint64_t seed = 7;
        int translated = 0;
        (void)state;
        for (int i = 0; i < 100000; i++) {
                struct str urn = random_urn(a, &seed), link = epc_translate(a, EPC_DIGITAL_LINK, urn, NULL);
                if (str_starts(link, STR("https://"))) {
                        struct str again = epc_translate(a, EPC_URN, link, NULL);
                        if (!str_eq(epc_translate(a, EPC_DIGITAL_LINK, again, NULL), link))
                                fail_msg("%.*s: %.*s: %.*s", STR_ARG(urn), STR_ARG(link), STR_ARG(again));
                        translated += str_starts(again, STR("urn:"));
                }
                arena_reset(a);
        }
        assert_true(translated > 90000);
        arena_free(a);
}

/* An event's hash does not depend on the spelling, so it tells whether something was lost; and there and back is where one was, but for
 * the host of a Digital Link. */
static void without_loss(struct arena *a, const struct event *e)
{
        struct event link = *e, urn = *e;
        struct hash first, second, third;
        link.json = event_translate(a, EPC_DIGITAL_LINK, e->json, NULL);
        urn.json = event_translate(a, EPC_URN, link.json, NULL);
        event_hash(a, e, &first, NULL);
        event_hash(a, &link, &second, NULL);
        event_hash(a, &urn, &third, NULL);
        if (memcmp(&first, &second, sizeof first) || memcmp(&first, &third, sizeof first))
                same(e->json, urn.json);
        const struct json *back = event_translate(a, EPC_DIGITAL_LINK, urn.json, NULL);
        same(event_translate(a, EPC_DIGITAL_LINK, event_translate(a, EPC_URN, back, NULL), NULL), back);
}

/* The public documents: what URNs say and what Digital Links say are one, whichever was sent. */
static void whole_documents_translate_without_loss(void **state)
{
        const char *folder = DOCUMENTS;
        DIR *d = opendir(folder);
        struct dirent *f;
        int events = 0;
        (void)state;
        assert_non_null(d);
        while ((f = readdir(d))) {
                static char text[1 << 21];
                char path[1024];
                struct arena *a = arena_new();
                struct document *doc = NULL;
                snprintf(path, sizeof path, "%s/%s", folder, f->d_name);
                FILE *in = fopen(path, "rb");
                size_t n = in ? fread(text, 1, sizeof text, in) : 0;
                if (in)
                        fclose(in);
                if (n && document_read(a, text, n, NULL, &doc, NULL) == 0)
                        for (size_t i = 0; i < doc->n_events; i++, events++)
                                without_loss(a, &doc->events[i]);
                arena_free(a);
        }
        closedir(d);
        assert_true(events > 100);
}

#define PURE cmocka_unit_test(every_identifier_of_the_standard_is_translated_and_nothing_else), cmocka_unit_test(what_would_lose_something_stays), \
        cmocka_unit_test(urn_then_digital_link_is_the_identity)

int main(void)
{
        const struct CMUnitTest pure[] = { PURE }, all[] = { PURE, cmocka_unit_test(whole_documents_translate_without_loss) };
        if (access(DOCUMENTS, R_OK) == 0)
                return cmocka_run_group_tests(all, NULL, NULL);
        printf("# no %s: whole documents were not tried\n", DOCUMENTS);
        return cmocka_run_group_tests(pure, NULL, NULL);
}
