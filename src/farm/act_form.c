#include "farm/act_impl.h"

#include "base/limits.h"
#include "base/text.h"
#include "epcis/canonical.h"

/* A form as sent, against the description of its act. */

#define SHOWN(s) (int)((s).n < 60 ? (s).n : 60), (s).p ? (s).p : ""

const struct field_row *field_named(const struct act_row *k, struct str name)
{
        for (size_t i = 0; i < n_act_fields; i++)
                if (field_of(&act_fields[i], k) && str_is(name, act_fields[i].name))
                        return &act_fields[i];
        return NULL;
}

static bool absent(const struct json *v)
{
        return !v || v->kind == JSON_NULL;
}

static void check_members(struct arena *a, const struct act_row *k, const struct json *body, struct faults *f)
{
        for (uint32_t i = 0; i < body->n; i++) {
                const struct json_member *m = &body->members[i];
                struct str at = pointer_to(a, STR_NONE, m->name);
                struct checking c = { a, f, field_named(k, m->name) };
                if (c.field && !absent(&m->value))
                        field_check(&c, at, &m->value);
                else if (!c.field && !str_is(m->name, "act"))
                        faults_tell(a, f, CODE_NOT_UNDERSTOOD, at, "%.*s is no field of '%s' (GET /api/acts/kinds); it is kept, and nothing is done with it", SHOWN(m->name), k->name);
        }
        for (size_t i = 0; i < n_act_fields; i++)
                if (field_of(&act_fields[i], k) && act_fields[i].required && absent(json_get(body, act_fields[i].name)))
                        faults_tell(a, f, CODE_MISSING_MEMBER, STR_NONE, "'%s' needs %s", k->name, act_fields[i].name);
}

/* What the rows cannot say. */
static void check_together(struct arena *a, const struct act_row *k, const struct json *body, struct faults *f)
{
        bool quantity = !absent(json_get(body, "quantity")), uom = !absent(json_get(body, "uom"));
        if (k->subject == SUBJECT_SEASON && absent(json_get(body, "season")) && absent(json_get(body, "plot")))
                faults_tell(a, f, CODE_MISSING_MEMBER, STR_NONE, "'%s' needs season, or the plot of one that is open", k->name);
        if (quantity && !uom && !field_named(k, STR("uom"))->required)
                faults_tell(a, f, CODE_MISSING_MEMBER, STR_NONE, "a quantity needs uom");
        if (k->shape == SHAPE_PACK && !quantity && absent(json_get(body, "serials")))
                faults_tell(a, f, CODE_MISSING_MEMBER, STR_NONE, "'%s' needs quantity or serials: what came out", k->name);
        if (k->shape == SHAPE_JOIN && absent(json_get(body, "children")) && absent(json_get(body, "lots")))
                faults_tell(a, f, CODE_MISSING_MEMBER, STR_NONE, "'%s' needs children or lots: what was put in", k->name);
        if (json_is(json_get(body, "dose"), JSON_NUMBER) && absent(json_get(body, "doseUom")))
                faults_tell(a, f, CODE_MISSING_MEMBER, STR_NONE, "a dose needs doseUom, or is a text");
}

/* "org/code" cut; with a code alone the org is none. */
static struct str code_of(struct str s, struct str *ret_org)
{
        const char *slash = s.n ? memchr(s.p, '/', s.n) : NULL;
        *ret_org = STR_NONE;
        if (!slash || slash == s.p || memchr(s.p, ':', s.n))
                return s;
        *ret_org = (struct str){ s.p, (size_t)(slash - s.p) };
        return str_from(s, ret_org->n + 1);
}

/* The same for an address of ours: https://HOST/season/org/code. */
static struct str thing_code(struct arena *a, struct str s, struct str *ret_org)
{
        struct ident i;
        struct ident_parts p;
        *ret_org = STR_NONE;
        if (!s.n || (s.p[0] != '/' && !memchr(s.p, ':', s.n)))
                return code_of(s, ret_org);
        ident_read(a, s, NULL, &i);
        const char *own = i.source == IDENT_FROM_VERBATIM ? memmem(s.p, s.n, "://", 3) : NULL;
        if (own && (own = memchr(own + 3, '/', s.n - (size_t)(own + 3 - s.p))))       /* whatever its host: the caller may only mean ours */
                ident_read(a, (struct str){ own, s.n - (size_t)(own - s.p) }, NULL, &i);
        ident_parts(a, i.canonical, &p);
        *ret_org = p.org;
        return p.code.n ? p.code : s;
}

static void take_products(struct arena *a, struct act_form *form, const struct json *body)
{
        static const char *const lists[] = { "inputs", "outputs", "lots" };
        struct str *list, org;
        size_t most = 1;
        for (size_t k = 0; k < 3; k++)
                most += json_is(json_get(body, lists[k]), JSON_ARRAY) ? json_get(body, lists[k])->n : 0;
        form->products = list = arena_array(a, struct str, most);
        if (form->product.n)
                list[form->n_products++] = form->product;
        for (size_t k = 0; k < 3; k++) {
                const struct json *l = json_get(body, lists[k]);
                for (uint32_t i = 0; json_is(l, JSON_ARRAY) && i < l->n; i++) {
                        struct str code = thing_code(a, json_str(&l->items[i], "product"), &org);
                        bool there = !code.n;
                        for (size_t j = 0; j < form->n_products && !there; j++)
                                there = str_eq(list[j], code);
                        if (!there)
                                list[form->n_products++] = code;
                }
        }
}

/* A UUID is the event's name; any other text makes one under the organisation (RFC 9562 version 8). */
static struct str name_event(struct arena *a, struct str id, struct str org, const struct hash *digest)
{
        struct str u = str_starts(id, STR("urn:uuid:")) ? str_from(id, 9) : id;
        uint8_t b[16];
        bool uuid = u.n == 36 && u.p[8] == '-' && u.p[13] == '-' && u.p[18] == '-' && u.p[23] == '-';
        uuid = uuid && hex_read((struct str){ u.p, 8 }, b, 4) && hex_read((struct str){ u.p + 9, 4 }, b + 4, 2) && hex_read((struct str){ u.p + 14, 4 }, b + 6, 2) &&
               hex_read((struct str){ u.p + 19, 4 }, b + 8, 2) && hex_read((struct str){ u.p + 24, 12 }, b + 10, 6);
        if (!uuid) {
                struct str text = id.n ? arena_printf(a, "act:%.*s:%.*s", STR_ARG(org), STR_ARG(id)) : arena_printf(a, "form:%.*s", STR_ARG(org));
                struct hash h = id.n ? sha256(text.p, text.n) : sha256_2(text.p, text.n, digest->b, sizeof digest->b);
                memcpy(b, h.b, sizeof b);
                b[6] = (uint8_t)(0x80 | (b[6] & 0x0f));
                b[8] = (uint8_t)(0x80 | (b[8] & 0x3f));
        }
        return arena_printf(a, "urn:uuid:%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8],
                            b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

static struct hash digest_of(struct arena *a, const struct json *body)
{
        struct json form = { .kind = JSON_OBJECT };
        struct json_member *m = arena_array(a, struct json_member, body->n + 1);
        for (uint32_t i = 0; i < body->n; i++)
                if (!str_is(body->members[i].name, "clock") && !str_is(body->members[i].name, "signature"))
                        m[form.n++] = body->members[i];
        form.members = m;
        struct str text = json_canonical(a, &form);
        return sha256(text.p, text.n);
}

static void take(struct arena *a, const struct json *body, struct str org, struct act_form *ret)
{
        struct str of_season, of_place, of_product;
        ret->id = str_trim(json_str(body, "id"));
        ret->season = thing_code(a, json_str(body, "season"), &of_season);
        ret->place = json_str(body, json_get(body, "plot") ? "plot" : "place");
        thing_code(a, ret->place, &of_place);
        ret->product = thing_code(a, json_str(body, "product"), &of_product);
        ret->lot = json_str(body, "lot");
        ret->corrects = json_str(body, "corrects");
        ret->org = of_season.n ? of_season : json_str(body, "org").n ? json_str(body, "org") : of_place.n ? of_place : of_product.n ? of_product : org;
        time_of(json_get(body, "at"), &ret->at);
        take_products(a, ret, body);
        ret->digest = digest_of(a, body);
        ret->event_id = name_event(a, ret->id, ret->org, &ret->digest);
}

static void take_signature(struct arena *a, const struct json *body, struct act_form *ret, struct faults *f)
{
        struct act_signature *s = arena_alloc(a, sizeof *s);
        const struct json *v = json_get(body, "signature");
        if (absent(v) || !signature_of(v, s))
                return;
        if (act_signature_holds(s, &ret->digest))
                ret->signature = s;
        else
                faults_tell(a, f, CODE_SIGNATURE_WRONG, STR("/signature"), "the signature does not hold over this form");
}

int act_read(struct arena *a, const struct json *body, struct str org, struct act_form *ret, struct faults *f)
{
        size_t before = f->refused;
        *ret = (struct act_form){ .json = body };
        if (!json_is(body, JSON_OBJECT)) {
                faults_tell(a, f, CODE_WRONG_KIND, STR_NONE, "an act is an object { … }");
                return -1;
        }
        struct str name = json_str(body, "act");
        const struct act_row *k = act_row(ret->act = act_of_name(name));
        if (!k) {
                faults_tell(a, f, name.n ? CODE_NOT_IN_LIST : CODE_MISSING_MEMBER, name.n ? STR("/act") : STR_NONE,
                           name.n ? "'%.*s' is no act known here (GET /api/acts/kinds)" : "the member act is missing%.*s", SHOWN(name));
                return -1;
        }
        check_members(a, k, body, f);
        check_together(a, k, body, f);
        if (f->refused == before) {
                take(a, body, org, ret);
                take_signature(a, body, ret, f);
        }
        return f->refused == before ? 0 : -1;
}
