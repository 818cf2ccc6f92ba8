#include "proof/test_support.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/oom.h"

/* ---- leaves ---- */

void test_leaf(int64_t i, uint8_t ret[LEAF_BYTES])
{
        leaf_write(ret, &(struct leaf){ .type = LEAF_EVENT, .ms = 1764316800000 + i, .commitment = sha256(&i, sizeof i) });
}

uint8_t *test_leaves(int64_t first, size_t n)
{
        uint8_t *p = or_abort(malloc((n + 1) * LEAF_BYTES));
        for (size_t i = 0; i < n; i++)
                test_leaf(first + (int64_t)i, p + i * LEAF_BYTES);
        return p;
}

/* ---- a disk that remembers what is not on it yet ---- */

/* A write that no sync of its file has followed: what stood there before. */
struct unsynced {
        char path[PATH_MAX];
        bool is_name;                   /* a rename: `before` is the file that bore the name (or none) */
        off_t at, size_before;
        size_t n;
        char *before;
        bool was_there, undone;
        const struct unsynced *through; /* the rename that gave the file its name after the write */
        struct unsynced *next;
};

static enum mishap mishap;
static long calls, nth;
static unsigned seed;
static struct unsynced *unsynced;       /* newest first */

void test_mishap(enum mishap what, long which, unsigned s)
{
        mishap = what;
        nth = which;
        calls = 0;
        seed = s;
}

long test_calls(void)
{
        return calls;
}

static void path_of(int fd, char ret[PATH_MAX])
{
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link, ret, PATH_MAX - 1);
        ret[n > 0 ? n : 0] = '\0';
}

static bool heads(void)
{
        seed = seed * 1103515245u + 12345u;
        return seed >> 16 & 1;
}

/* Bytes that never came to the disk: the file is as short as it was, or as long as it became and zeros stand there. */
static void undo_write(const struct unsynced *u)
{
        struct stat st;
        int fd = u->through && u->through->undone ? -1 : open(u->path, O_RDWR | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0)
                return;
        if (u->n && pwrite(fd, u->before, u->n, u->at) != (ssize_t)u->n)
                abort();
        if (u->size_before >= 0 && st.st_size > u->size_before) {
                if (ftruncate(fd, u->size_before) < 0 || (heads() && ftruncate(fd, st.st_size) < 0))
                        abort();
        }
        close(fd);
}

static void undo_name(struct unsynced *u)
{
        u->undone = true;
        int fd = u->was_there ? open(u->path, O_WRONLY | O_TRUNC | O_CLOEXEC) : -1;
        if (!u->was_there)
                unlink(u->path);
        else if (fd >= 0 && write(fd, u->before, u->n) != (ssize_t)u->n)
                abort();
        if (fd >= 0)
                close(fd);
}

/* From the newest back, until chance says that from here on all is on the disk; a single file's writes may have gone in any order, so each is
 * undone or kept by itself where chance says so. */
static void power_cut(void)
{
        bool each = heads();
        for (struct unsynced *u = unsynced; u; u = u->next)
                if (!each || heads()) {
                        if (u->is_name)
                                undo_name(u);
                        else
                                undo_write(u);
                }
        _exit(TEST_KILLED);
}

static void forget(const char *path, bool names_in)
{
        for (struct unsynced **at = &unsynced; *at;) {
                struct unsynced *u = *at;
                size_t n = strlen(path);
                bool its = names_in ? u->is_name && !strncmp(u->path, path, n) && u->path[n] == '/' : !u->is_name && !strcmp(u->path, path);
                if (!its) {
                        at = &u->next;
                        continue;
                }
                *at = u->next;
                free(u->before);
                free(u);
        }
}

static struct unsynced *remember(const char *path)
{
        struct unsynced *u = or_abort(calloc(1, sizeof *u));
        snprintf(u->path, sizeof u->path, "%s", path);
        u->next = unsynced;
        return unsynced = u;
}

static void remember_write(int fd, size_t n, off_t at)
{
        char path[PATH_MAX];
        struct stat st;
        path_of(fd, path);
        if (mishap != MISHAP_POWER || fstat(fd, &st) < 0)
                return;
        struct unsynced *u = remember(path);
        u->before = or_abort(malloc(n + 1));
        u->at = at;
        ssize_t got = pread(fd, u->before, n, at);
        u->n = got > 0 ? (size_t)got : 0;
        u->size_before = at + (off_t)n > st.st_size ? st.st_size : -1;
}

static void remember_name(const char *path, const char *from)
{
        struct stat st;
        if (mishap != MISHAP_POWER)
                return;
        struct unsynced *u = remember(path);
        for (struct unsynced *w = unsynced; from && w; w = w->next)
                if (!w->is_name && !strcmp(w->path, from)) {
                        snprintf(w->path, sizeof w->path, "%s", path);
                        w->through = u;
                }
        u->is_name = true;
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        u->was_there = fd >= 0 && fstat(fd, &st) == 0;
        if (u->was_there) {
                u->before = or_abort(malloc((size_t)st.st_size + 1));
                u->n = (size_t)pread(fd, u->before, (size_t)st.st_size, 0);
        }
        if (fd >= 0)
                close(fd);
}

/* ---- the calls ---- */

/* 0: go on; -1 with errno. */
static int before(bool writes)
{
        calls++;
        if (mishap == MISHAP_ENOSPC && (calls > nth || (calls == nth && !writes))) {
                errno = ENOSPC;
                return -1;
        }
        if (calls != nth)
                return 0;
        if (mishap == MISHAP_KILL)
                _exit(TEST_KILLED);
        if (mishap == MISHAP_POWER)
                power_cut();
        if (mishap != MISHAP_EIO)
                return 0;
        errno = EIO;
        return -1;
}

static void after(void)
{
        if (mishap == MISHAP_KILL_AFTER && calls == nth)
                _exit(TEST_KILLED);
}

static int test_open(const char *path, int flags, mode_t mode)
{
        if (before(false) < 0)
                return -1;
        if (flags & O_CREAT && access(path, F_OK) < 0)
                remember_name(path, NULL);
        int fd = fileio_system.open(path, flags, mode);
        after();
        return fd;
}

static ssize_t test_pwrite(int fd, const void *p, size_t n, off_t at)
{
        if (before(true) < 0)
                return -1;
        bool part = (mishap == MISHAP_SHORT || mishap == MISHAP_ENOSPC) && calls == nth && n > 1;
        size_t take = part ? n / 2 : n;
        remember_write(fd, take, at);
        ssize_t got = pwrite(fd, p, take, at);
        after();
        return got;
}

static int test_fdatasync(int fd)
{
        char path[PATH_MAX];
        if (before(false) < 0)
                return -1;
        path_of(fd, path);
        forget(path, false);
        after();
        return 0;
}

static int test_ftruncate(int fd, off_t size)
{
        struct stat st;
        if (before(false) < 0)
                return -1;
        if (fstat(fd, &st) == 0 && st.st_size > size)
                remember_write(fd, (size_t)(st.st_size - size), size);
        int rc = ftruncate(fd, size);
        after();
        return rc;
}

static int test_rename(const char *from, const char *to)
{
        if (before(false) < 0)
                return -1;
        remember_name(to, from);
        int rc = rename(from, to);
        after();
        return rc;
}

static int test_sync_folder(const char *path)
{
        if (before(false) < 0)
                return -1;
        forget(path, true);
        after();
        return 0;
}

const struct fileio test_fileio = {
        .open = test_open, .pwrite = test_pwrite, .fdatasync = test_fdatasync, .ftruncate = test_ftruncate, .rename = test_rename, .sync_folder = test_sync_folder,
};
