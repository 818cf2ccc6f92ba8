#ifndef SUYUAN_EPCIS_READER_H
#define SUYUAN_EPCIS_READER_H

#include "epcis/context.h"
#include "epcis/read.h"
#include "epcis/vocabulary.h"

/* What the files that read a document share.  Checking is driven by tables (shapes.c): a shape is a kind of
 * JSON object, a member is one row of it, a check is a small function that looks at one value and tells what is wrong. */

/* Where we are in the document, from the inside out, on the C stack: a pointer is only spelt when
 * something is wrong there. */
struct path {
        const struct path *up;  /* NULL at the top of the body */
        struct str name;        /* a member; .p NULL for an index */
        size_t index;
};

struct reader {
        struct arena *arena;
        const struct origins *own;
        struct document *document;      /* NULL when a stored event is read again: nothing is checked */
        const struct context *context;  /* in force here */
        int32_t event;                  /* index of the event being read, -1 outside of events */
        unsigned events;                /* 1 << enum event_type of it */
        struct stamp event_time;
        bool event_time_known;
        bool bare;                      /* the body is one event */
        struct err *err;                /* past a limit: said here, and the document is not taken */
        bool stop;
};

void fault_add(struct reader *r, const struct path *at, enum fault_code code, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));
/* The same at a member of the object at `at`. */
void fault_at(struct reader *r, const struct path *at, const char *member, enum fault_code code, const char *fmt, ...)
        __attribute__((format(printf, 5, 6)));
struct str path_pointer(struct arena *a, const struct path *at);
/* A text of the document for a message: short, one line. */
#define SHOWN(s) (int)((s).n < 60 ? (s).n : 60), (s).p ? (s).p : ""

struct member;
typedef void (*check_fn)(struct reader *r, const struct path *at, const struct json *v, const struct member *m);

enum list_rule { NO_LIST, LIST_ANY, LIST_SOME /* at least one */ , LIST_UNIQUE, LIST_SOME_UNIQUE };

struct shape;
struct member {
        struct str name;
        check_fn check;                 /* of the value, or of each entry of the list */
        enum list_rule list;
        enum vocabulary vocabulary;     /* for check_word */
        const struct shape *shape;      /* for check_shape */
        uint8_t allowed, needed;        /* events on which it may, must stand: bits 1 << enum event_type */
};

enum other_members { OTHERS_NONE, OTHERS_NAMESPACED, OTHERS_ANY };

struct shape {
        const char *name;               /* what people call it */
        const struct member *members;
        size_t n;
        enum other_members others;
        /* What the rows cannot say: rules across members.  May be NULL. */
        void (*rules)(struct reader *r, const struct path *at, const struct json *v);
};

extern const struct shape shape_document, shape_query_document, shape_event, shape_extended_event;

/* shape.c */
void shape_check(struct reader *r, const struct path *at, const struct json *v, const struct shape *s);

/* checks.c: one for each kind of value. */
void check_anything(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_string(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_number(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_boolean(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_uri(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_identifier(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_item(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_event_id(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_uris(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_time(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_sensor_time(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_offset(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_action(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_word(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_uom(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_hex(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_version(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_attribute(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_context(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_shape(struct reader *r, const struct path *at, const struct json *v, const struct member *m);
void check_unique(struct reader *r, const struct path *at, const struct json *list);

/* rules.c: what the rows of a shape cannot say. */
void rules_event(struct reader *r, const struct path *at, const struct json *v);
void rules_persistent_disposition(struct reader *r, const struct path *at, const struct json *v);
void rules_sensor_element(struct reader *r, const struct path *at, const struct json *v);
void rules_sensor_metadata(struct reader *r, const struct path *at, const struct json *v);

/* read.c */
void check_event(struct reader *r, const struct path *at, const struct json *v, const struct member *m);

/* event.c: the part of an event that the rest of the system asks for, as far as it is there. */
void event_fill(struct reader *r, const struct path *at, const struct json *v, struct event *e);
enum event_type event_type_of(const struct json *event);

/* signature.c: NULL when there is none, or none that is right in its form, which is told. */
const struct signature *signature_read(struct reader *r, const struct path *at, const struct json *event);
/* Does it hold?  After event_fill. */
void check_signature(struct reader *r, const struct path *at, const struct event *e);

/* master.c */
void master_fill(struct reader *r);

#endif
