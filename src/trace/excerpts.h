#ifndef SUYUAN_TRACE_EXCERPTS_H
#define SUYUAN_TRACE_EXCERPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* What stories took from the bodies of events, kept in memory: a recorded event never changes, so the next telling of a lot that
 * grew by one event reads one body and not two hundred.  Holds only the members that story_skim lets through, all of them
 * public.  LIMIT_EXCERPTS places, one an event by its number: whoever comes later takes the place over.  For any thread. */
struct excerpts;
struct excerpts *excerpts_new(void);
void excerpts_free(struct excerpts *x);         /* NULL is fine */

/* Appends the excerpt of an event to `to`.  False: not known.  `ret_context` is the text of its @context, in `a`; where it
 * equals `last`, that itself. */
bool excerpts_get(struct excerpts *x, struct arena *a, int64_t org, int64_t seq, struct buf *to, struct str last, struct str *ret_context);
/* Copies.  What is longer than LIMIT_EXCERPT_BYTES is not kept. */
void excerpts_put(struct excerpts *x, int64_t org, int64_t seq, struct str excerpt, struct str context);

#endif
