#include <stdlib.h>

#include "base/oom.h"
#include "base/spread.h"
#include "sensing/sensing_impl.h"
#include "store/sql_names.h"

/* The table of devices in memory. */

static size_t bucket_of(struct str id)
{
        return spread_in(spread(id), BUCKETS);
}

struct device *book_find(struct sensing *g, struct str id)
{
        struct device *d = g->table[bucket_of(id)];
        while (d && !str_eq(d->row.id, id))
                d = d->next;
        return d;
}

/* The texts of a row, in the order in which they are kept behind each other. */
enum { TEXTS = 9 };
static struct str *text_of(struct device_row *r, int i)
{
        struct str *const list[TEXTS] = { &r->id, &r->code, &r->place, &r->model, &r->protocol, &r->mn, &r->broker_hash, &r->detail, &r->successor };
        return list[i];
}

static void point(struct device_row *r, char *memory)
{
        for (int i = 0; i < TEXTS; i++) {
                struct str *s = text_of(r, i);
                memcpy(memory, s->p ? s->p : "", s->n);
                s->p = memory;
                memory += s->n;
                *memory++ = '\0';
        }
}

static size_t size_of(const struct device_row *row)
{
        struct device_row r = *row;
        size_t n = 0;
        for (int i = 0; i < TEXTS; i++)
                n += text_of(&r, i)->n + 1;
        return n;
}

void book_take(struct sensing *g, const struct device_row *row)
{
        char *memory = or_abort(malloc(size_of(row))), *old = NULL;
        struct device_row r = *row;
        point(&r, memory);
        pthread_rwlock_wrlock(&g->lock);
        struct device *d = book_find(g, row->id);
        if (!d) {
                size_t b = bucket_of(row->id);
                d = or_abort(calloc(1, sizeof *d));
                d->next = g->table[b];
                g->table[b] = d;
                g->n_devices++;
        }
        if (d->row.change <= r.change) {        /* a later state never gives way to an earlier one */
                old = d->memory;
                d->memory = memory;
                d->row = r;
        } else {
                old = memory;
        }
        pthread_rwlock_unlock(&g->lock);
        free(old);
}

void book_end(struct sensing *g)
{
        for (size_t i = 0; i < BUCKETS; i++)
                for (struct device *d = g->table[i], *next; d; d = next) {
                        next = d->next;
                        free(d->memory);
                        free(d->values);
                        free(d);
                }
}

size_t book_ids(struct sensing *g, struct arena *a, struct str **ret)
{
        size_t n = 0;
        pthread_rwlock_rdlock(&g->lock);
        *ret = arena_array(a, struct str, g->n_devices + 1);
        for (size_t b = 0; b < BUCKETS; b++)
                for (const struct device *d = g->table[b]; d; d = d->next)
                        (*ret)[n++] = arena_str(a, d->row.id);
        pthread_rwlock_unlock(&g->lock);
        return n;
}

bool book_copy(struct sensing *g, struct arena *a, struct str id, struct device_row *ret)
{
        pthread_rwlock_rdlock(&g->lock);
        const struct device *d = book_find(g, id);
        if (d) {
                *ret = d->row;
                point(ret, arena_raw(a, size_of(&d->row)));
        }
        pthread_rwlock_unlock(&g->lock);
        return d != NULL;
}

/* ---- from the database ---- */

void device_row_read(struct arena *a, const struct db_row *row, struct device_row *ret)
{
        struct str salt = db_text(row, 7), hash = db_text(row, 8);
        *ret = (struct device_row){
                .id = arena_str(a, db_text(row, 0)), .org = db_int(row, 1), .code = arena_str(a, db_text(row, 2)), .place = arena_str(a, db_text(row, 3)),
                .model = arena_str(a, db_text(row, 4)), .protocol = arena_str(a, db_text(row, 5)), .mn = arena_str(a, db_text(row, 6)),
                .broker_hash = arena_str(a, db_text(row, 9)), .max_per_minute = db_int(row, 10), .detail = arena_str(a, db_text(row, 11)),
                .created_us = db_int(row, 12), .revoked_us = db_int(row, 13), .removed_us = db_int(row, 14), .successor = arena_str(a, db_text(row, 15)),
                .stated = db_int(row, 16) != 0, .change = db_int(row, 17),
        };
        memcpy(ret->salt, salt.p ? salt.p : "", salt.n < sizeof ret->salt ? salt.n : sizeof ret->salt);
        memcpy(ret->hash.b, hash.p ? hash.p : "", hash.n < sizeof ret->hash.b ? hash.n : sizeof ret->hash.b);
}

int book_refresh(struct sensing *g, struct err *reterr)
{
        struct reader *r;
        const struct db_row *row;
        pthread_rwlock_rdlock(&g->lock);
        int64_t have = g->change;
        pthread_rwlock_unlock(&g->lock);
        if (reader_begin(g->store, &r, reterr) < 0)
                return -1;
        struct arena *a = arena_new();
        int64_t upto = have;
        int rc = db_query(reader_db(r), SQL_device_changed, DB_ARGS(db_i(have)), reterr);
        while (rc >= 0 && (rc = db_next(reader_db(r), SQL_device_changed, &row, reterr)) == 1) {
                struct device_row d;
                device_row_read(a, row, &d);
                book_take(g, &d);
                upto = d.change;
                arena_reset(a);
        }
        arena_free(a);
        reader_end(r);
        if (rc < 0)
                return err_while(reterr, "reading devices");
        pthread_rwlock_wrlock(&g->lock);
        g->change = g->change < upto ? upto : g->change;
        pthread_rwlock_unlock(&g->lock);
        return 0;
}

/* ---- who is it ---- */

bool device_secret_right(const struct device_row *d, struct str secret)
{
        struct hash h = sha256_2(d->salt, sizeof d->salt, secret.p ? secret.p : "", secret.n);
        unsigned char differ = 0;
        for (size_t i = 0; i < sizeof h.b; i++)
                differ |= h.b[i] ^ d->hash.b[i];
        return !differ && !d->revoked_us && !d->removed_us;
}

int64_t sensing_device_org(struct sensing *g, struct str id)
{
        pthread_rwlock_rdlock(&g->lock);
        const struct device *d = book_find(g, id);
        int64_t org = d && !d->row.removed_us ? d->row.org : 0;
        pthread_rwlock_unlock(&g->lock);
        return org;
}

static bool sees(const struct caller *c, int64_t org)
{
        bool yes = c->sees_all || caller_may(c, MAY_ORGS) || c->org == org;
        for (size_t i = 0; i < c->n_sees && !yes; i++)
                yes = c->sees[i] == org;
        return yes;
}

int sensing_device_seen(struct sensing *g, const struct request *q, struct str id, bool write, struct device_row *ret, struct err *reterr)
{
        const struct caller *c = caller_of(q);
        if (book_copy(g, q->arena, id, ret) && (write ? caller_may(c, MAY_ORGS) || c->org == ret->org : sees(c, ret->org)))
                return 0;       /* one answer for what is not there and what is another's */
        return err_set(reterr, ERR_NOT_FOUND, "没有这个设备 / there is no device %.*s", (int)(id.n < 64 ? id.n : 64), id.p ? id.p : "");
}

bool sensing_device_named(struct sensing *g, struct arena *a, struct str canonical, struct device_row *ret)
{
        struct str code = canonical;
        for (size_t i = canonical.n; i-- > 0 && code.n == canonical.n;)
                if (canonical.p[i] == '/')
                        code = str_from(canonical, i + 1);
        bool found = book_copy(g, a, code, ret) || (str_starts(code, STR("n-")) && book_copy(g, a, str_from(code, 2), ret));
        return found && ret->stated && str_eq(sensing_canonical(g, a, ret), canonical);
}

struct str sensing_canonical(struct sensing *g, struct arena *a, const struct device_row *d)
{
        struct str org = store_org_code(g->store, a, d->org);
        return arena_printf(a, "/device/%.*s/%.*s", STR_ARG(org), STR_ARG(d->code));
}
