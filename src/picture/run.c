#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "picture/picture_impl.h"

/* One run of suyuan-image: nothing of ours goes with it but the descriptors it needs; no environment. */

enum { LOOK_MS = 200, ABOVE = 64 };

/* Out of the way of the numbers that the child's are moved to. */
static int lifted(int fd)
{
        return fcntl(fd, F_DUPFD_CLOEXEC, ABOVE);
}

static int spawn_with(const char *program, const posix_spawn_file_actions_t *files, pid_t *ret)
{
        char name[] = "suyuan-image", large[16], small[16], *argv[] = { name, large, small, NULL }, *environment[] = { NULL };
        posix_spawnattr_t attr;
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        snprintf(large, sizeof large, "%d", PICTURE_LARGE);
        snprintf(small, sizeof small, "%d", PICTURE_SMALL);
        posix_spawnattr_init(&attr);
        posix_spawnattr_setsigmask(&attr, &none);
        posix_spawnattr_setsigdefault(&attr, &all);
        posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        int rc = posix_spawn(ret, program, files, &attr, argv, environment);
        posix_spawnattr_destroy(&attr);
        return rc;
}

static int start(const char *program, int in, const int outs[PICTURE_SIZES], pid_t *ret)
{
        posix_spawn_file_actions_t files;
        int fds[PICTURE_SIZES + 1] = { lifted(in) }, rc = fds[0] < 0 ? errno : 0;
        for (int i = 0; i < PICTURE_SIZES; i++)
                if ((fds[i + 1] = lifted(outs[i])) < 0)
                        rc = errno;
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_adddup2(&files, fds[0], STDIN_FILENO);
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        for (int i = 0; i < PICTURE_SIZES; i++)
                posix_spawn_file_actions_adddup2(&files, fds[i + 1], PICTURE_FIRST_FD + i);
        if (rc == 0)
                rc = spawn_with(program, &files, ret);
        posix_spawn_file_actions_destroy(&files);
        for (int i = 0; i <= PICTURE_SIZES; i++)
                if (fds[i] >= 0)
                        close(fds[i]);
        return rc;
}

/* Until it has ended; true when it had to be ended. */
static bool await(pid_t pid, const atomic_bool *stop, int *ret_status)
{
        int fd = (int)syscall(SYS_pidfd_open, pid, 0);
        int64_t until = clock_mono_us() + LIMIT_PICTURE_WALL_S * INT64_C(1000000);
        bool ended = false;
        while (waitpid(pid, ret_status, WNOHANG) == 0) {
                struct pollfd p = { .fd = fd, .events = POLLIN };
                if (!ended && (*stop || clock_mono_us() > until)) {
                        kill(pid, SIGKILL);
                        ended = true;
                }
                poll(&p, fd >= 0, fd >= 0 ? LOOK_MS : 10);
        }
        if (fd >= 0)
                close(fd);
        return ended;
}

int picture_run(const char *program, int in, const int outs[PICTURE_SIZES], const atomic_bool *stop, struct err *reterr)
{
        pid_t pid;
        int status = 0, rc = start(program, in, outs, &pid);
        if (rc != 0) {
                err_set(reterr, ERR_STORE, "the picture cannot be made now");
                return err_while(reterr, "starting %s: %s", program, strerror(rc));
        }
        if (await(pid, stop, &status))
                return PICTURE_CANNOT;
        if (WIFSIGNALED(status))
                return PICTURE_UNUSABLE;
        return WEXITSTATUS(status) == PICTURE_MADE || WEXITSTATUS(status) == PICTURE_CANNOT || WEXITSTATUS(status) == 127 ? WEXITSTATUS(status) : PICTURE_UNUSABLE;
}
