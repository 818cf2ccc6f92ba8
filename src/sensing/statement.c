#include "base/clock.h"
#include "farm/thing.h"
#include "sensing/sensing_impl.h"

/* What the record is told of devices: their descriptions as master data, and where they stand as AssociationEvents. */

enum { DOCUMENT_BYTES = 2 * 1024 * 1024 };

/* A code begins with a letter; an id need not (an MN is one). */
struct str device_code(struct arena *a, struct str id)
{
        return ident_check_code(id, NULL) == 0 ? id : arena_printf(a, "n-%.*s", STR_ARG(id));
}

/* ERR_INTERNAL where the document is not right: it is of our own making. */
static int record(struct sensing *g, struct request *q, int64_t org, struct buf *b, struct err *reterr)
{
        struct document *doc;
        int rc = document_read(q->arena, b->p, b->n, store_origins(g->store), &doc, reterr);
        buf_free(b);
        if (rc == 0 && doc->faults.refused)
                rc = err_set(reterr, ERR_INTERNAL, "the statement about a device is not valid: %.*s", (int)(doc->faults.list[0].message.n < 200 ? doc->faults.list[0].message.n : 200),
                             doc->faults.list[0].message.p);
        struct ledger_job job = { .org = org, .door = DOOR_FIELD, .actor = caller_of(q)->actor, .doc = rc == 0 ? doc : NULL, .arena = q->arena };
        return rc < 0 ? -1 : ledger_record(g->ledger, &job, reterr);
}

int device_state_thing(struct sensing *g, struct request *q, const struct device_row *d, struct err *reterr)
{
        struct buf b = { .max = DOCUMENT_BYTES };
        const struct json *body;
        if (json_read(q->arena, d->detail.p, d->detail.n, NULL, &body, reterr) < 0)
                return -1;
        thing_document(&b, q->arena, THING_DEVICE, store_org_code(g->store, q->arena, d->org), d->code, body, store_origins(g->store), clock_now_us());
        return record(g, q, d->org, &b, reterr);
}

/* ---- where they stand ---- */

bool sensing_place_is_uri(struct str s)
{
        return s.n && (s.p[0] == '/' || memchr(s.p, ':', s.n)) && !memchr(s.p, ' ', s.n);
}

static void write_move(struct buf *b, struct sensing *g, struct arena *a, const struct device_move *m, struct str time)
{
        const struct origins *own = store_origins(g->store);
        buf_z(b, "{\"type\":\"AssociationEvent\",\"eventTime\":");
        json_write_str(b, time);
        buf_printf(b, ",\"eventTimeZoneOffset\":\"+08:00\",\"action\":\"%s\",\"bizStep\":\"%s\",\"parentID\":", m->add ? "ADD" : "DELETE", m->add ? "installing" : "removing");
        json_write_str(b, ident_uri(a, m->place, own));
        buf_z(b, ",\"childEPCs\":[");
        json_write_str(b, ident_uri(a, sensing_canonical(g, a, m->device), own));
        buf_z(b, "]}");
}

int device_state_moves(struct sensing *g, struct request *q, const struct device_move *list, size_t n, struct err *reterr)
{
        struct buf b = { .max = DOCUMENT_BYTES };
        int64_t now = clock_now_us();
        size_t told = 0;
        buf_z(&b, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"],\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\",\"creationDate\":");
        json_write_str(&b, stamp_utc(q->arena, now));
        buf_z(&b, ",\"epcisBody\":{\"eventList\":[");
        for (size_t i = 0; i < n; i++) {
                if (!sensing_place_is_uri(list[i].place))
                        continue;
                buf_z(&b, told ? "," : "");
                write_move(&b, g, q->arena, &list[i], stamp_utc(q->arena, now + (int64_t)told++));
        }
        buf_z(&b, "]}}");
        if (told)
                return record(g, q, list[0].device->org, &b, reterr);
        buf_free(&b);
        return 0;
}
