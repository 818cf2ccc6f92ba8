/* Goal: no bytes break the reader of tables, every row is bounded, and it always comes to an end. */
#include <assert.h>
#include <stdint.h>

#include "base/csv.h"
#include "base/limits.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        struct csv c = csv_open((struct str){ (const char *)data, size });
        int rc, last = 0;

        for (size_t rows = 0; rows <= size; rows++) {
                const struct str *f;
                size_t n;
                struct err e = { 0 };
                rc = csv_row(&c, a, &f, &n, &e);
                if (rc == 0)
                        break;
                assert(c.line > last);
                last = c.line;
                assert(rc == 1 ? n >= 1 && n <= LIMIT_CSV_FIELDS : e.kind == ERR_BAD_INPUT && e.line == c.line);
                for (size_t i = 0; rc == 1 && i < n; i++)
                        assert(f[i].n <= LIMIT_CSV_FIELD_BYTES && utf8_valid(f[i]));
                arena_reset(a);
        }
        arena_free(a);
        return 0;
}
