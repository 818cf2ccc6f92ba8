#ifndef SUYUAN_BASE_BACKGROUND_H
#define SUYUAN_BASE_BACKGROUND_H

#include <stdbool.h>

/* The calling thread does long work that nobody waits for at a keyboard: from now on it gives way to the threads that answer
 * people, for good (a thread cannot raise itself again without privilege, so it must not be one that also answers).
 *
 * Two things, since either alone helps little:
 *   weight  nice +10 of the process's own: a tenth of a processor that others want, all of one that nobody wants.  Not 19, whose
 *           seventieth would leave a commit standing for a tenth of a second, and those who wait for it;
 *   slice   100 ms (sched_setattr(2): since Linux 6.12 its sched_runtime is an ordinary thread's slice).  The scheduler prefers
 *           who asks for short turns, so a thread that wakes to answer need not wait for the end of ours.
 * False where the system grants neither, which is no failure: the work is done all the same. */
bool background_thread(void);

#endif
