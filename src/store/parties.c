#include "store/parties.h"

#include <stdlib.h>

#include "base/oom.h"
#include "store/sql_names.h"
#include "store/store_impl.h"

struct party { int64_t org; size_t n; char *canonical; };

struct parties {
        pthread_rwlock_t lock;
        struct party *list;             /* by name */
        size_t n;
};

struct parties *parties_new(void)
{
        struct parties *p = or_abort(calloc(1, sizeof(*p)));
        pthread_rwlock_init(&p->lock, NULL);
        return p;
}

static void free_list(struct party *list, size_t n)
{
        for (size_t i = 0; i < n; i++)
                free(list[i].canonical);
        free(list);
}

void parties_free(struct parties *p)
{
        if (!p)
                return;
        free_list(p->list, p->n);
        pthread_rwlock_destroy(&p->lock);
        free(p);
}

static int by_canonical(const void *a, const void *b)
{
        const struct party *x = a, *y = b;
        return str_cmp((struct str){ x->canonical, x->n }, (struct str){ y->canonical, y->n });
}

struct loading { struct party *list; size_t n, cap; };

static void add(struct loading *l, int64_t org, struct str canonical)
{
        if (l->n == l->cap)
                l->list = or_abort(realloc(l->list, (l->cap = l->cap ? l->cap * 2 : 64) * sizeof(*l->list)));
        struct party *p = &l->list[l->n++];
        *p = (struct party){ .org = org, .n = canonical.n, .canonical = or_abort(malloc(canonical.n + 1)) };
        memcpy(p->canonical, canonical.p, canonical.n);
        p->canonical[canonical.n] = '\0';
}

static int load(struct reader *r, struct loading *l, int sql, const char *prefix, struct err *reterr)
{
        const struct db_row *row;
        struct arena *scratch = arena_new();
        int rc = db_query(r->db, sql, DB_NO_ARGS, reterr);
        while (rc >= 0 && (rc = db_next(r->db, sql, &row, reterr)) == 1)
                add(l, db_int(row, 0), arena_printf(scratch, "%s%.*s", prefix, STR_ARG(db_text(row, 1))));
        arena_free(scratch);
        return rc;
}

int store_parties_load(struct store *s, struct err *reterr)
{
        struct reader *r;
        struct loading l = { 0 };
        if (reader_begin(s, &r, reterr) < 0)
                return -1;
        int rc = load(r, &l, SQL_org_codes, "/org/", reterr);
        if (rc >= 0)
                rc = load(r, &l, SQL_org_parties, "", reterr);
        reader_end(r);
        if (rc < 0) {
                free_list(l.list, l.n);
                return -1;
        }
        if (l.n)
                qsort(l.list, l.n, sizeof(*l.list), by_canonical);
        struct parties *p = s->parties;
        pthread_rwlock_wrlock(&p->lock);
        struct loading old = { p->list, p->n, 0 };
        p->list = l.list;
        p->n = l.n;
        pthread_rwlock_unlock(&p->lock);
        free_list(old.list, old.n);
        return 0;
}

static int64_t find(const struct parties *p, struct str canonical)
{
        struct party key = { .n = canonical.n, .canonical = (char *)(uintptr_t)canonical.p };
        const struct party *found = p->n ? bsearch(&key, p->list, p->n, sizeof(key), by_canonical) : NULL;
        return found ? found->org : 0;
}

/* An exact party; else what its name says of whose it is. */
static int64_t find_any(const struct parties *p, struct arena *a, struct str canonical)
{
        struct ident_parts part;
        int64_t org = find(p, canonical);
        if (org)
                return org;
        ident_parts(a, canonical, &part);
        if (part.org.n)
                return find(p, arena_printf(a, "/org/%.*s", STR_ARG(part.org)));
        if (!str_is(part.key_ai, "414") && !str_is(part.key_ai, "417"))
                return 0;
        org = find(p, arena_printf(a, "https://id.gs1.org/417/%.*s", STR_ARG(part.key)));
        return org ? org : find(p, arena_printf(a, "https://id.gs1.org/414/%.*s", STR_ARG(part.key)));
}

int64_t store_party_org(struct store *s, struct str canonical)
{
        struct arena *a = arena_new();
        pthread_rwlock_rdlock(&s->parties->lock);
        int64_t org = find_any(s->parties, a, canonical);
        pthread_rwlock_unlock(&s->parties->lock);
        arena_free(a);
        return org;
}
