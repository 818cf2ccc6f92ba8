#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/oom.h"
#include "merkle/leaf.h"
#include "proof/whole.h"

/* A log in a folder: our own flat files, of which a tile is a slice, or a file a tile. */

struct folder {
        struct source source;
        char path[3800];
        bool flat;
        int fds[1 + TILE_LEVELS];       /* of flat files: entries, level 0…; -1 not opened, -2 there is none */
        uint8_t *room;
        size_t cap;
};

static bool exists(const char *folder, const char *name)
{
        char path[4096];
        snprintf(path, sizeof path, "%.3800s/%.200s", folder, name);
        return access(path, F_OK) == 0;
}

static int note(struct source *s, struct arena *a, struct str *ret_note, struct str *ret_policy, struct err *reterr)
{
        struct folder *f = (struct folder *)(void *)s;
        char path[4096];
        snprintf(path, sizeof path, "%s/policy", f->path);
        if (file_read(a, path, POLICY_BYTES_MAX, ret_policy, NULL) < 0)
                *ret_policy = STR_NONE;
        snprintf(path, sizeof path, "%s/checkpoint", f->path);
        return file_read(a, path, NOTE_BYTES_MAX, ret_note, reterr);
}

static int begin(struct source *s, int64_t size, struct err *reterr)
{
        (void)s, (void)size, (void)reterr;
        return 0;
}

static void room_for(struct folder *f, size_t n)
{
        if (n <= f->cap)
                return;
        free(f->room);
        f->room = or_abort(malloc(f->cap = n));
}

/* As many bytes as there are, at most n. */
static ssize_t read_at(int fd, uint8_t *p, size_t n, int64_t at)
{
        size_t got = 0;
        while (got < n) {
                ssize_t r = pread(fd, p + got, n - got, at + (int64_t)got);
                if (r < 0 && errno == EINTR)
                        continue;
                if (r <= 0)
                        return r < 0 ? -1 : (ssize_t)got;
                got += (size_t)r;
        }
        return (ssize_t)got;
}

static int flat_fd(struct folder *f, int level)
{
        int *fd = &f->fds[level + 1];
        char path[4096];
        if (*fd != -1)
                return *fd;
        if (level == TILE_ENTRIES)
                snprintf(path, sizeof path, "%s/entries.bin", f->path);
        else
                snprintf(path, sizeof path, "%s/level-%d.bin", f->path, level);
        *fd = open(path, O_RDONLY | O_CLOEXEC);
        if (*fd < 0)
                *fd = -2;
        return *fd;
}

static int flat_tile(struct folder *f, struct tile t, size_t *ret_n, struct err *reterr)
{
        bool entries = t.level == TILE_ENTRIES;
        size_t one = entries ? LEAF_FRAME : sizeof(struct hash);
        int fd = flat_fd(f, t.level);
        room_for(f, TILE_HASHES * LEAF_FRAME);
        if (fd < 0)
                return 0;
        ssize_t n = read_at(fd, f->room, one * (size_t)t.width, t.n * TILE_HASHES * (int64_t)one);
        if (n < 0)
                return err_set(reterr, ERR_STORE, "a file of %s cannot be read: %s", f->path, strerror(errno));
        *ret_n = (size_t)n;
        return n > 0;
}

/* 1 read, 0 no such file. */
static int read_tile(struct folder *f, struct tile t, size_t *ret_n, struct err *reterr)
{
        char path[4096];
        struct stat st;
        struct buf name = { .max = 200 };
        tile_path(&name, t);
        snprintf(path, sizeof path, "%s/%.*s", f->path, STR_ARG(buf_view(&name)));
        buf_free(&name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT || errno == ENOTDIR ? 0 : err_set(reterr, ERR_STORE, "%s: %s", path, strerror(errno));
        size_t most = fstat(fd, &st) == 0 && st.st_size > 0 && st.st_size <= LIMIT_LOG_BUNDLE_BYTES ? (size_t)st.st_size : 0;
        room_for(f, most + 1);
        ssize_t n = read_at(fd, f->room, most, 0);
        close(fd);
        *ret_n = n < 0 ? 0 : (size_t)n;
        return n < 0 ? err_set(reterr, ERR_STORE, "%s cannot be read", path) : 1;
}

/* The first `width` entries or hashes of a tile that has more by now. */
static size_t cut(const struct folder *f, struct tile t, size_t n)
{
        struct str rest = { (const char *)f->room, n }, entry;
        if (t.level != TILE_ENTRIES)
                return n < (size_t)t.width * sizeof(struct hash) ? n : (size_t)t.width * sizeof(struct hash);
        for (int i = 0; i < t.width && bundle_next(&rest, &entry); i++)
                ;
        return n - rest.n;
}

static int tile(struct source *s, struct tile t, const uint8_t **ret, size_t *ret_n, struct err *reterr)
{
        struct folder *f = (struct folder *)(void *)s;
        struct tile full = { t.level, t.n, TILE_HASHES };
        int rc = f->flat ? flat_tile(f, t, ret_n, reterr) : read_tile(f, t, ret_n, reterr);
        if (rc == 0 && !f->flat && t.width < TILE_HASHES && (rc = read_tile(f, full, ret_n, reterr)) == 1)
                *ret_n = cut(f, t, *ret_n);
        *ret = f->room;
        return rc;
}

static void end(struct source *s)
{
        struct folder *f = (struct folder *)(void *)s;
        for (size_t i = 0; i < sizeof f->fds / sizeof *f->fds; i++)
                if (f->fds[i] >= 0)
                        close(f->fds[i]);
        free(f->room);
        free(f);
}

int source_folder(const char *path, struct source **ret, struct err *reterr)
{
        bool data = !exists(path, "checkpoint") && exists(path, "log/checkpoint");
        if (!data && !exists(path, "checkpoint"))
                return err_set(reterr, ERR_BAD_INPUT, "%s holds no log: there is neither %s/checkpoint nor %s/log/checkpoint", path, path, path);
        struct folder *f = or_abort(calloc(1, sizeof *f));
        snprintf(f->path, sizeof f->path, "%.3700s%s", path, data ? "/log" : "");
        f->source = (struct source){ note, begin, tile, end };
        f->flat = exists(f->path, "entries.bin") || !exists(f->path, "tile");
        for (size_t i = 0; i < sizeof f->fds / sizeof *f->fds; i++)
                f->fds[i] = -1;
        *ret = &f->source;
        return 0;
}
