#include <arpa/inet.h>
#include <assert.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/http_impl.h"

/* The front over libmicrohttpd 0.9.75: epoll and a pool of network threads.  A request that needs a worker is
 * suspended; whoever answers makes MHD's response and resumes, and the network thread queues it.
 *
 * What MHD refuses before it calls us (a request line that is none, a head larger than CONNECTION_BYTES) it answers with a
 * page of its own; there is no way to replace that.  The limits of base/limits.def are well inside, so that they are met here. */

enum {
        /* Holds LIMIT_URL_BYTES, LIMIT_HEADER_BYTES, MHD's rows for them, and the head of the answer.  MHD clears all of it after
         * every request: at 64 KiB that was a sixth of the processor time of a cached page. */
        CONNECTION_BYTES = 32 * 1024,
        DEFAULT_MS = 30 * 1000,
        SLOWEST_BYTES_PER_S = 8 * 1024, /* a body, or an answer being taken, may be slow but not slower */
};

struct http;
struct door {                           /* which daemon a connection came by */
        struct http *h;
        bool local;
};

struct http {
        struct front front;
        struct door doors[2];           /* the network's, the Unix socket's */
        struct MHD_Daemon *tcp, *local;
        struct workers *workers, *bulk; /* `bulk` gives way */
        struct watch *watch;
        int tcp_fd, local_fd;           /* taken back by quiescing, closed at the end */
        char url[128];
        _Atomic int suspended;
        _Atomic bool stopping;          /* connections still sending a request are given up */
};

static int64_t deadline_for(int ms, int64_t bytes)
{
        return clock_mono_us() + (int64_t)ms * 1000 + bytes * 1000000 / SLOWEST_BYTES_PER_S;
}

static struct watched *watched_of(struct MHD_Connection *c)
{
        return MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* What was sent and never read would make the kernel answer the close with a reset, which can overtake the answer
 * on its way and tell the sender nothing. */
static void swallow(int fd)
{
        char sink[16 * 1024];

        for (int i = 0; i < 16 && recv(fd, sink, sizeof sink, MSG_DONTWAIT) > 0; i++)
                ;
}

static void on_connection(void *cls, struct MHD_Connection *c, void **context, enum MHD_ConnectionNotificationCode what)
{
        struct http *h = cls;

        if (what == MHD_CONNECTION_NOTIFY_STARTED) {
                struct watched *w = calloc(1, sizeof *w);
                if (!w)
                        abort();
                w->fd = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
                w->deadline_us = deadline_for(h->front.o.head_ms, 0);
                watch_add(h->watch, w);
                *context = w;
                return;
        }
        swallow(((struct watched *)*context)->fd);
        watch_remove(h->watch, *context);
        free(*context);
        *context = NULL;
}

/* ---- answers ---- */

static void give_back(void *shared)
{
        shared_body_unref(shared);
}

static void end_bytes(void *shared)
{
        shared_body_end(shared);
}

static void unmake(void *form)
{
        MHD_destroy_response(form);
}

static struct MHD_Response *make_response(const struct reply *r)
{
        static char nothing[1];

        if (r->shared) {
                size_t n;
                const void *p = shared_body_bytes(r->shared, &n);
                return MHD_create_response_from_buffer_with_free_callback_cls(n, (void *)(uintptr_t)p, give_back, r->shared);
        }
        if (r->fd > 0)
                return MHD_create_response_from_fd_at_offset64((uint64_t)r->fd_size, r->fd, (uint64_t)r->fd_at);
        return MHD_create_response_from_buffer(r->body.n, r->body.n ? (void *)(uintptr_t)r->body.p : nothing, MHD_RESPMEM_PERSISTENT);
}

static struct MHD_Response *with_headers(struct MHD_Response *response, const struct exchange *x, const struct reply *r)
{
        struct reply_header all[REPLY_HEADERS_MAX];
        size_t n = reply_all_headers(x, r, all);

        if (!response)
                abort();
        for (size_t i = 0; i < n; i++)
                MHD_add_response_header(response, all[i].name, all[i].value);
        return response;
}

/* A cached page's: to make it for every asker was a twelfth of its processor time. */
static void *make_shared(const struct exchange *x, const struct reply *r)
{
        size_t n;
        const void *p = shared_body_bytes(r->shared, &n);

        return with_headers(MHD_create_response_from_buffer_with_free_callback_cls(n, (void *)(uintptr_t)p, end_bytes, r->shared), x, r);
}

static void deliver(struct exchange *x, const struct reply *r)
{
        struct MHD_Connection *c = x->transport;
        bool suspended = x->suspended;
        bool alike = r->shared && !x->foreign_id && !x->close && !x->front->draining;

        if (alike) {
                x->response = shared_body_form(x, r, make_shared, unmake);
                x->shared = r->shared;
        } else {
                x->response = with_headers(make_response(r), x, r);
        }
        if (suspended)
                MHD_resume_connection(c);       /* the exchange may be gone after this */
}

static void drop_response(struct exchange *x)
{
        if (x->shared)
                shared_body_unref(x->shared);
        else if (x->response)
                MHD_destroy_response(x->response);
        x->shared = NULL;
        x->response = NULL;
}

static enum MHD_Result queue(struct http *h, struct exchange *x)
{
        struct MHD_Connection *c = x->transport;

        if (x->suspended) {
                x->suspended = false;
                h->suspended--;
        }
        watched_of(c)->deadline_us = deadline_for(h->front.o.idle_ms, x->reply_bytes);
        enum MHD_Result ret = MHD_queue_response(c, (unsigned)x->status, x->response);
        drop_response(x);
        return ret;
}

/* ---- requests ---- */

static void peer_of(struct MHD_Connection *c, char *ret, size_t n)
{
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        const struct sockaddr *a = info ? info->client_addr : NULL;

        if (a && a->sa_family == AF_INET)
                inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)a)->sin_addr, ret, (socklen_t)n);
        else if (a && a->sa_family == AF_INET6)
                inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, ret, (socklen_t)n);
}

/* The request line as sent: MHD itself hands out a decoded path. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *c)
{
        struct door *d = cls;
        struct exchange *x = exchange_new(&d->h->front);

        x->transport = c;
        x->deliver = deliver;
        x->q.local = d->local;
        if (!d->local)
                peer_of(c, x->q.peer, sizeof x->q.peer);
        if (target)
                x->q.target = arena_str(x->q.arena, (struct str){ target, strnlen(target, LIMIT_URL_BYTES + 1) });
        return x;
}

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n, const char *value, size_t value_n)
{
        struct exchange *x = cls;

        (void)kind;
        if (x->n_headers == HEADERS_MAX)
                return MHD_NO;
        x->headers[x->n_headers++] = (struct header){ { name, name_n }, { value ? value : "", value_n } };
        return MHD_YES;
}

static enum MHD_Result begin(struct http *h, struct exchange *x, const char *method, const char *version)
{
        struct MHD_Connection *c = x->transport;

        x->begun = true;
        MHD_get_connection_values_n(c, MHD_HEADER_KIND, on_header, x);
        front_begin(x, arena_cstr(x->q.arena, str_of(method)), version);
        watched_of(c)->deadline_us = deadline_for(h->front.o.idle_ms, 0);
        if (!x->close || !x->refusal.kind)
                return MHD_YES;
        exchange_problem(x, &x->refusal, NULL);
        return queue(h, x);
}

static enum MHD_Result take_body(struct http *h, struct exchange *x, const char *p, size_t *n)
{
        struct watched *w = watched_of(x->transport);
        int64_t start = x->start_us + (int64_t)h->front.o.idle_ms * 1000;
        bool go_on = front_body(x, p, *n);

        w->deadline_us = start + (int64_t)x->came * 1000000 / SLOWEST_BYTES_PER_S;
        *n = 0;
        return go_on ? MHD_YES : MHD_NO;
}

static enum MHD_Result finish(struct http *h, struct exchange *x)
{
        struct MHD_Connection *c = x->transport;

        watched_of(c)->deadline_us = INT64_MAX;
        if (front_end(x)) {
                assert(x->response);    /* an inline route answers at once */
                return queue(h, x);
        }
        h->suspended++;         /* before the look: http_stop sets `stopping` and then waits for none suspended */
        if (h->stopping) {
                h->suspended--;
                return MHD_NO;
        }
        x->suspended = true;
        MHD_suspend_connection(c);
        if (!workers_give(x->route->bulk ? h->bulk : h->workers, x)) {
                struct err busy = { 0 };
                err_set(&busy, ERR_BUSY, "%d requests are waiting already", (int)LIMIT_QUEUE_JOBS);
                exchange_problem(x, &busy, NULL);
        }
        return MHD_YES;
}

static enum MHD_Result on_access(void *cls, struct MHD_Connection *c, const char *url, const char *method, const char *version,
                                 const char *upload, size_t *upload_n, void **con_cls)
{
        struct door *d = cls;
        struct exchange *x = *con_cls;

        (void)c, (void)url;
        if (!x->begun)
                return begin(d->h, x, method, version);
        if (*upload_n)
                return take_body(d->h, x, upload, upload_n);
        if (x->response)
                return queue(d->h, x);
        return finish(d->h, x);
}

static void on_completed(void *cls, struct MHD_Connection *c, void **con_cls, enum MHD_RequestTerminationCode how)
{
        struct http *h = cls;
        struct exchange *x = *con_cls;

        (void)how;
        if (!x)
                return;
        *con_cls = NULL;
        assert(!x->suspended || x->response);
        if (x->suspended)
                h->suspended--;
        drop_response(x);
        if (!x->status && x->begun)
                x->status = 499;        /* the asker went away */
        watched_of(c)->deadline_us = deadline_for(h->front.o.idle_ms + h->front.o.head_ms, 0);
        exchange_done(x);
}

__attribute__((format(printf, 2, 0)))
static void on_log(void *cls, const char *fmt, va_list ap)
{
        char text[512];

        (void)cls;
        int n = vsnprintf(text, sizeof text, fmt, ap);
        if (n > 0)
                log_line(LOG_DEBUG, "http.transport", "text=%s", log_quote(text, strnlen(text, sizeof text)));
}

/* ---- life ---- */

static struct MHD_Daemon *start_daemon(struct http *h, struct door *d, int fd, int threads)
{
        unsigned idle_s = (unsigned)(h->front.o.idle_ms + 999) / 1000;
        struct MHD_OptionItem pool[] = { { MHD_OPTION_THREAD_POOL_SIZE, threads, NULL }, { MHD_OPTION_END, 0, NULL } };

        return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_access, d,
                                MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
                                MHD_OPTION_LISTEN_SOCKET, fd,
                                MHD_OPTION_URI_LOG_CALLBACK, on_target, d,
                                MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
                                MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
                                MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
                                MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIMIT_CONNECTIONS,
                                MHD_OPTION_CONNECTION_TIMEOUT, idle_s,
                                MHD_OPTION_ARRAY, threads > 1 ? pool : pool + 1,
                                MHD_OPTION_END);
}

static struct http *http_new(const struct http_options *o)
{
        struct http *h = calloc(1, sizeof *h);

        if (!h)
                abort();
        front_init(&h->front, o);
        if (!h->front.o.head_ms)
                h->front.o.head_ms = DEFAULT_MS;
        if (!h->front.o.idle_ms)
                h->front.o.idle_ms = DEFAULT_MS;
        h->tcp_fd = h->local_fd = -1;
        h->doors[0] = (struct door){ h, false };
        h->doors[1] = (struct door){ h, true };
        h->watch = watch_new();
        h->workers = workers_new(o->workers > 0 ? o->workers : 1, LIMIT_QUEUE_JOBS, false);
        h->bulk = workers_new(o->workers > 0 ? o->workers : 1, LIMIT_QUEUE_JOBS, true);
        return h;
}

static void end_daemon(struct MHD_Daemon *d, int fd)
{
        if (d)
                MHD_stop_daemon(d);     /* closes the socket, unless it was quiesced */
        if (fd >= 0)
                close(fd);
}

/* Nothing is suspended here, which MHD_stop_daemon relies on. */
static void http_free(struct http *h)
{
        end_daemon(h->tcp, h->tcp_fd);
        end_daemon(h->local, h->local_fd);
        if (h->front.o.unix_socket && h->local)
                unlink(h->front.o.unix_socket);
        workers_free(h->workers);
        workers_free(h->bulk);
        watch_free(h->watch);
        front_fini(&h->front);
        free(h);
}

static int open_doors(struct http *h, struct err *reterr)
{
        const struct http_options *o = &h->front.o;
        int fd;

        if (listen_tcp(o->listen, &fd, h->url, sizeof h->url, reterr) < 0)
                return -1;
        h->tcp = start_daemon(h, &h->doors[0], fd, o->threads);
        if (!h->tcp) {
                close(fd);
                return err_set(reterr, ERR_INTERNAL, "the HTTP daemon does not start");
        }
        if (!o->unix_socket)
                return 0;
        if (listen_unix(o->unix_socket, &fd, reterr) < 0)
                return -1;
        h->local = start_daemon(h, &h->doors[1], fd, 1);
        if (!h->local) {
                close(fd);
                return err_set(reterr, ERR_INTERNAL, "the HTTP daemon of %s does not start", o->unix_socket);
        }
        return 0;
}

int http_start(const struct http_options *o, struct http **ret, struct err *reterr)
{
        struct http *h = http_new(o);

        if (open_doors(h, reterr) < 0) {
                http_free(h);
                return -1;
        }
        *ret = h;
        return 0;
}

const char *http_address(const struct http *h)
{
        return h->url;
}

void http_stop(struct http *h, int grace_ms)
{
        if (!h)
                return;
        h->tcp_fd = MHD_quiesce_daemon(h->tcp);
        if (h->local)
                h->local_fd = MHD_quiesce_daemon(h->local);
        front_drain(&h->front, grace_ms);
        h->stopping = true;
        while (h->suspended > 0)
                usleep(1000);   /* a handler that runs owns the memory of its exchange */
        http_free(h);
}
