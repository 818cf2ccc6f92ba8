#ifndef SUYUAN_EPCIS_PUBLIC_H
#define SUYUAN_EPCIS_PUBLIC_H

#include <stdbool.h>

#include "base/json.h"

/* The allow-list as groups of names, walked along with the event. */
enum public_group {
#define GROUP(name) PUBLIC_##name,
#define PUBLIC(name, below)
#include "epcis/public.def"
#undef GROUP
#undef PUBLIC
        PUBLIC_GROUPS,
        PUBLIC_NONE = -1        /* sealed */
};

/* Which group decides below a member of `g`; PUBLIC_NONE when the member is not public. */
enum public_group public_below(enum public_group g, struct str name);

/* Is this a sensor report of a position?  Then its values are coordinates. */
bool has_coordinates(const struct json *object);
/* May this value never be shown, whatever its name: a geo: URI, or a coordinate. */
bool value_is_position(bool coordinates, struct str name, const struct json *v);

#endif
