#include "app/serving.h"

#include <pthread.h>
#include <string.h>

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
