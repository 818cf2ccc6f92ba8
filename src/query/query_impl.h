#ifndef SUYUAN_QUERY_QUERY_IMPL_H
#define SUYUAN_QUERY_QUERY_IMPL_H

#include "epcis/vocabulary.h"
#include "query/query.h"

enum param {
#define PARAM(name, text, open, reading, vocabulary) PARAM_##name,
#include "query/params.def"
#undef PARAM
        PARAMS
};
enum reading { READ_TEXTS, READ_TIME, READ_ACTION, READ_WORDS, READ_IDENTS, READ_NOTHING, READ_MEASURE, READ_FIELD, READ_HAS_ATTRIBUTE, READ_ATTRIBUTE };
enum comparison { COMPARE_EQ, COMPARE_GT, COMPARE_GE, COMPARE_LT, COMPARE_LE, COMPARE_EXISTS };
struct param_row { const char *name; bool open; enum reading reading; enum vocabulary vocabulary; };
extern const struct param_row param_rows[PARAMS];

/* Where an extension field is looked for (fields.def). */
struct field { enum comparison op; bool inner; int root; struct str name; };    /* name: as asked, or expanded */

struct condition {
        enum param param;
        struct str name;                /* the parameter in full */
        struct str word;                /* what follows the name of an open one: a type, bare or expanded */
        const struct str *values;       /* sorted, each once: canonical, bare word or full IRI */
        size_t n;
        int64_t us;                     /* of READ_TIME */
        enum comparison op;             /* of READ_MEASURE, whose values are decimals */
        struct str uom;                 /* and its unit; empty: whatever the unit */
        const struct field *field;      /* of READ_FIELD */
        struct str attribute;           /* of EQATTR_, expanded */
        bool patterned;                 /* some values are patterns of EPCs: urn:epc:idpat:… with * */
        /* WD_: the places and their descendants, as far as told by query_widen; NULL: the values alone */
        struct str *wide;
        size_t n_wide;
};

struct query {
        struct arena *arena;
        const struct origins *own;
        struct condition *list;         /* sorted: equal queries have equal lists */
        size_t n;
        struct query_shape shape;
};

/* Bits 1 << enum item_role of the lists that a MATCH_ or EQ_transformationID looks at; 0 for the others. */
unsigned param_roles(enum param p);
/* Whether a measured value is one of those that a READ_MEASURE condition asks for.  A `difference` is told without zero points. */
bool measure_fits(const struct condition *c, struct str value, struct str uom, bool difference);
bool order_fits(enum comparison op, int order);
bool sensor_holds(const struct query *q, const struct condition *c, struct arena *a, const struct event *e);
/* field.c: "EQ_INNER_ILMD_ns:field" and back; false for what names no extension field. */
bool field_name_read(struct str name, struct field *ret);
struct str field_name_write(struct arena *a, const struct field *f);
bool field_holds(const struct query *q, const struct condition *c, struct arena *a, const struct event *e);
/* One of the values asked for, by the condition's operator; of a list any entry. */
bool value_fits(const struct query *q, const struct condition *c, struct arena *a, const struct json *v);
/* A member's name in full under `context` (NULL: the standard's prefixes alone). */
bool name_is(const struct context *context, struct str name, struct str want);
/* attribute.c: what follows HASATTR_ or, `valued`, EQATTR_. */
bool attribute_name_read(struct str rest, bool valued, struct str *ret_field, struct str *ret_attribute);
bool attribute_holds(const struct query *q, const struct condition *c, struct arena *a, const struct query_event *qe);
/* A standard word bare in whichever spelling, anything else expanded. */
struct str query_word(struct arena *a, const struct context *c, enum vocabulary v, struct str text);

#endif
