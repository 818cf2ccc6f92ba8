#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "trace/fake_reader.h"
#include "trace/story.h"

/* One farm's season told from its events, and what changes when a fact is missing or bad. */

static const struct str host = { "https://h.example", 17 };
static const struct origins own = { &host, 1 };

struct ground { struct arena *a; struct reader *f; struct excerpts *kept; struct buf b; bool first; };

static void begin(struct ground *g)
{
        buf_init(&g->b, 1 << 20);
        g->first = true;
        buf_z(&g->b, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\","
                     "{\"suyuan\":\"https://w3id.org/suyuan/voc/\"}],\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\","
                     "\"creationDate\":\"2026-11-01T00:00:00Z\",\"epcisHeader\":{\"epcisMasterData\":{\"vocabularyList\":["
                     "{\"type\":\"urn:epcglobal:epcis:vtype:EPCClass\",\"vocabularyElementList\":["
                     "{\"id\":\"https://h.example/lot/f/BAG\",\"attributes\":["
                     "{\"id\":\"https://w3id.org/suyuan/voc/name\",\"attribute\":{\"zh-Hans\":\"再生稻米\",\"en\":\"Ratoon rice\"}}]}]},"
                     "{\"type\":\"urn:epcglobal:epcis:vtype:Location\",\"vocabularyElementList\":["
                     "{\"id\":\"https://h.example/place/f/P1\",\"attributes\":[{\"id\":\"urn:epcglobal:cbv:mda:name\",\"attribute\":\"三号田\"}]}]}"
                     "]}},\"epcisBody\":{\"eventList\":[");
}

static void add(struct ground *g, const char *when, const char *type, const char *members)
{
        buf_printf(&g->b, "%s{\"type\":\"%s\",\"eventTime\":\"%s\",\"eventTimeZoneOffset\":\"+08:00\","
                          "\"readPoint\":{\"id\":\"https://h.example/place/f/P1\"},%s}", g->first ? "" : ",", type, when, members);
        g->first = false;
}

#define SEASON "\"transformationID\":\"https://h.example/season/f/S1\","
#define LOT(name, kg) "[{\"epcClass\":\"https://h.example/lot/f/" name "\",\"quantity\":" kg ",\"uom\":\"KGM\"}]"

static void season(struct ground *g, const char *interval)
{
        char spray[600];
        snprintf(spray, sizeof spray, SEASON "\"bizStep\":\"suyuan:spraying\",\"inputQuantityList\":" LOT("PEST", "0.5")
                 ",\"suyuan:target\":\"稻飞虱\",\"suyuan:operator\":\"https://h.example/staff/f/W1\"%s%s",
                 interval ? ",\"suyuan:preHarvestIntervalDays\":" : "", interval ? interval : "");
        add(g, "2026-03-02T08:00:00+08:00", "TransformationEvent", SEASON "\"bizStep\":\"suyuan:sowing\",\"inputQuantityList\":" LOT("SEED", "3"));
        add(g, "2026-06-20T23:30:00+08:00", "TransformationEvent", spray);
        add(g, "2026-05-01T08:00:00+08:00", "ObjectEvent", "\"action\":\"OBSERVE\",\"epcList\":[\"https://h.example/season/f/S1\"],"
            "\"suyuan:growthStage\":\"BBCH 30\",\"suyuan:evidence\":[{\"id\":\"ni:///sha-256;"
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\",\"suyuan:kind\":\"photo\",\"suyuan:mediaType\":\"image/jpeg\"}]");
        add(g, "2026-07-01T06:00:00+08:00", "TransformationEvent", SEASON "\"bizStep\":\"suyuan:harvesting\",\"outputQuantityList\":" LOT("PADDY", "500"));
        add(g, "2026-07-20T06:00:00+08:00", "TransformationEvent", SEASON "\"bizStep\":\"suyuan:spraying\",\"inputQuantityList\":" LOT("LATER", "1"));
        add(g, "2026-07-02T06:00:00+08:00", "TransformationEvent", "\"bizStep\":\"suyuan:milling\",\"inputQuantityList\":" LOT("PADDY", "500")
            ",\"outputQuantityList\":" LOT("BAG", "350"));
}

static void test_event(struct ground *g, const char *lot, const char *when, const char *disposition)
{
        char m[400];
        snprintf(m, sizeof m, "\"action\":\"OBSERVE\",\"bizStep\":\"inspecting\",\"disposition\":\"%s\",\"quantityList\":[{\"epcClass\":\"https://h.example/lot/f/%s\"}],"
                 "\"sensorElementList\":[{\"sensorReport\":[{\"type\":\"gs1:Mass\",\"value\":0.01,\"suyuan:limit\":0.05,\"suyuan:activeIngredient\":\"吡蚜酮\"}]}]", disposition, lot);
        add(g, when, "ObjectEvent", m);
}

static void state_event(struct ground *g, const char *lot, const char *when, const char *members)
{
        char m[400];
        snprintf(m, sizeof m, "\"action\":\"OBSERVE\",\"bizStep\":\"holding\",\"quantityList\":[{\"epcClass\":\"https://h.example/lot/f/%s\"}],%s", lot, members);
        add(g, when, "ObjectEvent", m);
}

static struct story *tell(struct ground *g, const char *item)
{
        struct trace *t;
        struct story *s;
        struct trace_options o = { .containers_too = true };
        struct err e = { 0 };
        buf_z(&g->b, "]}}");
        fake_document(g->f, g->b.p, g->b.n, &own);
        buf_free(&g->b);
        assert_int_equal(trace_walk(g->a, g->f, ORG_DEFAULT, str_of(item), TRACE_BACK, &o, &t, &e), 0);
        assert_int_equal(story_tell(g->a, g->f, ORG_DEFAULT, t, &own, g->kept, &s, &e), 0);
        size_t n = s->n_entries;
        /* what every case looks at is told from memory */
        assert_int_equal(story_tell(g->a, g->f, ORG_DEFAULT, t, &own, g->kept, &s, &e), 0);
        assert_int_equal(s->n_entries, n);
        return s;
}

static int setup(void **state)
{
        struct arena *a = arena_new();
        struct ground *g = arena_alloc(a, sizeof *g);
        g->a = a;
        g->f = fake_new(a);
        g->kept = excerpts_new();
        begin(g);
        *state = g;
        return 0;
}

static int teardown(void **state)
{
        struct ground *g = *state;
        excerpts_free(g->kept);
        arena_free(g->a);
        return 0;
}

static const struct story_entry *entry(const struct story *s, enum story_kind k)
{
        for (size_t i = 0; i < s->n_entries; i++)
                if (s->entries[i].kind == k)
                        return &s->entries[i];
        return NULL;
}

static void story_goes_from_seed_to_mill_in_order(void **state)
{
        struct ground *g = *state;
        season(g, "10");
        struct story *s = tell(g, "/lot/f/BAG");
        static const enum story_kind want[] = { STORY_SOW, STORY_GROWTH, STORY_SPRAY, STORY_HARVEST, STORY_PROCESS };
        assert_int_equal(s->n_entries, 5);
        for (size_t i = 0; i < 5; i++)
                assert_int_equal(s->entries[i].kind, want[i]);
        assert_true(str_is(s->item->text[LANG_HANS], "再生稻米") && str_is(s->item->text[LANG_EN], "Ratoon rice"));
        assert_true(str_is(s->item->text[LANG_HANT], "再生稻米"));
        assert_true(str_is(entry(s, STORY_HARVEST)->place->text[LANG_EN], "三号田"));
        assert_true(str_is(entry(s, STORY_PROCESS)->in[0].quantity, "500"));
        assert_int_equal(s->n_photos, 1);
        assert_int_equal(entry(s, STORY_GROWTH)->photos[0].hash.b[1], 0x23);
}

static void days_are_counted_in_the_place_not_in_hours(void **state)
{
        struct ground *g = *state;
        season(g, "10");
        struct story *s = tell(g, "/lot/f/BAG");
        assert_int_equal(s->spray_days, 11);    /* 20 June 23:30 to 1 July 06:00 is 10 times 24 hours, and 11 days */
        assert_int_equal(s->spray_required, 10);
        assert_false(s->interval_broken);
        assert_int_equal(s->n_sprays, 1);       /* the one after the harvest is not ours */
}

static void short_interval_is_broken(void **state)
{
        struct ground *g = *state;
        season(g, "14");
        assert_true(tell(g, "/lot/f/BAG")->interval_broken);
}

static void unknown_interval_is_a_gap_not_a_pass(void **state)
{
        struct ground *g = *state;
        season(g, NULL);
        struct story *s = tell(g, "/lot/f/BAG");
        assert_int_equal(s->spray_required, -1);
        assert_true(s->gaps & GAP_INTERVAL);
}

static void what_is_missing_is_told(void **state)
{
        struct ground *g = *state;
        season(g, "10");
        struct story *s = tell(g, "/lot/f/BAG");
        assert_int_equal(s->gaps, GAP_TEST | GAP_TRANSPORT | GAP_TEMPERATURE | GAP_SHELF);
}

static void hours_run_from_harvest_to_shelf(void **state)
{
        struct ground *g = *state;
        season(g, "10");
        add(g, "2026-07-03T06:30:00+08:00", "ObjectEvent", "\"action\":\"OBSERVE\",\"bizStep\":\"stocking\",\"quantityList\":" LOT("BAG", "10"));
        struct story *s = tell(g, "/lot/f/BAG");
        assert_int_equal((s->shelf_us - s->harvest_us) / 60000000, 48 * 60 + 30);
        assert_false(s->gaps & GAP_SHELF);
}

static void another_part_of_the_paddy_went_elsewhere(void **state)
{
        struct ground *g = *state;
        season(g, "10");
        add(g, "2026-07-05T06:30:00+08:00", "ObjectEvent", "\"action\":\"OBSERVE\",\"bizStep\":\"shipping\",\"quantityList\":" LOT("PADDY", "10"));
        assert_null(entry(tell(g, "/lot/f/BAG"), STORY_SHIP));
}

static void failed_test_of_an_ancestor_counts_even_later(void **state)
{
        struct ground *g = *state;
        season(g, "10");
        test_event(g, "BAG", "2026-07-03T10:00:00+08:00", "conformant");
        test_event(g, "PADDY", "2026-07-09T10:00:00+08:00", "non_conformant");
        struct story *s = tell(g, "/lot/f/BAG");
        assert_int_equal(s->tests_passed, 1);
        assert_int_equal(s->tests_failed, 1);
        assert_true(s->failed);
        assert_true(str_is(entry(s, STORY_TEST)->reports[0].what, "吡蚜酮"));
}

static void recalled_ancestor_recalls_what_was_made_of_it(void **state)
{
        struct ground *g = *state;
        season(g, "10");
        state_event(g, "PADDY", "2026-07-10T10:00:00+08:00", "\"disposition\":\"recalled\"");
        struct story *s = tell(g, "/lot/f/BAG");
        assert_int_equal(s->state, STATE_RECALLED);
        assert_true(str_is(s->state_of->canonical, "/lot/f/PADDY"));
}

static void hold_ends_with_its_release(void **state)
{
        struct ground *g = *state;
        season(g, "10");
        state_event(g, "BAG", "2026-07-10T10:00:00+08:00", "\"persistentDisposition\":{\"set\":[\"suyuan:on_hold\"]}");
        state_event(g, "PADDY", "2026-07-10T11:00:00+08:00", "\"disposition\":\"suyuan:on_hold\"");
        state_event(g, "BAG", "2026-07-11T10:00:00+08:00", "\"persistentDisposition\":{\"unset\":[\"suyuan:on_hold\"]}");
        struct story *s = tell(g, "/lot/f/BAG");
        assert_int_equal(s->state, STATE_HELD);
        assert_true(str_is(s->state_of->canonical, "/lot/f/PADDY"));
}

static void carton_brings_its_journey_but_no_other_bag(void **state)
{
        struct ground *g = *state;
        season(g, "10");
        add(g, "2026-07-03T06:00:00+08:00", "AggregationEvent", "\"action\":\"ADD\",\"bizStep\":\"packing\",\"parentID\":\"https://h.example/unit/f/C1\",\"childQuantityList\":" LOT("BAG", "10"));
        add(g, "2026-07-03T08:00:00+08:00", "ObjectEvent", "\"action\":\"OBSERVE\",\"bizStep\":\"shipping\",\"epcList\":[\"https://h.example/unit/f/C1\"],"
            "\"sensorElementList\":[{\"sensorReport\":[{\"type\":\"Temperature\",\"minValue\":2.5,\"maxValue\":6,\"meanValue\":4,\"uom\":\"CEL\"}]}]");
        struct story *s = tell(g, "/lot/f/BAG");
        assert_non_null(entry(s, STORY_PACK));
        assert_true(str_is(entry(s, STORY_SHIP)->temperature_max, "6"));
        assert_false(s->gaps & (GAP_TRANSPORT | GAP_TEMPERATURE));
}

static void steps_without_words_are_told_of_the_item_itself(void **state)
{
        struct ground *g = *state;
        season(g, "10");
        add(g, "2026-07-02T07:00:00+08:00", "ObjectEvent", "\"action\":\"OBSERVE\",\"bizStep\":\"commissioning\",\"quantityList\":" LOT("BAG", "350"));
        add(g, "2026-07-02T08:00:00+08:00", "ObjectEvent", "\"action\":\"OBSERVE\",\"quantityList\":" LOT("BAG", "350"));
        add(g, "2026-07-01T08:00:00+08:00", "ObjectEvent", "\"action\":\"OBSERVE\",\"quantityList\":" LOT("PADDY", "500"));
        struct story *s = tell(g, "/lot/f/BAG");
        assert_int_equal(s->n_entries, 7);
        assert_int_equal(s->entries[6].kind, STORY_OTHER);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                CASE(story_goes_from_seed_to_mill_in_order),
                CASE(days_are_counted_in_the_place_not_in_hours),
                CASE(short_interval_is_broken),
                CASE(unknown_interval_is_a_gap_not_a_pass),
                CASE(what_is_missing_is_told),
                CASE(hours_run_from_harvest_to_shelf),
                CASE(another_part_of_the_paddy_went_elsewhere),
                CASE(failed_test_of_an_ancestor_counts_even_later),
                CASE(recalled_ancestor_recalls_what_was_made_of_it),
                CASE(hold_ends_with_its_release),
                CASE(carton_brings_its_journey_but_no_other_bag),
                CASE(steps_without_words_are_told_of_the_item_itself),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
