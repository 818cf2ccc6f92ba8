#ifndef SUYUAN_EPCIS_HASH_VALUE_H
#define SUYUAN_EPCIS_HASH_VALUE_H

#include "base/json.h"
#include "epcis/context.h"
#include "epcis/vocabulary.h"

/* How the CBV 2.0 event hash spells single values and names (CBV 2.0 §8.9). */

enum hash_kind {
        HASH_PLAIN,
        HASH_WORD,      /* bare words of a vocabulary become Web URIs */
        HASH_TIME,      /* UTC with milliseconds */
        HASH_VERBATIM,  /* as it is, but for white space at its ends */
};

/* STR_NONE for nothing, and for what is no single value. */
struct str hash_value(struct arena *a, const struct json *v, enum hash_kind kind, enum vocabulary vocabulary);

/* As context_split, with what the hash takes the undeclared standard prefixes for. */
bool hash_split(const struct context *c, struct str name, struct str *ret_iri, struct str *ret_local);

#endif
