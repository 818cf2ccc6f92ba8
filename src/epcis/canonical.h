#ifndef SUYUAN_EPCIS_CANONICAL_H
#define SUYUAN_EPCIS_CANONICAL_H

#include "base/json.h"

/* One spelling of a JSON value (RFC 8785 but for numbers): members sorted by UTF-16 code units, no white space,
 * numbers as canonical decimals, so that nothing is lost to binary floats. */
struct str json_canonical(struct arena *a, const struct json *v);

/* The order of member names that RFC 8785 §3.2.3 asks for. */
int name_order(struct str a, struct str b);

#endif
