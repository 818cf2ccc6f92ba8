#ifndef SUYUAN_FARM_REGULATION_IMPL_H
#define SUYUAN_FARM_REGULATION_IMPL_H

#include <stdlib.h>

#include "farm/regulation.h"

/* Growing lists of rows; `dry`: a row is only looked at. */
struct regulation_builder {
        struct arena *arena;
        bool dry;
        struct ban *bans;
        struct interval *intervals;
        struct residue_limit *limits;
        struct substance_alias *aliases;
        size_t n_bans, n_intervals, n_limits, n_aliases, cap_bans, cap_intervals, cap_limits, cap_aliases;
};
/* -1 says what is wrong with the row. */
int regulation_add(struct regulation_builder *b, enum regulation_kind kind, const struct json *row, struct err *reterr);

#endif
