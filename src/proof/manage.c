#include "proof/manage.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "proof/proof_impl.h"

/* ---- keys ---- */

static int state_of(struct store *s, struct arena *a, struct log_state *ret, struct err *reterr)
{
        struct reader *r;
        if (reader_begin(s, &r, reterr) < 0)
                return -1;
        int rc = logstate_load(NULL, r, a, ret, reterr);
        reader_end(r);
        return rc;
}

static int about_next(struct arena *a, const char *dir, struct key_about *ret, struct err *reterr)
{
        struct key next;
        int rc = key_load(a, dir, KEY_NEXT, NULL, &next, reterr);
        if (rc < 1)
                return rc;
        ret->has_next = true;
        ret->next = next.vkey;
        ret->until_us = next.until_us;
        return 0;
}

int proof_key(struct store *s, struct arena *a, const char *passphrase, struct key_about *ret, struct err *reterr)
{
        struct log_state state;
        struct key k;
        const char *dir = store_dir(s);
        *ret = (struct key_about){ 0 };
        int began = state_of(s, a, &state, reterr);
        /* What is public stands in the file in clear: no passphrase is asked for to show it. */
        int rc = began < 0 ? -1 : key_load(a, dir, KEY_FILE, NULL, &k, reterr);
        if (rc == 0 && began == 0)
                rc = key_make(a, dir, KEY_FILE, log_origin(s, a, 1), passphrase, 0, &k, reterr) < 0 ? -1 : 1;
        if (rc < 0 || (began && vkey_read(a, state.vkey, &ret->vkey, reterr) < 0))
                return -1;
        if (!began)
                ret->vkey = k.vkey;
        ret->here = rc == 1 && k.vkey.id == ret->vkey.id && str_eq(k.vkey.name, ret->vkey.name);
        ret->encrypted = ret->here && k.encrypted;
        ret->made_us = ret->here ? k.made_us : state.created_us;
        return about_next(a, dir, ret, reterr);
}

int proof_rotate_key(struct store *s, struct arena *a, const char *passphrase, int64_t overlap_us, struct vkey *ret, struct err *reterr)
{
        struct key_about about;
        struct key next;
        if (proof_key(s, a, passphrase, &about, reterr) < 0)
                return -1;
        if (!about.here)
                return err_set(reterr, ERR_NOT_FOUND, "keys/" KEY_FILE " of this directory is not the key of the log: it is changed where the log is signed");
        if (about.has_next)
                return err_set(reterr, ERR_CONFLICT, "a change is under way already; `suyuan key show` says until when both keys sign");
        if (about.encrypted && (!passphrase || !*passphrase))
                return err_set(reterr, ERR_BAD_INPUT, "the key is encrypted and so is the next one: give the passphrase (SUYUAN_KEY_PASSPHRASE)");
        if (key_make(a, store_dir(s), KEY_NEXT, about.vkey.name, passphrase, clock_now_us() + overlap_us, &next, reterr) < 0)
                return -1;
        *ret = next.vkey;
        return 0;
}

/* ---- a new log ---- */

static void path_in(const struct store *s, const char *name, char ret[PATH_MAX])
{
        snprintf(ret, PATH_MAX, "%.3900s/%s", store_dir(s), name);
}

/* The old key is kept under the number of its log: it signs nothing any more. */
static int put_away(struct store *s, int64_t n, struct err *reterr)
{
        char from[PATH_MAX], to[PATH_MAX], name[64];
        path_in(s, "keys/" KEY_NEXT, from);
        unlink(from);
        path_in(s, "keys/" KEY_FILE, from);
        snprintf(name, sizeof name, "keys/log-%lld.key", (long long)n);
        path_in(s, name, to);
        return rename(from, to) < 0 && errno != ENOENT ? fileio_failed("renaming", from, reterr) : 0;
}

static int freeze(struct store *s, const struct log_state *state, struct err *reterr)
{
        char path[PATH_MAX], name[48];
        path_in(s, "log", path);
        if (fileio_folder(path, 0750, reterr) < 0)
                return -1;
        snprintf(name, sizeof name, "log/frozen-%lld", (long long)state->n);
        path_in(s, name, path);
        return file_replace(path, 0644, state->note, reterr);
}

/* The key is there already when an earlier try was broken off. */
static int new_key(struct store *s, struct arena *a, int64_t n, struct str origin, const char *passphrase, struct key *ret, struct err *reterr)
{
        int rc = key_load(a, store_dir(s), KEY_FILE, passphrase, ret, reterr);
        if (rc < 0 || (rc == 1 && str_eq(ret->vkey.name, origin)))
                return rc < 0 ? -1 : 0;
        if (put_away(s, n, reterr) < 0)
                return -1;
        return key_make(a, store_dir(s), KEY_FILE, origin, passphrase, 0, ret, reterr);
}

int proof_begin(struct store *s, struct ledger *l, struct arena *a, const char *passphrase, struct vkey *ret, struct err *reterr)
{
        struct log_state state;
        struct key k;
        struct proof p = { .store = s, .ledger = l };
        int rc = state_of(s, a, &state, reterr);
        if (rc < 1)
                return rc < 0 ? -1 : err_set(reterr, ERR_NOT_FOUND, "no log was begun here yet: `suyuan serve` begins the first one");
        struct str origin = log_origin(s, a, state.n + 1);
        if (freeze(s, &state, reterr) < 0 || new_key(s, a, state.n, origin, passphrase, &k, reterr) < 0 || logstate_add(&p, state.n + 1, origin, &k.vkey, reterr) < 0)
                return -1;
        *ret = k.vkey;
        return 0;
}

/* ---- export ---- */

static int make_above(char *path, struct err *reterr)
{
        for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                int rc = fileio_folder(path, 0755, reterr);
                *slash = '/';
                if (rc < 0)
                        return -1;
        }
        return 0;
}

static int copy_slice(int from, int64_t at, int64_t bytes, const char *to, struct err *reterr)
{
        char data[TILE_HASHES * LEAF_FRAME];
        if (pread(from, data, (size_t)bytes, at) != bytes)
                return err_set(reterr, ERR_STORE, "the log's files are shorter than its size; `suyuan log rebuild` makes them again from the records");
        int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (fd < 0)
                return fileio_failed("creating", to, reterr);
        int rc = fileio_write(&fileio_system, fd, data, (size_t)bytes, 0) < 0 ? fileio_failed("writing", to, reterr) : 0;
        close(fd);
        return rc;
}

/* What an earlier export left there: the size of our own log, 0 nothing.  A folder of another log's tiles is left as it is: with ours among them it would be neither. */
static int64_t exported(struct proof *p, struct arena *a, const char *folder, struct err *reterr)
{
        struct str text;
        struct note n;
        struct checkpoint c;
        struct hash ours;
        struct err e = { 0 };
        if (file_read(a, arena_printf(a, "%.3800s/checkpoint", folder).p, CHECKPOINT_BYTES_MAX, &text, &e) < 0)
                return e.kind == ERR_NOT_FOUND ? 0 : err_set(reterr, e.kind, "%s", e.detail);
        if (note_read(a, text, &n, NULL) < 0 || checkpoint_read(n.text, &c, NULL) < 0)
                return err_set(reterr, ERR_CONFLICT, "%.200s holds a file `checkpoint` that is none: name an empty folder", folder);
        if (!str_eq(c.origin, p->origin))
                return err_set(reterr, ERR_CONFLICT, "%.200s holds another log, %.*s: name an empty folder for %.*s", folder, (int)(c.origin.n < 200 ? c.origin.n : 200), c.origin.p,
                               STR_ARG(p->origin));
        if (c.size > published_size(p))
                return err_set(reterr, ERR_CONFLICT, "%.200s holds %lld leaves of this log and the data directory %lld: it is an older copy, and nothing was written", folder, (long long)c.size,
                               (long long)published_size(p));
        if (c.size > 0 && treefiles_root(p->files, c.size, &ours, reterr) < 0)
                return -1;
        if (c.size > 0 && memcmp(&ours, &c.root, sizeof ours) != 0)
                return err_set(reterr, ERR_CONFLICT, "%.200s holds another tree of %lld leaves than the data directory: one of them is a fork.  Keep both, and name an empty folder", folder,
                               (long long)c.size);
        return c.size;
}

static int export_tile(struct proof *p, struct tile t, int64_t have, const char *folder, struct err *reterr)
{
        char path[PATH_MAX];
        struct buf name = { .max = 256 };
        int fd;
        int64_t at, bytes;
        tile_path(&name, t);
        snprintf(path, sizeof path, "%.3800s/%.*s", folder, (int)name.n, name.p);
        buf_free(&name);
        if (tile_width(have, t.level == TILE_ENTRIES ? 0 : t.level, t.n) == TILE_HASHES && access(path, F_OK) == 0)
                return 0;
        if (make_above(path, reterr) < 0 || proof_tile(p, t, &fd, &at, &bytes, reterr) < 0)
                return -1;
        return copy_slice(fd, at, bytes, path, reterr);
}

static int export_level(struct proof *p, int level, int64_t size, int64_t have, const char *folder, struct err *reterr)
{
        int width;
        for (int64_t n = 0; (width = tile_width(size, level == TILE_ENTRIES ? 0 : level, n)) > 0; n++)
                if (export_tile(p, (struct tile){ .level = level, .n = n, .width = width }, have, folder, reterr) < 0)
                        return -1;
        return 0;
}

int proof_export(struct proof *p, const char *folder, struct err *reterr)
{
        struct arena *a = arena_new();
        struct str note;
        int rc = proof_checkpoint(p, a, &note, reterr);
        int64_t size = published_size(p);
        int64_t have = rc == 0 ? exported(p, a, folder, reterr) : -1;
        rc = have < 0 ? -1 : fileio_folder(folder, 0755, reterr);
        for (int level = TILE_ENTRIES; rc == 0 && level < TILE_LEVELS; level++)
                rc = export_level(p, level, size, have, folder, reterr);
        /* Last: who reads meanwhile finds every tile of the checkpoint that he has. */
        if (rc == 0)
                rc = file_replace(arena_printf(a, "%.3800s/checkpoint", folder).p, 0644, note, reterr);
        arena_free(a);
        return rc;
}
