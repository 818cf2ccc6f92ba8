#ifndef SUYUAN_BASE_TEST_H
#define SUYUAN_BASE_TEST_H

/* What cmocka wants included before it, and a few words for the tests of this floor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define assert_str(s, z)                                                \
        do {                                                            \
                struct str got_ = (s), want_ = str_of(z);               \
                assert_int_equal(got_.n, want_.n);                      \
                assert_memory_equal(got_.n ? got_.p : "", want_.p, want_.n); \
        } while (0)

/* The same sequence every run: a failure can be seen again. */
static inline uint64_t test_random(uint64_t *state)
{
        uint64_t x = *state += 0x9e3779b97f4a7c15u;

        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
        return x ^ (x >> 31);
}

#endif
