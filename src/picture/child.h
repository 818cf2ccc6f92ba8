#ifndef SUYUAN_PICTURE_CHILD_H
#define SUYUAN_PICTURE_CHILD_H

/* What picture.c and the program suyuan-image agree upon: `suyuan-image SIZE…`, the photo as standard input, a JPEG for each size (largest first) to
 * descriptors from PICTURE_FIRST_FD on, and the exit code. */
enum { PICTURE_FIRST_FD = 3 };
enum {
        PICTURE_MADE = 0,
        PICTURE_UNUSABLE = 10,  /* no picture can be made of this file: it is not tried again */
        PICTURE_CANNOT = 11     /* the program itself could not begin */
};

#endif
