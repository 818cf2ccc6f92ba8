/* Goal: no bytes break the reader of tables, CSV or XLSX; what it takes is text within bounds. */
#include <assert.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/text.h"
#include "sheet/sheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        struct sheet s;
        struct err e = { 0 };
        if (sheet_read(a, (struct str){ (const char *)data, size }, 100, &s, &e) < 0)
                assert(e.kind == ERR_BAD_INPUT || e.kind == ERR_TOO_LARGE);
        assert(s.n <= 100);
        for (size_t i = 0; i < s.n; i++) {
                assert(s.rows[i].n <= LIMIT_CSV_FIELDS);
                for (size_t c = 0; c < s.rows[i].n; c++)
                        assert(s.rows[i].cells[c].n <= LIMIT_CSV_FIELD_BYTES && utf8_valid(s.rows[i].cells[c]));
        }
        arena_free(a);
        return 0;
}
