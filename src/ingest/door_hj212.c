#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/oom.h"
#include "ingest/door_hj212_impl.h"

/* TCP server of HJ 212: one thread, one epoll, thousands of connections that say little each. */
enum { EVENTS = 256, SWEEP_US = 1000 * 1000, HOLD_SWEEP_US = 20 * 1000, ACCEPTS = 64 };

/* ---- connections ---- */
static void listen_for(struct conn *x, uint32_t events)
{
        struct epoll_event e = { .events = events, .data.ptr = x };

        if (events != x->listening && epoll_ctl(x->door->epoll_fd, EPOLL_CTL_MOD, x->fd, &e) == 0)
                x->listening = events;
}

/* It is taken out at the end of the round: events of this one may still point at it. */
static void conn_end(struct conn *x)
{
        if (x->fd < 0)
                return;
        close(x->fd);
        x->fd = -1;
}

static void conn_free(struct conn *x)
{
        if (x->known)
                collector_notice(x->door->c, NOTICE_DISCONNECTED, str_of(x->id), str_of(x->from), STR_NONE, STR_NONE);
        x->door->conns[x->slot] = NULL;
        x->door->n--;
        conn_end(x);
        buf_free(&x->out);
        buf_free(&x->owed);
        arena_free(x->described);
        explicit_bzero(x->pw, sizeof x->pw);
        free(x);
}

static void flush(struct conn *x)
{
        while (x->fd >= 0 && x->out.n) {
                ssize_t n = send(x->fd, x->out.p, x->out.n, MSG_NOSIGNAL | MSG_DONTWAIT);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno != EAGAIN)
                        conn_end(x);
                if (n <= 0)
                        return;
                memmove(x->out.p, x->out.p + n, x->out.n - (size_t)n);
                x->out.n -= (size_t)n;
        }
}

void conn_send(struct conn *x, struct str bytes)
{
        if (x->fd < 0 || !bytes.n)
                return;
        buf_str(&x->out, bytes);
        if (x->out.overflow)
                conn_end(x);            /* it sends and never reads */
        flush(x);
}

/* What to wait for next, after anything happened to it. */
static void settle(struct conn *x)
{
        if (x->fd >= 0 && x->closing && !x->out.n)
                conn_end(x);
        if (x->fd >= 0)
                listen_for(x, (x->hold_us || x->closing ? 0 : EPOLLIN) | (x->out.n ? EPOLLOUT : 0));
}

static void read_more(struct conn *x, int64_t now_us)
{
        ssize_t n = recv(x->fd, x->in + x->in_n, sizeof x->in - x->in_n, MSG_DONTWAIT);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n <= 0) {
                conn_end(x);
                return;
        }
        x->active_us = now_us;
        x->in_n += (size_t)n;
        conn_frames(x, now_us);
}

static void on_event(struct conn *x, uint32_t events, int64_t now_us)
{
        if (x->fd < 0)
                return;
        if (events & EPOLLOUT)
                flush(x);
        if (x->hold_us && (events & (EPOLLERR | EPOLLHUP)))
                conn_end(x);
        else if (x->fd >= 0 && !x->hold_us && !x->closing && (events & (EPOLLIN | EPOLLERR | EPOLLHUP)))
                read_more(x, now_us);
        settle(x);
}

/* ---- accepting ---- */
static bool same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
        if (a->ss_family != b->ss_family)
                return false;
        if (a->ss_family == AF_INET)
                return ((const struct sockaddr_in *)a)->sin_addr.s_addr == ((const struct sockaddr_in *)b)->sin_addr.s_addr;
        return memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr, &((const struct sockaddr_in6 *)b)->sin6_addr, 8) == 0;      /* a /64 is one party */
}

static bool has_room(struct door_hj212 *d, const struct sockaddr_storage *from, uint32_t *ret_slot)
{
        uint32_t same = 0;

        *ret_slot = LIMIT_HJ212_CONNECTIONS;
        for (uint32_t i = 0; i < LIMIT_HJ212_CONNECTIONS && i <= d->top; i++) {
                if (!d->conns[i] && *ret_slot == LIMIT_HJ212_CONNECTIONS)
                        *ret_slot = i;
                same += d->conns[i] && same_address(&d->conns[i]->address, from);
        }
        return *ret_slot < LIMIT_HJ212_CONNECTIONS && same < LIMIT_HJ212_PER_ADDRESS;
}

static void text_of(const struct sockaddr_storage *s, char *ret, size_t room)
{
        char host[INET6_ADDRSTRLEN + 20] = "", port[8] = "";
        bool six = s->ss_family == AF_INET6;

        getnameinfo((const struct sockaddr *)s, sizeof *s, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
        snprintf(ret, room, "%s%s%s:%s", six ? "[" : "", host, six ? "]" : "", port);
}

static void conn_begin(struct door_hj212 *d, int fd, const struct sockaddr_storage *from, uint32_t slot, int64_t now_us)
{
        struct conn *x = or_abort(calloc(1, sizeof *x));
        struct epoll_event e = { .events = EPOLLIN, .data.ptr = x };

        x->door = d;
        x->fd = fd;
        x->slot = slot;
        x->generation = ++d->generation;
        x->listening = EPOLLIN;
        x->address = *from;
        text_of(from, x->from, sizeof x->from);
        x->opened_us = x->active_us = x->tokens_us = now_us;
        x->tokens = LIMIT_HJ212_FRAMES_BURST;
        x->out.max = x->owed.max = LIMIT_HJ212_OUT_BYTES;
        d->conns[slot] = x;
        d->n++;
        if (slot >= d->top)
                d->top = slot + 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
        setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &(int){ 1 }, sizeof(int));
        if (epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, fd, &e) < 0)
                conn_end(x);
}

static void turn_down(struct door_hj212 *d, int fd, const struct sockaddr_storage *from, int64_t now_us)
{
        char text[64];

        close(fd);
        if (now_us - d->refused_us < 60 * 1000000)
                return;
        d->refused_us = now_us;
        text_of(from, text, sizeof text);
        log_line(LOG_WARN, "hj212.full", "from=%s connections=%u, turned down", text, d->n);
}

static void be_deaf(struct door_hj212 *d, bool deaf)
{
        struct epoll_event e = { .events = deaf ? 0 : EPOLLIN, .data.ptr = &d->listen_fd };

        if (deaf != d->deaf)
                epoll_ctl(d->epoll_fd, EPOLL_CTL_MOD, d->listen_fd, &e);
        d->deaf = deaf;
}

static void accept_some(struct door_hj212 *d, int64_t now_us)
{
        for (int i = 0; i < ACCEPTS; i++) {
                struct sockaddr_storage from = { 0 };
                socklen_t n = sizeof from;
                uint32_t slot;
                int fd = accept4(d->listen_fd, (struct sockaddr *)&from, &n, SOCK_CLOEXEC | SOCK_NONBLOCK);
                if (fd < 0) {
                        be_deaf(d, errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM);
                        return;
                }
                if (has_room(d, &from, &slot))
                        conn_begin(d, fd, &from, slot, now_us);
                else
                        turn_down(d, fd, &from, now_us);
        }
}

/* ---- what was told ---- */
static void told(struct conn *x, const struct hand *h)
{
        x->waiting--;
        if (h->told == TOLD_LATER) {
                buf_clear(&x->owed);            /* unanswered: it comes again */
                return;
        }
        if (h->told == TOLD_REFUSED)
                buf_add(&x->owed, h->answer + h->n, h->n_refusal);
        else
                buf_add(&x->owed, h->answer, h->n);
        if (h->keep)
                return;
        conn_send(x, buf_view(&x->owed));
        buf_clear(&x->owed);
        settle(x);
}

static void read_inbox(struct door_hj212 *d)
{
        for (struct hand *h = inbox_take(d->inbox), *next; h; h = next) {
                struct conn *x = d->conns[h->slot];
                next = h->next;
                if (x && x->generation == h->generation && x->fd >= 0)
                        told(x, h);
                free(h);
        }
}

/* ---- rounds ---- */
static bool too_idle(const struct conn *x, int64_t now_us)
{
        return x->known ? now_us - x->active_us > x->door->idle_us : now_us - x->opened_us > x->door->login_us;
}

/* Whoever was held goes on, whoever is silent goes, whoever ended is taken out. */
static void sweep(struct door_hj212 *d, int64_t now_us)
{
        uint32_t top = 0;

        d->held = false;
        be_deaf(d, false);
        for (uint32_t i = 0; i < d->top; i++) {
                struct conn *x = d->conns[i];
                if (!x)
                        continue;
                if (x->fd >= 0 && x->hold_us && x->hold_us <= now_us) {
                        conn_frames(x, now_us);
                        settle(x);
                }
                if (x->fd < 0 || too_idle(x, now_us)) {
                        conn_free(x);
                        continue;
                }
                d->held |= x->hold_us != 0;
                top = i + 1;
        }
        d->top = top;
}

static void one_event(struct door_hj212 *d, const struct epoll_event *e, int64_t now_us)
{
        if (e->data.ptr == &d->listen_fd)
                accept_some(d, now_us);
        else if (e->data.ptr == &d->inbox)
                read_inbox(d);
        else if (e->data.ptr != &d->stop_fd)
                on_event(e->data.ptr, e->events, now_us);
}

static void *run(void *ctx)
{
        struct door_hj212 *d = ctx;
        struct epoll_event events[EVENTS];
        int64_t swept_us = clock_mono_us();

        while (!d->stop) {
                int64_t pause_us = d->held || d->deaf ? HOLD_SWEEP_US : SWEEP_US;
                int n = epoll_wait(d->epoll_fd, events, EVENTS, (int)(pause_us / 1000));
                int64_t now_us = clock_mono_us();
                for (int i = 0; i < n; i++)
                        one_event(d, &events[i], now_us);
                if (now_us - swept_us < (d->held || d->deaf ? HOLD_SWEEP_US : SWEEP_US))
                        continue;
                swept_us = now_us;
                sweep(d, now_us);
        }
        read_inbox(d);
        return NULL;
}

/* ---- beginning and end ---- */
static int open_listener(struct door_hj212 *d, const struct addrinfo *to, const char *listen_text, struct err *reterr)
{
        struct sockaddr_storage own = { 0 };
        socklen_t n = sizeof own;

        d->listen_fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        setsockopt(d->listen_fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
        if (d->listen_fd < 0 || bind(d->listen_fd, to->ai_addr, to->ai_addrlen) < 0 || listen(d->listen_fd, 1024) < 0)
                return err_set(reterr, ERR_BAD_INPUT, "cannot listen at %.80s for HJ 212: %s", listen_text, strerror(errno));
        getsockname(d->listen_fd, (struct sockaddr *)&own, &n);
        text_of(&own, d->address, sizeof d->address);
        return 0;
}

/* HOST:PORT, an IPv6 address in brackets. */
static int listen_at(struct door_hj212 *d, const char *listen_text, struct err *reterr)
{
        struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *to = NULL;
        char host[128];
        const char *colon = strrchr(listen_text, ':');
        bool bracket = listen_text[0] == '[' && colon && colon > listen_text && colon[-1] == ']';

        if (colon)
                snprintf(host, sizeof host, "%.*s", (int)(colon - listen_text) - 2 * bracket, listen_text + bracket);
        if (!colon || getaddrinfo(*host ? host : NULL, colon + 1, &hints, &to) != 0)
                return err_set(reterr, ERR_BAD_INPUT, "'%.80s' is no address to listen at: HOST:PORT", listen_text);
        int rc = open_listener(d, to, listen_text, reterr);
        freeaddrinfo(to);
        return rc;
}

static void allow_many_files(void)
{
        struct rlimit r;

        if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < LIMIT_HJ212_CONNECTIONS + 256) {
                r.rlim_cur = r.rlim_max < LIMIT_HJ212_CONNECTIONS + 256 ? r.rlim_max : LIMIT_HJ212_CONNECTIONS + 256;
                setrlimit(RLIMIT_NOFILE, &r);
        }
}

static void watch(struct door_hj212 *d, int fd, void *what)
{
        struct epoll_event e = { .events = EPOLLIN, .data.ptr = what };

        if (epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, fd, &e) < 0)
                or_abort(NULL);
}

static void door_free(struct door_hj212 *d)
{
        for (uint32_t i = 0; i < d->top; i++)
                if (d->conns[i])
                        conn_free(d->conns[i]);
        if (d->listen_fd >= 0)
                close(d->listen_fd);
        close(d->epoll_fd);
        close(d->stop_fd);
        inbox_close(d->inbox);
        arena_free(d->scratch);
        free(d);
}

static int start(struct collector *c, const struct settings_door *o, void **ret, struct err *reterr)
{
        struct door_hj212 *d = or_abort(calloc(1, sizeof *d));

        d->c = c;
        d->login_us = LIMIT_HJ212_LOGIN_S * 1000000LL;
        d->idle_us = LIMIT_HJ212_IDLE_S * 1000000LL;
        d->listen_fd = -1;
        d->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        d->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        d->inbox = inbox_new();
        d->scratch = arena_new();
        allow_many_files();
        if (listen_at(d, o->listen, reterr) < 0) {
                door_free(d);
                return -1;
        }
        watch(d, d->listen_fd, &d->listen_fd);
        watch(d, d->inbox->fd, &d->inbox);
        watch(d, d->stop_fd, &d->stop_fd);
        if (pthread_create(&d->thread, NULL, run, d) != 0)
                or_abort(NULL);
        pthread_setname_np(d->thread, "hj212");
        *ret = d;
        return 0;
}

static const char *address(void *door)
{
        return ((struct door_hj212 *)door)->address;
}

/* What was told is still answered; nothing is waited for. */
static void stop(void *door)
{
        struct door_hj212 *d = door;

        d->stop = true;
        eventfd_write(d->stop_fd, 1);
        pthread_join(d->thread, NULL);
        door_free(d);
}

const struct door door_hj212 = {
        .name = "hj212",
        .about_zh = "HJ 212-2017（及 2005）：监测设备经 TCP 上传",
        .about = "HJ 212-2017 (and 2005): monitoring devices that send over TCP",
        .start = start,
        .address = address,
        .stop = stop,
};
