#include "store/parties.h"

#include <stdlib.h>

#include "base/oom.h"
#include "store/sql_names.h"
#include "store/store_impl.h"

struct party {
        int64_t org;
        size_t n;
        char *canonical;
        struct str digits;              /* of a GS1 party or place, from its company prefix on; in canonical */
};

struct parties {
        pthread_rwlock_t lock;
        struct party *list;             /* by name */
        size_t n;
        struct party *authorities;      /* by number */
        size_t n_authorities;
        struct party *hidden;           /* by number: whose records the public is not shown */
        size_t n_hidden;
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
        free_list(p->authorities, p->n_authorities);
        free_list(p->hidden, p->n_hidden);
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
        static const struct str key = { "https://id.gs1.org/41", 21 };
        if (str_starts(canonical, key)) {       /* …/414/ or …/417/ and thirteen digits */
                struct str rest = str_from((struct str){ p->canonical, p->n }, key.n + 2);
                p->digits = (struct str){ rest.p, rest.n < 13 ? rest.n : 13 };
        }
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
        struct loading l = { 0 }, powers = { 0 }, hidden = { 0 };
        if (reader_begin(s, &r, reterr) < 0)
                return -1;
        int rc = load(r, &l, SQL_org_codes, "/org/", reterr);
        if (rc >= 0)
                rc = load(r, &l, SQL_org_parties, "", reterr);
        if (rc >= 0)
                rc = load(r, &powers, SQL_org_authorities, "", reterr);
        if (rc >= 0)
                rc = load(r, &hidden, SQL_org_hidden, "", reterr);
        reader_end(r);
        if (rc < 0) {
                free_list(l.list, l.n);
                free_list(powers.list, powers.n);
                free_list(hidden.list, hidden.n);
                return -1;
        }
        if (l.n)
                qsort(l.list, l.n, sizeof(*l.list), by_canonical);
        struct parties *p = s->parties;
        pthread_rwlock_wrlock(&p->lock);
        struct parties old = { .list = p->list, .n = p->n, .authorities = p->authorities, .n_authorities = p->n_authorities, .hidden = p->hidden, .n_hidden = p->n_hidden };
        p->list = l.list;
        p->n = l.n;
        p->authorities = powers.list;
        p->n_authorities = powers.n;
        p->hidden = hidden.list;
        p->n_hidden = hidden.n;
        pthread_rwlock_unlock(&p->lock);
        free_list(old.list, old.n);
        free_list(old.authorities, old.n_authorities);
        free_list(old.hidden, old.n_hidden);
        /* Whose word counts on which page may be another now. */
        stamps_mark_all(s->stamps);
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

static bool listed(const struct party *list, size_t n, int64_t org)
{
        for (size_t i = 0; i < n; i++)
                if (list[i].org == org)
                        return true;
        return false;
}

bool store_authority(struct store *s, int64_t org)
{
        pthread_rwlock_rdlock(&s->parties->lock);
        bool found = listed(s->parties->authorities, s->parties->n_authorities, org);
        pthread_rwlock_unlock(&s->parties->lock);
        return found;
}

bool store_published(struct store *s, int64_t org)
{
        pthread_rwlock_rdlock(&s->parties->lock);
        bool found = listed(s->parties->hidden, s->parties->n_hidden, org);
        pthread_rwlock_unlock(&s->parties->lock);
        return !found;
}

/* ---- company prefixes ---- */

/* How many digits two keys of one company share at least.  Where nothing fixes it a guess that is too short would give a stranger's goods
 * to whoever sits beside him, so it is long. */
static size_t prefix_digits(struct str digits)
{
        int known = company_prefix_digits(digits);
        return known ? (size_t)known : 9;
}

static size_t common(struct str a, struct str b)
{
        size_t n = 0;
        while (n < a.n && n < b.n && a.p[n] == b.p[n])
                n++;
        return n;
}

/* 0 also where two organisations share as much: then nobody owns it by its number. */
static int64_t prefix_owner(const struct parties *p, struct str digits)
{
        size_t best = prefix_digits(digits) - 1;
        int64_t owner = 0;
        for (size_t i = 0; i < p->n; i++) {
                size_t n = common(p->list[i].digits, digits);
                if (n > best)
                        owner = p->list[i].org;
                else if (n == best && owner && owner != p->list[i].org)
                        owner = 0;
                best = n > best ? n : best;
        }
        return owner;
}

int64_t store_owner(struct store *s, struct str canonical)
{
        struct ident_parts part;
        struct arena *a = arena_new();
        pthread_rwlock_rdlock(&s->parties->lock);
        int64_t org = find_any(s->parties, a, canonical);
        ident_parts(a, canonical, &part);
        struct str digits = company_digits(&part);
        if (!org && digits.n > 7)
                org = prefix_owner(s->parties, digits);
        pthread_rwlock_unlock(&s->parties->lock);
        arena_free(a);
        return org;
}
