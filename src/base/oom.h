#ifndef SUYUAN_BASE_OOM_H
#define SUYUAN_BASE_OOM_H

#include <stdio.h>
#include <stdlib.h>

/* For the implementers of this floor: memory or a clean end.  There is no third way, see arena.h. */
static inline void *or_abort(void *p)
{
        if (!p) {
                fputs("out of memory\n", stderr);
                abort();
        }
        return p;
}

#endif
