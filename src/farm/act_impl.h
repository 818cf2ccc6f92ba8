#ifndef SUYUAN_FARM_ACT_IMPL_H
#define SUYUAN_FARM_ACT_IMPL_H

#include "base/decimal.h"
#include "epcis/read.h"
#include "farm/act.h"

/* The inside of acts, shared by their files: the rows of acts.def. */

enum act_subject { SUBJECT_SEASON, SUBJECT_STORE, SUBJECT_LOTS };
enum act_shape { SHAPE_USE, SHAPE_LOOK, SHAPE_YIELD, SHAPE_PROCESS, SHAPE_PACK, SHAPE_JOIN, SHAPE_STOCK };
enum field_type {
        TYPE_TEXT, TYPE_LONGTEXT, TYPE_NUMBER, TYPE_AREA, TYPE_QUANTITY, TYPE_COUNTED, TYPE_UOM, TYPE_DOSE, TYPE_CHOICE, TYPE_STAGE, TYPE_DATE,
        TYPE_TIME, TYPE_SEASON, TYPE_PLACE, TYPE_INPUT, TYPE_PRODUCT, TYPE_LOT, TYPE_PARTNER, TYPE_STAFF, TYPE_CODE, TYPE_UNIT, TYPE_LOTS, TYPE_LOSS,
        TYPE_CODES, TYPE_POSITION, TYPE_EVIDENCE, TYPE_CLOCK, TYPE_EVENTID, TYPE_ID, TYPE_SIGNATURE, FIELD_TYPES
};
enum field_where { WHERE_NONE, WHERE_SHAPE, WHERE_EVENT, WHERE_ILMD };
enum field_list { LIST_NONE, LIST_SPREADING, LIST_SPRAYING, LIST_WATERING, LIST_WEEDING, LIST_LOOK, LIST_DESTROYING };

struct act_row {
        enum act act;
        const char *name;
        enum act_subject subject;
        enum act_shape shape;
        const char *action, *step, *disposition;
        const char *title[LANGS];
};
struct field_row {
        int on;                         /* enum act, or ON_… */
        const char *name;
        enum field_type type;
        bool required;
        enum field_where where;
        const char *member;
        enum field_list options;
        const char *label[LANGS];
};
struct option_row { enum field_list list; const char *value; const char *label[LANGS]; };
enum { ON_SEASON = 1000, ON_STORE, ON_LOTS, EVERY };

extern const struct field_row act_fields[];
extern const size_t n_act_fields;
const struct act_row *act_row(enum act k);              /* NULL for ACT_OTHER */
/* The field of this name that the act has; NULL. */
const struct field_row *field_named(const struct act_row *k, struct str name);
bool field_of(const struct field_row *f, const struct act_row *k);
const char *field_type_name(enum field_type t);         /* "text" */
bool option_of(enum field_list list, struct str value);

/* ---- units ---- */
struct unit_row { const char *code, *entered; int mantissa, scale; const char *label[LANGS]; };
extern const struct unit_row act_units[];
extern const size_t n_act_units;
/* By code, by how it is entered ("kg", "斤", "ml") in any case and language; NULL: none. */
const struct unit_row *unit_of(struct str text);
const char *unit_label(struct str code, enum lang l);   /* NULL: no such code */
/* So many of the unit's code; false when it does not fit. */
bool unit_amount(struct decimal entered, const struct unit_row *u, struct decimal *ret);

/* ---- a form's values, once it is without faults ---- */
bool number_of(const struct json *v, struct decimal *ret);      /* a number, or a text that is one */
struct amount { struct decimal quantity; struct str uom; bool given; };
struct amount amount_of(const struct json *o);                  /* `quantity` and `uom` of the object, in the code's unit */
bool time_of(const struct json *v, struct stamp *ret);          /* RFC 3339, or milliseconds since 1970: then in the district's offset */
/* "ni:///sha-256;…" of an entry of evidence; STR_NONE. */
struct str evidence_id(struct arena *a, const struct json *v);

/* `signature: {"key", "value"}` as bytes; false: not of that form. */
bool signature_of(const struct json *v, struct act_signature *ret);

/* ---- checking (act_check.c): one function a type ---- */
struct checking { struct arena *a; struct faults *faults; const struct field_row *field; };
void field_check(struct checking *c, struct str pointer, const struct json *v);
struct str pointer_to(struct arena *a, struct str at, struct str member);
struct str pointer_at(struct arena *a, struct str at, size_t index);

#endif
