#include "sensing/alarm_event.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/text.h"

/* RFC 9562 §5.8: a UUID of our own making, from a digest. */
struct str alarm_event_id(struct arena *a, const struct alarm_event *e)
{
        struct str name = arena_printf(a, "alarm\n%.*s\n%.*s\n%.*s\n%lld\n%d", STR_ARG(e->device), STR_ARG(e->channel->code), STR_ARG(e->alarm), (long long)e->t_ms, e->opens);
        struct hash h = sha256(name.p, name.n);
        const uint8_t *b = h.b;
        return arena_printf(a, "urn:uuid:%02x%02x%02x%02x-%02x%02x-8%x%02x-%x%x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4], b[5], b[6] & 15, b[7], 8 | (b[8] & 3), b[8] >> 4, b[9],
                            b[10], b[11], b[12], b[13], b[14], b[15]);
}

static void member(struct buf *b, const char *name, struct str value)
{
        buf_z(b, ",");
        json_write_name(b, name);
        json_write_str(b, value);
}

static void write_report(struct buf *b, const struct alarm_event *e)
{
        const struct quantity *q = e->channel->quantity;
        buf_printf(b, "\"sensorReport\":[{\"type\":\"%s\"", q ? q->measurement : "Dimensionless");
        buf_printf(b, ",\"value\":%.10g", e->value);
        if (q && *q->unit)
                member(b, "uom", str_of(q->unit));
        if (e->opens)
                member(b, "exception", STR("ALARM_CONDITION"));
        member(b, "suyuan:channel", e->channel->code);
        member(b, "suyuan:alarm", e->alarm);
        buf_printf(b, ",\"suyuan:limit\":%.10g}]", e->limit);
}

static void write_words(struct buf *b, const struct alarm_event *e)
{
        buf_z(b, ",\"suyuan:explanation\":[");
        for (int l = 0; l < LANGS; l++) {
                buf_printf(b, "%s{\"@language\":\"%s\",\"@value\":", l ? "," : "", lang_tag(l));
                json_write_str(b, e->words[l]);
                buf_z(b, "}");
        }
        buf_z(b, "]");
}

static void write_event(struct arena *a, struct buf *b, const struct alarm_event *e)
{
        struct str time = stamp_utc(a, e->t_ms * 1000);
        int minutes = e->zone_min < 0 ? -e->zone_min : e->zone_min;
        buf_printf(b, "{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\",\"bizStep\":\"sensor_reporting\",\"eventTimeZoneOffset\":\"%c%02d:%02d\"", e->zone_min < 0 ? '-' : '+', minutes / 60, minutes % 60);
        member(b, "eventTime", time);
        member(b, "eventID", alarm_event_id(a, e));
        /* an event is about something: the place, or the device itself where nobody said where it stands */
        buf_z(b, e->place.n ? ",\"readPoint\":{\"id\":" : ",\"epcList\":[");
        json_write_str(b, e->place.n ? e->place : e->device);
        buf_z(b, e->place.n ? "}" : "]");
        buf_z(b, ",\"sensorElementList\":[{\"sensorMetadata\":{\"deviceID\":");
        json_write_str(b, e->device);
        member(b, "time", time);
        buf_z(b, "},");
        write_report(b, e);
        buf_z(b, "}]");
        write_words(b, e);
        buf_z(b, "}");
}

struct str alarm_event_write(struct arena *a, const struct alarm_event *e)
{
        struct buf b;
        buf_init(&b, 64 * 1024);
        buf_z(&b, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\",{\"suyuan\":\"https://w3id.org/suyuan/voc/\"}],\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\"");
        member(&b, "creationDate", stamp_utc(a, e->t_ms * 1000));
        buf_z(&b, ",\"epcisBody\":{\"eventList\":[");
        write_event(a, &b, e);
        buf_z(&b, "]}}");
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}
