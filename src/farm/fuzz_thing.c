/* Goal: no bytes break the judging of a thing, of whatever kind; what is kept holds, is bounded, and is kept again as it is, also through a table. */
#include <assert.h>
#include <stdint.h>

#include "base/limits.h"
#include "farm/thing_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json *tree(struct arena *a, struct str text)
{
        const struct json *j;
        assert(json_read(a, text.p, text.n, NULL, &j, NULL) == 0);
        return j;
}

static void through_a_table(struct arena *a, enum thing_kind k, struct str kept)
{
        struct str head[THING_COLUMNS], cells[THING_COLUMNS], code, body;
        bool numbers[THING_COLUMNS];
        struct thing_columns columns;
        struct faults f = { 0 };
        size_t n = thing_table_head(k, LANG_HANS, head, numbers);
        thing_table_row(a, k, STR("A1"), tree(a, kept), cells);
        assert(thing_table_columns(a, k, head, n, 1, &columns, &f) == 0);
        (void)thing_table_read(a, &columns, cells, n, 2, &code, &body, &f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        const struct json *sent;
        if (size > 1 && json_read(a, (const char *)data + 1, size - 1, NULL, &sent, NULL) == 0) {
                enum thing_kind k = 1 + data[0] % (THING_KINDS - 1);
                struct faults f = { 0 }, none = { 0 };
                struct str kept, again;
                if (thing_read(a, k, sent, &kept, &f) == 0) {
                        assert(kept.n <= LIMIT_THING_BYTES);
                        assert(thing_read(a, k, tree(a, kept), &again, &none) == 0 && str_eq(kept, again));
                        through_a_table(a, k, kept);
                } else {
                        assert(f.refused);
                }
        }
        arena_free(a);
        return 0;
}
