#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "base/limits.h"
#include "base/text.h"
#include "farm/thing_impl.h"
#include "gs1/check.h"

/* A thing's body against its description (thing_fields.def): every fault at its place, and the text that is kept. */

void thing_wrong(const struct keeping *k, enum fault_code code, const char *fmt, ...)
{
        char text[300];
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        faults_tell(k->a, k->f, code, k->at, "%s", text);
}

struct keeping thing_below(const struct keeping *k, struct str token)
{
        struct keeping inner = *k;
        struct buf b = { .max = 64 * 1024 };
        buf_str(&b, k->at);
        json_pointer_add(&b, token);
        inner.at = arena_str(k->a, buf_view(&b));
        buf_free(&b);
        return inner;
}

struct keeping thing_entry(const struct keeping *k, size_t i)
{
        struct keeping inner = *k;
        inner.at = arena_printf(k->a, "%.*s/%zu", STR_ARG(k->at), i);
        return inner;
}

/* ---- kinds of values: each writes what is kept ---- */

static bool one_line(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if ((unsigned char)s.p[i] < 0x20 && s.p[i] != '\n' && s.p[i] != '\t')
                        return false;
        return true;
}

bool keep_text(const struct keeping *k, const struct json *v)
{
        struct str s = str_trim(json_text(v));
        if (!json_is(v, JSON_STRING))
                thing_wrong(k, CODE_WRONG_KIND, "this is a text");
        else if (!s.n)
                thing_wrong(k, CODE_BAD_PATTERN, "the text is empty; leave the member out");
        else if (s.n > LIMIT_THING_TEXT_BYTES)
                thing_wrong(k, CODE_TOO_LONG, "the text has more than %d bytes", LIMIT_THING_TEXT_BYTES);
        else if (!one_line(s))
                thing_wrong(k, CODE_BAD_PATTERN, "the text holds control characters");
        else {
                json_write_str(k->out, s);
                return true;
        }
        return false;
}

static void keep_word(const struct keeping *k, const struct json *v, const char *words)
{
        struct str rest = str_of(words), one;
        while (json_is(v, JSON_STRING) && str_split(&rest, ' ', &one))
                if (str_eq(one, json_text(v))) {
                        json_write_str(k->out, one);
                        return;
                }
        thing_wrong(k, CODE_NOT_IN_LIST, "this is one of: %s", words);
}

bool keep_number(const struct keeping *k, const struct json *v)
{
        struct decimal d;
        if ((json_is(v, JSON_NUMBER) || json_is(v, JSON_STRING)) && decimal_read(json_text(v), &d)) {
                if (d.mantissa >= 0) {
                        buf_str(k->out, decimal_text(k->a, d));
                        return true;
                }
                thing_wrong(k, CODE_OUT_OF_RANGE, "this is 0 or more");
        } else {
                thing_wrong(k, CODE_WRONG_KIND, "this is a number");
        }
        return false;
}

bool keep_count(const struct keeping *k, const struct json *v)
{
        struct decimal d;
        if ((!json_is(v, JSON_NUMBER) && !json_is(v, JSON_STRING)) || !decimal_read(json_text(v), &d))
                thing_wrong(k, CODE_WRONG_KIND, "this is a whole number");
        else if (d.scale || d.mantissa < 0 || d.mantissa > 100000)
                thing_wrong(k, CODE_OUT_OF_RANGE, "this is a whole number from 0 to 100000");
        else {
                buf_i64(k->out, d.mantissa);
                return true;
        }
        return false;
}

static void keep_flag(const struct keeping *k, const struct json *v)
{
        if (json_is(v, JSON_TRUE) || json_is(v, JSON_FALSE))
                buf_z(k->out, json_is(v, JSON_TRUE) ? "true" : "false");
        else
                thing_wrong(k, CODE_WRONG_KIND, "this is true or false");
}

/* A day, or the day of a time as its writer saw it. */
static void keep_day(const struct keeping *k, const struct json *v)
{
        struct str s = json_text(v);
        struct stamp t;
        struct str whole = s.n == 10 ? arena_printf(k->a, "%.*sT00:00:00Z", STR_ARG(s)) : s;
        if (json_is(v, JSON_STRING) && s.n >= 10 && stamp_read(whole, &t))
                json_write_str(k->out, (struct str){ s.p, 10 });
        else
                thing_wrong(k, CODE_NOT_A_TIME, "this is a day, as 2026-05-01");
}

static void keep_texts(const struct keeping *k, const struct json *v)
{
        if (json_is(v, JSON_STRING)) {
                buf_char(k->out, '[');
                keep_text(k, v);
                buf_char(k->out, ']');
                return;
        }
        if (!json_is(v, JSON_ARRAY) || v->n > LIMIT_THING_LIST) {
                thing_wrong(k, json_is(v, JSON_ARRAY) ? CODE_TOO_LONG : CODE_WRONG_KIND, "this is a list of at most %d texts", LIMIT_THING_LIST);
                return;
        }
        buf_char(k->out, '[');
        for (uint32_t i = 0; i < v->n; i++) {
                struct keeping one = thing_entry(k, i);
                if (i)
                        buf_char(k->out, ',');
                keep_text(&one, &v->items[i]);
        }
        buf_char(k->out, ']');
}

static void keep_gs1(const struct keeping *k, const struct json *v, bool gtin)
{
        struct err e = { 0 };
        struct str s = str_trim(json_text(v));
        if (!json_is(v, JSON_STRING) && !json_is(v, JSON_NUMBER))
                thing_wrong(k, CODE_WRONG_KIND, "this is a %s: digits", gtin ? "GTIN" : "GLN");
        else if ((gtin ? gs1_check_gtin(s, &e) : gs1_check_number(s, 13, "GLN", &e)) < 0)
                thing_wrong(k, CODE_BAD_PATTERN, "%s", e.detail);
        else
                json_write_str(k->out, s);
}

static bool degrees(const struct json *v, int most, double *ret)
{
        struct decimal d;
        if (!json_is(v, JSON_NUMBER) || !decimal_read(json_text(v), &d))
                return false;
        *ret = decimal_double(d);
        return *ret >= -most && *ret <= most;
}

/* {"lat", "lon", "accuracy"?}; a GeoJSON Point is taken too. */
static void keep_position(const struct keeping *k, const struct json *v)
{
        const struct json *point = json_get(v, "coordinates"), *lat = json_get(v, "lat"), *lon = json_get(v, "lon");
        double d;
        if (json_is(point, JSON_ARRAY) && point->n >= 2) {
                lon = &point->items[0];
                lat = &point->items[1];
        }
        if (!degrees(lat, 90, &d) || !degrees(lon, 180, &d)) {
                thing_wrong(k, CODE_OUT_OF_RANGE, "a position is {\"lat\": …, \"lon\": …} in degrees (WGS-84)");
                return;
        }
        buf_printf(k->out, "{\"lat\":%.*s,\"lon\":%.*s", STR_ARG(json_text(lat)), STR_ARG(json_text(lon)));
        if (json_get(v, "accuracy")) {
                struct keeping inner = thing_below(k, STR("accuracy"));
                buf_z(k->out, ",\"accuracy\":");
                keep_number(&inner, json_get(v, "accuracy"));
        }
        buf_char(k->out, '}');
}

static void keep_outline(const struct keeping *k, const struct json *v)
{
        if (outline_judge(k->a, v, k->at, k->f))
                json_write(k->out, str_is(json_str(v, "type"), "Feature") ? json_get(v, "geometry") : v);
}

static void keep_object(const struct keeping *k, const struct json *v)
{
        if (json_is(v, JSON_OBJECT) || json_is(v, JSON_ARRAY))
                json_write(k->out, v);
        else
                thing_wrong(k, CODE_WRONG_KIND, "this is an object { … } or a list");
}

static void keep(const struct keeping *k, const struct thing_member *m, const struct json *v)
{
        switch (m->type) {
        case MEMBER_TEXT: keep_text(k, v); break;
        case MEMBER_WORD: keep_word(k, v, m->words); break;
        case MEMBER_NUMBER: keep_number(k, v); break;
        case MEMBER_COUNT: keep_count(k, v); break;
        case MEMBER_FLAG: keep_flag(k, v); break;
        case MEMBER_DAY: keep_day(k, v); break;
        case MEMBER_TEXTS: keep_texts(k, v); break;
        case MEMBER_GTIN: keep_gs1(k, v, true); break;
        case MEMBER_GLN: keep_gs1(k, v, false); break;
        case MEMBER_POSITION: keep_position(k, v); break;
        case MEMBER_OUTLINE: keep_outline(k, v); break;
        case MEMBER_LABELS: keep_labels(k, v); break;
        case MEMBER_CHANNELS: keep_channels(k, v); break;
        case MEMBER_JSON: keep_object(k, v); break;
        }
}

/* ---- the body ---- */

static void begin_member(struct buf *b, struct str name)
{
        if (b->n > 1)
                buf_char(b, ',');
        json_write_str(b, name);
        buf_char(b, ':');
}

static void known_members(const struct keeping *k, const struct json *body, const struct thing_member *list, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                const struct json *v = json_get(body, list[i].name);
                struct keeping inner = thing_below(k, str_of(list[i].name));
                if (v && !json_is(v, JSON_NULL)) {
                        begin_member(k->out, str_of(list[i].name));
                        keep(&inner, &list[i], v);
                } else if (list[i].required) {
                        thing_wrong(&inner, CODE_MISSING_MEMBER, "the member %s is missing", list[i].name);      /* told where it belongs: a form has a field there, a table a column */
                }
        }
}

/* Whoever has more to say is not sent away: it is kept, and said that nothing is done with it, so that a name that is spelt wrongly is noticed.  Names
 * that begin with x- are the sender's own. */
static void other_members(const struct keeping *k, const struct json *body, const struct thing_member *list, size_t n)
{
        for (uint32_t m = 0; m < body->n; m++) {
                struct str name = body->members[m].name;
                bool known = false;
                for (size_t i = 0; i < n && !known; i++)
                        known = str_is(name, list[i].name);
                if (known)
                        continue;
                struct keeping inner = thing_below(k, name);
                begin_member(k->out, name);
                json_write(k->out, &body->members[m].value);
                if (!str_starts(name, STR("x-")))
                        thing_wrong(&inner, CODE_NOT_UNDERSTOOD, "nothing is done with this member; it is kept");
        }
}

int thing_read(struct arena *a, enum thing_kind kind, const struct json *body, struct str *ret_body, struct faults *f)
{
        struct buf out = { .max = LIMIT_THING_BYTES };
        struct keeping k = { .a = a, .f = f, .out = &out, .at = STR("") };
        size_t n, before = f->refused;
        const struct thing_member *list = thing_members(kind, &n);
        buf_char(&out, '{');
        if (json_is(body, JSON_OBJECT)) {
                known_members(&k, body, list, n);
                other_members(&k, body, list, n);
        } else {
                thing_wrong(&k, CODE_WRONG_KIND, "this is an object { … }");
        }
        buf_char(&out, '}');
        if (out.overflow)
                thing_wrong(&k, CODE_TOO_LONG, "the whole has more than %d bytes", LIMIT_THING_BYTES);
        *ret_body = arena_str(a, buf_view(&out));
        buf_free(&out);
        return f->refused > before ? -1 : 0;
}
