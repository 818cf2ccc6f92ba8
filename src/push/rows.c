#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/oom.h"
#include "push/push_impl.h"
#include "store/queries.h"
#include "store/sql_names.h"
#include "store/store_impl.h"

/* Subscriptions in the store: read through a snapshot, written through the ledger. */

enum { C_ORG, C_ID, C_NAME, C_QUERY, C_DEST, C_SCHEDULE, C_EMPTY, C_CREATED, C_FROM, C_MARK, C_NEXT, C_SENT, C_DELIVERED, C_FAILURES, C_ERROR, C_TOKEN };

static void take_row(struct arena *a, const struct db_row *row, struct subscription *s)
{
        *s = (struct subscription){
                .org = db_int(row, C_ORG), .id = arena_str(a, db_text(row, C_ID)), .query_name = arena_str(a, db_text(row, C_NAME)),
                .query = arena_str(a, db_text(row, C_QUERY)), .dest = arena_str(a, db_text(row, C_DEST)),
                .schedule = arena_str(a, db_text(row, C_SCHEDULE)), .last_error = arena_str(a, db_text(row, C_ERROR)),
                .report_if_empty = db_int(row, C_EMPTY) != 0, .created_us = db_int(row, C_CREATED), .from_us = db_int(row, C_FROM),
                .mark = db_int(row, C_MARK), .next_us = db_int(row, C_NEXT), .sent_us = db_int(row, C_SENT),
                .delivered = db_int(row, C_DELIVERED), .failures = db_int(row, C_FAILURES),
        };
}

/* ---- what the API asks ---- */

int push_find(struct push *p, struct arena *a, int64_t org, struct str query_name, struct str id, struct subscription *ret, struct err *reterr)
{
        struct reader *r;
        const struct db_row *row;
        *ret = (struct subscription){ 0 };
        if (reader_begin(p->store, &r, reterr) < 0)
                return -1;
        int rc = db_one(reader_db(r), SQL_subscription_one, DB_ARGS(db_i(org), db_t(query_name), db_t(id)), &row, reterr);
        if (rc == 1)
                take_row(a, row, ret);
        db_done(reader_db(r), SQL_subscription_one);
        reader_end(r);
        return rc;
}

ssize_t push_list(struct push *p, struct arena *a, int64_t org, struct str query_name, struct str after, size_t max,
                  struct subscription *ret, struct err *reterr)
{
        struct reader *r;
        const struct db_row *row;
        ssize_t n = 0;
        if (reader_begin(p->store, &r, reterr) < 0)
                return -1;
        int rc = db_query(reader_db(r), SQL_subscription_page, DB_ARGS(db_i(org), db_t(query_name), db_t(after), db_i((int64_t)max)), reterr);
        while (rc >= 0 && (rc = db_next(reader_db(r), SQL_subscription_page, &row, reterr)) == 1)
                take_row(a, row, &ret[n++]);
        reader_end(r);
        return rc < 0 ? -1 : n;
}

struct adding { struct subscription *s; struct str token, actor; bool named; };

static int add(struct db *db, void *ctx, struct err *reterr)
{
        const struct adding *x = ctx;
        const struct subscription *s = x->s;
        const struct db_row *row;
        /* It may have been deleted, or made anew, since it was read: then nothing is left that subscribes to nothing. */
        int there = x->named ? named_query_is(db, s->org, s->query_name, s->query, reterr) : 1;
        if (there < 1)
                return there < 0 ? -1 : err_set(reterr, ERR_NO_SUCH_NAME, "the query was deleted or changed meanwhile");
        int rc = db_one(db, SQL_subscription_count, DB_ARGS(db_i(s->org)), &row, reterr);
        int64_t n = rc == 1 ? db_int(row, 0) : 0;
        db_done(db, SQL_subscription_count);
        if (rc < 0)
                return -1;
        if (n >= LIMIT_SUBSCRIPTIONS)
                return err_set(reterr, ERR_BAD_SUBSCRIPTION, "an organisation has at most %d subscriptions", LIMIT_SUBSCRIPTIONS);
        return db_run(db, SQL_subscription_add, DB_ARGS(db_i(s->org), db_t(s->id), db_t(s->query_name), db_t(s->query), db_t(s->dest), db_t(x->token),
                      db_t(s->schedule), db_i(s->report_if_empty), db_t(x->actor), db_i(s->created_us), db_i(s->from_us), db_i(s->mark),
                      db_i(s->next_us)), reterr);
}

/* Where a new subscription begins: behind what is there, or at the first event recorded since. */
static int first_mark(struct push *p, struct subscription *s, struct err *reterr)
{
        struct reader *r;
        const struct db_row *row;
        if (reader_begin(p->store, &r, reterr) < 0)
                return -1;
        int rc = 0;
        s->mark = reader_last_seq(r, s->org, reterr);
        if (s->from_us && s->mark > 0) {
                rc = db_one(reader_db(r), SQL_record_first_since, DB_ARGS(db_i(s->org), db_i(s->from_us)), &row, reterr);
                if (rc == 1)
                        s->mark = db_int(row, 0) - 1;
                db_done(reader_db(r), SQL_record_first_since);
        }
        reader_end(r);
        return s->mark < 0 || rc < 0 ? -1 : 0;
}

static int wrong(struct err *reterr, const char *pointer, const char *why)
{
        err_set(reterr, ERR_BAD_SUBSCRIPTION, "%s", why);
        return err_at(reterr, pointer);
}

/* When: a stream or a schedule, and since when. */
static int read_controls(struct arena *a, const struct json *body, struct subscription *s, struct err *reterr)
{
        const struct json *stream = json_get(body, "stream"), *schedule = json_get(body, "schedule"), *empty = json_get(body, "reportIfEmpty");
        const struct json *since = json_get(body, "initialRecordTime");
        struct schedule read;
        struct stamp t;
        if (stream && !json_is(stream, JSON_TRUE) && !json_is(stream, JSON_FALSE))
                return wrong(reterr, "/stream", "stream is true or false");
        if (json_is(stream, JSON_TRUE) == (schedule != NULL))
                return wrong(reterr, "", "give \"stream\":true or a \"schedule\", and not both");
        if (empty && !json_is(empty, JSON_TRUE) && !json_is(empty, JSON_FALSE))
                return wrong(reterr, "/reportIfEmpty", "reportIfEmpty is true or false");
        if (since && (!json_is(since, JSON_STRING) || !stamp_read(json_text(since), &t)))
                return wrong(reterr, "/initialRecordTime", "initialRecordTime is a date-time with an offset");
        s->from_us = since ? t.us : 0;
        s->report_if_empty = json_is(empty, JSON_TRUE) && schedule;
        if (!schedule)
                return 0;
        if (schedule_read(schedule, &read, reterr) < 0)
                return -1;
        struct buf b = { .max = 8192 };
        json_write(&b, schedule);
        s->schedule = arena_str(a, buf_view(&b));
        buf_free(&b);
        s->next_us = schedule_next(&read, s->created_us);
        return 0;
}

static int read_token(const struct json *body, struct str *ret, struct err *reterr)
{
        const struct json *token = json_get(body, "signatureToken");
        *ret = json_text(token);
        if (token && (!json_is(token, JSON_STRING) || !ret->n || ret->n > 1024))
                return wrong(reterr, "/signatureToken", "signatureToken is a text of 1 to 1024 bytes");
        return 0;
}

int push_subscribe(struct push *p, struct arena *a, int64_t org, struct str actor, struct str query_name, struct str query, bool named,
                   const struct json *body, struct subscription *ret, struct err *reterr)
{
        struct destination d;
        struct adding x = { .s = ret, .actor = actor, .named = named };
        char urn[46];
        *ret = (struct subscription){ .org = org, .query_name = query_name, .query = query, .created_us = clock_now_us() };
        if (!json_is(body, JSON_OBJECT) || !json_is(json_get(body, "dest"), JSON_STRING))
                return wrong(reterr, "/dest", "dest is the address to deliver to");
        if (destination_read(a, json_str(body, "dest"), &p->guard, &d, reterr) < 0 || read_token(body, &x.token, reterr) < 0 ||
            read_controls(a, body, ret, reterr) < 0 || first_mark(p, ret, reterr) < 0)
                return -1;
        uuid_urn(urn);
        ret->id = arena_str(a, str_of(urn + 9));
        ret->dest = str_of(d.url);
        if (ledger_act(p->ledger, add, &x, reterr) < 0)
                return -1;
        p->changed = true;
        push_wake(p);
        return 0;
}

struct ending { int64_t org; struct str query_name, id; int found; };

static int end(struct db *db, void *ctx, struct err *reterr)
{
        struct ending *x = ctx;
        const struct db_row *row;
        x->found = db_one(db, SQL_subscription_one, DB_ARGS(db_i(x->org), db_t(x->query_name), db_t(x->id)), &row, reterr);
        db_done(db, SQL_subscription_one);
        if (x->found < 1 || db_run(db, SQL_subscription_end_places, DB_ARGS(db_i(x->org), db_t(x->id)), reterr) < 0)
                return x->found < 1 ? x->found : -1;
        return db_run(db, SQL_subscription_end, DB_ARGS(db_i(x->org), db_t(x->id)), reterr);
}

int push_end(struct push *p, int64_t org, struct str query_name, struct str id, struct err *reterr)
{
        struct ending x = { org, query_name, id, 0 };
        if (ledger_act(p->ledger, end, &x, reterr) < 0)
                return -1;
        p->changed = true;
        push_wake(p);
        return x.found;
}

int push_end_query(struct db *db, int64_t org, struct str query_name, struct err *reterr)
{
        if (db_run(db, SQL_subscription_end_query_places, DB_ARGS(db_i(org), db_t(query_name)), reterr) < 0)
                return -1;
        return db_run(db, SQL_subscription_end_query, DB_ARGS(db_i(org), db_t(query_name)), reterr);
}

/* ---- the thread's list ---- */

void sub_free(struct sub *s)
{
        if (s)
                arena_free(s->arena);
}

static struct sub *sub_new(const struct db_row *row)
{
        struct arena *a = arena_new();
        struct sub *s = arena_alloc(a, sizeof *s);
        const struct json *j;
        s->arena = a;
        take_row(a, row, &s->s);
        s->token = arena_str(a, db_text(row, C_TOKEN));
        s->batch = BATCH_EVENTS;
        s->look = true;
        if (s->s.schedule.n && json_read(a, s->s.schedule.p, s->s.schedule.n, NULL, &j, NULL) == 0)
                (void)schedule_read(j, &s->schedule, NULL);     /* it was good when it was kept */
        return s;
}

static struct sub *find(struct sub *list, const struct db_row *row)
{
        struct str id = db_text(row, C_ID);
        for (; list; list = list->next)
                if (list->s.org == db_int(row, C_ORG) && str_eq(list->s.id, id))
                        return list;
        return NULL;
}

static int marks(struct db *db, int64_t *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_push_mark, DB_NO_ARGS, &row, reterr);
        for (int i = 0; i < 4; i++)
                ret[i] = rc == 1 ? db_int(row, i) : 0;
        db_done(db, SQL_push_mark);
        return rc < 0 ? -1 : 0;
}

int rows_changed(struct push *p, struct err *reterr)
{
        struct reader *r;
        int64_t now[4];
        if (reader_begin(p->store, &r, reterr) < 0)
                return -1;
        int rc = marks(reader_db(r), now, reterr);
        reader_end(r);
        return rc < 0 ? -1 : memcmp(now, p->marks, sizeof now) != 0;
}

int rows_load(struct push *p, struct err *reterr)
{
        struct reader *r;
        const struct db_row *row;
        struct sub *known;
        if (reader_begin(p->store, &r, reterr) < 0)
                return -1;
        struct db *db = reader_db(r);
        int rc = marks(db, p->marks, reterr) < 0 ? -1 : db_query(db, SQL_subscriptions, DB_NO_ARGS, reterr);
        for (struct sub *s = p->subs; rc >= 0 && s; s = s->next)
                s->gone = true;
        while (rc >= 0 && (rc = db_next(db, SQL_subscriptions, &row, reterr)) == 1) {
                if ((known = find(p->subs, row))) {
                        known->gone = false;
                        continue;
                }
                struct sub *s = sub_new(row);
                s->next = p->subs;
                p->subs = s;
        }
        for (struct sub *s = p->subs; s; s = s->next) {
                if (s->n_places || (rc >= 0 && (rc = places_load(db, s, reterr)) >= 0))
                        continue;
                s->n_places = 0;        /* without its places it would tell everything again: it waits for the next load */
                s->gone = true;
        }
        reader_end(r);
        return rc < 0 ? -1 : 0;
}

/* ---- what became of deliveries ---- */

static int keep(struct db *db, void *ctx, struct err *reterr)
{
        for (const struct outcome_row *o = ctx; o; o = o->next) {
                const struct subscription *s = &o->sub->s;
                int rc = o->sent ? db_run(db, SQL_subscription_sent, DB_ARGS(db_i(s->mark), db_i(s->next_us), db_i(s->sent_us), db_i((int64_t)o->n),
                                                                             db_i(s->org), db_t(s->id)), reterr)
                                 : db_run(db, SQL_subscription_failed, DB_ARGS(db_i(s->failures), db_t(s->last_error), db_i(s->org), db_t(s->id)), reterr);
                if (rc < 0 || (o->sent && places_keep(db, o->sub, reterr) < 0))
                        return -1;
        }
        return 0;
}

int rows_keep(struct push *p, struct outcome_row *list, struct err *reterr)
{
        int rc = list ? ledger_act(p->ledger, keep, list, reterr) : 0;
        for (struct outcome_row *o = list; rc == 0 && o; o = o->next)
                if (o->sent)
                        places_kept(o->sub);
        return rc;
}

/* ---- one of several processes ---- */

struct taking { struct push *p; bool mine; };

static int take_turn(struct db *db, void *ctx, struct err *reterr)
{
        struct taking *t = ctx;
        struct str me = str_of(t->p->me);
        const struct db_row *row;
        int64_t now = clock_now_us();
        if (db_run(db, SQL_push_turn_row, DB_NO_ARGS, reterr) < 0 ||
            db_run(db, SQL_push_turn_take, DB_ARGS(db_t(me), db_i(now + 30000000), db_i(now)), reterr) < 0)
                return -1;
        int rc = db_one(db, SQL_push_turn_holder, DB_NO_ARGS, &row, reterr);
        t->mine = rc == 1 && str_eq(db_text(row, 0), me);
        db_done(db, SQL_push_turn_holder);
        return rc < 0 ? -1 : 0;
}

int rows_turn(struct push *p, struct err *reterr)
{
        struct taking t = { p, false };
        int64_t begun = clock_mono_us();
        int rc = ledger_act(p->ledger, take_turn, &t, reterr);
        p->mine = rc == 0 && t.mine;
        p->mine_until_us = begun + 10000000;    /* renewed long before it ends */
        return rc;
}
