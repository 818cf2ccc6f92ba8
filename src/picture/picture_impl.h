#ifndef SUYUAN_PICTURE_PICTURE_IMPL_H
#define SUYUAN_PICTURE_PICTURE_IMPL_H

#include <stdatomic.h>

#include "picture/child.h"
#include "picture/picture.h"

enum { PICTURE_SIZES = 2 };

/* Runs the program on `in`, its output to `outs`; returns one of child.h's codes.  What ended it by itself (a signal, its bounds) is PICTURE_UNUSABLE; what
 * was ended by us, for time or since `stop` was set, is PICTURE_CANNOT.  -1: it could not be started. */
int picture_run(const char *program, int in, const int outs[PICTURE_SIZES], const atomic_bool *stop, struct err *reterr);

#endif
