#include "store/names.h"

#include <string.h>

#include "base/text.h"

#define CLOCK_BYTES 6

/* The first 48 bits of "urn:uuid:xxxxxxxx-xxxx-…". */
static bool uuid_clock(struct str s, uint8_t ret[CLOCK_BYTES])
{
        static const struct str prefix = { "urn:uuid:", 9 };
        if (s.n != 45 || !str_starts(s, prefix) || s.p[17] != '-')
                return false;
        return hex_read((struct str){ s.p + 9, 8 }, ret, 4) && hex_read((struct str){ s.p + 18, 4 }, ret + 4, 2);
}

int64_t event_name_head(struct str event_id)
{
        int64_t whole = hash_prefix(event_id);
        uint8_t clock[CLOCK_BYTES];
        if (!uuid_clock(event_id, clock))
                return whole;
        uint64_t head = 0;
        for (int i = 0; i < CLOCK_BYTES; i++)
                head = head << 8 | clock[i];
        return (int64_t)(head << 16 | ((uint64_t)whole & 0xffff));
}

int64_t hash_head(const struct hash *h)
{
        int64_t head;
        memcpy(&head, h->b, sizeof(head));
        return (int64_t)__builtin_bswap64((uint64_t)head);
}
