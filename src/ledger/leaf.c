#include "ledger/leaf.h"

#include "base/text.h"
#include "store/sql_names.h"

/* ---- where the log ends ---- */

static int load_end(struct views *v, struct err *reterr)
{
        const struct db_row *row;
        struct log_end *end = &v->log;
        int rc = db_one(v->db, SQL_log_last, DB_NO_ARGS, &row, reterr);
        if (rc >= 0) {
                end->next = rc ? db_int(row, 0) + 1 : 0;
                end->ms = rc ? db_int(row, 1) : 0;
                end->known = true;
        }
        db_done(v->db, SQL_log_last);
        return rc < 0 ? -1 : 0;
}

int log_take_turn(struct views *v, struct err *reterr)
{
        struct log_end *end = &v->log;
        int64_t turn;
        if (db_turn(v->db, LOG_TURN, false, &turn, reterr) < 0)
                return err_while(reterr, "taking the log's turn");
        bool ours = end->known && (turn == 0 || turn == end->turn + 1);
        end->known = ours;
        end->turn = turn;
        return ours || load_end(v, reterr) == 0 ? 0 : err_while(reterr, "reading where the log ends");
}

void log_forget(struct views *v)
{
        v->log.known = false;
}

/* ---- leaves ---- */

void leaves_seal(struct arena *a, struct new_leaf *list, size_t n)
{
        struct hash *salts = arena_raw(a, (n + 1) * sizeof(*salts));
        random_bytes(salts, n * sizeof(*salts));
        for (size_t i = 0; i < n; i++) {
                list[i].salt = salts[i];
                list[i].commitment = leaf_commitment(&list[i].salt, &list[i].hash);
        }
}

int leaves_write(struct views *v, struct arena *a, const struct new_leaf *list, size_t n, struct err *reterr)
{
        struct log_end *end = &v->log;
        struct rows *leaf = rows_begin(a, v->db, SQL_log_leaf_add, 6, reterr), *of = rows_begin(a, v->db, SQL_log_of_add, 6, reterr);
        for (size_t i = 0; i < n; i++, end->next++) {
                const struct new_leaf *l = &list[i];
                struct db_value org = db_i(l->org), type = db_i(l->type), ref = db_i(l->ref), idx = db_i(end->next);
                if (l->record_us / 1000 > end->ms)
                        end->ms = l->record_us / 1000;
                if (rows_add(leaf, DB_ARGS(idx, org, type, ref, db_i(end->ms), db_b(l->commitment.b, 32))) < 0 ||
                    rows_add(of, DB_ARGS(org, type, ref, idx, db_b(l->salt.b, 32), db_b(l->hash.b, 32))) < 0)
                        return err_while(reterr, "writing leaves");
        }
        return rows_end(leaf) < 0 || rows_end(of) < 0 ? err_while(reterr, "writing leaves") : 0;
}

static struct str org_path(struct arena *a, struct str code)
{
        char *p = arena_raw(a, sizeof("/org/") + code.n);
        memcpy(p, "/org/", 5);
        memcpy(p + 5, code.p, code.n);
        return (struct str){ p, 5 + code.n };
}

/* ---- events ---- */

struct hash event_record_hash(struct arena *a, const struct org *org, int64_t seq, const struct hash *before, int64_t time_us, const struct hash *signature,
                              const struct hash *digest)
{
        struct record_header h = { .org = org_path(a, org->code), .number = seq, .before = *before, .time_us = time_us, .signature = *signature };
        return record_hash(record_header_write(a, &h), digest);
}

/* The records of an organisation are a chain: its turn is held, so all of it is computed before the log's is taken. */
int batch_leaves(struct views *v, struct batch *b, struct err *reterr)
{
        struct new_leaf *list = arena_raw(b->arena, (b->n + 1) * sizeof(*list));
        size_t n = 0;
        for (size_t i = 0; i < b->n; i++) {
                const struct entry *e = b->entries[i];
                if (!e->kept)
                        continue;
                e->org->before = event_record_hash(b->arena, e->org->org, e->seq, &e->org->before, e->event->time.us, &e->signature, &e->digest);
                list[n++] = (struct new_leaf){ .org = e->org->org->id, .type = LEAF_EVENT, .ref = e->seq, .record_us = e->record_us, .hash = e->org->before };
        }
        if (!n)
                return 0;
        leaves_seal(b->arena, list, n);
        return log_take_turn(v, reterr) < 0 ? -1 : leaves_write(v, b->arena, list, n, reterr);
}

/* ---- what is no event ---- */

struct hash statement_hash(struct arena *a, struct str org_code, uint8_t type, int64_t n, struct str subject, struct str detail)
{
        struct statement s = { .type = type, .org = org_path(a, org_code), .number = n, .subject = subject, .detail = detail };
        struct str text = statement_write(a, &s);
        return sha256(text.p, text.n);
}

enum { LINE_BYTES = 16 * 1024 };

/* Each is a line of the statement's text. */
static bool one_line(struct str s)
{
        if (!s.n || s.n > LINE_BYTES || !utf8_valid(s))
                return false;
        for (size_t i = 0; i < s.n; i++)
                if ((uint8_t)s.p[i] < 0x20 || s.p[i] == 0x7f)
                        return false;
        return true;
}

bool statement_is_sound(const struct ledger_statement *s)
{
        return s->type > LEAF_EVENT && s->type < LEAF_TYPES && one_line(s->subject) && one_line(s->detail);
}

/* The first column of at most one row; 0 when there is none. */
static int64_t one_int(struct db *db, int sql, const struct db_value *args, size_t n, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, sql, args, n, &row, reterr);
        int64_t v = rc == 1 ? db_int(row, 0) : rc;
        db_done(db, sql);
        return v;
}

/* The number that it has or gets: under the log's turn nobody else gives one.  `ret_new`: it is to be written. */
static int64_t statement_number(struct db *db, const struct ledger_statement *s, bool *ret_new, struct err *reterr)
{
        int64_t n = 0;
        if (s->once)
                n = one_int(db, SQL_log_statement_find, DB_ARGS(db_i(s->org), db_i(s->type), db_t(s->subject), db_t(s->detail)), reterr);
        *ret_new = n == 0;
        if (n)
                return n;
        n = one_int(db, SQL_log_statement_last, DB_ARGS(db_i(s->org), db_i(s->type)), reterr);
        return n < 0 ? -1 : n + 1;
}

static int write_statement(struct views *v, struct arena *a, const struct org *org, const struct ledger_statement *s, int64_t n, int64_t now_us,
                           struct err *reterr)
{
        struct new_leaf leaf = { .org = s->org, .type = s->type, .ref = n, .record_us = now_us,
                                 .hash = statement_hash(a, org->code, s->type, n, s->subject, s->detail) };
        leaves_seal(a, &leaf, 1);
        if (db_run(v->db, SQL_log_statement_add, DB_ARGS(db_i(s->org), db_i(s->type), db_i(n), db_i(now_us), db_t(s->subject), db_t(s->detail)), reterr) < 0)
                return -1;
        return leaves_write(v, a, &leaf, 1, reterr);
}

int statement_record(struct views *v, const struct ledger_statement *s, int64_t now_us, int64_t *ret_n, struct err *reterr)
{
        struct org_state *st = views_state(v, s->org);
        bool new;
        if (!st)
                return err_set(reterr, ERR_NOT_FOUND, "there is no organisation %lld", (long long)s->org);
        if (!statement_is_sound(s))
                return err_set(reterr, ERR_BAD_INPUT, "a statement for the log is two lines of text: what it is about and what it says");
        if (log_take_turn(v, reterr) < 0)
                return -1;
        int64_t n = statement_number(v->db, s, &new, reterr);
        if (n < 0)
                return err_while(reterr, "numbering a statement");
        struct arena *a = arena_new();
        int rc = new ? write_statement(v, a, st->org, s, n, now_us, reterr) : 0;
        arena_free(a);
        if (rc == 0 && ret_n)
                *ret_n = n;
        return rc < 0 ? err_while(reterr, "writing a statement") : 0;
}

/* ---- events that were there before the log ---- */

enum { EARLIER = 4096 };

struct earlier_event { int64_t seq, time_us, record_us; struct hash digest; };

static ssize_t read_earlier(struct views *v, int64_t org, int64_t after, struct earlier_event *ret, struct err *reterr)
{
        const struct db_row *row;
        const struct db_value args[] = { db_i(org), db_i(after), db_i(EARLIER) };
        size_t n = 0;
        int rc = db_query(v->db, SQL_log_earlier, args, 3, reterr);
        while (rc >= 0 && n < EARLIER && (rc = db_next(v->db, SQL_log_earlier, &row, reterr)) == 1) {
                struct str digest = db_text(row, 3);
                ret[n] = (struct earlier_event){ .seq = db_int(row, 0), .time_us = db_int(row, 1), .record_us = db_int(row, 2) };
                if (digest.n == 32)     /* otherwise `check` tells */
                        memcpy(ret[n].digest.b, digest.p, 32);
                n++;
        }
        db_done(v->db, SQL_log_earlier);
        return rc < 0 ? -1 : (ssize_t)n;
}

static int write_earlier(struct views *v, struct arena *a, struct org_state *st, const struct earlier_event *list, size_t n, struct err *reterr)
{
        static const struct hash unsigned_ = { 0 };     /* nobody could sign then */
        struct new_leaf *leaves = arena_raw(a, (n + 1) * sizeof(*leaves));
        for (size_t i = 0; i < n; i++) {
                const struct earlier_event *e = &list[i];
                st->before = event_record_hash(a, st->org, e->seq, &st->before, e->time_us, &unsigned_, &e->digest);
                leaves[i] = (struct new_leaf){ .org = st->org->id, .type = LEAF_EVENT, .ref = e->seq, .record_us = e->record_us, .hash = st->before };
        }
        leaves_seal(a, leaves, n);
        return leaves_write(v, a, leaves, n, reterr);
}

/* How far the whole is. */
struct telling { ledger_progress *progress; void *ctx; int64_t done, total; };

static void tell(struct telling *t, int64_t more)
{
        t->done += more;
        if (t->progress && more)
                t->progress(t->ctx, "log", t->done, t->total);
}

static int leaves_of_org(struct views *v, struct arena *a, struct org_state *st, struct telling *t, struct err *reterr)
{
        int64_t after = 0;
        ssize_t n = EARLIER;
        st->before = (struct hash){ 0 };
        while (n == EARLIER) {
                struct earlier_event *list = arena_raw(a, EARLIER * sizeof(*list));
                n = read_earlier(v, st->org->id, after, list, reterr);
                if (n < 0 || (n > 0 && write_earlier(v, a, st, list, (size_t)n, reterr) < 0))
                        return -1;
                if (n > 0)
                        after = list[n - 1].seq;
                tell(t, n);
                arena_reset(a);
        }
        return 0;
}

int leaves_of_earlier(struct views *v, ledger_progress *progress, void *ctx, int64_t now_us, struct err *reterr)
{
        struct arena *a = arena_new();
        struct telling t = { .progress = progress, .ctx = ctx, .total = one_int(v->db, SQL_event_count, DB_NO_ARGS, reterr) };
        int rc = t.total < 0 ? -1 : log_take_turn(v, reterr);
        if (v->log.ms < now_us / 1000)  /* the log knows of them from now on */
                v->log.ms = now_us / 1000;
        for (size_t i = 0; i < v->n_states && rc == 0; i++)
                rc = leaves_of_org(v, a, &v->states[i], &t, reterr);
        arena_free(a);
        return rc;
}
