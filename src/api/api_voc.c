#include "api/api_impl.h"
#include "base/json.h"

/* GET /voc/: the own vocabulary as JSON-LD, and GET /voc/{term}: one of its words.  The permanent identifier may lead here one
 * day; nothing depends on it. */

struct term { const char *name, *kind, *words[LANGS]; };

static const struct term terms[] = {
#define TERM(name, kind, hans, hant, en) { name, #kind, { [LANG_HANS] = hans, [LANG_HANT] = hant, [LANG_EN] = en } },
#include "api/voc.def"
#undef TERM
};
enum { TERMS = sizeof terms / sizeof *terms };

static void write_context(struct buf *b)
{
        buf_z(b, "{\"@context\":{\"suyuan\":\"" SUYUAN_VOC "\",\"rdfs\":\"http://www.w3.org/2000/01/rdf-schema#\","
              "\"rdf\":\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\",\"Property\":\"rdf:Property\","
              "\"BizStep\":\"https://ref.gs1.org/cbv/BizStep\",\"Disposition\":\"https://ref.gs1.org/cbv/Disp\","
              "\"label\":{\"@id\":\"rdfs:label\",\"@container\":\"@language\"}},");
}

static void write_term(struct buf *b, const struct term *t)
{
        buf_printf(b, "\"@id\":\"suyuan:%s\",\"@type\":\"%s\",\"label\":{", t->name, t->kind);
        for (int l = 0; l < LANGS; l++) {
                if (l)
                        buf_char(b, ',');
                json_write_name(b, lang_tag((enum lang)l));
                json_write_str(b, str_of(t->words[l]));
        }
        buf_char(b, '}');
}

static void answer(struct request *q, struct buf *b)
{
        struct reply r = { .status = 200, .content_type = "application/ld+json" };

        reply_header(&r, "Access-Control-Allow-Origin", "*");
        reply_header(&r, "Cache-Control", "public, max-age=86400");
        reply_take(q, &r, b);
        exchange_answer(q->exchange, &r);
}

static void all(struct request *q, void *app)
{
        struct buf b = { .max = 256 * 1024 };

        (void)app;
        write_context(&b);
        buf_z(&b, "\"@graph\":[");
        for (size_t i = 0; i < TERMS; i++) {
                buf_z(&b, i ? ",{" : "{");
                write_term(&b, &terms[i]);
                buf_char(&b, '}');
        }
        buf_z(&b, "]}\n");
        answer(q, &b);
}

static void one(struct request *q, void *app)
{
        struct buf b = { .max = 64 * 1024 };
        struct err e = { 0 };

        (void)app;
        for (size_t i = 0; i < TERMS; i++)
                if (str_is(q->rest, terms[i].name)) {
                        write_context(&b);
                        write_term(&b, &terms[i]);
                        buf_z(&b, "}\n");
                        answer(q, &b);
                        return;
                }
        err_set(&e, ERR_NOT_FOUND, "the vocabulary has no such word; /voc/ lists them");
        exchange_problem(q->exchange, &e, NULL);
}

const struct route route_voc = {
        .methods = METHOD_GET, .pattern = "/voc/", .name = "voc", .needs = MAY_PUBLIC, .inline_ok = true, .handle = all,
};
const struct route route_term = {
        .methods = METHOD_GET, .pattern = "/voc/*", .name = "voc.term", .needs = MAY_PUBLIC, .inline_ok = true, .handle = one,
};
