#include "epcis/digest.h"

static void put_text(struct buf *b, bool *more, const char *name, struct str value)
{
        if (*more)
                buf_char(b, ',');
        *more = true;
        json_write_name(b, name);
        json_write_str(b, value);
}

void event_write(struct buf *b, const struct event *e, int64_t record_time_us, struct str event_id)
{
        struct arena *a = arena_new();
        bool more = false;

        buf_char(b, '{');
        for (uint32_t i = 0; json_is(e->json, JSON_OBJECT) && i < e->json->n; i++) {
                const struct json_member *m = &e->json->members[i];

                if (str_eq(m->name, STR("recordTime")))
                        continue;
                if (more)
                        buf_char(b, ',');
                more = true;
                json_write_str(b, m->name);
                buf_char(b, ':');
                json_write(b, &m->value);
        }
        put_text(b, &more, "recordTime", stamp_utc(a, record_time_us));
        if (!e->event_id.n && event_id.n)
                put_text(b, &more, "eventID", event_id);
        buf_char(b, '}');
        arena_free(a);
}
