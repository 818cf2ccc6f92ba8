#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/log.h"
#include "ingest/door_modbus_impl.h"
#include "ingest/mapping.h"

/* One address: connect, ask block after block, hand over, the next device that is due.  Nothing here waits; a deadline ends whatever is under way. */
enum { BACK_OFF_US = 1000 * 1000, BACK_OFF_MOST_US = 300 * 1000 * 1000, TELL_AT = 3 };

void modbus_link_close(struct modbus_link *l)
{
        if (l->fd >= 0)
                close(l->fd);
        l->fd = -1;
        l->connecting = l->asked = false;
        l->n = 0;
}

static void done(struct modbus_link *l, int64_t due_us)
{
        l->current->due_us = due_us;
        l->current = NULL;
        l->asked = false;
}

/* A second, two, four … to five minutes: a dead device costs little, one that was away for a moment is back soon. */
static void put_off(struct modbus_link *l, int64_t now_us)
{
        int64_t wait = BACK_OFF_US;

        for (int i = 1; i < l->current->failures && wait < BACK_OFF_MOST_US; i++)
                wait *= 2;
        done(l, now_us + (wait < BACK_OFF_MOST_US ? wait : BACK_OFF_MOST_US));
}

static void notice(struct modbus_link *l, enum notice what, const char *why)
{
        char from[100];

        snprintf(from, sizeof from, "%s:%u unit %u", l->host, l->port, l->current->plan.unit);
        collector_notice(l->door->c, what, l->current->id, str_of(from), str_of(why), STR_NONE);
}

static void fail(struct modbus_link *l, int64_t now_us, const char *why)
{
        if (++l->current->failures == TELL_AT || l->current->failures % 64 == 0)
                notice(l, NOTICE_NO_ANSWER, why);
        put_off(l, now_us);
}

/* Told at once, and again with what would else fade; in the log once. */
static void refuse(struct modbus_link *l, int64_t now_us)
{
        struct polled *p = l->current;

        if (++p->failures == 1)
                log_line(LOG_WARN, "modbus.refused", "device=%s address=%s port=%u, --modbus-allow would allow it", log_quote(p->id.p, p->id.n), log_quote(l->host, strlen(l->host)), l->port);
        if (p->failures == 1 || p->failures % 64 == 0)
                notice(l, NOTICE_REFUSED_ADDRESS, "an address of the server itself or its link: the operator can allow it (--modbus-allow)");
        put_off(l, now_us);
}

static void fail_and_close(struct modbus_link *l, int64_t now_us, const char *why)
{
        modbus_link_close(l);
        if (l->current)
                fail(l, now_us, why);
}

/* ---- connecting ---- */
static socklen_t address_of(const struct modbus_link *l, struct sockaddr_storage *ret)
{
        struct sockaddr_in *four = (struct sockaddr_in *)ret;
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;

        *ret = (struct sockaddr_storage){ 0 };
        if (inet_pton(AF_INET, l->host, &four->sin_addr) == 1) {
                four->sin_family = AF_INET;
                four->sin_port = htons(l->port);
                return sizeof *four;
        }
        inet_pton(AF_INET6, l->host, &six->sin6_addr);
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(l->port);
        return sizeof *six;
}

static void dial(struct modbus_link *l, int64_t now_us)
{
        struct sockaddr_storage to;
        socklen_t n = address_of(l, &to);
        struct epoll_event e = { .events = EPOLLOUT, .data.ptr = l };

        if (address_reach((const struct sockaddr *)&to) == ADDRESS_CLOSED && !address_allowed(l->door->allow, l->door->n_allow, l->host, l->port)) {
                refuse(l, now_us);
                return;
        }
        l->fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (l->fd < 0 || (connect(l->fd, (struct sockaddr *)&to, n) < 0 && errno != EINPROGRESS) || epoll_ctl(l->door->epoll_fd, EPOLL_CTL_ADD, l->fd, &e) < 0) {
                fail_and_close(l, now_us, strerror(errno));
                return;
        }
        setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
        l->connecting = true;
        l->until_us = now_us + l->current->plan.timeout_us;
}

/* ---- asking ---- */
static void ask(struct modbus_link *l, int64_t now_us)
{
        const struct modbus_plan *plan = &l->current->plan;
        const struct modbus_block *b = &plan->blocks[l->block];
        uint8_t request[MODBUS_REQUEST_BYTES];

        l->ask = (struct modbus_ask){ l->framing, (uint16_t)(l->ask.transaction + 1), plan->unit, b->function, b->address, b->count };
        size_t n = modbus_request(&l->ask, request);
        if (l->framing == MODBUS_RTU)
                l->n = 0;               /* what came late is no answer to this */
        l->asked = true;
        l->until_us = now_us + plan->timeout_us;
        if (send(l->fd, request, n, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)n)
                fail_and_close(l, now_us, "the connection is broken");
}

static void hand_over(struct modbus_link *l, int64_t now_us)
{
        struct polled *p = l->current;
        int64_t t_ms = clock_now_us() / 1000, next = p->due_us + p->plan.every_us;

        for (size_t i = 0; i < p->n_said; i++)
                p->said[i].t_ms = t_ms;
        const struct known_device *d = l->door->list ? device_by_id(l->door->list, p->id) : NULL;
        if (p->n_said && d && collector_allows(l->door->c, d, p->n_said))
                kept_give(l->door->kept, p->said, p->n_said);
        p->failures = 0;
        done(l, next > now_us ? next : now_us + p->plan.every_us);
}

static void answered(struct modbus_link *l, const uint8_t *registers, int64_t now_us)
{
        struct polled *p = l->current;
        const struct modbus_block *b = &p->plan.blocks[l->block];

        for (size_t i = b->first; i < b->first + b->n; i++) {
                struct reading r = { .device = p->id, .channel = p->plan.registers[i].code };
                if (modbus_value(&p->plan.registers[i], b, registers, &r.value))
                        p->said[p->n_said++] = r;
        }
        if (++l->block < p->plan.n_blocks)
                ask(l, now_us);
        else
                hand_over(l, now_us);
}

static void look(struct modbus_link *l, int64_t now_us)
{
        struct modbus_answer x;
        char why[40];

        modbus_next(&l->ask, (struct str){ (const char *)l->in, l->n }, &x);
        if (x.found == MODBUS_WRONG) {
                fail_and_close(l, now_us, x.why);
                return;
        }
        uint8_t registers[MODBUS_ANSWER_BYTES];
        if (x.found == MODBUS_ANSWER)
                memcpy(registers, x.registers, 2u * l->ask.count);
        memmove(l->in, l->in + x.used, l->n - x.used);
        l->n -= x.used;
        if (x.found == MODBUS_ANSWER) {
                answered(l, registers, now_us);
        } else if (x.found == MODBUS_EXCEPTION) {
                snprintf(why, sizeof why, "exception %d", x.exception);
                fail(l, now_us, why);
        } else if (x.used) {
                look(l, now_us);        /* an answer to an earlier question: it was shorter than the room, so this ends */
        }
}

/* ---- events ---- */
static void connected(struct modbus_link *l, int64_t now_us)
{
        int error = 0;
        socklen_t n = sizeof error;
        struct epoll_event e = { .events = EPOLLIN, .data.ptr = l };

        getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &n);
        l->connecting = false;
        if (error || epoll_ctl(l->door->epoll_fd, EPOLL_CTL_MOD, l->fd, &e) < 0)
                fail_and_close(l, now_us, strerror(error ? error : errno));
        else if (l->current)
                ask(l, now_us);
}

void modbus_link_event(struct modbus_link *l, uint32_t events, int64_t now_us)
{
        if (l->fd < 0 || !events)
                return;
        if (l->connecting) {
                connected(l, now_us);
                return;
        }
        ssize_t n = recv(l->fd, l->in + l->n, sizeof l->in - l->n, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n <= 0) {
                fail_and_close(l, now_us, "it closed the connection");
                return;
        }
        l->n += (size_t)n;
        if (l->asked)
                look(l, now_us);
        else
                l->n = 0;               /* nobody asked */
}

/* The device that has waited longest, if one is due. */
static struct polled *next_due(struct modbus_link *l, int64_t *ret_us)
{
        struct polled *first = NULL;

        for (struct polled *p = l->devices; p; p = p->next)
                if (!first || p->due_us < first->due_us)
                        first = p;
        *ret_us = first ? first->due_us : INT64_MAX;
        return first;
}

static void begin(struct modbus_link *l, struct polled *p, int64_t now_us)
{
        l->current = p;
        l->block = 0;
        p->n_said = 0;
        if (l->fd < 0)
                dial(l, now_us);
        else
                ask(l, now_us);
}

int64_t modbus_link_step(struct modbus_link *l, int64_t now_us)
{
        int64_t due_us;

        if (l->current && now_us >= l->until_us)
                fail_and_close(l, now_us, l->connecting ? "no connection in time" : "no answer in time");
        if (l->current)
                return l->until_us;
        struct polled *p = next_due(l, &due_us);
        if (due_us > now_us)
                return due_us;
        begin(l, p, now_us);
        return l->current ? l->until_us : now_us + 1000;
}
