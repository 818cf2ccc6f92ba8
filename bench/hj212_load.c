/* Stations that speak HJ 212, each on a connection of its own.
 *
 *   hj212_load [-n STATIONS] [-s SECONDS] [-w WARM] HOST:PORT
 *
 * Station i has the MN L and five digits, the password 123456, and sends one frame of real-time data a second, spread evenly over the second; each wants an
 * answer.  One thread.  Frames of the first WARM seconds are not counted.
 *
 * Prints one line of JSON: stations, sent, answered, seconds, cpu_seconds (our own), p50_us and p99_us from the frame to its answer. */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 20000, BATCH = 512 };

struct station { int fd; int64_t asked_us; bool counts; };

static struct station stations[MOST];
static int64_t *latencies;
static size_t n_latencies, most_latencies, sent, answered;

static int64_t now_us(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static unsigned crc_of(const char *p, size_t n)
{
        unsigned crc = 0xFFFF;
        for (size_t i = 0; i < n; i++) {
                crc = (crc >> 8) ^ (unsigned char)p[i];
                for (int k = 0; k < 8; k++)
                        crc = crc & 1 ? (crc >> 1) ^ 0xA001 : crc >> 1;
        }
        return crc;
}

static void dial(struct station *x, const char *address)
{
        char host[100];
        const char *colon = strrchr(address, ':');
        snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10)) };
        if (inet_pton(AF_INET, host, &to.sin_addr) != 1)
                errx(2, "%s is no address", host);
        x->fd = socket(AF_INET, SOCK_STREAM, 0);
        if (x->fd < 0 || connect(x->fd, (struct sockaddr *)&to, sizeof to) < 0)
                err(1, "connect");
        setsockopt(x->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
}

/* Eight channels, as the realistic stations of the demo have. */
static void send_frame(size_t i, bool counts)
{
        char data[600], all[640], when[20];
        time_t now = time(NULL) + 8 * 3600;
        struct tm t;
        gmtime_r(&now, &t);
        strftime(when, sizeof when, "%Y%m%d%H%M%S", &t);
        int v = (int)(now % 97) + (int)(i % 31);
        int n = snprintf(data, sizeof data, "QN=%s%03d;ST=22;CN=2011;PW=123456;MN=L%05zu;Flag=5;CP=&&DataTime=%s;a01001-Rtd=%d.%d,a01001-Flag=N;a01002-Rtd=%d.0,a01002-Flag=N;"
                         "a01006-Rtd=101.%d,a01006-Flag=N;a01007-Rtd=1.%d,a01007-Flag=N;a01008-Rtd=%d,a01008-Flag=N;a34002-Rtd=%d,a34002-Flag=N;a34004-Rtd=%d.5,a34004-Flag=N;"
                         "LA-Rtd=50.%d,LA-Flag=N&&", when, v, i, when, 15 + v % 9, v % 10, 60 + v % 20, v % 10, v % 10, v, 40 + v % 50, 20 + v % 40, v % 10);
        n = snprintf(all, sizeof all, "##%04d%s%04X\r\n", n, data, crc_of(data, (size_t)n));
        struct station *x = &stations[i];
        if (send(x->fd, all, (size_t)n, MSG_NOSIGNAL) != n)
                err(1, "send");
        x->asked_us = now_us();
        x->counts = counts;
        sent += counts;
}

static void take_answer(struct station *x)
{
        char in[2048];
        ssize_t n = recv(x->fd, in, sizeof in - 1, MSG_DONTWAIT);
        if (n <= 0)
                errx(1, "a station was turned away");
        in[n] = 0;
        for (const char *p = in; x->counts && (p = strstr(p, "CN=9014")); p++) {        /* late ones come together */
                if (answered < sent)
                        answered++;
                if (n_latencies < most_latencies)
                        latencies[n_latencies++] = now_us() - x->asked_us;
        }
}

static void take_answers(int epoll, int ms)
{
        struct epoll_event events[BATCH];
        int n = epoll_wait(epoll, events, BATCH, ms);
        for (int i = 0; i < n; i++)
                take_answer(events[i].data.ptr);
}

static int upwards(const void *a, const void *b)
{
        int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
        return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
        size_t n = 2000, seconds = 20, warm = 3;
        for (int c; (c = getopt(argc, argv, "n:s:w:")) != -1;)
                *(c == 'n' ? &n : c == 's' ? &seconds : &warm) = strtoul(optarg, NULL, 10);
        if (optind + 1 != argc || n > MOST || n == 0)
                errx(2, "hj212_load [-n STATIONS] [-s SECONDS] [-w WARM] HOST:PORT");
        struct rlimit files = { MOST + 64, MOST + 64 };
        setrlimit(RLIMIT_NOFILE, &files);
        int epoll = epoll_create1(0);
        most_latencies = n * (seconds + 2);
        latencies = calloc(most_latencies, sizeof *latencies);
        for (size_t i = 0; i < n; i++) {
                dial(&stations[i], argv[optind]);
                struct epoll_event e = { .events = EPOLLIN, .data.ptr = &stations[i] };
                epoll_ctl(epoll, EPOLL_CTL_ADD, stations[i].fd, &e);
        }
        int64_t begun = now_us();
        size_t total = n * (seconds + warm);
        for (size_t k = 0; k < total; k++) {
                for (int64_t due = begun + (int64_t)(k * 1000000.0 / (double)n), left; (left = due - now_us()) > 0;)
                        take_answers(epoll, (int)(left / 1000));
                send_frame(k % n, k >= n * warm);
        }
        for (int64_t end = now_us() + 3000000; answered < sent && now_us() < end;)
                take_answers(epoll, 50);
        struct rusage own;
        getrusage(RUSAGE_SELF, &own);
        qsort(latencies, n_latencies, sizeof *latencies, upwards);
        printf("{\"stations\": %zu, \"sent\": %zu, \"answered\": %zu, \"seconds\": %zu, \"cpu_seconds\": %.3f, \"p50_us\": %lld, \"p99_us\": %lld}\n", n, sent, answered, seconds,
               (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) + (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6,
               n_latencies ? (long long)latencies[n_latencies / 2] : 0, n_latencies ? (long long)latencies[n_latencies * 99 / 100] : 0);
        return 0;
}
