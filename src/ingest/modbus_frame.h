#ifndef SUYUAN_INGEST_MODBUS_FRAME_H
#define SUYUAN_INGEST_MODBUS_FRAME_H

#include <stdint.h>

#include "base/str.h"

/* Modbus requests for registers and their answers (Modbus Application Protocol V1.1b3), framed for TCP (MBAP) or as RTU bytes that a gateway carries over TCP.  Pure.
 * Only functions 3 (holding registers) and 4 (input registers): devices are read, never written. */
enum modbus_framing { MODBUS_TCP, MODBUS_RTU };
enum { MODBUS_REQUEST_BYTES = 12, MODBUS_ANSWER_BYTES = 260 };

struct modbus_ask {
        enum modbus_framing framing;
        uint16_t transaction;           /* TCP only */
        uint8_t unit, function;
        uint16_t address, count;        /* registers: 1 to LIMIT_MODBUS_REGISTERS */
};
/* Writes the request, tells its length. */
size_t modbus_request(const struct modbus_ask *q, uint8_t ret[MODBUS_REQUEST_BYTES]);

enum modbus_found { MODBUS_MORE, MODBUS_ANSWER, MODBUS_EXCEPTION, MODBUS_WRONG };
struct modbus_answer {
        enum modbus_found found;
        const uint8_t *registers;       /* ANSWER: count × 2 bytes, high byte first */
        int exception;                  /* EXCEPTION: its code */
        const char *why;                /* WRONG: the connection is of no more use */
        size_t used;                    /* bytes of the input that are done with */
};
/* Looks for the answer to `q` at the front of what has come in.  An answer to an earlier request (TCP) is passed over. */
void modbus_next(const struct modbus_ask *q, struct str in, struct modbus_answer *ret);

/* CRC-16/MODBUS; sent low byte first. */
uint16_t modbus_crc(const uint8_t *p, size_t n);

#endif
