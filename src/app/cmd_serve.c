#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/command.h"
#include "app/serving.h"
#include "app/wire.h"
#include "base/limits.h"
#include "base/log.h"

/* What is under way gets its time.  A handler stuck beyond it must not keep the process: whatever was acknowledged is
 * durable, so leaving is as safe as a kill. */
enum { END_S = 9 };

static void give_up(int sig)
{
        (void)sig;
        _exit(EXIT_OK);
}

/* Each connection is a descriptor; many systems give a process 1024 until it asks for more. */
static void want_descriptors(void)
{
        struct rlimit r;
        rlim_t want = LIMIT_CONNECTIONS + 512;
        if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= want)
                return;
        r.rlim_cur = r.rlim_max < want ? r.rlim_max : want;
        if (setrlimit(RLIMIT_NOFILE, &r) != 0)
                log_line(LOG_WARN, "serve.descriptors", "soft=%llu, ignoring", (unsigned long long)r.rlim_cur);
}

/* A request's memory is a few blocks that go back together.  Left alone, glibc then returns them to the kernel and the next request pays for every
 * page again (a tenth of a page's rendering); so each thread's heap keeps a little. */
static void keep_memory(void)
{
        mallopt(M_TRIM_THRESHOLD, 8 << 20);
        mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        (void)operands;
        (void)n;
        if (serving_log_level(s->log_level, reterr) < 0)
                return EXIT_USAGE;
        sigset_t set;
        keep_memory();
        serving_block_signals(&set);
        want_descriptors();
        struct wire *w;
        if (wire_up(s, &w, reterr) < 0)
                return reterr->kind == ERR_BAD_INPUT ? EXIT_USAGE : EXIT_REFUSED;
        printf("listening on %s\n", wire_address(w));
        fflush(stdout);
        int sig;
        sigwait(&set, &sig);
        log_line(LOG_INFO, "serve.end", "signal=%s", sig == SIGTERM ? "TERM" : "INT");
        signal(SIGALRM, give_up);
        alarm(END_S);
        wire_down(w);
        alarm(0);
        return EXIT_OK;
}

const struct command command_serve = {
        .name = "serve",
        .operands = "",
        .about = "启动服务：接收、查询、消费者页面 / answer HTTP: capture, trace, the consumer's pages",
        .help = "Prints `listening on URL` when it answers.  SIGTERM or Ctrl-C lets what is under way finish and ends with 0.\n"
                "One process writes a data directory; other commands hand their writes to it over DIR/suyuan.sock.\n"
                "Without --open everything but the public pages needs an account: a key (`suyuan key add`) or a user who signs in (`suyuan user add`).",
        .run = run,
};
