#ifndef SUYUAN_INGEST_MQTT_MESSAGE_H
#define SUYUAN_INGEST_MQTT_MESSAGE_H

#include "ingest/collector.h"
#include "ingest/mqtt_packet.h"

/* From a message of the broker to readings: who says it, by its topic; in which format, by the device's description, the content type, or ours;
 *   suyuan/{device}/readings            and below it /{channel}
 *   spBv1.0/{group}/{kind}/{node}[/{device}]        (Sparkplug B)
 * What the broker itself says of who was turned away (mosquitto's `log_dest topic`) becomes a notice. */
#define BROKER_LOG_TOPIC "$SYS/broker/log/N"
struct mqtt_reader;
struct mqtt_reader *mqtt_reader_new(struct collector *c, bool sparkplug);
void mqtt_reader_free(struct mqtt_reader *x);

enum mqtt_outcome {
        OUTCOME_READINGS,       /* give them to the collector */
        OUTCOME_NONE,           /* nothing to keep */
        OUTCOME_LATER,          /* whose it is will be known shortly: try it again */
        OUTCOME_STRANGER,       /* unknown, or revoked; noticed, the bytes with it */
        OUTCOME_BROKEN,         /* nobody understands it; noticed, the bytes with it */
        OUTCOME_THROTTLED,      /* more than the device is allowed; noticed */
};
/* `arrived_us`: when the bytes came (monotonic).  Readings live in `a`. */
enum mqtt_outcome mqtt_message_read(struct mqtt_reader *x, struct arena *a, const struct mqtt_packet *p, int64_t arrived_us,
                                    const struct reading **ret, size_t *ret_n);

#endif
