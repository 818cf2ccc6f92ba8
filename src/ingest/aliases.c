#include "ingest/aliases.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/oom.h"

enum { NAME = 200 };
struct alias { uint64_t number; uint32_t datatype; uint32_t n; char name[NAME]; };
struct aliases { struct alias *list; size_t n, cap; };          /* by number */

struct aliases *aliases_new(void)
{
        return or_abort(calloc(1, sizeof(struct aliases)));
}

void aliases_free(struct aliases *x)
{
        if (x)
                free(x->list);
        free(x);
}

/* The first that is not below. */
static size_t place(const struct aliases *x, uint64_t number)
{
        size_t low = 0, high = x->n;

        while (low < high) {
                size_t mid = low + (high - low) / 2;
                if (x->list[mid].number < number)
                        low = mid + 1;
                else
                        high = mid;
        }
        return low;
}

static bool make_room(struct aliases *x, size_t at)
{
        if (x->n >= LIMIT_ALIASES)
                return false;
        if (x->n == x->cap) {
                x->cap = x->cap ? 2 * x->cap : 32;
                x->list = or_abort(realloc(x->list, x->cap * sizeof *x->list));
        }
        memmove(&x->list[at + 1], &x->list[at], (x->n - at) * sizeof *x->list);
        x->n++;
        return true;
}

bool aliases_set(struct aliases *x, uint64_t alias, struct str name, uint32_t datatype)
{
        size_t at = place(x, alias);

        if (name.n > NAME)
                return false;
        if ((at == x->n || x->list[at].number != alias) && !make_room(x, at))
                return false;
        struct alias *e = &x->list[at];
        e->number = alias;
        e->datatype = datatype;
        e->n = (uint32_t)name.n;
        memcpy(e->name, name.n ? name.p : "", name.n);
        return true;
}

struct str aliases_get(const struct aliases *x, uint64_t alias, uint32_t *ret_datatype)
{
        size_t at = x ? place(x, alias) : 0;

        if (!x || at == x->n || x->list[at].number != alias)
                return STR_NONE;
        *ret_datatype = x->list[at].datatype;
        return (struct str){ x->list[at].name, x->list[at].n };
}
