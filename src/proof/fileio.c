#include "proof/fileio.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static int system_open(const char *path, int flags, mode_t mode)
{
        return open(path, flags | O_CLOEXEC, mode);
}

const struct fileio fileio_system = {
        .open = system_open, .pwrite = pwrite, .fdatasync = fdatasync, .ftruncate = ftruncate, .rename = rename, .sync_folder = sync_folder,
};

int fileio_failed(const char *what, const char *path, struct err *reterr)
{
        int code = errno;
        if (code == ENOSPC || code == EDQUOT)
                err_set(reterr, ERR_STORE, "the disk is full; the log waits until there is room");
        else
                err_set(reterr, ERR_STORE, "%.300s: %s", path, strerror(code));
        return err_while(reterr, "%s %s: %s", what, path, strerror(code));
}

int fileio_write(const struct fileio *io, int fd, const void *p, size_t n, off_t at)
{
        const char *from = p;
        while (n) {
                ssize_t k = io->pwrite(fd, from, n, at);
                if (k < 0 && errno == EINTR)
                        continue;
                if (k == 0)
                        errno = ENOSPC;
                if (k <= 0)
                        return -1;
                from += k;
                at += k;
                n -= (size_t)k;
        }
        return 0;
}

int fileio_folder(const char *path, mode_t mode, struct err *reterr)
{
        return mkdir(path, mode) < 0 && errno != EEXIST ? fileio_failed("making", path, reterr) : 0;
}
