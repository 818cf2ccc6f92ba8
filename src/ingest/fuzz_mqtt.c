#include <stdlib.h>

#include "ingest/mqtt_packet.h"

/* First byte: the version; then what a broker sends, packet by packet.  Texts must lie within the bytes, and a packet that lacks its last byte must be
 * unfinished or broken, never whole. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void within(const uint8_t *p, size_t n, struct str s)
{
        if (s.n && ((const uint8_t *)s.p < p || (const uint8_t *)s.p + s.n > p + n))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        enum { MAX = 4096 };
        struct mqtt_packet k;
        struct err e = { 0 };
        long n;
        if (!size)
                return 0;
        enum mqtt_version version = data[0] & 1 ? MQTT_5 : MQTT_3;
        data++;
        size--;
        while ((n = mqtt_read(version, data, size, MAX, &k, &e)) > 0) {
                if ((size_t)n > size || n > MAX)
                        abort();
                within(data, (size_t)n, k.topic);
                within(data, (size_t)n, k.payload);
                within(data, (size_t)n, k.content_type);
                within(data, (size_t)n, k.reason_text);
                within(data, (size_t)n, (struct str){ (const char *)k.codes, k.n_codes });
                if (mqtt_read(version, data, (size_t)n - 1, MAX, &k, &e) > 0)
                        abort();
                data += n;
                size -= (size_t)n;
        }
        return 0;
}
