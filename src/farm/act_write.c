#include "farm/act_write.h"

/* What belongs to any act: where, what was seen, by which clock. */

void put_name(struct buf *b, const char *name)
{
        if (b->n && b->p[b->n - 1] != '{')
                buf_char(b, ',');
        json_write_name(b, name);
}

void put_member(struct buf *b, const char *name, struct str text)
{
        put_name(b, name);
        json_write_str(b, text);
}

struct str own_uri(struct arena *a, struct str path, const struct origins *own)
{
        return own && own->n ? arena_printf(a, "%.*s%.*s", STR_ARG(own->list[0]), STR_ARG(path)) : path;
}

static void put_number(struct buf *b, struct arena *a, const char *name, const struct json *v)
{
        struct decimal d;
        if (!number_of(v, &d))
                return;
        put_name(b, name);
        buf_str(b, decimal_text(a, d));
}

static void put_time(struct buf *b, struct arena *a, const char *name, const struct json *v)
{
        struct stamp t;
        if (v && time_of(v, &t))
                put_member(b, name, stamp_utc(a, t.us));
}

void put_position(struct buf *b, struct arena *a, const char *member, const struct json *v)
{
        struct decimal lat, lon;
        if (!number_of(json_get(v, "lat"), &lat) || !number_of(json_get(v, "lon"), &lon))
                return;
        put_name(b, member);
        buf_printf(b, "{\"suyuan:latitude\":%.*s", STR_ARG(decimal_text(a, lat)));
        put_number(b, a, "suyuan:longitude", json_get(v, "lon"));
        put_number(b, a, "suyuan:accuracyM", json_get(v, "accuracyM"));
        buf_char(b, '}');
}

static void put_file(struct buf *b, struct arena *a, const struct json *v)
{
        struct str kind = json_str(v, "kind"), type = json_str(v, "mediaType");
        bool sound = str_starts(type, STR("audio/")), picture = !type.n || str_starts(type, STR("image/"));
        buf_z(b, "{\"id\":");
        json_write_str(b, evidence_id(a, v));
        put_member(b, "suyuan:kind", kind.n ? kind : sound ? STR("audio") : picture ? STR("photo") : STR("file"));
        if (type.n)
                put_member(b, "suyuan:mediaType", type);
        put_number(b, a, "suyuan:bytes", json_get(v, "bytes"));
        put_time(b, a, "suyuan:takenAt", json_get(v, "takenAt"));
        put_position(b, a, "suyuan:position", json_get(v, "position"));
        buf_char(b, '}');
}

void put_evidence(struct buf *b, struct arena *a, const struct json *list)
{
        if (!json_is(list, JSON_ARRAY) || !list->n)
                return;
        put_name(b, "suyuan:evidence");
        buf_char(b, '[');
        for (uint32_t i = 0; i < list->n; i++) {
                buf_z(b, i ? "," : "");
                put_file(b, a, &list->items[i]);
        }
        buf_char(b, ']');
}

void put_clock(struct buf *b, struct arena *a, const struct json *v, const char *grade)
{
        if (!json_is(v, JSON_OBJECT) || !grade)
                return;
        put_name(b, "suyuan:clock");
        buf_printf(b, "{\"suyuan:grade\":\"%s\"", grade);
        put_time(b, a, "suyuan:deviceTime", json_get(v, "deviceTime"));
        put_number(b, a, "suyuan:uptimeMs", json_get(v, "uptimeMs"));
        put_time(b, a, "suyuan:serverTime", json_get(v, "serverTime"));
        put_number(b, a, "suyuan:serverUptimeMs", json_get(v, "serverUptimeMs"));
        put_number(b, a, "suyuan:offsetMs", json_get(v, "offsetMs"));
        buf_char(b, '}');
}
