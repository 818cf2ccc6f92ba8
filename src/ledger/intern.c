#include <stdlib.h>

#include "base/digest.h"
#include "ledger/views.h"
#include "store/sql_names.h"

/* Giving numbers to texts: first the cache, then the database for those not in it, then new numbers in order of first
 * sight.  A text that comes twice in a batch is looked for once. */

struct wanted {
        struct org_state *org;
        struct text_key key;
        struct str text;
        int64_t head;           /* terms: of the text's SHA-256 */
        int kind;               /* items */
        int64_t id;             /* 0: not known yet */
};

struct wants {
        struct arena *arena;
        struct wanted *list;
        size_t n, cap;
        uint32_t *slots;        /* index + 1, by key; a power of two, at most half full */
        size_t n_slots;
        struct { int64_t *at; uint32_t wanted; } *places;       /* numbers to fill in later */
        size_t n_places, cap_places;
};

static void place_all(struct wants *w)
{
        memset(w->slots, 0, w->n_slots * sizeof(*w->slots));
        for (size_t i = 0; i < w->n; i++) {
                size_t at = w->list[i].key.h[0] & (w->n_slots - 1);
                while (w->slots[at])
                        at = (at + 1) & (w->n_slots - 1);
                w->slots[at] = (uint32_t)i + 1;
        }
}

static void grow(struct wants *w)
{
        size_t cap = w->cap ? w->cap * 2 : 256;
        struct wanted *list = arena_raw(w->arena, cap * sizeof(*list));
        if (w->n)
                memcpy(list, w->list, w->n * sizeof(*list));
        w->list = list;
        w->cap = cap;
        w->n_slots = cap * 2;
        w->slots = arena_raw(w->arena, w->n_slots * sizeof(*w->slots));
        place_all(w);
}

/* The index of the text, new or seen before in this batch. */
static uint32_t want(struct wants *w, struct org_state *org, const struct text_key *key, struct str text, int kind)
{
        if (w->n == w->cap)
                grow(w);
        size_t at = key->h[0] & (w->n_slots - 1);
        for (; w->slots[at]; at = (at + 1) & (w->n_slots - 1)) {
                const struct wanted *x = &w->list[w->slots[at] - 1];
                if (x->key.h[0] == key->h[0] && x->key.h[1] == key->h[1])
                        return w->slots[at] - 1;
        }
        w->list[w->n] = (struct wanted){ .org = org, .key = *key, .text = text, .kind = kind };
        w->slots[at] = (uint32_t)++w->n;
        return w->slots[at] - 1;
}

static void fill_later(struct wants *w, int64_t *at, uint32_t wanted)
{
        if (w->n_places == w->cap_places) {
                size_t cap = w->cap_places ? w->cap_places * 2 : 1024;
                void *more = arena_raw(w->arena, cap * sizeof(*w->places));
                if (w->n_places)
                        memcpy(more, w->places, w->n_places * sizeof(*w->places));
                w->places = more;
                w->cap_places = cap;
        }
        w->places[w->n_places].at = at;
        w->places[w->n_places++].wanted = wanted;
}

static void fill_in(struct wants *w, struct item_cache *cache)
{
        for (size_t i = 0; i < w->n; i++)
                item_cache_put(cache, &w->list[i].key, w->list[i].id);
        for (size_t i = 0; i < w->n_places; i++)
                *w->places[i].at = w->list[w->places[i].wanted].id;
}

/* ---- items ---- */

static int item_found(void *ctx, size_t input, const struct db_row *row, struct err *reterr)
{
        (void)reterr;
        ((struct wants *)ctx)->list[input].id = db_int(row, 0);
        return 0;
}

static int find_items(struct views *v, struct wants *w, struct err *reterr)
{
        struct db_value *args = arena_raw(w->arena, (w->n * 2 + 1) * sizeof(*args));
        for (size_t i = 0; i < w->n; i++) {
                args[2 * i] = db_i(w->list[i].org->org->id);
                args[2 * i + 1] = db_t(w->list[i].text);
        }
        return db_many(v->db, SQL_item_find, args, 2, w->n, item_found, w, reterr);
}

static int add_items(struct views *v, struct wants *w, struct err *reterr)
{
        struct rows *r = rows_begin(w->arena, v->db, SQL_item_add, 4, reterr);
        for (size_t i = 0; i < w->n; i++) {
                struct wanted *x = &w->list[i];
                if (x->id)
                        continue;
                x->id = ++x->org->item;
                if (rows_add(r, DB_ARGS(db_i(x->org->org->id), db_i(x->id), db_t(x->text), db_i(x->kind))) < 0)
                        return -1;
        }
        return rows_end(r);
}

/* A page over many organisations looked at those that knew the thing; that one more does now must make it stale. */
static int found_elsewhere(void *ctx, size_t input, const struct db_row *row, struct err *reterr)
{
        struct batch *b = ctx;
        (void)input, (void)reterr;
        if (b->n_elsewhere + 2 > b->cap_elsewhere) {
                size_t cap = b->cap_elsewhere ? b->cap_elsewhere * 2 : 256;
                int64_t *more = arena_raw(b->arena, cap * sizeof(*more));
                if (b->n_elsewhere)
                        memcpy(more, b->elsewhere, b->n_elsewhere * sizeof(*more));
                b->elsewhere = more;
                b->cap_elsewhere = cap;
        }
        b->elsewhere[b->n_elsewhere++] = db_int(row, 0);
        b->elsewhere[b->n_elsewhere++] = db_int(row, 1);
        return 0;
}

/* Before the new ones are added. */
static int find_elsewhere(struct views *v, struct batch *b, struct wants *w, struct err *reterr)
{
        size_t n = 0;
        if (!b->telling || v->n_states < 2)
                return 0;
        struct db_value *args = arena_raw(w->arena, (w->n + 1) * sizeof(*args));
        for (size_t i = 0; i < w->n; i++)
                if (!w->list[i].id)
                        args[n++] = db_t(w->list[i].text);
        return n ? db_many(v->db, SQL_item_everywhere, args, 1, n, found_elsewhere, b, reterr) : 0;
}

static void want_items(struct views *v, struct wants *w, struct batch *b, struct entry *e)
{
        e->items = arena_raw(b->arena, (e->event->n_items + 1) * sizeof(*e->items));
        for (size_t k = 0; k < e->event->n_items; k++) {
                e->items[k] = item_cache_get(v->items, &e->item_keys[k]);
                if (!e->items[k])
                        fill_later(w, &e->items[k], want(w, e->org, &e->item_keys[k], e->event->items[k].canonical, e->event->items[k].kind));
        }
}

int batch_intern_items(struct views *v, struct batch *b, struct err *reterr)
{
        struct wants w = { .arena = b->arena };
        for (size_t i = 0; i < b->n; i++)
                if (b->entries[i]->kept)
                        want_items(v, &w, b, b->entries[i]);
        if (w.n && (find_items(v, &w, reterr) < 0 || find_elsewhere(v, b, &w, reterr) < 0 || add_items(v, &w, reterr) < 0))
                return err_while(reterr, "numbering items");
        fill_in(&w, v->items);
        return 0;
}

/* ---- terms ---- */

static int term_found(void *ctx, size_t input, const struct db_row *row, struct err *reterr)
{
        struct wanted *x = &((struct wants *)ctx)->list[input];
        (void)reterr;
        if (!x->id && str_eq(db_text(row, 1), x->text))
                x->id = db_int(row, 0);
        return 0;
}

static int find_terms(struct views *v, struct wants *w, struct err *reterr)
{
        struct db_value *args = arena_raw(w->arena, (w->n * 2 + 1) * sizeof(*args));
        for (size_t i = 0; i < w->n; i++) {
                w->list[i].head = hash_prefix(w->list[i].text);
                args[2 * i] = db_i(w->list[i].org->org->id);
                args[2 * i + 1] = db_i(w->list[i].head);
        }
        return db_many(v->db, SQL_term_find, args, 2, w->n, term_found, w, reterr);
}

static int add_terms(struct views *v, struct wants *w, struct err *reterr)
{
        for (size_t i = 0; i < w->n; i++) {
                struct wanted *x = &w->list[i];
                if (x->id)
                        continue;
                x->id = ++x->org->term;
                struct db_value org = db_i(x->org->org->id), id = db_i(x->id);
                if (db_run(v->db, SQL_term_add, DB_ARGS(org, id, db_t(x->text)), reterr) < 0 ||
                    db_run(v->db, SQL_term_head_add, DB_ARGS(org, db_i(x->head), id), reterr) < 0)
                        return -1;
        }
        return 0;
}

static void want_facets(struct views *v, struct wants *w, struct batch *b, struct entry *e)
{
        e->facet_ids = arena_raw(b->arena, (e->n_facets + 1) * sizeof(*e->facet_ids));
        for (size_t k = 0; k < e->n_facets; k++) {
                e->facet_ids[k] = item_cache_get(v->terms, &e->facet_keys[k]);
                if (!e->facet_ids[k])
                        fill_later(w, &e->facet_ids[k], want(w, e->org, &e->facet_keys[k], e->facets[k].value, 0));
        }
}

int batch_intern_terms(struct views *v, struct batch *b, struct err *reterr)
{
        struct wants w = { .arena = b->arena };
        for (size_t i = 0; i < b->n; i++) {
                struct entry *e = b->entries[i];
                if (!e->kept)
                        continue;
                for (int t = 0; t < TERMS; t++) {
                        e->term_ids[t] = e->terms[t].n ? item_cache_get(v->terms, &e->term_keys[t]) : 0;
                        if (e->terms[t].n && !e->term_ids[t])
                                fill_later(&w, &e->term_ids[t], want(&w, e->org, &e->term_keys[t], e->terms[t], 0));
                }
                want_facets(v, &w, b, e);
        }
        if (w.n && (find_terms(v, &w, reterr) < 0 || add_terms(v, &w, reterr) < 0))
                return err_while(reterr, "numbering terms");
        fill_in(&w, v->terms);
        return 0;
}
