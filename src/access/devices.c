#include "access/access_impl.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "epcis/signature.h"
#include "merkle/leaf.h"
#include "store/record.h"
#include "store/sql_names.h"

/* Keys with which devices sign what they record (docs/design/proof.md).  Whoever may record registers and revokes their own; who administers an organisation, all of it. */

struct device { struct access *x; struct arena *a; int64_t org, n; struct str name, actor; uint8_t key[SIGNING_KEY_BYTES]; struct audit_row row; };

static bool all_of(const struct request *q)
{
        return caller_may(caller_of(q), MAY_USERS);
}

static struct audit_row row_of(const struct request *q, int64_t org, const char *act, struct str target)
{
        return (struct audit_row){ .org = org, .actor = caller_of(q)->actor, .address = access_address(q), .act = str_of(act), .target = target,
                                   .outcome = STR("ok"), .request = str_of(q->id) };
}

/* The trail's turn, and that of the organisation: no record of it is decided meanwhile. */
static int take_turns(struct db *db, int64_t org, struct err *reterr)
{
        int64_t turn;
        return db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0 || (org != ORG_DEFAULT && db_turn(db, org, false, &turn, reterr) < 0) ? -1 : 0;
}

static int state(const struct device *d, const char *what, struct err *reterr)
{
        struct buf b = { .max = 4096 };
        buf_z(&b, "ed25519 ");
        base64_encode(&b, d->key, sizeof d->key);
        buf_printf(&b, " %.*s %s", STR_ARG(d->name), what);
        struct ledger_statement s = { .org = d->org, .type = LEAF_KEY, .subject = arena_printf(d->a, "device-key %lld", (long long)d->n), .detail = arena_str(d->a, buf_view(&b)) };
        buf_free(&b);
        return ledger_state_in(d->x->ledger, &s, NULL, reterr);
}

/* ---- registering ---- */

/* 1 it stands and is good, 0 it is new, -1. */
static int find(struct db *db, struct device *d, struct err *reterr)
{
        const struct db_row *row;
        bool revoked = false;
        int rc = db_one(db, SQL_device_key_find, DB_ARGS(db_i(d->org), db_b(d->key, sizeof d->key)), &row, reterr);
        if (rc == 1) {
                d->n = db_int(row, 0);
                revoked = db_int(row, 1) != 0;
        }
        db_done(db, SQL_device_key_find);
        return revoked ? err_set(reterr, ERR_CONFLICT, "此公钥已被撤销，不能再用 / this key was revoked and cannot come back; make another one") : rc;
}

static int add(struct db *db, void *ctx, struct err *reterr)
{
        struct device *d = ctx;
        const struct db_row *row;
        int rc = take_turns(db, d->org, reterr) < 0 ? -1 : find(db, d, reterr);
        if (rc != 0)
                return rc < 0 ? -1 : 0;
        rc = db_one(db, SQL_device_key_next, DB_ARGS(db_i(d->org)), &row, reterr);
        d->n = rc == 1 ? db_int(row, 0) : 1;
        db_done(db, SQL_device_key_next);
        if (d->n > LIMIT_DEVICE_KEYS)
                return err_set(reterr, ERR_TOO_LARGE, "an organisation has at most %d keys of devices, revoked ones included", LIMIT_DEVICE_KEYS);
        if (rc < 0 || db_run(db, SQL_device_key_add, DB_ARGS(db_i(d->org), db_i(d->n), db_t(d->name), db_b(d->key, sizeof d->key), db_i(clock_now_us()), db_t(d->actor)), reterr) < 0 ||
            audit_write(db, &d->row, reterr) < 0)
                return -1;
        return state(d, "added", reterr);
}

/* It stands in a line of what is signed and of the log. */
static bool good_name(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
                        return false;
        return s.n > 0 && s.n <= 100 && utf8_valid(s);
}

static int prove(const struct request *q, const struct device *d, struct str org_code, struct str proof, struct err *reterr)
{
        uint8_t value[SIGNATURE_BYTES];
        if (!proof.n && q->local)       /* who sits at the machine vouches for it */
                return 0;
        if (base64_read(proof, value, sizeof value) && registration_holds(d->key, registration_text(d->a, org_code, d->name, d->key), value))
                return 0;
        return err_set(reterr, ERR_BAD_INPUT, "proof is the key's own signature over its registration (docs/ref/signing.md)");
}

int access_device_key_add(struct access *x, struct request *q, const struct access_device_key *k, int64_t *ret_n, struct err *reterr)
{
        struct device d = { .x = x, .a = q->arena, .org = access_org_of(x, q, k->org, reterr), .name = k->name, .actor = caller_of(q)->actor };
        if (!d.org)
                return -1;
        if (!good_name(k->name))
                return err_set(reterr, ERR_BAD_INPUT, "name is that of the device: 1 to 100 bytes in one line");
        if (!base64_read(k->key, d.key, sizeof d.key) || !signing_key_good(d.key))
                return err_set(reterr, ERR_BAD_INPUT, "key is an Ed25519 public key: base64 of 32 bytes");
        if (prove(q, &d, store_org_code(x->store, q->arena, d.org), k->proof, reterr) < 0)
                return -1;
        d.row = row_of(q, d.org, "device-key.add", k->name);
        d.row.detail = k->key;
        if (ledger_act(x->ledger, add, &d, reterr) < 0)
                return -1;
        *ret_n = d.n;
        return 0;
}

/* ---- revoking ---- */

static int revoke(struct db *db, void *ctx, struct err *reterr)
{
        struct device *d = ctx;
        if (take_turns(db, d->org, reterr) < 0 || db_run(db, SQL_device_key_revoke, DB_ARGS(db_i(clock_now_us()), db_i(d->org), db_i(d->n)), reterr) < 0 ||
            audit_write(db, &d->row, reterr) < 0)
                return -1;
        return state(d, "revoked", reterr);
}

static int read_key(struct access *x, struct arena *a, int64_t org, int64_t n, struct device_key *ret, struct err *reterr)
{
        struct reader *r;
        if (reader_begin(x->store, &r, reterr) < 0)
                return -1;
        int rc = reader_device_key(r, a, org, n, ret, reterr);
        reader_end(r);
        return rc;
}

int access_device_key_revoke(struct access *x, struct request *q, struct str org, int64_t n, struct err *reterr)
{
        struct device d = { .x = x, .a = q->arena, .n = n, .org = access_org_of(x, q, org, reterr) };
        struct device_key k;
        int rc = d.org ? read_key(x, q->arena, d.org, n, &k, reterr) : -1;
        if (rc == 0 || (rc == 1 && !all_of(q) && !str_eq(k.actor, caller_of(q)->actor)))
                rc = err_set(reterr, ERR_NOT_FOUND, "没有这个公钥 / there is no key %lld", (long long)n);
        if (rc < 0 || k.revoked_us)
                return rc < 0 ? -1 : 0;
        d.name = k.name;
        memcpy(d.key, k.key, sizeof d.key);
        d.row = row_of(q, d.org, "device-key.revoke", k.name);
        d.row.detail = arena_printf(q->arena, "%lld", (long long)n);
        return ledger_act(x->ledger, revoke, &d, reterr);
}

/* ---- telling ---- */

enum { KEYS_A_PAGE = 1000 };

static void write_key(struct buf *b, struct arena *a, const struct device_key *k, bool more)
{
        buf_printf(b, "%s{\"n\":%lld,\"name\":", more ? "," : "", (long long)k->n);
        json_write_str(b, k->name);
        buf_z(b, ",\"key\":\"");
        base64_encode(b, k->key, sizeof k->key);
        buf_z(b, "\",\"by\":");
        json_write_str(b, k->actor);
        buf_z(b, ",\"registered\":");
        json_write_str(b, stamp_utc(a, k->created_us));
        if (k->revoked_us) {
                buf_z(b, ",\"revoked\":");
                json_write_str(b, stamp_utc(a, k->revoked_us));
        }
        buf_char(b, '}');
}

int access_write_device_keys(struct access *x, const struct request *q, struct str org_code, int64_t after, struct buf *b, struct err *reterr)
{
        struct reader *r;
        struct device_key *list = arena_array(q->arena, struct device_key, KEYS_A_PAGE);
        int64_t org = access_org_of(x, q, org_code, reterr);
        bool more = false;
        if (!org || reader_begin(x->store, &r, reterr) < 0)
                return -1;
        ssize_t n = reader_device_keys(r, q->arena, org, after, list, KEYS_A_PAGE, reterr);
        reader_end(r);
        buf_z(b, "{\"keys\":[");
        for (ssize_t i = 0; i < n; i++)
                if (all_of(q) || str_eq(list[i].actor, caller_of(q)->actor)) {
                        write_key(b, q->arena, &list[i], more);
                        more = true;
                }
        buf_printf(b, "],\"next\":%lld}\n", n == KEYS_A_PAGE ? (long long)list[n - 1].n : 0LL);
        return n < 0 ? -1 : 0;
}
