#include "base/log.h"

#include <assert.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { LINE_BYTES = 4096, QUOTES = 8, QUOTE_BYTES = 1024, CONTEXT_BYTES = 64 };

static atomic_int least_level = LOG_INFO;
static _Thread_local char context[CONTEXT_BYTES];

void log_set_level(enum log_level least)
{
        atomic_store(&least_level, (int)least);
}

bool log_wants(enum log_level level)
{
        return (int)level >= atomic_load_explicit(&least_level, memory_order_relaxed);
}

void log_set_context(const char *request_id)
{
        snprintf(context, sizeof context, "%s", request_id ? request_id : "");
}

/* A line that is cut still ends where a line ends. */
static size_t print(char *line, size_t n, const char *fmt, va_list ap)
{
        size_t room = LINE_BYTES - n;
        int more = vsnprintf(line + n, room, fmt, ap);

        if (more < 0)
                return n;
        return (size_t)more < room ? n + (size_t)more : LINE_BYTES - 1;
}

__attribute__((format(printf, 3, 4)))
static size_t printed(char *line, size_t n, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        n = print(line, n, fmt, ap);
        va_end(ap);
        return n;
}

static size_t head(char *line, enum log_level level, const char *what)
{
        static const char *const names[] = { "debug", "info", "warn", "error" };
        int64_t us = clock_now_us();
        struct civil c = civil_of(us, 0);
        size_t n;

        assert(level >= LOG_DEBUG && level <= LOG_ERROR);
        n = printed(line, 0, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ %s %s", c.year, c.month, c.day,
                    c.hour, c.minute, c.second, (int)(us / 1000 % 1000), names[level], what);
        return context[0] ? printed(line, n, " id=%s", context) : n;
}

/* One write(), so that lines of different threads do not mix; no control byte reaches the terminal. */
static void emit(char *line, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
                        line[i] = '?';
        line[n] = '\n';
        for (size_t at = 0; at <= n;) {
                ssize_t done = write(STDERR_FILENO, line + at, n + 1 - at);
                if (done <= 0)
                        return; /* nobody left to tell */
                at += (size_t)done;
        }
}

void log_line(enum log_level level, const char *what, const char *fmt, ...)
{
        char line[LINE_BYTES + 1];
        va_list ap;

        if (!log_wants(level))
                return;
        size_t n = head(line, level, what);
        if (*fmt) {
                n = printed(line, n, " ");
                va_start(ap, fmt);
                n = print(line, n, fmt, ap);
                va_end(ap);
        }
        emit(line, n);
}

void log_err(enum log_level level, const char *what, const struct err *e)
{
        log_line(level, what, "fault=%s detail=%s pointer=%s cause=%s", err_slug(e->kind),
                 log_quote(e->detail, strlen(e->detail)), log_quote(e->pointer, strlen(e->pointer)),
                 log_quote(e->cause, strlen(e->cause)));
}

/* Writes the escaped form of `c` (at most 4 bytes) and tells its length. */
static size_t escape(unsigned char c, char *out)
{
        static const char hex[] = "0123456789abcdef";

        if (c == '"' || c == '\\') {
                out[0] = '\\';
                out[1] = (char)c;
                return 2;
        }
        if (c == '\n' || c == '\t' || c == '\r') {
                out[0] = '\\';
                out[1] = c == '\n' ? 'n' : c == '\t' ? 't' : 'r';
                return 2;
        }
        if (c < 0x20 || c == 0x7f) {
                memcpy(out, (char[]){ '\\', 'x', hex[c >> 4], hex[c & 15] }, 4);
                return 4;
        }
        out[0] = (char)c;
        return 1;
}

const char *log_quote(const char *p, unsigned long n)
{
        static _Thread_local char ring[QUOTES][QUOTE_BYTES];
        static _Thread_local unsigned turn;
        char *q = ring[turn++ % QUOTES];
        size_t at = 0;

        q[at++] = '"';
        for (unsigned long i = 0; i < n; i++) {
                bool inside = ((unsigned char)p[i] & 0xc0) == 0x80;
                if (at > QUOTE_BYTES - (inside ? 10 : 16)) {
                        memcpy(q + at, "…", 3); /* what follows is cut */
                        at += 3;
                        break;
                }
                at += escape((unsigned char)p[i], q + at);
        }
        q[at++] = '"';
        q[at] = '\0';
        return q;
}
