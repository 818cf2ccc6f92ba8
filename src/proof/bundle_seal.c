#include <stdlib.h>

#include "proof/bundle_seal.h"
#include "proof/seal.h"

/* The lot seals of a file of proof.  A seal says which records of its organisation stood behind a thing when it left.  So of the records in the file, those of that
 * organisation that name the thing and are not newer must be among them; and what is among them and not in the file was left out. */

struct name_of { struct str name; size_t record; };

static int by_name(const void *x, const void *y)
{
        const struct name_of *a = x, *b = y;
        int d = str_cmp(a->name, b->name);
        return d ? d : (a->record > b->record) - (a->record < b->record);
}

static int by_bytes(const void *x, const void *y)
{
        return memcmp(x, y, sizeof(struct hash));
}

/* Our own names are paths: a checker does not know under which origins they were printed. */
static struct str name_path(struct str canonical)
{
        if (!(str_starts(canonical, STR("https://")) || str_starts(canonical, STR("http://"))) || str_starts(canonical, STR("https://id.gs1.org/")))
                return canonical;
        const char *host = memchr(canonical.p, '/', canonical.n), *path = NULL;
        size_t at = (size_t)(host - canonical.p) + 2;
        if (at < canonical.n)
                path = memchr(canonical.p + at, '/', canonical.n - at);
        return path ? str_from(canonical, (size_t)(path - canonical.p)) : canonical;
}

static void collect_names(struct verifying *v)
{
        size_t n = 0;
        for (size_t i = 0; i < v->ret->n; i++)
                n += v->facts[i].event.json ? v->facts[i].event.n_items : 0;
        v->names = arena_array(v->arena, struct name_of, n + 1);
        for (size_t i = 0; i < v->ret->n; i++) {
                const struct event *e = &v->facts[i].event;
                for (size_t k = 0; v->ret->records[i].ok && e->json && k < e->n_items; k++)
                        v->names[v->n_names++] = (struct name_of){ name_path(e->items[k].canonical), i };
        }
        if (v->n_names)
                qsort(v->names, v->n_names, sizeof *v->names, by_name);
}

/* The first of the names that is not before this one. */
static size_t name_find(const struct verifying *v, struct str name)
{
        size_t low = 0, high = v->n_names;
        while (low < high) {
                size_t mid = low + (high - low) / 2;
                if (str_cmp(v->names[mid].name, name) < 0)
                        low = mid + 1;
                else
                        high = mid;
        }
        return low;
}

bool seals_name(const struct verifying *v, struct str canonical)
{
        size_t at = name_find(v, canonical);
        return at < v->n_names && str_eq(v->names[at].name, canonical);
}

static bool among(const struct hash *list, size_t n, const struct hash *h)
{
        return n && bsearch(h, list, n, sizeof *list, by_bytes);
}

/* The list is what was sealed: sorted, each once, as many as counted, and with this hash. */
static bool list_holds(struct verifying *v, const struct file_record *f, const struct seal_detail *d)
{
        for (size_t k = 1; k < f->n_commitments; k++)
                if (by_bytes(&f->commitments[k - 1], &f->commitments[k]) >= 0)
                        return false;
        struct hash *copy = arena_array(v->arena, struct hash, f->n_commitments + 1);
        if (f->n_commitments)
                memcpy(copy, f->commitments, f->n_commitments * sizeof *copy);
        struct hash h = seal_hash_of(copy, f->n_commitments);
        return (uint64_t)d->count == f->n_commitments && memcmp(&h, &d->hash, sizeof h) == 0;
}

/* Records of the file that the seal should count and does not. */
static void check_counted(struct verifying *v, size_t i, const struct seal_detail *d, seal_fault *fail)
{
        const struct file_record *f = &v->file.records[i];
        const struct statement *s = &v->facts[i].statement;
        for (size_t at = name_find(v, s->subject); at < v->n_names && str_eq(v->names[at].name, s->subject); at++) {
                size_t k = v->names[at].record;
                if (str_eq(v->facts[k].header.org, s->org) && v->facts[k].header.number <= d->through &&
                    !among(f->commitments, f->n_commitments, &v->facts[k].commitment))
                        fail(v, i, STEP_SEAL, "records[%zu] (no. %lld) is about the same and not newer, and this seal does not count it", k,
                             (long long)v->facts[k].header.number);
        }
}

/* What the seal counts and the file lacks. */
static void find_missing(struct verifying *v, size_t i, const struct hash *have, size_t n_have)
{
        const struct file_record *f = &v->file.records[i];
        struct bundle_record *r = &v->ret->records[i];
        struct hash *list = arena_array(v->arena, struct hash, f->n_commitments + 1);
        for (size_t k = 0; k < f->n_commitments; k++)
                if (!among(have, n_have, &f->commitments[k]))
                        list[r->n_missing++] = f->commitments[k];
        r->missing = list;
}

static void check_seal(struct verifying *v, size_t i, const struct hash *have, size_t n_have, seal_fault *fail)
{
        struct seal_detail d;
        if (!seal_detail_read(v->facts[i].statement.detail, &d))
                fail(v, i, STEP_SEAL, "its detail is not that of a lot seal");
        else if (!list_holds(v, &v->file.records[i], &d))
                fail(v, i, STEP_SEAL, "the commitments in the file are not those that were sealed");
        else
                check_counted(v, i, &d, fail);
        if (v->ret->records[i].ok)
                find_missing(v, i, have, n_have);
}

void seals_check(struct verifying *v, seal_fault *fail)
{
        size_t n = 0;
        struct hash *have = arena_array(v->arena, struct hash, v->ret->n + 1);
        collect_names(v);
        for (size_t i = 0; i < v->ret->n; i++)
                if (v->file.records[i].type == LEAF_EVENT && v->facts[i].known)
                        have[n++] = v->facts[i].commitment;
        if (n)
                qsort(have, n, sizeof *have, by_bytes);
        for (size_t i = 0; i < v->ret->n; i++)
                if (v->file.records[i].type == LEAF_LOT_SEAL && v->ret->records[i].ok)
                        check_seal(v, i, have, n, fail);
}
