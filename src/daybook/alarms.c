#include "daybook/alarms.h"

#include "base/clock.h"
#include "base/text.h"
#include "daybook/judge_impl.h"
#include "store/sql_names.h"

/* ---- what is kept, compared with what is found ---- */

static void *room(struct arena *a, void *list, size_t n, size_t *cap, size_t size)
{
        if (n < *cap)
                return list;
        void *more = arena_alloc(a, (*cap = *cap * 2 + 16) * size);
        if (n)
                memcpy(more, list, n * size);
        return more;
}

ssize_t alarms_decided(struct db *db, struct arena *a, int64_t org, struct str subject, struct decision **ret, struct err *reterr)
{
        const struct db_row *row;
        size_t n = 0, cap = 0;
        *ret = NULL;
        int rc = db_query(db, SQL_alarm_decisions, DB_ARGS(db_i(org), db_t(subject)), reterr);
        while (rc >= 0 && (rc = db_next(db, SQL_alarm_decisions, &row, reterr)) == 1) {
                *ret = room(a, *ret, n, &cap, sizeof **ret);
                (*ret)[n++] = (struct decision){ arena_str(a, db_text(row, 0)), arena_str(a, db_text(row, 1)), arena_str(a, db_text(row, 5)), arena_str(a, db_text(row, 4)),
                                                 arena_str(a, db_text(row, 7)), db_int(row, 3), db_int(row, 6) != 0 };
        }
        return rc < 0 ? -1 : (ssize_t)n;
}

const struct decision *decision_newest(const struct decision *list, size_t n, struct str rule, struct str key)
{
        while (n-- > 0)
                if (str_eq(list[n].rule, rule) && str_eq(list[n].key, key))
                        return &list[n];
        return NULL;
}

ssize_t alarms_kept(struct db *db, struct arena *a, int64_t org, struct str subject, struct kept **ret, struct err *reterr)
{
        const struct db_row *row;
        size_t n = 0, cap = 0;
        *ret = NULL;
        int rc = db_query(db, SQL_alarms_of_subject, DB_ARGS(db_i(org), db_t(subject)), reterr);
        while (rc >= 0 && (rc = db_next(db, SQL_alarms_of_subject, &row, reterr)) == 1) {
                *ret = room(a, *ret, n, &cap, sizeof **ret);
                (*ret)[n++] = (struct kept){ arena_str(a, db_text(row, 0)), arena_str(a, db_text(row, 1)), arena_str(a, db_text(row, 6)), arena_str(a, db_text(row, 7)),
                                             db_int(row, 2), db_int(row, 3), db_int(row, 4), db_int(row, 5), false };
        }
        return rc < 0 ? -1 : (ssize_t)n;
}

struct str alarm_words(struct arena *a, const struct finding *f)
{
        struct buf b = { .max = 64 * 1024 };
        for (int l = 0; l < LANGS; l++) {
                buf_z(&b, l ? "," : "{");
                json_write_name(&b, lang_tag((enum lang)l));
                json_write_str(&b, f->words[l]);
        }
        buf_char(&b, '}');
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

struct kept *kept_of(struct kept *list, ssize_t n, const struct finding *f)
{
        for (ssize_t i = 0; i < n; i++)
                if (str_is(list[i].rule, f->rule->name) && str_eq(list[i].key, f->key))
                        return &list[i];
        return NULL;
}

struct comparing { struct db *db; struct arena *a; int64_t org, now_us; const struct judged *j; };

/* It opens when it is found for the first time, or again after it was not; who closed it by decision is not asked again. */
static int put_found(const struct comparing *c, size_t i, struct kept *old, const struct decision *last, struct err *reterr)
{
        const struct finding *f = &c->j->found[i];
        int64_t had = c->j->record_us[i], closed = last && last->closes ? last->decided_us : 0;
        bool again = old && old->closed_us && !closed;
        int64_t opened = old && !again ? old->opened_us : again || !had ? c->now_us : had;
        struct str words = alarm_words(c->a, f), pointer = f->pointer.n ? f->pointer : STR("");
        if (old)
                old->found = true;
        if (old && old->closed_us == closed && old->severity == (int64_t)f->severity && old->seq == f->seq && str_eq(old->words, words) && str_eq(old->pointer, pointer))
                return 0;
        return db_run(c->db, SQL_alarm_put, DB_ARGS(db_i(c->org), db_t(c->j->subject), db_t(str_of(f->rule->name)), db_t(f->key), db_i(f->severity), db_i(f->seq), db_t(pointer), db_i(opened),
                                                    db_i(closed), db_t(words)), reterr);
}

int alarms_write(struct db *db, struct arena *a, int64_t org, const struct judged *j, int64_t now_us, struct err *reterr)
{
        struct comparing c = { db, a, org, now_us, j };
        struct decision *decisions;
        struct kept *kept;
        ssize_t n_decisions = alarms_decided(db, a, org, j->subject, &decisions, reterr);
        ssize_t n = n_decisions < 0 ? -1 : alarms_kept(db, a, org, j->subject, &kept, reterr);
        if (n < 0)
                return -1;
        for (size_t i = 0; i < j->n; i++) {
                const struct finding *f = &j->found[i];
                if (put_found(&c, i, kept_of(kept, n, f), decision_newest(decisions, (size_t)n_decisions, str_of(f->rule->name), f->key), reterr) < 0)
                        return -1;
        }
        for (ssize_t i = 0; i < n; i++)
                if (!kept[i].found && !kept[i].closed_us &&
                    db_run(db, SQL_alarm_close, DB_ARGS(db_i(now_us), db_i(org), db_t(j->subject), db_t(kept[i].rule), db_t(kept[i].key)), reterr) < 0)
                        return -1;
        return 0;
}

ssize_t alarms_settled(struct store *s, struct arena *a, int64_t org, struct str subject, struct settled **ret, struct err *reterr)
{
        struct decision *list;
        struct reader *r;
        size_t kept = 0;
        if (reader_begin(s, &r, reterr) < 0)
                return -1;
        ssize_t n = alarms_decided(reader_db(r), a, org, subject, &list, reterr);
        reader_end(r);
        *ret = arena_array(a, struct settled, n > 0 ? n : 1);
        for (ssize_t i = 0; i < n; i++)
                if (decision_newest(list, (size_t)n, list[i].rule, list[i].key) == &list[i] && list[i].closes)
                        (*ret)[kept++] = (struct settled){ list[i].rule, list[i].key };
        return n < 0 ? -1 : (ssize_t)kept;
}

/* ---- ids: subject, rule and key in hexadecimal, so that they are one word of a URL ---- */

struct name { struct str subject, rule, key; };

static struct str id_of(struct arena *a, const struct name *n)
{
        struct str all = arena_printf(a, "%.*s\n%.*s\n%.*s", STR_ARG(n->subject), STR_ARG(n->rule), STR_ARG(n->key));
        struct buf b = { .max = 2 * all.n };
        buf_hex(&b, all.p, all.n);
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

static bool name_of(struct arena *a, struct str id, struct name *ret)
{
        char *bytes = arena_raw(a, id.n / 2 + 1);
        if (!id.n || id.n % 2 || id.n > 8192 || !hex_read(id, bytes, id.n / 2))
                return false;
        struct str rest = { bytes, id.n / 2 };
        return utf8_valid(rest) && !memchr(bytes, '\0', id.n / 2) && str_split(&rest, '\n', &ret->subject) && str_split(&rest, '\n', &ret->rule) && (ret->key = rest, rest.p != NULL);
}

/* ---- pages ---- */

static struct alarm alarm_of(struct arena *a, const struct db_row *row)
{
        struct alarm x = { .subject = arena_str(a, db_text(row, 0)), .rule = arena_str(a, db_text(row, 1)), .key = arena_str(a, db_text(row, 2)), .severity = (enum severity)db_int(row, 3),
                           .seq = db_int(row, 4), .pointer = arena_str(a, db_text(row, 5)), .opened_us = db_int(row, 6), .closed_us = db_int(row, 7), .words = arena_str(a, db_text(row, 8)) };
        x.id = id_of(a, &(struct name){ x.subject, x.rule, x.key });
        return x;
}

/* The record is named by its number, which never changes; by its eventID others find it. */
static int add_event(struct reader *r, struct arena *a, int64_t org, struct alarm *x, struct err *reterr)
{
        struct event_head head;
        int rc = x->seq ? reader_event(r, a, org, x->seq, &head, reterr) : 0;
        if (rc == 1)
                x->event_id = head.event_id;
        return rc < 0 ? -1 : 0;
}

static int add_decisions(struct db *db, struct arena *a, int64_t org, struct alarm *x, struct err *reterr)
{
        struct decision *list;
        ssize_t n = alarms_decided(db, a, org, x->subject, &list, reterr);
        const struct decision *last = n > 0 ? decision_newest(list, (size_t)n, x->rule, x->key) : NULL;
        if (last) {
                x->by = last->by;
                x->reason = last->reason;
                x->decided_us = last->decided_us;
                x->closed_by_decision = last->closes && x->closed_us;
        }
        for (ssize_t i = 0; i < n; i++)
                if (list[i].owner.n && str_eq(list[i].rule, x->rule) && str_eq(list[i].key, x->key))
                        x->owner = list[i].owner;
        return n < 0 ? -1 : 0;
}

/* "time-id" of the last one that was told. */
static int place_of(struct arena *a, struct str after, int64_t *ret_us, struct name *ret, struct err *reterr)
{
        struct str rest = after, head;
        *ret_us = INT64_MAX;
        *ret = (struct name){ STR(""), STR(""), STR("") };
        if (!after.n)
                return 0;
        if (!str_split(&rest, '-', &head) || !number_read(head, ret_us) || !name_of(a, rest, ret))
                return err_set(reterr, ERR_BAD_QUERY, "after is what `next` said");
        return 0;
}

ssize_t alarms_page(struct store *s, struct arena *a, int64_t org, bool open, struct str after, size_t max, struct alarm **ret, struct str *ret_next, struct err *reterr)
{
        struct alarm *list = arena_array(a, struct alarm, max + 1);
        int sql = open ? SQL_alarms_open : SQL_alarms_closed;
        const struct db_row *row;
        struct name at;
        struct reader *r;
        int64_t us;
        size_t n = 0;
        if (place_of(a, after, &us, &at, reterr) < 0 || reader_begin(s, &r, reterr) < 0)
                return -1;
        int rc = db_query(reader_db(r), sql, DB_ARGS(db_i(org), db_i(us), db_t(at.subject), db_t(at.rule), db_t(at.key), db_i((int64_t)max + 1)), reterr);
        while (rc >= 0 && n <= max && (rc = db_next(reader_db(r), sql, &row, reterr)) == 1)
                list[n++] = alarm_of(a, row);
        db_done(reader_db(r), sql);
        *ret_next = STR_NONE;
        if (n > max) {
                n = max;
                *ret_next = arena_printf(a, "%lld-%.*s", (long long)(open ? list[n - 1].opened_us : list[n - 1].closed_us), STR_ARG(list[n - 1].id));
        }
        for (size_t i = 0; i < n && rc >= 0; i++)
                rc = add_decisions(reader_db(r), a, org, &list[i], reterr) < 0 ? -1 : add_event(r, a, org, &list[i], reterr);
        reader_end(r);
        *ret = list;
        return rc < 0 ? -1 : (ssize_t)n;
}

/* ---- deciding ---- */

struct deciding { struct request *q; int64_t org; struct name name; const struct alarm_decision *x; };

static int write_decision(struct db *db, struct deciding *d, bool was_open, struct err *reterr)
{
        int64_t now = clock_now_us();
        struct str owner = d->x->owner.n ? d->x->owner : STR(""), reason = d->x->reason.n ? d->x->reason : STR("");
        if (db_run(db, SQL_alarm_decide, DB_ARGS(db_i(d->org), db_t(d->name.subject), db_t(d->name.rule), db_t(d->name.key), db_i(now), db_t(caller_of(d->q)->actor), db_t(owner),
                                                 db_i(d->x->closes), db_t(reason)), reterr) < 0)
                return -1;
        if (d->x->closes && was_open && db_run(db, SQL_alarm_close, DB_ARGS(db_i(now), db_i(d->org), db_t(d->name.subject), db_t(d->name.rule), db_t(d->name.key)), reterr) < 0)
                return -1;
        struct str target = arena_printf(d->q->arena, "%.*s %.*s %.*s", STR_ARG(d->name.subject), STR_ARG(d->name.rule), STR_ARG(d->name.key));
        struct str detail = arena_printf(d->q->arena, "%s owner=%.*s", d->x->closes ? "closed" : "kept", STR_ARG(owner));
        return access_audit(db, d->q, d->org, STR("alarm.decide"), target, detail, reterr);
}

static int decide(struct db *db, void *ctx, struct err *reterr)
{
        struct deciding *d = ctx;
        const struct db_row *row;
        int64_t turn;
        if (db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0)
                return -1;
        int rc = db_one(db, SQL_alarm_one, DB_ARGS(db_i(d->org), db_t(d->name.subject), db_t(d->name.rule), db_t(d->name.key)), &row, reterr);
        bool was_open = rc == 1 && db_int(row, 7) == 0;
        db_done(db, SQL_alarm_one);
        if (rc == 0)
                return err_set(reterr, ERR_NOT_FOUND, "没有这个告警 / there is no such alarm");
        if (rc == 1 && !was_open)
                return err_set(reterr, ERR_CONFLICT, "这个告警已经关闭 / this alarm is closed already");
        return rc < 0 ? -1 : write_decision(db, d, was_open, reterr);
}

int alarm_decide(const struct service *v, struct request *q, int64_t org, struct str id, const struct alarm_decision *x, struct err *reterr)
{
        struct deciding d = { .q = q, .org = org, .x = x };
        if (!name_of(q->arena, id, &d.name))
                return err_set(reterr, ERR_NOT_FOUND, "没有这个告警 / there is no such alarm");
        if (x->closes && !str_trim(x->reason).n)
                return err_set(reterr, ERR_BAD_INPUT, "关闭告警要写明原因（reason） / say why it is closed: `reason`");
        if (!x->closes && !x->owner.n && !x->reason.n)
                return err_set(reterr, ERR_BAD_INPUT, "请写 owner、close 或 reason / send owner, close or reason");
        if (x->reason.n > 2000 || x->owner.n > 200)
                return err_set(reterr, ERR_BAD_INPUT, "reason is up to 2000 bytes, owner up to 200");
        return ledger_act(v->ledger, decide, &d, reterr);
}
