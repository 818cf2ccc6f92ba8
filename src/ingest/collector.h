#ifndef SUYUAN_INGEST_COLLECTOR_H
#define SUYUAN_INGEST_COLLECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"
#include "series/batch.h"

/* The process `suyuan collect`: speaks the devices' protocols and hands what they say to the server; holds no database, no key of the log
 * and no reading that was acknowledged.  It may be killed at any moment: a device, or the broker, is answered only after the server
 * said that a reading is durable, and sends again what was not answered.
 *
 *   door (one file door_NAME.c, one line in doors.def)  ──reading──▶  collector: one batch in the making, one on its way  ──HTTP──▶  serve
 *                                    ◀──── told (durable, later, or refused) ────                     POST /api/collect/readings
 *
 * While one batch is on its way the next one gathers: at a slow disk batches grow, at a quick one readings wait for nobody. */
struct collector;

/* What goes over the line to serve (the Unix socket needs no key; elsewhere Authorization: Bearer KEY):
 *   POST /api/collect/readings      application/octet-stream: batch_bytes; 2xx once all of it is durable.  400, 413, 422: it is not what it should be, and never will be;
 *                                   whatever else, and silence: tried again
 *   POST /api/collect/notices       application/json: [{"what": "wrong-secret", "device", "from", "detail", "bytes": base64, "at": ms, "times": n}, …]
 *   GET  /api/collect/devices?since=MARK&page=N    204 while the mark is that one; else 200 {"mark": "…", "changed": [{"id", "org", "protocol", "model", "mn",
 *                                   "secret", "brokerHash", "detail": {…}, "maxPerMinute": n, "revoked": bool}, …], "gone": ["id", …], "whole"?: true, "more"?: true}: at most N
 *                                   since the mark; what is not there is left out.  `whole`: the mark is unknown, so this begins from nothing; `more`: ask again
 *                                   with the new mark.  Without `page`, as older collectors ask, all of them: {"mark", "devices": […]} */
struct known_device {           /* from GET /api/collect/devices */
        struct str id, org, protocol, model, mn;
        struct str secret;      /* "sha256:HEX(salt):HEX(SHA-256(salt ‖ secret))", or "": none */
        struct str broker_hash; /* of base/broker_hash.h, or "" */
        struct str detail;      /* its description as JSON: channels, registers, schedule */
        int64_t max_per_minute; /* readings; beyond it a device is throttled */
        bool revoked;
};

struct collect_options {
        const char *socket;     /* DIR/suyuan.sock, or NULL */
        const char *url;        /* of a server elsewhere, with `key`; or NULL */
        const char *key;
};
int collector_start(const struct collect_options *o, struct collector **ret, struct err *reterr);
/* The end has three steps: collector_drain takes nothing any more, hands over what there is, and returns within `ms` when every `told` has been called;
 * then the doors are stopped (they still answer what was told, and wait for nothing); then collector_stop. */
void collector_drain(struct collector *c, int ms);
void collector_stop(struct collector *c);       /* NULL is fine */

/* A door's handing over, any thread.  `told` is called once, on the collector's thread.  The readings are copied.  False at once, and `told` not called, when too much
 * is waiting (the door stops reading).  What is given at once is a message: of several that went together only the guilty one is refused. */
enum told {
        TOLD_DURABLE,
        TOLD_LATER,             /* not kept: answer nothing, and let it come again */
        TOLD_REFUSED            /* never will be, noticed (NOTICE_BAD_FRAME): answer so that it does not come again */
};
typedef void collector_told(void *ctx, enum told what);
bool collector_give(struct collector *c, const struct reading *r, size_t n, collector_told *told, void *ctx);

/* A snapshot of the devices, valid until released; look-ups by id and by MN. */
struct device_list;
const struct device_list *collector_devices(struct collector *c);
/* The same as it stood at `since_us` (monotonic clock) or later, fetched for that when need be; NULL: not yet, ask again shortly.  For who meets an unknown name:
 * a device that was made known a moment ago is not turned away. */
const struct device_list *collector_devices_since(struct collector *c, int64_t since_us);
void device_list_done(const struct device_list *l);
const struct known_device *device_by_id(const struct device_list *l, struct str id);
const struct known_device *device_by_mn(const struct device_list *l, struct str mn);
const struct known_device *device_at(const struct device_list *l, size_t i);     /* NULL at the end */
bool device_secret_is(const struct known_device *d, struct str secret);         /* in constant time */

/* Readings of a device within its allowance; false: throttled, and told once a minute. */
bool collector_allows(struct collector *c, const struct known_device *d, size_t n);

/* What the trail and a device's page should know: a wrong password, an unknown device, a bad frame with its bytes, a throttled one.  Handed to the server with
 * the next batch, at most one of a kind and device a second; `bytes` is cut to LIMIT_QUARANTINE_BYTES. */
enum notice { NOTICE_WRONG_SECRET, NOTICE_UNKNOWN_DEVICE, NOTICE_BAD_FRAME, NOTICE_THROTTLED, NOTICE_FOREIGN_TOPIC, NOTICE_NO_ANSWER, NOTICE_DISCONNECTED, NOTICE_CONNECTED, NOTICE_REFUSED_ADDRESS, NOTICES };
const char *notice_name(enum notice what);      /* "wrong-secret", … as on the line */
void collector_notice(struct collector *c, enum notice what, struct str device, struct str from, struct str detail, struct str bytes);

/* A protocol: sockets, timers and threads of its own. */
struct settings_door {
        const char *listen, *url, *user, *secret_file, *ca, *cert, *key;
        const char *client, *group;     /* mqtt: its name at the broker; of a shared subscription, or "" */
        bool sparkplug;
        const char *const *allow;       /* modbus: addresses that are closed and may be asked all the same (base/address.h) */
        size_t n_allow;
};
struct door {
        const char *name, *about_zh, *about;
        int (*start)(struct collector *c, const struct settings_door *o, void **ret, struct err *reterr);
        const char *(*address)(void *door);     /* where it listens, for the log; NULL where it calls out */
        void (*stop)(void *door);
};
extern const struct door *const doors[];
extern const size_t n_doors;

#endif
