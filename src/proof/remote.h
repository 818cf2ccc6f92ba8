#ifndef SUYUAN_PROOF_REMOTE_H
#define SUYUAN_PROOF_REMOTE_H

#include "base/arena.h"
#include "base/err.h"
#include "merkle/tile.h"

/* Somebody's log over HTTP (C2SP tlog-tiles).  Believes nothing: what it gives is checked by who asked.  One thread at a time. */
struct remote;

/* `url`: what stands before "/checkpoint", or the address of the installation ("https://trace.example.cn" for "…/log"). */
struct remote *remote_new(struct str url, int timeout_ms);
void remote_free(struct remote *r);     /* NULL is fine */

/* What stands before "/checkpoint", as far as it is known: the address given until a checkpoint was found. */
struct str remote_base(const struct remote *r);

/* The checkpoint's note as it is now.  ERR_STORE when nobody answers, ERR_NOT_FOUND when there is none. */
int remote_checkpoint(struct remote *r, struct arena *a, struct str *ret, struct err *reterr);
/* A tile_fetch over struct remote, for levels of hashes.  A partial tile that is gone is taken from the full one.  Tiles are kept for the next question. */
int remote_tile(void *remote, struct tile t, const uint8_t **ret_bytes);
/* Any file below, in the arena: "tile/entries/000". */
int remote_get(struct remote *r, struct arena *a, const char *path, size_t max, struct str *ret, struct err *reterr);
/* Forgets the tiles that are kept, so that they are asked for anew. */
void remote_forget(struct remote *r);

#endif
