#ifndef SUYUAN_PUSH_PUSH_H
#define SUYUAN_PUSH_PUSH_H

#include "access/access.h"
#include "ledger/service.h"
#include "query/run.h"

/* Subscriptions (EPCIS 2.0 §8.2.5): a named query whose new answers are delivered: by webhook, at least once, in order, advanced
 * only after the consumer's 2xx; or as a stream to who is connected. */
struct push;

int push_start(const struct service *v, struct push **ret, struct err *reterr);
void push_stop(struct push *p);         /* NULL is fine */
/* New events are durable: whoever waits may look.  Any thread, cheap. */
void push_wake(struct push *p);

#endif
