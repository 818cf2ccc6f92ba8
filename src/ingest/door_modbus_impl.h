#ifndef SUYUAN_INGEST_DOOR_MODBUS_IMPL_H
#define SUYUAN_INGEST_DOOR_MODBUS_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "ingest/collector.h"
#include "ingest/modbus_plan.h"

/* For door_modbus.c, modbus_link.c, modbus_kept.c.  A link is a connection to one address; devices behind one gateway take turns on it, others wait for nobody. */
struct polled {
        struct polled *next;            /* on its link */
        struct arena *arena;
        struct str id, model, detail;
        struct modbus_plan plan;
        int64_t due_us;                 /* monotonic */
        int failures;
        bool listed;                    /* in the newest list of devices */
        struct reading *said;           /* of the round that is under way */
        size_t n_said;
};

struct modbus_link {
        struct modbus_link *next;
        struct door_modbus *door;
        char host[64];
        uint16_t port;
        enum modbus_framing framing;
        int fd;
        bool connecting, asked;
        int64_t until_us;               /* of what is under way */
        struct polled *devices, *current;
        size_t block;
        struct modbus_ask ask;
        size_t n;
        uint8_t in[2 * MODBUS_ANSWER_BYTES];
};

/* Polled messages that the server has not kept yet.  Outlives the door while somebody has something to tell. */
struct kept_box;
struct kept_box *kept_new(struct collector *c);
void kept_close(struct kept_box *x);
/* Hands over, and again until it is durable or refused; copies. */
void kept_give(struct kept_box *x, const struct reading *r, size_t n);
void kept_again(struct kept_box *x);    /* from time to time */

struct door_modbus {
        struct collector *c;
        const char *const *allow;       /* the operator's; closed addresses are not asked but for these */
        size_t n_allow;
        int epoll_fd, stop_fd;
        pthread_t thread;
        atomic_bool stop;
        struct modbus_link *links;
        const struct device_list *list;
        struct kept_box *kept;
};

/* Does what is due on a link, and tells when it wants to be looked at again (monotonic). */
int64_t modbus_link_step(struct modbus_link *l, int64_t now_us);
void modbus_link_event(struct modbus_link *l, uint32_t events, int64_t now_us);
void modbus_link_close(struct modbus_link *l);

#endif
