#include "base/json.h"
#include "pages/pages_impl.h"

/* /.well-known/gs1resolver: what this resolver is and can do, for machines (GS1-conformant resolver standard). */

extern const struct route page_resolver;

static void describe(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b;
        struct reply r = { .status = 200, .content_type = "application/json" };
        buf_init(&b, 16 * 1024);
        buf_z(&b, "{\"name\":\"suyuan 溯源\",\"resolverRoot\":");
        json_write_str(&b, store_origins(v->store)->list[0]);
        buf_z(&b, ",\"supportedPrimaryKeys\":[\"00\",\"01\",\"253\",\"255\",\"401\",\"402\",\"414\",\"417\",\"8003\",\"8004\",\"8006\",\"8010\",\"8017\",\"8018\"]"
                  ",\"supportedLinkType\":[{\"namespace\":\"https://gs1.org/voc/\",\"prefix\":\"gs1:\"}]"
                  ",\"linkTypeDefaultCanBeLinkset\":false,\"supportedContextValuesEnumerated\":[]"
                  ",\"validatesAIcombinations\":true"
                  ",\"languages\":[\"zh-Hans\",\"zh-Hant\",\"en\"]}\n");
        reply_header(&r, "Access-Control-Allow-Origin", "*");
        reply_header(&r, "Cache-Control", "public, max-age=3600");
        r.body = arena_str(q->arena, buf_view(&b));
        buf_free(&b);
        exchange_answer(q->exchange, &r);
}

const struct route page_resolver = { .methods = METHOD_GET, .pattern = "/.well-known/gs1resolver", .name = "gs1resolver", .needs = MAY_PUBLIC,
                                     .inline_ok = true, .handle = describe };
