/* The whole of it: random queries as people write them, read, planned and run on an engine, find what holding every event against them
 * finds.  Here the bounds are the reader's own, so a condition that says more or less to the indexes than to the event is caught. */
#include "epcis/context.h"
#include "epcis/read.h"
#include "ledger/test_support.h"
#include "query/run.h"

enum { EVENTS = 600, ROUNDS = 400, CONDITIONS = 3 };

static uint32_t draw(uint64_t *seed)
{
        *seed = *seed * 6364136223846793005U + 1442695040888963407U;
        return (uint32_t)(*seed >> 33);
}

#define PICK(list) list[draw(seed) % (sizeof(list) / sizeof(*(list)))]

static const char *const steps[] = { "packing", "shipping", "receiving", "https://e.example/step" };
static const char *const states[] = { "active", "in_transit" };
static const char *const actions[] = { "ADD", "OBSERVE", "DELETE" };

static void add_where(struct buf *b, uint64_t *seed)
{
        if (draw(seed) % 3)
                buf_printf(b, ",'bizStep':'%s'", PICK(steps));
        if (draw(seed) % 3)
                buf_printf(b, ",'disposition':'%s'", PICK(states));
        if (draw(seed) % 2)
                buf_printf(b, ",'readPoint':{'id':'urn:place:%u'}", draw(seed) % 5);
        if (draw(seed) % 2)
                buf_printf(b, ",'bizLocation':{'id':'urn:place:%u'}", draw(seed) % 5);
        if (draw(seed) % 4 == 0)
                buf_printf(b, ",'sourceList':[{'type':'%s','source':'urn:party:%u'}]", draw(seed) % 2 ? "owning_party" : "possessing_party", draw(seed) % 3);
        if (draw(seed) % 4 == 0)
                buf_printf(b, ",'bizTransactionList':[{'type':'%s','bizTransaction':'urn:paper:%u'}]", draw(seed) % 2 ? "po" : "inv", draw(seed) % 3);
        if (draw(seed) % 3 == 0)
                buf_printf(b, ",'e:dose':%u", draw(seed) % 10);
}

static void put_event(struct buf *b, uint64_t *seed, int number)
{
        unsigned minute = draw(seed) % 300, kind = draw(seed) % 3;
        static const char *const types[] = { "ObjectEvent", "AggregationEvent", "TransformationEvent" };
        buf_printf(b, "{'type':'%s','eventID':'urn:e:%d','eventTime':'2026-07-01T%02u:%02u:00+08:00','eventTimeZoneOffset':'+08:00'", types[kind], number, minute / 60, minute % 60);
        if (kind == 0)
                buf_printf(b, ",'action':'%s','epcList':['urn:x:%u'],'quantityList':[{'epcClass':'urn:c:%u','quantity':%u,'uom':'KGM'}]", PICK(actions), draw(seed) % 20,
                           draw(seed) % 5, draw(seed) % 9);
        else if (kind == 1)
                buf_printf(b, ",'action':'%s','parentID':'urn:x:%u','childEPCs':['urn:x:%u']", PICK(actions), draw(seed) % 20, draw(seed) % 20);
        else
                buf_printf(b, ",'inputEPCList':['urn:x:%u'],'outputEPCList':['urn:x:%u'],'transformationID':'urn:t:%u'", draw(seed) % 20, draw(seed) % 20, draw(seed) % 4);
        add_where(b, seed);
        buf_char(b, '}');
}

/* ---- queries ---- */

/* One or two of `kinds` values, as alternatives. */
static void values(struct buf *b, uint64_t *seed, const char *stem, unsigned kinds)
{
        buf_printf(b, "=%s%u", stem, draw(seed) % kinds);
        if (draw(seed) % 3 == 0)
                buf_printf(b, "%%7C%s%u", stem, draw(seed) % kinds);
}

static void add_condition(struct buf *b, uint64_t *seed, int kind)
{
        static const struct { const char *name, *stem; unsigned kinds; } rows[] = {
                { "MATCH_epc", "urn:x:", 22 }, { "MATCH_anyEPC", "urn:x:", 22 }, { "MATCH_parentID", "urn:x:", 22 }, { "MATCH_inputEPC", "urn:x:", 22 }, { "MATCH_outputEPC", "urn:x:", 22 },
                { "MATCH_epcClass", "urn:c:", 6 }, { "MATCH_anyEPCClass", "urn:c:", 6 }, { "EQ_transformationID", "urn:t:", 5 }, { "EQ_readPoint", "urn:place:", 6 },
                { "EQ_bizLocation", "urn:place:", 6 }, { "WD_readPoint", "urn:place:", 6 }, { "EQ_source_owning_party", "urn:party:", 4 }, { "EQ_bizTransaction_po", "urn:paper:", 4 },
                { "EQ_eventID", "urn:e:", EVENTS }, { "EQ_e:dose", "", 10 }, { "GT_e:dose", "", 0 }, { "GE_quantity_GRM", "", 0 } };
        static const char *const words[][2] = { { "EQ_bizStep", "packing%7Cshipping" }, { "EQ_bizStep", "https://e.example/step" }, { "EQ_disposition", "active" }, { "EQ_action", "ADD%7CDELETE" },
                { "EQ_action", "OBSERVE" }, { "eventType", "ObjectEvent" }, { "eventType", "AggregationEvent%7Chttps://e.example/Own" }, { "eventType", "TransformationEvent%7CObjectEvent" } };
        int plain = (int)(sizeof rows / sizeof *rows), worded = (int)(sizeof words / sizeof *words);
        if (kind < plain && rows[kind].kinds) {
                buf_z(b, rows[kind].name);
                values(b, seed, rows[kind].stem, rows[kind].kinds);
        } else if (kind < plain) {
                buf_printf(b, "%s=%u", rows[kind].name, draw(seed) % 9 * (kind == plain - 1 ? 1000 : 1));
        } else if (kind < plain + worded) {
                buf_printf(b, "%s=%s", words[kind - plain][0], words[kind - plain][1]);
        } else {
                buf_printf(b, "%s=2026-06-30T%02u:%02u:00Z", kind % 2 ? "GE_eventTime" : "LT_eventTime", 16 + draw(seed) % 5, draw(seed) % 60);
        }
}

static struct query *random_query(struct arena *a, uint64_t *seed, const struct query_names *names, struct str *ret_text)
{
        static const char *const orders[] = { "", "&orderBy=eventTime", "&orderBy=eventTime&orderDirection=ASC", "&orderBy=recordTime&orderDirection=ASC" };
        enum { KINDS = 17 + 8 + 2 };
        struct query *q = NULL;
        for (;;) {              /* the same parameter twice is refused: then another */
                struct buf b = { .max = 4096 };
                int n = 1 + (int)(draw(seed) % CONDITIONS);
                for (int i = 0; i < n; i++) {
                        buf_z(&b, i ? "&" : "");
                        add_condition(&b, seed, (int)(draw(seed) % KINDS));
                }
                buf_z(&b, PICK(orders));
                *ret_text = arena_str(a, buf_view(&b));
                buf_free(&b);
                if (query_from_url(a, *ret_text, names, NULL, NULL, &q, NULL) == 0)
                        return q;
        }
}

/* ---- both ways ---- */

struct seen { int64_t seq, time_us; };
static bool by_time, ascending;

static int by_order(const void *pa, const void *pb)
{
        const struct seen *x = pa, *y = pb;
        int c = by_time ? (x->time_us > y->time_us) - (x->time_us < y->time_us) : 0;
        c = c ? c : (x->seq > y->seq) - (x->seq < y->seq);
        return ascending ? c : -c;
}

static size_t naive(struct fixture *f, const struct query *q, struct seen *ret)
{
        struct arena *a = arena_new();
        struct reader *r;
        size_t n = 0;
        assert_int_equal(reader_begin(f->store, &r, NULL), 0);
        for (int64_t seq = 1; seq <= EVENTS; seq++) {
                struct found_event x;
                struct search_row row;
                struct event e;
                assert_int_equal(reader_found(r, a, ORG_DEFAULT, seq, &x, NULL), 1);
                assert_int_equal(reader_event_row(r, ORG_DEFAULT, seq, &row, NULL), 1);
                assert_int_equal(event_reread(a, x.body, x.context, NULL, &e, NULL), 0);
                if (query_matches(q, a, &(struct query_event){ .event = &e, .event_id = x.event_id, .record_us = row.record_us }))
                        ret[n++] = (struct seen){ seq, row.time_us };
                arena_reset(a);
        }
        reader_end(r);
        arena_free(a);
        by_time = query_shape(q)->ordered && query_shape(q)->by == ORDER_EVENT_TIME;
        ascending = query_shape(q)->ordered && query_shape(q)->ascending;
        if (n)
                qsort(ret, n, sizeof *ret, by_order);
        return n;
}

static size_t all_pages(struct fixture *f, struct arena *a, struct query *q, uint64_t *seed, int64_t *ret)
{
        struct query_page_from from = { .first = true };
        struct query_result got = { .more = true };
        size_t n = 0;
        while (got.more) {
                struct reader *r;
                struct err e = { 0 };
                const struct query_run_options o = { 1 + (int)(draw(seed) % 50), 0 };
                assert_int_equal(reader_begin(f->store, &r, NULL), 0);
                if (query_run(a, r, ORG_DEFAULT, q, &from, &o, &got, &e) < 0)
                        fail_msg("%s (%s)", e.detail, e.cause);
                reader_end(r);
                for (size_t i = 0; i < got.n; i++) {
                        assert_true(n < EVENTS);
                        ret[n++] = got.list[i].seq;
                }
                from = got.next;
        }
        return n;
}

static void queries_find_what_holding_every_event_against_them_finds(void **state)
{
        static const char declared[] = "{\"e\":\"https://e.example/ns/\"}";
        static struct seen want[EVENTS];
        static int64_t got[EVENTS];
        struct fixture *f = *state;
        struct arena *a = arena_new();
        struct query_bounds b;
        const struct json *v;
        uint64_t seed = 20261124;
        size_t found = 0, exact = 0;
        for (int at = 0; at < EVENTS; at += 60)
                record_events(f, f->arena, "{'e':'https://e.example/ns/'}", put_event, &seed, at, 60);
        for (int round = 0; round < ROUNDS; round++) {
                struct str text;
                assert_int_equal(json_read(a, declared, sizeof declared - 1, NULL, &v, NULL), 0);
                struct query_names names = { context_read(a, v, NULL) };
                struct query *q = random_query(a, &seed, &names, &text);
                size_t n = naive(f, q, want), m = all_pages(f, a, q, &seed, got);
                query_bounds(q, a, &b);
                exact += b.exact && n;
                for (size_t i = 0; i < n && i < m; i++)
                        if (got[i] != want[i].seq)
                                fail_msg("%.*s: place %zu: %lld, not %lld", STR_ARG(text), i, (long long)got[i], (long long)want[i].seq);
                if (n != m)
                        fail_msg("%.*s: %zu, not %zu", STR_ARG(text), m, n);
                found += n;
                arena_reset(a);
        }
        assert_true(found > 2000 && exact > 50 && exact < ROUNDS);
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(queries_find_what_holding_every_event_against_them_finds, setup, teardown) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
