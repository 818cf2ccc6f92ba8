#ifndef SUYUAN_BASE_ARENA_H
#define SUYUAN_BASE_ARENA_H

#include <stddef.h>

#include "base/str.h"

/* Memory that dies together.  One per request, per document and per job; never global, always
 * passed by name.  Nothing allocated here is freed by hand.  Not for sharing between threads.
 * A pointer may only point to memory of equal or longer life: copy when moving from an arena
 * into a longer-lived object. */
struct arena;

/* Never NULL: when the machine is out of memory the process says so and aborts.
 * What a stranger can make us allocate is bounded earlier, by the limits on their input. */
struct arena *arena_new(void) __attribute__((returns_nonnull));

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((returns_nonnull));
/* As arena_alloc but the bytes are not cleared: for buffers that are filled at once. */
void *arena_raw(struct arena *a, size_t size) __attribute__((returns_nonnull));
#define arena_array(a, type, count) ((type *)arena_alloc((a), sizeof(type) * (size_t)(count)))

/* Copies; the result is NUL-terminated (the NUL is not counted in .n). */
struct str arena_str(struct arena *a, struct str s);
char *arena_cstr(struct arena *a, struct str s) __attribute__((returns_nonnull));
struct str arena_printf(struct arena *a, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));

/* Ties something that is not memory (a statement, a file, a lock) to the arena's end. */
void arena_at_exit(struct arena *a, void (*fn)(void *obj), void *obj);

size_t arena_used(const struct arena *a);

/* Runs the hooks, newest first, and forgets everything, keeping one block for reuse. */
void arena_reset(struct arena *a);
/* Runs the hooks, newest first, then releases every block.  NULL is fine. */
void arena_free(struct arena *a);

#endif
