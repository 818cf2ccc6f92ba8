#include "app/children.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/doors_of.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/oom.h"

enum { BACK_OFF_MIN_MS = 200, BACK_OFF_MAX_MS = 10000, GOOD_MS = 10000, READY_MS = 8000, END_MS = 9000, ARGS_MAX = 48 /* and two for each address of --modbus-allow */ };

struct children {
        const struct settings *s;
        pthread_t thread;
        pthread_mutex_t lock;
        pthread_cond_t looked;
        int stop_fd;
        bool ready;                     /* the first one said so, or ended */
};

struct child { pid_t pid; int life, said, pid_fd; };    /* our end of its standard input; of its output */

/* ---- how it is called ---- */

static const struct { const char *flag; size_t offset; } texts[] = {
#define TEXT_OF(flag, field) { "--" flag, offsetof(struct settings, field) }
        TEXT_OF("data", data), TEXT_OF("log-level", log_level), TEXT_OF("hj212", hj212), TEXT_OF("mqtt", mqtt), TEXT_OF("mqtt-user", mqtt_user),
        TEXT_OF("mqtt-password-file", mqtt_password_file), TEXT_OF("mqtt-ca", mqtt_ca), TEXT_OF("mqtt-cert", mqtt_cert), TEXT_OF("mqtt-key", mqtt_key),
        TEXT_OF("mqtt-client", mqtt_client), TEXT_OF("mqtt-group", mqtt_group), TEXT_OF("broker", broker),
#undef TEXT_OF
};

static void arguments(const struct settings *s, const char **ret)
{
        size_t n = 0;
        ret[n++] = "suyuan";
        ret[n++] = "collect";
        ret[n++] = "--until-eof";
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
                const char *value = *(const char *const *)(const void *)((const char *)s + texts[i].offset);
                if (!*value)
                        continue;
                ret[n++] = texts[i].flag;
                ret[n++] = value;
        }
        if (s->mqtt_sparkplug)
                ret[n++] = "--mqtt-sparkplug";
        if (s->modbus)
                ret[n++] = "--modbus";
        for (size_t i = 0; i < s->modbus_allow.n; i++) {
                ret[n++] = "--modbus-allow";
                ret[n++] = s->modbus_allow.v[i];
        }
        ret[n] = NULL;
}

/* Its signals are as in a program of its own; its standard error is ours. */
static int spawn(const struct settings *s, int in, int out, pid_t *ret)
{
        const char **argv = or_abort(calloc(ARGS_MAX + 2 * s->modbus_allow.n, sizeof *argv));
        posix_spawn_file_actions_t files;
        posix_spawnattr_t attr;
        sigset_t none, all;
        arguments(s, argv);
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
        posix_spawnattr_init(&attr);
        posix_spawnattr_setsigmask(&attr, &none);
        posix_spawnattr_setsigdefault(&attr, &all);
        posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        int rc = posix_spawn(ret, "/proc/self/exe", &files, &attr, (char *const *)(uintptr_t)argv, environ);
        posix_spawnattr_destroy(&attr);
        posix_spawn_file_actions_destroy(&files);
        free(argv);
        return rc;
}

static int begin(const struct settings *s, struct child *ret)
{
        int in[2], out[2];
        if (pipe2(in, O_CLOEXEC) < 0)
                return errno;
        if (pipe2(out, O_CLOEXEC) < 0) {
                close(in[0]);
                close(in[1]);
                return errno;
        }
        int rc = spawn(s, in[0], out[1], &ret->pid);
        close(in[0]);
        close(out[1]);
        ret->life = in[1];
        ret->said = out[0];
        ret->pid_fd = rc == 0 ? (int)syscall(SYS_pidfd_open, ret->pid, 0) : -1;
        if (rc != 0) {
                close(ret->life);
                close(ret->said);
        }
        return rc;
}

/* ---- its life ---- */

static void look_ready(struct children *x)
{
        pthread_mutex_lock(&x->lock);
        x->ready = true;
        pthread_cond_signal(&x->looked);
        pthread_mutex_unlock(&x->lock);
}

/* What it says ends with a line "ready"; nothing else of it matters, the rest is in its log. */
static void hear(struct children *x, struct child *c)
{
        char line[4096];
        ssize_t n = read(c->said, line, sizeof line);
        if (n > 0 && memmem(line, (size_t)n, "ready\n", 6))
                look_ready(x);
        if (n <= 0) {
                close(c->said);
                c->said = -1;
        }
}

/* Until it has ended; true: because we are to. */
static bool watch(struct children *x, struct child *c, int *ret_status)
{
        bool told = false;
        int64_t until = 0;
        while (waitpid(c->pid, ret_status, WNOHANG) == 0) {
                struct pollfd p[3] = { { .fd = told ? -1 : x->stop_fd, .events = POLLIN }, { .fd = c->pid_fd, .events = POLLIN }, { .fd = c->said, .events = POLLIN } };
                poll(p, 3, c->pid_fd < 0 || told ? 50 : -1);
                if (!told && p[0].revents) {
                        told = true;
                        until = clock_mono_us() + END_MS * INT64_C(1000);
                        kill(c->pid, SIGTERM);
                }
                if (told && clock_mono_us() > until)
                        kill(c->pid, SIGKILL);
                if (p[2].revents)
                        hear(x, c);
        }
        return told;
}

static void let_go(struct child *c)
{
        close(c->life);
        if (c->said >= 0)
                close(c->said);
        if (c->pid_fd >= 0)
                close(c->pid_fd);
}

static bool live_once(struct children *x)
{
        struct child c;
        int status = 0, rc = begin(x->s, &c);
        if (rc != 0) {
                log_line(LOG_ERROR, "collect.child", "error=%s, trying again", strerror(rc));
                return false;
        }
        log_line(LOG_INFO, "collect.child", "pid=%d", (int)c.pid);
        bool told = watch(x, &c, &status);
        let_go(&c);
        if (!told)
                log_line(LOG_ERROR, "collect.child", "pid=%d %s=%d, starting it again", (int)c.pid, WIFSIGNALED(status) ? "signal" : "exit", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        return told;
}

static void *run(void *ctx)
{
        struct children *x = ctx;
        struct pollfd p = { .fd = x->stop_fd, .events = POLLIN };
        int wait = BACK_OFF_MIN_MS;
        for (;;) {
                int64_t began = clock_mono_us();
                bool told = live_once(x);
                look_ready(x);
                if (told)
                        return NULL;
                if (clock_mono_us() - began > GOOD_MS * INT64_C(1000))
                        wait = BACK_OFF_MIN_MS;
                if (poll(&p, 1, wait) > 0)
                        return NULL;
                wait = wait * 2 > BACK_OFF_MAX_MS ? BACK_OFF_MAX_MS : wait * 2;
        }
}

static void await_ready(struct children *x)
{
        struct timespec t;
        clock_gettime(CLOCK_REALTIME, &t);
        t.tv_sec += READY_MS / 1000;
        pthread_mutex_lock(&x->lock);
        while (!x->ready && pthread_cond_timedwait(&x->looked, &x->lock, &t) == 0)
                ;
        pthread_mutex_unlock(&x->lock);
}

int children_start(const struct settings *s, struct children **ret, struct err *reterr)
{
        *ret = NULL;
        if (!doors_any(s))
                return 0;
        struct children *x = or_abort(calloc(1, sizeof *x));
        x->s = s;
        x->stop_fd = eventfd(0, EFD_CLOEXEC);
        pthread_mutex_init(&x->lock, NULL);
        pthread_cond_init(&x->looked, NULL);
        if (pthread_create(&x->thread, NULL, run, x) != 0) {
                free(x);
                return err_set(reterr, ERR_INTERNAL, "no thread for the collecting process");
        }
        pthread_setname_np(x->thread, "children");
        await_ready(x);
        *ret = x;
        return 0;
}

void children_stop(struct children *x)
{
        uint64_t one = 1;
        if (!x)
                return;
        if (write(x->stop_fd, &one, sizeof one) < 0)
                log_line(LOG_ERROR, "collect.child", "eventfd, ignoring");
        pthread_join(x->thread, NULL);
        close(x->stop_fd);
        pthread_cond_destroy(&x->looked);
        pthread_mutex_destroy(&x->lock);
        free(x);
}
