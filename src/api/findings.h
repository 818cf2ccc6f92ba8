#ifndef SUYUAN_API_FINDINGS_H
#define SUYUAN_API_FINDINGS_H

#include "daybook/daybook.h"

/* What the rules say of a season, as answers tell it. */
struct findings { const struct finding *list; size_t n; };

/* Those that an act brought: what its season would be without if it were not recorded.  And what it did to the lots that it names. */
int act_findings(struct daybook *d, struct arena *a, int64_t org, const struct act_form *form, int64_t seq, struct findings *ret, struct err *reterr);
/* All of a season. */
int season_findings(struct daybook *d, struct arena *a, int64_t org, const struct season_facts *s, struct findings *ret, struct err *reterr);
/* [{"rule", "severity", "words": {…}, "pointer"?, "from"?}…] */
void findings_json(struct buf *b, const struct findings *f);

#endif
