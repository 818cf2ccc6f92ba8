#include "api/api_impl.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "epcis/digest.h"

/* Events as an answer: an EPCISQueryDocument (EPCIS 2.0 §9.5).  Events come from documents with contexts of their own: where all share one
 * it is the document's, else each event brings its own. */

#define EPCIS_CONTEXT "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

static bool one_context(const struct told_events *f)
{
        for (size_t i = 1; i < f->n; i++)
                if (!str_eq(f->list[i].context, f->list[0].context))
                        return false;
        return f->n && f->list[0].context.n > 0;
}

/* The entries of a context, which is an array or a single one, without brackets. */
static void add_entries(struct buf *b, struct str context, bool *more)
{
        if (context.n >= 2 && context.p[0] == '[')
                context = (struct str){ context.p + 1, context.n - 2 };
        if (!context.n)
                return;
        if (*more)
                buf_char(b, ',');
        *more = true;
        buf_str(b, context);
}

/* An event that must bring its document's context itself: what it had of its own comes after, as it did there. */
static struct json with_context(struct arena *a, const struct told_event *rec)
{
        const struct json *json = rec->event.json, *own = json_get(json, "@context"), *context;
        struct json_member *members = arena_array(a, struct json_member, json->n + 1);
        struct buf text = { .max = ANSWER_BYTES_MAX }, own_text = { .max = ANSWER_BYTES_MAX };
        uint32_t n = 0;
        bool more = false;

        if (own)
                json_write(&own_text, own);
        buf_char(&text, '[');
        add_entries(&text, rec->context, &more);
        add_entries(&text, buf_view(&own_text), &more);
        buf_char(&text, ']');
        static const struct json_limits limits = { LIMIT_JSON_DEPTH + 2, LIMIT_JSON_NUMBER_BYTES, LIMIT_JSON_NODES };
        if (json_read(a, text.p, text.n, &limits, &context, NULL) == 0)
                members[n++] = (struct json_member){ STR("@context"), *context };
        for (uint32_t i = 0; i < json->n; i++)
                if (!str_is(json->members[i].name, "@context"))
                        members[n++] = json->members[i];
        buf_free(&text);
        buf_free(&own_text);
        return (struct json){ .kind = JSON_OBJECT, .n = n, .members = members };
}

/* The body as it was kept, and behind its members what the record adds. */
static void write_body(struct buf *b, struct arena *a, const struct told_event *rec)
{
        buf_str(b, (struct str){ rec->body.p, rec->body.n - 1 });
        buf_z(b, ",\"recordTime\":");
        json_write_str(b, stamp_utc(a, rec->record_us));
        if (rec->event_id_given_here) {
                buf_z(b, ",\"eventID\":");
                json_write_str(b, rec->event_id);
        }
        buf_char(b, '}');
}

static void write_record(struct buf *b, struct arena *a, const struct told_event *rec, bool shared)
{
        struct event e = rec->event;
        struct json whole;

        if (rec->body.n) {
                write_body(b, a, rec);
                return;
        }
        if (!shared && rec->context.n) {
                whole = with_context(a, rec);
                e.json = &whole;
        }
        event_write(b, &e, rec->record_us, rec->event_id);
}

void query_document(struct buf *b, struct arena *a, const struct told_events *f, const char *query_name)
{
        bool shared = one_context(f);

        buf_z(b, "{\"@context\":");
        if (shared)
                buf_str(b, f->list[0].context);
        else
                buf_z(b, "[\"" EPCIS_CONTEXT "\"]");
        buf_z(b, ",\"type\":\"EPCISQueryDocument\",\"schemaVersion\":\"2.0\",\"creationDate\":");
        json_write_str(b, stamp_utc(a, clock_now_us()));
        buf_z(b, ",\"epcisBody\":{\"queryResults\":{\"queryName\":");
        json_write_str(b, str_of(query_name));
        buf_z(b, ",\"resultsBody\":{\"eventList\":[");
        for (size_t i = 0; i < f->n; i++) {
                if (i)
                        buf_char(b, ',');
                write_record(b, a, &f->list[i], shared);
        }
        buf_z(b, "]}}}}\n");
}
