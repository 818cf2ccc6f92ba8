#include "api/devices.h"
#include "base/clock.h"
#include "base/text.h"

/* A curve as EPCIS events: for each so many steps an ObjectEvent of the device, OBSERVE and sensor_reporting, where it stands; each step a sensorElement with min, max, mean
 * and standard deviation, and from when to when these are: where an hour has figures alone the whole hour, however short the steps.  What measures is in sensorMetadata alone
 * (TCR53: an attribute there must not be repeated in the report). */

enum { STEPS_AN_EVENT = 500 };

static void write_report(struct buf *b, const struct curve *c, const struct figures *f)
{
        buf_z(b, "\"sensorReport\":[{\"type\":");
        if (c->type.n)
                json_write_str(b, c->type);
        else
                buf_z(b, "\"suyuan:Measurement\"");
        buf_printf(b, ",\"minValue\":%.15g,\"maxValue\":%.15g,\"meanValue\":%.15g,\"sDev\":%.15g", f->min, f->max, figures_mean(f), figures_sdev(f));
        if (c->unit.n) {
                buf_z(b, ",\"uom\":");
                json_write_str(b, c->unit);
        }
        buf_printf(b, ",\"suyuan:count\":%lld}]", (long long)f->n);
}

static void write_element(struct buf *b, struct arena *a, const struct curve *c, struct str device, const struct figures *f)
{
        buf_z(b, "{\"sensorMetadata\":{\"startTime\":");
        json_write_str(b, stamp_utc(a, f->begin_ms * 1000));
        buf_z(b, ",\"endTime\":");
        json_write_str(b, stamp_utc(a, f->end_ms * 1000));
        buf_z(b, ",\"deviceID\":");
        json_write_str(b, device);
        buf_z(b, ",\"suyuan:channel\":");
        json_write_str(b, c->channel);
        buf_z(b, "},");
        write_report(b, c, f);
        buf_char(b, '}');
}

static void write_event(struct buf *b, struct request *q, const struct service *v, const struct curve *c, const struct figures *list, size_t n)
{
        struct arena *a = q->arena;
        struct str device = ident_uri(a, c->device, store_origins(v->store));
        buf_z(b, "{\"type\":\"ObjectEvent\",\"eventTime\":");
        json_write_str(b, stamp_utc(a, list[n - 1].end_ms * 1000));
        buf_z(b, ",\"eventTimeZoneOffset\":\"+08:00\",\"epcList\":[");
        json_write_str(b, device);
        buf_z(b, "],\"action\":\"OBSERVE\",\"bizStep\":\"sensor_reporting\"");
        if (sensing_place_is_uri(c->place)) {
                buf_z(b, ",\"readPoint\":{\"id\":");
                json_write_str(b, ident_uri(a, c->place, store_origins(v->store)));
                buf_char(b, '}');
        }
        buf_z(b, ",\"sensorElementList\":[");
        for (size_t i = 0; i < n; i++) {
                buf_z(b, i ? "," : "");
                write_element(b, a, c, device, &list[i]);
        }
        buf_z(b, "]}");
}

void curve_document(struct buf *b, struct request *q, const struct service *v, const struct curve *c)
{
        buf_z(b, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\",{\"suyuan\":\"" SUYUAN_VOC "\"}],\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\","
                 "\"creationDate\":");
        json_write_str(b, stamp_utc(q->arena, clock_now_us()));
        buf_z(b, ",\"epcisBody\":{\"eventList\":[");
        for (size_t at = 0; at < c->n; at += STEPS_AN_EVENT) {
                buf_z(b, at ? "," : "");
                write_event(b, q, v, c, c->list + at, c->n - at < STEPS_AN_EVENT ? c->n - at : STEPS_AN_EVENT);
        }
        buf_z(b, "]}}\n");
}
