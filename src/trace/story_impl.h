#ifndef SUYUAN_TRACE_STORY_IMPL_H
#define SUYUAN_TRACE_STORY_IMPL_H

#include "epcis/event.h"
#include "trace/story.h"
#include "trace/walk_impl.h"

/* The inside of a story, shared by its files. */

struct name_cell { struct story_name name; struct name_cell *next; };

/* What is known of an event from the edges it makes. */
struct part { bool input, after, output, plain; };

struct teller {
        struct arena *a;
        struct reader *r;
        int64_t org;
        struct err *err;
        bool broken;                    /* the store failed; err says why */
        const struct trace *t;
        const struct origins *origins;
        struct index_map by_item;
        struct part *parts;             /* one an event */
        bool *main;                     /* one a node: on the way itself, not merely used on a crop */
        bool *used_on_crop;             /* one a node: went into a season */
        struct name_cell *names;
        struct str context_text;        /* the last @context and what it says: neighbours share it */
        const struct context *context;
        struct story *s;
        size_t cap_entries;
};

const struct story_name *story_name(struct teller *t, struct str canonical);     /* NULL for STR_NONE */
const struct story_name *story_owner(struct teller *t, struct str canonical);    /* NULL when unknown */
/* The node of an item on the way, UINT32_MAX when it is not. */
uint32_t story_node(const struct teller *t, int64_t item);
enum story_kind story_kind_of(const struct event_head *h, const struct event *e, bool season);
/* Reads the event's body into the entry.  False when the store failed. */
bool story_read(struct teller *t, const struct event_head *h, struct event *ret);
bool story_fill(struct teller *t, const struct event_head *h, const struct event *e, struct story_entry *x);
void story_judge(struct teller *t);

#endif
