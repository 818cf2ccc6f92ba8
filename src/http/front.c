#include "http/http_impl.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"

/* What is still thrown away after a refusal so that a sender who does not listen while it sends gets to read
 * the answer; a longer body is cut off. */
enum { DROP_BYTES_MAX = 4 * LIMIT_BODY_BYTES };

void front_init(struct front *f, const struct http_options *o)
{
        uint8_t salt[4];

        *f = (struct front){ .o = *o };
        if (!f->o.max_body)
                f->o.max_body = LIMIT_BODY_BYTES;
        f->metrics = metrics_new(&f->o);
        random_bytes(salt, sizeof salt);
        snprintf(f->boot, sizeof f->boot, "%02x%02x%02x%02x", salt[0], salt[1], salt[2], salt[3]);
        pthread_mutex_init(&f->spare_lock, NULL);
        pthread_cond_init(&f->idle, NULL);
}

static void exchange_free(struct exchange *x)
{
        buf_free(&x->body);
        arena_free(x->q.arena);
        free(x);
}

void front_fini(struct front *f)
{
        while (f->spare) {
                struct exchange *x = f->spare;
                f->spare = x->next;
                exchange_free(x);
        }
        pthread_cond_destroy(&f->idle);
        pthread_mutex_destroy(&f->spare_lock);
        metrics_free(f->metrics);
}

static struct exchange *spare_take(struct front *f)
{
        pthread_mutex_lock(&f->spare_lock);
        struct exchange *x = f->spare;
        if (x) {
                f->spare = x->next;
                f->n_spare--;
        }
        pthread_mutex_unlock(&f->spare_lock);
        return x;
}

/* True: kept for the next request. */
static bool spare_give(struct front *f, struct exchange *x)
{
        pthread_mutex_lock(&f->spare_lock);
        bool room = f->n_spare < SPARE_EXCHANGES;
        if (room) {
                x->next = f->spare;
                f->spare = x;
                f->n_spare++;
        }
        pthread_mutex_unlock(&f->spare_lock);
        return room;
}

/* "0a1b2c3d-1f": of this run, and which.  By hand, since it is done for every request. */
static void number(struct exchange *x, uint64_t n)
{
        char digits[16];
        size_t at = strlen(x->front->boot), k = 0;

        for (; n || !k; n >>= 4)
                digits[k++] = "0123456789abcdef"[n & 15];
        assert(at + 1 + k < sizeof x->q.id);
        memcpy(x->q.id, x->front->boot, at);
        x->q.id[at++] = '-';
        while (k)
                x->q.id[at++] = digits[--k];
        x->q.id[at] = '\0';
}

struct exchange *exchange_new(struct front *f)
{
        struct exchange *x = spare_take(f);

        if (!x) {
                x = calloc(1, sizeof *x);
                if (!x)
                        abort();
                x->q.arena = arena_new();
        }
        *x = (struct exchange){ .front = f, .body = x->body, .start_us = clock_mono_us(), .q = { .arena = x->q.arena } };
        x->q.exchange = x;
        x->headers = arena_raw(x->q.arena, HEADERS_MAX * sizeof *x->headers);
        number(x, ++f->counter);
        f->under_way++;
        return x;
}

/* Reads that the network thread answered well are many and all alike: they are in the metrics, and in the log at debug. */
static void say(const struct exchange *x, int64_t us)
{
        const struct request *q = &x->q;
        enum log_level level = x->status >= 500 ? LOG_ERROR : x->quick && x->status < 400 ? LOG_DEBUG : LOG_INFO;
        struct str method = str_of(x->method_name);

        if (!log_wants(level))
                return;
        log_set_context(q->id);
        log_line(level, "http.request", "method=%s target=%s route=%s status=%d us=%lld in=%zu out=%lld%s",
                 log_quote(method.p, method.n), log_quote(q->target.p, q->target.n), x->route ? x->route->name : "none", x->status,
                 (long long)us, x->came, (long long)x->reply_bytes, q->local ? " local=true" : "");
        log_set_context("");
}

void exchange_done(struct exchange *x)
{
        struct front *f = x->front;
        int64_t us = clock_mono_us() - x->start_us;

        metrics_count(f->metrics, x->route_number, x->status, us);
        if (!f->o.quiet)
                say(x, us);
        arena_reset(x->q.arena);
        if (x->body.cap > SPARE_BODY_BYTES)
                buf_free(&x->body);
        else
                buf_clear(&x->body);
        if (!spare_give(f, x))
                exchange_free(x);
        if (--f->under_way == 0 && f->draining) {
                pthread_mutex_lock(&f->spare_lock);
                pthread_cond_broadcast(&f->idle);
                pthread_mutex_unlock(&f->spare_lock);
        }
}

bool front_drain(struct front *f, int ms)
{
        struct timespec until;
        int rc = 0;

        f->draining = true;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += ms / 1000;
        until.tv_nsec += (long)(ms % 1000) * 1000000;
        if (until.tv_nsec >= 1000000000) {
                until.tv_sec++;
                until.tv_nsec -= 1000000000;
        }
        pthread_mutex_lock(&f->spare_lock);
        while (f->under_way > 0 && rc == 0)
                rc = pthread_cond_timedwait(&f->idle, &f->spare_lock, &until);
        pthread_mutex_unlock(&f->spare_lock);
        return f->under_way == 0;
}

struct str header_find(const struct exchange *x, const char *name)
{
        struct str want = str_of(name);

        for (size_t i = 0; i < x->n_headers; i++)
                if (str_ieq(x->headers[i].name, want))
                        return x->headers[i].value;
        return STR_NONE;
}

static size_t header_count(const struct exchange *x, const char *name)
{
        size_t n = 0;

        for (size_t i = 0; i < x->n_headers; i++)
                n += str_ieq(x->headers[i].name, str_of(name));
        return n;
}

/* An id given by a proxy is kept when it can do no harm in a log or a header. */
static void keep_foreign_id(struct exchange *x)
{
        struct str id = header_find(x, "X-Request-Id");

        if (!id.n || id.n >= sizeof x->q.id)
                return;
        for (size_t i = 0; i < id.n; i++) {
                char c = id.p[i];
                if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'))
                        return;
        }
        memcpy(x->q.id, id.p, id.n);
        x->q.id[id.n] = '\0';
        x->foreign_id = true;
}

static int check_target(struct exchange *x, struct err *reterr)
{
        const struct str t = x->q.target;

        if (t.n > LIMIT_URL_BYTES) {
                x->q.target.n = 64;     /* enough for the log */
                return err_set(reterr, ERR_URI_TOO_LONG, "the address has %zu bytes; at most %d are taken", t.n, (int)LIMIT_URL_BYTES);
        }
        if (!t.n || (t.p[0] != '/' && !str_is(t, "*")))
                return err_set(reterr, ERR_BAD_INPUT, "the request's target must be a path that begins with '/'");
        for (size_t i = 0; i < t.n; i++)
                if ((unsigned char)t.p[i] <= 0x20 || t.p[i] == 0x7f)
                        return err_set(reterr, ERR_BAD_INPUT, "byte %zu of the address is a blank or a control character: percent-encode it", i + 1);
        return 0;
}

/* Two readings of where a body ends are how requests are smuggled past a proxy. */
static int check_framing(struct exchange *x, struct err *reterr)
{
        struct str coding = header_find(x, "Transfer-Encoding");
        bool sized = header_count(x, "Content-Length") > 0;

        if (coding.n && (!str_ieq(coding, STR("chunked")) || header_count(x, "Transfer-Encoding") > 1))
                return err_set(reterr, ERR_BAD_INPUT, "Transfer-Encoding may only be \"chunked\"");
        if (coding.n && sized)
                return err_set(reterr, ERR_BAD_INPUT, "Content-Length and Transfer-Encoding exclude each other");
        if (header_count(x, "Content-Length") > 1)
                return err_set(reterr, ERR_BAD_INPUT, "Content-Length is given more than once");
        return 0;
}

static int check_headers(struct exchange *x, const char *version, struct err *reterr)
{
        size_t bytes = 0;

        for (size_t i = 0; i < x->n_headers; i++)
                bytes += x->headers[i].name.n + x->headers[i].value.n + 4;
        if (bytes > LIMIT_HEADER_BYTES || x->n_headers >= HEADERS_MAX)
                return err_set(reterr, ERR_HEADERS_TOO_LARGE, "at most %d headers of together %d bytes are taken", HEADERS_MAX - 1,
                               (int)LIMIT_HEADER_BYTES);
        if (strcmp(version, "HTTP/1.0") && header_count(x, "Host") != 1)
                return err_set(reterr, ERR_BAD_INPUT, "one Host header is needed");
        return check_framing(x, reterr);
}

static void split_target(struct request *q)
{
        const char *mark = q->target.n ? memchr(q->target.p, '?', q->target.n) : NULL;

        q->path = mark ? (struct str){ q->target.p, (size_t)(mark - q->target.p) } : q->target;
        q->query = mark ? str_from(q->target, (size_t)(mark - q->target.p) + 1) : STR_NONE;
}

/* What the head alone can tell.  After a failure of the first two the rest of the connection cannot be trusted. */
static int look_at_head(struct exchange *x, const char *version, struct err *reterr)
{
        struct request *q = &x->q;
        struct str language;

        if (check_target(x, reterr) || check_headers(x, version, reterr)) {
                x->close = true;
                return -1;
        }
        q->host = header_find(x, "Host");
        if (request_param(q, "l", &language) != 1)
                language = STR_NONE;
        q->lang = lang_choose(language, header_find(x, "Accept-Language"));
        keep_foreign_id(x);
        route_find(x, reterr);
        if (x->front->o.admit) {
                struct err refused = { 0 };
                if (x->front->o.admit(q, x->route, x->front->o.app, &refused) < 0) {
                        *reterr = refused;      /* comes before "no such thing" */
                        return -1;
                }
        }
        return reterr->kind ? -1 : 0;
}

/* A body that is announced as too large is refused before it is sent, where the sender listens. */
static void look_at_length(struct exchange *x)
{
        struct str text = header_find(x, "Content-Length");
        uint64_t n = 0;
        bool waits = str_ieq(header_find(x, "Expect"), STR("100-continue"));

        for (size_t i = 0; i < text.n && n < UINT64_MAX / 16; i++)
                n = text.p[i] >= '0' && text.p[i] <= '9' ? n * 10 + (uint64_t)(text.p[i] - '0') : UINT64_MAX;
        if (!x->refusal.kind && n > x->max_body && x->max_body)
                err_set(&x->refusal, ERR_TOO_LARGE, "the body has %llu bytes; at most %zu are taken here", (unsigned long long)n, x->max_body);
        if (!x->refusal.kind && n > DROP_BYTES_MAX)
                err_set(&x->refusal, ERR_TOO_LARGE, "no body is taken here");
        if (n > DROP_BYTES_MAX || (x->refusal.kind && waits))
                x->close = true;
        if (x->max_body && !x->refusal.kind)
                buf_reserve(&x->body, n < SPARE_BODY_BYTES ? (size_t)n + 1 : SPARE_BODY_BYTES);
}

void front_begin(struct exchange *x, const char *method, const char *version)
{
        x->method_name = method;
        x->q.method = method_of(method);
        x->q.lang = LANG_HANS;
        x->route_number = metrics_route_number(x->front->metrics, &x->front->o, NULL);
        split_target(&x->q);
        look_at_head(x, version, &x->refusal);
        x->max_body = x->route && !x->refusal.kind ? x->route->max_body : 0;
        if (x->max_body > x->front->o.max_body)
                x->max_body = x->front->o.max_body;
        x->body.max = x->max_body + 1;
        look_at_length(x);
}

bool front_body(struct exchange *x, const void *p, size_t n)
{
        x->came += n;
        if (!x->refusal.kind && x->max_body && x->body.n + n <= x->max_body) {
                buf_add(&x->body, p, n);
                return true;
        }
        x->dropped += n;
        if (!x->refusal.kind && x->max_body)
                err_set(&x->refusal, ERR_TOO_LARGE, "the body is larger than the %zu bytes taken here", x->max_body);
        buf_clear(&x->body);
        return x->dropped <= DROP_BYTES_MAX;
}

static void answer_options(struct exchange *x)
{
        struct reply r = { .status = 204 };

        reply_header(&r, "Allow", x->allow);
        exchange_answer(x, &r);
}

static bool reads(const struct request *q)
{
        return q->method == METHOD_GET || q->method == METHOD_HEAD;
}

bool front_end(struct exchange *x)
{
        struct request *q = &x->q;

        if (x->refusal.kind) {
                exchange_problem(x, &x->refusal, NULL);
                return true;
        }
        if (q->method == METHOD_OPTIONS && !(x->route->methods & METHOD_OPTIONS)) {
                answer_options(x);
                return true;
        }
        q->body = buf_view(&x->body);
        if (x->route->inline_ok) {
                x->quick = true;
                front_handle(x);
                return true;
        }
        if (!x->route->quick || !reads(q))
                return false;
        x->quick = true;        /* set before: the exchange may be gone after a good try */
        if (x->route->quick(q, x->front->o.app))
                return true;
        x->quick = false;
        return false;
}

void front_handle(struct exchange *x)
{
        char id[sizeof x->q.id];

        memcpy(id, x->q.id, sizeof id);
        log_set_context(id);
        x->route->handle(&x->q, x->front->o.app);       /* the exchange may be gone now */
        log_set_context("");
}
