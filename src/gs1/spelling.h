#ifndef SUYUAN_GS1_SPELLING_H
#define SUYUAN_GS1_SPELLING_H

#include "gs1/key.h"

/* One reader a spelling.  All return 0 or -1 (see reader.h); *ret is only good after 0. */

/* A path "/…/01/…": the key may come after any stem.  No query, no fragment. */
int link_read(const struct reader *r, struct str path, struct name *ret);

/* urn:epc:id:…, urn:epc:class:…, urn:epc:idpat:… */
int urn_read(const struct reader *r, struct str text, struct name *ret);
/* The kind of thing that a urn:epc:idpat: names, also where no Digital Link can say it. */
bool urn_is_pattern(struct str text, enum ident_kind *ret_kind);
/* The EPC URN of a name that was read tolerantly; `out` has NAME_TEXT_MAX bytes. */
int urn_write(const struct reader *r, const struct name *n, int prefix_digits, char *out, size_t *ret_n);

/* "(01)…(10)…" */
int element_read(const struct reader *r, struct str text, struct name *ret);

/* Our own paths. */
struct own_kind {
        struct str word;                /* "lot" */
        enum ident_kind kind;
        int codes;                      /* 1: /org/{code}; 2: /lot/{org}/{code} */
};
/* The row of the path's first segment; NULL when it is none of ours. */
const struct own_kind *own_kind_of(struct str path);
int own_read(const struct reader *r, struct str path, const struct own_kind *row);

#endif
