#ifndef SUYUAN_BASE_LIMITS_H
#define SUYUAN_BASE_LIMITS_H

enum {
#define LIMIT(name, value, unit, about) LIMIT_##name = (value),
#include "base/limits.def"
#undef LIMIT
};

#endif
