#include "sensing/alarm_queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/oom.h"

enum { BACK_OFF_MS = 1000, BACK_OFF_MOST_MS = 60 * 1000 };

struct waiting { struct waiting *next; struct alarm_row row; char texts[]; };
struct alarm_queue {
        alarm_record *record;
        void *ctx;
        struct waiting *first, **last;
        size_t n, lost;
        int64_t until_ms, back_off_ms;  /* no try before */
};

struct alarm_queue *alarm_queue_new(alarm_record *record, void *ctx)
{
        struct alarm_queue *x = or_abort(calloc(1, sizeof *x));
        x->record = record;
        x->ctx = ctx;
        x->last = &x->first;
        return x;
}

static void drop_first(struct alarm_queue *x)
{
        struct waiting *w = x->first;
        x->first = w->next;
        x->last = x->first ? x->last : &x->first;
        x->n--;
        free(w);
}

void alarm_queue_free(struct alarm_queue *x)
{
        if (!x)
                return;
        if (x->n)
                log_line(LOG_ERROR, "sensing.alarm", "events=%zu, the ledger took none of them until the end", x->n);
        while (x->first)
                drop_first(x);
        free(x);
}

size_t alarm_queue_waiting(const struct alarm_queue *x)
{
        return x->n;
}

/* The log says that it does not work, and that it works again. */
static void put_off(struct alarm_queue *x, int64_t now_ms, const struct err *e)
{
        if (!x->back_off_ms)
                log_err(LOG_WARN, "sensing.alarm", e);
        x->back_off_ms = !x->back_off_ms ? BACK_OFF_MS : x->back_off_ms * 2 < BACK_OFF_MOST_MS ? x->back_off_ms * 2 : BACK_OFF_MOST_MS;
        x->until_ms = now_ms + x->back_off_ms;
}

void alarm_queue_try(struct alarm_queue *x, int64_t now_ms, bool hurry)
{
        /* a clock that was put back holds up nothing */
        if (now_ms < x->until_ms && now_ms >= x->until_ms - x->back_off_ms && !hurry)
                return;
        while (x->first) {
                struct err e = { 0 };
                if (x->record(x->ctx, &x->first->row, &e) < 0) {
                        if (e.kind == ERR_STORE || e.kind == ERR_BUSY) {
                                put_off(x, now_ms, &e);
                                return;
                        }
                        log_err(LOG_ERROR, "sensing.alarm", &e);
                }
                drop_first(x);
        }
        if (x->back_off_ms)
                log_line(LOG_INFO, "sensing.alarm", "alarms are recorded again");
        x->back_off_ms = 0;
        x->until_ms = 0;
}

void alarm_queue_add(struct alarm_queue *x, const struct alarm_row *row)
{
        if (x->n == LIMIT_ALARMS_WAITING) {
                if (!x->lost++)
                        log_line(LOG_ERROR, "sensing.alarm", "more than %d alarms wait for the ledger: further ones are findings and no events", LIMIT_ALARMS_WAITING);
                return;
        }
        struct waiting *w = or_abort(malloc(sizeof *w + row->device.n + row->document.n + 1));
        *w = (struct waiting){ .row = { row->org, { w->texts, row->device.n }, { w->texts + row->device.n, row->document.n } } };
        memcpy(w->texts, row->device.p, row->device.n);
        memcpy(w->texts + row->device.n, row->document.p, row->document.n);
        *x->last = w;
        x->last = &w->next;
        x->n++;
}

void alarm_queue_put(struct alarm_queue *x, const struct alarm_row *row, int64_t now_ms)
{
        alarm_queue_add(x, row);
        alarm_queue_try(x, now_ms, false);
}
