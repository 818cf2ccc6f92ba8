#include <stdlib.h>

#include "base/json.h"
#include "base/text.h"
#include "epcis/context.h"
#include "trace/story_impl.h"
#include "trace/walk_impl.h"

/* From one event's body to one entry.  Every member read here is on the public allow-list. */

bool story_read(struct teller *t, const struct event_head *h, struct event *ret)
{
        struct str body, context;
        const struct json *c, *own;
        if (reader_body(t->r, t->a, t->org, h->seq, &body, &context, t->err) < 0 ||
            json_read(t->a, body.p, body.n, NULL, &ret->json, t->err) < 0) {
                t->broken = true;
                return false;
        }
        if (!t->context || !str_eq(context, t->context_text)) {
                c = NULL;
                if (context.n && json_read(t->a, context.p, context.n, NULL, &c, t->err) < 0)
                        c = NULL;
                t->context = context_read(t->a, c, NULL);
                t->context_text = context;
        }
        own = json_get(ret->json, "@context");
        ret->context = own ? context_read(t->a, own, t->context) : t->context;
        return true;
}

static struct str own_text(const struct event *e, const struct json *o, const char *iri)
{
        return json_text(event_extension(e, o, iri));
}

static const struct story_name *place_of(struct teller *t, const struct event *e, const char *member)
{
        struct str id = json_str(json_get(e->json, member), "id");
        struct ident i;
        if (!id.n || str_starts(id, STR("geo:")))
                return NULL;
        ident_read(t->a, id, t->origins, &i);
        return story_name(t, i.canonical);
}

static bool ends(struct str s, const char *z)
{
        struct str w = str_of(z);
        return s.n >= w.n && memcmp(s.p + s.n - w.n, w.p, w.n) == 0;
}

/* The owning party of a journey's end, else whoever stands there first. */
static const struct story_name *end_of(struct teller *t, const struct event *e, const char *list, const char *member)
{
        const struct json *l = json_get(e->json, list), *best = NULL;
        for (uint32_t i = 0; json_is(l, JSON_ARRAY) && i < l->n; i++) {
                bool owner = ends(json_str(&l->items[i], "type"), "owning_party");
                if (!best || owner)
                        best = &l->items[i];
        }
        struct str id = json_str(best, member);
        struct ident i;
        if (!id.n || str_starts(id, STR("geo:")))
                return NULL;
        ident_read(t->a, id, t->origins, &i);
        return story_name(t, i.canonical);
}

/* The line of `list` that stands for this thing already, or a new one; NULL when the page has enough of them. */
static struct story_amount *line_for(struct story_amount *list, size_t *n, const struct story_name *what, struct str uom)
{
        enum { MOST = 8 };
        for (size_t i = 0; i < *n; i++)
                if (str_eq(list[i].uom, uom) && str_eq(list[i].what->text[0], what->text[0]))
                        return &list[i];
        if (*n == MOST)
                return NULL;
        list[*n] = (struct story_amount){ .what = what, .uom = uom };
        return &list[(*n)++];
}

static void add_up(struct teller *t, struct story_amount *line, const struct event_ref *q)
{
        struct decimal have, more;
        line->count++;
        if (!q->has_quantity)
                return;
        if (!line->quantity.n)
                line->quantity = q->quantity;
        else if (decimal_read(line->quantity, &have) && decimal_read(q->quantity, &more) && decimal_add(have, more, &have))
                line->quantity = decimal_text(t->a, have);
}

/* A sister that is not on the way is called what its trade item is called: one question for a thousand bags. */
static const struct story_name *sister(struct teller *t, int64_t item)
{
        struct ident_parts p;
        int kind;
        struct str id = reader_item_name(t->r, t->a, t->org, item, &kind);
        ident_parts(t->a, id, &p);
        return story_name(t, str_is(p.key_ai, "01") ? arena_printf(t->a, "https://id.gs1.org/01/%.*s", STR_ARG(p.key)) : id);
}

static void fill_amounts(struct teller *t, const struct event_head *h, struct story_entry *x)
{
        enum { SISTERS = 200 };         /* more are not counted: the way itself always is */
        struct story_amount *lines = arena_array(t->a, struct story_amount, 24);
        size_t sisters = 0;
        x->in = lines;
        x->out = lines + 8;
        x->seen = lines + 16;
        for (size_t i = 0; i < h->n_refs; i++) {
                const struct event_ref *q = &h->refs[i];
                uint32_t n = story_node(t, q->item);
                bool in = is_input(q->role) || is_child(q->role), out = is_output(q->role);
                if (q->role == ROLE_TRANSFORMATION || q->role == ROLE_PARENT)
                        continue;
                /* what else travelled along is not this item's story; what else came of the same work is */
                if (n == UINT32_MAX && (!out || sisters++ >= SISTERS))
                        continue;
                const struct story_name *what = n != UINT32_MAX ? story_name(t, t->t->nodes[n].id) : sister(t, q->item);
                struct story_amount *line = !what ? NULL
                        : line_for(in ? x->in : out ? x->out : x->seen, in ? &x->n_in : out ? &x->n_out : &x->n_seen, what, q->uom);
                if (line)
                        add_up(t, line, q);
        }
}

static bool same_word(struct str s, const char *const *list)
{
        for (; *list; list++)
                if (str_ieq(s, str_of(*list)))
                        return true;
        return false;
}

static enum story_result result_of(struct str said, struct str value, struct str limit)
{
        static const char *const good[] = { "pass", "passed", "conformant", "negative", "合格", "阴性", "true", NULL };
        static const char *const bad[] = { "fail", "failed", "non_conformant", "positive", "不合格", "阳性", "false", NULL };
        struct decimal v, l;
        if (same_word(said, good))
                return RESULT_PASSED;
        if (same_word(said, bad))
                return RESULT_FAILED;
        if (decimal_read(value, &v) && decimal_read(limit, &l))
                return decimal_cmp(v, l) <= 0 ? RESULT_PASSED : RESULT_FAILED;
        return RESULT_NONE;
}

static struct str last_of(struct str s)
{
        for (size_t i = s.n; i-- > 0;)
                if (s.p[i] == '/' || s.p[i] == ':' || s.p[i] == '#')
                        return str_from(s, i + 1);
        return s;
}

static void fill_temperature(const struct json *r, struct story_entry *x)
{
        struct str one = json_text(json_get(r, "value")), min = json_text(json_get(r, "minValue")), max = json_text(json_get(r, "maxValue"));
        if (min.n || one.n)
                x->temperature_min = min.n ? min : one;
        if (max.n || one.n)
                x->temperature_max = max.n ? max : one;
        x->temperature_mean = json_text(json_get(r, "meanValue"));
}

static void fill_report(const struct event *e, const struct json *r, struct story_entry *x)
{
        x->alarm |= ends(json_str(r, "exception"), "ALARM_CONDITION");
        if (ends(json_str(r, "type"), "Temperature"))
                fill_temperature(r, x);
        struct str what = own_text(e, r, SUYUAN_VOC "activeIngredient");
        if (!what.n)
                what = last_of(json_str(r, "chemicalSubstance"));
        if (!what.n)
                what = last_of(json_str(r, "microorganism"));
        if (!what.n)
                what = last_of(json_str(r, "type"));
        struct story_report *p = &x->reports[x->n_reports++];
        *p = (struct story_report){ .what = what, .value = json_text(json_get(r, "value")), .uom = json_str(r, "uom"),
                .limit = own_text(e, r, SUYUAN_VOC "limit"), .method = own_text(e, r, SUYUAN_VOC "method") };
        if (!p->value.n)
                p->value = json_str(r, "stringValue");
        if (!p->method.n)
                p->method = own_text(e, e->json, SUYUAN_VOC "method");
        p->result = result_of(own_text(e, r, SUYUAN_VOC "result"), p->value, p->limit);
}

static void fill_sensors(struct teller *t, const struct event *e, struct story_entry *x)
{
        const struct json *list = json_get(e->json, "sensorElementList");
        size_t n = 0;
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
                const struct json *reports = json_get(&list->items[i], "sensorReport");
                n += json_is(reports, JSON_ARRAY) ? reports->n : 0;
        }
        if (!n)
                return;
        x->reports = arena_array(t->a, struct story_report, n);
        for (uint32_t i = 0; i < list->n; i++) {
                const struct json *reports = json_get(&list->items[i], "sensorReport");
                for (uint32_t j = 0; json_is(reports, JSON_ARRAY) && j < reports->n; j++)
                        fill_report(e, &reports->items[j], x);
        }
}

/* A test is judged by its disposition; without one by what each value says. */
static void fill_result(const struct event_head *h, const struct event *e, struct story_entry *x)
{
        bool all = x->n_reports > 0;
        x->result = result_of(own_text(e, e->json, SUYUAN_VOC "result"), STR_NONE, STR_NONE);
        if (ends(h->disposition, "non_conformant"))
                x->result = RESULT_FAILED;
        else if (ends(h->disposition, "conformant"))
                x->result = RESULT_PASSED;
        for (size_t i = 0; i < x->n_reports; i++) {
                if (x->reports[i].result == RESULT_FAILED)
                        x->result = RESULT_FAILED;      /* whatever the whole was called */
                all &= x->reports[i].result == RESULT_PASSED;
        }
        if (all && x->result == RESULT_NONE)
                x->result = RESULT_PASSED;
}

static bool photo_of(const struct event *e, const struct json *o, struct story_photo *ret)
{
        struct str id = json_str(o, "id"), head = STR("ni:///sha-256;");
        struct str type = own_text(e, o, SUYUAN_VOC "mediaType");
        if (!str_starts(id, head) || id.n < head.n + 64 || (type.n && !str_starts(type, STR("image/"))))
                return false;
        stamp_read(own_text(e, o, SUYUAN_VOC "takenAt"), &ret->taken);
        return hex_read((struct str){ id.p + head.n, 64 }, &ret->hash, 32);
}

static void fill_photos(struct teller *t, const struct event *e, struct story_entry *x)
{
        const struct json *list = event_extension(e, e->json, SUYUAN_VOC "evidence");
        if (!json_is(list, JSON_ARRAY))
                return;
        struct story_photo *p = arena_array(t->a, struct story_photo, list->n + 1);
        for (uint32_t i = 0; i < list->n; i++)
                if (photo_of(e, &list->items[i], &p[x->n_photos]))
                        x->n_photos++;
        x->photos = p;
        t->s->n_photos += x->n_photos;
}

static void fill_certificate(const struct event *e, struct story_entry *x)
{
        const struct json *list = json_get(e->json, "bizTransactionList");
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++)
                if (ends(json_str(&list->items[i], "type"), "cert") || ends(json_str(&list->items[i], "type"), "testres"))
                        x->certificate = last_of(json_str(&list->items[i], "bizTransaction"));
}

bool story_fill(struct teller *t, const struct event_head *h, const struct event *e, struct story_entry *x)
{
        const struct json *ilmd = json_get(e->json, "ilmd");
        const struct story_name *point = place_of(t, e, "readPoint"), *location = place_of(t, e, "bizLocation");
        x->place = point && (point->named || !location) ? point : location;
        if (x->place)
                x->org = story_owner(t, x->place->canonical);
        x->from = end_of(t, e, "sourceList", "source");
        x->to = end_of(t, e, "destinationList", "destination");
        fill_amounts(t, h, x);
        x->dose = own_text(e, e->json, SUYUAN_VOC "dose");
        x->target = own_text(e, e->json, SUYUAN_VOC "target");
        x->stage = own_text(e, e->json, SUYUAN_VOC "growthStage");
        x->ingredient = own_text(e, e->json, SUYUAN_VOC "activeIngredient");
        x->registration = own_text(e, e->json, SUYUAN_VOC "registrationNumber");
        struct decimal days;
        x->interval_days = -1;
        if (decimal_read(own_text(e, e->json, SUYUAN_VOC "preHarvestIntervalDays"), &days) && days.scale == 0 &&
            days.mantissa >= 0 && days.mantissa < 10000)
                x->interval_days = (int)days.mantissa;
        fill_sensors(t, e, x);
        fill_result(h, e, x);
        fill_photos(t, e, x);
        fill_certificate(e, x);
        if (!t->s->crop.n)
                t->s->crop = own_text(e, e->json, SUYUAN_VOC "crop");
        if (!t->s->variety.n)
                t->s->variety = own_text(e, ilmd ? ilmd : e->json, SUYUAN_VOC "variety");
        return !t->broken;
}
