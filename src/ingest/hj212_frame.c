#include "base/limits.h"
#include "base/text.h"
#include "ingest/hj212.h"

enum { MARK = 2, LENGTH = 4, CRC = 4 };

/* What four rounds make of the register's low four bits. */
static const uint16_t four_rounds[16] = {
        0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401, 0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400,
};

/* The standard's annex: the byte goes against the register's high byte, shifted down (Modbus: against the low one, unshifted); then eight rounds of
 * "low bit out, A001 in where it was set". */
uint16_t hj212_crc(struct str data)
{
        uint16_t crc = 0xFFFF;

        for (size_t i = 0; i < data.n; i++) {
                crc = (uint16_t)((crc >> 8) ^ (uint8_t)data.p[i]);
                crc = (uint16_t)((crc >> 4) ^ four_rounds[crc & 15]);
                crc = (uint16_t)((crc >> 4) ^ four_rounds[crc & 15]);
        }
        return crc;
}

static bool two_hashes(struct str in, size_t i)
{
        return i + 1 < in.n && in.p[i] == '#' && in.p[i + 1] == '#';
}

static bool blank(char c)
{
        return c == '\r' || c == '\n' || c == ' ' || c == '\t' || c == '\0';
}

/* Where a frame that is none ends: behind its line, or before the next mark, or with what has come. */
static size_t end_of_bad(struct str in, size_t i)
{
        for (; i < in.n; i++) {
                if (in.p[i] == '\n')
                        return i + 1;
                if (two_hashes(in, i))
                        return i;
        }
        return in.n && in.p[in.n - 1] == '#' ? in.n - 1 : in.n;
}

static void bad(struct str in, size_t from, size_t search, const char *why, bool *skipping, struct hj212_frame *ret)
{
        size_t end = end_of_bad(in, search);

        *ret = (struct hj212_frame){ .found = HJ212_BAD, .raw = { in.p + from, end - from }, .why = why, .used = end };
        *skipping = end == 0 || in.p[end - 1] != '\n';
}

/* Bytes before the mark: told once, then dropped. */
static bool not_at_mark(struct str in, size_t i, bool *skipping, struct hj212_frame *ret)
{
        if (two_hashes(in, i))
                return false;
        if (i >= in.n || (i + 1 == in.n && in.p[i] == '#')) {
                *ret = (struct hj212_frame){ .found = HJ212_MORE, .used = i };
        } else if (*skipping) {
                *ret = (struct hj212_frame){ .found = HJ212_MORE, .used = end_of_bad(in, i) };
                *skipping = in.p[ret->used - 1] != '\n';
        } else {
                bad(in, i, i, "bytes that are no frame", skipping, ret);
        }
        return true;
}

/* The length of the data; -1: no number, or too large; -2: not all digits are here. */
static int length_of(struct str in, size_t i)
{
        int n = 0;

        for (size_t k = i + MARK; k < i + MARK + LENGTH; k++) {
                if (k >= in.n)
                        return -2;
                if (in.p[k] < '0' || in.p[k] > '9')
                        return -1;
                n = n * 10 + (in.p[k] - '0');
        }
        return n <= LIMIT_HJ212_DATA_BYTES ? n : -1;
}

/* A line end or another mark where data should be: the length is wrong.  Needs no more bytes to see it. */
static bool cut_short(struct str in, size_t from, size_t end)
{
        for (size_t i = from; i < end && i < in.n; i++)
                if (in.p[i] == '\n' || in.p[i] == '\r' || two_hashes(in, i))
                        return true;
        return false;
}

static bool crc_is(struct str data, const char *hex)
{
        uint8_t b[2];

        return hex_read((struct str){ hex, CRC }, b, 2) && ((unsigned)b[0] << 8 | b[1]) == hj212_crc(data);
}

static void at_mark(struct str in, size_t i, bool *skipping, struct hj212_frame *ret)
{
        int n = length_of(in, i);
        size_t data = i + MARK + LENGTH, end = data + (size_t)(n > 0 ? n : 0) + CRC;

        if (n == -1)
                bad(in, i, i + MARK, "the length is no number, or too large", skipping, ret);
        else if (n >= 0 && cut_short(in, data, end))
                bad(in, i, i + MARK, "it ends before its length", skipping, ret);
        else if (n == -2 || end > in.n)
                *ret = (struct hj212_frame){ .found = HJ212_MORE, .used = i };
        else if (!crc_is((struct str){ in.p + data, (size_t)n }, in.p + data + n))
                bad(in, i, i + MARK, "the CRC is not that of the data", skipping, ret);
        else
                *ret = (struct hj212_frame){ .found = HJ212_FRAME, .data = { in.p + data, (size_t)n }, .raw = { in.p + i, end - i }, .used = end };
}

void hj212_next(struct str in, bool *skipping, struct hj212_frame *ret)
{
        size_t i = 0;

        while (!*skipping && i < in.n && blank(in.p[i]))
                i++;
        while (i + 2 < in.n && in.p[i] == '#' && in.p[i + 1] == '#' && in.p[i + 2] == '#')      /* the mark is the last two of them */
                i++;
        if (not_at_mark(in, i, skipping, ret))
                return;
        *skipping = false;
        at_mark(in, i, skipping, ret);
}

void hj212_frame_write(struct buf *b, struct str data)
{
        buf_printf(b, "##%04zu%.*s%04X\r\n", data.n, STR_ARG(data), hj212_crc(data));
}
