#include "store/part.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "store/store_impl.h"

enum { SLOTS = 1024, CHUNK = 64 * 1024 };

struct part {
        int64_t org, have, length, touched_us;
        struct hash hash;
        bool held, early;               /* early: of unknown length, from before this start, and not looked at yet */
        struct part *next;
};

struct parts {
        struct store *store;
        char dir[PATH_BYTES];
        pthread_mutex_t mutex;
        struct part *slots[SLOTS];
};

static int failed(const char *what, const char *path, struct err *reterr)
{
        int code = errno;
        if (code == ENOSPC || code == EDQUOT)
                err_set(reterr, ERR_STORE, "the disk is full; the part was not stored. Make room and go on");
        else
                err_set(reterr, ERR_STORE, "the part could not be stored; go on from Upload-Offset");
        return err_while(reterr, "%s %s: %s", what, path, strerror(code));
}

static void path_of(const struct parts *p, const struct part *x, char ret[PATH_BYTES])
{
        struct buf hex = { .max = 64 };
        buf_hex(&hex, x->hash.b, sizeof x->hash.b);
        snprintf(ret, PATH_BYTES, "%.3900s/%lld-%.64s-%lld", p->dir, (long long)x->org, hex.p, (long long)x->length);
        buf_free(&hex);
}

/* ---- the table; its mutex is held ---- */

static struct part **slot_of(struct parts *p, int64_t org, const struct hash *h)
{
        return &p->slots[(h->b[0] + ((unsigned)h->b[1] << 8) + (unsigned)org) % SLOTS];
}

static struct part *find(struct parts *p, int64_t org, const struct hash *h)
{
        struct part *x = *slot_of(p, org, h);
        while (x && (x->org != org || memcmp(x->hash.b, h->b, sizeof h->b) != 0))
                x = x->next;
        return x;
}

static struct part *add(struct parts *p, const struct part *like)
{
        struct part **slot = slot_of(p, like->org, &like->hash), *x = malloc(sizeof *x);
        if (!x)
                abort();
        *x = *like;
        x->next = *slot;
        return *slot = x;
}

static void forget(struct parts *p, struct part *x)
{
        char path[PATH_BYTES];
        struct part **at = slot_of(p, x->org, &x->hash);
        while (*at != x)
                at = &(*at)->next;
        *at = x->next;
        path_of(p, x, path);
        unlink(path);
        free(x);
}

/* What a file may come to. */
static int64_t cost(int64_t length)
{
        return length == PART_OPEN ? LIMIT_BLOB_BYTES : length;
}

static int room_for(struct parts *p, int64_t org, int64_t length, struct err *reterr)
{
        int64_t n = 0, bytes = length;
        for (int i = 0; i < SLOTS; i++)
                for (struct part *x = p->slots[i]; x; x = x->next)
                        if (x->org == org) {
                                n++;
                                bytes += cost(x->length);
                        }
        if (n < LIMIT_PARTS && bytes <= LIMIT_PARTS_BYTES)
                return 0;
        return err_set(reterr, ERR_BUSY, "%lld files of this organisation are on their way already; end some of them first", (long long)n);
}

/* ---- beginning ---- */

static int make_folder(struct parts *p, struct err *reterr)
{
        char above[PATH_BYTES];
        snprintf(above, sizeof above, "%.3900s/blobs", store_dir(p->store));
        snprintf(p->dir, sizeof p->dir, "%.3900s/parts", above);
        if (mkdir(above, 0750) < 0 && errno != EEXIST)
                return failed("making", above, reterr);
        return mkdir(p->dir, 0750) < 0 && errno != EEXIST ? failed("making", p->dir, reterr) : 0;
}

/* Did the machine start anew since the parts were written?  Where nobody tells, it did. */
static bool new_boot(struct parts *p, struct arena *a)
{
        char path[PATH_BYTES];
        struct str now, then;
        snprintf(path, sizeof path, "%.3900s/boot", p->dir);
        if (file_read(a, "/proc/sys/kernel/random/boot_id", 100, &now, NULL) < 0)
                return true;
        return file_read(a, path, 100, &then, NULL) < 0 || !str_eq(now, then);
}

static int remember_boot(struct parts *p, struct arena *a, struct err *reterr)
{
        char path[PATH_BYTES];
        struct str now;
        snprintf(path, sizeof path, "%.3900s/boot", p->dir);
        return file_read(a, "/proc/sys/kernel/random/boot_id", 100, &now, NULL) < 0 ? 0 : file_replace(path, 0640, now, reterr);
}

static bool read_name(const char *name, struct part *ret)
{
        struct str rest = str_of(name), org, hex;
        return str_split(&rest, '-', &org) && str_split(&rest, '-', &hex) && number_read(org, &ret->org) && number_read(rest, &ret->length) &&
               ret->length > 0 && (ret->length <= LIMIT_BLOB_BYTES || ret->length == PART_OPEN) && hex_read(hex, ret->hash.b, sizeof ret->hash.b);
}

/* What certainly is on the disk of `size` bytes; a file with two names is a blob too, and whole. */
static int64_t certain(const struct stat *st, bool boot)
{
        return !boot || st->st_nlink > 1 || st->st_size == 0 ? st->st_size : (st->st_size - 1) / PART_SYNC * PART_SYNC;
}

static void take_in(struct parts *p, int folder, const char *name, bool boot)
{
        struct part x = { 0 };
        struct stat st;
        if (!read_name(name, &x))
                return;
        if (find(p, x.org, &x.hash) || fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) || st.st_size > x.length) {
                unlinkat(folder, name, 0);
                return;
        }
        x.have = certain(&st, boot);
        x.touched_us = st.st_mtim.tv_sec * INT64_C(1000000);
        x.early = x.length == PART_OPEN && x.have > 0;
        char path[PATH_BYTES];
        path_of(p, &x, path);
        if (x.have < st.st_size && truncate(path, x.have) < 0)
                return;
        add(p, &x);
}

static int load(struct parts *p, struct arena *a, struct err *reterr)
{
        bool boot = new_boot(p, a);
        DIR *d = opendir(p->dir);
        if (!d)
                return failed("reading", p->dir, reterr);
        for (struct dirent *e; (e = readdir(d));)
                take_in(p, dirfd(d), e->d_name, boot);
        closedir(d);
        return boot ? remember_boot(p, a, reterr) : 0;
}

int parts_open(struct store *s, struct parts **ret, struct err *reterr)
{
        struct parts *p = calloc(1, sizeof *p);
        struct arena *a = arena_new();
        if (!p)
                abort();
        p->store = s;
        pthread_mutex_init(&p->mutex, NULL);
        int rc = make_folder(p, reterr) < 0 || load(p, a, reterr) < 0 ? -1 : 0;
        arena_free(a);
        if (rc < 0) {
                parts_close(p);
                return -1;
        }
        parts_expire(p, clock_now_us());
        *ret = p;
        return 0;
}

void parts_close(struct parts *p)
{
        if (!p)
                return;
        for (int i = 0; i < SLOTS; i++)
                for (struct part *x = p->slots[i], *next; x; x = next) {
                        next = x->next;
                        free(x);
                }
        pthread_mutex_destroy(&p->mutex);
        free(p);
}

void parts_expire(struct parts *p, int64_t now_us)
{
        pthread_mutex_lock(&p->mutex);
        for (int i = 0; i < SLOTS; i++)
                for (struct part *x = p->slots[i], *next; x; x = next) {
                        next = x->next;
                        if (!x->held && now_us - x->touched_us > LIMIT_PART_DAYS * INT64_C(86400000000))
                                forget(p, x);
                }
        pthread_mutex_unlock(&p->mutex);
}

/* ---- looking and taking ---- */

static struct part_state state_of(const struct part *x)
{
        return x ? (struct part_state){ x->have, x->length } : (struct part_state){ 0 };
}

struct part_state parts_look(struct parts *p, int64_t org, const struct hash *h)
{
        pthread_mutex_lock(&p->mutex);
        struct part_state st = state_of(find(p, org, h));
        pthread_mutex_unlock(&p->mutex);
        return st;
}

static int wrong_offset(const struct part_state *st, struct err *reterr)
{
        return err_set(reterr, ERR_WRONG_OFFSET, "%lld bytes are here; go on from there", (long long)st->have);
}

/* What is sent makes sense by itself: its length as far as it is said. */
static int judge_sent(const struct part_send *in, int64_t length, struct err *reterr)
{
        if (in->bytes.n == 0)
                return err_set(reterr, ERR_BAD_INPUT, "the body is the file's next bytes, and is empty");
        int64_t end = in->offset + (int64_t)in->bytes.n;
        if (length == PART_OPEN ? end > LIMIT_BLOB_BYTES : length > LIMIT_BLOB_BYTES)
                return err_set(reterr, ERR_TOO_LARGE, "a photo or report is at most %d bytes", LIMIT_BLOB_BYTES);
        if (in->offset > length || (int64_t)in->bytes.n > length - in->offset)
                return err_set(reterr, ERR_BAD_INPUT, "the part ends beyond the file's %lld bytes (Upload-Length)", (long long)length);
        return 0;
}

/* The type shows in the first bytes, so nobody sends 30 MB in vain. */
static int judge_type(const struct part_send *in, int64_t length, struct err *reterr)
{
        bool enough = in->offset == 0 && ((int64_t)in->bytes.n == length || in->bytes.n >= BLOB_HEAD_BYTES);
        if (!enough || blob_sniff(in->bytes.p, in->bytes.n))
                return 0;
        return err_set(reterr, ERR_MEDIA_TYPE, "send a photo (JPEG, PNG, HEIC, WebP), a PDF or a sound (WebM, MP4, Ogg)");
}

/* The part that `in` goes on with, made at need; the mutex is held. */
static struct part *part_for(struct parts *p, const struct part_send *in, struct err *reterr)
{
        struct part *x = find(p, in->org, &in->hash);
        struct part_state st = state_of(x);
        int64_t length = in->length ? in->length : x ? x->length : in->offset == 0 ? (int64_t)in->bytes.n : 0;
        bool anew = x && !x->held && in->offset == 0 && (in->whole || length != x->length);
        if (!anew && in->offset != st.have)
                return wrong_offset(&st, reterr), NULL;
        if (x && (x->held || (!anew && length != x->length)))
                return wrong_offset(&st, reterr), NULL;
        if (judge_sent(in, length, reterr) < 0 || judge_type(in, length, reterr) < 0)
                return NULL;
        if (x && !anew)
                return x;
        if (room_for(p, in->org, cost(length) - (anew ? cost(x->length) : 0), reterr) < 0)
                return NULL;
        if (anew)
                forget(p, x);
        return add(p, &(struct part){ .org = in->org, .hash = in->hash, .length = length });
}

static int write_at(struct parts *p, const struct part *x, struct str bytes, int64_t at, struct err *reterr)
{
        char path[PATH_BYTES];
        path_of(p, x, path);
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640), rc = 0;
        if (fd < 0)
                return failed("opening", path, reterr);
        while (rc == 0 && bytes.n) {
                int64_t to_sync = PART_SYNC - at % PART_SYNC;
                size_t now = (int64_t)bytes.n < to_sync ? bytes.n : (size_t)to_sync;
                if (lseek(fd, at, SEEK_SET) < 0 || write_all(fd, bytes.p, now) < 0)
                        rc = failed("writing", path, reterr);
                at += (int64_t)now;
                bytes = str_from(bytes, now);
                if (rc == 0 && at % PART_SYNC == 0 && fdatasync(fd) < 0)
                        rc = failed("syncing", path, reterr);
        }
        if (rc == 0 && at == x->length && fsync(fd) < 0)
                rc = failed("syncing", path, reterr);
        if (rc < 0 && ftruncate(fd, x->have) < 0)
                err_while(reterr, "cutting %s back", path);
        if (close(fd) < 0 && rc == 0)
                rc = failed("closing", path, reterr);
        return rc;
}

/* After writing; the mutex is not held, the part is. */
static void settle(struct parts *p, struct part *x, int64_t have, bool hold, struct part_state *ret)
{
        pthread_mutex_lock(&p->mutex);
        x->have = have;
        x->held = hold;
        x->touched_us = clock_now_us();
        *ret = state_of(x);
        if (!hold && have == 0)         /* nothing of it came in */
                forget(p, x);
        pthread_mutex_unlock(&p->mutex);
}

int parts_take(struct parts *p, const struct part_send *in, struct part_state *ret, struct err *reterr)
{
        pthread_mutex_lock(&p->mutex);
        struct part *x = part_for(p, in, reterr);
        *ret = state_of(x ? x : find(p, in->org, &in->hash));
        if (x)
                x->held = true;
        pthread_mutex_unlock(&p->mutex);
        if (!x)
                return -1;
        int64_t end = in->offset + (int64_t)in->bytes.n;
        if (end == x->length || x->length == PART_OPEN || end / PART_SYNC > in->offset / PART_SYNC)
                return PART_SYNCS;
        int rc = write_at(p, x, in->bytes, in->offset, reterr);
        settle(p, x, rc < 0 ? x->have : end, false, ret);
        return rc;
}

/* ---- the end of a file ---- */

static int digest_of(int fd, struct hash *ret, char head[BLOB_SNIFF_BYTES], size_t *ret_head)
{
        char chunk[CHUNK];
        struct sha256_run *run = sha256_new();
        ssize_t n;
        *ret_head = 0;
        while ((n = read(fd, chunk, sizeof chunk)) > 0 || (n < 0 && errno == EINTR)) {
                if (n < 0)
                        continue;
                if (*ret_head == 0)
                        memcpy(head, chunk, *ret_head = n < BLOB_SNIFF_BYTES ? (size_t)n : BLOB_SNIFF_BYTES);
                sha256_add(run, chunk, (size_t)n);
        }
        *ret = sha256_final(run);
        return n < 0 ? -1 : 0;
}

static int judge_whole(struct parts *p, const struct part *x, struct err *reterr)
{
        char path[PATH_BYTES], head[BLOB_SNIFF_BYTES];
        struct hash is;
        size_t n;
        path_of(p, x, path);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        int rc = fd < 0 || digest_of(fd, &is, head, &n) < 0 ? failed("reading", path, reterr) : 0;
        if (fd >= 0)
                close(fd);
        if (rc < 0)
                return -1;
        if (memcmp(is.b, x->hash.b, sizeof is.b) != 0)
                return err_set(reterr, ERR_WRONG_DIGEST, "all %lld bytes came and their SHA-256 is another; they were thrown away. Send the file again from the beginning",
                               (long long)x->length);
        if (!blob_sniff(head, n))
                return err_set(reterr, ERR_MEDIA_TYPE, "this is no photo (JPEG, PNG, HEIC, WebP), PDF or sound (WebM, MP4, Ogg); it was thrown away");
        return 0;
}

static struct part *held(struct parts *p, int64_t org, const struct hash *h)
{
        pthread_mutex_lock(&p->mutex);
        struct part *x = find(p, org, h);
        pthread_mutex_unlock(&p->mutex);
        return x;
}

/* 1: what has come so far is the file; 0: not yet; -1 it is, and of no type that is taken, or it cannot be read. */
static int is_complete(struct parts *p, struct part *x, int64_t end, struct err *reterr)
{
        char path[PATH_BYTES];
        if (x->length != PART_OPEN || end == x->length)
                return end != x->length ? 0 : judge_whole(p, x, reterr) < 0 ? -1 : 1;
        int rc = judge_whole(p, x, reterr);
        if (rc < 0 && reterr->kind == ERR_WRONG_DIGEST) {
                *reterr = (struct err){ 0 };
                return 0;
        }
        path_of(p, x, path);
        int fd = rc < 0 ? -1 : open(path, O_WRONLY | O_CLOEXEC);
        if (rc == 0 && (fd < 0 || fsync(fd) < 0))
                rc = failed("syncing", path, reterr);
        if (fd >= 0)
                close(fd);
        return rc < 0 ? -1 : 1;
}

int parts_go_on(struct parts *p, const struct part_send *in, struct part_state *ret, struct err *reterr)
{
        struct part *x = held(p, in->org, &in->hash);
        struct err e = { 0 };
        int64_t end = in->offset + (int64_t)in->bytes.n;
        if (write_at(p, x, in->bytes, in->offset, reterr) < 0) {
                settle(p, x, x->have, false, ret);
                return -1;
        }
        int all = is_complete(p, x, end, &e);
        if (all >= 0) {
                settle(p, x, all && x->length != PART_OPEN ? x->have : end, all, ret);
                return all;
        }
        settle(p, x, e.kind == ERR_STORE ? x->have : 0, false, ret);   /* wrong bytes are of no use to anybody */
        if (reterr)
                *reterr = e;
        return -1;
}

int parts_adopt(struct parts *p, int64_t org, const struct hash *h, struct err *reterr)
{
        char path[PATH_BYTES];
        struct part *x = held(p, org, h);
        path_of(p, x, path);
        return blob_adopt(p->store, h, path, reterr);
}

void parts_drop(struct parts *p, int64_t org, const struct hash *h)
{
        pthread_mutex_lock(&p->mutex);
        struct part *x = find(p, org, h);
        if (x)
                forget(p, x);
        pthread_mutex_unlock(&p->mutex);
}

void parts_release(struct parts *p, int64_t org, const struct hash *h)
{
        pthread_mutex_lock(&p->mutex);
        struct part *x = find(p, org, h);
        if (x)
                x->held = false;
        pthread_mutex_unlock(&p->mutex);
}

bool parts_whole(struct parts *p, bool open, int64_t *ret_org, struct hash *ret)
{
        bool found = false;
        pthread_mutex_lock(&p->mutex);
        for (int i = 0; i < SLOTS && !found; i++)
                for (struct part *x = p->slots[i]; x && !found; x = x->next)
                        if (!x->held && (open ? x->early : x->have == x->length)) {
                                x->held = found = true;
                                x->early = false;
                                *ret_org = x->org;
                                *ret = x->hash;
                        }
        pthread_mutex_unlock(&p->mutex);
        return found;
}
