/* Goal: whatever lines the broker's log has, each is read within its bytes and is no reading; each makes one notice at most, a line of our plugin (which ends with a topic
 * that somebody chose) never one of a wrong secret; and what goes to the server of them is JSON. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/oom.h"
#include "ingest/collector_impl.h"
#include "ingest/mqtt_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* It stands for collector.h, so nothing of collector.c is linked. */
struct collector { struct notices *notices; int n; bool wrong; };

void collector_notice(struct collector *c, enum notice what, struct str device, struct str from, struct str detail, struct str bytes)
{
        c->n++;
        c->wrong |= what == NOTICE_WRONG_SECRET;
        assert(what == NOTICE_WRONG_SECRET || what == NOTICE_FOREIGN_TOPIC);
        notices_add(c->notices, what, device, from, detail, bytes, 0);
}

const struct device_list *collector_devices(struct collector *c) { (void)c; abort(); }
const struct device_list *collector_devices_since(struct collector *c, int64_t since_us) { (void)c, (void)since_us; abort(); }
void device_list_done(const struct device_list *l) { (void)l; abort(); }
const struct known_device *device_by_id(const struct device_list *l, struct str id) { (void)l, (void)id; abort(); }
bool collector_allows(struct collector *c, const struct known_device *d, size_t n) { (void)c, (void)d, (void)n; abort(); }

/* In memory of its own size, so that a sanitizer sees the end of the line. */
static void one_line(struct mqtt_reader *x, struct collector *c, struct arena *a, const uint8_t *line, size_t n)
{
        const struct reading *r;
        size_t n_readings;
        char *own = or_abort(malloc(n ? n : 1));
        if (n)
                memcpy(own, line, n);
        const struct mqtt_packet p = { .topic = str_of(BROKER_LOG_TOPIC), .payload = { own, n } };
        const char *colon = n ? memchr(own, ':', n) : NULL;
        bool plugin = colon && str_starts((struct str){ colon + 1, n - (size_t)(colon + 1 - own) }, STR(" suyuan: "));
        c->n = 0;
        c->wrong = false;
        assert(mqtt_message_read(x, a, &p, 0, &r, &n_readings) == OUTCOME_NONE && n_readings == 0);
        assert(c->n <= 1 && !(plugin && c->wrong));
        free(own);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct collector c = { .notices = notices_new() };
        struct mqtt_reader *x = mqtt_reader_new(&c, true);
        struct arena *a = arena_new();
        struct buf b = { .max = 1 << 24 };
        const struct json *j;
        for (size_t at = 0; at < size;) {
                const uint8_t *end = memchr(data + at, '\n', size - at);
                size_t n = end ? (size_t)(end - data) - at : size - at;
                one_line(x, &c, a, data + at, n);
                at += n + 1;
        }
        if (notices_take(c.notices, &b))
                assert(!b.overflow && json_read(a, b.p, b.n, NULL, &j, NULL) == 0);
        buf_free(&b);
        arena_free(a);
        mqtt_reader_free(x);
        notices_free(c.notices);
        return 0;
}
