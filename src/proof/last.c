#include "proof/last.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/oom.h"

enum { SLOT = 4096, SLOTS = 2 };

struct last {
        char path[PATH_MAX];
        const struct fileio *io;
        int fd;
        int turn;               /* which slot is written next */
};

/* A new file's name must be on the disk as well. */
static int sync_above(const struct last *l, struct err *reterr)
{
        char folder[PATH_MAX];
        snprintf(folder, sizeof folder, "%s", l->path);
        char *slash = strrchr(folder, '/');
        if (slash)
                *slash = '\0';
        return l->io->sync_folder(slash ? folder : ".") < 0 ? fileio_failed("syncing", folder, reterr) : 0;
}

int last_open(const char *path, const struct fileio *io, struct last **ret, struct err *reterr)
{
        struct last *l = or_abort(calloc(1, sizeof *l));
        snprintf(l->path, sizeof l->path, "%.4000s", path);
        l->io = io;
        l->fd = io->open(path, O_RDWR | O_CREAT, 0640);
        if (l->fd < 0 || sync_above(l, reterr) < 0) {
                int rc = l->fd < 0 ? fileio_failed("opening", path, reterr) : -1;
                last_close(l);
                return rc;
        }
        *ret = l;
        return 0;
}

void last_close(struct last *l)
{
        if (!l)
                return;
        if (l->fd >= 0)
                close(l->fd);
        free(l);
}

static bool believed(struct arena *a, struct str note, struct str origin, const struct vkey *keys, size_t n_keys, bool *ret_other, struct checkpoint *ret)
{
        struct signed_checkpoint s;
        struct note n;
        struct checkpoint c;
        /* Another origin's: of a log that was begun before this one.  Whether it is well signed does not matter then. */
        if (note_read(a, note, &n, NULL) == 0 && checkpoint_read(n.text, &c, NULL) == 0 && !str_eq(c.origin, origin))
                *ret_other = true;
        for (size_t i = 0; i < n_keys; i++)
                if (checkpoint_open(a, note, &keys[i], &s, NULL) == 0 && str_eq(s.c.origin, origin)) {
                        *ret = s.c;
                        return true;
                }
        return false;
}

int last_read(struct last *l, struct arena *a, struct str origin, const struct vkey *keys, size_t n_keys, struct checkpoint *ret, struct err *reterr)
{
        char *p = arena_alloc(a, SLOTS * SLOT + 1);
        ssize_t got = pread(l->fd, p, SLOTS * SLOT, 0);
        bool found = false, other = false, bytes = false;
        if (got < 0)
                return fileio_failed("reading", l->path, reterr);
        for (int i = 0; i < SLOTS; i++) {
                struct str note = { p + (size_t)i * SLOT, strnlen(p + (size_t)i * SLOT, SLOT) };
                struct checkpoint c;
                bytes = bytes || note.n;
                if (!note.n || !believed(a, note, origin, keys, n_keys, &other, &c) || (found && c.size < ret->size))
                        continue;
                found = true;
                *ret = c;
                l->turn = !i;
        }
        if (found || other || !bytes)
                return found;
        return err_set(reterr, ERR_STORE, "%.200s can't be read: it holds no checkpoint signed by this log", l->path);
}

int last_write(struct last *l, struct str note, struct err *reterr)
{
        char slot[SLOT] = "";
        if (note.n >= SLOT)
                return err_set(reterr, ERR_INTERNAL, "a checkpoint of %zu bytes", note.n);
        memcpy(slot, note.p, note.n);
        if (fileio_write(l->io, l->fd, slot, SLOT, (off_t)l->turn * SLOT) < 0 || l->io->fdatasync(l->fd) < 0)
                return fileio_failed("writing", l->path, reterr);
        l->turn = !l->turn;
        return 0;
}
