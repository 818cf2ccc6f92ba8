#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "farm/thing.h"

/* A thing as an element of EPCIS master data, and back.  The usual attributes are for others, suyuan:detail is what was put, suyuan:thing whose it is: a
 * product with a GTIN bears the GTIN's name, which tells neither. */

static const struct { enum thing_kind kind; const char *path, *type; } kinds[] = {
#define THING(symbol, number, name, path, type, ...) { THING_##symbol, path, type },
#include "farm/kinds.def"
#undef THING
};

static size_t row_of(enum thing_kind k)
{
        size_t i = 0;
        while (i + 1 < sizeof kinds / sizeof *kinds && kinds[i].kind != k)
                i++;
        return i;
}

struct str thing_canonical(struct arena *a, enum thing_kind k, struct str org, struct str code, const struct json *body)
{
        struct str gtin = k == THING_PRODUCT || k == THING_INPUT ? json_text(json_get(body, "gtin")) : STR_NONE;
        struct ident id;
        if (gtin.n && gtin.n <= 14) {
                struct str link = arena_printf(a, "/01/%.*s%.*s", (int)(14 - gtin.n), "00000000000000", STR_ARG(gtin));
                if (ident_parse(a, link, NULL, &id, NULL) == 0)
                        return id.canonical;
        }
        return arena_printf(a, "/%s/%.*s/%.*s", kinds[row_of(k)].path, STR_ARG(org), STR_ARG(code));
}

/* ---- writing ---- */

static void attribute(struct buf *b, const char *id, struct str text, bool *more)
{
        if (!text.n)
                return;
        buf_z(b, *more ? ",{\"id\":" : "{\"id\":");
        *more = true;
        json_write_str(b, str_of(id));
        buf_z(b, ",\"attribute\":");
        json_write_str(b, text);
        buf_char(b, '}');
}

/* Members that others understand: of a place nothing that says where it is but its address, of a partner no person. */
static void attributes(struct buf *b, const struct json *body, bool *more)
{
        static const char *const told[][2] = {
                { "name", "cbvmda:name" }, { "nameHant", "suyuan:nameHant" }, { "nameEn", "suyuan:nameEn" }, { "type", "suyuan:placeType" },
                { "netContent", "suyuan:netContent" }, { "registrationNumber", "suyuan:registrationNumber" }, { "creditCode", "suyuan:creditCode" },
                { "variety", "suyuan:variety" }, { "grade", "suyuan:gradeAndStandard" },
        };
        for (size_t i = 0; i < sizeof told / sizeof *told; i++)
                attribute(b, told[i][1], json_str(body, told[i][0]), more);
}

static void element(struct buf *b, struct arena *a, size_t row, struct str org, const struct thing_statement *t, const struct origins *own)
{
        bool more = false;
        struct str name = thing_canonical(a, kinds[row].kind, org, t->code, t->body);
        buf_z(b, "{\"id\":");
        json_write_str(b, ident_uri(a, name, own));
        buf_z(b, ",\"attributes\":[");
        attributes(b, t->body, &more);
        attribute(b, "suyuan:thing", arena_printf(a, "%s/%.*s/%.*s", kinds[row].path, STR_ARG(org), STR_ARG(t->code)), &more);
        buf_z(b, ",{\"id\":\"suyuan:detail\",\"attribute\":");
        json_write(b, t->body);
        buf_z(b, "}]}");
}

void things_document(struct buf *b, struct arena *a, enum thing_kind k, struct str org, const struct thing_statement *list, size_t n, const struct origins *own, int64_t now_us)
{
        size_t row = row_of(k);
        buf_z(b, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\",{\"suyuan\":\"" SUYUAN_VOC "\"}],\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\","
                 "\"creationDate\":");
        json_write_str(b, stamp_utc(a, now_us));
        buf_z(b, ",\"epcisHeader\":{\"epcisMasterData\":{\"vocabularyList\":[{\"type\":");
        json_write_str(b, str_of(kinds[row].type));
        buf_z(b, ",\"vocabularyElementList\":[");
        for (size_t i = 0; i < n; i++) {
                if (i)
                        buf_char(b, ',');
                element(b, a, row, org, &list[i], own);
        }
        buf_z(b, "]}]}},\"epcisBody\":{\"eventList\":[]}}");
}

void thing_document(struct buf *out, struct arena *a, enum thing_kind k, struct str org, struct str code, const struct json *body, const struct origins *own, int64_t now_us)
{
        const struct thing_statement one = { code, body };
        things_document(out, a, k, org, &one, 1, own, now_us);
}

/* ---- reading ---- */

static const struct json *attribute_of(const struct json *element, const char *name)
{
        const struct json *list = json_get(element, "attributes");
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++)
                if (str_is(json_str(&list->items[i], "id"), name))
                        return json_get(&list->items[i], "attribute");
        return NULL;
}

struct str thing_body(struct arena *a, const struct json *element)
{
        const struct json *v = attribute_of(element, "suyuan:detail");
        struct buf b = { .max = LIMIT_EVENT_BYTES };
        if (!json_is(v, JSON_OBJECT))
                return STR_NONE;
        json_write(&b, v);
        struct str s = b.overflow ? STR_NONE : arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

bool thing_of_element(const struct json *element, enum thing_kind *ret, struct str *ret_org, struct str *ret_code)
{
        struct str rest = json_text(attribute_of(element, "suyuan:thing")), path;
        if (!str_split(&rest, '/', &path) || !str_split(&rest, '/', ret_org) || ident_check_code(*ret_org, NULL) < 0 || ident_check_code(rest, NULL) < 0)
                return false;
        *ret_code = rest;
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
                if (str_is(path, kinds[i].path)) {
                        *ret = kinds[i].kind;
                        return true;
                }
        return false;
}
