#include "ledger/views.h"

#include <stdlib.h>

#include "base/oom.h"
#include "epcis/digest.h"
#include "epcis/signature.h"
#include "ledger/ledger.h"
#include "merkle/leaf.h"
#include "store/names.h"
#include "store/refs.h"
#include "store/sql_names.h"

#define CACHED_ITEMS (512 * 1024)       /* 8 MiB */
#define CACHED_TERMS (16 * 1024)        /* places, parties and papers are among them */

/* ---- state ---- */

/* Columns of the newest row of a table; zeros when it has none. */
static int newest(struct db *db, int sql, int64_t org, int64_t *first, int64_t *second, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, sql, DB_ARGS(db_i(org)), &row, reterr);
        if (rc == 1) {
                *first = db_int(row, 0);
                if (second)
                        *second = db_int(row, 1);
        }
        db_done(db, sql);
        return rc < 0 ? -1 : 0;
}

/* Zeros before the first record, and for those of before the log until it knows them. */
static int load_before(struct org_state *st, struct db *db, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_log_hash, DB_ARGS(db_i(st->org->id), db_i(LEAF_EVENT), db_i(st->seq)), &row, reterr);
        struct str hash = rc == 1 ? db_text(row, 0) : STR_NONE;
        st->before = (struct hash){ 0 };
        if (hash.n == sizeof(st->before.b))
                memcpy(st->before.b, hash.p, hash.n);
        db_done(db, SQL_log_hash);
        return rc < 0 ? -1 : 0;
}

static int load_state(struct org_state *st, struct db *db, struct err *reterr)
{
        int64_t org = st->org->id;
        if (newest(db, SQL_event_last, org, &st->seq, &st->record_us, reterr) < 0 || newest(db, SQL_item_last, org, &st->item, NULL, reterr) < 0 ||
            newest(db, SQL_term_last, org, &st->term, NULL, reterr) < 0)
                return -1;
        if (newest(db, SQL_master_last, org, &st->master, NULL, reterr) < 0)
                return -1;
        return load_before(st, db, reterr);
}

int views_follow(struct views *v, const struct store *s, struct err *reterr)
{
        size_t n = s->n_orgs;
        if (n <= v->n_states)
                return 0;
        v->states = or_abort(realloc(v->states, (n + 1) * sizeof(*v->states)));
        for (; v->n_states < n; v->n_states++) {
                v->states[v->n_states] = (struct org_state){ .org = &s->orgs[v->n_states] };
                if (load_state(&v->states[v->n_states], v->db, reterr) < 0)
                        return err_while(reterr, "reading the last numbers given");
        }
        return 0;
}

int views_open(struct views *v, struct db *db, const struct store *s, struct err *reterr)
{
        *v = (struct views){ .db = db, .own = &s->origins, .items = item_cache_new(CACHED_ITEMS), .terms = item_cache_new(CACHED_TERMS) };
        if (views_follow(v, s, reterr) == 0)
                return 0;
        views_close(v);
        return -1;
}

void views_close(struct views *v)
{
        free(v->states);
        item_cache_free(v->items);
        item_cache_free(v->terms);
        *v = (struct views){ 0 };
}

struct org_state *views_state(struct views *v, int64_t org)
{
        for (size_t i = 0; i < v->n_states; i++)
                if (v->states[i].org->id == org)
                        return &v->states[i];
        return NULL;
}

static int by_number(const void *pa, const void *pb)
{
        int64_t a = *(const int64_t *)pa, b = *(const int64_t *)pb;
        return (a > b) - (a < b);
}

/* What other processes committed since our last turn changed the last numbers; numbers once given stay, but for a rebuild's. */
static int take_turn(struct views *v, struct org_state *st, bool anew, struct err *reterr)
{
        int64_t turn;
        if (db_turn(v->db, st->org->id, anew, &turn, reterr) < 0)
                return -1;
        if (turn == st->turn + 1 || turn == 0)
                return st->turn = turn, 0;
        if (TURN_ERA(turn) != TURN_ERA(st->turn)) {
                item_cache_clear(v->items);
                item_cache_clear(v->terms);
        }
        *st = (struct org_state){ .org = st->org, .turn = turn };
        return load_state(st, v->db, reterr);
}

/* Ascending, as everybody does: two that want the same ones cannot wait for each other. */
int views_take_turns(struct views *v, int64_t *orgs, size_t n, bool anew, struct err *reterr)
{
        qsort(orgs, n, sizeof(*orgs), by_number);
        for (size_t i = 0; i < n; i++) {
                struct org_state *st = views_state(v, orgs[i]);
                if (st && (i == 0 || orgs[i] != orgs[i - 1]) && take_turn(v, st, anew, reterr) < 0)
                        return err_while(reterr, "taking the turn of organisation %lld", (long long)orgs[i]);
        }
        return 0;
}

/* ---- preparing ---- */

static void prepare_facets(struct arena *a, const struct views *v, const struct org *org, struct entry *e)
{
        struct event_facet *facets;
        e->n_facets = event_facets(a, e->event, v->own, &facets);
        struct text_key *keys = arena_raw(a, (e->n_facets + 1) * sizeof(*keys));
        for (size_t i = 0; i < e->n_facets; i++)
                keys[i] = item_cache_key(v->terms, org->id, facets[i].value);
        e->facets = facets;
        e->facet_keys = keys;
}

void event_prepare(struct arena *a, struct arena *scratch, const struct views *v, const struct org *org,
                   const struct event *e, struct str actor, struct entry *ret)
{
        struct record_digest rd;
        record_digest(scratch, e, &org->secret, &rd);
        *ret = (struct entry){ .event = e, .event_id = e->event_id, .given_here = !e->event_id.n,
                               .digest = rd.digest, .salt = rd.salt, .digest_head = hash_head(&rd.digest),
                               .name_head = e->event_id.n ? event_name_head(e->event_id) : 0,
                               .terms = { [TERM_CONTEXT] = e->context_json, [TERM_ACTOR] = actor,
                                          [TERM_BIZ_STEP] = e->biz_step, [TERM_DISPOSITION] = e->disposition } };
        ret->signature = signature_hash(e->signature);
        event_hash(scratch, e, &ret->event_hash, NULL);
        struct text_key *keys = arena_raw(a, (e->n_items + 1) * sizeof(*keys));
        for (size_t i = 0; i < e->n_items; i++)
                keys[i] = item_cache_key(v->items, org->id, e->items[i].canonical);
        ret->item_keys = keys;
        for (int t = 0; t < TERMS; t++)
                if (ret->terms[t].n)
                        ret->term_keys[t] = item_cache_key(v->terms, org->id, ret->terms[t]);
        prepare_facets(a, v, org, ret);
        ret->flags = (e->has_error_declaration ? EVENT_DECLARES_ERROR : 0) | (ret->given_here ? EVENT_ID_GIVEN_HERE : 0) |
                     (e->signature ? EVENT_SIGNED : 0);
}

/* ---- namesakes ---- */

bool namesakes_clash(int64_t flags_a, const struct hash *hash_a, int64_t flags_b, const struct hash *hash_b)
{
        bool declaration = (flags_a | flags_b) & EVENT_DECLARES_ERROR;
        return !declaration || memcmp(hash_a->b, hash_b->b, sizeof(hash_a->b)) != 0;
}

struct str entry_source(const struct entry *e)
{
        return e->door == DOOR_SHARED ? e->terms[TERM_ACTOR] : STR_NONE;
}

struct finding_namesakes { struct batch *b; struct entry **asked; };

static int namesake_found(void *ctx, size_t input, const struct db_row *row, struct err *reterr)
{
        struct finding_namesakes *f = ctx;
        struct entry *e = f->asked[input];
        (void)reterr;
        if (!str_eq(db_text(row, 1), e->event_id) || !str_eq(db_text(row, 4), entry_source(e)))
                return 0;
        size_t n = e->n_namesakes;
        if ((n & (n - 1)) == 0) {       /* room for a power of two */
                struct namesake *more = arena_array(f->b->arena, struct namesake, n ? n * 2 : 1);
                if (n)
                        memcpy(more, e->namesakes, n * sizeof(*more));
                e->namesakes = more;
        }
        struct namesake *s = &e->namesakes[e->n_namesakes++];
        struct str hash = db_text(row, 3);
        *s = (struct namesake){ .seq = db_int(row, 0), .flags = db_int(row, 2) };
        if (hash.n == sizeof(s->event_hash.b))
                memcpy(s->event_hash.b, hash.p, hash.n);
        return 0;
}

int batch_find_namesakes(struct views *v, struct batch *b, struct err *reterr)
{
        struct finding_namesakes f = { b, arena_array(b->arena, struct entry *, b->n + 1) };
        struct db_value *args = arena_raw(b->arena, (2 * b->n + 1) * sizeof(*args));
        size_t n = 0;
        for (size_t i = 0; i < b->n; i++) {
                struct entry *e = b->entries[i];
                if (e->given_here)
                        continue;
                args[2 * n] = db_i(e->org->org->id);
                args[2 * n + 1] = db_i(e->name_head);
                f.asked[n++] = e;
        }
        return db_many(v->db, SQL_event_named, args, 2, n, namesake_found, &f, reterr);
}

/* Records under one eventID come together. */
static int by_name(const void *pa, const void *pb)
{
        const struct entry *a = *(struct entry *const *)pa, *b = *(struct entry *const *)pb;
        if (a->org != b->org)
                return a->org < b->org ? -1 : 1;
        if (a->name_head != b->name_head)
                return a->name_head < b->name_head ? -1 : 1;
        int order = str_cmp(a->event_id, b->event_id);
        return order ? order : str_cmp(entry_source(a), entry_source(b));
}

static void flag_earlier(struct batch *b, const struct entry *e)
{
        for (size_t i = 0; i < e->n_namesakes; i++)
                if (!(e->namesakes[i].flags & (EVENT_DECLARES_ERROR | EVENT_DECLARED_WRONG))) {
                        b->flagged_org[b->n_flagged] = e->org->org->id;
                        b->flagged[b->n_flagged++] = e->namesakes[i].seq;
                }
}

/* All kept records of the batch that bear one eventID: `declared` when one of them, or one before the batch, declares an error. */
static void flag_group(struct batch *b, struct entry **group, size_t n)
{
        const struct entry *declares = NULL;
        bool declared = false;
        for (size_t i = 0; i < n; i++)
                if (group[i]->flags & EVENT_DECLARES_ERROR)
                        declares = group[i];
        for (size_t k = 0; k < group[0]->n_namesakes; k++)
                declared |= (group[0]->namesakes[k].flags & EVENT_DECLARES_ERROR) != 0;
        for (size_t i = 0; i < n; i++)
                if ((declares || declared) && !(group[i]->flags & EVENT_DECLARES_ERROR))
                        group[i]->flags |= EVENT_DECLARED_WRONG;
        if (declares)
                flag_earlier(b, declares);
}

void batch_flags(struct batch *b)
{
        size_t room = 0, n = 0;
        struct entry **named = arena_array(b->arena, struct entry *, b->n + 1);
        for (size_t i = 0; i < b->n; i++)
                if (b->entries[i]->kept && !b->entries[i]->given_here) {
                        named[n++] = b->entries[i];
                        room += b->entries[i]->n_namesakes;
                }
        b->flagged = arena_array(b->arena, int64_t, room + 1);
        b->flagged_org = arena_array(b->arena, int64_t, room + 1);
        qsort(named, n, sizeof(*named), by_name);
        for (size_t i = 0, end; i < n; i = end) {
                for (end = i + 1; end < n && by_name(&named[i], &named[end]) == 0; end++)
                        ;
                flag_group(b, named + i, end - i);
        }
}

/* ---- writing ---- */

struct place { int64_t org, item, seq; int64_t time_us; uint8_t role; };

static int by_item(const void *pa, const void *pb)
{
        const struct place *a = pa, *b = pb;
        if (a->org != b->org)
                return a->org < b->org ? -1 : 1;
        if (a->item != b->item)
                return a->item < b->item ? -1 : 1;
        if (a->seq != b->seq)
                return a->seq < b->seq ? -1 : 1;
        return (int)a->role - (int)b->role;
}

/* Sorted, so that rows of one page of the index come together; an item that stands twice in a list has one row. */
static int write_event_items(struct views *v, struct batch *b, struct err *reterr)
{
        size_t n = 0, room = 0;
        for (size_t i = 0; i < b->n; i++)
                room += b->entries[i]->kept ? b->entries[i]->event->n_items : 0;
        struct place *places = arena_raw(b->arena, (room + 1) * sizeof(*places));
        for (size_t i = 0; i < b->n; i++) {
                const struct entry *e = b->entries[i];
                for (size_t k = 0; e->kept && k < e->event->n_items; k++)
                        places[n++] = (struct place){ e->org->org->id, e->items[k], e->seq, e->event->time.us, e->event->items[k].role };
        }
        qsort(places, n, sizeof(*places), by_item);
        struct rows *r = rows_begin(b->arena, v->db, SQL_event_item_add, 5, reterr);
        for (size_t i = 0; i < n; i++) {
                const struct place *p = &places[i];
                if (i && by_item(p - 1, p) == 0)
                        continue;
                if (rows_add(r, DB_ARGS(db_i(p->org), db_i(p->item), db_i(p->seq), db_i(p->role), db_i(p->time_us))) < 0)
                        return -1;
        }
        return rows_end(r);
}

struct facet_row { int64_t org, value, seq, time_us; uint8_t facet; };

static int by_facet(const void *pa, const void *pb)
{
        const struct facet_row *a = pa, *b = pb;
        if (a->org != b->org)
                return a->org < b->org ? -1 : 1;
        if (a->facet != b->facet)
                return (int)a->facet - (int)b->facet;
        if (a->value != b->value)
                return a->value < b->value ? -1 : 1;
        return (a->seq > b->seq) - (a->seq < b->seq);
}

int batch_facets(struct views *v, struct batch *b, struct err *reterr)
{
        size_t n = 0, room = 0;
        for (size_t i = 0; i < b->n; i++)
                room += b->entries[i]->kept ? b->entries[i]->n_facets : 0;
        struct facet_row *list = arena_raw(b->arena, (room + 1) * sizeof(*list));
        for (size_t i = 0; i < b->n; i++) {
                const struct entry *e = b->entries[i];
                for (size_t k = 0; e->kept && k < e->n_facets; k++)
                        list[n++] = (struct facet_row){ e->org->org->id, e->facet_ids[k], e->seq, e->event->time.us, e->facets[k].facet };
        }
        qsort(list, n, sizeof(*list), by_facet);
        struct rows *r = rows_begin(b->arena, v->db, SQL_event_facet_add, 5, reterr);
        for (size_t i = 0; i < n; i++)
                if (rows_add(r, DB_ARGS(db_i(list[i].org), db_i(list[i].facet), db_i(list[i].value), db_i(list[i].seq), db_i(list[i].time_us))) < 0)
                        return -1;
        return rows_end(r);
}

static int write_lookups(struct views *v, struct batch *b, struct err *reterr)
{
        struct rows *once = rows_begin(b->arena, v->db, SQL_event_once_add, 4, reterr);
        struct rows *name = rows_begin(b->arena, v->db, SQL_event_name_add, 3, reterr);
        for (size_t i = 0; i < b->n; i++) {
                const struct entry *e = b->entries[i];
                if (!e->kept)
                        continue;
                struct db_value org = db_i(e->org->org->id), seq = db_i(e->seq);
                if (rows_add(once, DB_ARGS(org, db_i(e->event->time.us), db_i(e->digest_head), seq)) < 0 ||
                    rows_add(name, DB_ARGS(org, db_i(e->name_head), seq)) < 0)
                        return -1;
        }
        return rows_end(once) < 0 || rows_end(name) < 0 ? -1 : 0;
}

static void pack(struct batch *b, struct entry *e)
{
        size_t n = e->event->n_items;
        struct event_ref *refs = arena_raw(b->arena, (n + 1) * sizeof(*refs));
        struct buf out = { .max = SIZE_MAX / 8 };
        for (size_t k = 0; k < n; k++) {
                const struct event_item *x = &e->event->items[k];
                refs[k] = (struct event_ref){ e->items[k], x->role, x->quantity.n > 0, x->quantity, x->uom };
        }
        buf_reserve(&out, 16 + n * 8);
        refs_pack(&out, refs, n);
        e->refs = arena_str(b->arena, buf_view(&out));
        buf_free(&out);
}

int batch_views(struct views *v, struct batch *b, struct err *reterr)
{
        for (size_t i = 0; i < b->n; i++)
                if (b->entries[i]->kept)
                        pack(b, b->entries[i]);
        for (size_t i = 0; i < b->n_flagged; i++)
                if (db_run(v->db, SQL_event_flag, DB_ARGS(db_i(EVENT_DECLARED_WRONG), db_i(b->flagged_org[i]), db_i(b->flagged[i])), reterr) < 0)
                        return err_while(reterr, "flagging an event");
        if (write_event_items(v, b, reterr) < 0 || batch_facets(v, b, reterr) < 0 || write_lookups(v, b, reterr) < 0)
                return err_while(reterr, "writing views");
        return 0;
}

int batch_events(struct views *v, struct batch *b, struct err *reterr)
{
        struct rows *r = rows_begin(b->arena, v->db, SQL_event_add, 18, reterr);
        for (size_t i = 0; i < b->n; i++) {
                const struct entry *e = b->entries[i];
                if (e->kept &&
                    rows_add(r, DB_ARGS(db_i(e->org->org->id), db_i(e->seq), db_i(e->record_us), db_i(e->door),
                                        db_i(e->term_ids[TERM_ACTOR]), db_i(e->term_ids[TERM_CONTEXT]), db_t(e->event_id),
                                        db_i(e->event->time.us), db_i(e->event->time.offset_min), db_i(e->event->type), db_i(e->event->action),
                                        db_i(e->flags), db_i(e->term_ids[TERM_BIZ_STEP]), db_i(e->term_ids[TERM_DISPOSITION]),
                                        db_b(e->digest.b, 32), db_b(e->salt.b, 32), db_b(e->event_hash.b, 32),
                                        db_b(e->refs.p, e->refs.n))) < 0)
                        return err_while(reterr, "writing events");
        }
        return rows_end(r) < 0 ? err_while(reterr, "writing events") : 0;
}
