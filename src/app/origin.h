#ifndef SUYUAN_APP_ORIGIN_H
#define SUYUAN_APP_ORIGIN_H

#include "base/err.h"
#include "base/str.h"

enum { ORIGINS_MOST = 15, ORIGIN_BYTES = 272 };

/* The addresses of an installation as they are kept and printed. */
struct origin_list {
        struct str v[ORIGINS_MOST + 1];         /* room for one that is not asked for */
        size_t n;
        char text[ORIGINS_MOST][ORIGIN_BYTES];  /* what they stand in */
};

/* Reads what --origin said: scheme://host[:port], nothing behind it but perhaps one '/', for paths are the things' own names;
 * letters become small, since an origin has no case.  None given: this machine's own. */
int origins_read(const char *const *urls, size_t n, struct origin_list *ret, struct err *reterr);

#endif
