#ifndef SUYUAN_FARM_ACT_WRITE_H
#define SUYUAN_FARM_ACT_WRITE_H

#include "base/text.h"
#include "farm/act_impl.h"

/* Members of an object as text, behind a comma where others stand. */
void put_name(struct buf *b, const char *name);
void put_member(struct buf *b, const char *name, struct str text);
/* A path of ours that names no item: behind the first origin. */
struct str own_uri(struct arena *a, struct str path, const struct origins *own);
void put_position(struct buf *b, struct arena *a, const char *member, const struct json *v);
void put_evidence(struct buf *b, struct arena *a, const struct json *list);
void put_clock(struct buf *b, struct arena *a, const struct json *v, const char *grade);

#endif
