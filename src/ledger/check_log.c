#include "ledger/check_log.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/oom.h"
#include "base/text.h"
#include "ledger/leaf.h"
#include "merkle/tree.h"
#include "store/sql_names.h"

enum { SAID_IN_FULL = 20 };

/* Where the check of an organisation's events stands. */
struct chain { const struct org *org; int64_t seq; struct hash before; };

struct log_check {
        struct db *db;
        struct store *store;
        ledger_say *say;
        void *ctx;
        struct arena *arena;            /* of a row */
        struct chain *chains;
        size_t n_chains;
        int64_t faults;
};

struct log_check *log_check_new(struct db *db, struct store *s, ledger_say *say, void *ctx)
{
        struct log_check *c = or_abort(calloc(1, sizeof(*c)));
        *c = (struct log_check){ .db = db, .store = s, .say = say, .ctx = ctx, .arena = arena_new(), .n_chains = s->n_orgs };
        c->chains = or_abort(calloc(c->n_chains + 1, sizeof(*c->chains)));
        for (size_t i = 0; i < c->n_chains; i++)
                c->chains[i].org = &s->orgs[i];
        return c;
}

static void tell(struct log_check *c, const char *what, struct str detail)
{
        if (++c->faults <= SAID_IN_FULL)
                c->say(c->ctx, what, detail.p);
}

int64_t log_check_free(struct log_check *c)
{
        char rest[80];
        int64_t faults = c->faults;
        snprintf(rest, sizeof(rest), "and %lld faults more", (long long)(faults - SAID_IN_FULL));
        if (faults > SAID_IN_FULL)
                c->say(c->ctx, "log", rest);
        arena_free(c->arena);
        free(c->chains);
        free(c);
        return faults;
}

/* ---- a record and its leaf ---- */

/* Columns of a row from `first` on: idx, salt and hash of log_of; org, type, ref and commitment of its leaf. */
enum { OF_IDX, OF_SALT, OF_HASH, LEAF_ORG, LEAF_TYPE, LEAF_REF, LEAF_COMMITMENT };

static bool column_hash(const struct db_row *row, int column, struct hash *ret)
{
        struct str s = db_text(row, column);
        if (s.n != sizeof(ret->b))
                return false;
        memcpy(ret->b, s.p, s.n);
        return true;
}

static bool same(const struct hash *a, const struct hash *b)
{
        return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

/* NULL when it opens the leaf to `made`.  `ret_hash`: what the leaf commits to, as far as can be told. */
static const char *opens_wrong(const struct db_row *row, int first, int64_t org, int64_t type, int64_t ref, const struct hash *made, struct hash *ret_hash)
{
        struct hash salt, hash, commitment, again;
        *ret_hash = *made;
        if (db_is_null(row, first + OF_IDX))
                return "is not in the log";
        if (!column_hash(row, first + OF_SALT, &salt) || !column_hash(row, first + OF_HASH, &hash))
                return "its salt or hash is damaged";
        if (db_is_null(row, first + LEAF_ORG))
                return "its leaf is missing";
        if (db_int(row, first + LEAF_ORG) != org || db_int(row, first + LEAF_TYPE) != type || db_int(row, first + LEAF_REF) != ref)
                return "its leaf is another record's";
        again = leaf_commitment(&salt, &hash);
        bool opens = column_hash(row, first + LEAF_COMMITMENT, &commitment) && same(&again, &commitment);
        if (opens)
                *ret_hash = hash;
        if (!same(&hash, made))
                return opens ? "the record is not what its leaf commits to" : "its hash is not that of the record";
        return opens ? NULL : "its salt does not open its leaf";
}

/* ---- events ---- */

enum { EVENT_SEQ, EVENT_TIME, EVENT_DIGEST, EVENT_OPENING };

static struct hash signature_of(const struct batch *b, size_t *at, int64_t seq)
{
        while (b && *at < b->n && b->entries[*at]->seq < seq)
                ++*at;
        return b && *at < b->n && b->entries[*at]->seq == seq ? b->entries[*at]->signature : (struct hash){ 0 };
}

/* An event that is gone is told elsewhere; the one after it still names its hash. */
static int step_over(struct log_check *c, struct chain *x, int64_t seq, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(c->db, SQL_log_hash, DB_ARGS(db_i(x->org->id), db_i(LEAF_EVENT), db_i(seq - 1)), &row, reterr);
        if (rc == 1)
                column_hash(row, 0, &x->before);
        db_done(c->db, SQL_log_hash);
        return rc < 0 ? -1 : 0;
}

static int check_event(struct log_check *c, struct chain *x, const struct db_row *row, const struct hash *signature, struct err *reterr)
{
        struct hash digest = { 0 };
        int64_t seq = db_int(row, EVENT_SEQ);
        if (seq != x->seq + 1 && step_over(c, x, seq, reterr) < 0)
                return -1;
        column_hash(row, EVENT_DIGEST, &digest);
        struct hash made = event_record_hash(c->arena, x->org, seq, &x->before, db_int(row, EVENT_TIME), signature, &digest);
        const char *wrong = opens_wrong(row, EVENT_OPENING, x->org->id, LEAF_EVENT, seq, &made, &x->before);
        if (wrong)
                tell(c, "log_of", arena_printf(c->arena, "org %lld, event %lld: %s", (long long)x->org->id, (long long)seq, wrong));
        x->seq = seq;
        arena_reset(c->arena);
        return 0;
}

static int check_events(struct log_check *c, struct chain *x, const struct batch *b, int64_t upto, struct err *reterr)
{
        const struct db_row *row;
        const struct db_value args[] = { db_i(x->org->id), db_i(x->seq), db_i(upto) };
        size_t at = 0;
        int rc = db_query(c->db, SQL_check_log_events, args, 3, reterr);
        while (rc >= 0 && (rc = db_next(c->db, SQL_check_log_events, &row, reterr)) == 1) {
                struct hash signature = signature_of(b, &at, db_int(row, EVENT_SEQ));
                if (check_event(c, x, row, &signature, reterr) < 0)
                        rc = -1;
        }
        db_done(c->db, SQL_check_log_events);
        return rc;
}

int log_check_events(struct log_check *c, const struct batch *b, struct err *reterr)
{
        for (size_t i = 0; b->n && i < c->n_chains; i++)
                if (c->chains[i].org->id == b->entries[0]->org->org->id)
                        return check_events(c, &c->chains[i], b, b->entries[b->n - 1]->seq, reterr);
        return 0;
}

/* ---- statements ---- */

enum { STATEMENT_ORG, STATEMENT_TYPE, STATEMENT_N, STATEMENT_CODE, STATEMENT_SUBJECT, STATEMENT_DETAIL, STATEMENT_OPENING };

/* A file may go missing as well as change; its name in the log is what remembers it.  With several servers on one database each has a folder of its own, and
 * which one holds it nobody here can tell. */
static void check_stored(struct log_check *c, struct str subject)
{
        static const struct str scheme = { "ni:///sha-256;", 14 };
        struct hash h;
        struct str hex = str_from(subject, scheme.n);
        if (!store_shared(c->store) && str_starts(subject, scheme) && hex_read(hex, h.b, sizeof(h.b)) && !blob_has(c->store, &h))
                tell(c, "blob", arena_printf(c->arena, "%.*s: the log says that it is stored, and it is missing", STR_ARG(hex)));
}

static void check_statement(struct log_check *c, const struct db_row *row, int64_t last)
{
        struct hash hash, made = { 0 };
        int64_t org = db_int(row, STATEMENT_ORG), type = db_int(row, STATEMENT_TYPE), n = db_int(row, STATEMENT_N);
        struct str place = arena_printf(c->arena, "org %lld, type %lld, statement %lld", (long long)org, (long long)type, (long long)n);
        struct ledger_statement s = { org, (uint8_t)type, db_text(row, STATEMENT_SUBJECT), db_text(row, STATEMENT_DETAIL), false };
        if (n != last + 1)
                tell(c, "log_statement", arena_printf(c->arena, "org %lld, type %lld: statement %lld is missing", (long long)org, (long long)type, (long long)last + 1));
        if (!statement_is_sound(&s) || db_is_null(row, STATEMENT_CODE)) {
                tell(c, "log_statement", arena_printf(c->arena, "%.*s: is none", STR_ARG(place)));
                return;
        }
        if (s.type == LEAF_BLOB)
                check_stored(c, s.subject);
        made = statement_hash(c->arena, db_text(row, STATEMENT_CODE), s.type, n, s.subject, s.detail);
        const char *wrong = opens_wrong(row, STATEMENT_OPENING, org, type, n, &made, &hash);
        if (wrong)
                tell(c, "log_of", arena_printf(c->arena, "%.*s: %s", STR_ARG(place), wrong));
}

static int check_statements(struct log_check *c, struct err *reterr)
{
        const struct db_row *row;
        int64_t org = 0, type = 0, last = 0;
        int rc = db_query(c->db, SQL_check_log_statements, DB_NO_ARGS, reterr);
        while (rc >= 0 && (rc = db_next(c->db, SQL_check_log_statements, &row, reterr)) == 1) {
                if (db_int(row, STATEMENT_ORG) != org || db_int(row, STATEMENT_TYPE) != type)
                        last = 0;
                org = db_int(row, STATEMENT_ORG);
                type = db_int(row, STATEMENT_TYPE);
                check_statement(c, row, last);
                last = db_int(row, STATEMENT_N);
                arena_reset(c->arena);
        }
        db_done(c->db, SQL_check_log_statements);
        return rc;
}

/* ---- the leaves in their order ---- */

enum { ROW_IDX, ROW_ORG, ROW_TYPE, ROW_REF, ROW_MS, ROW_COMMITMENT, ROW_OF, ROW_RECORD_US };

/* What was signed, by size. */
struct signed_root { int64_t n, size; struct hash root; };
enum { LOGS = 1024 };

struct leaves { int64_t next, ms; struct frontier tree; struct signed_root *roots; size_t n_roots, at_root; };

static int read_roots(struct log_check *c, struct leaves *x, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_query(c->db, SQL_check_log_roots, DB_NO_ARGS, reterr);
        while (rc >= 0 && x->n_roots < LOGS && (rc = db_next(c->db, SQL_check_log_roots, &row, reterr)) == 1) {
                struct signed_root *r = &x->roots[x->n_roots++];
                *r = (struct signed_root){ .n = db_int(row, 0), .size = db_int(row, 1) };
                if (!column_hash(row, 2, &r->root))
                        tell(c, "log_state", arena_printf(c->arena, "n %lld: its root is damaged", (long long)r->n));
        }
        db_done(c->db, SQL_check_log_roots);
        return rc < 0 ? -1 : 0;
}

static void compare_roots(struct log_check *c, struct leaves *x)
{
        for (; x->at_root < x->n_roots && x->roots[x->at_root].size == x->tree.size; x->at_root++) {
                const struct signed_root *r = &x->roots[x->at_root];
                struct hash root = frontier_root(&x->tree);
                if (!same(&root, &r->root))
                        tell(c, "log_state", arena_printf(c->arena, "n %lld: the first %lld leaves do not give the root that was signed", (long long)r->n, (long long)r->size));
        }
}

/* NULL when it stands where it must.  A leaf bears the time of its record, or of the leaf before where that is later; the first one may be
 * later than its record, which was there before the log. */
static const char *leaf_wrong(const struct db_row *row, const struct leaves *x)
{
        int64_t idx = db_int(row, ROW_IDX), ms = db_int(row, ROW_MS), record_ms = db_int(row, ROW_RECORD_US) / 1000;
        if (db_is_null(row, ROW_RECORD_US))
                return "there is nothing that it stands for";
        if (db_is_null(row, ROW_OF))
                return "nothing opens it";
        if (db_int(row, ROW_OF) != idx)
                return "what it stands for has another leaf";
        if (ms < x->ms)
                return "its time is before that of the leaf before it";
        if (ms < record_ms || (idx > 0 && ms != x->ms && ms != record_ms))
                return "its time is not that of its record";
        return NULL;
}

static void check_leaf(struct log_check *c, struct leaves *x, const struct db_row *row)
{
        uint8_t bytes[LEAF_BYTES];
        struct leaf leaf = { .type = (uint8_t)db_int(row, ROW_TYPE), .ms = db_int(row, ROW_MS) };
        int64_t idx = db_int(row, ROW_IDX);
        const char *wrong = leaf_wrong(row, x);
        if (idx != x->next)
                tell(c, "log_leaf", arena_printf(c->arena, "idx %lld: is missing", (long long)x->next));
        if (!column_hash(row, ROW_COMMITMENT, &leaf.commitment))
                wrong = "its commitment is damaged";
        if (wrong)
                tell(c, "log_leaf", arena_printf(c->arena, "idx %lld: %s", (long long)idx, wrong));
        leaf_write(bytes, &leaf);
        struct hash h = tree_leaf(bytes, sizeof(bytes));
        frontier_add(&x->tree, &h);
        compare_roots(c, x);
        x->next = idx + 1;
        x->ms = leaf.ms > x->ms ? leaf.ms : x->ms;
        arena_reset(c->arena);
}

static int check_leaves(struct log_check *c, struct err *reterr)
{
        const struct db_row *row;
        struct leaves x = { .roots = or_abort(calloc(LOGS, sizeof(*x.roots))) };
        int rc = read_roots(c, &x, reterr);
        if (rc == 0)
                rc = db_query(c->db, SQL_check_log_leaves, DB_NO_ARGS, reterr);
        while (rc >= 0 && (rc = db_next(c->db, SQL_check_log_leaves, &row, reterr)) == 1)
                check_leaf(c, &x, row);
        db_done(c->db, SQL_check_log_leaves);
        if (rc == 0 && x.at_root < x.n_roots)
                tell(c, "log_state", arena_printf(c->arena, "n %lld: %lld leaves were signed, and %lld are left", (long long)x.roots[x.at_root].n,
                                                  (long long)x.roots[x.at_root].size, (long long)x.next));
        free(x.roots);
        return rc;
}

/* What opens a leaf that is not there, or another's. */
static int check_openings(struct log_check *c, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_query(c->db, SQL_check_log_lost, DB_NO_ARGS, reterr);
        while (rc >= 0 && (rc = db_next(c->db, SQL_check_log_lost, &row, reterr)) == 1) {
                tell(c, "log_of", arena_printf(c->arena, "org %lld, type %lld, number %lld: stands here, but is no record's", (long long)db_int(row, 0),
                                               (long long)db_int(row, 1), (long long)db_int(row, 2)));
                arena_reset(c->arena);
        }
        db_done(c->db, SQL_check_log_lost);
        return rc;
}

int log_check_rest(struct log_check *c, struct err *reterr)
{
        for (size_t i = 0; i < c->n_chains; i++)
                if (check_events(c, &c->chains[i], NULL, (INT64_C(1) << 40) - 1, reterr) < 0)
                        return -1;
        if (check_statements(c, reterr) < 0 || check_leaves(c, reterr) < 0)
                return -1;
        return check_openings(c, reterr);
}
