#include "proof/treefiles.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/oom.h"

enum {
        CHUNK = 8192,           /* leaves that go into one write a file */
        MARK_EVERY = 131072,    /* leaves after which the levels are synced too; so many are made anew after a power cut */
        RESERVE = 1 << 20,      /* bytes by which entries.bin grows at a time */
        HASH_BYTES = 32,
        BUNDLE_BYTES = TILE_HASHES * LEAF_FRAME,
};

struct treefiles {
        char folder[PATH_MAX];
        const struct fileio *io;
        bool write;
        int entries, level[TILE_LEVELS], mark;  /* descriptors, -1: not there yet */
        struct frontier tree;
        int64_t marked;                         /* leaves that are on the disk in every file */
        int64_t reserved;                       /* bytes of entries.bin that have a place on the disk */
        bool new_file;                          /* the folder has a name that may not be on the disk */
        /* what a chunk adds to each file */
        uint8_t *frames;
        uint8_t *hashes[TILE_LEVELS];
        size_t n_hashes[TILE_LEVELS];
};

/* ---- files ---- */

static void path_of(const struct treefiles *t, const char *name, char ret[PATH_MAX])
{
        snprintf(ret, PATH_MAX, "%.3900s/%s", t->folder, name);
}

static int open_file(struct treefiles *t, const char *name, int *ret, struct err *reterr)
{
        char path[PATH_MAX];
        path_of(t, name, path);
        *ret = t->io->open(path, t->write ? O_RDWR : O_RDONLY, 0640);
        if (*ret >= 0 || (errno == ENOENT && !t->write))
                return 0;
        if (errno == ENOENT) {
                *ret = t->io->open(path, O_RDWR | O_CREAT, 0640);
                t->new_file = true;
        }
        return *ret < 0 ? fileio_failed("opening", path, reterr) : 0;
}

static int open_level(struct treefiles *t, int level, struct err *reterr)
{
        char name[24];
        snprintf(name, sizeof name, "level-%d.bin", level);
        return t->level[level] >= 0 ? 0 : open_file(t, name, &t->level[level], reterr);
}

static int64_t bytes_of(int fd)
{
        struct stat st;
        return fd >= 0 && fstat(fd, &st) == 0 ? st.st_size : 0;
}

static int64_t read_mark(const struct treefiles *t)
{
        char text[32] = "", *end;
        if (t->mark < 0 || pread(t->mark, text, sizeof text - 1, 0) < 1)
                return 0;
        long long n = strtoll(text, &end, 10);
        return *end == '\n' && n > 0 ? n : 0;
}

int treefiles_open(const char *folder, bool write, const struct fileio *io, struct treefiles **ret, struct err *reterr)
{
        struct treefiles *t = or_abort(calloc(1, sizeof *t));
        snprintf(t->folder, sizeof t->folder, "%.3900s", folder);
        t->io = io;
        t->write = write;
        t->entries = t->mark = -1;
        for (int i = 0; i < TILE_LEVELS; i++)
                t->level[i] = -1;
        int rc = open_file(t, "entries.bin", &t->entries, reterr) < 0 || open_file(t, "marked", &t->mark, reterr) < 0 ? -1 : 0;
        for (int i = 0; rc == 0 && i < TILE_LEVELS; i++) {
                char name[24], path[PATH_MAX];
                snprintf(name, sizeof name, "level-%d.bin", i);
                path_of(t, name, path);
                if (access(path, F_OK) == 0)
                        rc = open_level(t, i, reterr);
        }
        if (rc < 0) {
                treefiles_close(t);
                return -1;
        }
        t->marked = read_mark(t);
        *ret = t;
        return 0;
}

static void close_one(int fd)
{
        if (fd >= 0)
                close(fd);
}

void treefiles_close(struct treefiles *t)
{
        if (!t)
                return;
        close_one(t->entries);
        close_one(t->mark);
        for (int i = 0; i < TILE_LEVELS; i++) {
                close_one(t->level[i]);
                free(t->hashes[i]);
        }
        free(t->frames);
        free(t);
}

int64_t treefiles_size(const struct treefiles *t)
{
        return t->tree.size;
}

/* ---- reading tiles: a few of them, kept for the length of one call ---- */

enum { KEPT = 16 };

struct reading {
        struct treefiles *files;
        struct tiles tiles;
        size_t next;
        struct kept { struct tile tile; uint8_t bytes[TILE_BYTES]; } kept[KEPT];
};

static int fetch(void *ctx, struct tile want, const uint8_t **ret)
{
        struct reading *r = ctx;
        for (size_t i = 0; i < KEPT; i++)
                if (r->kept[i].tile.width >= want.width && r->kept[i].tile.level == want.level && r->kept[i].tile.n == want.n) {
                        *ret = r->kept[i].bytes;
                        return 0;
                }
        int fd;
        int64_t at, bytes;
        struct kept *k = &r->kept[r->next++ % KEPT];
        k->tile.width = 0;
        want.width = tile_width(r->tiles.size, want.level, want.n);
        if (!treefiles_slice(r->files, want, r->tiles.size, &fd, &at, &bytes) || pread(fd, k->bytes, (size_t)bytes, at) != bytes)
                return -1;
        k->tile = want;
        *ret = k->bytes;
        return 0;
}

static struct reading *reading_of(struct treefiles *t, int64_t size)
{
        struct reading *r = or_abort(malloc(sizeof *r));
        r->files = t;
        r->next = 0;
        r->tiles = (struct tiles){ .size = size, .fetch = fetch, .ctx = r };
        for (size_t i = 0; i < KEPT; i++)
                r->kept[i].tile.width = 0;
        return r;
}

static int unreadable(int rc, struct err *reterr)
{
        return rc < 0 ? err_set(reterr, ERR_STORE, "the log's files are shorter than its size; `suyuan log rebuild` makes them again from the records") : rc;
}

int treefiles_root(struct treefiles *t, int64_t size, struct hash *ret, struct err *reterr)
{
        if (size == t->tree.size) {
                *ret = frontier_root(&t->tree);
                return 0;
        }
        struct reading *r = reading_of(t, size);
        int rc = tree_root(size, tiles_read, &r->tiles, ret);
        free(r);
        return unreadable(rc, reterr);
}

int treefiles_inclusion(struct treefiles *t, int64_t index, int64_t size, struct hash ret[PROOF_MAX], struct err *reterr)
{
        struct reading *r = reading_of(t, size);
        int rc = tree_prove(index, size, tiles_read, &r->tiles, ret);
        free(r);
        return unreadable(rc, reterr);
}

int treefiles_consistency(struct treefiles *t, int64_t old, int64_t size, struct hash ret[PROOF_MAX], struct err *reterr)
{
        struct reading *r = reading_of(t, size);
        int rc = tree_prove_consistency(old, size, tiles_read, &r->tiles, ret);
        free(r);
        return unreadable(rc, reterr);
}

bool treefiles_slice(struct treefiles *t, struct tile tile, int64_t size, int *ret_fd, int64_t *ret_at, int64_t *ret_bytes)
{
        bool bundle = tile.level == TILE_ENTRIES;
        if (tile.level >= TILE_LEVELS || tile.width > tile_width(size, bundle ? 0 : tile.level, tile.n))
                return false;
        *ret_fd = bundle ? t->entries : t->level[tile.level];
        *ret_at = tile.n * (bundle ? BUNDLE_BYTES : TILE_BYTES);
        *ret_bytes = (int64_t)tile.width * (bundle ? LEAF_FRAME : HASH_BYTES);
        return *ret_fd >= 0;
}

/* ---- opening what is there ---- */

/* The right edge: the complete subtrees that the digits of the size name. */
static int load_frontier(struct treefiles *t, int64_t size, struct err *reterr)
{
        struct reading *r = reading_of(t, size);
        struct frontier f = { .size = size };
        int rc = 0;
        for (int b = 0; rc == 0 && b < 63; b++)
                if (size >> b & 1)
                        rc = tiles_read(&r->tiles, b, (size >> b) - 1, &f.f[b]);
        free(r);
        if (rc == 0)
                t->tree = f;
        return unreadable(rc, reterr);
}

static int64_t hashes_at(int64_t size, int level)
{
        return size >> (8 * level);
}

static bool long_enough(const struct treefiles *t, int64_t size)
{
        if (bytes_of(t->entries) < size * LEAF_FRAME)
                return false;
        for (int i = 0; i < TILE_LEVELS; i++)
                if (bytes_of(t->level[i]) < hashes_at(size, i) * HASH_BYTES)
                        return false;
        return true;
}

int treefiles_follow(struct treefiles *t, int64_t size, struct err *reterr)
{
        struct err e = { 0 };
        for (int i = 0; i < TILE_LEVELS && hashes_at(size, i); i++)
                if (open_level(t, i, &e) < 0)
                        break;
        return long_enough(t, size) ? load_frontier(t, size, reterr) : unreadable(-1, reterr);
}

static int cut_one(struct treefiles *t, int fd, int64_t bytes, struct err *reterr)
{
        if (bytes_of(fd) > bytes && t->io->ftruncate(fd, bytes) < 0)
                return fileio_failed("cutting", t->folder, reterr);
        return 0;
}

static int cut(struct treefiles *t, int64_t size, struct err *reterr)
{
        t->reserved = 0;
        if (cut_one(t, t->entries, size * LEAF_FRAME, reterr) < 0)
                return -1;
        for (int i = 0; i < TILE_LEVELS; i++)
                if (cut_one(t, t->level[i], hashes_at(size, i) * HASH_BYTES, reterr) < 0)
                        return -1;
        return 0;
}

static int write_mark(struct treefiles *t, int64_t size, struct err *reterr)
{
        char text[24];
        int n = snprintf(text, sizeof text, "%020lld\n", (long long)size);
        if (fileio_write(t->io, t->mark, text, (size_t)n, 0) < 0 || t->io->fdatasync(t->mark) < 0)
                return fileio_failed("writing", t->folder, reterr);
        t->marked = size;
        return 0;
}

/* What lies above the mark may be on the disk or not: it is made again from the records, which is less work than to find out. */
int treefiles_recover(struct treefiles *t, int64_t size, struct err *reterr)
{
        int64_t sure = t->marked < size ? t->marked : size;
        if (!long_enough(t, sure) || (sure && load_frontier(t, sure, NULL) < 0))
                sure = 0;
        /* First the mark: bytes that are written anew above it are not on the disk yet. */
        if (sure < t->marked && write_mark(t, sure, reterr) < 0)
                return -1;
        if (!sure)
                t->tree = (struct frontier){ 0 };
        return cut(t, sure, reterr);
}

/* ---- appending ---- */

static void make_room(struct treefiles *t)
{
        if (t->frames)
                return;
        t->frames = or_abort(malloc((size_t)CHUNK * LEAF_FRAME));
        for (int i = 0; i < TILE_LEVELS; i++)
                t->hashes[i] = or_abort(malloc((((size_t)CHUNK >> (8 * i)) + 2) * HASH_BYTES));
}

/* As frontier_add, keeping the roots of 256^level leaves as they become complete. */
static void add_leaf(struct treefiles *t, struct frontier *tree, const struct hash *leaf)
{
        struct hash h = *leaf;
        int b = 0;
        for (;; b++) {
                if (b % TILE_HEIGHT == 0)
                        memcpy(t->hashes[b / TILE_HEIGHT] + t->n_hashes[b / TILE_HEIGHT]++ * HASH_BYTES, h.b, HASH_BYTES);
                if (!(tree->size >> b & 1))
                        break;
                h = tree_node(&tree->f[b], &h);
        }
        tree->f[b] = h;
        tree->size++;
}

static void build(struct treefiles *t, struct frontier *tree, const uint8_t *leaves, size_t n)
{
        memset(t->n_hashes, 0, sizeof t->n_hashes);
        for (size_t i = 0; i < n; i++) {
                uint8_t *frame = t->frames + i * LEAF_FRAME;
                frame[0] = 0;
                frame[1] = LEAF_BYTES;
                memcpy(frame + 2, leaves + i * LEAF_BYTES, LEAF_BYTES);
                struct hash h = tree_leaf(frame + 2, LEAF_BYTES);
                add_leaf(t, tree, &h);
        }
}

/* A sync of a file that grew writes where it grew to as well, and takes twice as long.  So it grows ahead, by zeros that nobody reads; a clean end cuts them. */
static int reserve(struct treefiles *t, int64_t upto, struct err *reterr)
{
        static const char zeros[RESERVE];
        if (upto <= t->reserved)
                return 0;
        if (fileio_write(t->io, t->entries, zeros, RESERVE, upto) < 0)
                return fileio_failed("writing", t->folder, reterr);
        t->reserved = upto + RESERVE;
        return 0;
}

static int write_chunk(struct treefiles *t, size_t n, struct err *reterr)
{
        int64_t at = t->tree.size;
        if (reserve(t, (at + (int64_t)n) * LEAF_FRAME, reterr) < 0)
                return -1;
        if (fileio_write(t->io, t->entries, t->frames, n * LEAF_FRAME, at * LEAF_FRAME) < 0)
                return fileio_failed("writing", t->folder, reterr);
        for (int i = 0; i < TILE_LEVELS && t->n_hashes[i]; i++) {
                if (open_level(t, i, reterr) < 0)
                        return -1;
                if (fileio_write(t->io, t->level[i], t->hashes[i], t->n_hashes[i] * HASH_BYTES, hashes_at(at, i) * HASH_BYTES) < 0)
                        return fileio_failed("writing", t->folder, reterr);
        }
        return 0;
}

int treefiles_add(struct treefiles *t, const uint8_t *leaves, size_t n, struct err *reterr)
{
        struct frontier before = t->tree;
        make_room(t);
        while (n) {
                size_t k = n < CHUNK ? n : CHUNK;
                struct frontier tree = t->tree;
                build(t, &tree, leaves, k);
                if (write_chunk(t, k, reterr) < 0) {
                        t->tree = before;
                        return -1;
                }
                t->tree = tree;
                leaves += k * LEAF_BYTES;
                n -= k;
        }
        return 0;
}

static int sync_all(struct treefiles *t)
{
        for (int i = 0; i < TILE_LEVELS; i++)
                if (t->level[i] >= 0 && t->io->fdatasync(t->level[i]) < 0)
                        return -1;
        return 0;
}

/* After a failed sync nobody knows what the disk holds, and asking again would say that all is well: only writing again helps. */
static int gone_back(struct treefiles *t, struct err *reterr)
{
        fileio_failed("syncing", t->folder, reterr);
        if (t->marked == 0 || load_frontier(t, t->marked, NULL) < 0)
                t->tree = (struct frontier){ 0 };
        return -1;
}

int treefiles_sync(struct treefiles *t, bool all, struct err *reterr)
{
        if (t->io->fdatasync(t->entries) < 0)
                return gone_back(t, reterr);
        if (t->new_file && t->io->sync_folder(t->folder) < 0)
                return gone_back(t, reterr);
        t->new_file = false;
        if (t->tree.size == t->marked || (!all && t->tree.size - t->marked < MARK_EVERY))
                return 0;
        if (sync_all(t) < 0)
                return gone_back(t, reterr);
        if (write_mark(t, t->tree.size, reterr) < 0)
                return -1;
        return all ? cut(t, t->tree.size, reterr) : 0;
}
