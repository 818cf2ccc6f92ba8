#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "epcis/digest.h"
#include "epcis/erase.h"
#include "epcis/signature.h"
#include "ledger/erase.h"
#include "ledger/leaf.h"
#include "store/names.h"
#include "store/sql_names.h"

/* Erasing the sealed members of records (docs/design/storage.md).  What stays is what their digests were made of: proofs and pages go on as they were. */

struct erasing {
        struct views *v;
        const struct store *s;
        struct ledger_erasure *x;
        struct arena *a;
        int64_t now_us;
        struct err *err;
};

/* A record as it stands before. */
struct standing {
        const struct org *org;
        int64_t seq, record_us, context;
        struct hash digest;
        struct str event_id, body, context_json, form;
        struct event event, left;
        struct str left_body;
        int64_t members;
};

/* ---- which records ---- */

static void add_record(struct erasing *g, int64_t org, int64_t seq)
{
        struct ledger_erasure *x = g->x;
        if ((x->n & (x->n - 1)) == 0) {         /* room for a power of two */
                struct erased_record *more = arena_array(g->a, struct erased_record, x->n ? 2 * x->n : 1);
                if (x->n)
                        memcpy(more, x->records, x->n * sizeof(*more));
                x->records = more;
        }
        x->records[x->n++] = (struct erased_record){ .org = org, .seq = seq };
}

static int find_own(struct erasing *g)
{
        const struct db_row *row;
        int rc = db_query(g->v->db, SQL_event_named, DB_ARGS(db_i(g->x->org), db_i(event_name_head(g->x->event_id))), g->err);
        while (rc >= 0 && (rc = db_next(g->v->db, SQL_event_named, &row, g->err)) == 1)
                if (str_eq(db_text(row, 1), g->x->event_id))
                        add_record(g, g->x->org, db_int(row, 0));
        db_done(g->v->db, SQL_event_named);
        return rc;
}

/* We made the copies, and who got them never asked for the private members: they are erased with the original. */
static int find_copies(struct erasing *g)
{
        const struct db_row *row;
        int rc = 0;
        for (size_t i = 0, own = g->x->n; i < own && rc >= 0; i++) {
                rc = db_query(g->v->db, SQL_copies_of, DB_ARGS(db_i(g->x->org), db_i(g->x->records[i].seq)), g->err);
                while (rc >= 0 && (rc = db_next(g->v->db, SQL_copies_of, &row, g->err)) == 1)
                        add_record(g, db_int(row, 0), db_int(row, 1));
                db_done(g->v->db, SQL_copies_of);
        }
        return rc;
}

static int find(struct erasing *g)
{
        g->x->records = NULL;
        g->x->n = 0;
        return find_own(g) < 0 ? -1 : find_copies(g);
}

/* Looked for once without, to know whose turns are needed, and once within them. */
static int find_in_turn(struct erasing *g)
{
        if (find(g) < 0)
                return -1;
        size_t n = 0, before = g->x->n;
        int64_t *orgs = arena_array(g->a, int64_t, before + 1);
        orgs[n++] = g->x->org;
        for (size_t i = 0; i < before; i++)
                orgs[n++] = g->x->records[i].org;
        /* Terms may go, which others remember by number: another era makes them forget. */
        if (views_take_turns(g->v, orgs, n, true, g->err) < 0 || find(g) < 0)
                return -1;
        item_cache_clear(g->v->terms);
        return g->x->n == before ? 0 : err_set(g->err, ERR_BUSY, "another record of this eventID came meanwhile; try again");
}

/* ---- one record ---- */

static int read_context(struct erasing *g, struct standing *w)
{
        const struct db_row *row;
        int rc = w->context ? db_one(g->v->db, SQL_term_text, DB_ARGS(db_i(w->org->id), db_i(w->context)), &row, g->err) : 0;
        w->context_json = rc == 1 ? arena_str(g->a, db_text(row, 0)) : STR("");
        if (w->context)
                db_done(g->v->db, SQL_term_text);
        return rc;
}

/* 1 to be erased, 0 was erased before, -1. */
static int read_record(struct erasing *g, struct erased_record *r, struct standing *w)
{
        const struct db_row *row;
        int rc = db_one(g->v->db, SQL_erasing, DB_ARGS(db_i(r->org), db_i(r->seq)), &row, g->err);
        if (rc == 0)
                rc = err_set(g->err, ERR_STORE, "event %lld has no body; run `suyuan check`", (long long)r->seq);
        if (rc == 1) {
                struct str digest = db_text(row, 0);
                *w = (struct standing){ .org = store_org(g->s, r->org), .seq = r->seq, .record_us = db_int(row, 2), .context = db_int(row, 3) };
                if (digest.n == sizeof(w->digest.b))
                        memcpy(w->digest.b, digest.p, digest.n);
                w->event_id = arena_str(g->a, db_text(row, 1));
                w->body = arena_str(g->a, db_text(row, 4));
                w->members = db_int(row, 5);
                rc = db_is_null(row, 5);
        }
        db_done(g->v->db, SQL_erasing);
        return rc == 1 && read_context(g, w) < 0 ? -1 : rc;
}

/* Evidence that is damaged already is not for erasing: nobody could tell afterwards what it was. */
static int read_form(struct erasing *g, struct standing *w)
{
        struct record_digest d;
        const struct seal *seals;
        if (event_reread(g->a, w->body, w->context_json, &g->s->origins, &w->event, g->err) < 0)
                return -1;
        record_digest(g->a, &w->event, &w->org->secret, &d);
        if (memcmp(d.digest.b, w->digest.b, sizeof(d.digest.b)) != 0)
                return err_set(g->err, ERR_STORE, "event %lld is not what its digest says; run `suyuan check`", (long long)w->seq);
        w->form = record_canonical(g->a, &w->event, &d.salt, true);
        w->members = (int64_t)record_seals(g->a, &w->event, &d.salt, &seals);
        return 0;
}

static bool same_items(const struct event *a, const struct event *b)
{
        bool same = a->n_items == b->n_items;
        for (size_t i = 0; i < a->n_items && same; i++)
                same = str_eq(a->items[i].canonical, b->items[i].canonical) && a->items[i].role == b->items[i].role &&
                       str_eq(a->items[i].quantity, b->items[i].quantity) && str_eq(a->items[i].uom, b->items[i].uom);
        return same;
}

static int read_left(struct erasing *g, struct standing *w)
{
        struct buf b = { .max = SIZE_MAX / 8 };
        event_public(&b, &w->event);
        w->left_body = arena_str(g->a, buf_view(&b));
        buf_free(&b);
        if (event_reread(g->a, w->left_body, w->context_json, &g->s->origins, &w->left, g->err) < 0)
                return -1;
        if (!same_items(&w->event, &w->left) || !str_eq(w->event.event_id, w->left.event_id) || w->event.type != w->left.type)
                return err_set(g->err, ERR_CONFLICT, "event %lld names itself or a thing by a position (geo:); such a name is in the index of things and cannot be erased",
                               (long long)w->seq);
        if (!erased_agrees(g->a, &w->left, w->form))
                return err_set(g->err, ERR_INTERNAL, "what would be left of event %lld is not its public part", (long long)w->seq);
        return 0;
}

/* ---- terms that nothing bears any more ---- */

static int64_t term_id(struct erasing *g, int64_t org, struct str text)
{
        const struct db_row *row;
        int64_t id = 0;
        int rc = db_query(g->v->db, SQL_term_find, DB_ARGS(db_i(org), db_i(hash_prefix(text))), g->err);
        while (rc >= 0 && (rc = db_next(g->v->db, SQL_term_find, &row, g->err)) == 1)
                if (str_eq(db_text(row, 1), text))
                        id = db_int(row, 0);
        db_done(g->v->db, SQL_term_find);
        return rc < 0 ? -1 : id;
}

/* 1 / 0 / -1. */
static int exists(struct erasing *g, int sql, const struct db_value *args, size_t n)
{
        const struct db_row *row;
        int rc = db_one(g->v->db, sql, args, n, &row, g->err);
        db_done(g->v->db, sql);
        return rc;
}

static int term_is_borne(struct erasing *g, int64_t org, int64_t id)
{
        int rc = 0;
        for (int facet = 1; facet < FACETS && rc == 0; facet++)
                rc = exists(g, SQL_facet_bears, DB_ARGS(db_i(org), db_i(facet), db_i(id)));
        return rc ? rc : exists(g, SQL_term_borne, DB_ARGS(db_i(org), db_i(id)));
}

static int erase_term(struct erasing *g, int64_t org, int64_t id, struct str text)
{
        int borne = term_is_borne(g, org, id);
        if (borne)
                return borne < 0 ? -1 : 0;
        if (db_run(g->v->db, SQL_term_erase, DB_ARGS(db_i(org), db_i(id)), g->err) < 0)
                return -1;
        return db_run(g->v->db, SQL_term_head_erase, DB_ARGS(db_i(org), db_i(hash_prefix(text)), db_i(id)), g->err);
}

static bool bears(const struct event_facet *list, size_t n, const struct event_facet *f)
{
        for (size_t i = 0; i < n; i++)
                if (list[i].facet == f->facet && str_eq(list[i].value, f->value))
                        return true;
        return false;
}

static int erase_facets(struct erasing *g, const struct standing *w)
{
        struct event_facet *before, *left;
        size_t n = event_facets(g->a, &w->event, &g->s->origins, &before), n_left = event_facets(g->a, &w->left, &g->s->origins, &left);
        int64_t org = w->org->id;
        for (size_t i = 0; i < n; i++) {
                if (bears(left, n_left, &before[i]))
                        continue;
                int64_t id = term_id(g, org, before[i].value);
                if (id < 0 || (id && db_run(g->v->db, SQL_facet_erase, DB_ARGS(db_i(org), db_i(before[i].facet), db_i(id), db_i(w->seq)), g->err) < 0) ||
                    (id && erase_term(g, org, id, before[i].value) < 0))
                        return -1;
        }
        return 0;
}

/* ---- what quotes it: reports of capture jobs ---- */

static void without_details(struct buf *b, const struct json *v)
{
        bool object = json_is(v, JSON_OBJECT);
        if (!object && !json_is(v, JSON_ARRAY)) {
                json_write(b, v);
                return;
        }
        buf_char(b, object ? '{' : '[');
        for (uint32_t i = 0; i < v->n; i++) {
                buf_z(b, i ? "," : "");
                if (object) {
                        json_write_str(b, v->members[i].name);
                        buf_char(b, ':');
                }
                if (object && str_is(v->members[i].name, "detail"))
                        buf_z(b, "\"\"");
                else
                        without_details(b, object ? &v->members[i].value : &v->items[i]);
        }
        buf_char(b, object ? '}' : ']');
}

struct kept_report { struct str id, report; struct kept_report *next; };

static int read_reports(struct erasing *g, const struct standing *w, struct kept_report **ret)
{
        const struct db_row *row;
        *ret = NULL;
        int rc = db_query(g->v->db, SQL_captures_at, DB_ARGS(db_i(w->org->id), db_i(w->record_us)), g->err);
        while (rc >= 0 && (rc = db_next(g->v->db, SQL_captures_at, &row, g->err)) == 1) {
                struct kept_report *k = arena_alloc(g->a, sizeof(*k));
                *k = (struct kept_report){ arena_str(g->a, db_text(row, 0)), arena_str(g->a, db_text(row, 1)), *ret };
                *ret = k;
        }
        db_done(g->v->db, SQL_captures_at);
        return rc;
}

static int erase_reports(struct erasing *g, const struct standing *w)
{
        struct kept_report *k;
        struct buf b = { .max = SIZE_MAX / 8 };
        const struct json *v;
        int rc = read_reports(g, w, &k);
        for (; k && rc >= 0; k = k->next) {
                buf_clear(&b);
                rc = json_read(g->a, k->report.p, k->report.n, NULL, &v, g->err);
                if (rc < 0)
                        break;
                without_details(&b, v);
                rc = db_run(g->v->db, SQL_capture_report_set, DB_ARGS(db_t(buf_view(&b)), db_i(w->org->id), db_t(k->id)), g->err);
        }
        buf_free(&b);
        return rc < 0 ? -1 : 0;
}

/* ---- the farm's day: views over there, followed anew from what is left ---- */

static int erase_day(struct erasing *g, struct db_value org, struct db_value seq)
{
        static const int all[] = { SQL_judge_due_of_event, SQL_season_act_erase, SQL_stock_move_erase, SQL_alarm_erase, SQL_farm_again_add };
        for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
                if (db_run(g->v->db, all[i], DB_ARGS(org, seq), g->err) < 0)
                        return -1;
        return 0;
}

/* ---- writing ---- */

static int write_erased(struct erasing *g, const struct standing *w)
{
        struct db *db = g->v->db;
        struct db_value org = db_i(w->org->id), seq = db_i(w->seq);
        bool step = w->event.biz_step.n == 0 || w->left.biz_step.n > 0, disposition = w->event.disposition.n == 0 || w->left.disposition.n > 0;
        if (db_run(db, SQL_body_erase, DB_ARGS(db_t(w->left_body), org, seq), g->err) < 0 ||
            db_run(db, SQL_event_erase, DB_ARGS(db_b("", 0), db_i(step), db_i(disposition), org, seq), g->err) < 0 ||
            db_run(db, SQL_erased_add, DB_ARGS(org, seq, db_t(w->form), db_i(g->now_us), db_i(w->members), db_t(g->x->reason)), g->err) < 0 ||
            db_run(db, SQL_finding_erase, DB_ARGS(org, seq), g->err) < 0)
                return -1;
        return erase_day(g, org, seq) < 0 || erase_facets(g, w) < 0 ? -1 : erase_reports(g, w);
}

static int erase_record(struct erasing *g, struct erased_record *r)
{
        struct standing w;
        int rc = read_record(g, r, &w);
        if (rc <= 0) {
                r->outcome = ERASED_BEFORE;
                r->members = rc < 0 ? 0 : w.members;
                return rc;
        }
        if (read_form(g, &w) < 0)
                return -1;
        r->members = w.members;
        r->outcome = w.members ? ERASED : ERASED_NOTHING;
        if (!w.members)
                return 0;
        return read_left(g, &w) < 0 ? -1 : write_erased(g, &w);
}

/* ---- and saying so, as the last act ---- */

enum { SUBJECT_ID_BYTES = 1024 };

static int state(struct erasing *g, const struct erased_record *r)
{
        struct str id = g->x->event_id;
        if (id.n > SUBJECT_ID_BYTES)
                id.n = utf8_valid_to((struct str){ id.p, SUBJECT_ID_BYTES });
        struct ledger_statement s = { .org = r->org, .type = LEAF_ERASURE, .subject = arena_printf(g->a, "%.*s %lld", STR_ARG(id), (long long)r->seq),
                                      .detail = arena_printf(g->a, "%lld %.*s", (long long)r->members, STR_ARG(g->x->reason)) };
        return statement_record(g->v, &s, g->now_us, NULL, g->err);
}

static int erase_all(struct erasing *g)
{
        for (size_t i = 0; i < g->x->n; i++)
                if (erase_record(g, &g->x->records[i]) < 0)
                        return -1;
        for (size_t i = 0; i < g->x->n; i++)
                if (g->x->records[i].outcome == ERASED && state(g, &g->x->records[i]) < 0)
                        return -1;
        return 0;
}

int views_erase(struct views *v, const struct store *s, struct ledger_erasure *x, struct err *reterr)
{
        struct erasing g = { .v = v, .s = s, .x = x, .a = x->arena, .now_us = clock_now_us(), .err = reterr };
        if (find_in_turn(&g) < 0)
                return -1;
        if (!x->n)
                return err_set(reterr, ERR_NOT_FOUND, "这个组织没有此 eventID 的记录 / the organisation has no record under this eventID");
        if (db_overwrite(v->db, true, reterr) < 0)
                return -1;
        int rc = erase_all(&g);
        struct err e = { 0 };
        if (db_overwrite(v->db, false, &e) < 0)
                log_err(LOG_WARN, "ledger.erase", &e);
        return rc < 0 ? err_while(reterr, "erasing") : 0;
}
