#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "proof/backup_impl.h"

enum { CHUNK = 64 * 1024 };

int backup_failed(const char *what, const char *path, struct err *reterr)
{
        return err_set(reterr, ERR_STORE, "%s %.250s: %s", what, path, strerror(errno));
}

int backup_join(char ret[BACKUP_PATH], const char *dir, const char *name, struct err *reterr)
{
        if (snprintf(ret, BACKUP_PATH, "%s%s%s", dir, *name ? "/" : "", name) < BACKUP_PATH)
                return 0;
        errno = ENAMETOOLONG;
        return backup_failed("naming", name, reterr);
}

static int pump(int in, int out, int64_t max, struct sha256_run *run, int64_t *ret_bytes)
{
        char chunk[CHUNK];
        int64_t done = 0;
        for (;;) {
                size_t want = max >= 0 && max - done < CHUNK ? (size_t)(max - done) : CHUNK;
                ssize_t k = want ? read(in, chunk, want) : 0;
                if (k < 0 && errno == EINTR)
                        continue;
                if (k <= 0) {
                        *ret_bytes = done;
                        return (int)k;
                }
                sha256_add(run, chunk, (size_t)k);
                if (out >= 0 && write_all(out, chunk, (size_t)k) < 0)
                        return -1;
                done += k;
        }
}

static int copy_to(int in, const char *from, const char *to, int64_t max, struct hash *ret, int64_t *ret_bytes, struct err *reterr)
{
        struct stat st;
        int out = -1;
        if (fstat(in, &st) < 0)
                return backup_failed("opening", from, reterr);
        if (to && (out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st.st_mode & 0777)) < 0)
                return backup_failed("creating", to, reterr);
        struct sha256_run *run = sha256_new();
        int rc = pump(in, out, max, run, ret_bytes) < 0 ? backup_failed("copying", from, reterr) : 0;
        *ret = sha256_final(run);
        if (out >= 0 && close(out) < 0 && rc == 0)
                rc = backup_failed("closing", to, reterr);
        return rc;
}

int backup_copy(const char *from, const char *to, int64_t max, struct hash *ret, int64_t *ret_bytes, struct err *reterr)
{
        int in = open(from, O_RDONLY | O_CLOEXEC);
        if (in < 0)
                return backup_failed("opening", from, reterr);
        int rc = copy_to(in, from, to, max, ret, ret_bytes, reterr);
        close(in);
        return rc;
}

/* Is `inner`, or where it will be made, below `outer`? */
bool backup_is_within(const char *inner, const char *outer)
{
        char a[PATH_MAX], b[PATH_MAX], above[PATH_MAX];
        snprintf(above, sizeof above, "%s", inner);
        while (!realpath(above, a)) {
                char *slash = strrchr(above, '/');
                if (slash == above || (!slash && strcmp(above, ".") == 0))
                        return false;
                snprintf(slash ? slash : above, 2, "%s", slash ? "" : ".");
        }
        size_t n = realpath(outer, b) ? strlen(b) : 0;
        return n && strncmp(a, b, n) == 0 && (!a[n] || a[n] == '/');
}

int backup_folders(const char *dir, const char *name, struct err *reterr)
{
        char path[BACKUP_PATH];
        if (backup_join(path, dir, name, reterr) < 0)
                return -1;
        for (char *p = path + strlen(dir) + 1; (p = strchr(p, '/')); p++) {
                *p = '\0';
                if (mkdir(path, 0750) < 0 && errno != EEXIST)
                        return backup_failed("making", path, reterr);
                *p = '/';
        }
        return 0;
}

int backup_is_empty(const char *dir, const char *except)
{
        DIR *d = opendir(dir);
        if (!d)
                return errno == ENOENT;
        int empty = 1;
        for (struct dirent *e; empty && (e = readdir(d));)
                empty = !strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || (except && !strcmp(e->d_name, except));
        closedir(d);
        return empty;
}

static int copy_key(const char *from, const char *to, const char *name, struct err *reterr)
{
        char a[BACKUP_PATH], b[BACKUP_PATH];
        struct hash h;
        int64_t bytes;
        if (backup_join(a, from, name, reterr) < 0 || backup_join(b, to, name, reterr) < 0 || backup_copy(a, b, -1, &h, &bytes, reterr) < 0)
                return -1;
        return chmod(b, 0600) < 0 ? backup_failed("making private", b, reterr) : 0;
}

int backup_keys(const char *from, const char *to, struct err *reterr)
{
        if (!backup_is_empty(to, NULL))
                return err_set(reterr, ERR_CONFLICT, "%.300s is not empty; keys are written over nothing", to);
        DIR *d = opendir(from);
        if (!d)
                return backup_failed("reading the keys of", from, reterr);
        int rc = mkdir(to, 0700) < 0 && errno != EEXIST ? backup_failed("making", to, reterr) : 0;
        for (struct dirent *e; rc == 0 && (e = readdir(d));)
                if (e->d_name[0] != '.')
                        rc = copy_key(from, to, e->d_name, reterr);
        closedir(d);
        return rc < 0 ? -1 : backup_sync(to, reterr);
}

int backup_sync(const char *dir, struct err *reterr)
{
        int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int rc = fd < 0 || syncfs(fd) < 0 ? backup_failed("writing out", dir, reterr) : 0;
        if (fd >= 0)
                close(fd);
        return rc;
}
