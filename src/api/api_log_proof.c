#include <stdio.h>
#include <time.h>

#include "api/api_impl.h"
#include "proof/bundle.h"

/* GET /log/proof?event=ID | ?index=N | ?item=ID: what proves a record, a leaf, or all that is told of a thing.  docs/ref/proof.md. */

enum { WAIT_MS = 100, WAITS = 4 };      /* a worker is not kept longer for a record that has no checkpoint yet */

struct asked { struct str event, item, index, view; bool own; int64_t number; };

static int read_question(struct request *q, struct asked *ret, struct err *reterr)
{
        const struct caller *c = caller_of(q);
        int n = 0;
        *ret = (struct asked){ 0 };
        int event = request_param(q, "event", &ret->event), item = request_param(q, "item", &ret->item), index = request_param(q, "index", &ret->index);
        n = (event == 1) + (item == 1) + (index == 1);
        if (event < 0 || item < 0 || index < 0 || n != 1)
                return err_set(reterr, ERR_BAD_QUERY, "name one of event=ID, item=ID and index=N, percent-encoded.  A leaf is found by its index, not by its hash");
        if (index == 1 && number_param(q, "index", 0, INT64_MAX, 0, &ret->number, reterr) < 0)
                return -1;
        ret->own = request_param(q, "view", &ret->view) == 1 && str_is(ret->view, "own");
        if (ret->own && !caller_may(c, MAY_QUERY))
                return err_set(reterr, c->role == AS_NOBODY ? ERR_UNAUTHENTICATED : ERR_FORBIDDEN, "view=own is for accounts and keys that may query");
        return 0;
}

/* The event as everybody may see it: one of whose things something is told. */
static int find_event(struct reader *r, struct arena *a, int64_t org, struct str id, int64_t *ret, struct err *reterr)
{
        enum { RECORDS_MAX = 64 };
        int64_t numbers[RECORDS_MAX];
        struct event_head h;
        ssize_t n = reader_event_id(r, org, id, numbers, RECORDS_MAX, reterr);
        for (ssize_t i = 0; i < n; i++) {
                int rc = reader_event(r, a, org, numbers[i], &h, reterr);
                if (rc < 0)
                        return -1;
                if (rc == 1 && h.n_refs) {
                        *ret = numbers[i];
                        return 0;
                }
        }
        return n < 0 ? -1 : err_set(reterr, ERR_NOT_FOUND, "no published event bears the eventID %.*s", (int)(id.n < 300 ? id.n : 300), id.p);
}

static int write_of(struct request *q, const struct service *v, const struct asked *k, struct reader *r, struct buf *b, struct err *reterr)
{
        const struct caller *c = caller_of(q);
        struct ident id;
        int64_t number, org = k->own ? reader_see(r, c->sees, c->n_sees, c->sees_all) : reader_see_public(r);
        if (k->index.n)
                return proof_of_leaf(v->proof, q->arena, k->number, b, reterr);
        if (k->event.n)
                return find_event(r, q->arena, org, k->event, &number, reterr) < 0 ? -1 : proof_of_event(v->proof, r, q->arena, org, number, false, b, reterr);
        if (ident_parse_any(q->arena, k->item, store_origins(v->store), &id, reterr) < 0)
                return -1;
        return bundle_of_item(v->proof, r, q->arena, org, id.canonical, false, b, reterr);
}

static int write_once(struct request *q, const struct service *v, const struct asked *k, struct buf *b, struct err *reterr)
{
        struct reader *r;
        buf_clear(b);
        if (reader_begin(v->store, &r, reterr) < 0)
                return -1;
        int rc = write_of(q, v, k, r, b, reterr);
        reader_end(r);
        return rc;
}

/* While nothing is signed there is nothing to wait for, and whoever asks must not keep a worker. */
static bool is_signing(struct proof *p)
{
        struct proof_figures f;
        proof_figures(p, &f);
        return !*f.refusal;
}

static int write_soon(struct request *q, const struct service *v, const struct asked *k, struct buf *b, struct err *reterr)
{
        const struct timespec pause = { .tv_nsec = WAIT_MS * 1000000L };
        int rc = write_once(q, v, k, b, reterr);
        for (int i = 0; rc < 0 && reterr->kind == ERR_BUSY && i < WAITS && is_signing(v->proof); i++) {
                nanosleep(&pause, NULL);
                *reterr = (struct err){ 0 };
                rc = write_once(q, v, k, b, reterr);
        }
        if (rc < 0 && reterr->kind == ERR_BUSY)
                reterr->retry_s = 1;
        return rc;
}

/* Of the answer without the time at which it was made. */
static const char *etag_of(struct arena *a, const struct buf *b)
{
        static const char made[] = "\"made\": \"";
        const char *at = memmem(b->p, b->n < 4096 ? b->n : 4096, made, sizeof made - 1);
        size_t before = at ? (size_t)(at - b->p) : b->n, skip = at ? sizeof made - 1 + sizeof "2026-11-28T08:00:00.000Z" - 1 : 0;
        struct hash h = before + skip <= b->n ? sha256_2(b->p, before, b->p + before + skip, b->n - before - skip) : sha256(b->p, b->n);
        return arena_printf(a, "\"%02x%02x%02x%02x%02x%02x%02x%02x\"", h.b[0], h.b[1], h.b[2], h.b[3], h.b[4], h.b[5], h.b[6], h.b[7]).p;
}

static void answer(struct request *q, const struct asked *k, struct buf *b)
{
        struct reply r = { .status = 200, .content_type = k->item.n ? "application/json" : "text/plain; charset=utf-8" };
        const char *etag = etag_of(q->arena, b);
        reply_header(&r, "Access-Control-Allow-Origin", "*");
        reply_header(&r, "Cache-Control", k->own ? "private, no-cache" : "no-cache");
        reply_header(&r, "ETag", etag);
        if (request_knows(q, etag)) {
                r.status = 304;
                buf_free(b);
        } else {
                reply_take(q, &r, b);
        }
        exchange_answer(q->exchange, &r);
}

static void ask_beforehand(struct request *q)
{
        struct reply r = { .status = 204 };
        reply_header(&r, "Access-Control-Allow-Origin", "*");
        reply_header(&r, "Allow", request_allow(q));
        reply_header(&r, "Access-Control-Allow-Methods", request_allow(q));
        reply_header(&r, "Access-Control-Max-Age", "86400");
        exchange_answer(q->exchange, &r);
}

static void proof(struct request *q, void *app)
{
        const struct service *v = app;
        struct err e = { 0 };
        struct asked k;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        if (q->method == METHOD_OPTIONS) {
                ask_beforehand(q);
                return;
        }
        if ((!v->proof && err_set(&e, ERR_NOT_FOUND, "this process serves no log")) || read_question(q, &k, &e) < 0 || write_soon(q, v, &k, &b, &e) < 0) {
                buf_free(&b);
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        answer(q, &k, &b);
}

const struct route route_log_proof = {
        .methods = METHOD_GET | METHOD_OPTIONS, .pattern = "/log/proof", .name = "log.proof", .needs = MAY_PUBLIC, .handle = proof,
};
