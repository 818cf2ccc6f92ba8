#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "http/http.h"

/* Real sockets: what travels, what is half sent, what is garbage, what is slow, and the end. */

enum { HEAD_MS = 600, IDLE_MS = 800 };

static void say_body(struct request *q, void *app)
{
        struct reply r = { .status = 200, .content_type = "text/plain" };

        (void)app;
        r.body = q->body.n ? q->body : arena_printf(q->arena, "%s %.*s", q->local ? "local" : "far", STR_ARG(q->target));
        exchange_answer(q->exchange, &r);
}

static void *answer_later(void *arg)
{
        say_body(arg, NULL);
        return NULL;
}

/* The handler returns and another thread answers. */
static void keep(struct request *q, void *app)
{
        pthread_t t;

        (void)app;
        assert_int_equal(pthread_create(&t, NULL, answer_later, q), 0);
        pthread_detach(t);
}

static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_moved = PTHREAD_COND_INITIALIZER;
static int waiting;
static bool gate_open;

static void wait_at_gate(struct request *q, void *app)
{
        pthread_mutex_lock(&gate_lock);
        waiting++;
        pthread_cond_broadcast(&gate_moved);
        while (!gate_open)
                pthread_cond_wait(&gate_moved, &gate_lock);
        pthread_mutex_unlock(&gate_lock);
        say_body(q, app);
}

static void await_waiting(int n)
{
        pthread_mutex_lock(&gate_lock);
        while (waiting < n)
                pthread_cond_wait(&gate_moved, &gate_lock);
        pthread_mutex_unlock(&gate_lock);
}

static void open_gate(void)
{
        pthread_mutex_lock(&gate_lock);
        gate_open = true;
        pthread_cond_broadcast(&gate_moved);
        pthread_mutex_unlock(&gate_lock);
}

static _Atomic(struct shared_body *) page;

/* The page that stands now; with a query, the last time that it is said: its own reference is given up while it leaves. */
static void say_page(struct request *q, void *app)
{
        struct reply r = { .status = 200, .content_type = "text/html" };

        (void)app;
        r.shared = q->query.n ? atomic_exchange(&page, shared_body_new("new page", 8)) : shared_body_ref(page);
        exchange_answer(q->exchange, &r);
}

static const struct route r_inline = { .methods = METHOD_GET, .pattern = "/inline", .name = "inline", .inline_ok = true, .handle = say_body };
static const struct route r_work = { .methods = METHOD_GET | METHOD_POST, .pattern = "/work", .name = "work", .max_body = LIMIT_BODY_BYTES, .handle = say_body };
static const struct route r_keep = { .methods = METHOD_GET, .pattern = "/keep", .name = "keep", .handle = keep };
static const struct route r_gate = { .methods = METHOD_GET, .pattern = "/gate", .name = "gate", .handle = wait_at_gate };
static const struct route r_bulk = { .methods = METHOD_GET, .pattern = "/bulk", .name = "bulk", .bulk = true, .handle = wait_at_gate };
static const struct route r_page = { .methods = METHOD_GET, .pattern = "/page", .name = "page", .inline_ok = true, .handle = say_page };
static const struct route *const routes[] = { &r_page, &r_inline, &r_work, &r_keep, &r_gate, &r_bulk };

struct world { struct http *h; int port; char dir[40], path[60]; };

static int open_world(void **state)
{
        struct world *w = calloc(1, sizeof *w);
        struct err e = { 0 };

        snprintf(w->dir, sizeof w->dir, "/tmp/suyuan-http-XXXXXX");
        assert_non_null(mkdtemp(w->dir));
        snprintf(w->path, sizeof w->path, "%s/sock", w->dir);
        struct http_options o = { .listen = "127.0.0.1:0", .unix_socket = w->path, .threads = 2, .workers = 2, .routes = routes,
                                  .n_routes = sizeof routes / sizeof *routes, .head_ms = HEAD_MS, .idle_ms = IDLE_MS, .quiet = true };
        if (http_start(&o, &w->h, &e) < 0)
                fail_msg("%s", e.detail);
        w->port = (int)strtol(strrchr(http_address(w->h), ':') + 1, NULL, 10);
        waiting = 0;
        gate_open = false;
        *state = w;
        return 0;
}

static int close_world(void **state)
{
        struct world *w = *state;

        if (w->h)
                http_stop(w->h, 2000);
        assert_int_equal(access(w->path, F_OK), -1);
        rmdir(w->dir);
        free(w);
        return 0;
}

static int dial(const struct world *w)
{
        struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)w->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        struct timeval patience = { .tv_sec = 20 };
        int fd = socket(AF_INET, SOCK_STREAM, 0);

        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof sa), 0);
        return fd;
}

static void send_all(int fd, const void *p, size_t n)
{
        for (size_t at = 0; at < n;) {
                ssize_t k = send(fd, (const char *)p + at, n - at, MSG_NOSIGNAL);
                if (k <= 0)
                        return; /* the server has had enough */
                at += (size_t)k;
        }
}

static void send_text(int fd, const char *text)
{
        send_all(fd, text, strlen(text));
}

/* All that comes until the server ends the connection; NUL-terminated, for free(). */
static char *read_to_end(int fd)
{
        struct buf b = { .max = 64 * 1024 * 1024 };
        char part[65536];
        ssize_t k;

        while ((k = recv(fd, part, sizeof part, 0)) > 0)
                buf_add(&b, part, (size_t)k);
        assert_false(k < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
        close(fd);
        if (!b.p)
                buf_z(&b, "");
        return buf_take(&b, NULL);
}

static char *talk(const struct world *w, const char *text)
{
        int fd = dial(w);

        send_text(fd, text);
        return read_to_end(fd);
}

static int count(const char *hay, const char *needle)
{
        int n = 0;

        for (; (hay = strstr(hay, needle)); hay += strlen(needle))
                n++;
        return n;
}

static void stands(const struct world *w)
{
        char *r = talk(w, "GET /inline HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        assert_non_null(strstr(r, "HTTP/1.1 200 OK"));
        free(r);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
        struct world *w = *state;
        char *r = talk(w, "GET /inline?1 HTTP/1.1\r\nHost: a\r\n\r\nGET /work?2 HTTP/1.1\r\nHost: a\r\n\r\n"
                       "POST /work HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nthreeGET /keep?4 HTTP/1.1\r\nHost: a\r\n\r\n"
                       "GET /inline?5 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        assert_int_equal(count(r, "HTTP/1.1 200 OK"), 5);
        const char *at = r;
        for (const char *const *s = (const char *const[]){ "far /inline?1", "far /work?2", "three", "far /keep?4", "far /inline?5", NULL }; *s; s++) {
                at = strstr(at, *s);
                assert_non_null(at);
        }
        free(r);
}

static void pipelined_garbage_ends_the_connection_after_the_good_answer(void **state)
{
        struct world *w = *state;
        char *r = talk(w, "GET /work HTTP/1.1\r\nHost: a\r\n\r\n\x01\x02nonsense\r\n\r\nGET /inline HTTP/1.1\r\nHost: a\r\n\r\n");

        assert_int_equal(count(r, "HTTP/1.1 200 OK"), 1);
        free(r);
        stands(w);
}

static void bad_requests_are_refused_and_move_nobody(void **state)
{
        static const char *const bad[] = {
                "GET\r\n\r\n", "\r\n\r\n\r\n", "GET / HTTP/9.9\r\nHost: a\r\n\r\n", "GET /inline HTTP/1.1\r\n\r\n",
                "POST /work HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "POST /work HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n",
                "POST /work HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "POST /work HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nx", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
                "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "GET /inline HTTP/1.1\r\nHost a\r\n\r\n",
        };
        struct world *w = *state;

        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                int fd = dial(w);
                send_text(fd, bad[i]);
                shutdown(fd, SHUT_WR);
                char *r = read_to_end(fd);
                assert_null(strstr(r, "HTTP/1.1 200"));
                free(r);
        }
        char *r = talk(w, "GET /inline HTTP/1.1\r\n\r\n");
        assert_non_null(strstr(r, "HTTP/1.1 400"));
        assert_non_null(strstr(r, "application/problem+json"));
        free(r);
        stands(w);
}

static char *with_many(const char *before, size_t n, const char *after)
{
        struct buf b = { .max = 1 << 20 };

        buf_z(&b, before);
        for (size_t i = 0; i < n; i++)
                buf_char(&b, 'a');
        buf_z(&b, after);
        return buf_take(&b, NULL);
}

static void too_long_an_address_or_head_is_told(void **state)
{
        struct world *w = *state;
        char *in = with_many("GET /", 8192, " HTTP/1.1\r\nHost: a\r\n\r\n");
        char *r = talk(w, in);

        assert_non_null(strstr(r, "HTTP/1.1 414"));
        assert_non_null(strstr(r, "/problems/uri-too-long"));
        free(in), free(r);
        in = with_many("GET /inline HTTP/1.1\r\nHost: a\r\nX: ", LIMIT_HEADER_BYTES, "\r\n\r\n");
        r = talk(w, in);
        assert_non_null(strstr(r, "HTTP/1.1 431"));
        assert_non_null(strstr(r, "/problems/headers-too-large"));
        free(in), free(r);
        in = with_many("GET /inline HTTP/1.1\r\nHost: a\r\nX: ", 200000, "\r\n\r\n");
        r = talk(w, in);
        assert_null(strstr(r, " 200 "));
        free(in), free(r);
        stands(w);
}

static void a_body_over_the_limit_is_told_even_to_who_does_not_listen(void **state)
{
        struct world *w = *state;
        char head[200];
        size_t n = LIMIT_BODY_BYTES + 1;
        char *body = calloc(1, n);
        int fd = dial(w);

        snprintf(head, sizeof head, "POST /work HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", n);
        send_text(fd, head);
        send_all(fd, body, n);
        send_text(fd, "GET /inline HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        char *r = read_to_end(fd);
        assert_int_equal(strncmp(r, "HTTP/1.1 413", 12), 0);
        assert_non_null(strstr(r, "/problems/too-large"));
        free(r);

        fd = dial(w);   /* chunked: nobody said how much it would be */
        send_text(fd, "POST /work HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (size_t at = 0; at < n; at += 1 << 20) {
                send_text(fd, "100000\r\n");
                send_all(fd, body, 1 << 20);
                send_text(fd, "\r\n");
        }
        send_text(fd, "0\r\n\r\n");
        r = read_to_end(fd);
        assert_int_equal(strncmp(r, "HTTP/1.1 413", 12), 0);
        free(r);
        r = talk(w, "POST /work HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 16777217\r\n\r\n");
        assert_int_equal(strncmp(r, "HTTP/1.1 413", 12), 0);
        free(r);
        free(body);
}

static void a_body_at_the_limit_is_taken_whole(void **state)
{
        struct world *w = *state;
        char head[200];
        char *body = malloc(LIMIT_BODY_BYTES);
        int fd = dial(w);

        memset(body, 'x', LIMIT_BODY_BYTES);
        snprintf(head, sizeof head, "POST /work HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n", (int)LIMIT_BODY_BYTES);
        send_text(fd, head);
        send_all(fd, body, LIMIT_BODY_BYTES);
        char *r = read_to_end(fd);
        assert_int_equal(strncmp(r, "HTTP/1.1 200", 12), 0);
        const char *got = strstr(r, "\r\n\r\n") + 4;
        assert_int_equal(strlen(got), LIMIT_BODY_BYTES);
        assert_memory_equal(got, body, LIMIT_BODY_BYTES);
        free(r);
        free(body);
}

static void a_request_half_sent_is_given_up_in_time(void **state)
{
        static const char *const halves[] = { "", "GET /inl", "GET /inline HTTP/1.1\r\nHost: a\r\nX: ",
                                              "POST /work HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc" };
        struct world *w = *state;

        for (size_t i = 0; i < 4; i++)
                free(talk(w, halves[i]));       /* returns because the server ends it; the socket's patience is 20 s */
        stands(w);
}

/* Never idle, never done: only a deadline of the whole head ends this. */
static void one_byte_at_a_time_does_not_hold_a_connection(void **state)
{
        struct world *w = *state;
        struct timeval tick = { .tv_usec = 50 * 1000 };
        int fd = dial(w), sent = 0;
        char c;

        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof tick);
        send_text(fd, "GET /inline HTTP/1.1\r\nX: ");
        while (recv(fd, &c, 1, 0) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
                assert_true(++sent < 20 * 20);
                if (send(fd, "y", 1, MSG_NOSIGNAL) != 1)
                        break;
        }
        assert_true(sent > 2);
        close(fd);
        stands(w);
}

static void the_asker_may_go_away_while_a_worker_works(void **state)
{
        struct world *w = *state;
        int fd = dial(w);

        send_text(fd, "GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
        await_waiting(1);
        close(fd);
        open_gate();
        stands(w);
}

static void a_head_only_asker_gets_no_body(void **state)
{
        char *r = talk(*state, "HEAD /work HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        assert_non_null(strstr(r, "HTTP/1.1 200 OK"));
        assert_string_equal(strstr(r, "\r\n\r\n"), "\r\n\r\n");
        free(r);
}

static void a_shared_body_is_said_until_the_last_has_it(void **state)
{
        page = shared_body_new("old page", 8);
        char *r = talk(*state, "GET /page HTTP/1.1\r\nHost: a\r\n\r\nGET /page HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine\r\n\r\n"
                       "GET /page?last HTTP/1.1\r\nHost: a\r\n\r\nGET /page HTTP/1.1\r\nHost: a\r\n\r\n"
                       "HEAD /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        assert_int_equal(count(r, "HTTP/1.1 200 OK"), 5);
        assert_int_equal(count(r, "Content-Type: text/html\r\n"), 5);
        assert_int_equal(count(r, "old page"), 3);
        assert_int_equal(count(r, "new page"), 1);
        assert_int_equal(count(r, "X-Request-Id: mine\r\n"), 1);
        free(r);
        shared_body_unref(page);        /* nothing is under way: the leak checker sees the rest */
}

static void the_unix_socket_is_the_owners_and_says_so(void **state)
{
        struct world *w = *state;
        struct sockaddr_un sa = { .sun_family = AF_UNIX };
        struct stat st;
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        assert_int_equal(stat(w->path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        memcpy(sa.sun_path, w->path, strlen(w->path) + 1);
        assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof sa), 0);
        send_text(fd, "GET /work HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        char *r = read_to_end(fd);
        assert_non_null(strstr(r, "local /work"));
        free(r);
}

static void *stop(void *arg)
{
        struct world *w = arg;

        http_stop(w->h, 5000);
        return NULL;
}

static void ending_lets_a_running_request_finish(void **state)
{
        struct world *w = *state;
        int fd = dial(w);
        pthread_t t;

        send_text(fd, "GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
        await_waiting(1);
        assert_int_equal(pthread_create(&t, NULL, stop, w), 0);
        open_gate();
        char *r = read_to_end(fd);
        pthread_join(t, NULL);
        w->h = NULL;
        assert_non_null(strstr(r, "HTTP/1.1 200 OK"));
        free(r);
}

/* Both of its workers and more behind them: who asks something short still finds a worker. */
static void long_work_takes_no_worker_from_short_work(void **state)
{
        struct world *w = *state;
        int fd[3];

        for (int i = 0; i < 3; i++) {
                fd[i] = dial(w);
                send_text(fd[i], "GET /bulk HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        }
        await_waiting(2);
        char *r = talk(w, "GET /work HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assert_non_null(strstr(r, "HTTP/1.1 200 OK"));
        free(r);
        open_gate();
        for (int i = 0; i < 3; i++) {
                r = read_to_end(fd[i]);
                assert_non_null(strstr(r, "HTTP/1.1 200 OK"));
                free(r);
        }
}

static void a_bad_or_taken_address_is_told(void **state)
{
        struct world *w = *state;
        static const char *const bad[] = { "", "8080", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:x", "[::1:80", ":80", "no such host:80" };
        struct http_options o = { .threads = 1, .workers = 1 };
        struct http *h = NULL;
        struct err e;

        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                o.listen = bad[i];
                e = (struct err){ 0 };
                assert_int_equal(http_start(&o, &h, &e), -1);
                assert_true(e.detail[0]);
        }
        o.listen = http_address(w->h) + strlen("http://");
        e = (struct err){ 0 };
        assert_int_equal(http_start(&o, &h, &e), -1);
        assert_int_equal(e.kind, ERR_BUSY);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
int main(void)
{
        const struct CMUnitTest tests[] = {
                T(pipelined_requests_are_answered_in_order),
                T(pipelined_garbage_ends_the_connection_after_the_good_answer),
                T(bad_requests_are_refused_and_move_nobody),
                T(too_long_an_address_or_head_is_told),
                T(a_body_over_the_limit_is_told_even_to_who_does_not_listen),
                T(a_body_at_the_limit_is_taken_whole),
                T(a_request_half_sent_is_given_up_in_time),
                T(one_byte_at_a_time_does_not_hold_a_connection),
                T(the_asker_may_go_away_while_a_worker_works),
                T(a_head_only_asker_gets_no_body),
                T(a_shared_body_is_said_until_the_last_has_it),
                T(the_unix_socket_is_the_owners_and_says_so),
                T(ending_lets_a_running_request_finish),
                T(long_work_takes_no_worker_from_short_work),
                T(a_bad_or_taken_address_is_told),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
