#ifndef SUYUAN_HTTP_HTTP_H
#define SUYUAN_HTTP_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/lang.h"
#include "base/str.h"

/* HTTP/1.1 over libmicrohttpd: request, route, reply, problem.  Knows no event.
 *
 * Threads.  A quick route (`inline_ok`) is answered on the network thread and may not block: no
 * database, no file.  Every other handler runs on a worker while its connection is suspended, and may either answer at once or
 * keep the exchange and answer later, from any thread, with exchange_answer.  Long work (`bulk`) has workers of its own. */
struct http;                    /* a running server */
struct exchange;                /* one request and its answer; owns an arena */

enum method { METHOD_GET = 1, METHOD_HEAD = 2, METHOD_POST = 4, METHOD_PUT = 8, METHOD_DELETE = 16, METHOD_OPTIONS = 32 };

struct request {
        struct arena *arena;
        enum method method;
        struct str target;      /* as sent, with the query */
        struct str path;        /* as sent, not decoded */
        struct str query;
        struct str body;
        struct str host;
        char id[24];            /* request id: in the log, in problems (`instance`), in X-Request-Id */
        enum lang lang;         /* of ?l= and Accept-Language */
        struct str rest;        /* what a route's pattern left open: "/epcis/events/" + rest, percent-decoded not */
        bool local;             /* came over the Unix socket: the data directory's owner */
        char peer[48];          /* the address at the other end of the connection, "127.0.0.1", "::1"; "" when there is none */
        const void *caller;     /* who asks: admission sets it, http knows no more */
        struct exchange *exchange;
};
struct str request_header(const struct request *q, const char *name);
/* A decoded query parameter: 1 found, 0 absent, -1 broken escape.  A '+' stays a '+' (RFC 3986): times and lot codes hold it. */
int request_param(const struct request *q, const char *name, struct str *ret);
/* Which of `types` the asker likes best by Accept (RFC 9110 §12.5.1): its index; the first of the list on a tie or
 * without Accept; -1 when none will do. */
int request_prefers(const struct request *q, const char *const *types, size_t n);
/* The asker takes gzip (RFC 9110 §12.5.3): named with a weight above 0, or meant by "*", and not liked less than the bytes as they are. */
bool request_takes_gzip(const struct request *q);
/* If-None-Match names `etag` (quoted, strong): a list, compared weakly (RFC 9110 §13.1.2), for a tag is weakened where bytes are packed; "*" is whatever stands here. */
bool request_knows(const struct request *q, const char *etag);
/* Content-Type without its parameters is `type`; a charset parameter, where given, is UTF-8. */
bool request_media_is(const struct request *q, const char *type);
/* The body has been read into something else: gives its memory back early.  q->body is empty afterwards. */
void request_drop_body(struct request *q);
/* The methods of the resource, "GET, HEAD, OPTIONS": what Allow says. For routes that answer OPTIONS by themselves. */
const char *request_allow(const struct request *q);

struct reply {
        int status;
        const char *content_type;
        struct str body;                /* in the exchange's arena, static, or `shared` */
        struct reply_header { const char *name; const char *value; } headers[16];
        size_t n_headers;
        /* Counted bytes, for cached pages; NULL otherwise.  The reply's own reference: http gives it back when the answer has left. */
        struct shared_body *shared;
        int fd;                         /* file body when > 0: closed by http; so many bytes from `fd_at` on */
        int64_t fd_size, fd_at;
};
void reply_header(struct reply *r, const char *name, const char *value);  /* value must live in the arena or be static */

/* Bytes shared by many replies at once (a cached page).  All of them bear the same status and headers: what the first one bore is
 * kept in the form in which it is sent.  They bear X-Request-Id only where the asker named one. */
struct shared_body;
struct shared_body *shared_body_new(const void *p, size_t n);   /* copies; one reference */
struct shared_body *shared_body_ref(struct shared_body *s);
void shared_body_unref(struct shared_body *s);

/* Says the answer.  Exactly once an exchange; any thread.
 *
 * Packed answers.  A 200 to GET or HEAD of at least 1 KiB in JSON (any +json), CSV, plain text or XML goes out as gzip where the asker takes it, packed here, at
 * zlib's quickest level, up to LIMIT_PACKED_BYTES (128 KiB on a network thread); handlers know nothing of it.  Such answers, packed or not, and their 304 say
 * `Vary: Accept-Encoding`, and their ETag is weak.  Never packed: what has a Content-Encoding already, files and `shared` bytes, pages, event streams,
 * answers to what changes something (a login, a new key, a device's new secret), and routes that say `unpacked`. */
void exchange_answer(struct exchange *x, const struct reply *r);
/* An RFC 9457 problem (application/problem+json), or an HTML page of the same slug for people.  `extra`: further JSON members
 * (`"errors":[…]`) without the outer braces, or NULL. */
void exchange_problem(struct exchange *x, const struct err *e, const struct buf *extra);

/* The same with headers of the caller's, as reply_header takes them. */
void exchange_problem_with(struct exchange *x, const struct err *e, const struct buf *extra, const struct reply_header *headers, size_t n);

/* One row of a route table. */
struct route {
        /* METHOD_… ored.  HEAD comes with GET (q->method says HEAD, the body is left out below).  OPTIONS is answered with
         * 204 and Allow by itself, unless a row of the resource names METHOD_OPTIONS. */
        unsigned methods;
        /* "/epcis/capture", or "/epcis/events/" + "*" at the end for `rest`.  The first row that fits a path names the resource;
         * rows with the same pattern are its other methods. */
        const char *pattern;
        const char *name;               /* for the log and /metrics */
        int needs;                      /* what admission looks at (enum permission of access/); 0: the administrator alone */
        bool inline_ok;                 /* on the network thread */
        bool bulk;                      /* long work: on workers of its own, which give way to those that answer people (base/background.h) */
        /* Its answers are never packed.  For every route that may be read with GET and tells of sessions, keys or credentials: where a secret stands beside what the asker
         * (or a page that makes a browser ask) chose, the length of the packed bytes tells the secret letter by letter (BREACH).  And for cached pages. */
        bool unpacked;
        size_t max_body;                /* 0: none is looked at; what comes is thrown away */
        void (*handle)(struct request *q, void *app);
        /* Optional first try of a route that is not inline_ok, for GET and HEAD: called on the network thread
         * after admit, may not block (no database, no file).  True: it has answered with exchange_answer and
         * `handle` is not called.  False: it has answered nothing and left nothing behind; `handle` runs on a worker. */
        bool (*quick)(struct request *q, void *app);
};

struct http_options {
        const char *listen;             /* "127.0.0.1:8080", "[::1]:0" */
        const char *unix_socket;        /* path or NULL */
        int threads, workers;           /* so many workers for bulk too */
        const struct route *const *routes;
        size_t n_routes;
        void *app;                      /* handed to every handler */
        /* Called on the network thread before any route and before a body is read; `route` is NULL where none fits.
         * -1 with `reterr` refuses (foreign Host, no account).  NULL admits everyone. */
        int (*admit)(struct request *q, const struct route *route, void *app, struct err *reterr);
        /* Told of each 403 that a handler itself gives (admission knows of its own), on the handler's thread, before the answer. NULL: nobody is. */
        void (*forbidden)(const struct request *q, const struct route *route, void *app);
        /* Where no route fits: the consumer's pages, whose addresses are the items' own. NULL: 404. */
        const struct route *fallback;
        /* A slow sender is cut: a request's head must be there `head_ms` after its connection opened or the last answer left, and
         * a body must keep coming; an idle connection ends after `idle_ms`.  0: the defaults, 30 s each. */
        int head_ms, idle_ms;
        size_t max_body;                /* 0: LIMIT_BODY_BYTES.  Above every route's */
        bool quiet;                     /* no log line a request: for tests and the fuzzer */
};

int http_start(const struct http_options *o, struct http **ret, struct err *reterr);
const char *http_address(const struct http *h);         /* "http://127.0.0.1:41234" as bound */
/* Takes no new connections, lets what is under way finish, ends.  Requests that are still being sent, and answers still being
 * taken, get `grace_ms`; a handler that runs is always waited for, since its memory is the exchange's. */
void http_stop(struct http *h, int grace_ms);
/* Prometheus text of the server that answers `q`: requests by route and status, latency, what is under way. */
void http_metrics(const struct request *q, struct buf *out);

/* ---- without sockets: the same checks, routes and handlers on an exchange in memory, for tests and the fuzzer ---- */
struct loopback;
struct loopback_header { const char *name, *value; };
struct loopback_request {
        const char *method;             /* NULL: GET */
        struct str target;
        const struct loopback_header *headers;  /* Host is 127.0.0.1 unless given */
        size_t n_headers;
        struct str body;
        bool local;
        const char *peer;               /* NULL: "127.0.0.1" */
};
struct loopback_reply {
        int status;
        struct str content_type, body;  /* in the caller's arena; a file's bytes too */
        const struct loopback_header *headers;
        size_t n_headers;
};
struct loopback *loopback_new(const struct http_options *o);
/* Waits for the answer, also when it comes from another thread. */
void loopback_ask(struct loopback *l, struct arena *a, const struct loopback_request *in, struct loopback_reply *ret);
const char *loopback_header(const struct loopback_reply *r, const char *name);  /* NULL when absent */
void loopback_free(struct loopback *l);

#endif
