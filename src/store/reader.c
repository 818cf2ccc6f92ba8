#include <assert.h>
#include <stdlib.h>

#include "base/oom.h"
#include "store/names.h"
#include "store/refs.h"
#include "store/sql_names.h"
#include "store/store_impl.h"

/* ---- the pool ---- */

static struct reader *take_free(struct store *s)
{
        pthread_mutex_lock(&s->mutex);
        while (!s->free_readers)
                pthread_cond_wait(&s->freed, &s->mutex);
        struct reader *r = s->free_readers;
        s->free_readers = r->next_free;
        pthread_mutex_unlock(&s->mutex);
        return r;
}

/* In their order, so that whoever reads alone has the connection that reads most: its statements are prepared, its pages in memory. */
static void give_back(struct reader *r)
{
        struct store *s = r->store;
        pthread_mutex_lock(&s->mutex);
        struct reader **at = &s->free_readers;
        while (*at && (*at)->rank < r->rank)
                at = &(*at)->next_free;
        r->next_free = *at;
        *at = r;
        pthread_cond_signal(&s->freed);
        pthread_mutex_unlock(&s->mutex);
}

int reader_connect(struct reader *r, struct err *reterr)
{
        return r->db ? 0 : db_open(r->store->db_path, &(struct db_options){ .mode = DB_READ, .cache_kib = r->store->reader_cache_kib }, &r->db, reterr);
}

int reader_begin(struct store *s, struct reader **ret, struct err *reterr)
{
        struct reader *r = take_free(s);
        if (reader_connect(r, reterr) < 0 || db_begin(r->db, reterr) < 0) {
                give_back(r);
                return err_while(reterr, "beginning to read");
        }
        *ret = r;
        return 0;
}

void reader_end(struct reader *r)
{
        if (!r)
                return;
        many_forget(r->many);
        db_rollback(r->db);
        give_back(r);
}

struct db *reader_db(struct reader *r)
{
        return r->db;
}

/* ---- items and terms ---- */

/* The first column of at most one row; 0 when there is none. */
static int64_t one_int(struct reader *r, int sql, const struct db_value *args, size_t n, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(r->db, sql, args, n, &row, reterr);
        int64_t v = rc == 1 ? db_int(row, 0) : rc;
        db_done(r->db, sql);
        return v;
}

int64_t reader_item(struct reader *r, int64_t org, struct str canonical, struct err *reterr)
{
        if (org == ORG_MANY)
                return many_item(r, canonical, reterr);
        return one_int(r, SQL_item_find, DB_ARGS(db_i(org), db_t(canonical)), reterr);
}

struct str reader_item_name(struct reader *r, struct arena *a, int64_t org, int64_t item, int *ret_kind)
{
        if (org == ORG_MANY)
                return many_item_name(r, a, item, ret_kind);
        const struct db_row *row;
        struct str name = STR_NONE;
        int kind = 0;
        if (db_one(r->db, SQL_item_name, DB_ARGS(db_i(org), db_i(item)), &row, NULL) == 1) {
                name = arena_str(a, db_text(row, 0));
                kind = (int)db_int(row, 1);
        }
        db_done(r->db, SQL_item_name);
        if (ret_kind)
                *ret_kind = kind;
        return name;
}

static int by_item(const void *a, const void *b)
{
        const struct item_named *x = *(const struct item_named *const *)a, *y = *(const struct item_named *const *)b;
        return (x->item > y->item) - (x->item < y->item);
}

/* Names of a run, sorted by item: one query walks from its first to its last. */
static int name_run(struct reader *r, struct arena *a, int64_t org, struct item_named **run, size_t n, struct err *reterr)
{
        const struct db_row *row;
        size_t at = 0;
        int rc = db_query(r->db, SQL_item_names, DB_ARGS(db_i(org), db_i(run[0]->item), db_i(run[n - 1]->item)), reterr);
        while (rc >= 0 && (rc = db_next(r->db, SQL_item_names, &row, reterr)) == 1) {
                int64_t item = db_int(row, 0);
                while (at < n && run[at]->item < item)
                        at++;
                for (; at < n && run[at]->item == item; at++) {
                        run[at]->name = arena_str(a, db_text(row, 1));
                        run[at]->kind = (int)db_int(row, 2);
                }
        }
        return rc < 0 ? -1 : 0;
}

/* Things that were first seen together are neighbours, and mostly asked for together: stepping over a few strangers is cheaper
 * than another query. */
int reader_item_names(struct reader *r, struct arena *a, int64_t org, struct item_named *list, size_t n, struct err *reterr)
{
        enum { STRANGERS = 8 };
        if (org == ORG_MANY)
                return many_item_names(r, a, list, n, reterr);
        struct item_named **sorted = arena_raw(a, (n + 1) * sizeof *sorted);
        for (size_t i = 0; i < n; i++) {
                list[i].name = STR_NONE;
                list[i].kind = 0;
                sorted[i] = &list[i];
        }
        qsort(sorted, n, sizeof(*sorted), by_item);
        for (size_t at = 0, end; at < n; at = end) {
                for (end = at + 1; end < n && sorted[end]->item - sorted[end - 1]->item <= STRANGERS; end++)
                        ;
                if (end == at + 1)
                        sorted[at]->name = reader_item_name(r, a, org, sorted[at]->item, &sorted[at]->kind);
                else if (name_run(r, a, org, sorted + at, end - at, reterr) < 0)
                        return -1;
        }
        return 0;
}

static int load_term(struct reader *r, struct term_slot *slot, int64_t org, int64_t id, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(r->db, SQL_term_text, DB_ARGS(db_i(org), db_i(id)), &row, reterr);
        if (rc == 1) {
                struct str s = db_text(row, 0);
                free(slot->text);
                *slot = (struct term_slot){ org, id, or_abort(malloc(s.n + 1)), s.n };
                memcpy(slot->text, s.n ? s.p : "", s.n);
                slot->text[s.n] = '\0';
        }
        db_done(r->db, SQL_term_text);
        return rc == 0 ? err_set(reterr, ERR_STORE, "the database lacks term %lld; run `suyuan check`", (long long)id) : rc < 0 ? -1 : 0;
}

int reader_term_text(struct reader *r, int64_t org, int64_t id, struct str *ret, struct err *reterr)
{
        *ret = STR_NONE;
        if (!id)
                return 0;
        struct term_slot *slot = &r->terms[(uint64_t)(id + org) % TERM_SLOTS];
        if ((slot->id != id || slot->org != org) && load_term(r, slot, org, id, reterr) < 0)
                return -1;
        *ret = (struct str){ slot->text, slot->n };
        return 0;
}

/* ---- events ---- */

/* An event of many organisations is one of one. */
static void one_of(int64_t *org, int64_t *seq)
{
        if (*org == ORG_MANY) {
                *org = number_org(*seq);
                *seq = number_low(*seq);
        }
}

int64_t reader_event_org(int64_t org, int64_t number)
{
        one_of(&org, &number);
        return org;
}

int64_t reader_event_seq(int64_t org, int64_t number)
{
        one_of(&org, &number);
        return number;
}

ssize_t reader_item_events(struct reader *r, int64_t org, int64_t item, int64_t after_seq,
                           struct item_event *ret, size_t max, struct err *reterr)
{
        if (org == ORG_MANY)
                return many_item_events(r, item, after_seq, ret, max, reterr);
        const struct db_row *row;
        size_t n = 0;
        int rc = db_query(r->db, SQL_item_events, DB_ARGS(db_i(org), db_i(item), db_i(after_seq), db_i((int64_t)max)), reterr);
        while (rc >= 0 && (rc = db_next(r->db, SQL_item_events, &row, reterr)) == 1) {
                assert(n < max);
                ret[n++] = (struct item_event){ db_int(row, 0), db_int(row, 1), (uint8_t)db_int(row, 2) };
        }
        return rc < 0 ? -1 : (ssize_t)n;
}

enum { HEAD_TIME, HEAD_OFFSET, HEAD_RECORD, HEAD_TYPE, HEAD_ACTION, HEAD_FLAGS, HEAD_ID, HEAD_STEP, HEAD_DISPOSITION,
       HEAD_REFS };       /* the columns of event_head */

static int damaged(int64_t seq, struct err *reterr)
{
        return err_set(reterr, ERR_STORE, "event %lld is damaged; run `suyuan check`", (long long)seq);
}

static int fill_head(struct reader *r, struct arena *a, int64_t org, int64_t seq, const struct db_row *row,
                     struct event_head *h, struct err *reterr)
{
        int64_t flags = db_int(row, HEAD_FLAGS);
        *h = (struct event_head){ .seq = seq, .time_us = db_int(row, HEAD_TIME), .offset_min = (int16_t)db_int(row, HEAD_OFFSET),
                                  .record_us = db_int(row, HEAD_RECORD), .type = (uint8_t)db_int(row, HEAD_TYPE),
                                  .action = (uint8_t)db_int(row, HEAD_ACTION),
                                  .error_declaration = flags & EVENT_DECLARES_ERROR, .declared_wrong = flags & EVENT_DECLARED_WRONG,
                                  .event_id_given_here = flags & EVENT_ID_GIVEN_HERE,
                                  .event_id = arena_str(a, db_text(row, HEAD_ID)) };
        ssize_t n = refs_unpack(a, arena_str(a, db_text(row, HEAD_REFS)), &h->refs);
        if (n < 0)
                return damaged(seq, reterr);
        h->n_refs = (size_t)n;
        struct str text;
        if (reader_term_text(r, org, db_int(row, HEAD_STEP), &text, reterr) < 0)
                return -1;
        h->biz_step = arena_str(a, text);
        if (reader_term_text(r, org, db_int(row, HEAD_DISPOSITION), &text, reterr) < 0)
                return -1;
        h->disposition = arena_str(a, text);
        return 0;
}

int reader_event(struct reader *r, struct arena *a, int64_t org, int64_t seq, struct event_head *ret, struct err *reterr)
{
        if (org == ORG_MANY)
                return many_event(r, a, seq, ret, reterr);
        const struct db_row *row;
        int rc = db_one(r->db, SQL_event_head, DB_ARGS(db_i(org), db_i(seq)), &row, reterr);
        if (rc == 1 && fill_head(r, a, org, seq, row, ret, reterr) < 0)
                rc = -1;
        db_done(r->db, SQL_event_head);
        return rc;
}

static void take_hash(const struct db_row *row, int column, struct hash *ret)
{
        struct str s = db_text(row, column);
        if (s.n == sizeof(ret->b))
                memcpy(ret->b, s.p, s.n);
}

int reader_event_digests(struct reader *r, int64_t org, int64_t seq, struct event_digests *ret, struct err *reterr)
{
        one_of(&org, &seq);
        *ret = (struct event_digests){ 0 };
        const struct db_row *row;
        int rc = db_one(r->db, SQL_event_digests, DB_ARGS(db_i(org), db_i(seq)), &row, reterr);
        if (rc == 1) {
                take_hash(row, 0, &ret->digest);
                take_hash(row, 1, &ret->salt);
                take_hash(row, 2, &ret->event_hash);
        }
        db_done(r->db, SQL_event_digests);
        return rc;
}

int reader_body(struct reader *r, struct arena *a, int64_t org, int64_t seq,
                struct str *ret_body, struct str *ret_context, struct err *reterr)
{
        one_of(&org, &seq);
        const struct db_row *row;
        struct str context = STR_NONE;
        int rc = db_one(r->db, SQL_event_body, DB_ARGS(db_i(org), db_i(seq)), &row, reterr);
        if (rc == 1 && reader_term_text(r, org, db_int(row, 1), &context, reterr) < 0)
                rc = -1;
        if (rc == 1) {
                *ret_body = arena_str(a, db_text(row, 0));
                *ret_context = arena_str(a, context);
        }
        db_done(r->db, SQL_event_body);
        return rc;
}

ssize_t reader_event_id(struct reader *r, int64_t org, struct str event_id, int64_t *ret_seqs, size_t max, struct err *reterr)
{
        if (org == ORG_MANY)
                return many_event_id(r, event_id, ret_seqs, max, reterr);
        const struct db_row *row;
        size_t n = 0;
        int rc = db_query(r->db, SQL_event_named, DB_ARGS(db_i(org), db_i(event_name_head(event_id))), reterr);
        while (rc >= 0 && n < max && (rc = db_next(r->db, SQL_event_named, &row, reterr)) == 1)
                if (str_eq(db_text(row, 1), event_id))
                        ret_seqs[n++] = db_int(row, 0);
        db_done(r->db, SQL_event_named);
        return rc < 0 ? -1 : (ssize_t)n;
}

int64_t reader_last_seq(struct reader *r, int64_t org, struct err *reterr)
{
        if (org == ORG_MANY)
                return many_last(r, reterr);
        return one_int(r, SQL_event_last, DB_ARGS(db_i(org)), reterr);
}

/* ---- beside events ---- */

int reader_master(struct reader *r, struct arena *a, int64_t org, struct str canonical,
                  struct str *ret_type, struct str *ret_json, struct err *reterr)
{
        if (org == ORG_MANY)
                return many_master(r, a, canonical, ret_type, ret_json, reterr);
        const struct db_row *row;
        int rc = db_one(r->db, SQL_master_newest, DB_ARGS(db_i(org), db_t(canonical)), &row, reterr);
        if (rc == 1) {
                *ret_type = arena_str(a, db_text(row, 0));
                *ret_json = arena_str(a, db_text(row, 1));
        }
        db_done(r->db, SQL_master_newest);
        return rc;
}

ssize_t reader_findings(struct reader *r, struct arena *a, int64_t org, int64_t seq,
                        const struct kept_finding **ret, struct err *reterr)
{
        one_of(&org, &seq);
        const struct db_row *row;
        size_t n = 0, cap = 0;
        struct kept_finding *list = NULL;
        int rc = db_query(r->db, SQL_event_findings, DB_ARGS(db_i(org), db_i(seq)), reterr);
        while (rc >= 0 && (rc = db_next(r->db, SQL_event_findings, &row, reterr)) == 1) {
                if (n == cap) {
                        struct kept_finding *more = arena_array(a, struct kept_finding, cap = cap ? cap * 2 : 8);
                        if (n)
                                memcpy(more, list, n * sizeof(*list));
                        list = more;
                }
                list[n++] = (struct kept_finding){ arena_str(a, db_text(row, 0)), arena_str(a, db_text(row, 1)), arena_str(a, db_text(row, 2)) };
        }
        *ret = list;
        return rc < 0 ? -1 : (ssize_t)n;
}

int reader_capture(struct reader *r, struct arena *a, int64_t org, struct str id, struct str *ret_json, struct err *reterr)
{
        if (org == ORG_MANY)
                return many_capture(r, a, id, ret_json, reterr);
        const struct db_row *row;
        int rc = db_one(r->db, SQL_capture_report, DB_ARGS(db_i(org), db_t(id)), &row, reterr);
        if (rc == 1)
                *ret_json = arena_str(a, db_text(row, 0));
        db_done(r->db, SQL_capture_report);
        return rc;
}

ssize_t reader_captures(struct reader *r, struct arena *a, int64_t org, struct str after, struct kept_capture *ret, size_t max, struct err *reterr)
{
        const struct db_row *row;
        size_t n = 0;
        struct str from = after.n ? after : STR("");
        const struct db_value args[] = { db_i(org), db_t(from), db_i((int64_t)max) };
        int rc = db_query(r->db, SQL_capture_page, args, 3, reterr);

        while (rc >= 0 && n < max && (rc = db_next(r->db, SQL_capture_page, &row, reterr)) == 1)
                ret[n++] = (struct kept_capture){ arena_str(a, db_text(row, 0)), arena_str(a, db_text(row, 1)) };
        db_done(r->db, SQL_capture_page);
        return rc < 0 ? -1 : (ssize_t)n;
}
