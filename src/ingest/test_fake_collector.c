#include "ingest/test_fake_collector.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/decimal.h"
#include "base/oom.h"

enum { MOST = 4096 };
struct waiting { collector_told *told; void *ctx; };
struct device_list { struct collector *c; };
struct collector {
        pthread_mutex_t lock;
        struct known_device devices[MOST];
        size_t n_devices, n_fresh, n_waiting, n;
        struct waiting waiting[MOST];
        struct device_list list, fresh;
        enum fake_manner manner;
        int64_t allowed;
        struct buf given, noticed;
};

static const char *const notice_names[NOTICES] = { "wrong-secret", "unknown-device", "bad-frame", "throttled", "foreign-topic", "no-answer", "disconnected", "connected", "refused-address" };

struct collector *fake_new(void)
{
        struct collector *c = or_abort(calloc(1, sizeof *c));
        pthread_mutex_init(&c->lock, NULL);
        c->list.c = c->fresh.c = c;
        c->allowed = -1;
        c->given.max = c->noticed.max = 1 << 24;
        return c;
}

void fake_free(struct collector *c)
{
        buf_free(&c->given);
        buf_free(&c->noticed);
        pthread_mutex_destroy(&c->lock);
        free(c);
}

void fake_device(struct collector *c, struct known_device d)
{
        pthread_mutex_lock(&c->lock);
        c->devices[c->n_devices++] = d;
        c->n_fresh = c->n_devices;
        pthread_mutex_unlock(&c->lock);
}

void fake_device_now(struct collector *c, struct known_device d)
{
        pthread_mutex_lock(&c->lock);
        c->devices[c->n_fresh++] = d;
        pthread_mutex_unlock(&c->lock);
}

void fake_manner(struct collector *c, enum fake_manner m)
{
        pthread_mutex_lock(&c->lock);
        c->manner = m;
        pthread_mutex_unlock(&c->lock);
}

void fake_allow(struct collector *c, int64_t readings)
{
        pthread_mutex_lock(&c->lock);
        c->allowed = readings;
        pthread_mutex_unlock(&c->lock);
}

void fake_tell(struct collector *c, enum told what)
{
        struct waiting w[MOST];
        pthread_mutex_lock(&c->lock);
        size_t n = c->n_waiting;
        memcpy(w, c->waiting, n * sizeof *w);
        c->n_waiting = 0;
        pthread_mutex_unlock(&c->lock);
        for (size_t i = 0; i < n; i++)
                w[i].told(w[i].ctx, what);
}

static void note(struct collector *c, const struct reading *r)
{
        struct arena *a = arena_new();
        buf_printf(&c->given, "%.*s %.*s %lld %.*s %d\n", STR_ARG(r->device), STR_ARG(r->channel), (long long)r->t_ms, STR_ARG(decimal_text(a, r->value)), r->flag);
        c->n++;
        arena_free(a);
}

bool collector_give(struct collector *c, const struct reading *r, size_t n, collector_told *told, void *ctx)
{
        pthread_mutex_lock(&c->lock);
        enum fake_manner m = c->manner;
        bool taken = m != FAKE_FULL && c->n_waiting < MOST;
        for (size_t i = 0; taken && m != FAKE_LOST && i < n; i++)
                note(c, &r[i]);
        if (taken && m == FAKE_LATER)
                c->waiting[c->n_waiting++] = (struct waiting){ told, ctx };
        pthread_mutex_unlock(&c->lock);
        if (taken && m != FAKE_LATER)
                told(ctx, m == FAKE_DURABLE ? TOLD_DURABLE : m == FAKE_REFUSED ? TOLD_REFUSED : TOLD_LATER);
        return taken;
}

static char *text_of(struct collector *c, struct buf *b)
{
        pthread_mutex_lock(&c->lock);
        char *s = or_abort(strndup(b->n ? b->p : "", b->n));
        pthread_mutex_unlock(&c->lock);
        return s;
}

char *fake_given(struct collector *c) { return text_of(c, &c->given); }
char *fake_noticed(struct collector *c) { return text_of(c, &c->noticed); }

size_t fake_n(struct collector *c)
{
        pthread_mutex_lock(&c->lock);
        size_t n = c->n;
        pthread_mutex_unlock(&c->lock);
        return n;
}

const struct device_list *collector_devices(struct collector *c) { return &c->list; }
const struct device_list *collector_devices_since(struct collector *c, int64_t since_us) { (void)since_us; return &c->fresh; }
void device_list_done(const struct device_list *l) { (void)l; }

static const struct known_device *search(const struct device_list *l, struct str what, bool mn)
{
        struct collector *c = l->c;
        const struct known_device *found = NULL;
        pthread_mutex_lock(&c->lock);
        size_t n = l == &c->fresh ? c->n_fresh : c->n_devices;
        for (size_t i = 0; i < n && !found; i++)
                if (str_eq(mn ? c->devices[i].mn : c->devices[i].id, what))
                        found = &c->devices[i];
        pthread_mutex_unlock(&c->lock);
        return found;
}

const struct known_device *device_by_id(const struct device_list *l, struct str id) { return search(l, id, false); }
const struct known_device *device_by_mn(const struct device_list *l, struct str mn) { return search(l, mn, true); }
const struct known_device *device_at(const struct device_list *l, size_t i) { return i < l->c->n_devices ? &l->c->devices[i] : NULL; }
bool device_secret_is(const struct known_device *d, struct str secret) { return d->secret.n && str_eq(d->secret, secret); }

bool collector_allows(struct collector *c, const struct known_device *d, size_t n)
{
        (void)d;
        pthread_mutex_lock(&c->lock);
        bool good = c->allowed < 0 || c->allowed >= (int64_t)n;
        if (good && c->allowed > 0)
                c->allowed -= (int64_t)n;
        pthread_mutex_unlock(&c->lock);
        return good;
}

const char *notice_name(enum notice what) { return notice_names[what]; }

void collector_notice(struct collector *c, enum notice what, struct str device, struct str from, struct str detail, struct str bytes)
{
        (void)from;
        pthread_mutex_lock(&c->lock);
        buf_printf(&c->noticed, "%s %.*s %.*s %zu\n", notice_names[what], (int)device.n, device.n ? device.p : "", (int)detail.n, detail.n ? detail.p : "", bytes.n);
        pthread_mutex_unlock(&c->lock);
}
