#include <stdio.h>

#include "access/credential.h"
#include "base/broker_hash.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "farm/thing.h"
#include "sensing/retention.h"
#include "sensing/sensing_impl.h"
#include "store/sql_names.h"

/* What is done to devices.  Each act is one transaction with its audit row, under the registry's turn; what it means is then stated in the record. */

static const struct { const char *name; int typed; } protocols[] = {
#define PROTOCOL(name, typed, hans, hant, en) { name, typed },
#include "sensing/protocols.def"
#undef PROTOCOL
};
enum { PROTOCOLS = sizeof protocols / sizeof *protocols };

static int protocol_of(struct str name)
{
        for (int i = 0; i < PROTOCOLS; i++)
                if (str_is(name, protocols[i].name))
                        return i;
        return -1;
}

/* ---- one row ---- */

int device_write_row(struct db *db, struct device_row *row, struct err *reterr)
{
        const struct db_row *mark;
        int rc = db_one(db, SQL_device_mark, DB_ARGS(db_t(STR("change"))), &mark, reterr);
        row->change = rc == 1 ? db_int(mark, 0) + 1 : 1;
        db_done(db, SQL_device_mark);
        if (rc < 0 || db_run(db, SQL_device_mark_set, DB_ARGS(db_t(STR("change")), db_i(row->change)), reterr) < 0)
                return -1;
#define T(s) db_t((s).p ? (s) : STR(""))
        return db_run(db, SQL_device_put, DB_ARGS(T(row->id), db_i(row->org), T(row->code), T(row->place), T(row->model), T(row->protocol), T(row->mn), db_b(row->salt, sizeof row->salt),
                                                  db_b(row->hash.b, sizeof row->hash.b), T(row->broker_hash), db_i(row->max_per_minute), T(row->detail), db_i(row->created_us),
                                                  db_i(row->revoked_us), db_i(row->removed_us), T(row->successor), db_i(row->stated), db_i(row->change)), reterr);
#undef T
}

struct editing;
typedef int edit_row(struct editing *e, struct db *db, struct err *reterr);
struct editing {
        struct sensing *g;
        struct request *q;
        struct str id;
        edit_row *edit;
        void *ctx;
        const char *act;                /* in the trail; NULL: none */
        struct str detail;
        struct device_row row;
        bool stood;
};

static int change_row(struct db *db, void *ctx, struct err *reterr)
{
        struct editing *e = ctx;
        const struct db_row *row;
        int64_t turn;
        if (db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0)
                return -1;
        int rc = db_one(db, SQL_device_one, DB_ARGS(db_t(e->id)), &row, reterr);
        e->stood = rc == 1;
        if (rc == 1)
                device_row_read(e->q->arena, row, &e->row);
        db_done(db, SQL_device_one);
        if (rc < 0 || e->edit(e, db, reterr) < 0 || device_write_row(db, &e->row, reterr) < 0)
                return -1;
        return e->act ? access_audit(db, e->q, e->row.org, str_of(e->act), e->id, e->detail, reterr) : 0;
}

static int edit_device(struct editing *e, struct err *reterr)
{
        if (ledger_act(e->g->ledger, change_row, e, reterr) < 0)
                return -1;
        /* behind it in their order, others' changes may have become durable that are not here yet: the mark passes none */
        struct err ignored = { 0 };
        if (book_refresh(e->g, &ignored) < 0)
                book_take(e->g, &e->row);
        return 0;
}

/* ---- secrets ---- */

#define DEVICE_PREFIX "suyuan_dev_"

static struct str secret_made(struct arena *a, struct str protocol)
{
        static const char typed[] = "abcdefghjkmnpqrstvwxyz23456789";
        int i = protocol_of(protocol), n = i < 0 ? 0 : protocols[i].typed;
        char text[CREDENTIAL_BYTES + 1];
        unsigned char r[16];
        if (!n) {
                credential_make(DEVICE_PREFIX, text);
                return arena_str(a, str_of(text));
        }
        for (int k = 0; k < n;) {       /* bytes that would favour some letters are thrown away */
                random_bytes(r, 1);
                if (r[0] < 240)
                        text[k++] = typed[r[0] % 30];
        }
        return arena_str(a, (struct str){ text, (size_t)n });
}

static bool secret_good(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if ((unsigned char)s.p[i] <= 0x20 || (unsigned char)s.p[i] >= 0x7f || s.p[i] == ';' || s.p[i] == ':')
                        return false;
        return s.n >= 4 && s.n <= LIMIT_DEVICE_SECRET_BYTES;
}

static int secret_check(struct str s, struct err *reterr)
{
        return secret_good(s) ? 0 : err_set(reterr, ERR_BAD_INPUT, "密码为 4 至 %d 个可见字符，不含空格、; 和 : / a secret is 4 to %d visible characters without blank, ; and :",
                                            LIMIT_DEVICE_SECRET_BYTES, LIMIT_DEVICE_SECRET_BYTES);
}

static void secret_take(struct device_row *d, struct str secret, struct str broker_hash)
{
        random_bytes(d->salt, sizeof d->salt);
        d->hash = sha256_2(d->salt, sizeof d->salt, secret.p, secret.n);
        d->broker_hash = broker_hash;
        d->revoked_us = 0;
}

/* As the broker keeps it; only devices that log in there have one. */
static struct str secret_for_broker(struct arena *a, struct str protocol, struct str secret)
{
        return str_is(protocol, "mqtt") && secret.n ? broker_hash(a, secret) : STR("");
}

/* ---- what is put ---- */

struct putting {
        const struct device_put *put;
        int64_t org;
        struct str code, place, model, protocol, mn, detail, secret, broker_hash;
        int64_t max_per_minute;
        struct str old_place;           /* results */
        bool new;
};

static int id_check(struct str id, struct err *reterr)
{
        bool good = id.n > 0 && id.n <= 64 && !str_starts(id, STR("n-"));
        for (size_t i = 0; i < id.n && good; i++)
                good = (id.p[i] >= 'a' && id.p[i] <= 'z') || (id.p[i] >= 'A' && id.p[i] <= 'Z') || (id.p[i] >= '0' && id.p[i] <= '9') || memchr("._-", id.p[i], 3);
        good = good && !str_starts(id, STR("suyuan-"));         /* at the broker such a user is ours (ingest/broker.h) */
        return good ? 0 : err_set(reterr, ERR_BAD_INPUT, "设备编号为 1 至 64 个字母、数字和 . _ -，不以 n- 或 suyuan- 开头 / a device's id is 1 to 64 letters, digits, . _ - and begins neither with n- nor with suyuan-");
}

static int mn_check(struct str mn, struct err *reterr)
{
        bool good = mn.n <= 40;
        for (size_t i = 0; i < mn.n && good; i++)
                good = (mn.p[i] >= 'a' && mn.p[i] <= 'z') || (mn.p[i] >= 'A' && mn.p[i] <= 'Z') || (mn.p[i] >= '0' && mn.p[i] <= '9') || memchr("._-", mn.p[i], 3);
        return good ? 0 : err_set(reterr, ERR_BAD_INPUT, "MN 为至多 40 个字母和数字 / an MN is at most 40 letters and digits");
}

struct str device_place_of(struct sensing *g, struct arena *a, struct str org, struct str text)
{
        struct ident id;
        struct err ignored = { 0 };
        if (!text.n)
                return STR("");
        if (!memchr(text.p, ':', text.n) && !memchr(text.p, '/', text.n) && ident_check_code(text, NULL) == 0)
                return arena_printf(a, "/place/%.*s/%.*s", STR_ARG(org), STR_ARG(text));
        return ident_parse_any(a, text, store_origins(g->store), &id, &ignored) < 0 ? arena_str(a, text) : id.canonical;
}

static int mn_free(struct db *db, const struct putting *p, struct str id, struct err *reterr)
{
        const struct db_row *row;
        if (!p->mn.n)
                return 0;
        int rc = db_one(db, SQL_device_of_mn, DB_ARGS(db_t(p->mn)), &row, reterr);
        bool taken = rc == 1 && !str_eq(db_text(row, 0), id);
        db_done(db, SQL_device_of_mn);
        return rc < 0 ? -1 : taken ? err_set(reterr, ERR_CONFLICT, "另一设备已使用 MN %.*s / another device has this MN", STR_ARG(p->mn)) : 0;
}

static int room_for_one(struct db *db, int64_t org, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_device_count, DB_ARGS(db_i(org)), &row, reterr);
        int64_t n = rc == 1 ? db_int(row, 0) : 0;
        db_done(db, SQL_device_count);
        return rc < 0 ? -1 : n < LIMIT_DEVICES ? 0 : err_set(reterr, ERR_TOO_LARGE, "an organisation has at most %d devices, removed ones included", LIMIT_DEVICES);
}

static int edit_put(struct editing *e, struct db *db, struct err *reterr)
{
        struct putting *p = e->ctx;
        struct device_row *d = &e->row;
        if (e->stood && (d->org != p->org || d->removed_us || (p->put->add && d->stated)))
                return err_set(reterr, ERR_CONFLICT, "设备编号 %.*s 已被使用 / the id is taken: ids are unique in the installation", STR_ARG(e->id));
        if (mn_free(db, p, e->id, reterr) < 0 || (!e->stood && room_for_one(db, p->org, reterr) < 0))
                return -1;
        p->new = !e->stood || !d->stated;
        p->old_place = p->new ? STR("") : d->place;
        if (!e->stood)
                *d = (struct device_row){ .id = e->id, .org = p->org, .code = p->code, .created_us = clock_now_us(), .successor = STR("") };
        d->place = p->place;
        d->model = p->model;
        d->protocol = p->protocol;
        d->mn = p->mn;
        d->detail = p->detail;
        d->max_per_minute = p->max_per_minute;
        d->stated = !p->new;     /* a new one whose statement did not become durable may be registered again */
        if (p->secret.n)
                secret_take(d, p->secret, p->broker_hash);
        return 0;
}

static int edit_stated(struct editing *e, struct db *db, struct err *reterr)
{
        (void)db;
        (void)reterr;
        e->row.stated = true;
        return 0;
}

static int state(struct sensing *g, struct request *q, const struct device_row *d, struct str old_place, struct err *reterr)
{
        struct device_move moves[2];
        size_t n = 0;
        if (!str_eq(old_place, d->place)) {
                if (old_place.n)
                        moves[n++] = (struct device_move){ d, old_place, false };
                moves[n++] = (struct device_move){ d, d->place, true };
        }
        struct editing e = { .g = g, .q = q, .id = d->id, .edit = edit_stated };
        if (device_state_thing(g, q, d, reterr) < 0 || device_state_moves(g, q, moves, n, reterr) < 0)
                return -1;
        return edit_device(&e, reterr);
}

/* ---- the body: what stands, with what is sent laid over it ---- */

static bool is_ours(struct str name)
{
        static const char *const told[] = { "id", "org", "secret", "code", "uri", "state", "lastSeen", "onlineRate", "findings", "values", "registered", "revoked", "removed", "successor",
                                            "hours", "proof", "recordTime", "n", "notUnderstood", "placeUri" };
        for (size_t i = 0; i < sizeof told / sizeof *told; i++)
                if (str_is(name, told[i]))
                        return true;
        return false;
}

static void lay_member(struct buf *b, struct str name, const struct json *v)
{
        if (is_ours(name) || json_is(v, JSON_NULL))
                return;
        if (b->n > 1)
                buf_char(b, ',');
        json_write_str(b, name);
        buf_char(b, ':');
        json_write(b, v);
}

static int lay_over(struct arena *a, struct str stood, const struct json *sent, const struct json **ret, struct err *reterr)
{
        struct buf b = { .max = 4 * LIMIT_THING_BYTES };
        const struct json *was = NULL;
        if (stood.n && json_read(a, stood.p, stood.n, NULL, &was, reterr) < 0)
                return -1;
        buf_char(&b, '{');
        for (uint32_t i = 0; json_is(was, JSON_OBJECT) && i < was->n; i++)
                if (!json_get_str(sent, was->members[i].name))
                        lay_member(&b, was->members[i].name, &was->members[i].value);
        for (uint32_t i = 0; json_is(sent, JSON_OBJECT) && i < sent->n; i++)
                lay_member(&b, sent->members[i].name, &sent->members[i].value);
        buf_char(&b, '}');
        struct str text = b.overflow ? STR_NONE : arena_str(a, buf_view(&b));
        buf_free(&b);
        if (!text.n)
                return err_set(reterr, ERR_TOO_LARGE, "the device's description has more than %d bytes", LIMIT_THING_BYTES);
        return json_read(a, text.p, text.n, NULL, ret, reterr);
}

/* The id is a member of the thing, so that a record leads back to it. */
static struct str with_id(struct arena *a, struct str id, struct str kept)
{
        return arena_printf(a, "{\"id\":\"%.*s\"%s%.*s", STR_ARG(id), kept.n > 2 ? "," : "", (int)(kept.n - 1), kept.p + 1);
}

static int read_body(struct sensing *g, struct request *q, struct putting *p, const struct device_row *stood, struct faults *f, struct err *reterr)
{
        struct arena *a = q->arena;
        const struct json *body, *kept;
        struct str text, none = STR("");
        if (lay_over(a, stood ? stood->detail : STR_NONE, p->put->body, &body, reterr) < 0)
                return -1;
        if (thing_read(a, THING_DEVICE, body, &text, f) < 0)
                return 0;
        if (json_read(a, text.p, text.n, NULL, &kept, reterr) < 0)
                return -1;
#define OR_EMPTY(name) (json_str(kept, name).n ? json_str(kept, name) : none)
        p->model = OR_EMPTY("model");
        p->protocol = OR_EMPTY("protocol");
        p->mn = OR_EMPTY("mn");
        if (!p->mn.n && str_is(p->protocol, "hj212"))          /* stations are known by their MN alone: without one the id is it */
                p->mn = arena_str(a, p->put->id);
        p->place = device_place_of(g, a, store_org_code(g->store, a, p->org), OR_EMPTY("place"));
#undef OR_EMPTY
        keep_days_check(a, kept, g->keep_days_least, f);
        p->detail = with_id(a, p->put->id, text);
        p->max_per_minute = json_int(json_get(kept, "maxPerMinute"), LIMIT_DEVICE_PER_MINUTE);
        if (protocol_of(p->protocol) < 0)
                return err_set(reterr, ERR_BAD_INPUT, "协议为 hj212、mqtt、modbus 或 http / protocol is hj212, mqtt, modbus or http");
        return mn_check(p->mn, reterr);
}

static int prepare(struct sensing *g, struct request *q, struct putting *p, bool *ret_stands, struct faults *f, struct err *reterr)
{
        const struct device_put *d = p->put;
        struct device_row stood;
        if (id_check(d->id, reterr) < 0)
                return -1;
        if (store_shared(g->store) && book_refresh(g, reterr) < 0)
                return -1;
        bool stands = book_copy(g, q->arena, d->id, &stood) && stood.stated;
        p->org = access_org_of(g->access, q, d->org.n || !stands ? d->org : store_org_code(g->store, q->arena, stood.org), reterr);
        if (!p->org)
                return -1;
        if (ident_check_code(store_org_code(g->store, q->arena, p->org), reterr) < 0)
                return -1;
        *ret_stands = stands && stood.org == p->org;
        p->code = device_code(q->arena, d->id);
        if (read_body(g, q, p, *ret_stands ? &stood : NULL, f, reterr) < 0)
                return -1;
        return !d->secret.n ? 0 : secret_check(d->secret, reterr);
}

int sensing_device_put(struct sensing *g, struct request *q, const struct device_put *d, struct str *ret_secret, bool *ret_new, struct faults *f, struct err *reterr)
{
        struct putting p = { .put = d };
        bool stands = false;
        *ret_secret = STR_NONE;
        if (prepare(g, q, &p, &stands, f, reterr) < 0)
                return -1;
        if (f->refused)
                return 0;
        p.secret = d->secret.n || stands ? d->secret : secret_made(q->arena, p.protocol);
        p.broker_hash = secret_for_broker(q->arena, p.protocol, p.secret);
        struct editing e = { .g = g, .q = q, .id = arena_str(q->arena, d->id), .edit = edit_put, .ctx = &p, .act = stands ? "device.set" : "device.add", .detail = p.protocol };
        if (edit_device(&e, reterr) < 0 || state(g, q, &e.row, p.old_place, reterr) < 0)
                return -1;
        *ret_secret = p.secret;
        *ret_new = p.new;
        return 0;
}

/* ---- secrets given and taken ---- */

static int must_stand(const struct editing *e, struct err *reterr)
{
        return e->stood && !e->row.removed_us ? 0 : err_set(reterr, ERR_NOT_FOUND, "没有这个设备 / there is no device %.*s", STR_ARG(e->id));
}

static int edit_revoke(struct editing *e, struct db *db, struct err *reterr)
{
        (void)db;
        if (must_stand(e, reterr) < 0)
                return -1;
        e->row.revoked_us = e->row.revoked_us ? e->row.revoked_us : clock_now_us();
        return 0;
}

int sensing_device_revoke(struct sensing *g, struct request *q, struct str id, struct err *reterr)
{
        struct device_row d;
        struct editing e = { .g = g, .q = q, .id = id, .edit = edit_revoke, .act = "device.revoke", .detail = STR("") };
        return sensing_device_seen(g, q, id, true, &d, reterr) < 0 ? -1 : edit_device(&e, reterr);
}

struct renewing { struct str secret, broker_hash; };

static int edit_renew(struct editing *e, struct db *db, struct err *reterr)
{
        const struct renewing *r = e->ctx;
        (void)db;
        if (must_stand(e, reterr) < 0)
                return -1;
        secret_take(&e->row, r->secret, r->broker_hash);
        return 0;
}

int sensing_device_renew(struct sensing *g, struct request *q, struct str id, struct str secret, struct str *ret_secret, struct err *reterr)
{
        struct device_row d;
        struct renewing r;
        struct editing e = { .g = g, .q = q, .id = id, .edit = edit_renew, .ctx = &r, .act = "device.renew", .detail = STR("") };
        if (sensing_device_seen(g, q, id, true, &d, reterr) < 0 || (secret.n && secret_check(secret, reterr) < 0))
                return -1;
        r.secret = secret.n ? secret : secret_made(q->arena, d.protocol);
        r.broker_hash = secret_for_broker(q->arena, d.protocol, r.secret);
        *ret_secret = r.secret;
        return edit_device(&e, reterr);
}

/* ---- taking down ---- */

static int edit_remove(struct editing *e, struct db *db, struct err *reterr)
{
        const struct str *successor = e->ctx;
        (void)db;
        if (must_stand(e, reterr) < 0)
                return -1;
        e->row.removed_us = clock_now_us();
        e->row.revoked_us = e->row.revoked_us ? e->row.revoked_us : e->row.removed_us;
        e->row.successor = *successor;
        return 0;
}

static int edit_place(struct editing *e, struct db *db, struct err *reterr)
{
        const struct putting *p = e->ctx;
        (void)db;
        if (must_stand(e, reterr) < 0)
                return -1;
        e->row.place = p->place;
        e->row.detail = p->detail;
        return 0;
}

/* The successor's description with the place where the old one stood. */
static int move_in(struct sensing *g, struct request *q, struct device_row *next, struct str place, struct err *reterr)
{
        struct putting p = { .place = place };
        const struct json *body, *moved;
        struct buf b = { .max = 4096 };
        struct str text;
        struct faults f = { 0 };
        buf_z(&b, "{\"place\":");
        json_write_str(&b, ident_uri(q->arena, place, store_origins(g->store)));
        buf_char(&b, '}');
        int rc = json_read(q->arena, b.p, b.n, NULL, &moved, reterr);
        buf_free(&b);
        if (rc < 0 || lay_over(q->arena, next->detail, moved, &body, reterr) < 0)
                return -1;
        if (thing_read(q->arena, THING_DEVICE, body, &text, &f) < 0)
                return err_set(reterr, ERR_INTERNAL, "the successor's description is not valid");
        p.detail = with_id(q->arena, next->id, text);
        struct editing e = { .g = g, .q = q, .id = next->id, .edit = edit_place, .ctx = &p, .act = "device.set", .detail = STR("place") };
        if (edit_device(&e, reterr) < 0)
                return -1;
        *next = e.row;
        return device_state_thing(g, q, next, reterr);
}

static int successor_check(struct sensing *g, const struct request *q, const struct device_row *d, struct str successor, struct device_row *ret, struct err *reterr)
{
        if (sensing_device_seen(g, q, successor, true, ret, reterr) < 0)
                return -1;
        return ret->org == d->org && !ret->removed_us && !str_eq(ret->id, d->id) ? 0 : err_set(reterr, ERR_BAD_INPUT, "the successor is another device of the same organisation that stands");
}

int sensing_device_remove(struct sensing *g, struct request *q, struct str id, struct str successor, struct err *reterr)
{
        struct device_row d, next;
        struct str name = successor.n ? successor : STR("");
        struct editing e = { .g = g, .q = q, .id = id, .edit = edit_remove, .ctx = &name, .act = successor.n ? "device.replace" : "device.remove", .detail = name };
        struct device_move moves[3];
        size_t n = 0;
        if (sensing_device_seen(g, q, id, true, &d, reterr) < 0 || (name.n && successor_check(g, q, &d, name, &next, reterr) < 0) || edit_device(&e, reterr) < 0)
                return -1;
        if (d.place.n)
                moves[n++] = (struct device_move){ &d, d.place, false };
        if (name.n && d.place.n && !str_eq(next.place, d.place)) {
                struct str old = next.place;
                if (move_in(g, q, &next, d.place, reterr) < 0)
                        return -1;
                if (old.n)
                        moves[n++] = (struct device_move){ &next, old, false };
                moves[n++] = (struct device_move){ &next, d.place, true };
        }
        return device_state_moves(g, q, moves, n, reterr);
}
