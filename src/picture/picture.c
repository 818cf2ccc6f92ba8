#include "picture/picture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/background.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "picture/picture_impl.h"

enum { PATH_BYTES = 4096, WANTED = LIMIT_PICTURES_WAITING / 2 /* the rest is for who waits */ };
static const int sizes[PICTURE_SIZES] = { PICTURE_LARGE, PICTURE_SMALL };

struct job {
        struct hash hash;
        struct picture_wait *waits;
        struct job *next;
};

struct pictures {
        struct store *store;
        char dir[PATH_BYTES], program[PATH_BYTES];
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t come;
        struct job *first, **last, *now;
        int waiting;
        atomic_bool stop;
};

bool pictures_program(char *ret, size_t n)
{
        static const char *const places[] = { "suyuan-image", "../picture/suyuan-image" };      /* installed, and as it is built */
        char self[PATH_BYTES];
        ssize_t k = readlink("/proc/self/exe", self, sizeof self - 1);
        if (k <= 0)
                return false;
        self[k] = '\0';
        *strrchr(self, '/') = '\0';
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
                int len = snprintf(ret, n, "%s/%s", self, places[i]);
                if (len > 0 && (size_t)len < n && access(ret, X_OK) == 0)
                        return true;
        }
        return false;
}

/* ---- names ---- */

static void path_of(const struct pictures *p, const struct hash *h, const char *what, char ret[PATH_BYTES])
{
        struct buf hex = { .max = 64 };
        buf_hex(&hex, h->b, sizeof h->b);
        snprintf(ret, PATH_BYTES, "%.3900s/%.2s/%.62s-%s", p->dir, hex.p, hex.p + 2, what);
        buf_free(&hex);
}

static void picture_path(const struct pictures *p, const struct hash *h, int size, char ret[PATH_BYTES])
{
        char what[32];
        snprintf(what, sizeof what, "%d.jpg", size);
        path_of(p, h, what, ret);
}

static int make_folder(const struct pictures *p, const struct hash *h, struct err *reterr)
{
        char path[PATH_BYTES];
        path_of(p, h, "", path);
        *strrchr(path, '/') = '\0';
        if (mkdir(path, 0750) == 0 || errno == EEXIST)
                return 0;
        err_set(reterr, ERR_STORE, "the picture cannot be kept");
        return err_while(reterr, "making %s: %s", path, strerror(errno));
}

/* ---- looking ---- */

/* Pictures are not synced: after the death of the machine one may be a torso.  A JPEG begins and ends with its marks. */
static bool is_complete(int fd, int64_t size)
{
        unsigned char begin[2], end[2];
        return size > 4 && pread(fd, begin, 2, 0) == 2 && pread(fd, end, 2, size - 2) == 2 && begin[0] == 0xff && begin[1] == 0xd8 && end[0] == 0xff && end[1] == 0xd9;
}

static bool is_unusable(const struct pictures *p, const struct hash *h)
{
        char path[PATH_BYTES];
        path_of(p, h, "unusable", path);
        return access(path, F_OK) == 0;
}

int picture_open(struct pictures *p, const struct hash *h, enum picture_size size, int *ret_fd, int64_t *ret_bytes, struct err *reterr)
{
        char path[PATH_BYTES];
        struct stat st;
        picture_path(p, h, (int)size, path);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0 && fstat(fd, &st) == 0 && is_complete(fd, st.st_size)) {
                *ret_fd = fd;
                *ret_bytes = st.st_size;
                return 1;
        }
        if (fd >= 0)
                close(fd);
        return is_unusable(p, h) ? err_set(reterr, ERR_NOT_FOUND, "there is no such picture") : 0;
}

/* ---- making ---- */

static int open_new(const struct pictures *p, int i, char ret[PATH_BYTES])
{
        snprintf(ret, PATH_BYTES, "%.3900s/making-%d", p->dir, sizes[i]);
        return open(ret, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
}

static int name_all(const struct pictures *p, const struct hash *h, const int fds[PICTURE_SIZES])
{
        char from[PATH_BYTES], to[PATH_BYTES];
        struct stat st;
        for (int i = 0; i < PICTURE_SIZES; i++) {
                if (fstat(fds[i], &st) < 0 || !is_complete(fds[i], st.st_size))
                        return PICTURE_UNUSABLE;
                snprintf(from, sizeof from, "%.3900s/making-%d", p->dir, sizes[i]);
                picture_path(p, h, sizes[i], to);
                if (rename(from, to) < 0)
                        return PICTURE_CANNOT;
        }
        return PICTURE_MADE;
}

static void remember_unusable(const struct pictures *p, const struct hash *h)
{
        char path[PATH_BYTES];
        path_of(p, h, "unusable", path);
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
        if (fd >= 0)
                close(fd);
}

static int run_on(struct pictures *p, const struct hash *h, int in, struct err *reterr)
{
        char path[PATH_BYTES];
        int fds[PICTURE_SIZES], rc = 0;
        for (int i = 0; i < PICTURE_SIZES; i++)
                if ((fds[i] = open_new(p, i, path)) < 0)
                        rc = err_while(reterr, "creating %s: %s", path, strerror(errno));
        if (rc == 0)
                rc = picture_run(p->program, in, fds, &p->stop, reterr);
        if (rc == PICTURE_MADE)
                rc = name_all(p, h, fds);
        for (int i = 0; i < PICTURE_SIZES; i++)
                if (fds[i] >= 0)
                        close(fds[i]);
        return rc;
}

static bool is_picture(int fd)
{
        char head[BLOB_SNIFF_BYTES];
        ssize_t n = pread(fd, head, sizeof head, 0);
        const char *type = n > 0 ? blob_sniff(head, (size_t)n) : NULL;
        return type && str_starts(str_of(type), STR("image/"));
}

int picture_expected(struct pictures *p, const struct hash *h)
{
        int fd;
        int64_t size;
        if (is_unusable(p, h))
                return -1;
        if (blob_open(p->store, h, &fd, &size, NULL) < 0)
                return 0;
        bool ok = is_picture(fd);
        close(fd);
        return ok ? 1 : -1;
}

static bool is_made(struct pictures *p, const struct hash *h)
{
        int fd;
        int64_t n;
        for (int i = 0; i < PICTURE_SIZES; i++) {
                if (picture_open(p, h, (enum picture_size)sizes[i], &fd, &n, NULL) != 1)
                        return false;
                close(fd);
        }
        return true;
}

static int make(struct pictures *p, const struct hash *h, struct err *reterr)
{
        int in;
        int64_t size;
        if (is_made(p, h))
                return 0;
        if (is_unusable(p, h))
                return err_set(reterr, ERR_NOT_FOUND, "there is no such picture");
        if (blob_open(p->store, h, &in, &size, reterr) < 0 || make_folder(p, h, reterr) < 0)
                return -1;
        int rc = is_picture(in) ? run_on(p, h, in, reterr) : PICTURE_UNUSABLE;
        close(in);
        if (rc == PICTURE_MADE)
                return 0;
        if (rc == PICTURE_UNUSABLE) {
                remember_unusable(p, h);
                return err_set(reterr, ERR_NOT_FOUND, "no picture can be made of this file");
        }
        return err_set(reterr, ERR_BUSY, "the picture could not be made now; try again shortly");
}

/* ---- the queue ---- */

static struct job *next(struct pictures *p)
{
        pthread_mutex_lock(&p->mutex);
        while (!p->first && !p->stop)
                pthread_cond_wait(&p->come, &p->mutex);
        struct job *j = p->first;
        if (j && !(p->first = j->next))
                p->last = &p->first;
        p->now = j;
        pthread_mutex_unlock(&p->mutex);
        return j;
}

static void end(struct pictures *p, struct job *j, const struct err *e)
{
        pthread_mutex_lock(&p->mutex);
        p->now = NULL;          /* nobody joins it any more */
        p->waiting--;
        pthread_mutex_unlock(&p->mutex);
        for (struct picture_wait *w = j->waits, *after; w; w = after) {
                after = w->next;
                w->done(w, e);
        }
        free(j);
}

static void *work(void *ctx)
{
        struct pictures *p = ctx;
        background_thread();
        for (struct job *j; (j = next(p));) {
                struct err e = { 0 };
                if (p->stop)
                        err_set(&e, ERR_BUSY, "the server is ending");
                else if (make(p, &j->hash, &e) < 0 && e.cause[0])
                        log_err(LOG_WARN, "picture.make", &e);
                end(p, j, e.kind ? &e : NULL);
        }
        return NULL;
}

static struct job *waiting_for(struct pictures *p, const struct hash *h)
{
        if (p->now && memcmp(p->now->hash.b, h->b, sizeof h->b) == 0)
                return p->now;
        for (struct job *j = p->first; j; j = j->next)
                if (memcmp(j->hash.b, h->b, sizeof h->b) == 0)
                        return j;
        return NULL;
}

static struct job *add(struct pictures *p, const struct hash *h)
{
        struct job *j = calloc(1, sizeof *j);
        if (!j)
                abort();
        j->hash = *h;
        *p->last = j;
        p->last = &j->next;
        p->waiting++;
        pthread_cond_signal(&p->come);
        return j;
}

int picture_make(struct pictures *p, const struct hash *h, struct picture_wait *w, struct err *reterr)
{
        pthread_mutex_lock(&p->mutex);
        struct job *j = waiting_for(p, h);
        if (!j && p->waiting < LIMIT_PICTURES_WAITING && !p->stop)
                j = add(p, h);
        if (j) {
                w->next = j->waits;
                j->waits = w;
        }
        pthread_mutex_unlock(&p->mutex);
        return j ? 0 : err_set(reterr, ERR_BUSY, "many pictures are being made; try again shortly");
}

void picture_want(struct pictures *p, const struct hash *h)
{
        pthread_mutex_lock(&p->mutex);
        if (p->waiting < WANTED && !p->stop && !waiting_for(p, h))
                add(p, h);
        pthread_mutex_unlock(&p->mutex);
}

/* ---- beginning and end ---- */

int pictures_start(struct store *s, const char *program, struct pictures **ret, struct err *reterr)
{
        struct pictures *p = calloc(1, sizeof *p);
        if (!p)
                abort();
        p->store = s;
        p->last = &p->first;
        snprintf(p->dir, sizeof p->dir, "%.3900s/pictures", store_dir(s));
        snprintf(p->program, sizeof p->program, "%s", program);
        pthread_mutex_init(&p->mutex, NULL);
        pthread_cond_init(&p->come, NULL);
        if (mkdir(p->dir, 0750) < 0 && errno != EEXIST) {
                err_set(reterr, ERR_STORE, "%.300s: %s", p->dir, strerror(errno));
                free(p);
                return -1;
        }
        if (pthread_create(&p->thread, NULL, work, p) != 0) {
                free(p);
                return err_set(reterr, ERR_INTERNAL, "no thread could be started");
        }
        *ret = p;
        return 0;
}

void pictures_stop(struct pictures *p)
{
        if (!p)
                return;
        pthread_mutex_lock(&p->mutex);
        p->stop = true;
        pthread_cond_broadcast(&p->come);
        pthread_mutex_unlock(&p->mutex);
        pthread_join(p->thread, NULL);
        pthread_mutex_destroy(&p->mutex);
        pthread_cond_destroy(&p->come);
        free(p);
}
