#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "proof/monitor.h"

/* The file that a monitor kept of its last look: whoever can write there must not get further than a refusal. */

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
        char path[64];
        struct monitor *m = NULL;
        int fd = memfd_create("state", MFD_CLOEXEC);
        if (fd >= 0 && (n == 0 || write(fd, p, n) == (ssize_t)n)) {
                snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
                struct monitor_options o = { .url = STR("http://127.0.0.1:1/log"), .state = path, .timeout_ms = 1 };
                if (monitor_open(&o, &m, NULL) == 0) {
                        static const char mark[] = "suyuan monitor v1\n";
                        if (n < sizeof mark - 1 || memcmp(p, mark, sizeof mark - 1) != 0)
                                abort();
                        monitor_close(m);
                }
        }
        if (fd >= 0)
                close(fd);
        return 0;
}
