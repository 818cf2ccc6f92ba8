#ifndef SUYUAN_PUSH_STREAM_H
#define SUYUAN_PUSH_STREAM_H

#include "http/http.h"
#include "push/push.h"

/* New answers of a query as Server-Sent Events (HTML Living Standard §9.2), one message an exchange: the request is held until there is something to
 * tell or its time is over, then answered whole; EventSource comes again by itself with the place it has reached (Last-Event-ID), so
 * nothing is lost between two and no connection outlives its answer. */
struct stream_request {
        struct request *request;        /* answered later, by exchange_answer or exchange_problem */
        struct reply reply;             /* its headers */
        int64_t org;
        const int64_t *sees;            /* whose events, `org` first; the request's arena */
        size_t n_sees;
        struct str query_name, query;   /* the request's arena */
        struct str after;               /* Last-Event-ID: the place it had reached; empty: none */
        int64_t since_us;               /* initialRecordTime; 0: what comes from now on */
        int64_t wait_ms;
};
/* ERR_BAD_QUERY: `after` is none of ours, or there are too many organisations.  -1: nothing was kept, the caller answers. */
int push_stream(struct push *p, const struct stream_request *s, struct err *reterr);
/* Answers one that the store keeps from being told anything, as an EventSource survives it; `r` has its headers. */
void push_stream_later(struct request *q, struct reply *r);
/* Answers all who wait and lets nobody wait any more: before http_stop, which waits for every request. */
void push_end_streams(struct push *p);  /* NULL is fine */

#endif
