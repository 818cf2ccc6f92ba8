#include "daybook/regulation.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/oom.h"
#include "daybook/judge_impl.h"
#include "store/sql_names.h"

/* ---- reading ---- */

static int read_rows(struct db *db, struct arena *a, struct regulation_row **ret, size_t *ret_n, struct err *reterr)
{
        struct regulation_row *list = NULL;
        const struct db_row *row;
        size_t n = 0, cap = 0;
        int rc = db_query(db, SQL_regulation_all, DB_NO_ARGS, reterr);
        while (rc >= 0 && (rc = db_next(db, SQL_regulation_all, &row, reterr)) == 1) {
                if (n == cap) {
                        struct regulation_row *more = arena_array(a, struct regulation_row, cap = cap * 2 + 256);
                        if (n)
                                memcpy(more, list, n * sizeof *more);
                        list = more;
                }
                list[n++] = (struct regulation_row){ regulation_kind_of(db_text(row, 0)), arena_str(a, db_text(row, 1)), arena_str(a, db_text(row, 2)), arena_str(a, db_text(row, 3)),
                                                     arena_str(a, db_text(row, 4)), arena_str(a, db_text(row, 5)), 0 };
        }
        *ret = list;
        *ret_n = n;
        return rc < 0 ? -1 : 0;
}

ssize_t regulation_rows(struct store *s, struct arena *a, struct regulation_row **ret, struct err *reterr)
{
        struct reader *r;
        size_t n;
        if (reader_begin(s, &r, reterr) < 0)
                return -1;
        int rc = read_rows(reader_db(r), a, ret, &n, reterr);
        reader_end(r);
        return rc < 0 ? -1 : (ssize_t)n;
}

int regulation_version(struct db *db, int64_t *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_regulation_version, DB_NO_ARGS, &row, reterr);
        *ret = rc == 1 ? db_int(row, 0) : 0;
        db_done(db, SQL_regulation_version);
        return rc < 0 ? -1 : 0;
}

int regulation_look(struct db *db, struct arena *a, const struct regulation **ret, struct err *reterr)
{
        struct regulation_row *rows;
        size_t n;
        if (read_rows(db, a, &rows, &n, reterr) < 0)
                return -1;
        *ret = regulation_of(a, rows, n);
        return 0;
}

/* ---- in memory: one state of it, shared by all who judge while it lasts ---- */

struct judge { _Atomic int users; int64_t version; struct arena *arena; const struct regulation *regulation; };

void judge_free(struct judge *j)
{
        if (!j || atomic_fetch_sub(&j->users, 1) > 1)
                return;
        arena_free(j->arena);
        free(j);
}

static void let_go(void *j)
{
        judge_free(j);
}

static int load(struct db *db, int64_t version, struct judge **ret, struct err *reterr)
{
        struct arena *a = arena_new();
        const struct regulation *regulation;
        if (regulation_look(db, a, &regulation, reterr) < 0) {
                arena_free(a);
                return -1;
        }
        struct judge *j = or_abort(calloc(1, sizeof *j));
        *j = (struct judge){ .users = 1, .version = version, .arena = a, .regulation = regulation };
        *ret = j;
        return 0;
}

/* With the lock held. */
static int refresh(struct daybook *d, struct db *db, struct err *reterr)
{
        struct judge *fresh;
        int64_t version;
        if (regulation_version(db, &version, reterr) < 0)
                return -1;
        if (d->judge && d->judge->version == version)
                return 0;
        if (load(db, version, &fresh, reterr) < 0)
                return -1;
        judge_free(d->judge);
        d->judge = fresh;
        return 0;
}

int regulation_keep(struct daybook *d, struct arena *a, const struct regulation **ret, struct err *reterr)
{
        struct reader *r;
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        pthread_mutex_lock(&d->judge_mutex);
        int rc = refresh(d, reader_db(r), reterr);
        if (rc == 0) {
                d->judge->users++;
                arena_at_exit(a, let_go, d->judge);
                *ret = d->judge->regulation;
        }
        pthread_mutex_unlock(&d->judge_mutex);
        reader_end(r);
        return rc;
}

/* ---- import ---- */

int regulation_changed(struct db *db, struct err *reterr)
{
        return db_run(db, SQL_judge_due_all_seasons, DB_ARGS(db_i(THING_SEASON)), reterr) < 0 ? -1 : db_run(db, SQL_judge_due_all_lots, DB_NO_ARGS, reterr);
}

struct importing { const struct regulation_file *f; struct request *q; struct str file; struct hash hash; struct regulation_imported *ret; };

static struct db_value text(struct str s)
{
        return db_t(s.n ? s : STR(""));
}

/* 1 it is new, 2 it says something else, 0 the same stands there, -1. */
static int compare_row(struct db *db, const struct regulation_row *x, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_regulation_one, DB_ARGS(db_t(str_of(regulation_kind_name(x->kind))), db_t(x->name)), &row, reterr);
        int outcome = rc < 0 ? -1 : rc == 0 ? 1 : str_eq(db_text(row, 0), x->body) ? 0 : 2;
        db_done(db, SQL_regulation_one);
        return outcome;
}

static int put_row(struct db *db, struct importing *i, const struct regulation_row *x, struct err *reterr)
{
        int outcome = compare_row(db, x, reterr);
        if (outcome <= 0)
                return outcome;
        i->ret->added += outcome == 1;
        i->ret->changed += outcome == 2;
        return db_run(db, SQL_regulation_put, DB_ARGS(db_t(str_of(regulation_kind_name(x->kind))), db_t(x->name), db_i(i->ret->n), text(x->from), text(x->to), db_t(x->confidence), db_t(x->body)),
                      reterr);
}

static int import(struct db *db, void *ctx, struct err *reterr)
{
        struct importing *i = ctx;
        struct str kind = str_of(regulation_kind_name(i->f->kind));
        int64_t turn, version;
        i->ret->added = i->ret->changed = 0;
        if (db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0 || regulation_version(db, &version, reterr) < 0)
                return -1;
        i->ret->n = version + 1;
        for (size_t k = 0; k < i->f->n; k++)
                if (put_row(db, i, &i->f->rows[k], reterr) < 0)
                        return -1;
        if (!i->ret->added && !i->ret->changed) {
                i->ret->n = 0;
                return 0;
        }
        struct str detail = arena_printf(i->q->arena, "rows=%zu new=%zu changed=%zu refused=%zu", i->f->n, i->ret->added, i->ret->changed, i->f->n_refused);
        if (db_run(db, SQL_regulation_import_add, DB_ARGS(db_i(i->ret->n), db_t(kind), text(i->file), db_b(i->hash.b, sizeof i->hash.b), db_i(clock_now_us()), text(caller_of(i->q)->actor),
                                                          db_i((int64_t)i->f->n)), reterr) < 0)
                return -1;
        return regulation_changed(db, reterr) < 0 ? -1 : access_audit(db, i->q, ORG_DEFAULT, STR("regulation.import"), i->file, detail, reterr);
}

int regulation_import(const struct service *v, struct request *q, struct str file, struct str bytes, struct regulation_imported *ret, struct err *reterr)
{
        struct regulation_file f;
        if (regulation_read(q->arena, bytes, &f, reterr) < 0)
                return -1;
        *ret = (struct regulation_imported){ .kind = f.kind, .read = f.n + f.n_refused, .refused = f.refused, .n_refused = f.n_refused };
        struct importing i = { .f = &f, .q = q, .file = file, .hash = sha256(bytes.p, bytes.n), .ret = ret };
        if (ledger_act(v->ledger, import, &i, reterr) < 0)
                return -1;
        if (v->daybook && ret->n)
                daybook_wake(v->daybook);
        return 0;
}

static void write_import(struct buf *b, struct arena *a, const struct db_row *row)
{
        struct str hash = db_text(row, 3);
        buf_printf(b, "{\"n\":%lld,\"kind\":", (long long)db_int(row, 0));
        json_write_str(b, db_text(row, 1));
        buf_z(b, ",\"file\":");
        json_write_str(b, db_text(row, 2));
        buf_z(b, ",\"sha256\":\"");
        buf_hex(b, hash.p, hash.n);
        buf_z(b, "\",\"importedAt\":");
        json_write_str(b, stamp_utc(a, db_int(row, 4)));
        buf_z(b, ",\"by\":");
        json_write_str(b, db_text(row, 5));
        buf_printf(b, ",\"rows\":%lld}", (long long)db_int(row, 6));
}

int regulation_imports_json(struct store *s, struct arena *a, struct buf *b, struct err *reterr)
{
        const struct db_row *row;
        struct reader *r;
        bool more = false;
        if (reader_begin(s, &r, reterr) < 0)
                return -1;
        int rc = db_query(reader_db(r), SQL_regulation_imports, DB_NO_ARGS, reterr);
        while (rc >= 0 && (rc = db_next(reader_db(r), SQL_regulation_imports, &row, reterr)) == 1) {
                buf_z(b, more ? "," : "");
                more = true;
                write_import(b, a, row);
        }
        reader_end(r);
        return rc < 0 ? -1 : 0;
}
