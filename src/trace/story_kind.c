#include "trace/story_impl.h"

/* What people call an event: by its business step, else by what it does to things. */

static const struct { const char *step; enum story_kind kind; } steps[] = {
        { "sowing", STORY_SOW }, { "transplanting", STORY_SOW }, { "planting", STORY_SOW }, { "seeding", STORY_SOW },
        { "inoculating", STORY_SOW },
        { "fertilising", STORY_FERTILISE }, { "fertilizing", STORY_FERTILISE }, { "feeding", STORY_FERTILISE },
        { "spraying", STORY_SPRAY }, { "plant_protection", STORY_SPRAY },
        { "irrigating", STORY_IRRIGATE }, { "watering", STORY_IRRIGATE }, { "irrigation", STORY_IRRIGATE },
        { "weeding", STORY_TEND }, { "pruning", STORY_TEND }, { "mulching", STORY_TEND }, { "clearing", STORY_TEND },
        { "tending", STORY_TEND }, { "thinning", STORY_TEND },
        { "growing", STORY_GROWTH }, { "scouting", STORY_GROWTH }, { "observing", STORY_GROWTH },
        { "growth_record", STORY_GROWTH }, { "growth", STORY_GROWTH },
        { "harvesting", STORY_HARVEST },        /* CBV's picking takes goods from a shelf for an order */
        { "milling", STORY_PROCESS }, { "sorting", STORY_PROCESS }, { "drying", STORY_PROCESS },
        { "cutting", STORY_PROCESS }, { "washing", STORY_PROCESS }, { "canning", STORY_PROCESS },
        { "processing", STORY_PROCESS },
        { "packing", STORY_PACK }, { "repackaging", STORY_PACK }, { "bagging", STORY_PACK },
        { "assembling", STORY_PACK },
        { "inspecting", STORY_TEST }, { "testing", STORY_TEST }, { "sampling", STORY_TEST },
        { "holding", STORY_HOLD },
        { "ordering", STORY_ORDER },
        { "shipping", STORY_SHIP }, { "departing", STORY_DEPART }, { "transporting", STORY_TRANSPORT },
        { "loading", STORY_LOAD }, { "staging_outbound", STORY_LOAD }, { "void_shipping", STORY_OTHER },
        { "receiving", STORY_RECEIVE }, { "arriving", STORY_ARRIVE }, { "accepting", STORY_RECEIVE },
        { "unloading", STORY_ARRIVE },
        { "stocking", STORY_SHELF }, { "retail_selling", STORY_SOLD },
        { "storing", STORY_STORE }, { "cooling", STORY_STORE }, { "precooling", STORY_STORE },
        { "pre_cooling", STORY_STORE },
        { "destroying", STORY_DESTROY }, { "certifying", STORY_CERTIFICATE },
};

static struct str last_part(struct str s)
{
        for (size_t i = s.n; i-- > 0;)
                if (s.p[i] == '/' || s.p[i] == ':' || s.p[i] == '#' || s.p[i] == '-')
                        return str_from(s, i + 1);
        return s;
}

static bool has_role(const struct event_head *h, uint8_t a, uint8_t b)
{
        for (size_t i = 0; i < h->n_refs; i++)
                if (h->refs[i].role == a || h->refs[i].role == b)
                        return true;
        return false;
}

static bool bears(const struct parts *p, const char *type)
{
        const struct json *list = p->of[PART_TRANSACTIONS];
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++)
                if (str_eq(last_part(json_str(&list->items[i], "type")), str_of(type)))
                        return true;
        return false;
}

static bool persists(const struct parts *p, const char *how, const char *what)
{
        const struct json *list = json_get(p->of[PART_PERSISTENT], how);
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++)
                if (str_eq(last_part(json_text(&list->items[i])), str_of(what)))
                        return true;
        return false;
}

/* Holding, releasing and recalling are told by dispositions, whatever the step. */
static enum story_kind state_kind(const struct event_head *h, const struct parts *p)
{
        struct str now = last_part(h->disposition);
        if (str_is(now, "recalled") || persists(p, "set", "recalled"))
                return STORY_RECALL;
        if (persists(p, "unset", "on_hold") || persists(p, "unset", "recalled"))
                return STORY_RELEASE;
        if (str_is(now, "on_hold") || persists(p, "set", "on_hold"))
                return STORY_HOLD;
        return STORY_OTHER;
}

static enum story_kind of_transformation(const struct event_head *h, const struct parts *p, bool season)
{
        if (!season)
                return STORY_PROCESS;
        if (has_role(h, ROLE_OUTPUT, ROLE_OUTPUT_QUANTITY))
                return STORY_HARVEST;
        if (p->of[PART_INTERVAL] ||
            p->of[PART_TARGET])
                return STORY_SPRAY;
        return p->of[PART_CROP] ? STORY_SOW : STORY_INPUT;
}

enum story_kind story_kind_of(const struct event_head *h, const struct parts *p, bool season)
{
        enum story_kind k = state_kind(h, p);
        struct str step = last_part(h->biz_step);
        if (k != STORY_OTHER)
                return k;
        if (h->type == EVENT_AGGREGATION)       /* whatever the step: put in is told, taken out is not worth a line */
                return h->action != ACTION_ADD ? STORY_OTHER : str_is(step, "loading") ? STORY_LOAD : STORY_PACK;
        if (h->type == EVENT_OBJECT && bears(p, "cert") && !bears(p, "testres"))
                return STORY_CERTIFICATE;
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
                if (str_is(step, steps[i].step)) {
                        k = steps[i].kind;
                        /* CBV's inspecting is a test when something was measured or judged, else a look at the crop */
                        if (k == STORY_TEST && season && h->type == EVENT_OBJECT && !p->of[PART_SENSORS] &&
                            !h->disposition.n)
                                k = STORY_GROWTH;
                        return k == STORY_HOLD ? STORY_OTHER : k;
                }
        if (h->type == EVENT_TRANSFORMATION)
                return of_transformation(h, p, season);
        if (bears(p, "testres"))
                return STORY_TEST;
        if (season)
                return STORY_GROWTH;
        return STORY_OTHER;
}
