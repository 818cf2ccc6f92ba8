#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/oom.h"
#include "base/text.h"
#include "ingest/collector_impl.h"

/* What waits to be told, and when something of a kind and device was told last: a table of fixed size, since anybody may name himself anything. */
enum { PLACES = 2048, TEXT_BYTES = 256, EACH_US = 1000000 };

struct waiting {
        enum notice what;
        char *device, *from, *detail, *bytes;
        size_t n_bytes;
        int64_t at_ms;
        unsigned times;
};

struct notices {
        pthread_mutex_t lock;
        struct { uint64_t of; int64_t told_us; unsigned skipped; } last[PLACES];
        struct waiting waiting[LIMIT_COLLECT_NOTICES];
        size_t n;
};

const char *notice_name(enum notice what)
{
        static const char *const names[NOTICES] = {
                [NOTICE_WRONG_SECRET] = "wrong-secret", [NOTICE_UNKNOWN_DEVICE] = "unknown-device", [NOTICE_BAD_FRAME] = "bad-frame",
                [NOTICE_THROTTLED] = "throttled", [NOTICE_FOREIGN_TOPIC] = "foreign-topic", [NOTICE_NO_ANSWER] = "no-answer",
                [NOTICE_DISCONNECTED] = "disconnected", [NOTICE_CONNECTED] = "connected", [NOTICE_REFUSED_ADDRESS] = "refused-address",
        };
        return names[what];
}

struct notices *notices_new(void)
{
        struct notices *x = or_abort(calloc(1, sizeof *x));
        pthread_mutex_init(&x->lock, NULL);
        return x;
}

static void forget(struct waiting *w)
{
        free(w->device);
        free(w->from);
        free(w->detail);
        free(w->bytes);
}

void notices_free(struct notices *x)
{
        if (!x)
                return;
        for (size_t i = 0; i < x->n; i++)
                forget(&x->waiting[i]);
        pthread_mutex_destroy(&x->lock);
        free(x);
}

/* Cut where a character ends; what is no text is kept as far as it is one. */
static char *text(struct str s)
{
        size_t n = utf8_valid_to((struct str){ s.p, s.n > TEXT_BYTES ? TEXT_BYTES : s.n });
        char *p = or_abort(malloc(n + 1));
        if (n)
                memcpy(p, s.p, n);
        p[n] = 0;
        return p;
}

/* How many of it there were since one was told, this one counted; 0: not now. */
static unsigned turn(struct notices *x, enum notice what, struct str device, int64_t now_us)
{
        uint64_t of = (uint64_t)hash_prefix(device) * NOTICES + (uint64_t)what + 1;
        size_t i = of % PLACES;
        if (x->last[i].of == of && now_us - x->last[i].told_us < EACH_US) {
                x->last[i].skipped++;
                return 0;
        }
        unsigned times = 1 + (x->last[i].of == of ? x->last[i].skipped : 0);
        x->last[i].of = of;
        x->last[i].told_us = now_us;
        x->last[i].skipped = 0;
        return times;
}

void notices_add(struct notices *x, enum notice what, struct str device, struct str from, struct str detail, struct str bytes, int64_t now_us)
{
        pthread_mutex_lock(&x->lock);
        unsigned times = x->n < LIMIT_COLLECT_NOTICES ? turn(x, what, device, now_us) : 0;
        if (times) {
                struct waiting *w = &x->waiting[x->n++];
                *w = (struct waiting){ .what = what, .device = text(device), .from = text(from), .detail = text(detail), .at_ms = clock_now_us() / 1000, .times = times };
                w->n_bytes = bytes.n > LIMIT_QUARANTINE_BYTES ? LIMIT_QUARANTINE_BYTES : bytes.n;
                w->bytes = or_abort(malloc(w->n_bytes + 1));
                if (w->n_bytes)
                        memcpy(w->bytes, bytes.p, w->n_bytes);
        }
        pthread_mutex_unlock(&x->lock);
}

static void write_text(struct buf *b, const char *name, const char *value)
{
        if (!*value)
                return;
        buf_char(b, ',');
        json_write_name(b, name);
        json_write_str(b, str_of(value));
}

static void write_one(struct buf *b, const struct waiting *w)
{
        buf_printf(b, "{\"what\":\"%s\",\"at\":%lld,\"times\":%u", notice_name(w->what), (long long)w->at_ms, w->times);
        write_text(b, "device", w->device);
        write_text(b, "from", w->from);
        write_text(b, "detail", w->detail);
        if (w->n_bytes) {
                buf_z(b, ",\"bytes\":\"");
                base64_encode(b, w->bytes, w->n_bytes);
                buf_char(b, '"');
        }
        buf_char(b, '}');
}

bool notices_take(struct notices *x, struct buf *b)
{
        pthread_mutex_lock(&x->lock);
        bool any = x->n > 0;
        if (any)
                buf_char(b, '[');
        for (size_t i = 0; i < x->n; i++) {
                if (i)
                        buf_char(b, ',');
                write_one(b, &x->waiting[i]);
                forget(&x->waiting[i]);
        }
        if (any)
                buf_char(b, ']');
        x->n = 0;
        pthread_mutex_unlock(&x->lock);
        return any;
}

bool notices_wait(struct notices *x)
{
        pthread_mutex_lock(&x->lock);
        bool any = x->n > 0;
        pthread_mutex_unlock(&x->lock);
        return any;
}
