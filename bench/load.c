/* The load: sends prepared bodies over a few keep-alive connections and counts the answers.
 *
 *   load [-c CONNECTIONS] [-g PATH] [-m MEDIA] HOST:PORT PATH BODIES
 *
 * BODIES holds, again and again, a length in decimal, a newline and so many bytes; each body is posted to PATH once, in order.  With -g
 * there is one connection, and each answered POST is followed by a GET of that path, timed by itself.  One thread, no work but copying into
 * sockets, because it shares the cores with what it measures.  Only answers 2xx that have wholly arrived count.
 *
 * Prints one line of JSON: ok, failed, seconds (first byte out to last byte in), cpu_seconds (our own), latencies in µs. */
#include <arpa/inet.h>
#include <assert.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_HEAD_MAX 16384

struct message { const char *head; const char *body; uint32_t head_n, body_n; };

struct connection {
        int fd;
        const struct message *out;      /* being sent or waited for; NULL: nothing under way */
        size_t sent;
        bool is_get;
        int64_t begun_us;
        char head[ANSWER_HEAD_MAX];     /* the answer's head until it is whole */
        size_t head_n;
        bool in_body;
        int status;
        size_t body_left;
};

struct latencies { int64_t *us; size_t n; };

static struct {
        struct message *posts;
        struct message get;
        size_t n, next;
        bool then_get;
        size_t ok, failed, under_way;
        struct latencies post, got;
        int epoll;
        const char *media;
} load = { .media = "application/ld+json" };

static int64_t now_us(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void *must(void *p)
{
        if (!p)
                errx(2, "out of memory");
        return p;
}

/* ---- the bodies ---- */

static const char *map_file(const char *path, size_t *ret_n)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        struct stat st;
        if (fd < 0 || fstat(fd, &st) != 0 || st.st_size == 0)
                err(2, "%s", path);
        void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
        if (p == MAP_FAILED)
                err(2, "%s", path);
        close(fd);
        *ret_n = (size_t)st.st_size;
        return p;
}

static void add_post(const char *host, const char *path, const char *body, size_t n)
{
        static size_t cap;
        if (load.n == cap) {
                cap = cap ? cap * 2 : 1024;
                load.posts = must(realloc(load.posts, cap * sizeof *load.posts));
        }
        char *head;
        int head_n = asprintf(&head, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
                              path, host, load.media, n);
        if (head_n < 0)
                errx(2, "out of memory");
        load.posts[load.n++] = (struct message){ head, body, (uint32_t)head_n, (uint32_t)n };
}

static void read_bodies(const char *file, const char *host, const char *path)
{
        size_t n;
        const char *p = map_file(file, &n), *end = p + n;
        while (p < end) {
                char *after;
                errno = 0;
                unsigned long length = strtoul(p, &after, 10);
                if (errno || after == p || *after != '\n' || length > (size_t)(end - after - 1))
                        errx(2, "%s: no length and body at byte %zu", file, n - (size_t)(end - p));
                add_post(host, path, after + 1, length);
                p = after + 1 + length;
        }
}

static void make_get(const char *host, const char *path)
{
        char *head;
        int n = asprintf(&head, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: text/html\r\n\r\n", path, host);
        if (n < 0)
                errx(2, "out of memory");
        load.get = (struct message){ head, NULL, (uint32_t)n, 0 };
        load.then_get = true;
}

/* ---- one connection ---- */

static void watch(struct connection *c, int op, bool want_write)
{
        struct epoll_event e = { .events = EPOLLIN | (want_write ? EPOLLOUT : 0), .data.ptr = c };
        if (epoll_ctl(load.epoll, op, c->fd, &e) != 0)
                err(2, "epoll_ctl");
}

static void send_more(struct connection *c)
{
        const struct message *m = c->out;
        size_t total = (size_t)m->head_n + m->body_n;
        while (c->sent < total) {
                size_t head_sent = c->sent < m->head_n ? c->sent : m->head_n, body_sent = c->sent - head_sent;
                struct iovec v[2] = { { (char *)m->head + head_sent, m->head_n - head_sent },
                                      { (char *)m->body + body_sent, m->body_n - body_sent } };
                ssize_t n = writev(c->fd, v, m->body_n ? 2 : 1);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN) {
                        watch(c, EPOLL_CTL_MOD, true);
                        return;
                }
                if (n < 0)
                        err(1, "the server closed a connection while we sent");
                c->sent += (size_t)n;
        }
}

static void begin(struct connection *c, const struct message *m, bool is_get)
{
        c->out = m;
        c->sent = 0;
        c->is_get = is_get;
        c->head_n = 0;
        c->in_body = false;
        c->begun_us = now_us();
        send_more(c);
}

static void begin_next(struct connection *c)
{
        if (load.next == load.n) {
                c->out = NULL;
                return;
        }
        load.under_way++;
        begin(c, &load.posts[load.next++], false);
}

static void tell_failure(const struct connection *c)
{
        if (load.failed++ == 0)
                fprintf(stderr, "load: first answer that is not 2xx:\n%.*s\n", (int)(c->head_n < 600 ? c->head_n : 600), c->head);
}

static void answered(struct connection *c)
{
        bool ok = c->status >= 200 && c->status < 300;
        struct latencies *l = c->is_get ? &load.got : &load.post;
        l->us[l->n++] = now_us() - c->begun_us;
        if (!ok)
                tell_failure(c);
        if (!c->is_get) {
                load.ok += ok;
                load.under_way--;
                if (load.then_get) {
                        load.under_way++;
                        begin(c, &load.get, true);
                        return;
                }
        } else
                load.under_way--;
        begin_next(c);
}

static void read_head(struct connection *c, const char *end)
{
        c->head[c->head_n] = 0;
        if (sscanf(c->head, "HTTP/1.1 %d", &c->status) != 1)
                errx(1, "no HTTP answer: %.60s", c->head);
        const char *l = strcasestr(c->head, "\r\nContent-Length:");
        if (!l || l > end)
                errx(1, "an answer without Content-Length:\n%s", c->head);
        size_t length = strtoul(l + 17, NULL, 10), have = c->head_n - (size_t)(end - c->head);
        assert(have <= length);
        c->body_left = length - have;
        c->in_body = true;
}

/* One read at most: with level-triggered epoll there is no second system call for nothing. */
static void receive(struct connection *c)
{
        static char sink[1 << 16];
        bool head = !c->in_body;
        size_t room = head ? sizeof c->head - 1 - c->head_n : sizeof sink;
        ssize_t n = recv(c->fd, head ? c->head + c->head_n : sink, room, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n <= 0)
                errx(1, "the server closed a connection%s", c->out ? " before it answered" : "");
        if (head) {
                c->head_n += (size_t)n;
                char *end = memmem(c->head, c->head_n, "\r\n\r\n", 4);
                if (end)
                        read_head(c, end + 4);
                else if (c->head_n == sizeof c->head - 1)
                        errx(1, "an endless head");
        } else
                c->body_left -= (size_t)n;
        if (c->in_body && c->body_left == 0)
                answered(c);
}

static int connect_to(const char *host, int port)
{
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
        if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
                errx(2, "no IPv4 address: %s", host);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
        if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
                err(1, "connecting to %s:%d", host, port);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
                err(2, "fcntl");
        return fd;
}

static void serve_events(void)
{
        struct epoll_event events[64];
        int n = epoll_wait(load.epoll, events, 64, 60000);
        if (n == 0)
                errx(1, "no answer within 60 s, %zu under way", load.under_way);
        for (int i = 0; i < n; i++) {
                struct connection *c = events[i].data.ptr;
                if ((events[i].events & EPOLLOUT) && c->out) {
                        watch(c, EPOLL_CTL_MOD, false);
                        send_more(c);
                }
                if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
                        receive(c);
        }
}

/* ---- the report ---- */

static int by_value(const void *a, const void *b)
{
        int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
        return (x > y) - (x < y);
}

static void print_latencies(const char *name, struct latencies *l)
{
        if (l->n == 0)
                return;
        qsort(l->us, l->n, sizeof *l->us, by_value);
        printf(", \"%s\": {\"p50\": %lld, \"p99\": %lld, \"max\": %lld}", name, (long long)l->us[l->n / 2],
               (long long)l->us[l->n * 99 / 100], (long long)l->us[l->n - 1]);
}

static void report(int64_t us)
{
        struct rusage u;
        getrusage(RUSAGE_SELF, &u);
        double cpu = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
        printf("{\"ok\": %zu, \"failed\": %zu, \"seconds\": %.6f, \"cpu_seconds\": %.3f", load.ok, load.failed, (double)us / 1e6, cpu);
        print_latencies("post_us", &load.post);
        print_latencies("get_us", &load.got);
        puts("}");
}

static void run(const char *host, int port, int connections)
{
        load.post.us = must(calloc(load.n, sizeof *load.post.us));
        load.got.us = must(calloc(load.n, sizeof *load.got.us));
        load.epoll = epoll_create1(EPOLL_CLOEXEC);
        struct connection *list = must(calloc((size_t)connections, sizeof *list));
        for (int i = 0; i < connections; i++) {
                list[i].fd = connect_to(host, port);
                watch(&list[i], EPOLL_CTL_ADD, false);
        }
        int64_t begun = now_us();
        for (int i = 0; i < connections; i++)
                begin_next(&list[i]);
        while (load.under_way > 0)
                serve_events();
        report(now_us() - begun);
        for (int i = 0; i < connections; i++)
                close(list[i].fd);
        free(list);
}

int main(int argc, char **argv)
{
        int connections = 8, option;
        const char *get = NULL;
        while ((option = getopt(argc, argv, "c:g:m:")) != -1) {
                if (option == 'c')
                        connections = (int)strtol(optarg, NULL, 10);
                else if (option == 'g')
                        get = optarg;
                else if (option == 'm')
                        load.media = optarg;
                else
                        errx(2, "usage: load [-c CONNECTIONS] [-g PATH] [-m MEDIA] HOST:PORT PATH BODIES");
        }
        if (argc - optind != 3 || connections < 1)
                errx(2, "usage: load [-c CONNECTIONS] [-g PATH] [-m MEDIA] HOST:PORT PATH BODIES");
        char *address = argv[optind], *colon = strrchr(address, ':');
        if (!colon)
                errx(2, "HOST:PORT, not %s", address);
        read_bodies(argv[optind + 2], address, argv[optind + 1]);
        if (get)
                make_get(address, get);
        char *host = must(strndup(address, (size_t)(colon - address)));
        run(host, (int)strtol(colon + 1, NULL, 10), get ? 1 : connections);
        free(host);
        return load.failed ? 1 : 0;
}
