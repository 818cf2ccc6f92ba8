#include "base/json.h"
#include "base/limits.h"
#include "trace/story_impl.h"

/* Names from master data.  An attribute is a name by the last part of its id; it speaks the language that the value
 * ({"@language","@value"}, or a map from tags) or the end of its id (name@en, nameEn, name_zh-Hant) tells, else any. */

static struct str local_part(struct str id)
{
        for (size_t i = id.n; i-- > 0;)
                if (id.p[i] == ':' || id.p[i] == '/' || id.p[i] == '#')
                        return str_from(id, i + 1);
        return id;
}

static bool contains(struct str s, const char *z)
{
        return s.p && s.n && memmem(s.p, s.n, z, strlen(z)) != NULL;
}

/* LANGS for none. */
static enum lang lang_of(struct str s)
{
        if (contains(s, "Hant") || contains(s, "hant") || contains(s, "HK") || contains(s, "TW"))
                return LANG_HANT;
        if (contains(s, "Hans") || contains(s, "hans") || contains(s, "CN") || contains(s, "zh") || contains(s, "Zh"))
                return LANG_HANS;
        return contains(s, "en") || contains(s, "En") || contains(s, "EN") ? LANG_EN : LANGS;
}

struct spoken { struct str any, in[LANGS]; int rank; };

static void speak(struct spoken *s, enum lang l, struct str text)
{
        struct str *to = l < LANGS ? &s->in[l] : &s->any;
        if (!to->n)
                *to = text;
}

static void hear(struct spoken *s, const struct json *v, enum lang l)
{
        if (json_is(v, JSON_STRING)) {
                speak(s, l, json_text(v));
        } else if (json_is(v, JSON_ARRAY)) {
                for (uint32_t i = 0; i < v->n; i++)
                        hear(s, &v->items[i], l);
        } else if (json_is(v, JSON_OBJECT)) {
                struct str said = json_str(v, "@value");
                if (said.n) {
                        speak(s, lang_of(json_str(v, "@language")), said);
                        return;
                }
                for (uint32_t i = 0; i < v->n; i++)
                        hear(s, &v->members[i].value, lang_of(v->members[i].name));
        }
}

static const char *const NAMES[] = { "name", "descriptionShort", "tradeItemDescription", "regulatedProductName",
                                     "functionalName", "additionalTradeItemDescription", "organizationName", NULL };
static const char *const DETAILS[] = { "netContentDescription", "netContent", "spec", "specification", "city", NULL };

/* Earlier in the list outranks later. */
static void hear_attribute(struct spoken *s, const char *const *list, struct str id, const struct json *v)
{
        struct str local = local_part(id);
        for (int i = 0; list[i]; i++) {
                struct str want = str_of(list[i]);
                if (!str_starts(local, want))
                        continue;
                struct str tail = str_from(local, want.n);
                enum lang l = lang_of(tail);
                if (tail.n && l == LANGS)
                        continue;
                if (s->rank > i + 1 || !s->rank)
                        *s = (struct spoken){ .rank = i + 1 };
                if (s->rank == i + 1)
                        hear(s, v, l);
                return;
        }
}

static void settle(const struct spoken *s, struct str *text)
{
        struct str any = s->any.n ? s->any : s->in[LANG_HANS].n ? s->in[LANG_HANS]
                         : s->in[LANG_HANT].n ? s->in[LANG_HANT] : s->in[LANG_EN];
        text[LANG_HANS] = s->in[LANG_HANS].n ? s->in[LANG_HANS] : any;
        text[LANG_HANT] = s->in[LANG_HANT].n ? s->in[LANG_HANT] : text[LANG_HANS];
        text[LANG_EN] = s->in[LANG_EN].n ? s->in[LANG_EN] : any;
}

static void read_master(struct arena *a, struct str text, struct story_name *n)
{
        static const struct json_limits limits = { LIMIT_JSON_DEPTH, LIMIT_JSON_NUMBER_BYTES, LIMIT_JSON_NODES };
        const struct json *j, *list;
        struct spoken name = { 0 }, detail = { 0 };
        if (json_read(a, text.p, text.n, &limits, &j, NULL) < 0)
                return;
        list = json_get(j, "attributes");
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
                hear_attribute(&name, NAMES, json_str(&list->items[i], "id"), json_get(&list->items[i], "attribute"));
                hear_attribute(&detail, DETAILS, json_str(&list->items[i], "id"), json_get(&list->items[i], "attribute"));
                n->demonstration |= str_is(local_part(json_str(&list->items[i], "id")), "demonstration");
        }
        for (uint32_t i = 0; json_is(j, JSON_OBJECT) && i < j->n; i++)
                hear_attribute(&name, NAMES, j->members[i].name, &j->members[i].value);
        if (name.any.n || name.in[LANG_HANS].n || name.in[LANG_HANT].n || name.in[LANG_EN].n) {
                settle(&name, n->text);
                n->named = true;
        }
        settle(&detail, n->detail);
}

/* What a person can read of a code without a name: the lot, the serial, the number. */
static struct str readable(struct arena *a, struct str canonical)
{
        struct ident_parts p;
        ident_parts(a, canonical, &p);
        if (p.serial.n)
                return p.serial;
        if (p.lot.n)
                return p.lot;
        if (p.code.n)
                return p.code;
        if (p.extension.n)
                return p.extension;
        return p.key.n ? p.key : local_part(canonical);
}

static int ask(struct arena *a, struct reader *r, int64_t org, struct str canonical, struct story_name *n, struct err *reterr)
{
        struct str type, json;
        int found = reader_master(r, a, org, canonical, &type, &json, reterr);
        if (found == 1)
                read_master(a, json, n);
        return found < 0 ? -1 : 0;
}

int story_name_of(struct arena *a, struct reader *r, int64_t org, struct str canonical, struct story_name *ret,
                  struct err *reterr)
{
        struct ident_parts p;
        *ret = (struct story_name){ .canonical = canonical };
        if (ask(a, r, org, canonical, ret, reterr) < 0)
                return -1;
        ret->own = ret->named;
        ident_parts(a, canonical, &p);
        /* a lot or a pack is called what its kind of goods is called */
        if (!ret->named && str_is(p.key_ai, "01") && (p.lot.n || p.serial.n) &&
            ask(a, r, org, arena_printf(a, "https://id.gs1.org/01/%.*s", STR_ARG(p.key)), ret, reterr) < 0)
                return -1;
        if (!ret->named)
                for (int l = 0; l < LANGS; l++)
                        ret->text[l] = readable(a, canonical);
        return 0;
}

/* Few names occur in one story: a list is enough, and keeps each question to the store to one. */
const struct story_name *story_name(struct teller *t, struct str canonical)
{
        if (!canonical.n)
                return NULL;
        for (struct name_cell *c = t->names; c; c = c->next)
                if (str_eq(c->name.canonical, canonical))
                        return &c->name;
        struct name_cell *c = arena_alloc(t->a, sizeof *c);
        if (story_name_of(t->a, t->r, t->org, canonical, &c->name, t->err) < 0) {
                t->broken = true;
                return NULL;
        }
        c->next = t->names;
        t->names = c;
        return &c->name;
}

/* Whose a place or a lot is, as far as its own name tells: /place/{org}/…, /lot/{org}/…, a GLN's organisation. */
const struct story_name *story_owner(struct teller *t, struct str canonical)
{
        struct ident_parts p;
        if (!canonical.n)
                return NULL;
        ident_parts(t->a, canonical, &p);
        struct str owner = STR_NONE;
        if (p.org.n)
                owner = arena_printf(t->a, "/org/%.*s", STR_ARG(p.org));
        else if (str_is(p.key_ai, "414") || str_is(p.key_ai, "417"))
                owner = arena_printf(t->a, "https://id.gs1.org/417/%.*s", STR_ARG(p.key));
        const struct story_name *n = story_name(t, owner);
        return n && n->named ? n : NULL;
}
