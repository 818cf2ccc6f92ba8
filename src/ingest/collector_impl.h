#ifndef SUYUAN_INGEST_COLLECTOR_IMPL_H
#define SUYUAN_INGEST_COLLECTOR_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "ingest/collector.h"

/* ---- line.c: the way to the server; one a thread, its connection is kept ---- */
struct line;
struct line *line_new(const struct collect_options *o);
void line_free(struct line *l);
/* The status, or 0 when nobody answered; then line_error says why.  `until_us`: monotonic, given up then; shared with who may bring it nearer. */
int line_ask(struct line *l, const char *method, const char *path, const char *type, struct str body, const _Atomic int64_t *until_us, struct buf *answer);
const char *line_error(const struct line *l);

/* ---- list.c: snapshots of the devices ---- */
/* What an answer says, after `base` (NULL: nothing); one reference.  `ret_more`: the server has more to tell since its mark.  ERR_BAD_INPUT, ERR_BAD_JSON. */
struct device_list *device_list_apply(const struct device_list *base, struct str json, bool *ret_more, struct err *reterr);
const struct device_list *device_list_ref(const struct device_list *l);
const char *device_list_mark(const struct device_list *l);

/* ---- notices.c ---- */
struct notices;
struct notices *notices_new(void);
void notices_free(struct notices *x);
void notices_add(struct notices *x, enum notice what, struct str device, struct str from, struct str detail, struct str bytes, int64_t now_us);
/* Those that wait, as a JSON array, and waits with none; false when there are none. */
bool notices_take(struct notices *x, struct buf *b);
bool notices_wait(struct notices *x);

/* ---- allowance.c ---- */
struct allowances;
struct allowances *allowances_new(void);
void allowances_free(struct allowances *x);
/* `ret_tell`: it was not in the last minute that this device was told of. */
bool allowances_take(struct allowances *x, struct str device, int64_t per_minute, size_t n, int64_t now_us, bool *ret_tell);

/* ---- refresh.c: keeps a snapshot fresh, on a thread of its own ---- */
struct refresher;
struct refresher *refresher_start(const struct collect_options *o);
void refresher_stop(struct refresher *x);
const struct device_list *refresher_list(struct refresher *x);
const struct device_list *refresher_list_since(struct refresher *x, int64_t since_us);

#endif
