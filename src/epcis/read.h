#ifndef SUYUAN_EPCIS_READ_H
#define SUYUAN_EPCIS_READ_H

#include "epcis/event.h"
#include "base/err.h"

/* Reads EPCIS 2.0 JSON/JSON-LD: an EPCISDocument, an EPCISQueryDocument or a bare event, and tells
 * everything that is wrong with it, not only the first thing. */

enum fault_code {
#define FAULT_CODE(name, slug, severity, about) CODE_##name,
#include "epcis/faults.def"
#undef FAULT_CODE
        FAULT_CODES
};

enum fault_severity {
        FAULT_REFUSED,          /* the standard's JSON schema refuses it: the event is not taken */
        FAULT_FINDING           /* a rule beyond the schema: taken, and said so */
};

struct fault {
        enum fault_severity severity;
        const char *code;       /* stable slug of faults.def: "missing-member", "not-in-list", "check-digit" … */
        struct str pointer;     /* JSON Pointer within the body as sent; of a missing member, the object it is missing in */
        struct str message;     /* English, says what to do */
        int32_t event;          /* index in eventList, -1 for the document itself */
};

struct faults {
        struct fault *list;     /* in the arena; by event, within one what is refused before check digits of items */
        size_t n, cap;
        size_t refused;         /* how many are FAULT_REFUSED (also those beyond LIMIT_FAULTS) */
        size_t findings;
        size_t dropped;         /* not in the list because of LIMIT_FAULTS */
};

/* Adds one to a list that belongs to no document (an act, a thing): bounded by LIMIT_FAULTS, `event` is -1. */
void faults_tell(struct arena *a, struct faults *f, enum fault_code code, struct str pointer, const char *fmt, ...)
        __attribute__((format(printf, 5, 6)));

enum document_kind { DOCUMENT_CAPTURE, DOCUMENT_QUERY, DOCUMENT_BARE_EVENT };

/* An element of epcisHeader.epcisMasterData. */
struct master_element {
        struct str type;        /* urn:epcglobal:epcis:vtype:… or URI, as sent */
        struct str canonical;   /* of its id */
        const struct json *json;/* the element as sent */
};

struct document {
        enum document_kind kind;
        const struct json *json;
        struct str context_json;        /* compact JSON of the top @context, "" when absent */
        struct event *events;           /* every event of the list, also refused ones (`refused[i]`) */
        bool *refused;
        size_t n_events;
        const struct master_element *master;
        size_t n_master;
        struct faults faults;
};

/* 0 with `*ret` for anything that is JSON and some EPCIS form, however faulty: look at ret->faults.
 * -1 with `reterr` when it is no JSON (ERR_BAD_JSON), no EPCIS document at all or past a limit
 * (ERR_BAD_EVENT, ERR_TOO_LARGE). */
int document_read(struct arena *a, const char *bytes, size_t n, const struct origins *own,
                  struct document **ret, struct err *reterr);

/* The same for one event that stood in the store: body and context text as they were kept.  No checks. */
int event_reread(struct arena *a, struct str body, struct str context_json, const struct origins *own,
                 struct event *ret, struct err *reterr);

#endif
