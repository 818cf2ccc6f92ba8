#include "access/access_impl.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "store/record.h"
#include "store/sql_names.h"
#include "store/wipe.h"

/* People of an organisation.  No master data, which nobody can take back: a row that is erased with its bytes.  An event names an operator by an address
 * that says no more than a code, and even that is sealed. */

static const struct { const char *name; bool required; } members[] = { { "name", true }, { "phone", false }, { "role", false }, { "account", false }, { "note", false } };
enum { MEMBERS = sizeof members / sizeof *members };

static int wrong(struct err *reterr, struct arena *a, struct str member, const char *what)
{
        struct buf at = { .max = sizeof reterr->pointer };
        err_set(reterr, ERR_BAD_INPUT, "%s", what);
        json_pointer_add(&at, member);
        err_at(reterr, at.overflow ? "" : arena_cstr(a, buf_view(&at)));
        buf_free(&at);
        return -1;
}

static bool good_text(const struct json *v)
{
        struct str s = json_text(v);
        bool good = json_is(v, JSON_STRING) && s.n && s.n <= 200;
        for (size_t i = 0; good && i < s.n; i++)
                good = (unsigned char)s.p[i] >= 0x20;
        return good;
}

static bool known(struct str name)
{
        for (size_t i = 0; i < MEMBERS; i++)
                if (str_is(name, members[i].name))
                        return true;
        return false;
}

int staff_read(struct arena *a, const struct json *body, struct str *ret_body, struct err *reterr)
{
        struct buf b = { .max = 4096 };
        if (!json_is(body, JSON_OBJECT))
                return err_set(reterr, ERR_BAD_INPUT, "send a JSON object");
        for (uint32_t i = 0; i < body->n; i++)
                if (!known(body->members[i].name))
                        return wrong(reterr, a, body->members[i].name, "of a person are kept name, phone, role, account, note");
        for (size_t i = 0; i < MEMBERS; i++) {
                const struct json *v = json_get(body, members[i].name);
                if (!v && !members[i].required)
                        continue;
                if (!good_text(v)) {
                        buf_free(&b);
                        return wrong(reterr, a, str_of(members[i].name), v ? "a text of 1 to 200 bytes in one line" : "the member name is missing");
                }
                buf_char(&b, b.n ? ',' : '{');
                json_write_name(&b, members[i].name);
                json_write_str(&b, json_text(v));
        }
        buf_char(&b, '}');
        *ret_body = arena_str(a, buf_view(&b));
        buf_free(&b);
        return 0;
}

/* ---- changing ---- */

struct person { struct access *x; int64_t org; struct str code, body; bool known; struct audit_row row; };

static int find(struct db *db, struct person *p, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_staff_one, DB_ARGS(db_i(p->org), db_t(p->code)), &row, reterr);
        p->known = rc == 1;
        db_done(db, SQL_staff_one);
        return rc;
}

static int room(struct db *db, const struct person *p, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_staff_count, DB_ARGS(db_i(p->org)), &row, reterr);
        int64_t n = rc == 1 ? db_int(row, 0) : 0;
        db_done(db, SQL_staff_count);
        return rc >= 0 && n >= LIMIT_STAFF ? err_set(reterr, ERR_TOO_LARGE, "an organisation has at most %d people", LIMIT_STAFF) : rc;
}

/* With the trail's turn, and what is overwritten in the file: an old telephone number must not stay behind in it. */
static int change(struct db *db, struct person *p, struct err *reterr)
{
        int64_t turn;
        bool erase = !p->body.p;
        if (db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0 || find(db, p, reterr) < 0 || (!erase && !p->known && room(db, p, reterr) < 0))
                return -1;
        if (erase && !p->known)
                return err_set(reterr, ERR_NOT_FOUND, "没有这个人员 / there is no such person");
        int rc = erase ? db_run(db, SQL_staff_erase, DB_ARGS(db_i(p->org), db_t(p->code)), reterr) :
                 db_run(db, SQL_staff_put, DB_ARGS(db_i(p->org), db_t(p->code), db_i(clock_now_us()), db_t(p->body)), reterr);
        return rc < 0 ? -1 : audit_write(db, &p->row, reterr);
}

static int overwriting(struct db *db, void *ctx, struct err *reterr)
{
        struct err why = { 0 };
        if (db_overwrite(db, true, reterr) < 0)
                return -1;
        int rc = change(db, ctx, reterr);
        return db_overwrite(db, false, &why) < 0 || rc < 0 ? -1 : 0;
}

static struct audit_row row_of(const struct request *q, int64_t org, const char *act, struct str target)
{
        return (struct audit_row){ .org = org, .actor = caller_of(q)->actor, .address = access_address(q), .act = str_of(act), .target = target,
                                   .outcome = STR("ok"), .request = str_of(q->id) };
}

int access_staff_put(struct access *x, struct request *q, int64_t org, struct str code, struct str body, struct err *reterr)
{
        struct person p = { x, org, code, body, false, row_of(q, org, "staff.put", code) };
        return ledger_act(x->ledger, overwriting, &p, reterr) < 0 ? -1 : !p.known;
}

int access_staff_erase(struct access *x, struct request *q, int64_t org, struct str code, bool *ret_wiped, struct err *reterr)
{
        struct person p = { x, org, code, STR_NONE, false, row_of(q, org, "staff.erase", code) };
        struct err why = { 0 };
        *ret_wiped = true;
        if (ledger_act(x->ledger, overwriting, &p, reterr) < 0)
                return -1;
        if (store_wipe(x->store, ret_wiped, &why) < 0) {
                log_err(LOG_WARN, "staff.erase", &why);
                *ret_wiped = false;
        }
        return 0;
}

/* ---- telling ---- */

int access_staff(struct access *x, struct arena *a, int64_t org, struct str code, struct str *ret_body, struct err *reterr)
{
        struct reader *r;
        if (reader_begin(x->store, &r, reterr) < 0)
                return -1;
        int rc = reader_staff(r, a, org, code, ret_body, reterr);
        reader_end(r);
        return rc;
}

int access_staff_page(struct access *x, struct arena *a, int64_t org, struct str after, int max, struct buf *out, struct str *ret_next, struct err *reterr)
{
        struct staff_row *list = arena_array(a, struct staff_row, max);
        struct reader *r;
        if (reader_begin(x->store, &r, reterr) < 0)
                return -1;
        ssize_t n = reader_staff_page(r, a, org, after, list, (size_t)max, reterr);
        reader_end(r);
        buf_z(out, "{\"staff\":[");
        for (ssize_t i = 0; i < n; i++) {
                buf_z(out, i ? ",{\"code\":" : "{\"code\":");
                json_write_str(out, list[i].code);
                buf_char(out, ',');
                buf_str(out, str_from(list[i].body, 1));        /* the members without their first brace */
        }
        buf_z(out, "]}\n");
        *ret_next = n == max ? list[n - 1].code : STR_NONE;
        return n < 0 ? -1 : 0;
}
