#ifndef SUYUAN_STORE_PART_H
#define SUYUAN_STORE_PART_H

#include "base/limits.h"
#include "store/store.h"

/* Files on their way: photos that come in parts, over days and bad lines (docs/ref/blobs.md).
 *
 *   DIR/blobs/parts/{org}-{hex}-{length}   the bytes so far; its name says what it is to become
 *   DIR/blobs/parts/boot                   the start of the machine that wrote them
 *
 * What stands there is an organisation's own: another one that sends the same file sends all of it, or it would get by a name what it never had.
 *
 * A byte that is told as there is there.  After the death of the process the kernel has them all.  After that of the machine only those count
 * that were synced: at each multiple of PART_SYNC bytes, before what follows is written, so that a file of s bytes has all below the last multiple
 * under s.  parts_open cuts the others off when the machine has started anew.
 *
 * For any thread.  One sender at a time holds a file: the others are told to wait, by its offset. */
struct parts;

enum { PART_SYNC = 4 * 1024 * 1024 };

/* The length of a file whose sender does not say it: it is complete as soon as its digest is right, which is looked at after each part. */
enum { PART_OPEN = INT32_MAX };

struct part_send {
        int64_t org;
        struct hash hash;
        int64_t offset;         /* bytes that are there already, as the sender thinks */
        int64_t length;         /* the whole size; 0: not said */
        struct str bytes;       /* the next ones */
        bool whole;             /* `bytes` are all of it, whatever was there before */
};
struct part_state { int64_t have, length; };    /* length 0: nothing is on its way */

int parts_open(struct store *s, struct parts **ret, struct err *reterr);
void parts_close(struct parts *p);      /* NULL is fine; they stay on the disk */

struct part_state parts_look(struct parts *p, int64_t org, const struct hash *h);

enum part_took { PART_TOOK = 0, PART_SYNCS = 1 };
/* Takes the next bytes; fills `ret` whatever it gives back.  PART_TOOK: they are there.  PART_SYNCS: they pass a multiple of PART_SYNC or are the last
 * ones, which means waiting for the disk: nothing is written yet and the file is held for the caller, who calls parts_go_on on a thread that may wait.
 * -1: ERR_WRONG_OFFSET, ERR_BAD_INPUT, ERR_TOO_LARGE, ERR_MEDIA_TYPE, ERR_BUSY, ERR_STORE; nothing has changed. */
int parts_take(struct parts *p, const struct part_send *in, struct part_state *ret, struct err *reterr);
/* Writes and syncs what is held.  0: there, and no longer held; 1: complete on the disk with the right digest and type, and still held until
 * parts_drop; -1: ERR_STORE, and what was there stays; ERR_WRONG_DIGEST, ERR_MEDIA_TYPE: it is gone. */
int parts_go_on(struct parts *p, const struct part_send *in, struct part_state *ret, struct err *reterr);
/* A whole one becomes a blob; durable.  It stays a part too until parts_drop, so that a death in between is made good at the next start. */
int parts_adopt(struct parts *p, int64_t org, const struct hash *h, struct err *reterr);
void parts_drop(struct parts *p, int64_t org, const struct hash *h);
void parts_release(struct parts *p, int64_t org, const struct hash *h);        /* held no longer, and kept */
/* One that was whole when the process died: held for the caller, who goes on with no bytes.  False when there is none left.  `open`: one of those whose
 * length was not said, each once, since only its digest can tell. */
bool parts_whole(struct parts *p, bool open, int64_t *ret_org, struct hash *ret);
/* Forgets what has not gone on for LIMIT_PART_DAYS. */
void parts_expire(struct parts *p, int64_t now_us);

#endif
