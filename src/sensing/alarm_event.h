#ifndef SUYUAN_SENSING_ALARM_EVENT_H
#define SUYUAN_SENSING_ALARM_EVENT_H

#include "sensing/quality/quality.h"

/* An alarm as an EPCIS event, so that it is recorded like everything else that happened, and subscriptions (webhook, stream) tell of it as they tell of any event: an ObjectEvent of
 * OBSERVE, `sensor_reporting`, at the device's place, one sensorReport with the value and, when it opens, `exception: ALARM_CONDITION`.  Pure.
 * The eventID follows from device, channel, alarm and moment: said again it is known. */
struct alarm_event {
        struct str device, place;       /* URIs; `place` may be STR_NONE */
        const struct channel_spec *channel;
        struct str alarm;               /* the rule's name */
        bool opens;
        int64_t t_ms;
        double value, limit;
        struct str words[LANGS];
        int16_t zone_min;
};
struct str alarm_event_id(struct arena *a, const struct alarm_event *e);
/* The EPCIS document, in the arena. */
struct str alarm_event_write(struct arena *a, const struct alarm_event *e);

#endif
