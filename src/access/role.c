#include "access/access.h"

#define P(permission) (1u << MAY_##permission)
static const struct { const char *name; unsigned may; } roles[AS_ROLES] = {
#define ROLE(symbol, name_, may_, hans, hant, en) [AS_##symbol] = { name_, may_ },
#include "access/roles.def"
#undef ROLE
};
#undef P

const char *role_name(enum role r)
{
        return roles[r].name;
}

unsigned role_may(enum role r)
{
        return roles[r].may;
}

enum role role_of_name(struct str name)
{
        for (int r = 0; r < AS_ROLES; r++)
                if (str_is(name, roles[r].name))
                        return (enum role)r;
        return AS_ROLES;
}
