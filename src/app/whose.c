#include "app/whose.h"

int whose(const struct settings *s, const struct store *store, int64_t *ret_org, struct err *reterr)
{
        *ret_org = *s->org ? store_org_number(store, str_of(s->org)) : ORG_DEFAULT;
        return *ret_org ? 0 : err_set(reterr, ERR_NOT_FOUND, "没有这个组织 / there is no organisation %.100s: `suyuan org list` tells them", s->org);
}
