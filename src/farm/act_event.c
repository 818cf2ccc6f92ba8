#include "farm/act_impl.h"

#include "base/limits.h"
#include "farm/act_write.h"
#include "farm/regulation.h"

/* From a form without faults to an EPCIS document: docs/design/farm.md, MODEL.md §2. */

struct writing {
        struct arena *a;
        struct buf *b;
        const struct act_row *row;
        const struct act_form *form;
        const struct act_surroundings *s;
        const struct json *body;        /* the form */
        struct str *made;               /* canonical names of the lots that come out */
        const struct act_good **goods;  /* what each of them is; NULL: not said */
        size_t n_made;
};

/* ---- names ---- */

struct str act_reference(struct arena *a, const char *word, struct str org, struct str text, const struct origins *own)
{
        if (!text.n)
                return STR_NONE;
        if (memchr(text.p, ':', text.n) || text.p[0] == '/') {
                struct ident i;
                struct err ignored = { 0 };
                if (ident_parse_any(a, text, own, &i, &ignored) < 0)
                        ident_read(a, text, own, &i);
                return i.canonical;
        }
        if (memchr(text.p, '/', text.n))
                return arena_printf(a, "/%s/%.*s", word, STR_ARG(text));
        return arena_printf(a, "/%s/%.*s/%.*s", word, STR_ARG(org), STR_ARG(text));
}

static bool digit_first(struct str s)
{
        return s.n && s.p[0] >= '0' && s.p[0] <= '9';
}

struct str act_lot(struct arena *a, struct str prefix, struct str org, struct str text, const struct origins *own)
{
        bool whole = text.n && (memchr(text.p, '/', text.n) || memchr(text.p, ':', text.n));
        if (!text.n || whole)
                return act_reference(a, "lot", org, text, own);
        if (prefix.n && prefix.p[0] != '/') {
                struct ident i;
                ident_read(a, arena_printf(a, "%.*s%.*s", STR_ARG(prefix), STR_ARG(text)), own, &i);
                return i.canonical;
        }
        return arena_printf(a, "/lot/%.*s/%s%.*s", STR_ARG(org), digit_first(text) ? "L" : "", STR_ARG(text));
}

static const struct act_good *good_of(const struct writing *w, struct str code)
{
        for (size_t i = 0; code.n && i < w->s->n_goods; i++)
                if (str_eq(w->s->goods[i].code, code))
                        return &w->s->goods[i];
        return NULL;
}

/* A product's code as the form has it: code, org/code or an address. */
static struct str last_code(struct str s)
{
        for (size_t i = s.n; i-- > 0;)
                if (s.p[i] == '/')
                        return str_from(s, i + 1);
        return s;
}

/* The lot that comes out where the form names none: the same for the same form. */
static struct str made_up_lot(const struct writing *w, const struct act_good *good)
{
        struct civil day = civil_of(w->form->at.us, w->form->at.offset_min);
        struct str id = w->form->event_id;
        struct str tail = id.n > 8 ? (struct str){ id.p + 9, 4 } : STR("0000");
        struct str season = w->form->season;
        bool gs1 = good && good->prefix.n && good->prefix.p[0] != '/';
        struct str head = gs1 || !season.n ? STR("L") : season.n > 60 ? (struct str){ season.p, 60 } : season;
        struct str code = arena_printf(w->a, "%.*s%s%02d%02d%02d-%.*s", STR_ARG(head), head.n > 1 ? "-" : "", day.year % 100, day.month, day.day, STR_ARG(tail));
        return act_lot(w->a, good ? good->prefix : STR_NONE, w->form->org, code, w->s->own);
}

static void made(struct writing *w, struct str lot, const struct act_good *good)
{
        w->made[w->n_made] = lot;
        w->goods[w->n_made++] = good;
}

/* ---- lists of the event ---- */

static void put_amount(struct writing *w, struct str canonical, struct amount x)
{
        buf_z(w->b, "{\"epcClass\":");
        json_write_str(w->b, ident_uri(w->a, canonical, w->s->own));
        if (x.given) {
                buf_z(w->b, ",\"quantity\":");
                buf_str(w->b, decimal_text(w->a, x.quantity));
                if (x.uom.n)
                        put_member(w->b, "uom", x.uom);
        }
        buf_char(w->b, '}');
}

/* The lots of a list; `outputs` are made here. */
static void put_lots(struct writing *w, const char *member, const char *list, bool outputs)
{
        const struct json *l = json_get(w->body, list);
        if (!json_is(l, JSON_ARRAY))
                return;
        put_name(w->b, member);
        buf_char(w->b, '[');
        for (uint32_t i = 0; i < l->n; i++) {
                const struct act_good *good = good_of(w, last_code(json_str(&l->items[i], "product")));
                struct str lot = act_lot(w->a, good ? good->prefix : STR_NONE, w->form->org, json_str(&l->items[i], "lot"), w->s->own);
                buf_z(w->b, i ? "," : "");
                put_amount(w, lot, amount_of(&l->items[i]));
                if (outputs)
                        made(w, lot, good);
        }
        buf_char(w->b, ']');
}

static void put_one(struct writing *w, const char *member, struct str canonical, struct amount x)
{
        put_name(w->b, member);
        buf_char(w->b, '[');
        put_amount(w, canonical, x);
        buf_char(w->b, ']');
}

/* What is used: its lot, else its class. */
static struct str used(const struct writing *w)
{
        if (w->s->lot.n)
                return w->s->lot;
        if (w->s->input)
                return w->s->input->canonical;
        return w->form->product.n ? act_reference(w->a, "input", w->form->org, w->form->product, w->s->own) : STR_NONE;
}

static void put_codes(struct writing *w, const char *member, const char *list, const struct act_good *good)
{
        const struct json *l = json_get(w->body, list);
        bool gs1 = good && good->prefix.n > 4 && good->prefix.p[0] != '/';
        if (!json_is(l, JSON_ARRAY))
                return;
        put_name(w->b, member);
        buf_char(w->b, '[');
        for (uint32_t i = 0; i < l->n; i++) {
                struct str code = json_text(&l->items[i]), name;
                bool whole = memchr(code.p, '/', code.n) || memchr(code.p, ':', code.n);
                if (gs1 && !whole) {    /* the prefix ends in 10/ */
                        struct ident id;
                        ident_read(w->a, arena_printf(w->a, "%.*s21/%.*s", (int)good->prefix.n - 3, good->prefix.p, STR_ARG(code)), w->s->own, &id);
                        name = id.canonical;
                } else {
                        name = act_reference(w->a, "item", w->form->org, digit_first(code) && !whole ? arena_printf(w->a, "L%.*s", STR_ARG(code)) : code, w->s->own);
                }
                buf_z(w->b, i ? "," : "");
                json_write_str(w->b, ident_uri(w->a, name, w->s->own));
        }
        buf_char(w->b, ']');
}

static void put_loss(struct writing *w)
{
        const struct json *l = json_get(w->body, "loss");
        if (!json_is(l, JSON_ARRAY))
                return;
        put_name(w->b, "suyuan:loss");
        buf_char(w->b, '[');
        for (uint32_t i = 0; i < l->n; i++) {
                struct amount x = amount_of(&l->items[i]);
                buf_z(w->b, i ? ",{\"suyuan:quantity\":" : "{\"suyuan:quantity\":");
                buf_str(w->b, decimal_text(w->a, x.quantity));
                put_member(w->b, "suyuan:uom", x.uom);
                if (json_str(&l->items[i], "reason").n)
                        put_member(w->b, "suyuan:reason", json_str(&l->items[i], "reason"));
                buf_char(w->b, '}');
        }
        buf_char(w->b, ']');
}

/* Which product each lot is that came out, in the order of the lots; one where it is one. */
static void put_products(struct writing *w)
{
        bool any = false;
        for (size_t i = 0; i < w->n_made; i++)
                any |= w->goods[i] != NULL;
        if (!any)
                return;
        put_name(w->b, "suyuan:product");
        buf_z(w->b, w->n_made > 1 ? "[" : "");
        for (size_t i = 0; i < w->n_made; i++) {
                buf_z(w->b, i ? "," : "");
                json_write_str(w->b, w->goods[i] ? ident_uri(w->a, w->goods[i]->canonical, w->s->own) : STR(""));
        }
        buf_z(w->b, w->n_made > 1 ? "]" : "");
}

/* ---- shapes: what the event is about ---- */

static void put_season(struct writing *w, bool transformation)
{
        struct str season = ident_uri(w->a, arena_printf(w->a, "/season/%.*s/%.*s", STR_ARG(w->form->org), STR_ARG(w->form->season)), w->s->own);
        if (transformation) {
                put_member(w->b, "transformationID", season);
        } else {
                put_name(w->b, "epcList");
                buf_char(w->b, '[');
                json_write_str(w->b, season);
                buf_char(w->b, ']');
        }
}

static void shape_season(struct writing *w)
{
        struct str what = w->row->shape == SHAPE_USE ? used(w) : STR_NONE;
        put_season(w, what.n > 0);
        if (what.n)
                put_one(w, "inputQuantityList", what, amount_of(w->body));
}

static void shape_yield(struct writing *w)
{
        const struct act_good *good = good_of(w, w->form->product);
        struct str lot = w->form->lot.n ? act_lot(w->a, good ? good->prefix : STR_NONE, w->form->org, w->form->lot, w->s->own) : made_up_lot(w, good);
        put_season(w, true);
        put_one(w, "outputQuantityList", lot, amount_of(w->body));
        made(w, lot, good);
}

static void shape_process(struct writing *w)
{
        put_lots(w, "inputQuantityList", "inputs", false);
        put_lots(w, "outputQuantityList", "outputs", true);
        put_loss(w);
}

static void shape_pack(struct writing *w)
{
        const struct act_good *good = good_of(w, w->form->product);
        struct amount x = amount_of(w->body);
        put_lots(w, "inputQuantityList", "inputs", false);
        if (x.given || w->form->lot.n) {
                struct str lot = w->form->lot.n ? act_lot(w->a, good ? good->prefix : STR_NONE, w->form->org, w->form->lot, w->s->own) : made_up_lot(w, good);
                put_one(w, "outputQuantityList", lot, x);
                made(w, lot, good);
        }
        put_codes(w, "outputEPCList", "serials", good);
        put_loss(w);
}

static void shape_join(struct writing *w)
{
        struct str parent = json_str(w->body, "parent");
        bool sscc = parent.n == 18;
        for (size_t i = 0; sscc && i < parent.n; i++)
                sscc = parent.p[i] >= '0' && parent.p[i] <= '9';
        if (sscc)
                parent = arena_printf(w->a, "https://id.gs1.org/00/%.*s", STR_ARG(parent));
        else if (digit_first(parent))
                parent = arena_printf(w->a, "L%.*s", STR_ARG(parent));
        put_member(w->b, "parentID", ident_uri(w->a, act_reference(w->a, "unit", w->form->org, parent, w->s->own), w->s->own));
        put_codes(w, "childEPCs", "children", NULL);
        put_lots(w, "childQuantityList", "lots", false);
}

static void put_party(struct writing *w, const char *list, const char *member, struct str party)
{
        put_name(w->b, list);
        buf_z(w->b, "[{\"type\":\"owning_party\"");
        put_member(w->b, member, party);
        buf_z(w->b, "}]");
}

static void shape_stock(struct writing *w)
{
        struct str partner = json_str(w->body, "supplier"), invoice = json_str(w->body, "invoice");
        put_one(w, "quantityList", used(w), amount_of(w->body));
        if (partner.n)
                partner = ident_uri(w->a, act_reference(w->a, "partner", w->form->org, partner, w->s->own), w->s->own);
        if (partner.n && partner.p[0] == '/')   /* a name of ours that is no item */
                partner = own_uri(w->a, partner, w->s->own);
        if (partner.n)
                put_party(w, w->form->act == ACT_RECEIVE_INPUT ? "sourceList" : "destinationList", w->form->act == ACT_RECEIVE_INPUT ? "source" : "destination", partner);
        if (invoice.n) {
                struct buf code = { .max = 8192 };
                percent_encode(&code, invoice, "");
                put_name(w->b, "bizTransactionList");
                buf_z(w->b, "[{\"type\":\"inv\"");
                put_member(w->b, "bizTransaction", own_uri(w->a, arena_printf(w->a, "/doc/%.*s/%.*s", STR_ARG(w->form->org), STR_ARG(buf_view(&code))), w->s->own));
                buf_z(w->b, "}]");
                buf_free(&code);
        }
        if (w->form->act == ACT_RECEIVE_INPUT && w->s->lot.n)
                made(w, w->s->lot, NULL);
}

/* ---- members that follow from fields ---- */

static void put_value(struct writing *w, const struct field_row *f, const struct json *v)
{
        struct decimal d;
        struct str s = json_text(v);
        put_name(w->b, f->member);
        if (f->type == TYPE_STAGE) {
                s = str_starts(s, STR("BBCH ")) ? str_from(s, 5) : s;
                json_write_str(w->b, arena_printf(w->a, "BBCH %s%.*s", s.n == 1 ? "0" : "", STR_ARG(s)));
        } else if (f->type == TYPE_DOSE && json_is(v, JSON_NUMBER) && number_of(v, &d)) {
                const struct unit_row *u = unit_of(json_str(w->body, "doseUom"));
                json_write_str(w->b, arena_printf(w->a, "%.*s %s/亩", STR_ARG(decimal_text(w->a, d)), u ? u->label[LANG_HANS] : ""));
        } else if ((f->type == TYPE_NUMBER || f->type == TYPE_AREA) && number_of(v, &d)) {
                buf_str(w->b, decimal_text(w->a, d));
        } else {
                json_write_str(w->b, s);
        }
}

static void put_fields(struct writing *w, enum field_where where)
{
        for (size_t i = 0; i < n_act_fields; i++) {
                const struct json *v = json_get(w->body, act_fields[i].name);
                if (act_fields[i].where == where && field_of(&act_fields[i], w->row) && v && v->kind != JSON_NULL)
                        put_value(w, &act_fields[i], v);
        }
}

/* What is made is described where it begins. */
static void put_ilmd(struct writing *w)
{
        bool yield = w->row->shape == SHAPE_YIELD, making = yield || w->row->shape == SHAPE_PROCESS || w->row->shape == SHAPE_PACK;
        if (!making && w->form->act != ACT_RECEIVE_INPUT)
                return;
        size_t before = w->b->n;
        buf_z(w->b, ",\"ilmd\":{");
        size_t open = w->b->n;
        struct ident_parts p = { 0 };
        if (w->n_made == 1)
                ident_parts(w->a, w->made[0], &p);
        if (p.lot.n || p.code.n)
                put_member(w->b, "cbvmda:lotNumber", p.lot.n ? p.lot : p.code);
        put_fields(w, WHERE_ILMD);
        if (yield) {
                struct civil day = civil_of(w->form->at.us, w->form->at.offset_min);
                put_member(w->b, "cbvmda:harvestEndDate", arena_printf(w->a, "%04d-%02d-%02d", day.year, day.month, day.day));
                if (w->s->crop.n)
                        put_member(w->b, "suyuan:crop", w->s->crop);
                if (w->s->variety.n && !json_str(w->body, "variety").n)
                        put_member(w->b, "suyuan:variety", w->s->variety);
        }
        if (w->b->n == open)
                w->b->n = before;
        else
                buf_char(w->b, '}');
        w->b->p[w->b->n] = '\0';
}

/* A label names its pests in a row: "二化螟、稻纵卷叶螟". */
static bool holds(struct str targets, struct str target)
{
        static const struct str mark = { "、", sizeof "、" - 1 };
        while (target.n && targets.n) {
                const char *end = memmem(targets.p, targets.n, mark.p, mark.n);
                struct str one = { targets.p, end ? (size_t)(end - targets.p) : targets.n };
                if (str_eq(str_trim(one), target))
                        return true;
                targets = str_from(targets, one.n + mark.n);
        }
        return false;
}

/* What the label's rows of one crop ask for: that of the target, else the longest; -1: nothing. */
static int interval_on(const struct input_facts *in, struct str crop, struct str target)
{
        int longest = -1;
        for (size_t i = 0; i < in->n_labels; i++) {
                const struct input_label *l = &in->labels[i];
                if (!str_eq(l->crop, crop) || l->interval_days < 0)
                        continue;
                if (holds(l->target, target))
                        return l->interval_days;
                longest = l->interval_days > longest ? l->interval_days : longest;
        }
        return longest;
}

/* The label's narrowest row that holds this crop, else what it says of all crops. */
static int interval_of(struct arena *a, const struct input_facts *in, struct str crop, struct str target)
{
        const struct str *names;
        size_t n = crop.n ? crop_categories(a, crop, &names) : 0;
        for (size_t i = 0; i < n; i++) {
                int days = interval_on(in, names[i], target);
                if (days >= 0)
                        return days;
        }
        return in->interval_days;
}

static void put_input(struct writing *w)
{
        const struct input_facts *in = w->s->input;
        if (!act_uses_input(w->form->act) || !w->form->product.n)
                return;
        struct str name = in ? in->canonical : act_reference(w->a, "input", w->form->org, w->form->product, w->s->own);
        put_member(w->b, "suyuan:input", ident_uri(w->a, name, w->s->own));
        if (!in)
                return;
        if (in->registration.n)
                put_member(w->b, "suyuan:registrationNumber", in->registration);
        if (in->n_ingredients) {
                put_name(w->b, "suyuan:activeIngredient");
                buf_z(w->b, in->n_ingredients > 1 ? "[" : "");
                for (size_t i = 0; i < in->n_ingredients; i++) {
                        buf_z(w->b, i ? "," : "");
                        json_write_str(w->b, in->ingredients[i]);
                }
                buf_z(w->b, in->n_ingredients > 1 ? "]" : "");
        }
        int days = w->row->shape == SHAPE_USE ? interval_of(w->a, in, w->s->crop, json_str(w->body, "target")) : -1;
        if (days >= 0) {
                put_name(w->b, "suyuan:preHarvestIntervalDays");
                buf_i64(w->b, days);
        }
}

/* What no field of the act takes, as it was sent: sealed, and nobody's business but the sender's. */
static void put_rest(struct writing *w)
{
        struct buf rest = { .max = LIMIT_ACT_BYTES };
        for (uint32_t i = 0; i < w->body->n; i++) {
                const struct json_member *m = &w->body->members[i];
                if (field_named(w->row, m->name) || str_is(m->name, "act"))
                        continue;
                buf_char(&rest, rest.n ? ',' : '{');
                json_write_str(&rest, m->name);
                buf_char(&rest, ':');
                json_write(&rest, &m->value);
        }
        if (rest.n && !rest.overflow) {
                buf_char(&rest, '}');
                put_member(w->b, "suyuan:formRest", arena_str(w->a, buf_view(&rest)));
        }
        buf_free(&rest);
}

static void put_own(struct writing *w)
{
        const struct json *operator = json_get(w->body, "operator");
        bool sown = w->form->act == ACT_SOW || w->form->act == ACT_TRANSPLANT;
        if (sown && w->s->crop.n)
                put_member(w->b, "suyuan:crop", w->s->crop);
        if (sown && w->s->variety.n && !json_str(w->body, "variety").n)
                put_member(w->b, "suyuan:variety", w->s->variety);
        put_input(w);
        put_products(w);
        put_fields(w, WHERE_EVENT);
        if (json_is(operator, JSON_STRING)) {
                struct str staff = act_reference(w->a, "staff", w->form->org, json_text(operator), w->s->own);
                put_member(w->b, "suyuan:operator", staff.p[0] == '/' ? own_uri(w->a, staff, w->s->own) : staff);
        }
        put_position(w->b, w->a, "suyuan:position", json_get(w->body, "position"));
        put_evidence(w->b, w->a, json_get(w->body, "evidence"));
        put_clock(w->b, w->a, json_get(w->body, "clock"), w->s->clock_grade);
        if (w->form->signature) {
                buf_z(w->b, ",\"suyuan:actSignature\":{\"suyuan:key\":\"");
                base64_encode(w->b, w->form->signature->key, sizeof w->form->signature->key);
                buf_z(w->b, "\",\"suyuan:value\":\"");
                base64_encode(w->b, w->form->signature->value, sizeof w->form->signature->value);
                buf_z(w->b, "\"}");
        }
        put_rest(w);
        buf_z(w->b, ",\"suyuan:form\":\"ni:///sha-256;");
        buf_hex(w->b, w->form->digest.b, sizeof w->form->digest.b);
        buf_char(w->b, '"');
}

/* ---- the event ---- */

static void put_place(struct writing *w)
{
        if (!w->s->place.n)
                return;
        struct str uri = ident_uri(w->a, w->s->place, w->s->own);
        buf_z(w->b, ",\"readPoint\":{\"id\":");
        json_write_str(w->b, uri);
        buf_char(w->b, '}');
        if (w->row->subject == SUBJECT_SEASON && w->row->shape != SHAPE_YIELD)
                return;                 /* nothing stays anywhere */
        buf_z(w->b, ",\"bizLocation\":{\"id\":");
        json_write_str(w->b, uri);
        buf_char(w->b, '}');
}

static const char *event_name(const struct writing *w)
{
        switch (w->row->shape) {
        case SHAPE_JOIN: return "AggregationEvent";
        case SHAPE_YIELD: case SHAPE_PROCESS: case SHAPE_PACK: return "TransformationEvent";
        case SHAPE_USE: return used(w).n ? "TransformationEvent" : "ObjectEvent";
        default: return "ObjectEvent";
        }
}

/* As the clock on the wall shows it there. */
static void put_time(struct writing *w)
{
        int off = w->form->at.offset_min, far = off < 0 ? -off : off;
        struct str zone = arena_printf(w->a, "%c%02d:%02d", off < 0 ? '-' : '+', far / 60, far % 60);
        struct str local = stamp_utc(w->a, w->form->at.us + (int64_t)off * 60000000);
        put_member(w->b, "eventTime", arena_printf(w->a, "%.*s%.*s", (int)local.n - 1, local.p, STR_ARG(zone)));
        put_member(w->b, "eventTimeZoneOffset", zone);
}

static void put_event(struct writing *w)
{
        static void (*const shapes[])(struct writing *) = {
                [SHAPE_USE] = shape_season, [SHAPE_LOOK] = shape_season, [SHAPE_YIELD] = shape_yield, [SHAPE_PROCESS] = shape_process,
                [SHAPE_PACK] = shape_pack, [SHAPE_JOIN] = shape_join, [SHAPE_STOCK] = shape_stock,
        };
        const char *type = event_name(w);
        buf_printf(w->b, "{\"type\":\"%s\"", type);
        put_member(w->b, "eventID", w->form->event_id);
        put_time(w);
        if (type[0] != 'T')
                put_member(w->b, "action", str_of(w->row->action));
        put_member(w->b, "bizStep", str_of(w->row->step));
        if (w->row->disposition[0])
                put_member(w->b, "disposition", str_of(w->row->disposition));
        put_place(w);
        shapes[w->row->shape](w);
        put_ilmd(w);
        put_own(w);
        buf_char(w->b, '}');
}

/* The earlier event as it was kept, with the declaration that it was wrong and what holds instead (EPCIS 2.0 §7.4.1.2). */
static void put_declaration(struct writing *w)
{
        const struct json *earlier, *context = NULL;
        const struct act_surroundings *s = w->s;
        if (!s->corrected.n || json_read(w->a, s->corrected.p, s->corrected.n, NULL, &earlier, NULL) < 0)
                return;
        if (s->corrected_context.n && json_read(w->a, s->corrected_context.p, s->corrected_context.n, NULL, &context, NULL) < 0)
                return;
        buf_z(w->b, ",{");
        bool more = false;
        for (uint32_t i = 0; i < earlier->n; i++) {
                if (str_is(earlier->members[i].name, "errorDeclaration") || str_is(earlier->members[i].name, "recordTime") || str_is(earlier->members[i].name, "eventID"))
                        continue;
                buf_z(w->b, more ? "," : "");
                json_write_str(w->b, earlier->members[i].name);
                buf_char(w->b, ':');
                json_write(w->b, &earlier->members[i].value);
                more = true;
        }
        put_member(w->b, "eventID", w->form->corrects);
        if (context && !json_get(earlier, "@context")) {
                put_name(w->b, "@context");
                json_write(w->b, context);
        }
        buf_z(w->b, ",\"errorDeclaration\":{\"declarationTime\":");
        json_write_str(w->b, stamp_utc(w->a, s->now_us));
        buf_z(w->b, ",\"reason\":\"incorrect_data\",\"correctiveEventIDs\":[");
        json_write_str(w->b, w->form->event_id);
        buf_z(w->b, "]}}");
}

/* A lot is called what its good is called: a code of its own tells nobody anything. */
static void put_names(struct writing *w)
{
        bool more = false;
        for (size_t i = 0; i < w->n_made; i++) {
                const struct json *body = w->goods[i] ? w->goods[i]->body : act_uses_input(w->form->act) ? w->s->input_body : NULL;
                struct str name = body ? json_str(body, "name") : w->row->shape == SHAPE_YIELD ? w->s->crop : STR_NONE;
                if (!name.n)
                        continue;
                buf_z(w->b, more ? "," : ",\"epcisHeader\":{\"epcisMasterData\":{\"vocabularyList\":[{\"type\":\"urn:epcglobal:epcis:vtype:EPCClass\",\"vocabularyElementList\":[");
                more = true;
                buf_z(w->b, "{\"id\":");
                json_write_str(w->b, ident_uri(w->a, w->made[i], w->s->own));
                buf_z(w->b, ",\"attributes\":[{\"id\":\"cbvmda:name\"");
                put_member(w->b, "attribute", name);
                static const char *const also[][2] = { { "nameHant", "suyuan:nameHant" }, { "nameEn", "suyuan:nameEn" }, { "netContent", "suyuan:netContent" } };
                for (size_t k = 0; k < 3; k++)
                        if (json_str(body, also[k][0]).n) {
                                buf_printf(w->b, "},{\"id\":\"%s\"", also[k][1]);
                                put_member(w->b, "attribute", json_str(body, also[k][0]));
                        }
                buf_z(w->b, "}]}");
        }
        buf_z(w->b, more ? "]}]}}" : "");
}

void act_document(struct buf *out, struct arena *a, const struct act_form *form, const struct act_surroundings *s)
{
        struct writing w = { .a = a, .b = out, .row = act_row(form->act), .form = form, .s = s, .body = form->json };
        const struct json *outputs = json_get(form->json, "outputs");
        size_t most = 1 + (json_is(outputs, JSON_ARRAY) ? outputs->n : 0);
        w.made = arena_array(a, struct str, most);
        w.goods = arena_array(a, const struct act_good *, most);
        buf_z(out, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\",{\"suyuan\":\"" SUYUAN_VOC "\"}],\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\"");
        put_member(out, "creationDate", stamp_utc(a, s->now_us));
        buf_z(out, ",\"epcisBody\":{\"eventList\":[");
        put_event(&w);
        put_declaration(&w);
        buf_z(out, "]}");
        put_names(&w);
        buf_char(out, '}');
}
