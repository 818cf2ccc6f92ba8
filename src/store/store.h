#ifndef SUYUAN_STORE_STORE_H
#define SUYUAN_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"
#include "gs1/ident.h"

/* One data directory: the database, the blobs, the lock.  This is the reading face; the only writer is
 * ledger/ (store_impl.h).  Nothing is decided here.
 *
 *   DIR/suyuan.db      events and views (SQLite, WAL, synchronous=FULL)
 *   DIR/blobs/sha256/ab/cdef…
 *   DIR/blobs/parts/   files on their way (store/part.h)
 *   DIR/pictures/      photos as they are shown, made again at need (picture/)
 *   DIR/log/, DIR/keys/  the log's files and the key that signs it (proof/)
 *   DIR/suyuan.lock    held by the one writing process
 *   DIR/suyuan.sock    where the others hand their writes to a running server
 *   DIR/before-vN-….db the copy made before a schema step
 *
 * Items are interned: an item id is a positive integer within an organisation, in order of first sight.
 * An event is known by its gapless number `seq` within its organisation, from 1. */
struct store;

struct store_options {
        int64_t writer_cache_kib;       /* SQLite page cache of the writing connection */
        int64_t reader_cache_kib;       /* of each reading connection */
        int readers;                    /* reading connections in the pool at most; each is made when it is first needed */
        const char *database;           /* "postgres://…": the events are there; NULL or "": SQLite in the directory */
        bool migrate;                   /* a server's older schema may be changed: there is a backup */
};

#define ORG_DEFAULT 1

/* Creates DIR (may exist empty) with the schema and the origins.  Refuses a directory that already holds one. */
int store_init(const char *dir, const struct str *origins, size_t n, struct err *reterr);
/* The same with the events in a database server, which must be empty of ours.  Only the first directory is made so: further ones
 * that share the server need but be opened. */
int store_init_server(const char *dir, const char *database, const struct str *origins, size_t n, struct err *reterr);

/* Opens for reading, and for writing when `write` (takes the lock, ERR_BUSY when another process holds it).  Migrates
 * first, after a copy, when the schema is older and `write` is given; refuses a newer schema.  On a server several processes
 * may write, and an older schema is changed only with `migrate`. */
int store_open(const char *dir, bool write, const struct store_options *o, struct store **ret, struct err *reterr);
void store_close(struct store *s);

/* After organisations were added: reads them anew.  Those that are there stay. */
int store_orgs_load(struct store *s, struct err *reterr);

/* Other processes may write to the same database. */
bool store_shared(const struct store *s);
const char *store_dir(const struct store *s);
/* What a process of this directory is called among those on one database: host and directory, cut to 530 bytes. */
void store_holder(const struct store *s, char *ret, size_t n);
/* A secret of this installation for one purpose, the same in every process on this database. */
struct hash store_key(const struct store *s, const char *purpose);
const struct origins *store_origins(const struct store *s);

int64_t store_org_number(const struct store *s, struct str code);      /* 0: no such */
/* The code of an organisation, in the arena; STR_NONE when there is none. */
struct str store_org_code(const struct store *s, struct arena *a, int64_t org);

/* ---- reading.  A reader is a snapshot on one connection; it is for one thread at a time. ---- */
struct reader;
int reader_begin(struct store *s, struct reader **ret, struct err *reterr);     /* waits for a free connection */
void reader_end(struct reader *r);                                              /* NULL is fine */
/* Whose records are read from now on: these organisations, or all.  Returns what to pass as `org` below: with one organisation
 * that one; with several ORG_MANY, and then items and events bear numbers that tell them apart within this reader. */
#define ORG_MANY (-1)
int64_t reader_see(struct reader *r, const int64_t *orgs, size_t n, bool all);
/* With ORG_MANY: an item that several of the organisations know is one item, under one number, with the events of all.  An event
 * that one organisation was given a copy of is told once, as the original where its organisation is seen. */
/* What the public is told: of everybody, but about a thing only from who has standing on it (docs/design/sight.md): its owner or, where none is
 * registered, who recorded it first; whom one of these shipped it to; an authority.  Returns what to pass as `org`. */
int64_t reader_see_public(struct reader *r);
/* Whose an event is, and its number there. */
int64_t reader_event_org(int64_t org, int64_t number);
int64_t reader_event_seq(int64_t org, int64_t number);
/* This record of one organisation is a copy of another's: 1 / 0 / -1. */
int reader_is_copy(struct reader *r, int64_t org, int64_t seq, struct err *reterr);

/* The id of an item, 0 when no event names it. */
int64_t reader_item(struct reader *r, int64_t org, struct str canonical, struct err *reterr);
/* Its canonical name and kind (enum ident_kind).  STR_NONE when unknown. */
struct str reader_item_name(struct reader *r, struct arena *a, int64_t org, int64_t item, int *ret_kind);
/* The same for many, in place: cheaper than one by one.  Unknown ones are STR_NONE.  -1 on failure. */
struct item_named { int64_t item; struct str name; int kind; };
int reader_item_names(struct reader *r, struct arena *a, int64_t org, struct item_named *list, size_t n, struct err *reterr);

struct event_ref {              /* one item reference of one event */
        int64_t item;
        uint8_t role;           /* enum item_role */
        bool has_quantity;
        struct str quantity;    /* canonical decimal, STR_NONE when absent */
        struct str uom;
};

struct event_head {             /* the small, hot part of an event: what walks need */
        int64_t seq;
        int64_t time_us;
        int16_t offset_min;
        int64_t record_us;
        uint8_t type;           /* enum event_type */
        uint8_t action;         /* enum event_action */
        bool error_declaration; /* this record declares an earlier one erroneous */
        bool declared_wrong;    /* an error declaration for it is known */
        bool event_id_given_here; /* the client sent none: the body lacks it */
        struct str event_id;    /* as given out */
        struct str biz_step, disposition;
        const struct event_ref *refs;
        size_t n_refs;
};

/* The events that name `item`, in order of seq: seq, role and time only.  At most `max` from `after_seq` (exclusive) on; returns the count,
 * -1 on failure. */
struct item_event { int64_t seq; int64_t time_us; uint8_t role; };
ssize_t reader_item_events(struct reader *r, int64_t org, int64_t item, int64_t after_seq,
                           struct item_event *ret, size_t max, struct err *reterr);

/* 1 found, 0 not, -1 failure. */
int reader_event(struct reader *r, struct arena *a, int64_t org, int64_t seq, struct event_head *ret, struct err *reterr);
/* What the record was committed to; walks do without.  `salt` is all zeros once it was erased. */
struct event_digests { struct hash digest, salt, event_hash; };
int reader_event_digests(struct reader *r, int64_t org, int64_t seq, struct event_digests *ret, struct err *reterr);
/* The JSON as kept and the @context text it needs. */
int reader_body(struct reader *r, struct arena *a, int64_t org, int64_t seq,
                struct str *ret_body, struct str *ret_context, struct err *reterr);
/* All records that bear an eventID (the event and its error declarations), seqs ascending; count or -1. */
ssize_t reader_event_id(struct reader *r, int64_t org, struct str event_id, int64_t *ret_seqs, size_t max, struct err *reterr);

/* Master data of a canonical id, the newest statement: the element's JSON; 1 / 0 / -1. */
int reader_master(struct reader *r, struct arena *a, int64_t org, struct str canonical,
                  struct str *ret_type, struct str *ret_json, struct err *reterr);

int64_t reader_last_seq(struct reader *r, int64_t org, struct err *reterr);

/* What was odd about a record when it came; count or -1. */
struct kept_finding { struct str code, pointer, message; };     /* pointer within the event */
ssize_t reader_findings(struct reader *r, struct arena *a, int64_t org, int64_t seq,
                        const struct kept_finding **ret, struct err *reterr);

/* The report of a kept capture job as JSON; 1 / 0 / -1. */
int reader_capture(struct reader *r, struct arena *a, int64_t org, struct str id, struct str *ret_json, struct err *reterr);

/* ---- searching (query/): one organisation's candidates in an order, from a place on.  Who searches many organisations asks each
 * and merges; numbers here are an organisation's own, never those of ORG_MANY. ---- */
/* What an organisation's events bear, in order of first sight: values of a facet, or with facet 0 the items.  `place` of the last one
 * leads on.  Count, or -1. */
struct seen_value { int64_t place; struct str text; };
ssize_t reader_values(struct reader *r, struct arena *a, int64_t org, int facet, int64_t after, struct seen_value *ret, size_t max, struct err *reterr);
/* The organisations behind what reader_see gave, ascending, in the arena; how many. */
size_t reader_orgs(struct reader *r, struct arena *a, int64_t org, int64_t **ret);
/* With ORG_MANY: this record is a copy of one that is told elsewhere; 1 / 0 / -1. */
int reader_told_elsewhere(struct reader *r, int64_t org, int64_t of_org, int64_t seq, struct err *reterr);
const struct origins *reader_origins(const struct reader *r);
struct str reader_org_code(const struct reader *r, struct arena *a, int64_t org);       /* as store_org_code */

enum search_path { SEARCH_ALL, SEARCH_TIME, SEARCH_FACET, SEARCH_ITEM };       /* which index */
struct search {
        int64_t org;
        enum search_path path;
        int64_t facet, value, roles;    /* FACET: enum facet and term; ITEM: `value` is the item, bits 1 << enum item_role */
        int64_t first_seq, last_seq;    /* both included */
        int64_t time_from_us, time_upto_us;     /* both included */
        bool by_time, ascending;        /* by (eventTime, seq), or by seq, which is by recordTime */
        int64_t after_time_us, after_seq;       /* by_time: what was told last; INT64_MIN or INT64_MAX both for none */
};
struct search_row { int64_t org, seq, time_us, record_us; uint8_t type, action; };
/* At most `max` rows; by ITEM an event may come once for each role.  Count or -1. */
ssize_t reader_search(struct reader *r, const struct search *s, struct search_row *ret, size_t max, struct err *reterr);
/* About how many there are, looking no further than `max`: what a planner asks. */
int64_t reader_search_count(struct reader *r, const struct search *s, int64_t max, struct err *reterr);
/* Is this event under the facet or item of `s`?  1 / 0 / -1. */
int reader_has(struct reader *r, const struct search *s, int64_t seq, struct err *reterr);
/* The id of a term, 0 when there is none. */
int64_t reader_term(struct reader *r, int64_t org, struct str text, struct err *reterr);
int reader_event_row(struct reader *r, int64_t org, int64_t seq, struct search_row *ret, struct err *reterr);  /* 1 / 0 / -1 */
/* The last seq, up to `last_seq`, that was recorded at `us` or before. */
int64_t reader_recorded(struct reader *r, int64_t org, int64_t last_seq, int64_t us, struct err *reterr);
/* Body, context and eventID of an event in one look; 1 / 0 / -1. */
struct found_event { struct str body, context, event_id; bool event_id_given_here; };    /* …: the body lacks it */
int reader_found(struct reader *r, struct arena *a, int64_t org, int64_t seq, struct found_event *ret, struct err *reterr);

/* The organisation's kept jobs in order of their ids, at most `max` from `after` (exclusive, empty: from the first) on; count or -1.
 * `org` is one organisation: the jobs of others are nobody's business. */
enum { CAPTURE_ID_BYTES = 40 };
struct kept_capture { struct str id, report; };
ssize_t reader_captures(struct reader *r, struct arena *a, int64_t org, struct str after, struct kept_capture *ret, size_t max, struct err *reterr);

/* ---- change stamps: what lets a rendered page know that it is still true ----
 * Every commit gets a number and marks the items it touched.  A page keeps the number it started
 * from and the items it looked at; it is stale as soon as one of them has a later mark.  (Items share marks by
 * hash: a false "stale" costs one rendering, a false "fresh" cannot happen.) */
uint64_t store_change_now(const struct store *s);      /* ask before reader_begin */
uint64_t store_item_changed(const struct store *s, int64_t org, int64_t item);
/* The last commit that brought master data: it names things that need not be items. */
uint64_t store_master_changed(const struct store *s);

/* What to ask store_changed for, of the items that a reader looked at: in the arena; with ORG_MANY every organisation's own. */
size_t reader_marks(struct reader *r, struct arena *a, int64_t org, const int64_t *items, size_t n, int64_t **ret);
uint64_t store_changed(const struct store *s, int64_t mark);

/* ---- blobs: content-addressed files ---- */
/* Stores bytes durably (temporary name, fsync, rename, fsync of the folder) before it returns. */
int blob_put(struct store *s, const void *p, size_t n, struct hash *ret, struct err *reterr);
bool blob_has(const struct store *s, const struct hash *h);
/* An open file descriptor and its size; ERR_NOT_FOUND. */
int blob_open(struct store *s, const struct hash *h, int *ret_fd, int64_t *ret_size, struct err *reterr);
/* Calls for each stored file; -1 once `each` gave it, or when the folders cannot be read. */
typedef int blob_found(void *ctx, const struct hash *h, struct err *reterr);
int blob_each(struct store *s, blob_found *each, void *ctx, struct err *reterr);
/* The media type by its first bytes: image/jpeg, image/png, image/heic, image/webp, application/pdf, audio/webm, video/webm, audio/mp4, video/mp4, audio/ogg; NULL
 * otherwise.  BLOB_HEAD_BYTES tell whether it is one of these.  Of a WebM or MP4 the first BLOB_SNIFF_BYTES tell whether there is a picture in it, where its
 * tracks stand there, as in what phones and browsers record; of others the brand (M4A) tells, else it may be a video.  It is only ever given back as a file. */
enum { BLOB_HEAD_BYTES = 64, BLOB_SNIFF_BYTES = 4096 };
const char *blob_sniff(const void *p, size_t n);

#endif
