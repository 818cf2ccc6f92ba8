#ifndef SUYUAN_FARM_ACT_H
#define SUYUAN_FARM_ACT_H

#include "base/buf.h"
#include "base/digest.h"
#include "base/lang.h"
#include "epcis/read.h"
#include "farm/thing.h"

/* What people do on a farm, each described once in farm/acts.def: the form on the phone and on the desk, the checking and the event come from
 * the same lines.  Pure. */

enum act {
        ACT_OTHER = 0,
#define ACT(symbol, number, ...) ACT_##symbol = number,
#include "farm/acts.def"
        ACTS
};
const char *act_name(enum act k);               /* "receive-input" */
struct str act_title(enum act k, enum lang l);    /* "打药" */
enum act act_of_name(struct str name);          /* ACT_OTHER: none */

/* The answer of GET /api/acts/kinds: [{"act", "title": {zh-Hans, zh-Hant, en}, "subject": "season"|"place"|"lots", "fields": [{"name", "type", "required",
 * "label": {…}, "units": […]?, "options": [{"value", "label"}]?, "default"?}…]}…]. */
void act_kinds_json(struct buf *out);

/* An act as sent, judged against its description alone; `ret->at` is its time.  All faults at once: 0 none, -1 some were added. */
/* A device's signature on a form (docs/design/farm.md): Ed25519 over "suyuan act signature v1\n" ‖ the form's digest, of 24 + 32 bytes. */
struct act_signature { uint8_t key[32], value[64]; };
struct act_form {
        enum act act;
        const struct json *json;                /* as sent */
        struct str id, event_id;                /* event_id: urn:uuid:… */
        struct str org;                         /* whose act it is: of its season, else as it says, else the caller's */
        struct str season, place, lot, corrects;        /* season: its code; the others as sent; empty: not named */
        struct str product;                     /* code of the input or product; empty: not named */
        const struct str *products;             /* all codes of products that the form names, also within its lots */
        size_t n_products;
        struct stamp at;
        struct hash digest;                     /* of the form in canonical JSON (RFC 8785) without its clock, which a phone tells anew with each try, and signature: suyuan:form */
        const struct act_signature *signature;  /* that holds; NULL: none.  Whether its key may sign is for who knows the keys */
};
int act_read(struct arena *a, const struct json *body, struct str org, struct act_form *ret, struct faults *f);
bool act_signature_holds(const struct act_signature *s, const struct hash *form_digest);
bool act_on_season(enum act k);                 /* it belongs to a season */
bool act_uses_input(enum act k);                /* its `product` is an input, not what is sold */
bool act_takes_stock(enum act k);               /* it takes from a lot that the store may choose */

/* What the act needs to know of the farm to become an event; found by the caller (daybook). */
struct act_good {
        struct str code, canonical;             /* of the product */
        struct str prefix;                      /* of its lots: "/lot/guyu/", "https://id.gs1.org/01/…/10/" */
        const struct json *body;                /* what was put of it, or NULL */
};
struct act_surroundings {
        const struct origins *own;
        struct str place;                       /* canonical of the plot or store, of the season or as sent; empty: not known */
        struct str crop, variety;               /* names */
        const struct input_facts *input;        /* of `product` (acts on inputs), NULL: unknown code */
        const struct json *input_body;          /* what was put of it, or NULL */
        struct str lot;                         /* canonical: of the input that is used, chosen where the act names none; empty: none known */
        const struct act_good *goods;           /* of form.products, those that are known */
        size_t n_goods;
        const char *clock_grade;                /* "synced" …; NULL: the act has no clock */
        int64_t now_us;
        struct str corrected, corrected_context;        /* with `corrects`: the earlier event as kept */
};
/* The EPCISDocument with the one event (or, with `corrects`, the event and the error declaration), and the names of the lots that come out of it. */
void act_document(struct buf *out, struct arena *a, const struct act_form *form, const struct act_surroundings *s);
/* A place, lot … as a form names it: a code, org/code, an address; canonical.  `word`: "place", "lot" … */
struct str act_reference(struct arena *a, const char *word, struct str org, struct str text, const struct origins *own);
/* A lot's name behind the prefix of its good.  Codes of our own begin with a letter: one that does not gets an L before it. */
struct str act_lot(struct arena *a, struct str prefix, struct str org, struct str text, const struct origins *own);

/* The clock of a phone against the server's (MODEL.md §4): `clock: {deviceTime, uptimeMs, serverTime?, serverUptimeMs?, offsetMs?}`.
 * "synced", "plausible", "unproven", "impossible". */
const char *act_clock_grade(const struct json *clock, struct stamp at, int64_t now_us);

#endif
