#ifndef SUYUAN_COSIGNER_PAGE_H
#define SUYUAN_COSIGNER_PAGE_H

#include "base/buf.h"
#include "cosigner/cosigner.h"

/* What stands at a witness's address, for people: what this is, its key, whom it watches. */
enum { COSIGNER_PAGE_BYTES = 1 << 20 };
void cosigner_page(struct buf *b, struct cosigner *c, const struct request *q);

#endif
