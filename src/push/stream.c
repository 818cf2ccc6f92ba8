#include "push/stream.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/oom.h"
#include "base/text.h"
#include "push/push_impl.h"

/* Who waits, and the one thread that looks for them.  Its time is its own: deliveries by webhook do not wait for it. */

enum { LOOK_MS = 50, BATCH = 100, MESSAGE_BYTES = 64 * 1024 * 1024,
       ORGS = 512 };    /* whose places fit into the header that brings them back (LIMIT_HEADER_BYTES) */

struct waiting {
        struct stream_request ask;
        struct sub sub;                 /* as batch.c knows one: no id, no schedule */
        int64_t until_us;               /* monotonic */
        struct waiting *next;
};

struct streams {
        struct push *push;
        pthread_mutex_t lock;
        pthread_cond_t wake;
        struct waiting *first;          /* taken up by the thread, which then keeps them by itself */
        size_t n;
        struct tally { int64_t org; size_t n; } tallies[LIMIT_STREAMS];         /* of the organisations that have somebody waiting */
        bool ending;
        pthread_t thread;
};

/* The organisation's count, or a free one; under the lock.  There are as many as can wait, so one is always found. */
static struct tally *tally_of(struct streams *x, int64_t org)
{
        struct tally *free_one = NULL;
        for (size_t i = 0; i < LIMIT_STREAMS; i++) {
                struct tally *t = &x->tallies[i];
                if (t->n && t->org == org)
                        return t;
                if (!t->n && !free_one)
                        free_one = t;
        }
        return free_one;
}

static void leave(struct streams *x, const struct waiting *w)
{
        pthread_mutex_lock(&x->lock);
        x->n--;
        tally_of(x, w->ask.org)->n--;
        pthread_mutex_unlock(&x->lock);
}

/* Busy when all places are taken, or the organisation's: one's tabs are not the others' loss. */
static int enter(struct streams *x, struct waiting *w, struct err *reterr)
{
        pthread_mutex_lock(&x->lock);
        struct tally *t = x->ending || x->n == LIMIT_STREAMS ? NULL : tally_of(x, w->ask.org);
        bool room = t && t->n < LIMIT_STREAMS_EACH;
        if (room) {
                x->n++;
                *t = (struct tally){ w->ask.org, t->n + 1 };
                w->next = x->first;
                x->first = w;
                pthread_cond_signal(&x->wake);
        }
        pthread_mutex_unlock(&x->lock);
        return room ? 0 : err_set(reterr, ERR_BUSY, "too many wait for new events already (%d of an organisation at most); try again, or subscribe a webhook", LIMIT_STREAMS_EACH);
}

/* While the store fails.  A problem's status would end an EventSource for good (HTML, §9.2.3: any but 200), so it gets a stream that
 * tells nothing, not even a place, and comes again later from where it was. */
void push_stream_later(struct request *q, struct reply *r)
{
        r->status = 200;
        r->content_type = "text/event-stream";
        r->body = STR("retry: 10000\n: storage is unavailable\n\n");
        exchange_answer(q->exchange, r);
}

/* An event stream of one message (HTML, §9.2): the browser comes back for the next with Last-Event-ID. */
static void answer(struct streams *x, struct waiting *w, const struct flight *f)
{
        struct request *q = w->ask.request;
        struct buf b = { .max = MESSAGE_BYTES };
        struct reply r = w->ask.reply;
        size_t n;
        buf_z(&b, "retry: 1000\n");
        buf_z(&b, "id: ");
        places_write(&b, &w->sub);
        buf_char(&b, '\n');
        if (f->n) {
                buf_z(&b, "data: ");
                buf_str(&b, str_trim(buf_view(&f->body)));
                buf_z(&b, "\n\n");
        } else {
                buf_z(&b, ": nothing new\n\n");
        }
        char *p = buf_take(&b, &n);
        arena_at_exit(q->arena, free, p);
        r.status = 200;
        r.content_type = "text/event-stream";
        r.body = (struct str){ p, n };
        leave(x, w);
        exchange_answer(q->exchange, &r);       /* w is of its arena: gone now */
}

static void put_off(struct streams *x, struct waiting *w)
{
        struct request *q = w->ask.request;
        struct reply r = w->ask.reply;
        leave(x, w);
        push_stream_later(q, &r);
}

/* True: it has its answer. */
static bool look(struct streams *x, struct waiting *w, bool over)
{
        struct err e = { 0 };
        struct flight f = { .sub = &w->sub, .arena = arena_new(), .body = { .max = MESSAGE_BYTES } };
        int rc = batch_collect(x->push, &w->sub, &f, &e);
        bool done = rc != 0 || over;
        if (rc < 0) {
                log_err(LOG_ERROR, "stream.look", &e);
                put_off(x, w);
        } else if (done) {
                answer(x, w, &f);
        }
        buf_free(&f.body);
        arena_free(f.arena);
        return done;
}

static struct waiting *look_all(struct streams *x, struct waiting *list, bool news, bool ending)
{
        struct waiting *kept = NULL, *next;
        for (struct waiting *w = list; w; w = next) {
                bool over = ending || clock_mono_us() >= w->until_us;
                next = w->next;
                if ((news || over || w->sub.look) && look(x, w, over))
                        continue;
                w->next = kept;
                kept = w;
        }
        return kept;
}

/* New ones behind those that are there; waits while there is nobody. */
static bool take_up(struct streams *x, struct waiting **list)
{
        pthread_mutex_lock(&x->lock);
        while (!*list && !x->first && !x->ending)
                pthread_cond_wait(&x->wake, &x->lock);
        while (x->first) {
                struct waiting *w = x->first;
                x->first = w->next;
                w->next = *list;
                *list = w;
        }
        bool ending = x->ending;
        pthread_mutex_unlock(&x->lock);
        return ending;
}

static void pause_for(struct streams *x, const struct waiting *list)
{
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += LOOK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_mutex_lock(&x->lock);
        if (list && !x->first && !x->ending)
                pthread_cond_timedwait(&x->wake, &x->lock, &until);
        pthread_mutex_unlock(&x->lock);
}

static void *run(void *ctx)
{
        struct streams *x = ctx;
        struct waiting *list = NULL;
        uint64_t seen = 0;
        bool ending;
        do {
                ending = take_up(x, &list);
                uint64_t now = store_change_now(x->push->store);
                list = look_all(x, list, now != seen, ending);
                seen = now;
                pause_for(x, list);
        } while (!ending);
        return NULL;
}

/* ---- what others call ---- */

struct streams *streams_new(struct push *p)
{
        struct streams *x = or_abort(calloc(1, sizeof *x));
        x->push = p;
        pthread_mutex_init(&x->lock, NULL);
        pthread_cond_init(&x->wake, NULL);
        if (pthread_create(&x->thread, NULL, run, x) != 0)
                or_abort(NULL);
        pthread_setname_np(x->thread, "streams");
        return x;
}

void streams_end(struct streams *x)
{
        pthread_mutex_lock(&x->lock);
        x->ending = true;
        pthread_cond_signal(&x->wake);
        pthread_mutex_unlock(&x->lock);
        pthread_join(x->thread, NULL);
}

void streams_free(struct streams *x)
{
        pthread_mutex_destroy(&x->lock);
        pthread_cond_destroy(&x->wake);
        free(x);
}

size_t streams_count(struct streams *x)
{
        pthread_mutex_lock(&x->lock);
        size_t n = x->n;
        pthread_mutex_unlock(&x->lock);
        return n;
}

/* Where it begins: where it was, or with what comes from now on, or since the time it asks for. */
static int place(struct streams *x, const struct stream_request *s, struct sub *sub, struct err *reterr)
{
        struct reader *r;
        if (s->after.n)
                return places_read(sub, s->after) ? 0 : err_set(reterr, ERR_BAD_QUERY, "Last-Event-ID is not one that was given here");
        if (reader_begin(x->push->store, &r, reterr) < 0)
                return -1;
        int rc = 0;
        for (size_t i = 0; rc == 0 && i < s->n_sees; i++) {
                int64_t last = reader_last_seq(r, s->sees[i], reterr);
                int64_t from = last > 0 && s->since_us ? reader_recorded(r, s->sees[i], last, s->since_us - 1, reterr) : last;
                rc = last < 0 || from < 0 ? -1 : 0;
                place_add(sub, s->sees[i], from);
        }
        reader_end(r);
        return rc;
}

int push_stream(struct push *p, const struct stream_request *s, struct err *reterr)
{
        struct streams *x = p->streams;
        struct waiting *w = arena_alloc(s->request->arena, sizeof *w);
        w->ask = *s;
        w->sub = (struct sub){ .arena = s->request->arena, .batch = BATCH, .look = true,
                               .sees = s->sees, .n_sees = s->n_sees,
                               .s = { .org = s->org, .query_name = s->query_name, .query = s->query, .from_us = s->since_us, .created_us = clock_now_us() } };
        w->until_us = clock_mono_us() + s->wait_ms * 1000;
        if (s->n_sees > ORGS)
                return err_set(reterr, ERR_BAD_QUERY, "a stream tells of %d organisations at most, and your district has %zu: subscribe a webhook", ORGS, s->n_sees);
        if (place(x, s, &w->sub, reterr) < 0)
                return -1;
        return enter(x, w, reterr);
}
