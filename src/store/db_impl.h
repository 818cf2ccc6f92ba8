#ifndef SUYUAN_STORE_DB_IMPL_H
#define SUYUAN_STORE_DB_IMPL_H

#include "store/db.h"

/* For the implementers of db.h: a statement's text in one dialect. */
struct sql_text {
        const char *name, *text;
        size_t n_params;
};
extern const struct sql_text sql_sqlite[];

#endif
