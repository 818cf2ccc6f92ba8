/* Goal: no bytes break the reader of acts; what it takes becomes an event without faults, and that a fact that reads again. */
#include <assert.h>
#include <stdint.h>

#include "base/limits.h"
#include "farm/fact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct str own_list[] = { { "https://trace.example.cn", 24 } };
static const struct origins own = { own_list, 1 };

static void use_event(struct arena *a, const struct event *e)
{
        struct buf b = { .max = 4u << 20 };
        struct str season;
        struct fact f, again;
        struct err err = { 0 };
        const struct lot_move *moves;
        moves_of_event(a, e, &moves);
        if (fact_of_event(a, e, &season, &f)) {
                fact_write(&b, &f);
                assert(fact_read(a, buf_view(&b), &again, &err) == 0 && again.act == f.act);
        }
        buf_free(&b);
}

static void use(struct arena *a, const struct act_form *form)
{
        struct act_surroundings s = { .own = &own, .place = STR("/place/farm/P1"), .lot = form->lot.n ? act_lot(a, STR_NONE, form->org, form->lot, &own) : STR_NONE };
        struct buf b = { .max = 16u << 20 };
        struct document *d;
        struct err e = { 0 };
        s.clock_grade = act_clock_grade(json_get(form->json, "clock"), form->at, INT64_C(1800000000000000));
        act_document(&b, a, form, &s);
        assert(!b.overflow);
        assert(document_read(a, b.p, b.n, &own, &d, &e) == 0 && d->n_events == 1);
        assert(d->faults.refused == 0);
        use_event(a, &d->events[0]);
        buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        const struct json *j;
        struct faults f = { 0 };
        struct act_form form;
        struct err e = { 0 };
        if (size < LIMIT_ACT_BYTES && json_read(a, (const char *)data, size, NULL, &j, &e) == 0) {
                if (act_read(a, j, STR("farm"), &form, &f) == 0)
                        use(a, &form);
                else
                        assert(f.refused > 0);
        }
        arena_free(a);
        return 0;
}
