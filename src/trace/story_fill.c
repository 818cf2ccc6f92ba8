#include <stdlib.h>

#include "base/json.h"
#include "base/text.h"
#include "epcis/context.h"
#include "trace/story_impl.h"
#include "trace/walk_impl.h"

/* From one event's body to one entry.  Every member read here is on the public allow-list. */

const struct context *story_context(struct teller *t, struct str text, const struct json *event)
{
        const struct json *c = NULL, *own = json_get(event, "@context");
        if (!t->context || !str_eq(text, t->context_text)) {
                if (text.n && json_read(t->a, text.p, text.n, NULL, &c, NULL) < 0)
                        c = NULL;
                t->context = context_read(t->a, c, NULL);
                t->context_text = text;
        }
        return own ? context_read(t->a, own, t->context) : t->context;
}

static struct str text_of(const struct parts *p, enum part_name n)
{
        return json_text(p->of[n]);
}

/* A text, or the texts of a list one behind the other. */
static struct str texts_of(struct arena *a, const struct json *v)
{
        struct str all = json_text(v);
        for (uint32_t i = 0; json_is(v, JSON_ARRAY) && i < v->n; i++) {
                struct str one = json_text(&v->items[i]);
                if (one.n)
                        all = all.n ? arena_printf(a, "%.*s、%.*s", STR_ARG(all), STR_ARG(one)) : one;
        }
        return all;
}

/* A place or a party by the text that the event gives, and whose it is.  A season happens on one field: the last few are
 * remembered. */
static struct place_cell named_by(struct teller *t, struct str id)
{
        enum { REMEMBERED = sizeof t->places / sizeof *t->places };
        struct ident i;
        if (!id.n || str_starts(id, STR("geo:")))
                return (struct place_cell){ 0 };
        for (size_t k = 0; k < REMEMBERED; k++)
                if (str_eq(t->places[k].text, id))
                        return t->places[k];
        ident_read(t->a, id, t->origins, &i);
        struct place_cell c = { id, story_name(t, i.canonical), story_owner(t, i.canonical) };
        t->places[t->next_place++ % REMEMBERED] = c;
        return c;
}

static bool ends(struct str s, const char *z)
{
        struct str w = str_of(z);
        return s.n >= w.n && memcmp(s.p + s.n - w.n, w.p, w.n) == 0;
}

/* The owning party of a journey's end, else whoever stands there first. */
static const struct story_name *end_of(struct teller *t, const struct json *l, const char *member)
{
        const struct json *best = NULL;
        for (uint32_t i = 0; json_is(l, JSON_ARRAY) && i < l->n; i++) {
                bool owner = ends(json_str(&l->items[i], "type"), "owning_party");
                if (!best || owner)
                        best = &l->items[i];
        }
        return named_by(t, json_str(best, member)).name;
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

static struct story_amount *keep(struct arena *a, const struct story_amount *lines, size_t n)
{
        return n ? memcpy(arena_raw(a, n * sizeof *lines), lines, n * sizeof *lines) : NULL;
}

static void fill_amounts(struct teller *t, const struct event_head *h, struct story_entry *x)
{
        enum { SISTERS = 200 };         /* more are not counted: the way itself always is */
        struct story_amount lines[24];
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
        x->in = keep(t->a, x->in, x->n_in);
        x->out = keep(t->a, x->out, x->n_out);
        x->seen = keep(t->a, x->seen, x->n_seen);
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

static void fill_report(struct teller *t, const struct context *c, const struct parts *event, const struct json *r,
                        struct story_entry *x)
{
        struct parts own;
        story_parts(t, c, r, &own);
        x->alarm |= ends(json_str(r, "exception"), "ALARM_CONDITION");
        if (ends(json_str(r, "type"), "Temperature"))
                fill_temperature(r, x);
        struct str what = texts_of(t->a, own.of[PART_INGREDIENT]);
        if (!what.n)
                what = last_of(json_str(r, "chemicalSubstance"));
        if (!what.n)
                what = last_of(json_str(r, "microorganism"));
        if (!what.n)
                what = last_of(json_str(r, "type"));
        struct story_report *p = &x->reports[x->n_reports++];
        *p = (struct story_report){ .what = what, .value = json_text(json_get(r, "value")), .uom = json_str(r, "uom"),
                .limit = text_of(&own, PART_LIMIT), .method = text_of(&own, PART_METHOD) };
        if (!p->value.n)
                p->value = json_str(r, "stringValue");
        if (!p->method.n)
                p->method = text_of(event, PART_METHOD);
        p->result = result_of(text_of(&own, PART_RESULT), p->value, p->limit);
}

static void fill_sensors(struct teller *t, const struct context *c, const struct parts *event, struct story_entry *x)
{
        const struct json *list = event->of[PART_SENSORS];
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
                        fill_report(t, c, event, &reports->items[j], x);
        }
}

/* A test is judged by its disposition; without one by what each value says. */
static void fill_result(const struct event_head *h, const struct parts *p, struct story_entry *x)
{
        bool all = x->n_reports > 0;
        x->result = result_of(text_of(p, PART_RESULT), STR_NONE, STR_NONE);
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

static bool photo_of(struct teller *t, const struct context *c, const struct json *o, struct story_photo *ret)
{
        struct str id = json_str(o, "id"), head = STR("ni:///sha-256;");
        struct parts own;
        story_parts(t, c, o, &own);
        struct str type = text_of(&own, PART_MEDIA_TYPE);
        if (!str_starts(id, head) || id.n < head.n + 64 || (type.n && !str_starts(type, STR("image/"))))
                return false;
        stamp_read(text_of(&own, PART_TAKEN_AT), &ret->taken);
        return hex_read((struct str){ id.p + head.n, 64 }, &ret->hash, 32);
}

static void fill_photos(struct teller *t, const struct context *c, const struct json *list, struct story_entry *x)
{
        if (!json_is(list, JSON_ARRAY))
                return;
        struct story_photo *p = arena_array(t->a, struct story_photo, list->n + 1);
        for (uint32_t i = 0; i < list->n; i++)
                if (photo_of(t, c, &list->items[i], &p[x->n_photos]))
                        x->n_photos++;
        x->photos = p;
        t->s->n_photos += x->n_photos;
}

static void fill_certificate(const struct json *list, struct story_entry *x)
{
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++)
                if (ends(json_str(&list->items[i], "type"), "cert") || ends(json_str(&list->items[i], "type"), "testres"))
                        x->certificate = last_of(json_str(&list->items[i], "bizTransaction"));
}

static void fill_place(struct teller *t, const struct parts *p, struct story_entry *x)
{
        struct place_cell point = named_by(t, json_str(p->of[PART_READ_POINT], "id"));
        struct place_cell location = named_by(t, json_str(p->of[PART_LOCATION], "id"));
        struct place_cell *place = point.name && (point.name->named || !location.name) ? &point : &location;
        x->place = place->name;
        x->org = place->owner;
        x->from = end_of(t, p->of[PART_SOURCES], "source");
        x->to = end_of(t, p->of[PART_DESTINATIONS], "destination");
}

bool story_fill(struct teller *t, const struct event_head *h, const struct context *c, const struct parts *p,
                struct story_entry *x)
{
        struct decimal days;
        fill_place(t, p, x);
        fill_amounts(t, h, x);
        x->dose = text_of(p, PART_DOSE);
        x->target = text_of(p, PART_TARGET);
        x->stage = text_of(p, PART_STAGE);
        x->ingredient = texts_of(t->a, p->of[PART_INGREDIENT]);
        x->registration = text_of(p, PART_REGISTRATION);
        x->interval_days = -1;
        if (decimal_read(text_of(p, PART_INTERVAL), &days) && days.scale == 0 && days.mantissa >= 0 && days.mantissa < 10000)
                x->interval_days = (int)days.mantissa;
        fill_sensors(t, c, p, x);
        fill_result(h, p, x);
        fill_photos(t, c, p->of[PART_EVIDENCE], x);
        fill_certificate(p->of[PART_TRANSACTIONS], x);
        if (!t->s->crop.n)
                t->s->crop = text_of(p, PART_CROP);
        if (!t->s->variety.n && (p->of[PART_ILMD] || p->of[PART_VARIETY])) {
                struct parts ilmd;
                story_parts(t, c, p->of[PART_ILMD], &ilmd);
                t->s->variety = text_of(ilmd.of[PART_VARIETY] ? &ilmd : p, PART_VARIETY);
        }
        return !t->broken;
}
