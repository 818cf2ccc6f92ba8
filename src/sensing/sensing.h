#ifndef SUYUAN_SENSING_SENSING_H
#define SUYUAN_SENSING_SENSING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "http/http.h"
#include "ledger/ledger.h"
#include "series/series.h"

/* Devices: who they are, what they may say, what is missing or impossible in it; the sealed hours into the log (docs/design/sensing.md).
 *
 * A device is a thing (farm/kinds.def: `device`, /device/{org}/{code}) with its history, and a row of `device` that makes its id unique in the
 * installation and holds what must not be in a record: its secret's hash, when it was last seen.  Where it stands is said by AssociationEvents: ADD when
 * it is put up, DELETE when it is taken down or replaced. */
struct sensing;
struct access;

int sensing_start(struct store *s, struct ledger *l, struct access *x, struct sensing **ret, struct err *reterr);
void sensing_stop(struct sensing *g);
struct series *sensing_series(struct sensing *g);

/* ---- registry: workers only ---- */
struct device_put {
        struct str id, org, place, model, protocol, mn, secret;         /* STR_NONE: none; without a secret one is made */
        const struct json *detail;      /* channels and so on (docs/ref/devices.md), or NULL */
};
/* `ret_secret`: told once, in the arena.  ERR_CONFLICT: the id or the MN is another's. */
int sensing_device_put(struct sensing *g, struct request *q, const struct device_put *d, struct str *ret_secret, bool *ret_new, struct err *reterr);
int sensing_device_revoke(struct sensing *g, struct request *q, struct str id, struct err *reterr);
int sensing_device_remove(struct sensing *g, struct request *q, struct str id, struct str successor, struct err *reterr);
/* JSON of one, or a page of an organisation's. */
int sensing_device_write(struct sensing *g, const struct request *q, struct str id, struct buf *b, struct err *reterr);
int sensing_devices_write(struct sensing *g, const struct request *q, struct str org, struct str after, int max, struct buf *b, struct err *reterr);
/* For the collecting process: every device that may speak; `ret_mark` changes whenever the list does. */
int sensing_collect_write(struct sensing *g, struct str since, struct buf *b, struct err *reterr);
/* Whose a device is, from memory, any thread; 0: unknown. */
int64_t sensing_device_org(struct sensing *g, struct str id, bool *ret_revoked);
bool sensing_secret_is(struct sensing *g, struct str id, struct str secret);
bool sensing_allows(struct sensing *g, struct str id, size_t readings);

/* ---- what is wrong ---- */
/* Open findings of a device, or of an organisation's devices, as JSON. */
int sensing_findings_write(struct sensing *g, struct str device, struct buf *b, struct err *reterr);
void sensing_notice(struct sensing *g, int what, struct str device, struct str from, struct str detail, struct str bytes, int64_t at_ms);

/* ---- live: what was stored, as it comes ---- */
typedef void sensing_live(void *ctx, const struct batch_view *v, int64_t received_ms);
void *sensing_listen(struct sensing *g, sensing_live *on, void *ctx);
void sensing_unlisten(struct sensing *g, void *listener);

#endif
