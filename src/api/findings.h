#ifndef SUYUAN_API_FINDINGS_H
#define SUYUAN_API_FINDINGS_H

#include "daybook/daybook.h"

/* What the rules say of a season, as answers tell it. */
struct findings { const struct finding *list; size_t n; };

/* What the findings of some acts of one organisation rest on, read once: its inputs and the regulation, each season that is asked for.  In the arena. */
struct basis;
struct basis *basis_new(struct daybook *d, struct arena *a, int64_t org);
/* Those that an act brought: what its season would be without if it were not recorded.  And what it did to the lots that it names.  The records of `later` have not happened yet. */
int act_findings(struct basis *b, const struct act_form *form, int64_t seq, const int64_t *later, size_t n_later, struct findings *ret, struct err *reterr);
/* All of a season. */
int season_findings(struct daybook *d, struct arena *a, int64_t org, const struct season_facts *s, struct findings *ret, struct err *reterr);
/* [{"rule", "severity", "words": {…}, "pointer"?, "from"?}…] */
void findings_json(struct buf *b, const struct findings *f);

#endif
