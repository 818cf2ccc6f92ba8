#ifndef SUYUAN_FARM_THING_IMPL_H
#define SUYUAN_FARM_THING_IMPL_H

#include "farm/thing.h"

/* Where a value is written that is kept, and where it stood in the body as sent. */
struct keeping { struct arena *a; struct faults *f; struct buf *out; struct str at; };

void thing_wrong(const struct keeping *k, enum fault_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
struct keeping thing_below(const struct keeping *k, struct str token);
struct keeping thing_entry(const struct keeping *k, size_t i);

/* Each writes what is kept of the value, or tells what is wrong. */
bool keep_text(const struct keeping *k, const struct json *v);
bool keep_number(const struct keeping *k, const struct json *v);
bool keep_count(const struct keeping *k, const struct json *v);
void keep_labels(const struct keeping *k, const struct json *v);        /* labels.c */
void keep_channels(const struct keeping *k, const struct json *v);      /* channels.c */

#endif
