#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/oom.h"
#include "ingest/door_modbus_impl.h"

/* Asks devices by Modbus TCP, or by RTU frames over TCP: one thread and one epoll for all, so that a dead one delays nobody.  libmodbus waits for each answer and knows no RTU over TCP, hence
 * the framing is our own (modbus_frame.c); the tests hold it against libmodbus. */
enum { EVENTS = 64, LOOK_US = 1000 * 1000, LEAST_US = 1000 };

/* ---- which devices ---- */
static struct modbus_link *link_of(struct door_modbus *d, const struct modbus_plan *plan)
{
        for (struct modbus_link *l = d->links; l; l = l->next)
                if (l->port == plan->port && l->framing == plan->framing && str_is(plan->host, l->host))
                        return l;
        struct modbus_link *l = or_abort(calloc(1, sizeof *l));
        l->door = d;
        l->fd = -1;
        l->port = plan->port;
        l->framing = plan->framing;
        snprintf(l->host, sizeof l->host, "%.*s", STR_ARG(plan->host));
        l->next = d->links;
        d->links = l;
        return l;
}

static struct polled *find(struct door_modbus *d, const struct known_device *k)
{
        for (struct modbus_link *l = d->links; l; l = l->next)
                for (struct polled *p = l->devices; p; p = p->next)
                        if (str_eq(p->id, k->id) && str_eq(p->detail, k->detail) && str_eq(p->model, k->model))
                                return p;
        return NULL;
}

static void add(struct door_modbus *d, const struct known_device *k, int64_t now_us)
{
        struct polled *p = or_abort(calloc(1, sizeof *p));
        struct err e = { 0 };

        p->arena = arena_new();
        p->id = arena_str(p->arena, k->id);
        p->model = arena_str(p->arena, k->model);
        p->detail = arena_str(p->arena, k->detail);
        if (modbus_plan_read(p->arena, p->model, p->detail, &p->plan, &e) < 0) {
                collector_notice(d->c, NOTICE_NO_ANSWER, k->id, STR("description"), str_of(e.detail), STR_NONE);
                arena_free(p->arena);
                free(p);
                return;
        }
        struct modbus_link *l = link_of(d, &p->plan);
        p->said = arena_array(p->arena, struct reading, p->plan.n + 1);
        p->due_us = now_us;
        p->listed = true;
        p->next = l->devices;
        l->devices = p;
}

static void drop_unlisted(struct modbus_link *l)
{
        for (struct polled **at = &l->devices, *p; (p = *at);) {
                if (p->listed) {
                        p->listed = false;
                        at = &p->next;
                        continue;
                }
                if (l->current == p) {
                        modbus_link_close(l);
                        l->current = NULL;
                }
                *at = p->next;
                arena_free(p->arena);
                free(p);
        }
}

/* A link that nobody uses any more goes. */
static void drop_unused(struct door_modbus *d)
{
        for (struct modbus_link **at = &d->links, *l; (l = *at);) {
                drop_unlisted(l);
                if (l->devices) {
                        at = &l->next;
                        continue;
                }
                *at = l->next;
                modbus_link_close(l);
                free(l);
        }
}

static void take_list(struct door_modbus *d, const struct device_list *list, int64_t now_us)
{
        const struct known_device *k;
        size_t n = 0;

        if (d->list)
                device_list_done(d->list);
        d->list = list;
        for (size_t i = 0; (k = device_at(list, i)); i++) {
                if (k->revoked || !str_is(k->protocol, "modbus") || ++n > LIMIT_MODBUS_DEVICES)
                        continue;
                struct polled *p = find(d, k);
                if (p)
                        p->listed = true;
                else
                        add(d, k, now_us);
        }
        if (n > LIMIT_MODBUS_DEVICES)
                log_line(LOG_WARN, "modbus.many", "devices=%zu, only %d are polled", n, LIMIT_MODBUS_DEVICES);
        drop_unused(d);
}

static void look_at_list(struct door_modbus *d, int64_t now_us)
{
        const struct device_list *list = collector_devices(d->c);

        if (list && list != d->list)
                take_list(d, list, now_us);
        else if (list)
                device_list_done(list);
        kept_again(d->kept);
}

/* ---- the thread ---- */
static int64_t step_all(struct door_modbus *d, int64_t now_us)
{
        int64_t next = now_us + LOOK_US;

        for (struct modbus_link *l = d->links; l; l = l->next) {
                int64_t at = modbus_link_step(l, now_us);
                next = at < next ? at : next;
        }
        return next;
}

static void *run(void *ctx)
{
        struct door_modbus *d = ctx;
        struct epoll_event events[EVENTS];
        int64_t looked_us = 0;

        while (!d->stop) {
                int64_t now_us = clock_mono_us();
                if (now_us - looked_us >= LOOK_US) {
                        look_at_list(d, now_us);
                        looked_us = now_us;
                }
                int64_t wait_us = step_all(d, now_us) - now_us;
                int n = epoll_wait(d->epoll_fd, events, EVENTS, (int)((wait_us > LEAST_US ? wait_us : LEAST_US) / 1000));
                now_us = clock_mono_us();
                for (int i = 0; i < n; i++)
                        if (events[i].data.ptr)
                                modbus_link_event(events[i].data.ptr, events[i].events, now_us);
        }
        return NULL;
}

/* ---- beginning and end ---- */
static int start(struct collector *c, const struct settings_door *o, void **ret, struct err *reterr)
{
        struct door_modbus *d = or_abort(calloc(1, sizeof *d));
        struct epoll_event e = { .events = EPOLLIN };

        (void)reterr;
        d->allow = o->allow;
        d->n_allow = o->n_allow;
        d->c = c;
        d->kept = kept_new(c);
        d->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        d->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, d->stop_fd, &e);
        if (pthread_create(&d->thread, NULL, run, d) != 0)
                or_abort(NULL);
        pthread_setname_np(d->thread, "modbus");
        *ret = d;
        return 0;
}

static void stop(void *door)
{
        struct door_modbus *d = door;

        d->stop = true;
        eventfd_write(d->stop_fd, 1);
        pthread_join(d->thread, NULL);
        for (struct modbus_link *l = d->links; l; l = l->next)
                for (struct polled *p = l->devices; p; p = p->next)
                        p->listed = false;
        drop_unused(d);
        if (d->list)
                device_list_done(d->list);
        kept_close(d->kept);
        close(d->epoll_fd);
        close(d->stop_fd);
        free(d);
}

static const char *address(void *door)
{
        (void)door;
        return NULL;
}

const struct door door_modbus = {
        .name = "modbus",
        .about_zh = "Modbus TCP，或经 TCP 的 RTU：按各设备的时间表轮询",
        .about = "Modbus TCP, or RTU over TCP: asks each device by its schedule",
        .start = start,
        .address = address,
        .stop = stop,
};
