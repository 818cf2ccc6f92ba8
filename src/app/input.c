#include "app/input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"

/* One byte more than is allowed, so that too long is told from just long enough. */
int input_bytes(struct arena *a, const char *name, struct str *ret, struct err *reterr)
{
        FILE *f = fopen(name, "rbe");
        if (!f)
                return err_set(reterr, ERR_BAD_INPUT, "%.300s cannot be opened: %s", name, strerror(errno));
        char *p = arena_raw(a, LIMIT_BODY_BYTES + 1);
        size_t n = fread(p, 1, LIMIT_BODY_BYTES + 1, f);
        bool failed = ferror(f) != 0;
        fclose(f);
        if (failed)
                return err_set(reterr, ERR_BAD_INPUT, "%.300s cannot be read", name);
        *ret = (struct str){ p, n };
        return n > LIMIT_BODY_BYTES ? err_set(reterr, ERR_TOO_LARGE, "%.300s is longer than %d bytes", name, LIMIT_BODY_BYTES) : 0;
}
