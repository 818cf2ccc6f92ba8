#include "farm/fact.h"

#include "base/text.h"
#include "farm/act_impl.h"
#include "farm/fact_impl.h"

/* What the rules know of an event, whoever recorded it: by its business step and members, not by the form it may have come from. */

static const struct { const char *step; enum act act; } steps[] = {
        { "sowing", ACT_SOW }, { "planting", ACT_SOW }, { "seeding", ACT_SOW }, { "inoculating", ACT_SOW },
        { "transplanting", ACT_TRANSPLANT },
        { "fertilising", ACT_FERTILISE }, { "fertilizing", ACT_FERTILISE }, { "feeding", ACT_FERTILISE },
        { "spraying", ACT_SPRAY }, { "plant_protection", ACT_SPRAY },
        { "irrigating", ACT_IRRIGATE }, { "irrigation", ACT_IRRIGATE }, { "watering", ACT_IRRIGATE },
        { "weeding", ACT_WEED }, { "mulching", ACT_WEED }, { "pruning", ACT_PRUNE }, { "thinning", ACT_PRUNE },
        { "growth", ACT_GROWTH }, { "growing", ACT_GROWTH }, { "scouting", ACT_GROWTH }, { "observing", ACT_GROWTH }, { "growth_record", ACT_GROWTH },
        { "harvesting", ACT_HARVEST }, { "clearing", ACT_CLEAR },
};

static const struct json *own(const struct event *e, const char *iri)
{
        return event_extension(e, e->json, iri);
}

static struct str last_part(struct str s)
{
        for (size_t i = s.n; i-- > 0;)
                if (s.p[i] == '/' || s.p[i] == ':' || s.p[i] == '#')
                        return str_from(s, i + 1);
        return s;
}

static bool makes(const struct event *e)
{
        for (size_t i = 0; i < e->n_items; i++)
                if (e->items[i].role == ROLE_OUTPUT || e->items[i].role == ROLE_OUTPUT_QUANTITY)
                        return true;
        return false;
}

struct str fact_step(const struct event *e)
{
        return last_part(e->biz_step);
}

enum act fact_act(const struct event *e)
{
        struct str step = fact_step(e);
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
                if (str_is(step, steps[i].step))
                        return steps[i].act;
        if (str_is(step, "inspecting") && e->type == EVENT_OBJECT && !json_get(e->json, "sensorElementList") && !e->disposition.n)
                return ACT_GROWTH;
        if (e->type != EVENT_TRANSFORMATION)
                return ACT_OTHER;
        if (makes(e))
                return ACT_HARVEST;
        if (own(e, SUYUAN_VOC "preHarvestIntervalDays") || own(e, SUYUAN_VOC "target"))
                return ACT_SPRAY;
        return own(e, SUYUAN_VOC "crop") ? ACT_SOW : ACT_OTHER;
}

static struct str season_of(const struct event *e)
{
        for (size_t i = 0; i < e->n_items; i++)
                if (e->items[i].kind == IDENT_SEASON && (e->items[i].role == ROLE_TRANSFORMATION || e->items[i].role == ROLE_EPC))
                        return e->items[i].canonical;
        return STR_NONE;
}

bool fact_is_act(const struct event *e, enum act k)
{
        const struct act_row *row = act_row(k);
        if (!row || row->subject == SUBJECT_SEASON)
                return row && season_of(e).n && fact_act(e) == k;
        if (!str_eq(last_part(e->biz_step), last_part(str_of(row->step))))
                return false;
        if (k == ACT_PACK || k == ACT_AGGREGATE)
                return (e->type == EVENT_AGGREGATION) == (k == ACT_AGGREGATE);
        return row->subject != SUBJECT_STORE || own(e, SUYUAN_VOC "input");
}

static struct str named(struct arena *a, const struct json *v)
{
        struct ident i;
        struct str s = json_text(v);
        if (!s.n)
                return STR_NONE;
        ident_read(a, s, NULL, &i);
        return i.canonical;
}

/* An address of ours without knowing our origins: what stands behind the host. */
static struct str own_name(struct arena *a, const struct json *v)
{
        struct str s = named(a, v);
        const char *slashes = s.n ? memmem(s.p, s.n, "://", 3) : NULL;
        static const char *const paths[] = { "/input/", "/product/" };
        const char *path = slashes ? memchr(slashes + 3, '/', s.n - (size_t)(slashes + 3 - s.p)) : NULL;
        for (size_t i = 0; path && i < 2; i++)
                if (str_starts((struct str){ path, s.n - (size_t)(path - s.p) }, str_of(paths[i])))
                        return (struct str){ path, s.n - (size_t)(path - s.p) };
        return s;
}

/* Which product the k-th thing is that came out. */
static struct str product_of(struct arena *a, const struct event *e, size_t k)
{
        const struct json *v = own(e, SUYUAN_VOC "product");
        if (json_is(v, JSON_ARRAY))
                return k < v->n ? own_name(a, &v->items[k]) : STR_NONE;
        return own_name(a, v);
}

/* A lot with a GTIN tells its good by itself. */
static struct str good_of(struct arena *a, struct str lot)
{
        struct ident_parts p;
        ident_parts(a, lot, &p);
        if (str_is(p.key_ai, "01"))
                return arena_printf(a, "https://id.gs1.org/01/%.*s", STR_ARG(p.key));
        return str_starts(lot, STR("/input/")) || str_starts(lot, STR("/product/")) ? lot : STR_NONE;
}

bool fact_on_season(const struct event *e)
{
        return season_of(e).n > 0;
}

bool fact_quantity(struct str text, struct decimal *ret)
{
        return decimal_read(text, ret) && ret->mantissa >= 0;
}

struct fact_amount fact_amount_of(struct arena *a, const struct event_item *q, struct str good)
{
        struct fact_amount x = { .lot = q->canonical, .good = good.n ? good : good_of(a, q->canonical), .uom = q->uom };
        x.stated = fact_quantity(q->quantity, &x.quantity);
        return x;
}

static void take_amounts(struct arena *a, const struct event *e, struct fact *f)
{
        size_t made = 0;
        f->in = arena_array(a, struct fact_amount, e->n_items + 1);
        f->out = arena_array(a, struct fact_amount, e->n_items + 1);
        for (size_t i = 0; i < e->n_items; i++) {
                const struct event_item *q = &e->items[i];
                if (q->role == ROLE_INPUT || q->role == ROLE_INPUT_QUANTITY)
                        f->in[f->n_in++] = fact_amount_of(a, q, f->input);
                else if (q->role == ROLE_OUTPUT || q->role == ROLE_OUTPUT_QUANTITY)
                        f->out[f->n_out++] = fact_amount_of(a, q, product_of(a, e, q->role == ROLE_OUTPUT_QUANTITY ? made++ : made));
        }
}

/* One text may name several: "氯虫苯甲酰胺、噻虫嗪". */
static void take_ingredients(struct arena *a, const struct json *v, struct fact *f)
{
        static const char *const marks[] = { "、", "，", ",", "+", "；", ";" };
        struct json one = v ? *v : (struct json){ 0 };
        const struct json *list = json_is(v, JSON_ARRAY) ? v->items : &one;
        size_t n = json_is(v, JSON_ARRAY) ? v->n : json_is(v, JSON_STRING), most = 1;
        for (size_t i = 0; i < n; i++)
                most += list[i].kind == JSON_STRING ? list[i].n + 1 : 0;
        struct str *all = arena_array(a, struct str, most < 4096 ? most : 4096);
        for (size_t i = 0; i < n; i++) {
                struct str rest = list[i].kind == JSON_STRING ? json_text(&list[i]) : STR_NONE;
                while (rest.n && f->n_ingredients < 4000) {
                        size_t end = rest.n, skip = 0;
                        for (size_t k = 0; k < sizeof marks / sizeof *marks; k++) {
                                const char *at = memmem(rest.p, rest.n, marks[k], strlen(marks[k]));
                                if (at && (size_t)(at - rest.p) < end) {
                                        end = (size_t)(at - rest.p);
                                        skip = strlen(marks[k]);
                                }
                        }
                        struct str name = str_trim((struct str){ rest.p, end });
                        if (name.n)
                                all[f->n_ingredients++] = name;
                        rest = str_from(rest, end + skip);
                }
        }
        f->ingredients = all;
}

/* "10 毫升/亩", "3 g/mu": a dose per mu; other texts are for people. */
static void take_dose(struct str s, struct fact *f)
{
        static const char *const areas[] = { "/亩", "/畝", "/mu" };
        size_t n = 0;
        while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '.'))
                n++;
        struct str unit = str_trim(str_from(s, n));
        struct decimal d;
        for (size_t i = 0; i < 3; i++) {
                struct str area = str_of(areas[i]);
                if (unit.n <= area.n || memcmp(unit.p + unit.n - area.n, area.p, area.n) != 0)
                        continue;
                const struct unit_row *u = unit_of(str_trim((struct str){ unit.p, unit.n - area.n }));
                if (u && decimal_read((struct str){ s.p, n }, &d) && unit_amount(d, u, &f->dose))
                        f->dose_uom = str_of(u->code);
        }
}

struct str fact_used_per_mu(const struct fact *f, struct decimal *ret)
{
        if (f->n_in != 1 || !f->in[0].stated || f->area_mu.mantissa <= 0 || !f->in[0].uom.n)
                return STR_NONE;
        double d = decimal_double(f->in[0].quantity) / decimal_double(f->area_mu) * 1e6;
        if (d < 0 || d > 1e15)          /* what was kept by an older one may be less than nothing */
                return STR_NONE;
        *ret = (struct decimal){ (int64_t)(d + 0.5), 6 };
        return f->in[0].uom;
}

static void take_position(const struct event *e, struct fact *f)
{
        const struct json *p = own(e, SUYUAN_VOC "position");
        struct decimal lat, lon, accuracy = { 0, 0 };
        if (!p || !number_of(event_extension(e, p, SUYUAN_VOC "latitude"), &lat) || !number_of(event_extension(e, p, SUYUAN_VOC "longitude"), &lon))
                return;
        number_of(event_extension(e, p, SUYUAN_VOC "accuracyM"), &accuracy);
        f->at = (struct position){ decimal_double(lat), decimal_double(lon), decimal_double(accuracy), true };
}

static bool shows(const struct event *e)
{
        const struct json *list = own(e, SUYUAN_VOC "evidence");
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
                struct str type = json_text(event_extension(e, &list->items[i], SUYUAN_VOC "mediaType"));
                struct str kind = json_text(event_extension(e, &list->items[i], SUYUAN_VOC "kind"));
                if (str_starts(type, STR("image/")) || str_starts(type, STR("video/")) || (!type.n && (!kind.n || str_is(kind, "photo"))))
                        return true;
        }
        return false;
}

const char *fact_grade(struct str s)
{
        static const char *const grades[] = { "synced", "plausible", "unproven", "impossible" };
        for (size_t i = 0; i < 4; i++)
                if (str_is(s, grades[i]))
                        return grades[i];
        return NULL;
}

bool fact_of_event(struct arena *a, const struct event *e, struct str *ret_season, struct fact *ret)
{
        struct decimal days;
        *ret_season = season_of(e);
        if (!ret_season->n)
                return false;
        enum { SHANGHAI_MIN = 480 };
        *ret = (struct fact){ .act = fact_act(e), .time_us = e->time.us, .offset_min = e->time.offset_min, .interval_days = -1,
                              .day = (int)civil_of(e->time.us, SHANGHAI_MIN).day_number };
        ret->input = own_name(a, own(e, SUYUAN_VOC "input"));
        take_amounts(a, e, ret);
        ret->registration = json_text(own(e, SUYUAN_VOC "registrationNumber"));
        ret->target = json_text(own(e, SUYUAN_VOC "target"));
        take_ingredients(a, own(e, SUYUAN_VOC "activeIngredient"), ret);
        if (number_of(own(e, SUYUAN_VOC "preHarvestIntervalDays"), &days) && days.scale == 0 && days.mantissa >= 0 && days.mantissa < 10000)
                ret->interval_days = (int)days.mantissa;
        number_of(own(e, SUYUAN_VOC "areaMu"), &ret->area_mu);
        take_dose(json_text(own(e, SUYUAN_VOC "dose")), ret);
        if (!ret->dose_uom.n)
                ret->dose_uom = fact_used_per_mu(ret, &ret->dose);
        take_position(e, ret);
        const struct json *clock = own(e, SUYUAN_VOC "clock");
        ret->clock = clock ? fact_grade(json_text(event_extension(e, clock, SUYUAN_VOC "grade"))) : NULL;
        ret->has_photo = shows(e);
        return true;
}

/* ---- stock ---- */

struct str fact_good(struct arena *a, const struct event *e, const struct event_item *q, size_t made)
{
        bool out = q->role == ROLE_OUTPUT_QUANTITY;
        struct str good = out ? product_of(a, e, made) : own_name(a, own(e, SUYUAN_VOC "input"));
        return good.n ? good : good_of(a, q->canonical);
}
