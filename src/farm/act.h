#ifndef SUYUAN_FARM_ACT_H
#define SUYUAN_FARM_ACT_H

#include "base/buf.h"
#include "base/digest.h"
#include "base/lang.h"
#include "epcis/read.h"
#include "farm/thing.h"

/* What people do on a farm, each described once in farm/acts.def: the form on the phone and on the desk, the checking and the event come from
 * the same lines.  Pure. */

/* The numbers are stored (season_act.act): append only. */
enum act {
        ACT_OTHER = 0, ACT_SOW, ACT_TRANSPLANT, ACT_FERTILISE, ACT_SPRAY, ACT_IRRIGATE, ACT_WEED, ACT_PRUNE, ACT_GROWTH, ACT_HARVEST,
        ACT_SORT, ACT_MILL, ACT_DRY, ACT_PACK, ACT_AGGREGATE, ACT_RECEIVE_INPUT, ACT_STOCKTAKE, ACT_DESTROY_INPUT, ACT_RETURN_INPUT, ACT_CLEAR,
        ACTS
};
const char *act_name(enum act k);               /* "receive-input" */
enum act act_of_name(struct str name);          /* ACT_OTHER: none */

/* The answer of GET /api/acts/kinds: [{"act", "title": {zh-Hans, zh-Hant, en}, "subject": "season"|"place"|"lots", "fields": [{"name", "type", "required",
 * "label": {…}, "units": […]?, "options": [{"value", "label"}]?, "default"?}…]}…]. */
void act_kinds_json(struct buf *out);

/* What the act needs to know of the farm to become an event; found by the caller (daybook). */
struct act_surroundings {
        struct str org;                         /* code */
        const struct origins *own;
        struct str place;                       /* canonical of the plot or store, of the season or as sent */
        struct str crop, variety;
        const struct input_facts *input;        /* of `product` (acts on inputs), NULL: unknown code */
        struct str lot;                         /* canonical: of the input that is used, chosen where the act names none; empty: none known */
        struct str lot_prefix;                  /* canonical prefix of lots of the product that comes out: "/lot/guyu/", "/01/…/10/" */
        const char *clock_grade;                /* "synced" …; NULL: the act has no clock */
        int64_t now_us;
};
/* An act as sent, judged against its description alone; `ret_at` is its time.  All faults at once. */
struct act_form {
        enum act act;
        const struct json *json;                /* as sent */
        struct str id, event_id;                /* event_id: urn:uuid:… */
        struct str season_org, season, place, product, lot, corrects;   /* codes as sent; empty: not named.  product: the input's or product's code */
        struct stamp at;
        struct hash digest;                     /* of the form in canonical JSON (RFC 8785): suyuan:form */
};
int act_read(struct arena *a, const struct json *body, struct str org, struct act_form *ret, struct faults *f);
/* The EPCISDocument with the one event (or, with `corrects`, the event and the error declaration). */
void act_document(struct buf *out, struct arena *a, const struct act_form *form, const struct act_surroundings *s);

/* The clock of a phone against the server's (MODEL.md §4): `clock: {deviceTime, uptimeMs, serverTime?, serverUptimeMs?, offsetMs?}`.
 * "synced", "plausible", "unproven", "impossible". */
const char *act_clock_grade(const struct json *clock, struct stamp at, int64_t now_us);

#endif
