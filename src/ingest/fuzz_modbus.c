/* Goal: no answer breaks the reader, no description the reader of plans; what is accepted stays within what was asked. */
#include <assert.h>

#include "base/limits.h"
#include "ingest/modbus_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void answer(const uint8_t *data, size_t size)
{
        struct modbus_ask q = { data[0] & 1 ? MODBUS_RTU : MODBUS_TCP, 7, 1, 3 + (data[0] >> 1 & 1), 0, (uint16_t)(1 + data[1] % LIMIT_MODBUS_REGISTERS) };
        struct str in = { (const char *)data + 2, size - 2 };

        for (size_t rounds = 0; rounds <= size; rounds++) {
                struct modbus_answer x;
                modbus_next(&q, in, &x);
                assert(x.used <= in.n && x.used <= 2 * MODBUS_ANSWER_BYTES);
                if (x.found == MODBUS_ANSWER)
                        assert((const char *)x.registers + 2u * q.count <= in.p + in.n);
                if (x.found == MODBUS_WRONG || x.used == 0)
                        return;
                in = str_from(in, x.used);
        }
        assert(!"it goes on for ever");
}

static void plan(struct arena *a, struct str detail)
{
        uint8_t registers[2 * LIMIT_MODBUS_REGISTERS] = { 0x7f, 0x80, 1, 2, 3 };
        struct modbus_plan p;
        struct decimal v;

        if (modbus_plan_read(a, STR("soil-4in1"), detail, &p, NULL) < 0)
                return;
        size_t n = 0;
        for (size_t k = 0; k < p.n_blocks; k++) {
                assert(p.blocks[k].count >= 1 && p.blocks[k].count <= LIMIT_MODBUS_REGISTERS && p.blocks[k].first == n);
                for (size_t i = 0; i < p.blocks[k].n; i++)
                        modbus_value(&p.registers[n++], &p.blocks[k], registers, &v);
        }
        assert(n == p.n && n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();

        if (size && data[0] == '{')
                plan(a, (struct str){ (const char *)data, size });
        else if (size > 2)
                answer(data, size);
        arena_free(a);
        return 0;
}
