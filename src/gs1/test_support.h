#ifndef SUYUAN_GS1_TEST_SUPPORT_H
#define SUYUAN_GS1_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"
#include "gs1/ident.h"

static const struct str own_list[] = {
        { "https://trace.example.cn", 24 }, { "http://localhost:8080", 21 },
};
static const struct origins own = { own_list, 2 };

static inline void assert_str(struct arena *a, struct str have, const char *want)
{
        assert_string_equal(arena_cstr(a, have), want);
}

#endif
