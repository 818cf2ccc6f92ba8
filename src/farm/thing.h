#ifndef SUYUAN_FARM_THING_H
#define SUYUAN_FARM_THING_H

#include "base/buf.h"
#include "base/lang.h"
#include "epcis/read.h"

/* Master data of a farm (docs/design/farm.md): a body as it is put, its members described once (farm/thing_fields.def), and the element of EPCIS
 * master data that states it.  Pure. */

enum thing_kind {
#define THING(symbol, number, ...) THING_##symbol = number,
#include "farm/kinds.def"
#undef THING
        THING_KINDS
};
const char *thing_kind_name(enum thing_kind k);         /* "place" */
enum thing_kind thing_kind_of(struct str name);         /* by "place" or "places"; 0: none */
/* "/place/{org}/{code}", or a product's and an input's GTIN path where the body has a `gtin`; `body` may be NULL. */
struct str thing_canonical(struct arena *a, enum thing_kind k, struct str org, struct str code, const struct json *body);

/* What a thing of a kind can say (farm/thing_fields.def), in the order in which it is kept. */
enum member_type {
        MEMBER_TEXT, MEMBER_WORD, MEMBER_NUMBER /* decimal, 0 or more */, MEMBER_COUNT /* whole, 0 to 100000 */, MEMBER_FLAG, MEMBER_DAY /* "2026-05-01" */,
        MEMBER_TEXTS, MEMBER_GTIN, MEMBER_GLN, MEMBER_POSITION, MEMBER_OUTLINE, MEMBER_LABELS,
        MEMBER_CHANNELS, MEMBER_JSON /* an object for others, kept as sent */
};
struct thing_member { const char *name; enum member_type type; bool required; const char *words /* of WORD, or NULL */, *title[LANGS]; };
const struct thing_member *thing_members(enum thing_kind k, size_t *ret_n);
const char *thing_kind_title(enum thing_kind k, enum lang l);

/* A body as sent, judged: unknown members, wrong types, codes, outlines that cross themselves, a label without crop … are faults with pointers, all at
 * once; -1 with any.  `ret_body` is what is kept, in the order of the description, members that begin with x- behind; labels given as an object by crop become
 * the list, one ingredient a list of one, an outline's Feature its geometry.  A member that is null is as one that is not there. */
int thing_read(struct arena *a, enum thing_kind k, const struct json *body, struct str *ret_body, struct faults *f);

/* An EPCISDocument of master data alone that states the thing; what ledger_submit takes after document_read. */
void thing_document(struct buf *out, struct arena *a, enum thing_kind k, struct str org, struct str code, const struct json *body,
                    const struct origins *own, int64_t now_us);
/* The same for many of one kind at once. */
struct thing_statement { struct str code; const struct json *body; };
void things_document(struct buf *out, struct arena *a, enum thing_kind k, struct str org, const struct thing_statement *list, size_t n, const struct origins *own, int64_t now_us);
/* The other way: the body within an element as kept (suyuan:detail); STR_NONE: the element is nobody's PUT. */
struct str thing_body(struct arena *a, const struct json *element);
/* Whose PUT it was (suyuan:thing, "place/farm/A1"); false: nobody's. */
bool thing_of_element(const struct json *element, enum thing_kind *ret, struct str *ret_org, struct str *ret_code);

/* ---- what others ask of a body ---- */
struct position { double lat, lon; double accuracy_m; bool given; };            /* WGS 84 */
/* An outline (GeoJSON Polygon or MultiPolygon, RFC 7946; [lon, lat]). */
struct outline;
struct outline *outline_read(struct arena *a, const struct json *geojson);      /* NULL: none, or not usable */
/* The same, telling what is wrong; `at` is the pointer to it.  A hole lies within its polygon, a ring crosses neither itself nor another. */
struct outline *outline_judge(struct arena *a, const struct json *geojson, struct str at, struct faults *f);
/* Metres from the outline: 0 within, else to its nearest edge (equirectangular about the point: right to 0.1 % within 10 km). */
double outline_distance_m(const struct outline *o, struct position p);
double outline_area_mu(const struct outline *o);        /* 1 mu = 10,000 / 15 m² */

/* A label of an input for one crop: `labels: [{crop, target?, intervalDays?, maxUses?, dose?: {min, max, uom}}]`.  The label wins over every table. */
struct input_label { struct str crop, target; int interval_days, max_uses; struct str dose_min, dose_max, dose_uom; };     /* -1, empty: not stated */
struct input_facts {
        struct str code, canonical, name, category, registration;       /* category: pesticide, fertiliser, seed, feed, other */
        const struct str *ingredients;  /* active ingredients, Chinese common names */
        size_t n_ingredients;
        int interval_days;              /* of all crops; -1 not stated */
        const struct input_label *labels;
        size_t n_labels;
};
void input_read(struct arena *a, struct str code, struct str canonical, const struct json *body, struct input_facts *ret);

#endif
