#ifndef SUYUAN_LEDGER_VIEWS_H
#define SUYUAN_LEDGER_VIEWS_H

#include "epcis/facet.h"
#include "ledger/item_cache.h"
#include "store/store_impl.h"

/* What is written for events, and how.  Capture, rebuild and check all go through here, in the same order, which is what
 * makes a rebuild identical: numbers of items and terms are given in order of first sight.
 * The writer's thread only, but for event_prepare. */

enum { TERM_CONTEXT, TERM_ACTOR, TERM_BIZ_STEP, TERM_DISPOSITION, TERMS };     /* in the order of being numbered */

/* The last numbers given in an organisation. */
struct org_state {
        const struct org *org;
        int64_t seq, item, term, master;
        int64_t record_us;
        struct hash before;     /* the record hash of seq: the next header names it */
        int64_t turn;           /* db_turn: the last one we wrote in; 0 with SQLite */
};

/* The end of the log, while nobody else wrote (ledger/leaf.h). */
struct log_end { int64_t next, ms, turn; bool known; };

struct views {
        struct db *db;
        const struct origins *own;
        struct org_state *states;
        size_t n_states;
        struct item_cache *items, *terms;
        struct log_end log;
};

/* `db` holds what the state is read from; `s` says which organisations there are. */
int views_open(struct views *v, struct db *db, const struct store *s, struct err *reterr);
/* Takes in organisations that were added since.  Not while anything points at a state. */
int views_follow(struct views *v, const struct store *s, struct err *reterr);
void views_close(struct views *v);
/* Makes the views that a schema step brought of the events that were there before; at start, once. */
int views_complete(struct store *s, struct views *v, struct err *reterr);
struct org_state *views_state(struct views *v, int64_t org);   /* NULL: no such organisation */
/* Within a transaction, before anything of these organisations is read: nobody else writes them until its end, and what we remember
 * of them is true.  `orgs` is sorted here.  `anew`: their items are about to be numbered anew. */
int views_take_turns(struct views *v, int64_t *orgs, size_t n, bool anew, struct err *reterr);

/* One event on its way into the database. */
struct entry {
        /* by event_prepare */
        const struct event *event;
        struct str event_id;            /* the client's own; the writer of a new event gives one where it is STR_NONE */
        bool given_here;
        int64_t name_head;
        struct hash digest, salt, event_hash;
        struct hash signature;          /* SHA-256(public key ‖ signature) of the device that signed it; zeros: none */
        int64_t digest_head;
        const struct text_key *item_keys;       /* one an item */
        struct str terms[TERMS];
        struct text_key term_keys[TERMS];
        const struct event_facet *facets;
        const struct text_key *facet_keys;      /* one a facet */
        size_t n_facets;
        /* then */
        struct org_state *org;
        bool kept;                      /* it goes into the database */
        int64_t seq;
        int64_t record_us;
        uint8_t door;
        int64_t flags;
        int64_t *items;                 /* numbers, one an item */
        int64_t term_ids[TERMS];
        int64_t *facet_ids;             /* terms, one a facet */
        struct str refs;
        /* other records under its eventID, found in the database */
        struct namesake *namesakes;
        size_t n_namesakes;
};
/* Who said it: STR_NONE for the organisation's own records, "org:CODE" for a copy of another's. */
struct str entry_source(const struct entry *e);
struct namesake { int64_t seq; int64_t flags; struct hash event_hash; };

/* Digests, hashes of names, terms: all that needs no database.  Any thread; what it keeps is in `a`, what it throws away
 * in `scratch`. */
void event_prepare(struct arena *a, struct arena *scratch, const struct views *v, const struct org *org,
                   const struct event *e, struct str actor, struct entry *ret);

/* The entries of one transaction, in order of their numbers. */
struct batch {
        struct arena *arena;
        struct entry **entries;
        size_t n;
        bool telling;                   /* readers of this process want to know what changed */
        int64_t *elsewhere;             /* items of other organisations that bear the name of a new one: org and id in turn */
        size_t n_elsewhere, cap_elsewhere;
        int64_t *flagged_org, *flagged; /* events of earlier batches whose flags changed */
        size_t n_flagged;
};

/* Numbers for the items and terms of the entries that are kept. */
int batch_intern_items(struct views *v, struct batch *b, struct err *reterr);
int batch_intern_terms(struct views *v, struct batch *b, struct err *reterr);
/* The other records under the eventIDs of all entries whose clients gave one. */
int batch_find_namesakes(struct views *v, struct batch *b, struct err *reterr);
/* Sets the flags of kept entries by their namesakes, in the batch and before it, and finds whom to flag before it. */
void batch_flags(struct batch *b);
/* Writes event_item, event_facet, event_once, event_name and the flags of earlier events; fills refs. */
int batch_views(struct views *v, struct batch *b, struct err *reterr);
int batch_facets(struct views *v, struct batch *b, struct err *reterr);         /* event_facet alone */
/* The event's own row and its body. */
int batch_events(struct views *v, struct batch *b, struct err *reterr);

/* Two records under one eventID that are not an event and the declaration that it was wrong. */
bool namesakes_clash(int64_t flags_a, const struct hash *hash_a, int64_t flags_b, const struct hash *hash_b);

/* ---- rows for db_many, sent a chunk at a time ---- */
enum { ROWS_CHUNK = 256, ROWS_COLUMNS = 18 };
struct rows {
        struct db *db;
        int sql;
        size_t per_row, n;
        struct err *err;
        struct db_value values[ROWS_CHUNK * ROWS_COLUMNS];
};
/* -1 once a chunk has failed, then and later. */
struct rows *rows_begin(struct arena *a, struct db *db, int sql, size_t per_row, struct err *reterr);
int rows_add(struct rows *r, const struct db_value *values, size_t n);
int rows_end(struct rows *r);

#endif
