#include "app/serving.h"

#include <pthread.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"

int serving_log_level(const char *name, struct err *reterr)
{
        static const char *const names[] = { "debug", "info", "warn", "error" };
        for (int i = 0; i < 4; i++)
                if (strcmp(name, names[i]) == 0) {
                        log_set_level((enum log_level)i);
                        return 0;
                }
        return err_set(reterr, ERR_BAD_INPUT, "--log-level is debug, info, warn or error");
}

void serving_block_signals(sigset_t *set)
{
        sigemptyset(set);
        sigaddset(set, SIGTERM);
        sigaddset(set, SIGINT);
        pthread_sigmask(SIG_BLOCK, set, NULL);
        signal(SIGPIPE, SIG_IGN);
}

/* Each connection is a descriptor; many systems give a process 1024 until it asks for more. */
void serving_want_descriptors(unsigned n)
{
        struct rlimit r;
        if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= n)
                return;
        r.rlim_cur = r.rlim_max < n ? r.rlim_max : n;
        if (setrlimit(RLIMIT_NOFILE, &r) != 0)
                log_line(LOG_WARN, "serve.descriptors", "soft=%llu, ignoring", (unsigned long long)r.rlim_cur);
}
