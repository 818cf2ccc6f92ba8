#include "farm/thing.h"

/* What things can say, from its one list; the rows of a kind stand together. */

static const enum thing_kind kinds[] = {
#define MEMBER(kind, ...) THING_##kind,
#include "farm/thing_fields.def"
#undef MEMBER
};
static const struct thing_member members[] = {
#define MEMBER(kind, name, type, required, words, hans, hant, en) { name, MEMBER_##type, required, words, { hans, hant, en } },
#include "farm/thing_fields.def"
#undef MEMBER
};
enum { N = sizeof kinds / sizeof *kinds };

const struct thing_member *thing_members(enum thing_kind k, size_t *ret_n)
{
        size_t first = 0, n = 0;
        while (first < N && kinds[first] != k)
                first++;
        while (first + n < N && kinds[first + n] == k)
                n++;
        *ret_n = n;
        return members + first;
}
