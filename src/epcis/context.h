#ifndef SUYUAN_EPCIS_CONTEXT_H
#define SUYUAN_EPCIS_CONTEXT_H

#include "base/json.h"
#include "epcis/event.h"

/* JSON-LD contexts, as far as EPCIS documents need them: which namespace a prefix stands for.  Resolved
 * offline: the standard's own context is known by its addresses (contexts.def); any other address is kept in the
 * document and never fetched, since what a stranger's server says on the day must not decide what an event means. */

struct prefix { struct str name, iri; };

struct context {
        const struct context *up;       /* the document's, for an event's own; NULL at the top */
        const struct prefix *list;      /* sorted by name, the last declaration of a name wins */
        size_t n;
        bool standard;                  /* the EPCIS context is among them (here or above) */
        bool unknown;                   /* an address that we do not know is among them (here or above) */
};

/* `v` is the value of @context, NULL for none (then `up` itself comes back, or an empty one). */
const struct context *context_read(struct arena *a, const struct json *v, const struct context *up);

/* Is this the address of the EPCIS context? */
bool context_is_standard(struct str url);
/* The value that the standard gives to a prefix ("gs1", "cbv", "cbvmda", "epcis", …); STR_NONE for others. */
struct str context_default(struct str prefix);
/* The namespace of a prefix or term as declared in the document (not the standard's); STR_NONE when it is not. */
struct str context_declared(const struct context *c, struct str name);
/* Declared, else the standard's. */
struct str context_find(const struct context *c, struct str name);

/* Cuts "suyuan:dose" into its namespace and "dose".  False when it is no CURIE with a known prefix. */
bool context_split(const struct context *c, struct str name, struct str *ret_iri, struct str *ret_local);

#endif
