/* Running: what the planner and the pages give is what looking at every event gives, on whichever engine the events are. */
#include "base/clock.h"
#include "epcis/facet.h"
#include "epcis/read.h"
#include "ledger/test_support.h"
#include "query/run.h"

/* ---- a query of our own ---- */

struct query {
        struct query_shape shape;
        struct query_bounds b;
        struct facet_bound facets[2];
        struct item_bound item;
        struct str facet_values[2][3], items[3], id;
        struct str wide[8];     /* what query_widen told */
        size_t n_wide;
        bool has_wide;
};

const struct query_shape *query_shape(const struct query *q) { return &q->shape; }

void query_bounds(const struct query *q, struct arena *a, struct query_bounds *ret)
{
        (void)a;
        *ret = q->b;
}

size_t query_wide_places(const struct query *q, struct arena *a, const struct str **ret)
{
        struct str *place = arena_alloc(a, sizeof *place);
        *place = STR("urn:place:0");
        *ret = place;
        return q->has_wide;
}

void query_widen(struct query *q, struct str place, const struct str *descendants, size_t n)
{
        assert_true(str_is(place, "urn:place:0"));
        assert_true(n <= 8);
        memcpy(q->wide, descendants, n * sizeof *descendants);
        q->n_wide = n;
}

static bool among(struct str s, const struct str *list, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq(list[i], s))
                        return true;
        return false;
}

bool query_matches(const struct query *q, struct arena *scratch, const struct query_event *x)
{
        const struct event *e = x->event;
        const struct query_bounds *b = &q->b;
        struct event_facet *facets;
        size_t n = event_facets(scratch, e, NULL, &facets);
        bool all = e->time.us >= b->time_from_us && e->time.us < b->time_before_us && x->record_us >= b->record_from_us && x->record_us < b->record_before_us &&
                   (!b->actions || b->actions & 1u << e->action) && (!b->n_event_ids || among(x->event_id, b->event_ids, b->n_event_ids));
        for (size_t i = 0; i < b->n_facets; i++) {
                bool any = false;
                for (size_t k = 0; k < n; k++)
                        any |= facets[k].facet == b->facets[i].facet && among(facets[k].value, b->facets[i].values, b->facets[i].n);
                all &= any;
        }
        for (size_t i = 0; i < b->n_items; i++) {
                bool any = false;
                for (size_t k = 0; k < e->n_items; k++)
                        any |= among(e->items[k].canonical, b->items[i].canonical, b->items[i].n) && (!b->items[i].roles || b->items[i].roles & 1u << e->items[k].role);
                all &= any;
        }
        return all;
}

static uint32_t test_next(uint64_t *seed)
{
        *seed = *seed * 6364136223846793005U + 1442695040888963407U;
        return (uint32_t)(*seed >> 33);
}

/* ---- events ---- */

enum { EVENTS = 700, ITEMS = 30, STEPS = 4, PLACES = 60 };

static const char *const steps[STEPS] = { "packing", "shipping", "receiving", "storing" };

static void add_random(struct buf *b, uint64_t *seed, int number)
{
        int minute = (int)(test_next(seed) % 200), item = (int)(test_next(seed) % ITEMS);
        buf_printf(b, "{'type':'ObjectEvent','eventID':'urn:e:%d','eventTime':'2026-07-01T%02d:%02d:00+08:00','eventTimeZoneOffset':'+08:00','action':'%s'", number,
                   minute / 60, minute % 60, test_next(seed) % 2 ? "ADD" : "OBSERVE");
        if (test_next(seed) % 5)
                buf_printf(b, ",'bizStep':'%s'", steps[test_next(seed) % STEPS]);
        if (test_next(seed) % 3)
                buf_printf(b, ",'readPoint':{'id':'urn:place:%d'}", (int)(test_next(seed) % PLACES));
        if (test_next(seed) % 3)
                buf_printf(b, ",'ex:dose':%d", (int)(test_next(seed) % 40) - 10);
        else if (test_next(seed) % 2)
                buf_printf(b, ",'ex:dose':'text %d'", (int)(test_next(seed) % 5));
        buf_printf(b, ",'epcList':['urn:x:%d','urn:x:%d']}", item, (item + 1 + (int)(test_next(seed) % 3)) % ITEMS);
}

static void capture(struct fixture *f, struct arena *a, uint64_t *seed, int first, int n)
{
        record_events(f, a, "{'ex':'https://ns.example.com/x/'}", add_random, seed, first, n);
}

/* ---- what looking at every event gives ---- */

struct seen { int64_t seq, time_us, record_us; struct str key; bool number; double value; };

static const struct query *ordering;
static int by_shape(const void *pa, const void *pb)
{
        const struct seen *a = pa, *b = pb;
        const struct query_shape *s = &ordering->shape;
        int c = 0;
        if (s->ordered && s->by == ORDER_EXTENSION) {
                if (!a->key.n || !b->key.n)
                        c = (a->key.n == 0) - (b->key.n == 0);
                else {
                        c = a->number != b->number ? (a->number ? -1 : 1) : a->number ? (a->value > b->value) - (a->value < b->value) : str_cmp(a->key, b->key);
                        c = s->ascending ? c : -c;
                }
                return c ? c : (a->seq < b->seq) - (a->seq > b->seq);
        }
        if (s->ordered && s->by == ORDER_EVENT_TIME)
                c = (a->time_us > b->time_us) - (a->time_us < b->time_us);
        if (!c)
                c = (a->seq > b->seq) - (a->seq < b->seq);
        return s->ordered && s->ascending ? c : -c;
}

static size_t naive(struct fixture *f, struct arena *a, struct query *q, struct seen *ret)
{
        struct reader *r;
        size_t n = 0;
        assert_int_equal(reader_begin(f->store, &r, NULL), 0);
        int64_t last = reader_last_seq(r, ORG_DEFAULT, NULL);
        for (int64_t seq = 1; seq <= last; seq++) {
                struct found_event x;
                struct search_row row;
                struct event e;
                assert_int_equal(reader_found(r, a, ORG_DEFAULT, seq, &x, NULL), 1);
                assert_int_equal(reader_event_row(r, ORG_DEFAULT, seq, &row, NULL), 1);
                assert_int_equal(event_reread(a, x.body, x.context, NULL, &e, NULL), 0);
                if (!query_matches(q, a, &(struct query_event){ .event = &e, .event_id = x.event_id, .record_us = row.record_us }))
                        continue;
                const struct json *dose = event_extension(&e, e.json, "https://ns.example.com/x/dose");
                ret[n++] = (struct seen){ seq, row.time_us, row.record_us, json_text(dose), json_is(dose, JSON_NUMBER), json_is(dose, JSON_NUMBER) ? strtod(dose->text, NULL) : 0 };
        }
        reader_end(r);
        ordering = q;
        if (n)
                qsort(ret, n, sizeof *ret, by_shape);
        return n;
}

/* ---- random queries ---- */

static struct query *random_query(struct arena *a, uint64_t *seed, int64_t base_us)
{
        struct query *q = arena_alloc(a, sizeof *q);
        q->b = (struct query_bounds){ INT64_MIN, INT64_MAX, INT64_MIN, INT64_MAX, 0, 0, q->facets, 0, &q->item, 0, NULL, 0, false, false };
        if (test_next(seed) % 3 == 0) {
                q->b.time_from_us = base_us + (int64_t)(test_next(seed) % 150) * 60000000;
                q->b.time_before_us = q->b.time_from_us + (int64_t)(test_next(seed) % 60) * 60000000;
        }
        if (test_next(seed) % 3 == 0) {
                q->facets[q->b.n_facets] = (struct facet_bound){ FACET_STEP, q->facet_values[0], 1 + test_next(seed) % 2 };
                for (size_t i = 0; i < 2; i++)
                        q->facet_values[0][i] = str_of(steps[test_next(seed) % STEPS]);
                q->b.n_facets++;
        }
        if (test_next(seed) % 3 == 0) {
                q->facets[q->b.n_facets] = (struct facet_bound){ FACET_READ_POINT, q->facet_values[1], 1 + test_next(seed) % 3 };
                for (size_t i = 0; i < 3; i++)
                        q->facet_values[1][i] = arena_printf(a, "urn:place:%d", (int)(test_next(seed) % (PLACES + 3)));
                q->b.n_facets++;
        }
        if (test_next(seed) % 3 == 0) {
                q->item = (struct item_bound){ test_next(seed) % 2 ? 1u << ROLE_EPC : 0, q->items, 1 + test_next(seed) % 3 };
                for (size_t i = 0; i < 3; i++)
                        q->items[i] = arena_printf(a, "urn:x:%d", (int)(test_next(seed) % ITEMS));
                q->b.n_items = 1;
        }
        if (test_next(seed) % 10 == 0) {
                q->id = arena_printf(a, "urn:e:%d", (int)(test_next(seed) % EVENTS));
                q->b.event_ids = &q->id;
                q->b.n_event_ids = 1;
        }
        if (test_next(seed) % 4 == 0)
                q->b.actions = 1u << ACTION_ADD;
        q->shape.ordered = test_next(seed) % 3 != 0;
        q->shape.by = q->shape.ordered ? (enum query_order)(test_next(seed) % 3) : ORDER_RECORD_TIME;
        q->shape.extension = STR("https://ns.example.com/x/dose");
        q->shape.ascending = test_next(seed) % 2;
        q->shape.event_count_limit = test_next(seed) % 4 ? 0 : 1 + (int64_t)(test_next(seed) % 50);
        return q;
}

/* All pages; how many events. */
static size_t all_pages(struct fixture *f, struct arena *a, struct query *q, uint64_t *seed, int64_t *ret, size_t max)
{
        struct query_page_from from = { .first = true };
        size_t n = 0;
        bool more = true;
        while (more) {
                struct reader *r;
                struct err e = { 0 };
                struct query_result got;
                const struct query_run_options o = { 1 + (int)(test_next(seed) % 40), 0 };
                assert_int_equal(reader_begin(f->store, &r, NULL), 0);
                if (query_run(a, r, ORG_DEFAULT, q, &from, &o, &got, &e) < 0)
                        fail_msg("%s (%s)", e.detail, e.cause);
                reader_end(r);
                assert_true(got.n <= (size_t)o.per_page);
                assert_true(got.n > 0 || !got.more);
                for (size_t i = 0; i < got.n; i++) {
                        assert_true(n < max);
                        ret[n++] = got.list[i].seq;
                }
                more = got.more;
                from = got.next;
        }
        return n;
}

static void random_queries_give_what_looking_at_every_event_gives(void **state)
{
        struct fixture *f = *state;
        uint64_t seed = 20261124;
        struct arena *a = arena_new();
        struct seen *want = calloc(EVENTS, sizeof *want);
        int64_t *got = calloc(EVENTS, sizeof *got);
        struct stamp base;
        size_t found = 0;
        assert_true(stamp_read(STR("2026-07-01T00:00:00+08:00"), &base));
        for (int at = 0; at < EVENTS; at += 70)
                capture(f, f->arena, &seed, at, 70);
        for (int round = 0; round < 150; round++) {
                struct query *q = random_query(a, &seed, base.us);
                q->b.exact = round % 2;         /* its bounds say all of it: both ways must find the same */
                size_t n = naive(f, a, q, want);
                if (q->shape.event_count_limit && n > (size_t)q->shape.event_count_limit)
                        n = (size_t)q->shape.event_count_limit;
                assert_int_equal(all_pages(f, a, q, &seed, got, EVENTS), n);
                for (size_t i = 0; i < n; i++)
                        if (got[i] != want[i].seq)
                                fail_msg("round %d, place %zu: %lld, not %lld", round, i, (long long)got[i], (long long)want[i].seq);
                found += n;
                arena_reset(a);
        }
        assert_true(found > 1000);
        free(want);
        free(got);
        arena_free(a);
}

/* ---- while events arrive ---- */

/* Not without end: every page of an order by an extension looks at all of them. */
#define ARRIVING 900

struct capturing { struct fixture *f; int first; _Atomic bool *stop; };
static void *keep_capturing(void *arg)
{
        struct capturing *c = arg;
        uint64_t seed = (uint64_t)c->first;
        for (int at = c->first; !*c->stop && at < c->first + ARRIVING; at += 3) {
                struct arena *a = arena_new();
                capture(c->f, a, &seed, at, 3);
                arena_free(a);
        }
        return NULL;
}

static void pages_tell_each_event_once_while_others_arrive(void **state)
{
        struct fixture *f = *state;
        uint64_t seed = 7;
        _Atomic bool stop = false;
        pthread_t threads[2];
        struct capturing c[2] = { { f, 1000000, &stop }, { f, 2000000, &stop } };
        static int64_t got[100000];
        for (int at = 0; at < EVENTS; at += 70)
                capture(f, f->arena, &seed, at, 70);
        for (int i = 0; i < 2; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, keep_capturing, &c[i]), 0);
        for (int round = 0; round < 16; round++) {
                struct arena *a = arena_new();
                struct query *q = arena_alloc(a, sizeof *q);
                struct reader *r;
                q->b = (struct query_bounds){ INT64_MIN, INT64_MAX, INT64_MIN, INT64_MAX, 0, 0, q->facets, round % 3 == 2, &q->item, 0, NULL, 0, false, false };
                q->facet_values[0][0] = STR("packing");
                q->facets[0] = (struct facet_bound){ FACET_STEP, q->facet_values[0], 1 };
                q->shape = (struct query_shape){ .ordered = true, .by = (enum query_order)(round % 3), .ascending = round % 2, .extension = STR("https://ns.example.com/x/dose") };
                assert_int_equal(reader_begin(f->store, &r, NULL), 0);
                int64_t before = reader_last_seq(r, ORG_DEFAULT, NULL);
                reader_end(r);
                size_t n = all_pages(f, a, q, &seed, got, sizeof got / sizeof *got);
                bool *told = calloc(100001, 1);
                size_t old = 0;
                for (size_t i = 0; i < n; i++) {
                        assert_false(told[got[i]]);
                        told[got[i]] = true;
                        old += got[i] <= before;
                }
                if (!q->b.n_facets)
                        assert_int_equal(old, before);
                free(told);
                arena_free(a);
        }
        stop = true;
        for (int i = 0; i < 2; i++)
                pthread_join(threads[i], NULL);
}

/* ---- bounds ---- */

static struct query *everything(struct arena *a)
{
        struct query *q = arena_alloc(a, sizeof *q);
        q->b = (struct query_bounds){ INT64_MIN, INT64_MAX, INT64_MIN, INT64_MAX, 0, 0, q->facets, 0, &q->item, 0, NULL, 0, false, false };
        return q;
}

static void too_many_and_too_slow_are_refused(void **state)
{
        struct fixture *f = *state;
        uint64_t seed = 3;
        struct reader *r;
        struct query_result got;
        struct err e = { 0 };
        struct query *q = everything(f->arena);
        capture(f, f->arena, &seed, 0, 70);
        assert_int_equal(reader_begin(f->store, &r, NULL), 0);
        q->shape.max_event_count = 70;
        assert_int_equal(query_run(f->arena, r, ORG_DEFAULT, q, NULL, &(struct query_run_options){ 10, 0 }, &got, &e), 0);
        assert_int_equal(got.n, 10);
        assert_true(got.more);
        q->shape.max_event_count = 69;
        assert_int_equal(query_run(f->arena, r, ORG_DEFAULT, q, NULL, &(struct query_run_options){ 10, 0 }, &got, &e), -1);
        assert_int_equal(e.kind, ERR_QUERY_LARGE);
        q->shape.max_event_count = 0;
        assert_int_equal(query_run(f->arena, r, ORG_DEFAULT, q, NULL, &(struct query_run_options){ 10, clock_mono_us() - 1 }, &got, &e), -1);
        assert_int_equal(e.kind, ERR_QUERY_COMPLEX);
        reader_end(r);
}

static void places_below_are_found_in_master_data_and_cycles_end(void **state)
{
        struct fixture *f = *state;
        struct reader *r;
        struct query_result got;
        struct err e = { 0 };
        struct buf b;
        buf_init(&b, 1 << 16);
        buf_z(&b, "{'@context':['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'],'type':'EPCISDocument','schemaVersion':'2.0','creationDate':'2026-07-01T00:00:00Z',"
                  "'epcisHeader':{'epcisMasterData':{'vocabularyList':[{'type':'urn:epcglobal:epcis:vtype:BusinessLocation','vocabularyElementList':["
                  "{'id':'urn:place:0','children':['urn:place:1','urn:place:2']},{'id':'urn:place:2','children':['urn:place:3','urn:place:0']}]}]}},'epcisBody':{'eventList':[]}}");
        struct ledger_job j = { .org = ORG_DEFAULT, .door = DOOR_CAPTURE, .actor = STR("tester"), .arena = f->arena, .doc = read_quoted(f->arena, &b, NULL) };
        assert_int_equal(ledger_record(f->ledger, &j, &e), 0);
        struct query *q = everything(f->arena);
        q->has_wide = true;
        assert_int_equal(reader_begin(f->store, &r, NULL), 0);
        assert_int_equal(query_run(f->arena, r, ORG_DEFAULT, q, NULL, &(struct query_run_options){ 10, 0 }, &got, &e), 0);
        reader_end(r);
        assert_int_equal(q->n_wide, 4);
        assert_true(among(STR("urn:place:3"), q->wide, 4) && among(STR("urn:place:0"), q->wide, 4));
}

/* ---- tokens ---- */

static void tokens_hold_their_place_and_nothing_else_opens_them(void **state)
{
        struct fixture *f = *state;
        uint8_t key[32] = { 1 }, other[32] = { 2 };
        struct query_page_from at = { .high_record_us = 5, .key_us = -7, .key_text = STR("ndose"), .org = 1, .seq = 1099511627775, .told = 30 }, got;
        struct str bound = STR("query\nkey:1"), t = page_token(f->arena, key, bound, &at, 1000);
        struct err e = { 0 };
        assert_int_equal(page_token_read(f->arena, key, bound, t, 1000, &got, &e), 0);
        assert_false(got.first);
        assert_true(got.high_record_us == 5 && got.key_us == -7 && got.org == 1 && got.seq == at.seq && got.told == 30 && str_is(got.key_text, "ndose"));
        assert_int_equal(page_token_read(f->arena, key, bound, t, 1001, &got, &e), -1);
        assert_int_equal(e.kind, ERR_BAD_QUERY);
        assert_non_null(strstr(e.detail, "expired"));
        assert_int_equal(page_token_read(f->arena, other, bound, t, 0, &got, &e), -1);
        assert_int_equal(page_token_read(f->arena, key, STR("query\nkey:2"), t, 0, &got, &e), -1);
        for (size_t i = 0; i < t.n; i++)
                for (int k = 1; k < 3; k++) {
                        char *forged = arena_cstr(f->arena, t);
                        forged[i] = k == 1 ? (forged[i] == 'A' ? 'B' : 'A') : '=';
                        assert_int_equal(page_token_read(f->arena, key, bound, str_of(forged), 0, &got, &e), -1);
                }
        for (size_t n = 0; n < t.n; n++)
                assert_int_equal(page_token_read(f->arena, key, bound, (struct str){ t.p, n }, 0, &got, &e), -1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                T(random_queries_give_what_looking_at_every_event_gives),
                T(pages_tell_each_event_once_while_others_arrive),
                T(too_many_and_too_slow_are_refused),
                T(places_below_are_found_in_master_data_and_cycles_end),
                T(tokens_hold_their_place_and_nothing_else_opens_them),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
