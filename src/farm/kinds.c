#include <string.h>

#include "farm/thing.h"

/* The kinds of master data, from their one list. */

static const struct { enum thing_kind kind; const char *name, *title[LANGS]; } kinds[] = {
#define THING(symbol, number, name, path, type, hans, hant, en) { THING_##symbol, name, { hans, hant, en } },
#include "farm/kinds.def"
#undef THING
};
enum { N = sizeof kinds / sizeof *kinds };

const char *thing_kind_name(enum thing_kind k)
{
        for (size_t i = 0; i < N; i++)
                if (kinds[i].kind == k)
                        return kinds[i].name;
        return "";
}

const char *thing_kind_title(enum thing_kind k, enum lang l)
{
        for (size_t i = 0; i < N; i++)
                if (kinds[i].kind == k)
                        return kinds[i].title[l];
        return "";
}

enum thing_kind thing_kind_of(struct str name)
{
        for (size_t i = 0; i < N; i++) {
                struct str one = str_of(kinds[i].name);
                if (str_eq(name, one) || (name.n == one.n + 1 && name.p[one.n] == 's' && !memcmp(name.p, one.p, one.n)))
                        return kinds[i].kind;
        }
        return 0;
}
