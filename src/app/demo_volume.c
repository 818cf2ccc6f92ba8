#include "app/demo_volume.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/clock.h"

/* SplitMix64 (Steele, Lea, Flood 2014): a good hash of a counter, so any event can be made alone. */
static uint64_t mix(uint64_t x)
{
        x += 0x9e3779b97f4a7c15u;
        x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
        x = (x ^ x >> 27) * 0x94d049bb133111ebu;
        return x ^ x >> 31;
}

/* Where an event of the volume stands: which farm's which season, and which step of it. */
struct place {
        uint64_t seed, number;
        uint64_t run;           /* a season of a farm: its items' common number */
        unsigned farm, step;
        int64_t time_us;
        uint64_t dice;
};

static struct place place_of(uint64_t seed, uint64_t number)
{
        uint64_t block = number / ((uint64_t)VOLUME_RUN * VOLUME_FARMS), within = number % ((uint64_t)VOLUME_RUN * VOLUME_FARMS);
        struct place p = { .seed = seed, .number = number };
        p.farm = (unsigned)(within % VOLUME_FARMS);
        p.step = (unsigned)(within / VOLUME_FARMS);
        p.run = block * VOLUME_FARMS + p.farm;
        p.dice = mix(seed ^ mix(number));
        /* 2020-01-01 on, an event every 1.5 s and a little: work is recorded roughly in order */
        p.time_us = 1577836800000000 + (int64_t)number * 1500000 + (int64_t)(p.dice % 60000000);
        return p;
}

#define VOC "\"https://w3id.org/suyuan/voc/\""
static const char context[] = "\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\",{\"suyuan\":" VOC "}]";

static void write_time(struct buf *b, int64_t us)
{
        struct civil c = civil_of(us, 480);
        buf_printf(b, "%04d-%02d-%02dT%02d:%02d:%02d.%03d+08:00", c.year, c.month, c.day, c.hour, c.minute, c.second, (int)(us / 1000 % 1000));
}

static void write_lot(struct buf *b, const char *kind, uint64_t farm, uint64_t code, const char *quantity, const char *uom)
{
        buf_printf(b, "{\"epcClass\":\"https://demo.suyuan.example/lot/v%02" PRIu64 "/%s%" PRIu64 "\",\"quantity\":%s,\"uom\":\"%s\"}", farm, kind, code, quantity, uom);
}

static void write_head(struct buf *b, const struct place *p, const char *type, const char *step)
{
        buf_printf(b, "\"type\":\"%s\",\"eventID\":\"urn:uuid:%08x-%04x-7%03x-8%03x-%012" PRIx64 "\",\"eventTime\":\"", type,
                   (unsigned)(p->number >> 8), (unsigned)(p->number & 0xff) << 8 | (unsigned)(p->seed & 0xff), (unsigned)(p->dice >> 52), (unsigned)(p->dice >> 40 & 0xfff), p->dice & 0xffffffffffffu);
        write_time(b, p->time_us);
        buf_printf(b, "\",\"eventTimeZoneOffset\":\"+08:00\",\"bizStep\":\"%s\",\"readPoint\":{\"id\":\"https://demo.suyuan.example/place/v%02u/P%u\"},"
                   "\"bizLocation\":{\"id\":\"https://demo.suyuan.example/place/v%02u/Farm\"},", step, p->farm, p->farm % 7, p->farm);
}

/* What a phone adds beside the facts; brings an event to its usual size. */
static void write_field_notes(struct buf *b, const struct place *p)
{
        buf_printf(b, "\"suyuan:operator\":\"https://demo.suyuan.example/staff/v%02u/W%u\",\"suyuan:areaMu\":\"%u.%u\",\"suyuan:weather\":\"%s\",", p->farm,
                   (unsigned)(p->dice % 5), 8 + (unsigned)(p->dice >> 8) % 40, (unsigned)(p->dice >> 16) % 10, p->dice & 1 ? "晴" : "多云");
        buf_printf(b, "\"suyuan:position\":{\"suyuan:latitude\":25.%05u,\"suyuan:longitude\":113.%05u,\"suyuan:accuracyM\":%u},", (unsigned)(p->dice >> 20) % 100000,
                   (unsigned)(p->dice >> 4) % 100000, 4 + (unsigned)(p->dice >> 44) % 20);
        buf_printf(b, "\"suyuan:clock\":{\"suyuan:deviceTime\":%" PRId64 ",\"suyuan:uptimeMs\":%u,\"suyuan:offsetMs\":%d},", p->time_us / 1000, (unsigned)(p->dice >> 12) % 100000000, (int)(p->dice >> 50) % 900);
        buf_printf(b, "\"suyuan:evidence\":[{\"id\":\"ni:///sha-256;%016" PRIx64 "%016" PRIx64 "%016" PRIx64 "%016" PRIx64 "\",\"suyuan:kind\":\"photo\",\"suyuan:mediaType\":\"image/jpeg\",\"suyuan:bytes\":%u}],",
                   mix(p->dice), mix(p->dice + 1), mix(p->dice + 2), mix(p->dice + 3), 200000 + (unsigned)(p->dice % 300000));
        buf_z(b, "\"suyuan:note\":\"按标准作业单完成；田间巡查未见异常，排水良好，记录人已复核。\"");
}

static void write_inputs(struct buf *b, const struct place *p, const char *kind, unsigned n)
{
        buf_z(b, "\"inputQuantityList\":[");
        for (unsigned i = 0; i < n; i++) {
                buf_z(b, i ? "," : "");
                /* a purchased lot serves some seasons of the farm */
                write_lot(b, kind, p->farm, p->run / VOLUME_FARMS / 4 * 10 + i, i ? "2.5" : "12", "KGM");
        }
        buf_z(b, "],");
}

static void write_season(struct buf *b, const struct place *p, const char *step, const char *kind)
{
        write_head(b, p, "TransformationEvent", step);
        buf_printf(b, "\"transformationID\":\"https://demo.suyuan.example/season/v%02u/S%" PRIu64 "\",", p->farm, p->run);
        if (kind) {
                write_inputs(b, p, kind, 5);
        } else {
                buf_z(b, "\"outputQuantityList\":[");
                for (unsigned i = 0; i < 5; i++) {
                        buf_z(b, i ? "," : "");
                        write_lot(b, "H", p->farm, p->run * 5 + i, "480.5", "KGM");
                }
                buf_z(b, "],");
        }
        write_field_notes(b, p);
}

static void write_pack(struct buf *b, const struct place *p, unsigned nth)
{
        write_head(b, p, "TransformationEvent", "commissioning");
        buf_z(b, "\"inputQuantityList\":[");
        write_lot(b, "H", p->farm, p->run * 5 + nth % 5, "100", "KGM");
        buf_z(b, "],\"outputEPCList\":[");
        for (unsigned i = 0; i < 5; i++)
                buf_printf(b, "%s\"https://demo.suyuan.example/item/v%02u/B%" PRIu64 "\"", i ? "," : "", p->farm, (p->run * 8 + nth) * 5 + i);
        buf_z(b, "],");
        write_field_notes(b, p);
}

static void write_carton(struct buf *b, const struct place *p, unsigned nth)
{
        write_head(b, p, "AggregationEvent", "packing");
        buf_printf(b, "\"action\":\"ADD\",\"parentID\":\"https://demo.suyuan.example/unit/v%02u/C%" PRIu64 "\",\"childEPCs\":[", p->farm, p->run * 8 + nth);
        for (unsigned i = 0; i < 5; i++)
                buf_printf(b, "%s\"https://demo.suyuan.example/item/v%02u/B%" PRIu64 "\"", i ? "," : "", p->farm, (p->run * 8 + nth) * 5 + i);
        buf_z(b, "],");
        write_field_notes(b, p);
}

static void write_shipment(struct buf *b, const struct place *p, const char *step)
{
        write_head(b, p, "ObjectEvent", step);
        buf_z(b, "\"action\":\"OBSERVE\",\"disposition\":\"in_transit\",\"epcList\":[");
        for (unsigned i = 0; i < 6; i++)
                buf_printf(b, "%s\"https://demo.suyuan.example/unit/v%02u/C%" PRIu64 "\"", i ? "," : "", p->farm, p->run * 8 + i);
        buf_printf(b, "],\"bizTransactionList\":[{\"type\":\"desadv\",\"bizTransaction\":\"https://demo.suyuan.example/doc/v%02u/D%" PRIu64 "\"}],"
                   "\"sourceList\":[{\"type\":\"possessing_party\",\"source\":\"https://demo.suyuan.example/org/v%02u\"}],"
                   "\"destinationList\":[{\"type\":\"possessing_party\",\"destination\":\"https://demo.suyuan.example/org/shenzhen%u\"}],", p->farm, p->run, p->farm, p->farm % 3);
        write_field_notes(b, p);
}

static void write_members(struct buf *b, const struct place *p)
{
        if (p->step == 0)
                write_season(b, p, "suyuan:sowing", "Seed");
        else if (p->step < 4)
                write_season(b, p, "suyuan:fertilising", "Fert");
        else if (p->step < 6)
                write_season(b, p, "suyuan:spraying", "Pest");
        else if (p->step == 6)
                write_season(b, p, "suyuan:harvesting", NULL);
        else if (p->step < 15)
                write_pack(b, p, p->step - 7);
        else if (p->step < 23)
                write_carton(b, p, p->step - 15);
        else
                write_shipment(b, p, p->step == 23 ? "shipping" : "receiving");
}

void volume_event(struct buf *out, uint64_t seed, uint64_t number)
{
        struct place p = place_of(seed, number);
        buf_printf(out, "{%s,", context);
        write_members(out, &p);
        buf_char(out, '}');
}

static void open_document(struct buf *out)
{
        buf_printf(out, "{%s,\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\",\"creationDate\":\"2026-01-01T00:00:00Z\",\"epcisBody\":{\"eventList\":[", context);
}

void volume_document(struct buf *out, uint64_t seed, uint64_t first, unsigned n)
{
        open_document(out);
        for (unsigned i = 0; i < n; i++) {
                struct place p = place_of(seed, first + i);
                buf_z(out, i ? ",{" : "{");
                write_members(out, &p);
                buf_char(out, '}');
        }
        buf_z(out, "]}}");
}

enum { RANDOM_UNITS = 6 };

/* A unit at random among those that the first `known` events made.  Those of different `nth` differ: a list names a thing once. */
static void write_random_unit(struct buf *b, uint64_t dice, unsigned nth, uint64_t known)
{
        uint64_t groups = known / VOLUME_RUN / RANDOM_UNITS, run = dice % (groups ? groups : 1) * RANDOM_UNITS + nth;
        if (dice >> 40 & 1)
                buf_printf(b, "\"https://demo.suyuan.example/unit/v%02u/C%" PRIu64 "\"", (unsigned)(run % VOLUME_FARMS), run * 8 + (dice >> 41) % 8);
        else
                buf_printf(b, "\"https://demo.suyuan.example/item/v%02u/B%" PRIu64 "\"", (unsigned)(run % VOLUME_FARMS), run * 40 + (dice >> 41) % 40);
}

void volume_document_shuffled(struct buf *out, uint64_t seed, uint64_t first, unsigned n, uint64_t known)
{
        open_document(out);
        for (unsigned i = 0; i < n; i++) {
                struct place p = place_of(seed, first + i);
                p.time_us = 1577836800000000 + (int64_t)(p.dice % (365ull * 86400 * 1000000));
                buf_z(out, i ? ",{" : "{");
                write_head(out, &p, "ObjectEvent", "inspecting");
                buf_z(out, "\"action\":\"OBSERVE\",\"epcList\":[");
                for (unsigned k = 0; k < RANDOM_UNITS; k++) {
                        buf_z(out, k ? "," : "");
                        write_random_unit(out, mix(p.dice + k + 1), k, known);
                }
                buf_z(out, "],");
                write_field_notes(out, &p);
                buf_char(out, '}');
        }
        buf_z(out, "]}}");
}
