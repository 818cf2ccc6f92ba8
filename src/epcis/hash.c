#include "epcis/digest.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "epcis/context.h"
#include "epcis/hash_value.h"
#include "epcis/vocabulary.h"

/* The CBV 2.0 event hash: a string without separators, made of the standard's members in a fixed order, then ilmd, then
 * extensions inside standard members, then those of the event itself; SHA-256 over it.
 *
 * The string is written into one buffer.  Where entries must be sorted, they are written first as they come
 * and each one's start is noted; then the run is put in order (`run_sort`). */

struct hasher {
        struct arena *arena;
        const struct event *event;
        struct buf b;
};

/* The entries written since `run_begin`. */
struct run {
        size_t *start;          /* where each entry begins in the buffer */
        size_t n, cap;
};

static struct run run_begin(struct hasher *h, size_t most)
{
        return (struct run){ arena_raw(h->arena, (most + 1) * sizeof(size_t)), 0, most };
}

static void run_next(struct hasher *h, struct run *r)
{
        r->start[r->n++] = h->b.n;
}

/* An entry that wrote nothing is none. */
static void run_end_entry(struct hasher *h, struct run *r)
{
        if (r->n && r->start[r->n - 1] == h->b.n)
                r->n--;
}

static int by_text(const void *a, const void *b)
{
        return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void run_sort(struct hasher *h, const struct run *r)
{
        if (r->n < 2)
                return;
        size_t from = r->start[0], n = h->b.n - from;
        char *copy = arena_raw(h->arena, n);
        struct str *s = arena_raw(h->arena, r->n * sizeof *s);

        memcpy(copy, h->b.p + from, n);
        for (size_t i = 0; i < r->n; i++) {
                size_t end = i + 1 < r->n ? r->start[i + 1] : h->b.n;

                s[i] = (struct str){ copy + (r->start[i] - from), end - r->start[i] };
        }
        qsort(s, r->n, sizeof *s, by_text);
        h->b.n = from;
        for (size_t i = 0; i < r->n; i++)
                buf_str(&h->b, s[i]);
}

/* ---- the standard's members */

/* name=value; nothing when there is no value. */
static void leaf(struct hasher *h, const char *name, const struct json *v, enum hash_kind kind, enum vocabulary vocabulary)
{
        struct str text = hash_value(h->arena, v, kind, vocabulary);

        if (!text.n)
                return;
        buf_z(&h->b, name);
        buf_char(&h->b, '=');
        buf_str(&h->b, text);
}

static void plain(struct hasher *h, const char *name, const struct json *object)
{
        leaf(h, name, json_get(object, name), HASH_PLAIN, VOCABULARIES);
}

static void sort_list(struct hasher *h, const struct json *list, void (*entry)(struct hasher *, const struct json *, int),
                      int argument)
{
        if (!json_is(list, JSON_ARRAY))
                return;
        struct run r = run_begin(h, list->n);

        for (uint32_t i = 0; i < list->n; i++) {
                run_next(h, &r);
                entry(h, &list->items[i], argument);
                run_end_entry(h, &r);
        }
        run_sort(h, &r);
}

/* The name of a list, once, before what it holds; nothing for an empty one. */
static void named_list(struct hasher *h, const char *name, const struct json *list,
                       void (*entry)(struct hasher *, const struct json *, int), int argument)
{
        size_t from = h->b.n;

        buf_z(&h->b, name);
        size_t inside = h->b.n;

        sort_list(h, list, entry, argument);
        if (h->b.n == inside)
                h->b.n = from;
}

static void epc(struct hasher *h, const struct json *v, int unused)
{
        (void)unused;
        leaf(h, "epc", v, HASH_PLAIN, VOCABULARIES);
}

static void quantity(struct hasher *h, const struct json *v, int unused)
{
        size_t from = h->b.n;

        (void)unused;
        buf_z(&h->b, "quantityElement");
        size_t inside = h->b.n;

        plain(h, "epcClass", v);
        plain(h, "quantity", v);
        plain(h, "uom", v);
        if (h->b.n == inside)
                h->b.n = from;
}

enum pair { PAIR_TRANSACTION, PAIR_SOURCE, PAIR_DESTINATION };

/* The type first, whatever the order sent: the standard's own order of the two. */
static void pair(struct hasher *h, const struct json *v, int which)
{
        static const char *const names[] = { "bizTransaction", "source", "destination" };

        leaf(h, "type", json_get(v, "type"), HASH_WORD,
             which == PAIR_TRANSACTION ? VOC_BIZ_TRANSACTION : VOC_SOURCE_DEST);
        plain(h, names[which], v);
}

static void persistent(struct hasher *h, const struct json *v, int set)
{
        leaf(h, set ? "set" : "unset", v, HASH_WORD, VOC_DISPOSITION);
}

static void persistent_disposition(struct hasher *h, const struct json *v)
{
        size_t from = h->b.n;

        buf_z(&h->b, "persistentDisposition");
        size_t inside = h->b.n;

        sort_list(h, json_get(v, "set"), persistent, 1);
        sort_list(h, json_get(v, "unset"), persistent, 0);
        if (h->b.n == inside)
                h->b.n = from;
}

static void place(struct hasher *h, const char *name, const struct json *v)
{
        const struct json *id = json_get(v, "id");

        if (!id)
                return;
        size_t from = h->b.n;

        buf_z(&h->b, name);
        size_t inside = h->b.n;

        leaf(h, "id", id, HASH_PLAIN, VOCABULARIES);
        if (h->b.n == inside)
                h->b.n = from;
}

struct field { const char *name; enum hash_kind kind; enum vocabulary vocabulary; };

static const struct field metadata_fields[] = {
        { "time", HASH_TIME, 0 }, { "startTime", HASH_TIME, 0 }, { "endTime", HASH_TIME, 0 },
        { "deviceID", HASH_PLAIN, 0 }, { "deviceMetadata", HASH_PLAIN, 0 }, { "rawData", HASH_PLAIN, 0 },
        { "dataProcessingMethod", HASH_PLAIN, 0 }, { "bizRules", HASH_PLAIN, 0 },
};

/* bizRules of a report is not in the standard's order. */
static const struct field report_fields[] = {
        { "type", HASH_WORD, VOC_MEASUREMENT }, { "exception", HASH_WORD, VOC_ALERT }, { "deviceID", HASH_PLAIN, 0 },
        { "deviceMetadata", HASH_PLAIN, 0 }, { "rawData", HASH_PLAIN, 0 }, { "dataProcessingMethod", HASH_PLAIN, 0 },
        { "time", HASH_TIME, 0 }, { "microorganism", HASH_PLAIN, 0 }, { "chemicalSubstance", HASH_PLAIN, 0 },
        { "value", HASH_PLAIN, 0 }, { "component", HASH_WORD, VOC_COMPONENT }, { "stringValue", HASH_PLAIN, 0 },
        { "booleanValue", HASH_PLAIN, 0 }, { "hexBinaryValue", HASH_PLAIN, 0 }, { "uriValue", HASH_PLAIN, 0 },
        { "minValue", HASH_PLAIN, 0 }, { "maxValue", HASH_PLAIN, 0 }, { "meanValue", HASH_PLAIN, 0 },
        { "sDev", HASH_PLAIN, 0 }, { "percRank", HASH_PLAIN, 0 }, { "percValue", HASH_PLAIN, 0 }, { "uom", HASH_PLAIN, 0 },
        { "coordinateReferenceSystem", HASH_PLAIN, 0 },
};

static void fields(struct hasher *h, const char *name, const struct json *v, const struct field *f, size_t n)
{
        size_t from = h->b.n;

        buf_z(&h->b, name);
        size_t inside = h->b.n;

        for (size_t i = 0; i < n; i++)
                leaf(h, f[i].name, json_get(v, f[i].name), f[i].kind, f[i].vocabulary);
        if (h->b.n == inside)
                h->b.n = from;
}

static void report(struct hasher *h, const struct json *v, int unused)
{
        (void)unused;
        fields(h, "sensorReport", v, report_fields, sizeof report_fields / sizeof report_fields[0]);
}

static void sensor(struct hasher *h, const struct json *v, int unused)
{
        size_t from = h->b.n;

        (void)unused;
        buf_z(&h->b, "sensorElement");
        size_t inside = h->b.n;

        fields(h, "sensorMetadata", json_get(v, "sensorMetadata"), metadata_fields,
               sizeof metadata_fields / sizeof metadata_fields[0]);
        sort_list(h, json_get(v, "sensorReport"), report, 0);
        if (h->b.n == inside)
                h->b.n = from;
}

static void standard_members(struct hasher *h, const struct json *e)
{
        leaf(h, "eventTime", json_get(e, "eventTime"), HASH_TIME, 0);
        leaf(h, "eventTimeZoneOffset", json_get(e, "eventTimeZoneOffset"), HASH_VERBATIM, 0);
        named_list(h, "epcList", json_get(e, "epcList"), epc, 0);
        plain(h, "parentID", e);
        named_list(h, "inputEPCList", json_get(e, "inputEPCList"), epc, 0);
        named_list(h, "childEPCs", json_get(e, "childEPCs"), epc, 0);
        named_list(h, "quantityList", json_get(e, "quantityList"), quantity, 0);
        named_list(h, "childQuantityList", json_get(e, "childQuantityList"), quantity, 0);
        named_list(h, "inputQuantityList", json_get(e, "inputQuantityList"), quantity, 0);
        named_list(h, "outputEPCList", json_get(e, "outputEPCList"), epc, 0);
        named_list(h, "outputQuantityList", json_get(e, "outputQuantityList"), quantity, 0);
        plain(h, "action", e);
        plain(h, "transformationID", e);
        leaf(h, "bizStep", json_get(e, "bizStep"), HASH_WORD, VOC_BIZ_STEP);
        leaf(h, "disposition", json_get(e, "disposition"), HASH_WORD, VOC_DISPOSITION);
        persistent_disposition(h, json_get(e, "persistentDisposition"));
        place(h, "readPoint", json_get(e, "readPoint"));
        place(h, "bizLocation", json_get(e, "bizLocation"));
        named_list(h, "bizTransactionList", json_get(e, "bizTransactionList"), pair, PAIR_TRANSACTION);
        named_list(h, "sourceList", json_get(e, "sourceList"), pair, PAIR_SOURCE);
        named_list(h, "destinationList", json_get(e, "destinationList"), pair, PAIR_DESTINATION);
        /* CBV 2.0 leaves the word sensorElementList out, CBV 2.1 has it. */
        sort_list(h, json_get(e, "sensorElementList"), sensor, 0);
}

/* ---- extensions */

/* {namespace}name.  Returns whether the namespace ends in '/', which decides where an extension inside a standard
 * member goes; ret_named says that the name has a namespace at all. */
static bool extension_name(struct hasher *h, struct str name, bool *ret_named)
{
        struct str space = STR_NONE, local = name;
        bool curie = hash_split(h->event->context, name, &space, &local);

        if (curie) {
                buf_char(&h->b, '{');
                buf_str(&h->b, space);
                buf_char(&h->b, '}');
        }
        buf_str(&h->b, local);
        *ret_named = curie || memchr(name.p, ':', name.n);
        return curie && space.n && space.p[space.n - 1] == '/';
}

static void extension(struct hasher *h, struct run *r, struct str name, const struct json *v);

static size_t count(const struct json *v)
{
        size_t n = 0;

        for (uint32_t i = 0; i < v->n; i++)
                n += json_is(&v->members[i].value, JSON_ARRAY) ? v->members[i].value.n : 1;
        return n;
}

static bool is_comment(struct str name)
{
        return str_eq(name, STR("rdfs:comment")) || str_eq(name, STR("comment"));
}

static void extension_object(struct hasher *h, const struct json *v)
{
        struct run r = run_begin(h, count(v));

        leaf(h, "", json_get(v, "#text"), HASH_PLAIN, VOCABULARIES);
        for (uint32_t i = 0; i < v->n; i++)
                if (!is_comment(v->members[i].name) && !str_eq(v->members[i].name, STR("#text")))
                        extension(h, &r, v->members[i].name, &v->members[i].value);
        run_sort(h, &r);
}

/* What stands behind the name: the value, or all that is inside. */
static void extension_value(struct hasher *h, const struct json *v)
{
        if (json_is(v, JSON_OBJECT)) {
                extension_object(h, v);
        } else if (json_is(v, JSON_ARRAY)) {
                struct run r = run_begin(h, v->n);

                for (uint32_t i = 0; i < v->n; i++) {
                        run_next(h, &r);
                        extension_value(h, &v->items[i]);
                }
                run_sort(h, &r);
        } else {
                leaf(h, "", v, HASH_PLAIN, VOCABULARIES);
        }
}

/* One entry of the run for a value, one for each item of a list. */
static void extension(struct hasher *h, struct run *r, struct str name, const struct json *v)
{
        bool list = json_is(v, JSON_ARRAY), named;

        for (uint32_t i = 0; i < (list ? v->n : 1); i++) {
                run_next(h, r);
                extension_name(h, name, &named);
                extension_value(h, list ? &v->items[i] : v);
        }
}

/* Which extensions inside standard members are meant: those whose namespace ends in '/', which CBV 2.0 gathers in a block
 * after ilmd, or the others, which the reference leaves among the event's own. */
enum which { IN_BLOCK, LEFT_OVER };

static bool wanted(struct hasher *h, struct str name, enum which which)
{
        size_t from = h->b.n;
        bool named, slash;

        if (!name.n || name.p[0] == '@' || is_comment(name))
                return false;
        slash = extension_name(h, name, &named);
        h->b.n = from;
        return named && slash == (which == IN_BLOCK);
}

static void extensions_of(struct hasher *h, struct run *r, const struct json *v, enum which which)
{
        for (uint32_t i = 0; i < v->n; i++)
                if (wanted(h, v->members[i].name, which))
                        extension(h, r, v->members[i].name, &v->members[i].value);
}

/* The name of a standard member with the extensions in it, if there are any. */
static void inside(struct hasher *h, const char *name, const struct json *v, enum which which)
{
        if (!json_is(v, JSON_OBJECT))
                return;
        size_t from = h->b.n;
        struct run r = run_begin(h, count(v) + 1);

        buf_z(&h->b, name);
        size_t begin = h->b.n;

        /* The reference leaves a report's bizRules over as well, and then shows it together with these. */
        if (which == LEFT_OVER && str_is(str_of(name), "sensorReport") && json_get(v, "bizRules")) {
                run_next(h, &r);
                plain(h, "bizRules", v);
        }
        extensions_of(h, &r, v, which);
        run_sort(h, &r);
        if (h->b.n == begin)
                h->b.n = from;
}

static void inside_report(struct hasher *h, const struct json *v, int which)
{
        inside(h, "sensorReport", v, (enum which)which);
}

static void inside_sensor(struct hasher *h, const struct json *v, int which)
{
        if (!json_is(v, JSON_OBJECT))
                return;
        size_t from = h->b.n;
        struct run r = run_begin(h, count(v));

        buf_z(&h->b, "sensorElement");
        size_t begin = h->b.n;

        inside(h, "sensorMetadata", json_get(v, "sensorMetadata"), (enum which)which);
        sort_list(h, json_get(v, "sensorReport"), inside_report, which);
        extensions_of(h, &r, v, (enum which)which);
        run_sort(h, &r);
        if (h->b.n == begin)
                h->b.n = from;
}

static bool has_left_over(struct hasher *h, const struct json *v)
{
        if (json_is(v, JSON_ARRAY)) {
                for (uint32_t i = 0; i < v->n; i++)
                        if (has_left_over(h, &v->items[i]))
                                return true;
        } else if (json_is(v, JSON_OBJECT)) {
                for (uint32_t i = 0; i < v->n; i++)
                        if (wanted(h, v->members[i].name, LEFT_OVER) || has_left_over(h, &v->members[i].value))
                                return true;
        }
        return false;
}

static void ilmd(struct hasher *h, const struct json *v)
{
        if (!json_is(v, JSON_OBJECT) || v->n == 0)
                return;
        buf_z(&h->b, "ilmd");
        extension_object(h, v);
}

static void field_block(struct hasher *h, const struct json *e)
{
        inside(h, "readPoint", json_get(e, "readPoint"), IN_BLOCK);
        inside(h, "bizLocation", json_get(e, "bizLocation"), IN_BLOCK);
        sort_list(h, json_get(e, "sensorElementList"), inside_sensor, IN_BLOCK);
}

/* Members of the event that the string has had already, or that the standard leaves out. */
static bool done(struct str name)
{
        static const struct { const char *p; size_t n; } names[] = {
#define NAME(z) { (z), sizeof(z) - 1 }
                NAME("type"), NAME("eventTime"), NAME("eventTimeZoneOffset"), NAME("epcList"), NAME("parentID"),
                NAME("inputEPCList"), NAME("childEPCs"), NAME("quantityList"), NAME("childQuantityList"),
                NAME("inputQuantityList"), NAME("outputEPCList"), NAME("outputQuantityList"), NAME("action"),
                NAME("transformationID"), NAME("bizStep"), NAME("disposition"), NAME("persistentDisposition"),
                NAME("readPoint"), NAME("bizLocation"), NAME("bizTransactionList"), NAME("sourceList"),
                NAME("destinationList"), NAME("sensorElementList"), NAME("ilmd"), NAME("recordTime"), NAME("eventID"),
                NAME("errorDeclaration"), NAME("certificationInfo"), NAME("@context"),
#undef NAME
        };

        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
                if (names[i].n == name.n && memcmp(names[i].p, name.p, name.n) == 0)
                        return true;
        return is_comment(name);
}

static void event_extensions(struct hasher *h, const struct json *e)
{
        struct run r = run_begin(h, count(e) + 3);
        const struct json *sensors = json_get(e, "sensorElementList");

        run_next(h, &r);
        inside(h, "readPoint", json_get(e, "readPoint"), LEFT_OVER);
        run_end_entry(h, &r);
        run_next(h, &r);
        inside(h, "bizLocation", json_get(e, "bizLocation"), LEFT_OVER);
        run_end_entry(h, &r);
        if (json_is(sensors, JSON_ARRAY) && has_left_over(h, sensors)) {
                run_next(h, &r);
                named_list(h, "sensorElementList", sensors, inside_sensor, LEFT_OVER);
        }
        for (uint32_t i = 0; i < e->n; i++)
                if (!done(e->members[i].name))
                        extension(h, &r, e->members[i].name, &e->members[i].value);
        run_sort(h, &r);
}

void event_hash(struct arena *a, const struct event *e, struct hash *ret, struct str *ret_prehash)
{
        struct hasher h = { .arena = arena_new(), .event = e };

        buf_init(&h.b, (size_t)64 * LIMIT_BODY_BYTES);
        buf_reserve(&h.b, 4096);
        buf_z(&h.b, "eventType=");
        buf_str(&h.b, json_str(e->json, "type"));
        if (json_is(e->json, JSON_OBJECT)) {
                standard_members(&h, e->json);
                ilmd(&h, json_get(e->json, "ilmd"));
                field_block(&h, e->json);
                event_extensions(&h, e->json);
        }
        *ret = sha256(h.b.p, h.b.n);
        if (ret_prehash)
                *ret_prehash = arena_str(a, buf_view(&h.b));
        buf_free(&h.b);
        arena_free(h.arena);
}

struct str event_hash_uri(struct arena *a, const struct hash *h)
{
        struct buf b;

        buf_init(&b, 128);
        buf_z(&b, "ni:///sha-256;");
        buf_hex(&b, h->b, sizeof h->b);
        buf_z(&b, "?ver=CBV2.0");
        struct str s = arena_str(a, buf_view(&b));

        buf_free(&b);
        return s;
}
