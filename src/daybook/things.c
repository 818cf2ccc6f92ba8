#include "daybook/daybook_impl.h"

#include "daybook/step.h"
#include "store/sql_names.h"

/* The newest statement of each thing that was put.  Whatever the door of a statement, it is judged again here: what does not hold against the description
 * of its kind, or speaks of another organisation's thing, is kept in the record and is no thing. */

struct row { enum thing_kind kind; struct str code, canonical, body; int64_t n, record_us; };
struct rows { struct row *list; size_t n; };

static bool take(struct step *s, struct str org, const struct followed_master *m, struct row *ret)
{
        struct faults faults = { 0 };
        struct str whose, code, body = thing_body(s->arena, m->json), kept;
        enum thing_kind kind;
        const struct json *j;
        if (!body.n || !thing_of_element(m->json, &kind, &whose, &code) || !str_eq(whose, org) ||
            json_read(s->arena, body.p, body.n, NULL, &j, NULL) < 0 || thing_read(s->arena, kind, j, &kept, &faults) < 0 ||
            !str_eq(thing_canonical(s->arena, kind, org, code, j), m->canonical))
                return false;
        *ret = (struct row){ kind, arena_str(s->arena, code), m->canonical, kept, m->n, m->record_us };
        return true;
}

/* A season is judged anew when it says something else, and all of them when what rules know beside the seasons does: labels, outlines, yields. */
static int due(struct step *s, const struct rows *rows, struct err *reterr)
{
        const struct db_row *row;
        struct db *db = reader_db(s->reader);
        bool all = false;
        for (size_t i = 0; i < rows->n; i++) {
                if (rows->list[i].kind == THING_SEASON)
                        step_due(s, rows->list[i].canonical);
                all |= rows->list[i].kind == THING_INPUT || rows->list[i].kind == THING_PLACE || rows->list[i].kind == THING_CROP;
        }
        int rc = all ? db_query(db, SQL_thing_canonicals, DB_ARGS(db_i(s->org), db_i(THING_SEASON)), reterr) : 0;
        while (all && rc >= 0 && (rc = db_next(db, SQL_thing_canonicals, &row, reterr)) == 1)
                step_due(s, db_text(row, 0));
        return rc < 0 ? -1 : 0;
}

static int prepare(struct step *s, void **ret, struct err *reterr)
{
        struct rows *rows = arena_alloc(s->arena, sizeof *rows);
        struct str org = store_org_code(s->book->store, s->arena, s->org);
        rows->list = arena_array(s->arena, struct row, s->n_masters + 1);
        for (size_t i = 0; i < s->n_masters; i++)
                rows->n += take(s, org, &s->masters[i], &rows->list[rows->n]);
        *ret = rows;
        return due(s, rows, reterr);
}

static int write(struct step *s, void *prepared, struct db *db, struct err *reterr)
{
        const struct rows *rows = prepared;
        for (size_t i = 0; i < rows->n; i++) {
                const struct row *r = &rows->list[i];
                if (db_run(db, SQL_thing_put, DB_ARGS(db_i(s->org), db_i(r->kind), db_t(r->code), db_t(r->canonical), db_i(r->n), db_i(r->record_us), db_t(r->body)), reterr) < 0)
                        return -1;
        }
        return 0;
}

const struct follower follow_things = { prepare, write };

/* ---- catching up ---- */

/* The last statement, or the one up to which was followed. */
static int read_number(struct db *db, int sql, int column, int64_t org, int64_t *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, sql, DB_ARGS(db_i(org)), &row, reterr);
        *ret = rc == 1 ? db_int(row, column) : 0;
        db_done(db, sql);
        return rc < 0 ? -1 : 0;
}

/* 1 when there is a statement that was not followed. */
static int behind(struct daybook *d, int64_t org, struct err *reterr)
{
        struct reader *r;
        int64_t last = 0, followed = 0;
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        int rc = read_number(reader_db(r), SQL_farm_mark, 1, org, &followed, reterr) < 0 || read_number(reader_db(r), SQL_master_last, 0, org, &last, reterr) < 0 ? -1 : 0;
        reader_end(r);
        return rc < 0 ? -1 : followed < last;
}

int daybook_catch_up_things(struct daybook *d, int64_t org, struct err *reterr)
{
        pthread_mutex_t *turn = &d->turns[org % DAYBOOK_TURNS];
        int rc;
        while ((rc = behind(d, org, reterr)) == 1 && !d->stop) {        /* a step takes statements before events */
                pthread_mutex_lock(turn);
                rc = step_follow(d, org, reterr);
                pthread_mutex_unlock(turn);
                if (rc < 0)
                        break;
        }
        daybook_wake(d);
        return rc < 0 ? -1 : 0;
}

/* ---- asking ---- */

static void fill(struct arena *a, const struct db_row *row, struct thing *ret)
{
        *ret = (struct thing){ .kind = (enum thing_kind)db_int(row, 0), .code = arena_str(a, db_text(row, 1)), .canonical = arena_str(a, db_text(row, 2)),
                               .n = db_int(row, 3), .record_us = db_int(row, 4), .body = arena_str(a, db_text(row, 5)) };
}

static int look(struct db *db, struct arena *a, int sql, const struct db_value *args, size_t n, struct thing *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, sql, args, n, &row, reterr);
        if (rc == 1)
                fill(a, row, ret);
        db_done(db, sql);
        return rc;
}

int thing_look(const struct looking *l, struct arena *a, int64_t org, enum thing_kind k, struct str code, struct thing *ret, struct err *reterr)
{
        return look(l->db, a, SQL_thing_one, DB_ARGS(db_i(org), db_i(k), db_t(code)), ret, reterr);
}

static int one(struct daybook *d, struct arena *a, int sql, const struct db_value *args, size_t n, struct thing *ret, struct err *reterr)
{
        struct reader *r;
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        int rc = look(reader_db(r), a, sql, args, n, ret, reterr);
        reader_end(r);
        return rc;
}

int daybook_thing(struct daybook *d, struct arena *a, int64_t org, enum thing_kind k, struct str code, struct thing *ret, struct err *reterr)
{
        return one(d, a, SQL_thing_one, DB_ARGS(db_i(org), db_i(k), db_t(code)), ret, reterr);
}

int daybook_thing_named(struct daybook *d, struct arena *a, int64_t org, struct str canonical, struct thing *ret, struct err *reterr)
{
        return one(d, a, SQL_thing_named, DB_ARGS(db_i(org), db_t(canonical)), ret, reterr);
}

ssize_t daybook_things(struct daybook *d, struct arena *a, int64_t org, enum thing_kind k, struct str after, size_t max, struct thing *ret, struct err *reterr)
{
        const struct db_row *row;
        struct reader *r;
        size_t n = 0;
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        int rc = db_query(reader_db(r), SQL_thing_page, DB_ARGS(db_i(org), db_i(k), db_t(after.n ? after : STR("")), db_i((int64_t)max)), reterr);
        while (rc >= 0 && n < max && (rc = db_next(reader_db(r), SQL_thing_page, &row, reterr)) == 1)
                fill(a, row, &ret[n++]);
        db_done(reader_db(r), SQL_thing_page);
        reader_end(r);
        return rc < 0 ? -1 : (ssize_t)n;
}

static int past(struct arena *a, const struct thing *now, const struct db_row *row, struct thing *ret)
{
        struct str text = db_text(row, 4), org, code;
        const struct json *j;
        enum thing_kind kind;
        if (json_read(a, text.p, text.n, NULL, &j, NULL) < 0 || !thing_of_element(j, &kind, &org, &code) || kind != now->kind || !str_eq(code, now->code))
                return 0;       /* others spoke of the same GTIN */
        *ret = (struct thing){ .kind = kind, .code = now->code, .canonical = now->canonical, .n = db_int(row, 0), .record_us = db_int(row, 1), .body = thing_body(a, j) };
        return ret->body.n > 0;
}

ssize_t daybook_thing_past(struct daybook *d, struct arena *a, int64_t org, const struct thing *now, int64_t before, size_t max, struct thing *ret, struct err *reterr)
{
        const struct db_row *row;
        struct reader *r;
        size_t n = 0;
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        int rc = db_query(reader_db(r), SQL_master_history, DB_ARGS(db_t(now->canonical), db_i(org), db_i(before ? before : INT64_MAX), db_i((int64_t)max)), reterr);
        while (rc >= 0 && n < max && (rc = db_next(reader_db(r), SQL_master_history, &row, reterr)) == 1)
                n += (size_t)past(a, now, row, &ret[n]);
        db_done(reader_db(r), SQL_master_history);
        reader_end(r);
        return rc < 0 ? -1 : (ssize_t)n;
}
