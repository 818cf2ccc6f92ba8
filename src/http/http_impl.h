#ifndef SUYUAN_HTTP_HTTP_IMPL_H
#define SUYUAN_HTTP_HTTP_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "http/http.h"

/* The inside of http/.  A `front` is everything that stands before the handlers and does not know how bytes travel: checks,
 * routes, problems, metrics.  A transport (server.c over libmicrohttpd, loopback.c in memory) feeds exchanges to
 * it and delivers their answers.
 *
 *   front_begin ──► front_body* ──► front_end ─┬─► answered on this thread
 *                                              └─► front_handle on a worker ──► exchange_answer, any thread
 */

struct metrics;

struct front {
        struct http_options o;
        struct metrics *metrics;
        char boot[9];                   /* makes request ids of two runs differ */
        _Atomic uint64_t counter;
        _Atomic int under_way;          /* exchanges between begin and done */
        _Atomic bool draining;          /* answers say Connection: close */
        /* Finished exchanges with their arenas' first blocks, for the next requests. */
        pthread_mutex_t spare_lock;
        pthread_cond_t idle;            /* told when nothing is under way any more while draining */
        struct exchange *spare;
        int n_spare;
};

struct header { struct str name, value; };

enum { HEADERS_MAX = 64, SPARE_EXCHANGES = 128, SPARE_BODY_BYTES = 64 * 1024 };

struct exchange {
        struct request q;               /* handlers see this */
        struct front *front;
        const struct route *route;      /* NULL: nothing fits */
        size_t route_number;            /* of its counters */
        char *allow;
        const char *method_name;        /* as sent, for the log */
        bool quick;                     /* answered by the route's quick try */

        struct header *headers;         /* point into the transport's memory, which outlives the exchange */
        size_t n_headers;
        struct buf body;
        size_t max_body, dropped;       /* bytes beyond the limit that were thrown away while the sender finishes */
        size_t came;                    /* bytes of the body in all, for the log */
        struct err refusal;             /* kind != 0: found before the handler's turn, answered instead of it */
        bool close;                     /* the connection ends after this answer */
        bool foreign_id;                /* q.id is the asker's */

        atomic_bool answered;           /* a second answer is a bug */
        int status;
        int64_t reply_bytes;
        int64_t start_us;
        /* Takes the answer to the asker.  The exchange may be gone when it returns. */
        void (*deliver)(struct exchange *x, const struct reply *r);
        /* the transport's own */
        void *transport;                /* the connection */
        void *response;                 /* the answer in its form */
        struct shared_body *shared;     /* whose that form is; NULL: this exchange's */
        bool begun, suspended;
        struct exchange *next;          /* in the queue of the workers, or among the spare */
};

/* front.c */
void front_init(struct front *f, const struct http_options *o);
void front_fini(struct front *f);
/* From now on every answer ends its connection.  Waits until nothing is under way, at most `ms`; true when so. */
bool front_drain(struct front *f, int ms);
struct exchange *exchange_new(struct front *f);
/* The answer has left (or never will): counts, logs, keeps the memory for the next. */
void exchange_done(struct exchange *x);
/* The head of a request is known: q.method, q.target, headers, q.local are set.  Finds the route, asks admission.
 * What is wrong goes to x->refusal; x->close tells that the rest of the request is not worth reading. */
void front_begin(struct exchange *x, const char *method, const char *version);
/* Some bytes of the body.  False: cut the connection. */
bool front_body(struct exchange *x, const void *p, size_t n);
/* The request is whole.  True: answered or being answered by this thread.  False: call front_handle on a worker. */
bool front_end(struct exchange *x);
void front_handle(struct exchange *x);
struct str header_find(const struct exchange *x, const char *name);

/* route.c */
void route_find(struct exchange *x, struct err *reterr);
enum method method_of(const char *name);        /* 0 when unknown */

/* reply.c: what every answer bears beside the handler's own headers. */
enum { REPLY_HEADERS_MAX = 32 };
size_t reply_all_headers(const struct exchange *x, const struct reply *r, struct reply_header *ret);
const void *shared_body_bytes(const struct shared_body *s, size_t *ret_n);
/* The transport's form of the reply that bears these bytes, made once.  From then on the bytes are
 * freed by the form's end, which calls shared_body_end; `unmake` is called when the last reference is gone. */
typedef void *(*make_form)(const struct exchange *x, const struct reply *r);
void *shared_body_form(const struct exchange *x, const struct reply *r, make_form make, void (*unmake)(void *form));
void shared_body_end(struct shared_body *s);
int64_t reply_size(const struct reply *r);

/* pack.c: the reply as it is to be sent: itself, or `mem` with what its negotiable coding asks for, packed or not; of the exchange's arena. */
const struct reply *reply_packed(struct exchange *x, const struct reply *r, struct reply *mem);

/* problem.c */
bool problem_for_people(const struct request *q);

/* metrics.c */
struct metrics *metrics_new(const struct http_options *o);
void metrics_free(struct metrics *m);
size_t metrics_route_number(const struct metrics *m, const struct http_options *o, const struct route *r);
void metrics_count(struct metrics *m, size_t route_number, int status, int64_t us);
void metrics_write(const struct metrics *m, int under_way, struct buf *out);

/* workers.c: a bounded queue and the threads that empty it. */
struct workers;
struct workers *workers_new(int threads, size_t max_queued, bool background);
bool workers_give(struct workers *w, struct exchange *x);       /* false: full */
void workers_free(struct workers *w);                           /* empties the queue first */

/* listen.c */
int listen_tcp(const char *address, int *ret_fd, char *ret_url, size_t url_size, struct err *reterr);
int listen_unix(const char *path, int *ret_fd, struct err *reterr);

/* watch.c: one thread that cuts connections whose time is over.  Under MHD the only clock is one of inactivity, which a
 * sender of one byte a second never meets. */
struct watch;
struct watched {
        int fd;
        _Atomic int64_t deadline_us;    /* monotonic; INT64_MAX: none */
        struct watched *prev, *next;
};
struct watch *watch_new(void);
void watch_add(struct watch *w, struct watched *c);
void watch_remove(struct watch *w, struct watched *c);  /* before the descriptor is closed */
void watch_free(struct watch *w);

#endif
