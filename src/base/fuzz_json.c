/* Any bytes: either refused with a place, or read, written and read again to the same value. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/decimal.h"
#include "base/json.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_limits limits = { .max_depth = 12, .max_number_bytes = 40, .max_nodes = 2000 };

static void check_refusal(const struct err *e)
{
        assert(e->kind == ERR_BAD_JSON);
        assert(e->detail[0]);
        assert(e->line >= 1 && e->column >= 1);
        assert(utf8_valid(str_of(e->pointer)));
}

static void check_numbers(struct arena *a, const struct json *v)
{
        if (v->kind == JSON_NUMBER) {
                struct str text = decimal_canonical(a, json_text(v));
                struct decimal d, again;
                assert(text.p);
                assert(str_eq(text, decimal_canonical(a, text)));
                if (decimal_read(json_text(v), &d)) {
                        assert(decimal_read(text, &again));
                        assert(decimal_cmp(d, again) == 0);
                }
        }
        for (uint32_t i = 0; v->kind == JSON_ARRAY && i < v->n; i++)
                check_numbers(a, &v->items[i]);
        for (uint32_t i = 0; v->kind == JSON_OBJECT && i < v->n; i++)
                check_numbers(a, &v->members[i].value);
}

static void check_round_trip(struct arena *a, const struct json *v)
{
        struct buf once, twice;
        const struct json *again = NULL;

        buf_init(&once, 1 << 24);
        buf_init(&twice, 1 << 24);
        json_write(&once, v);
        assert(!once.overflow);
        assert(json_read(a, once.p, once.n, &limits, &again, NULL) == 0);
        assert(json_equal(v, again) && json_equal(again, v));
        json_write(&twice, again);
        assert(str_eq(buf_view(&once), buf_view(&twice)));
        buf_free(&once);
        buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        const struct json *v = NULL;
        struct err e = { 0 };

        if (json_read(a, (const char *)data, size, &limits, &v, &e) < 0) {
                check_refusal(&e);
        } else {
                check_numbers(a, v);
                check_round_trip(a, v);
        }
        arena_free(a);
        return 0;
}
