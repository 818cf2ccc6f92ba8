#include "epcis/reader.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "epcis/canonical.h"
#include "epcis/uri.h"

/* One small check for each kind of value.  They look, tell, and change nothing. */

static bool is_kind(struct reader *r, const struct path *at, const struct json *v, enum json_kind kind, const char *what)
{
        if (v->kind == kind)
                return true;
        if (at->name.p)
                fault_add(r, at, CODE_WRONG_KIND, "%.*s must be %s", SHOWN(at->name), what);
        else
                fault_add(r, at, CODE_WRONG_KIND, "the entry must be %s", what);
        return false;
}

void check_anything(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        (void)r; (void)at; (void)v; (void)m;
}

void check_string(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        (void)m;
        is_kind(r, at, v, JSON_STRING, "a text");
}

void check_number(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        (void)m;
        is_kind(r, at, v, JSON_NUMBER, "a number, without quotes");
}

void check_boolean(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        (void)m;
        if (v->kind != JSON_TRUE)
                is_kind(r, at, v, JSON_FALSE, "true or false");
}

static bool is_uri(struct reader *r, const struct path *at, const struct json *v)
{
        if (!is_kind(r, at, v, JSON_STRING, "a URI"))
                return false;
        if (uri_valid(json_text(v)))
                return true;
        fault_add(r, at, CODE_NOT_A_URI, "'%.*s' is no URI", SHOWN(json_text(v)));
        return false;
}

void check_uri(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        (void)m;
        is_uri(r, at, v);
}

void check_item(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        (void)m;
        if (is_uri(r, at, v) && v->n > LIMIT_IDENTIFIER_BYTES)
                fault_add(r, at, CODE_TOO_LONG, "an identifier may have %d characters here, this has %u",
                          LIMIT_IDENTIFIER_BYTES, v->n);
}

void check_identifier(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        struct str text = json_text(v);
        struct ident ident;

        check_item(r, at, v, m);
        if (v->kind != JSON_STRING || v->n > LIMIT_IDENTIFIER_BYTES ||
            (!str_starts(text, STR("urn:epc:")) && !str_starts(text, STR("http"))))
                return;
        ident_read(r->arena, text, r->own, &ident);
        if (ident.bad_check_digit)
                fault_add(r, at, CODE_CHECK_DIGIT, "the check digit of '%.*s' is wrong", SHOWN(text));
}

static bool is_uuid(struct str s)
{
        if (s.n != 36)
                return false;
        for (size_t i = 0; i < 36; i++) {
                bool dash = i == 8 || i == 13 || i == 18 || i == 23;

                if (dash ? s.p[i] != '-' : hex_value(s.p[i]) < 0)
                        return false;
        }
        return true;
}

void check_event_id(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        struct str s = json_text(v);

        (void)m;
        if (!is_uri(r, at, v) || str_starts(s, STR("ni:///")))
                return;
        if (!(s.n > 9 && str_ieq((struct str){ s.p, 9 }, STR("urn:uuid:")) && is_uuid(str_from(s, 9))))
                fault_add(r, at, CODE_EVENT_ID_FORM,
                          "an eventID should be urn:uuid: and 32 hex digits in five groups, or an event hash ni:///…");
}

void check_uris(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        if (!json_is(v, JSON_ARRAY)) {
                check_uri(r, at, v, m);
                return;
        }
        for (uint32_t i = 0; i < v->n; i++) {
                const struct path item = { at, STR_NONE, i };

                check_uri(r, &item, &v->items[i], m);
        }
}

static bool is_time(struct reader *r, const struct path *at, const struct json *v, struct stamp *ret)
{
        if (!is_kind(r, at, v, JSON_STRING, "a date and time, as in 2026-07-01T08:30:00+08:00"))
                return false;
        if (stamp_read(json_text(v), ret))
                return true;
        fault_add(r, at, CODE_NOT_A_TIME, "'%.*s' is no date and time with an offset, as in 2026-07-01T08:30:00+08:00",
                  SHOWN(json_text(v)));
        return false;
}

void check_time(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        struct stamp t;

        (void)m;
        is_time(r, at, v, &t);
}

void check_sensor_time(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        struct stamp t;

        (void)m;
        if (is_time(r, at, v, &t) && r->event_time_known && t.us > r->event_time.us)
                fault_add(r, at, CODE_SENSOR_LATE, "%.*s is after the event's own time", SHOWN(at->name));
}

/* ^[+-]((0\d|1[0-3]):[0-5]\d|14:00)$ */
void check_offset(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        int16_t minutes;

        (void)m;
        if (is_kind(r, at, v, JSON_STRING, "an offset, as in +08:00") &&
            (v->n != 6 || !offset_read(json_text(v), &minutes) || minutes > 14 * 60 || minutes < -14 * 60))
                fault_add(r, at, CODE_NOT_AN_OFFSET, "'%.*s' is no time zone offset, as in +08:00", SHOWN(json_text(v)));
}

void check_action(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        struct str s = json_text(v);

        (void)m;
        if (is_kind(r, at, v, JSON_STRING, "a text") && !str_eq(s, STR("ADD")) && !str_eq(s, STR("OBSERVE")) &&
            !str_eq(s, STR("DELETE")))
                fault_add(r, at, CODE_NOT_IN_LIST, "action is ADD, OBSERVE or DELETE, not '%.*s'", SHOWN(s));
}

void check_word(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        struct str s = json_text(v);

        if (!is_kind(r, at, v, JSON_STRING, "a text") || vocabulary_has(m->vocabulary, s))
                return;
        if (!uri_valid(s))
                fault_add(r, at, CODE_NOT_IN_LIST, "'%.*s' is no standard %s; one of your own needs a URI or prefix:name",
                          SHOWN(s), vocabulary_name(m->vocabulary));
        else if (vocabulary_forbids(m->vocabulary, s))
                fault_add(r, at, CODE_STANDARD_AS_URI, "write a standard %s as its bare word, not '%.*s'",
                          vocabulary_name(m->vocabulary), SHOWN(s));
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

void check_uom(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        struct str s = json_text(v);
        bool good = v->n == 2 || v->n == 3;

        (void)m;
        if (!is_kind(r, at, v, JSON_STRING, "a unit code, as in KGM"))
                return;
        for (size_t i = 0; i < s.n; i++)
                good = good && (is_digit(s.p[i]) || (s.p[i] >= 'A' && s.p[i] <= 'Z'));
        if (!good)
                fault_add(r, at, CODE_BAD_PATTERN, "'%.*s' is no unit code of two or three of A-Z 0-9, as in KGM", SHOWN(s));
}

void check_hex(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        struct str s = json_text(v);
        bool good = s.n > 0;

        (void)m;
        if (!is_kind(r, at, v, JSON_STRING, "a text"))
                return;
        for (size_t i = 0; i < s.n; i++)
                good = good && hex_value(s.p[i]) >= 0;
        if (!good)
                fault_add(r, at, CODE_BAD_PATTERN, "'%.*s' is not written in hex digits", SHOWN(s));
}

/* ^\d+(\.\d+)*$ */
void check_version(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        struct str s = json_text(v);
        bool digit = false;

        (void)m;
        if (!is_kind(r, at, v, JSON_STRING, "a version, as in \"2.0\""))
                return;
        for (size_t i = 0; i < s.n; i++) {
                if (!is_digit(s.p[i]) && (s.p[i] != '.' || !digit)) {
                        digit = false;
                        break;
                }
                digit = is_digit(s.p[i]);
        }
        if (!digit)
                fault_add(r, at, CODE_BAD_PATTERN, "'%.*s' is no version, as in 2.0", SHOWN(s));
}

void check_attribute(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        (void)m;
        if (v->kind != JSON_NUMBER && v->kind != JSON_OBJECT)
                is_kind(r, at, v, JSON_STRING, "a text, a number or an object");
}

void check_shape(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        if (is_kind(r, at, v, JSON_OBJECT, "an object { … }"))
                shape_check(r, at, v, m->shape);
}

/* An entry of @context with its address or its prefixes. */
static void check_context_entry(struct reader *r, const struct path *at, const struct json *v)
{
        if (!json_is(v, JSON_OBJECT)) {
                if (is_uri(r, at, v) && !context_is_standard(json_text(v)))
                        fault_add(r, at, CODE_CONTEXT_UNKNOWN,
                                  "'%.*s' is kept but not fetched: names that only it declares stay as they are",
                                  SHOWN(json_text(v)));
                return;
        }
        for (uint32_t i = 0; i < v->n; i++) {
                struct str name = v->members[i].name, want = context_default(name), is = json_text(&v->members[i].value);
                const struct path here = { at, name, 0 };

                if (is.n > LIMIT_IDENTIFIER_BYTES)
                        fault_add(r, &here, CODE_TOO_LONG, "a namespace may have %d characters here, this has %zu",
                                  LIMIT_IDENTIFIER_BYTES, is.n);
                if (want.p && is.p && !str_eq(want, is) &&
                    !(str_eq(name, STR("gs1")) && str_eq(is, STR("https://ref.gs1.org/voc/"))))
                        fault_add(r, &here, CODE_PREFIX_PROTECTED, "the standard keeps '%.*s' for %.*s", SHOWN(name),
                                  SHOWN(want));
        }
}

void check_context(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        (void)m;
        if (json_is(v, JSON_ARRAY)) {
                for (uint32_t i = 0; i < v->n; i++) {
                        const struct path item = { at, STR_NONE, i };

                        check_context_entry(r, &item, &v->items[i]);
                }
                check_unique(r, at, v);
        } else {
                check_context_entry(r, at, v);
        }
        if ((r->event < 0 || r->bare) && !r->context->standard)
                fault_add(r, at, CODE_CONTEXT_MISSING,
                          "add https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld to @context");
}

struct entry { struct str text; uint32_t place; };

static int by_text(const void *x, const void *y)
{
        const struct entry *a = x, *b = y;
        int d = str_cmp(a->text, b->text);

        return d ? d : (a->place > b->place) - (a->place < b->place);
}

static int by_place(const void *x, const void *y)
{
        const struct entry *a = x, *b = y;

        return (a->place > b->place) - (a->place < b->place);
}

/* Sorted, since a list may have twenty thousand entries. */
void check_unique(struct reader *r, const struct path *at, const struct json *list)
{
        if (list->n < 2)
                return;
        struct entry *e = arena_raw(r->arena, list->n * sizeof *e);
        uint32_t again = 0;

        for (uint32_t i = 0; i < list->n; i++)
                e[i] = (struct entry){ json_canonical(r->arena, &list->items[i]), i };
        qsort(e, list->n, sizeof *e, by_text);
        for (uint32_t i = list->n - 1; i > 0; i--)
                if (str_eq(e[i].text, e[i - 1].text))
                        e[list->n - ++again] = e[i];
        e += list->n - again;
        qsort(e, again, sizeof *e, by_place);
        for (uint32_t i = 0; i < again; i++) {
                const struct path item = { at, STR_NONE, e[i].place };

                fault_add(r, &item, CODE_REPEATED_ITEM, "%.*s stands twice in this list", SHOWN(e[i].text));
        }
}
