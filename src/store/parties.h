#ifndef SUYUAN_STORE_PARTIES_H
#define SUYUAN_STORE_PARTIES_H

#include "store/store.h"

/* Which registered organisation an identifier speaks of: a party of org_party, our own /org/{code} and whatever lies under
 * a code (/place/{code}/…), a GS1 place whose GLN is a party's.  In memory; for any thread. */
struct parties;
struct parties *parties_new(void);
void parties_free(struct parties *p);

/* 0: nobody's. */
int64_t store_party_org(struct store *s, struct str canonical);
/* Whose a thing is by its name: the organisation of its code, or the one party with its GS1 company prefix; 0: nobody's. */
int64_t store_owner(struct store *s, struct str canonical);
/* A regulator or laboratory, whose word counts about everything. */
bool store_authority(struct store *s, int64_t org);
/* Its records may be shown to the public (org add --published). */
bool store_published(struct store *s, int64_t org);
/* After organisations or parties changed: reads them anew. */
int store_parties_load(struct store *s, struct err *reterr);

#endif
