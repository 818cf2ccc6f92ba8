#include <stdlib.h>

#include "access/access_impl.h"
#include "base/oom.h"
#include "store/sql_names.h"

struct growing { void *list; size_t n, cap, size; };

static void *grow(struct book *b, struct growing *g)
{
        if (g->n == g->cap) {
                size_t cap = g->cap ? g->cap * 2 : 16;
                void *more = arena_alloc(b->arena, cap * g->size);
                if (g->n)
                        memcpy(more, g->list, g->n * g->size);
                g->list = more;
                g->cap = cap;
        }
        return (char *)g->list + g->n++ * g->size;
}

typedef void take_row(struct book *b, struct growing *g, const struct db_row *row);

static struct str text(struct book *b, const struct db_row *row, int column)
{
        return arena_str(b->arena, db_text(row, column));
}

static void take_hash(struct hash *ret, struct str s)
{
        memcpy(ret->b, s.p ? s.p : "", s.n < sizeof ret->b ? s.n : sizeof ret->b);
}

static void take_org(struct book *b, struct growing *g, const struct db_row *row)
{
        struct book_org *o = grow(b, g);
        *o = (struct book_org){ db_int(row, 0), text(b, row, 1), text(b, row, 2), text(b, row, 3), db_int(row, 4), db_int(row, 5) != 0, db_int(row, 6) != 0, db_int(row, 7),
                                 { text(b, row, 8), text(b, row, 9), text(b, row, 10), text(b, row, 11), text(b, row, 12) } };
}

static void take_account(struct book *b, struct growing *g, const struct db_row *row)
{
        struct book_account *a = grow(b, g);
        *a = (struct book_account){ db_int(row, 0), db_int(row, 1), text(b, row, 2), role_of_name(db_text(row, 3)), text(b, row, 4).p, db_int(row, 5) != 0 };
}

static void take_key(struct book *b, struct growing *g, const struct db_row *row)
{
        struct book_key *k = grow(b, g);
        k->id = db_int(row, 0);
        k->org = db_int(row, 1);
        take_hash(&k->hash, db_text(row, 2));
        k->role = role_of_name(db_text(row, 3));
        k->scope = text(b, row, 4);
        k->name = text(b, row, 5);
        k->device = text(b, row, 6);
        k->created_us = db_int(row, 7);
        k->expires_us = db_int(row, 8);
        k->revoked_us = db_int(row, 9);
        k->used_us = db_int(row, 10);
}

static void take_login(struct book *b, struct growing *g, const struct db_row *row)
{
        struct book_login *l = grow(b, g);
        take_hash(&l->hash, db_text(row, 0));
        l->account = db_int(row, 1);
        l->created_us = db_int(row, 2);
        l->rotated_us = db_int(row, 3);
        l->until_us = db_int(row, 4);
        l->seen_us = db_int(row, 5);
}

static int load(struct book *b, struct db *db, int sql, struct growing *g, take_row *take, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_query(db, sql, DB_NO_ARGS, reterr);
        while (rc >= 0 && (rc = db_next(db, sql, &row, reterr)) == 1)
                take(b, g, row);
        return rc;
}

static int load_change(struct book *b, struct db *db, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_access_change_now, DB_NO_ARGS, &row, reterr);
        b->change = rc == 1 ? db_int(row, 0) : 0;
        db_done(db, SQL_access_change_now);
        return rc;
}

int book_load(struct db *db, struct book **ret, struct err *reterr)
{
        struct book *b = or_abort(calloc(1, sizeof *b));
        struct growing o = { .size = sizeof *b->orgs }, a = { .size = sizeof *b->accounts }, k = { .size = sizeof *b->keys }, l = { .size = sizeof *b->logins };
        b->arena = arena_new();
        if (load_change(b, db, reterr) < 0 || load(b, db, SQL_org_list, &o, take_org, reterr) < 0 || load(b, db, SQL_accounts, &a, take_account, reterr) < 0 ||
            load(b, db, SQL_api_keys, &k, take_key, reterr) < 0 || load(b, db, SQL_logins, &l, take_login, reterr) < 0) {
                book_free(b);
                return err_while(reterr, "reading accounts");
        }
        b->orgs = o.list, b->n_orgs = o.n;
        b->accounts = a.list, b->n_accounts = a.n;
        b->keys = k.list, b->n_keys = k.n;
        b->logins = l.list, b->n_logins = l.n;
        *ret = b;
        return 0;
}

void book_free(struct book *b)
{
        if (!b)
                return;
        arena_free(b->arena);
        free(b);
}

const struct book_org *book_org(const struct book *b, int64_t id)
{
        for (size_t i = 0; i < b->n_orgs; i++)
                if (b->orgs[i].id == id)
                        return &b->orgs[i];
        return NULL;
}

const struct book_org *book_org_code(const struct book *b, struct str code)
{
        for (size_t i = 0; i < b->n_orgs; i++)
                if (str_eq(b->orgs[i].code, code))
                        return &b->orgs[i];
        return NULL;
}

bool book_org_disabled(const struct book *b, int64_t id)
{
        const struct book_org *o = book_org(b, id);
        return o && o->disabled;
}

const struct book_account *book_account(const struct book *b, int64_t id)
{
        for (size_t i = 0; i < b->n_accounts; i++)
                if (b->accounts[i].id == id)
                        return &b->accounts[i];
        return NULL;
}

const struct book_account *book_account_name(const struct book *b, struct str name)
{
        for (size_t i = 0; i < b->n_accounts; i++)
                if (str_eq(b->accounts[i].name, name))
                        return &b->accounts[i];
        return NULL;
}

/* Looking by hash may take its time from where the search goes: what is compared is the SHA-256 of a secret, never the secret. */
static int by_hash(const void *key, const void *member)
{
        return memcmp(key, member, sizeof(struct hash));
}

struct book_key *book_key(const struct book *b, const struct hash *h)
{
        return b->n_keys ? bsearch(h, b->keys, b->n_keys, sizeof *b->keys, by_hash) : NULL;
}

struct book_login *book_login(const struct book *b, const struct hash *h)
{
        return b->n_logins ? bsearch(h, b->logins, b->n_logins, sizeof *b->logins, by_hash) : NULL;
}

void book_keep_seen(struct book *to, const struct book *from)
{
        for (size_t i = 0; from && i < from->n_keys; i++) {
                struct book_key *k = book_key(to, &from->keys[i].hash);
                if (k && k->used_us < from->keys[i].used_us)
                        k->used_us = from->keys[i].used_us;
        }
        for (size_t i = 0; from && i < from->n_logins; i++) {
                struct book_login *l = book_login(to, &from->logins[i].hash);
                if (l && l->seen_us < from->logins[i].seen_us)
                        l->seen_us = from->logins[i].seen_us;
        }
}
