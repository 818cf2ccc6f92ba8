#ifndef SUYUAN_TRACE_FAKE_READER_H
#define SUYUAN_TRACE_FAKE_READER_H

#include "epcis/event.h"
#include "store/store.h"

/* For tests only: the store's reading face over plain arrays, so that walks and stories are tested without a database.
 * Linked instead of store/: it defines the same reader_… functions. */
struct reader {
        struct arena *a;
        struct fake_item { struct str name; int kind; struct str master_type, master; } items[512];
        struct fake_event { struct event_head head; struct event_ref refs[64]; struct str body, context; } *events[4096];
        int64_t n_items, n_events;
        int64_t heads_read, bodies_read, rows_read;     /* how much a walk asked for */
};

struct reader *fake_new(struct arena *a);
int64_t fake_item(struct reader *f, const char *name, int kind);        /* the same name: the same id */
int64_t fake_event(struct reader *f, enum event_type type, enum event_action action, int64_t time_us);
void fake_ref(struct reader *f, int64_t seq, enum item_role role, int64_t item, const char *quantity, const char *uom);
/* Every event and master element of an EPCIS document, as the ledger would keep them.  Asserts that it is valid. */
void fake_document(struct reader *f, const char *json, size_t n, const struct origins *own);

#endif
