#ifndef SUYUAN_SENSING_ALARM_QUEUE_H
#define SUYUAN_SENSING_ALARM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* Alarm events on their way to the ledger: in their order, each tried again while the ledger takes nothing (a disk that is full), so that neither an alarm nor its end is lost to
 * subscribers.  An event's id follows from what it says, so one that was recorded although nobody answered is not recorded twice.  One thread. */
struct alarm_queue;
struct alarm_row { int64_t org; struct str device, document; };
typedef int alarm_record(void *ctx, const struct alarm_row *row, struct err *reterr);  /* ERR_STORE, ERR_BUSY: tried again; whatever else: never will be */
struct alarm_queue *alarm_queue_new(alarm_record *record, void *ctx);
void alarm_queue_free(struct alarm_queue *x);   /* NULL is fine; what waits is lost, and said; watch_resume makes again what opened */
void alarm_queue_add(struct alarm_queue *x, const struct alarm_row *row);       /* copies; tried by the next of these two */
void alarm_queue_put(struct alarm_queue *x, const struct alarm_row *row, int64_t now_ms);       /* and at once where nothing waits */
void alarm_queue_try(struct alarm_queue *x, int64_t now_ms, bool hurry);        /* from time to time; `hurry`: whatever the back-off says */
size_t alarm_queue_waiting(const struct alarm_queue *x);

#endif
