#include "ingest/modbus_frame.h"

enum { MBAP = 7, EXCEPTION_BIT = 0x80 };

uint16_t modbus_crc(const uint8_t *p, size_t n)
{
        uint16_t crc = 0xFFFF;

        for (size_t i = 0; i < n; i++) {
                crc ^= p[i];
                for (int k = 0; k < 8; k++)
                        crc = (uint16_t)(crc & 1 ? (crc >> 1) ^ 0xA001 : crc >> 1);
        }
        return crc;
}

static void put16(uint8_t *p, uint16_t v)
{
        p[0] = (uint8_t)(v >> 8);
        p[1] = (uint8_t)v;
}

static uint16_t get16(const uint8_t *p)
{
        return (uint16_t)(p[0] << 8 | p[1]);
}

static size_t put_pdu(const struct modbus_ask *q, uint8_t *p)
{
        p[0] = q->unit;
        p[1] = q->function;
        put16(p + 2, q->address);
        put16(p + 4, q->count);
        return 6;
}

size_t modbus_request(const struct modbus_ask *q, uint8_t ret[MODBUS_REQUEST_BYTES])
{
        if (q->framing == MODBUS_RTU) {
                size_t n = put_pdu(q, ret);
                uint16_t crc = modbus_crc(ret, n);
                ret[n] = (uint8_t)crc;
                ret[n + 1] = (uint8_t)(crc >> 8);
                return n + 2;
        }
        put16(ret, q->transaction);
        put16(ret + 2, 0);
        put16(ret + 4, 6);
        return MBAP - 1 + put_pdu(q, ret + MBAP - 1);
}

static void wrong(struct modbus_answer *ret, const char *why)
{
        *ret = (struct modbus_answer){ .found = MODBUS_WRONG, .why = why };
}

/* `p` begins with the unit and holds `n` bytes: exactly one answer. */
static void read_pdu(const struct modbus_ask *q, const uint8_t *p, size_t n, struct modbus_answer *ret)
{
        if (p[0] != q->unit)
                wrong(ret, "another unit answers");
        else if (p[1] == (q->function | EXCEPTION_BIT) && n == 3)
                *ret = (struct modbus_answer){ .found = MODBUS_EXCEPTION, .exception = p[2] };
        else if (p[1] != q->function || n != 3 + 2u * q->count || p[2] != 2 * q->count)
                wrong(ret, "the answer is not to what was asked");
        else
                *ret = (struct modbus_answer){ .found = MODBUS_ANSWER, .registers = p + 3 };
}

static void next_tcp(const struct modbus_ask *q, const uint8_t *p, size_t n, struct modbus_answer *ret)
{
        *ret = (struct modbus_answer){ .found = MODBUS_MORE };
        if (n < MBAP - 1)
                return;
        size_t length = get16(p + 4);
        if (get16(p + 2) != 0 || length < 3 || length > MODBUS_ANSWER_BYTES - MBAP + 1) {
                wrong(ret, "this is no Modbus TCP");
                return;
        }
        if (n < MBAP - 1 + length)
                return;
        if (get16(p) == q->transaction)
                read_pdu(q, p + MBAP - 1, length, ret);
        ret->used = MBAP - 1 + length;
}

static void next_rtu(const struct modbus_ask *q, const uint8_t *p, size_t n, struct modbus_answer *ret)
{
        size_t length = n >= 2 && p[1] == (q->function | EXCEPTION_BIT) ? 3 : 3 + 2u * q->count;

        *ret = (struct modbus_answer){ .found = MODBUS_MORE };
        if (n >= 2 && (p[0] != q->unit || (p[1] & 0x7F) != q->function)) {
                wrong(ret, "the answer is not to what was asked");
                return;
        }
        if (n < length + 2)
                return;
        uint16_t crc = modbus_crc(p, length);
        if (p[length] != (uint8_t)crc || p[length + 1] != (uint8_t)(crc >> 8)) {
                wrong(ret, "the CRC is not that of the answer");
                return;
        }
        read_pdu(q, p, length, ret);
        ret->used = length + 2;
}

void modbus_next(const struct modbus_ask *q, struct str in, struct modbus_answer *ret)
{
        const uint8_t *p = (const uint8_t *)in.p;

        if (q->framing == MODBUS_RTU)
                next_rtu(q, p, in.n, ret);
        else
                next_tcp(q, p, in.n, ret);
}
