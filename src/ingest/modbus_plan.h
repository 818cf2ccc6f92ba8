#ifndef SUYUAN_INGEST_MODBUS_PLAN_H
#define SUYUAN_INGEST_MODBUS_PLAN_H

#include "base/err.h"
#include "ingest/modbus_frame.h"
#include "series/batch.h"

/* Where a device is asked, how often, and what its registers mean: from its description (docs/ref/formats.md), or, where that says nothing of registers, from its model's row in
 * modbus_models.def.  Pure. */
enum modbus_type { MODBUS_INT16, MODBUS_UINT16, MODBUS_INT32, MODBUS_UINT32, MODBUS_FLOAT32, MODBUS_TYPES };

struct modbus_register {
        struct str code;                /* our channel */
        uint8_t function, type;         /* enum modbus_type */
        uint16_t address;
        uint8_t order[4];               /* which of the bytes sent is the highest, the next …: 0 1 2 3 is the protocol's own */
        struct decimal scale, offset;
};

struct modbus_block { uint8_t function; uint16_t address, count; size_t first, n; };    /* one request: registers[first … first + n) */

struct modbus_plan {
        struct str host;                /* an address, not a name: looking a name up may hang, and nobody waits for another's device */
        uint16_t port;
        uint8_t unit;
        enum modbus_framing framing;
        int64_t every_us, timeout_us;
        const struct modbus_register *registers;        /* by function and address */
        size_t n;
        const struct modbus_block *blocks;
        size_t n_blocks;
};

/* -1: ERR_BAD_JSON, or ERR_BAD_INPUT with a JSON Pointer.  What `ret` points to is in the arena. */
int modbus_plan_read(struct arena *a, struct str model, struct str detail, struct modbus_plan *ret, struct err *reterr);
/* The value in a block's answer, scaled.  False: not a number, or it does not fit. */
bool modbus_value(const struct modbus_register *r, const struct modbus_block *b, const uint8_t *registers, struct decimal *ret);

#endif
