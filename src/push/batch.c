#include "base/clock.h"
#include "epcis/digest.h"
#include "epcis/read.h"
#include "push/push_impl.h"

/* The new events of a subscription as one EPCISQueryDocument.  A document has one @context, so a batch ends where
 * the next event came with another one; what is told is in the order of recording. */

#define EPCIS_CONTEXT "\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\""

struct looking {
        struct push *p;
        struct sub *s;
        struct flight *f;
        struct reader *r;
        struct query_watch *watch;
        int64_t org;                    /* as readers know whom it tells of */
        struct arena *kept, *scratch;
        struct str context;
};

static void begin(struct flight *f, const struct sub *s, struct str context)
{
        struct buf *b = &f->body;
        buf_z(b, "{\"@context\":");
        if (context.n)
                buf_str(b, context);
        else
                buf_z(b, EPCIS_CONTEXT);
        buf_z(b, ",\"type\":\"EPCISQueryDocument\",\"schemaVersion\":\"2.0\",\"creationDate\":");
        json_write_str(b, stamp_utc(f->arena, clock_now_us()));
        buf_z(b, ",\"epcisBody\":{\"queryResults\":{\"queryName\":");
        json_write_str(b, s->s.query_name);
        if (s->s.id.n) {
                buf_z(b, ",\"subscriptionID\":");
                json_write_str(b, s->s.id);
        }
        buf_z(b, ",\"resultsBody\":{\"eventList\":[");
}

static void finish(struct flight *f)
{
        buf_z(&f->body, "]}}}}\n");
}

void batch_write_empty(struct flight *f, const struct sub *s)
{
        begin(f, s, STR_NONE);
        finish(f);
}

/* 1: told, or not to be told; 0: the batch ends before it; -1. */
static int look_at(struct looking *l, int64_t org, int64_t seq, struct err *reterr)
{
        struct event_head head;
        struct event e;
        struct str body, context;
        const struct sub *s = l->s;
        int rc = reader_event(l->r, l->scratch, org, seq, &head, reterr);
        if (rc <= 0)
                return rc < 0 ? -1 : 1;
        if (head.record_us < s->s.from_us)
                return 1;
        if ((rc = reader_told_elsewhere(l->r, l->org, org, seq, reterr)))
                return rc;
        if (reader_body(l->r, l->scratch, org, seq, &body, &context, reterr) != 1 ||
            event_reread(l->scratch, body, context, store_origins(l->p->store), &e, reterr) < 0)
                return err_while(reterr, "reading event %lld for a subscription", (long long)seq);
        if (!query_watch_matches(l->watch, l->scratch, &e, head.event_id, head.record_us))
                return 1;
        if (l->f->n && (!str_eq(context, l->context) || l->f->body.n + body.n > BATCH_BYTES))
                return 0;
        if (!l->f->n) {
                l->context = arena_str(l->f->arena, context);
                begin(l->f, s, l->context);
        } else {
                buf_char(&l->f->body, ',');
        }
        event_write(&l->f->body, &e, head.record_us, head.event_id);
        l->f->n++;
        return 1;
}

static int look_on(struct looking *l, struct err *reterr)
{
        struct sub *s = l->s;
        struct place *at;
        int rc = 0;
        for (int i = 0; i < LOOK_EVENTS && l->f->n < s->batch && (rc = places_next(s, l->r, &at, reterr)) == 1; i++) {
                arena_reset(l->scratch);
                rc = look_at(l, at->org, at->looked + 1, reterr);
                if (rc <= 0)
                        return rc;
                at->looked++;
                at->next_us = 0;
        }
        return rc < 0 ? -1 : 0;
}

static int look(struct looking *l, struct err *reterr)
{
        if (query_watch_begin(l->kept, l->r, l->org, l->s->s.query, &l->watch, reterr) < 0)
                return err_while(reterr, "reading the query of a subscription");
        int rc = look_on(l, reterr);
        query_watch_end(l->watch);
        return rc;
}

int batch_collect(struct push *p, struct sub *s, struct flight *f, struct err *reterr)
{
        struct looking l = { .p = p, .s = s, .f = f };
        if (reader_begin(p->store, &l.r, reterr) < 0)
                return -1;
        int rc = places_look(p, s, l.r, f->arena, &l.org, reterr);
        if (rc == 0 && s->s.schedule.n && !s->running) {
                s->running = true;
                places_run(s);
        }
        if (rc == 0 && !places_over(s)) {
                l.scratch = arena_new();
                l.kept = arena_new();
                rc = look(&l, reterr);
                arena_free(l.kept);
                arena_free(l.scratch);
        }
        reader_end(l.r);
        s->look = !places_over(s);
        if (rc < 0 || !f->n)
                return rc;
        finish(f);
        return 1;
}
