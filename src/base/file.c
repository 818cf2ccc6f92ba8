#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 4096 };

static int failed(const char *what, const char *path, int code, struct err *reterr)
{
        return err_set(reterr, ERR_STORE, "%s %.250s: %s", what, path, strerror(code));
}

static int read_all(int fd, char *p, size_t n)
{
        while (n) {
                ssize_t k = read(fd, p, n);
                if (k < 0 && errno == EINTR)
                        continue;
                if (k <= 0)
                        return -1;
                p += k;
                n -= (size_t)k;
        }
        return 0;
}

int write_all(int fd, const void *p, size_t n)
{
        const char *from = p;
        while (n) {
                ssize_t k = write(fd, from, n);
                if (k < 0 && errno == EINTR)
                        continue;
                if (k < 0)
                        return -1;
                from += k;
                n -= (size_t)k;
        }
        return 0;
}

int sync_folder(const char *path)
{
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -1;
        int rc = fsync(fd), code = errno;
        close(fd);
        errno = code;
        return rc;
}

static int read_file(struct arena *a, const char *path, size_t max, bool private, struct str *ret, struct err *reterr)
{
        struct stat st;
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? err_set(reterr, ERR_NOT_FOUND, "there is no %.300s", path) : failed("opening", path, errno, reterr);
        int rc = 0;
        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                rc = err_set(reterr, ERR_STORE, "%.300s is no file", path);
        else if (private && st.st_mode & 077)
                rc = err_set(reterr, ERR_FORBIDDEN, "others may read %.200s (mode %03o): chmod go= %.200s", path, st.st_mode & 0777, path);
        else if ((size_t)st.st_size > max)
                rc = err_set(reterr, ERR_TOO_LARGE, "%.250s has more than %zu bytes", path, max);
        else {
                char *p = arena_raw(a, (size_t)st.st_size + 1);
                p[st.st_size] = '\0';
                rc = read_all(fd, p, (size_t)st.st_size) < 0 ? failed("reading", path, errno, reterr) : 0;
                *ret = (struct str){ p, (size_t)st.st_size };
        }
        close(fd);
        return rc;
}

int file_read(struct arena *a, const char *path, size_t max, struct str *ret, struct err *reterr)
{
        return read_file(a, path, max, false, ret, reterr);
}

int file_read_private(struct arena *a, const char *path, size_t max, struct str *ret, struct err *reterr)
{
        return read_file(a, path, max, true, ret, reterr);
}

/* A new file with these bytes, on the disk but for its name. */
static int write_new(const char *path, mode_t mode, struct str bytes, struct err *reterr)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd < 0 && errno == EEXIST)
                return err_set(reterr, ERR_CONFLICT, "%.300s is there already", path);
        if (fd < 0)
                return failed("creating", path, errno, reterr);
        int rc = write_all(fd, bytes.p, bytes.n) < 0 || fsync(fd) < 0 ? failed("writing", path, errno, reterr) : 0;
        if (close(fd) < 0 && rc == 0)
                rc = failed("closing", path, errno, reterr);
        if (rc < 0)
                unlink(path);
        return rc;
}

int folder_sync(const char *path, struct err *reterr)
{
        return sync_folder(path) < 0 ? failed("writing out", path, errno, reterr) : 0;
}

static int sync_above(const char *path, struct err *reterr)
{
        char folder[PATH];
        const char *slash = strrchr(path, '/');
        if (!slash)
                return folder_sync(".", reterr);
        snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path), path);
        return folder_sync(folder, reterr);
}

int file_replace(const char *path, mode_t mode, struct str bytes, struct err *reterr)
{
        char made[PATH];
        if (snprintf(made, sizeof made, "%s.new", path) >= PATH)
                return failed("writing", path, ENAMETOOLONG, reterr);
        unlink(made);           /* left by a process that died */
        if (write_new(made, mode, bytes, reterr) < 0)
                return -1;
        if (rename(made, path) < 0) {
                failed("naming", path, errno, reterr);
                unlink(made);
                return -1;
        }
        return sync_above(path, reterr);
}

/* By way of a second name, so that a crash leaves a whole file or none. */
int file_create(const char *path, mode_t mode, struct str bytes, struct err *reterr)
{
        char made[PATH];
        if (snprintf(made, sizeof made, "%s.new", path) >= PATH)
                return failed("writing", path, ENAMETOOLONG, reterr);
        unlink(made);
        if (write_new(made, mode, bytes, reterr) < 0)
                return -1;
        int rc = 0;
        if (link(made, path) < 0)
                rc = errno == EEXIST ? err_set(reterr, ERR_CONFLICT, "%.300s is there already", path) : failed("naming", path, errno, reterr);
        unlink(made);
        return rc < 0 ? -1 : sync_above(path, reterr);
}
