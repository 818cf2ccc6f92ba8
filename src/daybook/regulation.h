#ifndef SUYUAN_DAYBOOK_REGULATION_H
#define SUYUAN_DAYBOOK_REGULATION_H

#include "farm/regulation.h"
#include "http/http.h"
#include "ledger/service.h"

/* The regulation's table: filled from files, told row by row.  Works without a day book, as commands do. */

struct regulation_imported { enum regulation_kind kind; size_t read, added, changed; const struct regulation_refusal *refused; size_t n_refused; int64_t n; /* of the import; 0: nothing changed */ };
/* Takes the good rows of a file in one change with its row in the audit trail; the same file again changes nothing.  Everything that was judged is judged anew. */
int regulation_import(const struct service *v, struct request *q, struct str file, struct str bytes, struct regulation_imported *ret, struct err *reterr);

/* Rows as kept, in order of kind and name; in the arena.  Count or -1. */
ssize_t regulation_rows(struct store *s, struct arena *a, struct regulation_row **ret, struct err *reterr);
struct buf;
int regulation_imports_json(struct store *s, struct arena *a, struct buf *b, struct err *reterr);

#endif
