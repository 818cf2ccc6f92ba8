#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/children.h"
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
        serving_want_descriptors(LIMIT_CONNECTIONS + 512);
        struct wire *w;
        struct children *children;
        if (wire_up(s, &w, reterr) < 0)
                return reterr->kind == ERR_BAD_INPUT ? EXIT_USAGE : EXIT_REFUSED;
        if (children_start(s, &children, reterr) < 0) {
                wire_down(w);
                return EXIT_REFUSED;
        }
        printf("listening on %s\n", wire_address(w));
        fflush(stdout);
        int sig;
        sigwait(&set, &sig);
        log_line(LOG_INFO, "serve.end", "signal=%s", sig == SIGTERM ? "TERM" : "INT");
        signal(SIGALRM, give_up);
        alarm(END_S);
        children_stop(children);
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
