#ifndef SUYUAN_INGEST_DOOR_HJ212_IMPL_H
#define SUYUAN_INGEST_DOOR_HJ212_IMPL_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "ingest/collector.h"
#include "ingest/hj212.h"
#include "ingest/mapping.h"

/* For door_hj212*.c.  One thread owns every connection; the collector's thread only leaves word in the inbox. */
enum { HJ212_IN = 4096 };       /* more than the largest frame */

/* What was told, on its way to the door's thread.  Outlives the door when somebody still has something to tell. */
struct inbox {
        pthread_mutex_t lock;
        int fd;                 /* eventfd: there is something */
        struct hand *first, **last;
        bool closed;
        size_t out;             /* hands that were not told yet */
};
struct hand {
        struct hand *next;
        struct inbox *inbox;
        uint32_t slot, generation;
        enum told told;
        bool keep;              /* the answer waits for the next part */
        size_t n, n_refusal;
        char answer[];          /* and, behind it, what is said instead where it is refused */
};
struct inbox *inbox_new(void);
void inbox_close(struct inbox *x);
void inbox_tell(void *hand, enum told what);    /* collector_told */
struct hand *inbox_take(struct inbox *x);       /* all that there is, as a list */
struct hand *hand_new(struct inbox *x, struct str answer, struct str refusal);
void hand_back(struct hand *h);                 /* it was not taken */

struct conn {
        struct door_hj212 *door;
        int fd;
        uint32_t slot, generation, listening;   /* listening: epoll's events */
        struct sockaddr_storage address;
        char from[64];
        int64_t opened_us, active_us, hold_us;  /* hold_us: reads nothing until then; 0: reads */
        int64_t unknown_us;                     /* since when who it says it is waits for a fresh list of devices; 0: not */
        double tokens;                          /* frames that it may send at once */
        int64_t tokens_us;
        int refusals, bad_frames, waiting;
        bool known, skipping, closing;          /* closing: once what is to be sent is sent */
        size_t in_n;
        char in[HJ212_IN];
        struct buf out, owed;
        struct hj212_parts parts;
        /* who spoke last, so that a secret is hashed once a connection */
        char mn[65], pw[65], id[65], secret[256];
        struct arena *described;                /* of the mapping */
        struct str detail;
        const struct mapping *mapping;
};

/* Wrong passwords of one address for one device; few share a place, and then share their patience. */
enum { HJ212_TRIES = 1024 };
struct tries { uint64_t key; int n; int64_t until_us; };

struct door_hj212 {
        struct collector *c;
        int listen_fd, epoll_fd, stop_fd;
        char address[80];
        pthread_t thread;
        atomic_bool stop;
        struct inbox *inbox;
        struct conn *conns[LIMIT_HJ212_CONNECTIONS];
        uint32_t n, top, generation;            /* top: no slot is taken from there on */
        atomic_llong login_us, idle_us;         /* LIMIT_HJ212_LOGIN_S, LIMIT_HJ212_IDLE_S; a test has less patience */
        bool deaf;                              /* does not accept for a moment */
        bool held;                              /* some connection is not read for a moment */
        int64_t refused_us;
        struct arena *scratch;                  /* of one frame */
        struct tries tries[HJ212_TRIES];
};

/* Handles the frames that have come in, until they are spent or the connection must wait. */
void conn_frames(struct conn *x, int64_t now_us);
/* Appends to what is to be sent, and sends what goes. */
void conn_send(struct conn *x, struct str bytes);

#endif
