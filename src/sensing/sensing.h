#ifndef SUYUAN_SENSING_SENSING_H
#define SUYUAN_SENSING_SENSING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "epcis/read.h"
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

struct sensing_options {
        int readers;                    /* connections that read curves; 0: some */
        const char *smtp_url, *smtp_from, *smtp_user, *smtp_password_file, *smtp_ca;    /* alarms by letter (sensing/mail.h); no URL: none are sent */
        const char *const *alarm_mail;  /* who is told of every device's; a device's description names further ones (`mail`) */
        size_t n_alarm_mail;
        int64_t keep_days_least;        /* a description cannot ask for less; 0: LIMIT_KEEP_DAYS */
        bool retains;                   /* once a day readings that are old enough go */
        int64_t grace_s;                /* after an hour's end, or a late reading, until it is sealed */
        const char *metrics_url;        /* readings are copied there (VictoriaMetrics' import protocol); NULL or "": nowhere */
};
int sensing_start(struct store *s, struct ledger *l, struct access *x, const struct sensing_options *o, struct sensing **ret, struct err *reterr);
/* Answers who waits for live values; nobody waits any more.  Before http_stop. */
void sensing_end_live(struct sensing *g);       /* NULL is fine */
void sensing_stop(struct sensing *g);           /* NULL is fine */
struct series *sensing_series(struct sensing *g);

/* Who knows the growth stage of what stands at a place ("": nobody): for alarms that belong to a stage.  Asked now and then on a thread of its own; NULL: nobody knows. */
typedef struct str sensing_stage(void *ctx, struct arena *a, int64_t org, struct str place);
void sensing_stage_from(struct sensing *g, sensing_stage *ask, void *ctx);

/* Figures for /metrics: readings that were not looked at by the checks, findings for which there was no room. */
struct sensing_stats { uint64_t unwatched, findings_dropped; };
void sensing_stats(struct sensing *g, struct sensing_stats *ret);

/* ---- registry: workers only ---- */
struct device_put {
        struct str id, org, secret;     /* STR_NONE: none; without a secret one is made for a new device */
        const struct json *body;        /* model, protocol, mn, place, channels …: members of docs/ref/devices.md, laid over what stands; null takes one away */
        bool add;                       /* the device must be new */
};
/* Durable as row and as record when it returns.  `ret_secret`: told once, in the arena; STR_NONE when it stays.  Faults of the body are in `f`, and then nothing is
 * done (0).  ERR_CONFLICT: the id or the MN is another's, or with `add` its own already. */
int sensing_device_put(struct sensing *g, struct request *q, const struct device_put *d, struct str *ret_secret, bool *ret_new, struct faults *f, struct err *reterr);
int sensing_device_revoke(struct sensing *g, struct request *q, struct str id, struct err *reterr);
/* A new secret (`secret` empty: one is made); takes a revocation back. */
int sensing_device_renew(struct sensing *g, struct request *q, struct str id, struct str secret, struct str *ret_secret, struct err *reterr);
/* Taken down; with a successor, a device of the same organisation, that stands where this one stood. */
int sensing_device_remove(struct sensing *g, struct request *q, struct str id, struct str successor, struct err *reterr);

/* What of a device's readings is older than its description keeps, as JSON; with `apply` it goes now, not with the day's pass. */
int sensing_retention(struct sensing *g, struct request *q, struct str id, bool apply, struct buf *b, struct err *reterr);

struct device_row {
        struct str id, code, place, model, protocol, mn, broker_hash, detail, successor;
        int64_t org, max_per_minute, created_us, revoked_us, removed_us, change;
        bool stated;
        uint8_t salt[16];
        struct hash hash;
};
/* From memory, any thread: the row, copied into the arena, of a device whose organisation the asker sees (`write`: may write for); ERR_NOT_FOUND. */
int sensing_device_seen(struct sensing *g, const struct request *q, struct str id, bool write, struct device_row *ret, struct err *reterr);
struct str sensing_canonical(struct sensing *g, struct arena *a, const struct device_row *d);   /* "/device/{org}/{code}" */
bool sensing_place_is_uri(struct str place);     /* what a device stands at may be any text */
/* The other way round, from memory, any thread, whoever asks; removed ones too. */
bool sensing_device_named(struct sensing *g, struct arena *a, struct str canonical, struct device_row *ret);

/* JSON of one; of a page of an organisation's, in short. */
int sensing_device_write(struct sensing *g, const struct request *q, struct str id, struct buf *b, struct err *reterr);
int sensing_devices_write(struct sensing *g, const struct request *q, struct str org, struct str after, int max, struct buf *b, struct str *ret_next, struct err *reterr);
/* For the collecting process: every device that may speak, and whose it is; 1, or 0 and nothing when `since` is the mark as it stands. */
int sensing_collect_write(struct sensing *g, struct str since, struct buf *b, struct err *reterr);
/* The same as at most `max` of those that changed since the mark (ingest/collector.h). */
int sensing_collect_changes(struct sensing *g, struct str since, int max, struct buf *b, struct err *reterr);
/* Whose a device is, from memory, any thread; 0: unknown, or removed. */
int64_t sensing_device_org(struct sensing *g, struct str id);
/* One message of so many readings is within the device's allowance; else `ret_wait_s` says how long to wait.  Any thread. */
bool sensing_allows(struct sensing *g, struct str id, size_t readings, int *ret_wait_s);

/* ---- what a channel is ---- */
struct channel_about { struct str code, name, quantity, type /* GS1 measurement type */, unit /* UN/ECE code, or as it stands */; };
void channel_about(const struct json *detail, struct str code, struct channel_about *ret);

/* ---- what is wrong ---- */
/* One row a device, channel and kind; open until it is over.  Any thread: it is written by the next look, within a second. */
struct device_finding { struct str device, channel /* or empty */, kind /* a word */, evidence /* JSON */; int severity; /* 0 informs, 1 warns, 2 grave */ };
void sensing_finding(struct sensing *g, const struct device_finding *f);
void sensing_finding_over(struct sensing *g, struct str device, struct str channel, struct str kind);
/* Open findings of a device as a JSON list. */
int sensing_findings_write(struct sensing *g, const struct device_row *d, struct buf *b, struct err *reterr);

enum sensing_notice {
#define NOTICE(symbol, name, trail, severity) SENSING_##symbol,
#include "sensing/notices.def"
#undef NOTICE
        SENSING_NOTICES
};
int sensing_notice_of(struct str name);                 /* -1 */
/* Any thread; `bytes` is cut. */
void sensing_notice(struct sensing *g, int what, struct str device, struct str from, struct str detail, struct str bytes, int64_t at_ms, int64_t times);
/* The newest of a device, JSON list. */
int sensing_notices_write(struct sensing *g, struct arena *a, struct str device, int max, struct buf *b, struct err *reterr);

/* ---- live: what was stored, as it comes ---- */
/* Called on the series' writer's thread, after the commit: be short. */
typedef void sensing_live(void *ctx, const struct batch_view *v, int64_t received_ms);
void *sensing_listen(struct sensing *g, sensing_live *on, void *ctx);
void sensing_unlisten(struct sensing *g, void *listener);

/* One message of Server-Sent Events: the request is held until one of the devices says something behind `after` (Last-Event-ID, 0: from now on), then answered
 * whole; EventSource comes again with the place it reached.  -1: nothing was kept, the caller answers. */
struct live_request { struct request *request; const struct str *devices; size_t n; int64_t org, after, wait_ms; };
int sensing_live_wait(struct sensing *g, const struct live_request *r, struct err *reterr);

/* ---- sealed hours ---- */
/* JSON list of the newest of a device's hours in [from, to) that are in the log. */
int sensing_hours_write(struct sensing *g, struct arena *a, struct str device, int64_t from_ms, int64_t to_ms, int max, struct buf *b, struct err *reterr);
/* The statements of hours against what is stored; `say` for each that differs.  How many, -1. */
int64_t sensing_check(struct store *s, ledger_say *say, void *ctx, struct err *reterr);

#endif
