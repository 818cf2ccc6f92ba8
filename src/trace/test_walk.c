#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "trace/fake_reader.h"
#include "trace/trace.h"

/* Named cases first: each says one rule of docs/design/trace.md. */

struct ground { struct arena *a; struct reader *f; };

static int setup(void **state)
{
        struct arena *a = arena_new();
        struct ground *g = arena_alloc(a, sizeof *g);
        *g = (struct ground){ a, fake_new(a) };
        *state = g;
        return 0;
}

static int teardown(void **state)
{
        struct ground *g = *state;
        arena_free(g->a);
        return 0;
}

static int64_t lot(struct ground *g, const char *name) { return fake_item(g->f, name, IDENT_LOT); }
static int64_t crate(struct ground *g, const char *name) { return fake_item(g->f, name, IDENT_UNIT); }

static int64_t turn(struct ground *g, int64_t at, int64_t in, int64_t out, const char *id)
{
        int64_t e = fake_event(g->f, EVENT_TRANSFORMATION, ACTION_NONE, at);
        if (in)
                fake_ref(g->f, e, ROLE_INPUT_QUANTITY, in, "10", "KGM");
        if (out)
                fake_ref(g->f, e, ROLE_OUTPUT_QUANTITY, out, "8", "KGM");
        if (id)
                fake_ref(g->f, e, ROLE_TRANSFORMATION, fake_item(g->f, id, IDENT_SEASON), NULL, NULL);
        return e;
}

static int64_t pack(struct ground *g, int64_t at, enum event_action action, int64_t parent, int64_t child)
{
        int64_t e = fake_event(g->f, EVENT_AGGREGATION, action, at);
        fake_ref(g->f, e, ROLE_PARENT, parent, NULL, NULL);
        if (child)
                fake_ref(g->f, e, ROLE_CHILD, child, NULL, NULL);
        return e;
}

static int64_t see(struct ground *g, int64_t at, int64_t item)
{
        int64_t e = fake_event(g->f, EVENT_OBJECT, ACTION_OBSERVE, at);
        fake_ref(g->f, e, ROLE_EPC, item, NULL, NULL);
        return e;
}

static struct trace *walk(struct ground *g, const char *item, enum trace_direction d, bool containers)
{
        struct trace *t;
        struct trace_options o = { .containers_too = containers };
        struct err e = { 0 };
        assert_int_equal(trace_walk(g->a, g->f, ORG_DEFAULT, str_of(item), d, &o, &t, &e), 0);
        return t;
}

static const struct trace_node *node(const struct trace *t, const char *name)
{
        for (size_t i = 0; i < t->n_nodes; i++)
                if (str_is(t->nodes[i].id, name))
                        return &t->nodes[i];
        return NULL;
}

static const char *edge(const struct trace *t, const char *from, const char *to)
{
        for (size_t i = 0; i < t->n_edges; i++)
                if (str_is(t->nodes[t->edges[i].from].id, from) && str_is(t->nodes[t->edges[i].to].id, to))
                        return t->edges[i].role;
        return NULL;
}

static bool lists(const struct trace *t, int64_t seq)
{
        for (size_t i = 0; i < t->n_events; i++)
                if (t->events[i].seq == seq)
                        return true;
        return false;
}

static void unknown_item_is_not_found(void **state)
{
        struct ground *g = *state;
        struct trace *t;
        struct err e = { 0 };
        assert_int_equal(trace_walk(g->a, g->f, ORG_DEFAULT, STR("nothing"), TRACE_BACK, NULL, &t, &e), -1);
        assert_int_equal(e.kind, ERR_NOT_FOUND);
}

static void what_goes_in_later_is_not_an_origin(void **state)
{
        struct ground *g = *state;
        turn(g, 1, lot(g, "seed"), 0, "season");
        turn(g, 2, lot(g, "manure"), 0, "season");
        turn(g, 3, 0, lot(g, "first"), "season");
        int64_t spray = turn(g, 4, lot(g, "spray"), 0, "season");
        turn(g, 5, 0, lot(g, "second"), "season");
        int64_t look = see(g, 3, fake_item(g->f, "season", IDENT_SEASON));
        turn(g, 0, lot(g, "ore"), lot(g, "spray"), NULL);
        struct trace *t = walk(g, "first", TRACE_BACK, false);
        assert_string_equal(edge(t, "seed", "first"), "input");
        assert_string_equal(edge(t, "spray", "first"), "input-after");
        assert_string_equal(edge(t, "season", "first"), "transformation");
        assert_null(node(t, "ore"));
        assert_null(node(t, "second"));
        assert_true(lists(t, look) && lists(t, spray));
        assert_string_equal(edge(walk(g, "second", TRACE_BACK, false), "spray", "second"), "input");
        t = walk(g, "spray", TRACE_FORWARD, false);
        assert_non_null(node(t, "second"));
        assert_null(node(t, "first"));
        assert_non_null(edge(t, "spray", "season"));
}

static void season_itself_has_all_inputs_and_outputs(void **state)
{
        struct ground *g = *state;
        turn(g, 1, lot(g, "seed"), 0, "season");
        turn(g, 3, 0, lot(g, "first"), "season");
        turn(g, 4, lot(g, "spray"), 0, "season");
        struct trace *back = walk(g, "season", TRACE_BACK, false), *on = walk(g, "season", TRACE_FORWARD, false);
        assert_string_equal(edge(back, "spray", "season"), "input");
        assert_string_equal(edge(on, "season", "first"), "transformation");
        assert_int_equal(back->n_nodes, 3);
        assert_int_equal(on->n_nodes, 2);
}

static void reused_crate_does_not_join_its_contents(void **state)
{
        struct ground *g = *state;
        pack(g, 1, ACTION_ADD, crate(g, "crate"), lot(g, "january"));
        int64_t ship1 = see(g, 2, crate(g, "crate"));
        pack(g, 3, ACTION_DELETE, crate(g, "crate"), 0);
        pack(g, 5, ACTION_ADD, crate(g, "crate"), lot(g, "february"));
        int64_t ship2 = see(g, 6, crate(g, "crate"));
        pack(g, 6, ACTION_ADD, crate(g, "pallet"), crate(g, "crate"));
        turn(g, 8, crate(g, "crate"), lot(g, "soup"), NULL);
        struct trace *t = walk(g, "january", TRACE_FORWARD, false);
        assert_non_null(edge(t, "january", "crate"));
        assert_null(node(t, "february"));
        assert_null(node(t, "pallet"));
        assert_null(node(t, "soup"));
        assert_true(lists(t, ship1) && !lists(t, ship2));
        t = walk(g, "soup", TRACE_BACK, false);
        assert_non_null(node(t, "february"));
        assert_null(node(t, "january"));
        assert_non_null(node(walk(g, "february", TRACE_FORWARD, false), "soup"));
        assert_int_equal(walk(g, "crate", TRACE_BACK, false)->n_nodes, 3);
}

static void part_taken_out_leaves_the_rest_inside(void **state)
{
        struct ground *g = *state;
        int64_t in = fake_event(g->f, EVENT_AGGREGATION, ACTION_ADD, 1);
        fake_ref(g->f, in, ROLE_PARENT, crate(g, "box"), NULL, NULL);
        fake_ref(g->f, in, ROLE_CHILD_QUANTITY, lot(g, "rice"), "10", "KGM");
        int64_t part = fake_event(g->f, EVENT_AGGREGATION, ACTION_DELETE, 2);
        fake_ref(g->f, part, ROLE_PARENT, crate(g, "box"), NULL, NULL);
        fake_ref(g->f, part, ROLE_CHILD_QUANTITY, lot(g, "rice"), "4", "KGM");
        turn(g, 3, crate(g, "box"), lot(g, "cake"), NULL);
        assert_non_null(node(walk(g, "cake", TRACE_BACK, false), "rice"));
}

static void page_climbs_to_the_carton_but_not_to_its_neighbours(void **state)
{
        struct ground *g = *state;
        int64_t bag = fake_item(g->f, "bag", IDENT_ITEM), other = fake_item(g->f, "other", IDENT_ITEM);
        turn(g, 1, lot(g, "rice"), bag, NULL);
        pack(g, 2, ACTION_ADD, crate(g, "carton"), bag);
        pack(g, 2, ACTION_ADD, crate(g, "carton"), other);
        pack(g, 3, ACTION_ADD, crate(g, "pallet"), crate(g, "carton"));
        int64_t ship = see(g, 4, crate(g, "pallet"));
        struct trace *plain = walk(g, "bag", TRACE_BACK, false), *page = walk(g, "bag", TRACE_BACK, true);
        assert_null(node(plain, "carton"));
        assert_true(node(page, "pallet")->container && lists(page, ship));
        assert_null(node(page, "other"));
        assert_non_null(node(page, "rice"));
}

static void declared_wrong_makes_no_edge_but_is_listed(void **state)
{
        struct ground *g = *state;
        int64_t e = turn(g, 1, lot(g, "a"), lot(g, "b"), NULL);
        g->f->events[e - 1]->head.declared_wrong = true;
        struct trace *t = walk(g, "b", TRACE_BACK, false);
        assert_int_equal(t->n_nodes, 1);
        assert_true(lists(t, e));
}

static void quantities_add_up_in_one_unit_only(void **state)
{
        struct ground *g = *state;
        for (int i = 0; i < 3; i++)
                turn(g, i, lot(g, "paddy"), lot(g, "rice"), NULL);
        int64_t e = turn(g, 4, 0, lot(g, "rice"), NULL);
        fake_ref(g->f, e, ROLE_INPUT_QUANTITY, lot(g, "bags"), "3", "KGM");
        fake_ref(g->f, e, ROLE_INPUT_QUANTITY, lot(g, "bags"), "7", NULL);
        struct trace *t = walk(g, "rice", TRACE_BACK, false);
        assert_true(str_is(node(t, "paddy")->quantity, "30") && str_is(node(t, "paddy")->uom, "KGM"));
        assert_true(str_is(t->nodes[0].quantity, "32"));
        assert_null(node(t, "bags")->quantity.p);
}

static void cycle_ends_and_limit_truncates(void **state)
{
        struct ground *g = *state;
        turn(g, 1, lot(g, "a"), lot(g, "b"), NULL);
        turn(g, 2, lot(g, "b"), lot(g, "a"), NULL);
        turn(g, 3, lot(g, "a"), lot(g, "a"), NULL);
        struct trace *t = walk(g, "a", TRACE_BACK, false);
        assert_int_equal(t->n_nodes, 2);
        assert_int_equal(t->n_edges, 2);
        assert_false(t->truncated);
        struct trace_options o = { .max_nodes = 1 };
        assert_int_equal(trace_walk(g->a, g->f, ORG_DEFAULT, STR("a"), TRACE_BACK, &o, &t, NULL), 0);
        assert_true(t->truncated && t->n_nodes == 1);
}

static void long_chain_keeps_its_depth_and_reads_each_event_once(void **state)
{
        struct ground *g = *state;
        char from[16], to[16];
        for (int i = 0; i < 400; i++) {
                snprintf(from, sizeof from, "c%d", i);
                snprintf(to, sizeof to, "c%d", i + 1);
                turn(g, i, lot(g, from), lot(g, to), NULL);
        }
        struct trace *t = walk(g, "c400", TRACE_BACK, false);
        assert_int_equal(t->n_nodes, 401);
        assert_int_equal(node(t, "c0")->depth, 400);
        assert_int_equal(g->f->heads_read, 400);
}

static void hub_rows_are_paged_through(void **state)
{
        struct ground *g = *state;
        for (int i = 0; i < 300; i++) {
                int64_t e = turn(g, 1000 - i, lot(g, "seed"), lot(g, "crop"), NULL);
                fake_ref(g->f, e, ROLE_INPUT, lot(g, "seed"), NULL, NULL);
        }
        struct trace *t = walk(g, "crop", TRACE_BACK, false);
        assert_int_equal(t->n_nodes, 2);
        assert_int_equal(t->n_events, 300);
        for (size_t i = 1; i < t->n_events; i++)
                assert_true(t->events[i - 1].time_us <= t->events[i].time_us);
}

static const struct balance *in_unit(const struct balance *b, size_t n, const char *uom)
{
        for (size_t i = 0; i < n; i++)
                if (str_is(b[i].uom, uom))
                        return &b[i];
        return NULL;
}

static void balance_counts_each_event_once(void **state)
{
        struct ground *g = *state;
        struct balance *b;
        size_t n;
        turn(g, 1, lot(g, "seed"), lot(g, "paddy"), NULL);
        turn(g, 2, 0, lot(g, "paddy"), NULL);
        int64_t wrong = turn(g, 2, 0, lot(g, "paddy"), NULL);
        g->f->events[wrong - 1]->head.declared_wrong = true;
        see(g, 3, lot(g, "paddy"));
        int64_t gone = fake_event(g->f, EVENT_OBJECT, ACTION_DELETE, 4);
        fake_ref(g->f, gone, ROLE_QUANTITY, lot(g, "paddy"), "0.5", "KGM");
        assert_int_equal(trace_balance(g->a, g->f, ORG_DEFAULT, STR("paddy"), &b, &n, NULL), 0);
        const struct balance *kg = in_unit(b, n, "KGM");
        assert_non_null(kg);
        assert_string_equal(arena_cstr(g->a, decimal_text(g->a, kg->in)), "16");
        assert_string_equal(arena_cstr(g->a, decimal_text(g->a, kg->on_hand)), "15.5");
        assert_true(kg->exact);
}

static void json_has_the_fixed_shape(void **state)
{
        struct ground *g = *state;
        struct str host = STR("https://h.example");
        struct origins own = { &host, 1 };
        struct buf b;
        turn(g, 1, lot(g, "/lot/f/A"), lot(g, "/lot/f/B"), NULL);
        buf_init(&b, 1 << 20);
        trace_json(&b, walk(g, "/lot/f/B", TRACE_BACK, false), &own);
        assert_string_equal(b.p, "{\"item\":\"https://h.example/lot/f/B\",\"direction\":\"back\",\"nodes\":["
                "{\"id\":\"https://h.example/lot/f/B\",\"kind\":\"lot\",\"depth\":0,\"quantity\":8,\"uom\":\"KGM\"},"
                "{\"id\":\"https://h.example/lot/f/A\",\"kind\":\"lot\",\"depth\":1,\"quantity\":10,\"uom\":\"KGM\"}],"
                "\"edges\":[{\"from\":\"https://h.example/lot/f/A\",\"to\":\"https://h.example/lot/f/B\","
                "\"event\":\"urn:event:1\",\"role\":\"input\"}],\"events\":[\"urn:event:1\"],\"truncated\":false}");
        buf_clear(&b);
        trace_text(&b, walk(g, "/lot/f/B", TRACE_BACK, false), &own);
        assert_non_null(strstr(b.p, "└─ 批次 /lot/f/A"));
        buf_clear(&b);
        trace_dot(&b, walk(g, "/lot/f/B", TRACE_BACK, false), &own);
        assert_non_null(strstr(b.p, "n1 -> n0 [style=solid"));
        buf_free(&b);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                CASE(unknown_item_is_not_found),
                CASE(what_goes_in_later_is_not_an_origin),
                CASE(season_itself_has_all_inputs_and_outputs),
                CASE(reused_crate_does_not_join_its_contents),
                CASE(part_taken_out_leaves_the_rest_inside),
                CASE(page_climbs_to_the_carton_but_not_to_its_neighbours),
                CASE(declared_wrong_makes_no_edge_but_is_listed),
                CASE(quantities_add_up_in_one_unit_only),
                CASE(cycle_ends_and_limit_truncates),
                CASE(long_chain_keeps_its_depth_and_reads_each_event_once),
                CASE(hub_rows_are_paged_through),
                CASE(balance_counts_each_event_once),
                CASE(json_has_the_fixed_shape),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
