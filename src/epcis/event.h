#ifndef SUYUAN_EPCIS_EVENT_H
#define SUYUAN_EPCIS_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "gs1/ident.h"

/* An EPCIS 2.0 event (GS1 EPCIS 2.0, §7) as read: the JSON as sent, and beside it what the rest of the
 * system asks for, in canonical form.  Pure: no SQL, no clock. */

enum event_type {
        EVENT_OBJECT, EVENT_AGGREGATION, EVENT_TRANSACTION, EVENT_TRANSFORMATION, EVENT_ASSOCIATION,
        EVENT_EXTENDED,         /* `type` is a URI: only the common rules hold */
        EVENT_TYPES
};
const char *event_type_name(enum event_type t);         /* "ObjectEvent" …; "" for EXTENDED */

enum event_action { ACTION_NONE, ACTION_ADD, ACTION_OBSERVE, ACTION_DELETE };

/* In which list of an event an item stands.  The numbers are stored: append only. */
enum item_role {
        ROLE_EPC = 1,           /* epcList */
        ROLE_QUANTITY = 2,      /* quantityList */
        ROLE_PARENT = 3,        /* parentID */
        ROLE_CHILD = 4,         /* childEPCs */
        ROLE_CHILD_QUANTITY = 5,
        ROLE_INPUT = 6,         /* inputEPCList */
        ROLE_INPUT_QUANTITY = 7,
        ROLE_OUTPUT = 8,
        ROLE_OUTPUT_QUANTITY = 9,
        ROLE_TRANSFORMATION = 10, /* transformationID: the season is an item too */
        ROLES
};
const char *item_role_name(enum item_role r);           /* the EPCIS member: "epcList", … */

struct event_item {
        struct str canonical;   /* ident canonical form */
        uint8_t role;           /* enum item_role */
        uint8_t kind;           /* enum ident_kind */
        struct str quantity;    /* canonical decimal text, or STR_NONE */
        struct str uom;         /* UN/ECE Rec 20 as sent, or STR_NONE */
};

/* Namespace prefixes in force at a place of a document. */
struct context;
struct signature;       /* epcis/signature.h */

struct event {
        const struct json *json;        /* as sent */
        const struct context *context;  /* the document's and the event's own @context */
        struct str context_json;        /* compact JSON of the document's @context: with it the event stands alone; the same
                                         * pointer for all events of a document; "" for a bare event, which has its own inside */
        enum event_type type;
        struct str type_name;           /* as sent */
        struct stamp time;
        struct str event_id;            /* as sent; STR_NONE when the client gave none */
        struct stamp client_record_time;/* us = INT64_MIN when not sent */
        enum event_action action;
        struct str biz_step, disposition;       /* CBV bare word, or expanded URI; STR_NONE when absent */
        struct str read_point, biz_location;    /* canonical, or STR_NONE */
        bool has_error_declaration;
        const struct event_item *items;
        size_t n_items;
        const struct signature *signature;      /* of the device that recorded it; NULL: none that can be read */
};

/* The expanded IRI of a CURIE or name under `c` ("suyuan:dose" → "https://w3id.org/suyuan/voc/dose");
 * the name itself when no prefix fits. */
struct str context_expand(struct arena *a, const struct context *c, struct str name);

/* The value of an extension member by full IRI wherever it stands in `object` under whatever prefix, or NULL. */
const struct json *event_extension(const struct event *e, const struct json *object, const char *iri);

/* suyuan's own vocabulary (MODEL.md §2). */
#define SUYUAN_VOC "https://w3id.org/suyuan/voc/"

#endif
