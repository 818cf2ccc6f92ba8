#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/test_folder.h"
#include "ledger/ledger.h"
#include "pages/pages_impl.h"
#include "store/parties.h"
#include "store/sqlite/test_support.h"
#include "trace/trace.h"

/* Many organisations read as one: the same events, spread over organisations or all in one, give the same way. */

enum { ORGS = 3, EVENTS = 60, LOTS = 14, ROUNDS = 12 };

struct place { struct store *store; struct ledger *ledger; char dir[64]; };

static const struct str own = { "https://trace.example.cn", 24 };

static void place_open(struct place *p, int orgs)
{
        struct store_options o = { .writer_cache_kib = 1024, .reader_cache_kib = 256, .readers = 2 };
        char path[96], sql[200];
        snprintf(p->dir, sizeof p->dir, "/tmp/suyuan-sight-XXXXXX");
        assert_non_null(mkdtemp(p->dir));
        assert_int_equal(store_init(p->dir, &own, 1, NULL), 0);
        snprintf(path, sizeof path, "%s/suyuan.db", p->dir);
        for (int i = 2; i <= orgs; i++) {
                snprintf(sql, sizeof sql, "INSERT INTO org (id, code, name, secret, created_us) VALUES (%d, 'o%d', 'o%d', randomblob(32), 0)", i, i, i);
                assert_int_equal(raw_sql(path, sql), 0);
        }
        assert_int_equal(store_open(p->dir, true, &o, &p->store, NULL), 0);
        assert_int_equal(ledger_open(p->store, &p->ledger, NULL), 0);
}

static void place_close(struct place *p)
{
        ledger_close(p->ledger);
        store_close(p->store);
        test_folder_remove(p->dir);
}

static void record(struct arena *a, struct place *p, int64_t org, struct str event)
{
        struct str text = arena_printf(a, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\",{\"suyuan\":\"https://w3id.org/suyuan/voc/\"}],"
                "\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\",\"creationDate\":\"2026-11-01T00:00:00Z\",\"epcisBody\":{\"eventList\":[%.*s]}}", STR_ARG(event));
        struct document *d;
        struct err e = { 0 };
        if (document_read(a, text.p, text.n, store_origins(p->store), &d, &e) < 0 || d->faults.refused)
                fail_msg("%.*s", STR_ARG(event));
        struct ledger_job job = { .org = org, .door = DOOR_IMPORT, .actor = STR("test"), .doc = d, .arena = a };
        assert_int_equal(ledger_record(p->ledger, &job, &e), 0);
        assert_int_equal(job.refused, 0);
}

/* ---- random events ---- */

static unsigned chance(unsigned *seed, unsigned n)
{
        *seed = *seed * 1103515245u + 12345u;
        return *seed / 65536u % n;
}

static struct str some_lots(struct arena *a, unsigned *seed, unsigned from, unsigned to)
{
        unsigned x = from + chance(seed, to - from), y = from + chance(seed, to - from);
        const char *one = "{\"epcClass\":\"https://trace.example.cn/lot/x/L%u\",\"quantity\":%u,\"uom\":\"KGM\"}";
        struct str first = arena_printf(a, one, x, 1 + chance(seed, 9));
        return x == y ? arena_printf(a, "[%.*s]", STR_ARG(first))
                      : arena_printf(a, "[%.*s,{\"epcClass\":\"https://trace.example.cn/lot/x/L%u\",\"quantity\":%u,\"uom\":\"KGM\"}]", STR_ARG(first), y, 1 + chance(seed, 9));
}

static struct str random_event(struct arena *a, unsigned *seed, int n)
{
        struct str head = arena_printf(a, "\"eventID\":\"urn:uuid:00000000-0000-4000-8000-%012d\",\"eventTime\":\"2026-07-01T%02d:%02d:%02d+08:00\",\"eventTimeZoneOffset\":\"+08:00\"",
                                       n, (int)chance(seed, 24), (int)chance(seed, 60), n % 60);
        switch (chance(seed, 4)) {
        case 0:
        case 1: {
                struct str in = some_lots(a, seed, 0, LOTS), out = some_lots(a, seed, 0, LOTS);
                struct str season = chance(seed, 3) ? STR_NONE : arena_printf(a, ",\"transformationID\":\"https://trace.example.cn/season/x/S%u\"", chance(seed, 3));
                return arena_printf(a, "{\"type\":\"TransformationEvent\",%.*s,\"inputQuantityList\":%.*s,\"outputQuantityList\":%.*s%.*s}",
                                    STR_ARG(head), STR_ARG(in), STR_ARG(out), STR_ARG(season));
        }
        case 2: {
                const char *action = chance(seed, 3) ? "ADD" : "DELETE";
                unsigned box = chance(seed, 3);
                struct str in = some_lots(a, seed, 0, LOTS);
                return arena_printf(a, "{\"type\":\"AggregationEvent\",%.*s,\"action\":\"%s\",\"parentID\":\"https://trace.example.cn/unit/x/B%u\",\"childQuantityList\":%.*s}",
                                    STR_ARG(head), action, box, STR_ARG(in));
        }
        default: {
                struct str lots = some_lots(a, seed, 0, LOTS);
                return arena_printf(a, "{\"type\":\"ObjectEvent\",%.*s,\"action\":\"OBSERVE\",\"bizStep\":\"inspecting\",\"quantityList\":%.*s}", STR_ARG(head), STR_ARG(lots));
        }
        }
}

/* ---- the way as text that does not depend on numbers ---- */

static int by_text(const void *x, const void *y)
{
        return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static struct str way(struct arena *a, struct reader *r, int64_t org, struct str lot, enum trace_direction d)
{
        struct trace *t;
        struct err e = { 0 };
        struct trace_options o = { .max_nodes = 5000, .containers_too = d == TRACE_BACK };
        if (trace_walk(a, r, org, lot, d, &o, &t, &e) < 0)
                return arena_printf(a, "%s", err_slug(e.kind));
        size_t n = 0;
        struct str *lines = arena_array(a, struct str, t->n_nodes + t->n_edges + t->n_events + 1);
        for (size_t i = 0; i < t->n_nodes; i++)
                lines[n++] = arena_printf(a, "node %.*s %u %.*s %d %lld %lld\n", STR_ARG(t->nodes[i].id), t->nodes[i].depth, STR_ARG(t->nodes[i].quantity),
                                          t->nodes[i].container, (long long)t->nodes[i].from_us, (long long)t->nodes[i].until_us);
        for (size_t i = 0; i < t->n_edges; i++)
                lines[n++] = arena_printf(a, "edge %.*s %.*s %s %.*s\n", STR_ARG(t->nodes[t->edges[i].from].id), STR_ARG(t->nodes[t->edges[i].to].id),
                                          t->edges[i].role, STR_ARG(t->events[t->edges[i].event].event_id));
        for (size_t i = 0; i < t->n_events; i++)
                lines[n++] = arena_printf(a, "event %.*s %zu\n", STR_ARG(t->events[i].event_id), t->events[i].n_refs);
        qsort(lines, n, sizeof *lines, by_text);
        struct buf b;
        buf_init(&b, 1 << 24);
        for (size_t i = 0; i < n; i++)
                buf_str(&b, lines[i]);
        struct str text = arena_str(a, buf_view(&b));
        buf_free(&b);
        return text;
}

static void compare(struct arena *a, struct place *one, struct place *many)
{
        static const int64_t all[] = { 3, 1, 2 };
        struct reader *x, *y;
        assert_int_equal(reader_begin(one->store, &x, NULL), 0);
        assert_int_equal(reader_begin(many->store, &y, NULL), 0);
        int64_t o1 = reader_see(x, NULL, 0, true);
        assert_int_equal(o1, ORG_DEFAULT);
        for (int listed = 0; listed < 2; listed++) {
                int64_t o = reader_see(y, all, listed ? 3 : 0, !listed);
                assert_int_equal(o, ORG_MANY);
                for (unsigned i = 0; i < LOTS; i++)
                        for (int d = TRACE_BACK; d <= TRACE_FORWARD; d++) {
                                struct str lot = arena_printf(a, "/lot/x/L%u", i);
                                struct str want = way(a, x, o1, lot, d), got = way(a, y, o, lot, d);
                                if (!str_eq(want, got))
                                        fail_msg("%.*s %d:\n%.*s\nover many:\n%.*s", STR_ARG(lot), d, STR_ARG(want), STR_ARG(got));
                        }
        }
        reader_end(x);
        reader_end(y);
}

static void a_walk_over_many_is_the_walk_over_one_that_holds_all(void **state)
{
        unsigned seed = 7;
        (void)state;
        for (int round = 0; round < ROUNDS; round++) {
                struct place one, many;
                struct arena *a = arena_new();
                place_open(&one, 1);
                place_open(&many, ORGS);
                for (int n = 0; n < EVENTS; n++) {
                        struct str e = random_event(a, &seed, n);
                        record(a, &one, ORG_DEFAULT, e);
                        record(a, &many, 1 + chance(&seed, ORGS), e);
                }
                compare(a, &one, &many);
                place_close(&one);
                place_close(&many);
                arena_free(a);
        }
}

static void one_organisation_alone_sees_only_its_own(void **state)
{
        struct place p;
        struct arena *a = arena_new();
        struct reader *r;
        (void)state;
        place_open(&p, 2);
        record(a, &p, 2, STR("{\"type\":\"ObjectEvent\",\"eventTime\":\"2026-07-01T08:00:00+08:00\",\"eventTimeZoneOffset\":\"+08:00\",\"action\":\"OBSERVE\",\"epcList\":[\"urn:x:1\"]}"));
        assert_int_equal(reader_begin(p.store, &r, NULL), 0);
        assert_int_equal(reader_see(r, (int64_t[]){ 1 }, 1, false), 1);
        assert_int_equal(reader_item(r, 1, STR("urn:x:1"), NULL), 0);
        int64_t o = reader_see(r, NULL, 0, false);      /* nobody's */
        assert_int_equal(reader_item(r, o, STR("urn:x:1"), NULL), 0);
        struct event_head h;
        assert_int_equal(reader_event(r, a, o, INT64_C(2) << 40 | 1, &h, NULL), 0);
        reader_end(r);
        place_close(&p);
        arena_free(a);
}

/* A page that looked at a thing which one organisation knew is stale when another one begins to speak of it. */
static void a_stranger_to_a_thing_makes_the_page_stale(void **state)
{
        struct place p;
        struct arena *a = arena_new();
        struct reader *r;
        const char *event = "{\"type\":\"ObjectEvent\",\"eventTime\":\"2026-07-01T08:00:0%d+08:00\",\"eventTimeZoneOffset\":\"+08:00\",\"action\":\"OBSERVE\",\"epcList\":[\"urn:x:1\"]}";
        (void)state;
        place_open(&p, 3);
        record(a, &p, 2, arena_printf(a, event, 1));
        for (int64_t org = 1; org <= 3; org++) {
                uint64_t begun = store_change_now(p.store);
                assert_int_equal(reader_begin(p.store, &r, NULL), 0);
                int64_t o = reader_see(r, NULL, 0, true), item = reader_item(r, o, STR("urn:x:1"), NULL), *marks;
                size_t n = reader_marks(r, a, o, &item, 1, &marks);
                reader_end(r);
                bool stale = false;
                record(a, &p, org, arena_printf(a, event, (int)org + 3));
                for (size_t i = 0; i < n; i++)
                        stale |= store_changed(p.store, marks[i]) > begun;
                assert_true(stale);
        }
        place_close(&p);
        arena_free(a);
}

/* ---- copies ---- */

static struct str shipment(struct arena *a, int n, int to, const char *more)
{
        struct str dest = to ? arena_printf(a, ",\"destinationList\":[{\"type\":\"owning_party\",\"destination\":\"https://trace.example.cn/org/o%d\"}]", to) : STR("");
        return arena_printf(a, "{\"type\":\"ObjectEvent\",\"eventID\":\"urn:uuid:00000000-0000-4000-8000-%012d\",\"eventTime\":\"2026-07-01T%02d:%02d:00+08:00\",\"eventTimeZoneOffset\":\"+08:00\","
                            "\"action\":\"OBSERVE\",\"bizStep\":\"shipping\",\"epcList\":[\"urn:x:%d\"]%.*s%s}", n, n / 60, n % 60, n % 9, STR_ARG(dest), more);
}

#define WRONG ",\"errorDeclaration\":{\"declarationTime\":\"2026-07-02T08:00:00+08:00\",\"reason\":\"incorrect_data\"}"

static void fault(void *ctx, const char *what, const char *detail)
{
        (void)ctx;
        print_message("# %s: %s\n", what, detail);
}

static void is_whole(struct place *p)
{
        assert_int_equal(ledger_check(p->store, fault, NULL, NULL, NULL), 0);
}

static int64_t last(struct place *p, int64_t org)
{
        struct reader *r;
        assert_int_equal(reader_begin(p->store, &r, NULL), 0);
        int64_t n = reader_last_seq(r, org, NULL);
        reader_end(r);
        return n;
}

static bool is_wrong(struct arena *a, struct place *p, int64_t org, int64_t seq)
{
        struct reader *r;
        struct event_head h;
        assert_int_equal(reader_begin(p->store, &r, NULL), 0);
        assert_int_equal(reader_event(r, a, org, seq, &h, NULL), 1);
        reader_end(r);
        return h.declared_wrong;
}

static void who_is_named_gets_a_copy_once_and_its_correction(void **state)
{
        struct place p;
        struct arena *a = arena_new();
        (void)state;
        place_open(&p, 3);
        for (int again = 0; again < 3; again++)
                record(a, &p, 2, shipment(a, 1, 3, ""));
        assert_int_equal(last(&p, 1), 0);
        assert_int_equal(last(&p, 2), 1);
        assert_int_equal(last(&p, 3), 1);
        record(a, &p, 2, shipment(a, 1, 3, WRONG));
        assert_int_equal(last(&p, 3), 2);
        assert_true(is_wrong(a, &p, 2, 1));
        assert_true(is_wrong(a, &p, 3, 1));
        is_whole(&p);
        assert_int_equal(ledger_rebuild(p.store, NULL, NULL, NULL), 0);
        assert_true(is_wrong(a, &p, 3, 1));
        is_whole(&p);
        place_close(&p);
        arena_free(a);
}

/* A stranger names us in a record under our own eventID: as the same record, and as the declaration that ours was wrong. */
static void a_copy_takes_the_place_of_no_record_and_declares_none_wrong(void **state)
{
        struct place p;
        struct arena *a = arena_new();
        (void)state;
        place_open(&p, 3);
        record(a, &p, 2, shipment(a, 1, 3, ""));        /* the stranger first: what we record then is still recorded */
        record(a, &p, 3, shipment(a, 1, 3, ""));
        assert_int_equal(last(&p, 3), 2);
        record(a, &p, 2, shipment(a, 1, 3, WRONG));
        assert_int_equal(last(&p, 3), 3);
        assert_true(is_wrong(a, &p, 3, 1));             /* the stranger's copy */
        assert_false(is_wrong(a, &p, 3, 2));            /* ours */
        is_whole(&p);
        assert_int_equal(ledger_rebuild(p.store, NULL, NULL, NULL), 0);
        assert_false(is_wrong(a, &p, 3, 2));
        is_whole(&p);
        place_close(&p);
        arena_free(a);
}

static int64_t atoll_of(struct str s)
{
        int64_t n = 0;
        for (size_t i = 0; i < s.n; i++)
                n = n * 10 + (s.p[i] - '0');
        return n;
}

static size_t seen_ids(struct arena *a, struct reader *r, int64_t org, bool *ret)
{
        size_t n = 0;
        struct item_event at[400];
        for (int i = 0; i < 9; i++) {
                int64_t item = reader_item(r, org, arena_printf(a, "urn:x:%d", i), NULL);
                ssize_t got = item ? reader_item_events(r, org, item, 0, at, 400, NULL) : 0;
                for (ssize_t k = 0; k < got; k++, n++) {
                        struct event_head h;
                        assert_int_equal(reader_event(r, a, org, at[k].seq, &h, NULL), 1);
                        ret[atoll_of(str_from(h.event_id, 33))] = true;
                }
        }
        return n;
}

/* Everyone sees their own and what names them, nothing else, nothing twice; who sees all of them sees each once. */
static void everyone_sees_their_own_and_what_names_them(void **state)
{
        enum { N = 200 };
        unsigned seed = 11;
        struct place p;
        struct reader *r;
        struct arena *a = arena_new();
        bool may[ORGS + 1][N] = { 0 }, district[N] = { 0 };
        (void)state;
        place_open(&p, ORGS);
        for (int n = 0; n < N; n++) {
                int from = 1 + (int)chance(&seed, ORGS), to = (int)chance(&seed, ORGS + 1);
                to = to == 1 ? 0 : to;          /* the first bears another code */
                record(a, &p, from, shipment(a, n, to, ""));
                may[from][n] = true;
                may[to][n] = true;
                district[n] = from != 1 || to > 1;
        }
        assert_int_equal(reader_begin(p.store, &r, NULL), 0);
        for (int org = 0; org <= ORGS + 1; org++) {
                bool seen[N] = { 0 };
                size_t want = 0, n = 0;
                int64_t o = org == 0 ? reader_see(r, NULL, 0, true) : org <= ORGS ? reader_see(r, (int64_t[]){ org }, 1, false)
                                                                                   : reader_see(r, (int64_t[]){ 3, 2 }, 2, false);
                n = seen_ids(a, r, o, seen);
                for (int i = 0; i < N; i++) {
                        bool should = org == 0 ? true : org <= ORGS ? may[org][i] : district[i];
                        assert_int_equal(seen[i], should);
                        want += should;
                }
                assert_int_equal(n, want);
        }
        reader_end(r);
        is_whole(&p);
        place_close(&p);
        arena_free(a);
}

/* Registered later: earlier records that name it are shared then, in parts, once. */
static void a_party_registered_later_gets_what_named_it_before(void **state)
{
        enum { N = 600 };
        struct place p;
        struct arena *a = arena_new();
        struct share_place at = { 0 };
        char path[96];
        int rounds = 1;
        (void)state;
        place_open(&p, 3);
        for (int n = 0; n < N; n++)
                record(a, &p, 2, shipment(a, n, n % 3 ? 0 : 4, ""));    /* /org/o4 is nobody's yet */
        assert_int_equal(last(&p, 3), 0);
        snprintf(path, sizeof path, "%s/suyuan.db", p.dir);
        assert_int_equal(raw_sql(path, "INSERT INTO org_party (org, canonical) VALUES (3, '/org/o4')"), 0);
        assert_int_equal(store_parties_load(p.store, NULL), 0);
        assert_true(store_master_changed(p.store) <= store_change_now(p.store));        /* what is rendered from now on stays fresh */
        while (ledger_share_earlier(p.ledger, p.store, 3, 0, &at, 256, NULL) == 1)
                rounds++;
        assert_true(rounds > 2);
        assert_int_equal(last(&p, 3), N / 3);
        at = (struct share_place){ 0 };
        assert_int_equal(ledger_share_earlier(p.ledger, p.store, 3, 0, &at, 1 << 20, NULL), 0);
        record(a, &p, 2, shipment(a, 3, 4, ""));
        assert_int_equal(last(&p, 3), N / 3);
        assert_int_equal(last(&p, 2), N);
        is_whole(&p);
        place_close(&p);
        arena_free(a);
}

/* ---- the public page ---- */

struct site { struct place p; struct service service; struct loopback *l; struct arena *a; };

static void site_open(struct site *t, const char *sql)
{
        char path[96];
        struct store_options o = { .writer_cache_kib = 1024, .reader_cache_kib = 256, .readers = 2 };
        place_open(&t->p, 4);
        ledger_close(t->p.ledger);
        store_close(t->p.store);
        snprintf(path, sizeof path, "%s/suyuan.db", t->p.dir);
        assert_int_equal(raw_sql(path, sql), 0);
        assert_int_equal(store_open(t->p.dir, true, &o, &t->p.store, NULL), 0);
        assert_int_equal(ledger_open(t->p.store, &t->p.ledger, NULL), 0);
        t->service = (struct service){ .store = t->p.store, .ledger = t->p.ledger };
        assert_int_equal(pages_start(&t->service, NULL), 0);
        t->l = loopback_new(&(struct http_options){ .routes = pages_routes, .n_routes = pages_n_routes, .app = &t->service, .fallback = &pages_fallback, .quiet = true });
        t->a = arena_new();
}

static void site_close(struct site *t)
{
        loopback_free(t->l);
        pages_stop();
        place_close(&t->p);
        arena_free(t->a);
}

static const char *data(struct site *t, const char *path, int status)
{
        struct loopback_header accept = { "Accept", "application/ld+json" };
        struct loopback_reply r;
        loopback_ask(t->l, t->a, &(struct loopback_request){ .target = str_of(path), .headers = &accept, .n_headers = 1 }, &r);
        assert_int_equal(r.status, status);
        return arena_cstr(t->a, r.body);
}

static void says(struct site *t, int64_t org, const char *event)
{
        static int minute;
        minute++;
        record(t->a, &t->p, org, arena_printf(t->a, "{\"eventTime\":\"2026-07-01T%02d:%02d:00+08:00\",\"eventTimeZoneOffset\":\"+08:00\",%s}", minute / 60, minute % 60, event));
}

#define HAVE(id) "\"quantityList\":[{\"epcClass\":\"" id "\",\"quantity\":5,\"uom\":\"KGM\"}]"
#define HARVEST(id) "\"type\":\"ObjectEvent\",\"action\":\"ADD\",\"bizStep\":\"commissioning\"," HAVE(id)
#define RECALL(id) "\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\",\"bizStep\":\"holding\",\"disposition\":\"recalled\"," HAVE(id)
#define SHIP(what, to) "\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\",\"bizStep\":\"shipping\"," what ",\"destinationList\":[{\"type\":\"owning_party\",\"destination\":\"" to "\"}]"
#define U "https://trace.example.cn"
#define IS_RECALLED(t, path) assert_non_null(strstr(data(t, path, 200), "\"recalled\""))
#define NOT_RECALLED(t, path) assert_null(strstr(data(t, path, 200), "\"recalled\""))

static void a_stranger_puts_nothing_on_the_page_of_anothers_lot(void **state)
{
        struct site t;
        (void)state;
        site_open(&t, "SELECT 0");
        says(&t, 2, HARVEST(U "/lot/o2/L1"));
        NOT_RECALLED(&t, "/lot/o2/L1");
        says(&t, 3, RECALL(U "/lot/o2/L1"));
        NOT_RECALLED(&t, "/lot/o2/L1");
        says(&t, 3, SHIP(HAVE(U "/lot/o2/L1"), U "/org/o3"));   /* names himself */
        says(&t, 3, SHIP(HAVE(U "/lot/o2/L1"), U "/org/o4"));   /* and a friend */
        says(&t, 4, RECALL(U "/lot/o2/L1"));
        NOT_RECALLED(&t, "/lot/o2/L1");
        says(&t, 3, RECALL(U "/lot/o2/NEVER"));
        data(&t, "/lot/o2/NEVER", 404);
        says(&t, 2, RECALL(U "/lot/o2/L1"));                    /* the owner */
        IS_RECALLED(&t, "/lot/o2/L1");
        site_close(&t);
}

static void who_received_a_lot_may_speak_of_it(void **state)
{
        struct site t;
        (void)state;
        site_open(&t, "SELECT 0");
        says(&t, 2, HARVEST(U "/lot/o2/L1"));
        says(&t, 2, SHIP(HAVE(U "/lot/o2/L1"), U "/org/o3"));
        says(&t, 3, SHIP(HAVE(U "/lot/o2/L1"), U "/org/o4"));   /* onward */
        NOT_RECALLED(&t, "/lot/o2/L1");
        says(&t, 4, RECALL(U "/lot/o2/L1"));
        IS_RECALLED(&t, "/lot/o2/L1");
        says(&t, 2, HARVEST(U "/lot/o2/L2"));                   /* and of what was in the box */
        says(&t, 2, "\"type\":\"AggregationEvent\",\"action\":\"ADD\",\"bizStep\":\"packing\",\"parentID\":\"" U "/unit/o2/B1\",\"childQuantityList\":[{\"epcClass\":\"" U "/lot/o2/L2\",\"quantity\":5,\"uom\":\"KGM\"}]");
        says(&t, 2, SHIP("\"epcList\":[\"" U "/unit/o2/B1\"]", U "/org/o3"));
        says(&t, 3, RECALL(U "/lot/o2/L2"));
        IS_RECALLED(&t, "/lot/o2/L2");
        says(&t, 2, HARVEST(U "/lot/o2/L3"));
        says(&t, 3, RECALL(U "/lot/o2/L3"));                    /* never in his hands */
        NOT_RECALLED(&t, "/lot/o2/L3");
        site_close(&t);
}

static void an_origin_that_was_not_received_is_not_borrowed(void **state)
{
        struct site t;
        (void)state;
        site_open(&t, "SELECT 0");
        says(&t, 2, HARVEST(U "/lot/o2/FAMOUS"));
        says(&t, 3, "\"type\":\"TransformationEvent\",\"inputQuantityList\":[{\"epcClass\":\"" U "/lot/o2/FAMOUS\",\"quantity\":5,\"uom\":\"KGM\"},"
                    "{\"epcClass\":\"" U "/lot/nobody/OTHER\",\"quantity\":5,\"uom\":\"KGM\"}],\"outputQuantityList\":[{\"epcClass\":\"" U "/lot/o3/P\",\"quantity\":5,\"uom\":\"KGM\"}]");
        const char *page = data(&t, "/lot/o3/P", 200);
        assert_null(strstr(page, "FAMOUS"));
        says(&t, 2, RECALL(U "/lot/o2/FAMOUS"));
        NOT_RECALLED(&t, "/lot/o3/P");
        site_close(&t);
}

static void an_authority_speaks_of_everything_and_numbers_have_owners(void **state)
{
        struct site t;
        (void)state;
        /* organisation 2 is the party 6901234000016: what begins with 6901234 is its own */
        site_open(&t, "INSERT INTO org_authority (org) VALUES (4); INSERT INTO org_party (org, canonical) VALUES (2, 'https://id.gs1.org/417/6901234000016')");
        says(&t, 3, HARVEST("https://id.gs1.org/01/06901234567892/10/EARLY"));          /* the stranger is first */
        data(&t, "/01/06901234567892/10/EARLY", 404);
        says(&t, 2, HARVEST("https://id.gs1.org/01/06901234567892/10/A"));
        says(&t, 3, RECALL("https://id.gs1.org/01/06901234567892/10/A"));
        NOT_RECALLED(&t, "/01/06901234567892/10/A");
        says(&t, 4, RECALL("https://id.gs1.org/01/06901234567892/10/A"));
        IS_RECALLED(&t, "/01/06901234567892/10/A");
        says(&t, 2, HARVEST("https://id.gs1.org/01/09506000134352/10/B"));              /* nobody's number: the first who recorded it */
        says(&t, 3, RECALL("https://id.gs1.org/01/09506000134352/10/B"));
        NOT_RECALLED(&t, "/01/09506000134352/10/B");
        site_close(&t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_walk_over_many_is_the_walk_over_one_that_holds_all),
                cmocka_unit_test(one_organisation_alone_sees_only_its_own),
                cmocka_unit_test(who_is_named_gets_a_copy_once_and_its_correction),
                cmocka_unit_test(a_copy_takes_the_place_of_no_record_and_declares_none_wrong),
                cmocka_unit_test(everyone_sees_their_own_and_what_names_them),
                cmocka_unit_test(a_party_registered_later_gets_what_named_it_before),
                cmocka_unit_test(a_stranger_puts_nothing_on_the_page_of_anothers_lot),
                cmocka_unit_test(who_received_a_lot_may_speak_of_it),
                cmocka_unit_test(an_origin_that_was_not_received_is_not_borrowed),
                cmocka_unit_test(an_authority_speaks_of_everything_and_numbers_have_owners),
                cmocka_unit_test(a_stranger_to_a_thing_makes_the_page_stale),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
