/* Queries of strangers, by URL or ('{' first) as JSON: what is read is written so that it reads back as the same query, and finds the
 * same in an event that has something of everything. */
#include <stdlib.h>

#include "base/limits.h"
#include "epcis/read.h"
#include "query/query.h"

static const char EVENT[] = "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\",{\"e\":\"https://e.example/ns/\"}],\"type\":\"ObjectEvent\",\"eventTime\":\"2026-11-01T08:00:00+08:00\","
        "\"eventTimeZoneOffset\":\"+08:00\",\"action\":\"ADD\",\"bizStep\":\"shipping\",\"epcList\":[\"urn:epc:id:sgtin:4012345.011122.25\"],"
        "\"quantityList\":[{\"epcClass\":\"urn:epc:idpat:sgtin:4012345.022233.*\",\"quantity\":5,\"uom\":\"KGM\"}],\"e:dose\":1.50,\"e:worker\":{\"e:team\":{\"e:size\":7}},"
        "\"sourceList\":[{\"type\":\"owning_party\",\"source\":\"urn:epc:id:pgln:4012345.00001\"}],\"ilmd\":{\"cbvmda:lotNumber\":\"L7\"},"
        "\"readPoint\":{\"id\":\"urn:epc:id:sgln:4012345.00001.0\",\"e:gate\":4},\"errorDeclaration\":{\"declarationTime\":\"2026-11-02T00:00:00Z\",\"reason\":\"incorrect_data\"},"
        "\"sensorElementList\":[{\"sensorMetadata\":{\"time\":\"2026-11-01T07:00:00Z\"},\"sensorReport\":[{\"type\":\"Temperature\",\"value\":26,\"uom\":\"CEL\"}]}]}";

static const struct json *master(void *ctx, struct str canonical)
{
        static const char place[] = "{\"id\":\"x\",\"attributes\":[{\"id\":\"cbvmda:city\",\"attribute\":\"Shenzhen\"}]}";
        const struct json *v;
        (void)canonical;
        return json_read(ctx, place, sizeof(place) - 1, NULL, &v, NULL) == 0 ? v : NULL;
}

static int ask(struct arena *a, struct str text, struct query **ret)
{
        const struct json *v;
        if (text.n && text.p[0] == '{')
                return json_read(a, text.p, text.n, NULL, &v, NULL) < 0 ? -1 : query_from_json(a, v, NULL, NULL, ret, NULL);
        return query_from_url(a, text, NULL, NULL, NULL, ret, NULL);
}

static struct str written(struct arena *a, const struct query *q)
{
        struct buf b = { .max = 64 * LIMIT_BODY_BYTES };
        query_write(&b, q);
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

static bool found(struct arena *a, const struct query *q)
{
        struct event e;
        if (event_reread(a, STR(EVENT), STR_NONE, NULL, &e, NULL) < 0)
                abort();
        const struct query_event asked = { .event = &e, .event_id = STR("urn:e:1"), .record_us = 1, .master = master, .ctx = a };
        return query_matches(q, a, &asked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        struct query *q = NULL, *again = NULL;
        struct query_bounds bounds;
        if (ask(a, (struct str){ (const char *)data, size }, &q) == 0) {
                struct str text = written(a, q);
                if (ask(a, text, &again) < 0 || !str_eq(written(a, again), text) || found(a, q) != found(a, again))
                        abort();
                query_bounds(q, a, &bounds);
        }
        arena_free(a);
        return 0;
}
