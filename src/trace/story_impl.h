#ifndef SUYUAN_TRACE_STORY_IMPL_H
#define SUYUAN_TRACE_STORY_IMPL_H

#include "epcis/event.h"
#include "trace/story.h"
#include "trace/walk_impl.h"

/* The inside of a story, shared by its files. */

struct name_cell { struct story_name name; struct name_cell *next; };

/* The members of an event, or of an object within one, that a story asks for: all of them public (epcis/public.def). */
enum part_name {
        PART_READ_POINT, PART_LOCATION, PART_SOURCES, PART_DESTINATIONS, PART_SENSORS, PART_TRANSACTIONS, PART_PERSISTENT,
        PART_ILMD, PART_CROP, PART_VARIETY, PART_TARGET, PART_DOSE, PART_STAGE, PART_INTERVAL, PART_REGISTRATION,
        PART_INGREDIENT, PART_RESULT, PART_METHOD, PART_LIMIT, PART_EVIDENCE, PART_MEDIA_TYPE, PART_TAKEN_AT, PART_NAMES
};
struct parts { const struct json *of[PART_NAMES]; };

/* What is known of an event from the edges it makes. */
struct part { bool input, after, output, plain; };

struct teller {
        struct arena *a;
        struct arena *scratch;          /* while the bodies are read */
        struct reader *r;
        int64_t org;
        struct err *err;
        bool broken;                    /* the store failed; err says why */
        const struct trace *t;
        const struct origins *origins;
        struct excerpts *kept;          /* NULL: none */
        struct index_map by_item;
        struct part *parts;             /* one an event */
        bool *main;                     /* one a node: on the way itself, not merely used on a crop */
        bool *used_on_crop;             /* one a node: went into a season */
        struct name_cell *names;
        struct str context_text;        /* the last @context and what it says: neighbours share it */
        const struct context *context;
        const struct context *voc_context;      /* under which voc_prefix stands for our vocabulary */
        struct str voc_prefix;
        struct place_cell { struct str text; const struct story_name *name, *owner; } places[8]; /* the last ones read */
        unsigned next_place;
        struct story *s;
};

const struct story_name *story_name(struct teller *t, struct str canonical);     /* NULL for STR_NONE */
const struct story_name *story_owner(struct teller *t, struct str canonical);    /* NULL when unknown */
/* The node of an item on the way, UINT32_MAX when it is not. */
uint32_t story_node(const struct teller *t, int64_t item);
enum story_kind story_kind_of(const struct event_head *h, const struct parts *p, bool season);
/* Fills the entry from the event's members.  False when the store failed. */
bool story_fill(struct teller *t, const struct event_head *h, const struct context *c, const struct parts *p,
                struct story_entry *x);
/* What a @context text says, with the event's own on top. */
const struct context *story_context(struct teller *t, struct str text, const struct json *event);
/* Writes the object `body`, compact as it was kept, with only those members that story_parts may look at: to parse all of
 * an event costs more than to read it, and what is not public is not even parsed. */
void story_skim(struct buf *b, struct str body);
void story_parts(struct teller *t, const struct context *c, const struct json *object, struct parts *ret);
void story_judge(struct teller *t);

#endif
