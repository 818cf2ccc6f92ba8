#ifndef SUYUAN_PICTURE_PICTURE_H
#define SUYUAN_PICTURE_PICTURE_H

#include "store/store.h"

/* Photos as people are shown them: JPEGs in two sizes, turned upright, without what the camera wrote beside the picture.  Made by a program of their own,
 * suyuan-image, that is bounded and holds nothing (picture/main.c), one photo at a time, on a thread that gives way to others.
 *
 * Kept in DIR/pictures/ab/cdef…-SIZE.jpg: a cache.  Whoever deletes it loses some seconds; no backup holds it and `check` does not look at it.  A file of
 * which no picture can be made leaves an empty …-unusable there, and is not tried again while that stands. */
struct pictures;

enum picture_size { PICTURE_SMALL = 480, PICTURE_LARGE = 1280 };        /* pixels of the longer side, at most */

/* `program`: path of suyuan-image. */
int pictures_start(struct store *s, const char *program, struct pictures **ret, struct err *reterr);
void pictures_stop(struct pictures *p); /* who waits is answered with ERR_BUSY; NULL is fine */
/* Where suyuan-image lies beside this program; false when it is not there. */
bool pictures_program(char *ret, size_t n);

/* An open file and its size: 1; 0 it is not made yet; -1 ERR_NOT_FOUND: there is no picture of this file, ERR_STORE. */
int picture_open(struct pictures *p, const struct hash *h, enum picture_size size, int *ret_fd, int64_t *ret_bytes, struct err *reterr);

/* Will there be a picture of this file?  1; 0 the file has not come yet; -1 it is no picture, or none can be made of it. */
int picture_expected(struct pictures *p, const struct hash *h);

/* Has the file's pictures made.  `done` is called once, on the thread that makes them (be short): err is NULL when they are there.  -1 ERR_BUSY when too many
 * wait, and then it is not called. */
struct picture_wait {           /* the caller's until `done` */
        void (*done)(struct picture_wait *w, const struct err *err);
        void *ctx;
        struct picture_wait *next;
};
int picture_make(struct pictures *p, const struct hash *h, struct picture_wait *w, struct err *reterr);
/* The same for nobody in particular: left undone when many wait already.  Made when somebody looks. */
void picture_want(struct pictures *p, const struct hash *h);

#endif
