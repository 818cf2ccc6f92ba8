#include "base/background.h"

#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NICER_BY = 10, NICEST = 19 };

/* As the kernel reads it (sched_setattr(2)); Debian 12's C library has neither the struct nor the calls. */
struct attributes {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;     /* ns; 0: the scheduler's own */
};

bool background_thread(void)
{
        struct attributes a = { .size = sizeof a };

        if (syscall(SYS_sched_getattr, 0, &a, sizeof a, 0) != 0 || a.policy != SCHED_OTHER)
                return false;   /* whoever gave us another policy meant it */
        a.size = sizeof a;
        a.flags = 0;
        a.nice = a.nice + NICER_BY < NICEST ? a.nice + NICER_BY : NICEST;
        a.runtime = 100 * 1000 * 1000;
        a.deadline = a.period = 0;
        if (syscall(SYS_sched_setattr, 0, &a, 0) == 0)
                return true;
        return setpriority(PRIO_PROCESS, 0, a.nice) == 0;       /* on Linux of this thread alone */
}
