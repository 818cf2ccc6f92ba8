#ifndef SUYUAN_MERKLE_TILE_H
#define SUYUAN_MERKLE_TILE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "merkle/tree.h"

/* C2SP tlog-tiles.  A full tile is 256 hashes, 8192 bytes; hash i of tile n of level l covers the 256^l leaves from
 * (n·256 + i)·256^l on.  No hash of a partial tile appears above. */
enum { TILE_HEIGHT = 8, TILE_HASHES = 256, TILE_BYTES = 8192, TILE_LEVELS = 8 /* 256^8 = 2^64 */, TILE_ENTRIES = -1 /* level of entry bundles */ };

struct tile { int level; int64_t n; int width; };       /* width 1..256; level 0..63 or TILE_ENTRIES */

/* "0/x001/234.p/5", "entries/000": what follows "tile/".  Strict: no other spelling of the same tile is taken. */
int tile_read_path(struct str path, struct tile *ret, struct err *reterr);
void tile_path(struct buf *out, struct tile t);         /* with "tile/" before it */
/* How many hashes tile n of a level has in the tree of `size`: 0 (there is none) to 256. */
int tile_width(int64_t size, int level, int64_t n);

/* Tiles as they come (from a file, a server, a cache): the bytes of the tile with at least `t.width` hashes; -1. */
typedef int tile_fetch(void *ctx, struct tile t, const uint8_t **ret_bytes);
/* A tree_read over tiles: ctx is a struct tiles. */
struct tiles { int64_t size; tile_fetch *fetch; void *ctx; };
int tiles_read(void *tiles, int level, int64_t index, struct hash *ret);

/* Entry bundles: u16 big-endian length and bytes, each.  The next entry of what is left; false at the end or where it is cut short (*rest
 * is then what could not be read, empty at a clean end). */
bool bundle_next(struct str *rest, struct str *ret_entry);
void bundle_add(struct buf *out, struct str entry);

#endif
