#ifndef SUYUAN_API_API_IMPL_H
#define SUYUAN_API_API_IMPL_H

#include "access/access.h"
#include "epcis/read.h"
#include "epcis/translate.h"
#include "farm/thing.h"
#include "http/http.h"
#include "ledger/service.h"
#include "query/run.h"
#include "store/queries.h"

/* What several resources do alike. */

/* The route's declaration for the compiler; its users are routes.def. */
#define ROUTE(symbol) extern const struct route symbol;
#include "api/routes.def"
#undef ROUTE

/* Nothing that is answered from one request or one read comes near this. */
enum { ANSWER_BYTES_MAX = 1024 * 1024 * 1024 };

/* The EPCIS versions this server speaks, on every answer of the EPCIS binding. */
void epcis_headers(struct reply *r);
/* The same, and the rest of what OPTIONS tells of a resource; `allow` NULL: the methods of the pattern. */
void epcis_options_headers(struct request *q, struct reply *r, const char *allow);
/* The versions that the request names and accepts can be met: 0, or a 400 or 406 in `reterr`. */
int epcis_versions(const struct request *q, struct err *reterr);
/* "application/json" or "application/ld+json", as the asker likes; NULL with a 406 in `reterr`, also when
 * the versions cannot be met. */
const char *epcis_type(const struct request *q, struct err *reterr);
/* The body's media type is JSON or JSON-LD: 0, or a 415 in `reterr`. */
int epcis_body(const struct request *q, struct err *reterr);
/* A document as sent: media types, reading.  -1 with `reterr`. */
int epcis_read(struct request *q, const struct service *v, const char **ret_type, struct document **ret, struct err *reterr);
/* 400 with all faults: nothing was stored.  The second is of a list that belongs to no document. */
void answer_list_of_faults(struct request *q, const struct faults *f);
void answer_faults(struct request *q, const struct document *d);

/* The same for events that the ledger refused; false when there is none. */
bool answer_refused(struct request *q, const struct ledger_job *job);

/* `"name":[{"code","pointer","detail","event"?}…]` of one severity. */
/* `,"notUnderstood":[pointer…]` of members that were kept and that nothing is done with; nothing where there are none. */
void write_not_understood(struct buf *b, const struct faults *f);
void write_faults(struct buf *b, const char *name, const struct faults *f, enum fault_severity severity);

/* ---- events as an answer ---- */
struct told_event {
        struct event event;
        struct str context;             /* JSON text of its document's @context, "" when it had none */
        int64_t record_us;
        struct str event_id;
        /* As it stands in the store, with `event` left empty: nothing in it is to change but what the record adds. */
        struct str body;
        bool event_id_given_here;
};
struct told_events { struct told_event *list; size_t n; };
/* The spelling of identifiers that the request asks for; 406. */
int epc_format_asked(const struct request *q, enum epc_format *ret, struct err *reterr);
void epc_format_header(struct reply *r, enum epc_format f);
void translate_events(struct request *q, const struct service *v, enum epc_format f, struct told_events *events);
/* An EPCISQueryDocument of these events. */
void query_document(struct buf *b, struct arena *a, const struct told_events *f, const char *query_name);
/* Runs the query over what the asker sees and answers one page: perPage and nextPageToken are the request's. */
void events_answer(struct request *q, const struct service *v, struct query *query, const char *query_name);
/* The organisation's query of this name, or the standard's SimpleEventQuery; ERR_NO_SUCH_NAME. */
int query_of_name(struct request *q, const struct service *v, struct str name, struct named_query *ret, struct err *reterr);
bool query_is_predefined(struct str name);
/* A kept query's text, read. */
int query_of_text(struct request *q, const struct service *v, struct str text, struct query **ret, struct err *reterr);
/* New events have no first hundred and no order of their own; ERR_NO_SUBSCRIPTION. */
int query_may_follow(const struct query *query, struct err *reterr);
/* /epcis/queries/{name}/subscriptions and what follows it. */
int subscriptions_act(struct request *q, const struct service *v, const struct named_query *query, struct str rest, const char *type, struct err *reterr);
/* The asker is an EventSource; and what it is answered, when there is something. */
bool stream_asked(const struct request *q);
/* Answers a stream's asker whom a failure of ours (ERR_STORE) struck; false: an exchange_problem will do. */
bool stream_failed(struct request *q, const struct err *e);
int stream_begin(struct request *q, const struct service *v, const struct query *query, struct str name, struct err *reterr);
/* The prefixes that GS1-Extensions declares. */
int query_names_of(struct request *q, struct query_names *ret, struct err *reterr);
/* The query that the URL asks. */
int events_query(struct request *q, const struct service *v, struct query **ret, struct err *reterr);
/* How many a page holds: perPage of the request, at most `most`. */
int page_size(const struct request *q, int64_t most, int *ret, struct err *reterr);
/* Link: <this request with that token>; rel="next". */
const char *next_link(const struct request *q, struct str token);
/* The same where the place to go on from is another parameter; `token` as it may stand in a URL. */
const char *next_link_by(const struct request *q, const char *name, struct str token);

/* "{org}/{code}…" of a path: decoded, the code what follows up to the next slash, `ret_rest` what is left behind that.  The organisation is one whose things the
 * asker may write (`write`) or read; 0 with `reterr`. */
int64_t path_org(struct request *q, const struct service *v, bool write, struct str *ret_code, struct str *ret_rest, struct err *reterr);

/* ---- things (docs/ref/things.md) ---- */
/* The kind that /api/{kind}s… names; 0: none. */
enum thing_kind things_kind(const struct request *q);
/* Code and organisation's code may stand in a thing's URI; ERR_BAD_IDENTIFIER. */
int things_code(struct str org, struct str code, struct err *reterr);
/* What the server adds to a body it tells is taken away again; a code or org that says something else than the path is a fault. */
const struct json *things_bare(struct request *q, const struct json *body, struct str org, struct str code, struct faults *f);
/* States them all in one document, durable and followed when it returns 0. */
int things_state(struct request *q, const struct service *v, int64_t org, enum thing_kind k, const struct thing_statement *list, size_t n, struct err *reterr);

/* What GET /api/seasons/{org}/{code}/advice answers (api_advice.c): `org` may be seen by the asker. */
/* GET /api/seasons/{org}/{code}/record-book.pdf */
void season_record_book(struct request *q, const struct service *v, int64_t org, struct str code);
void season_advice(struct request *q, const struct service *v, int64_t org, struct str code);

/* 200 with the buffer's bytes, which go over to the exchange; b is empty afterwards.  An overflow is a 413 that says `what`. */
void answer_buf(struct request *q, int status, const char *type, struct buf *b, const char *what);
void reply_take(struct request *q, struct reply *r, struct buf *b);     /* the same for a reply that is not sent yet */
/* A query parameter that is a whole number within bounds; `otherwise` when absent. */
int number_param(const struct request *q, const char *name, int64_t low, int64_t high, int64_t otherwise, int64_t *ret, struct err *reterr);

#endif
