#include "epcis/digest.h"

#include <assert.h>
#include <stdlib.h>

#include "base/decimal.h"
#include "base/limits.h"
#include "epcis/canonical.h"
#include "epcis/context.h"
#include "epcis/public.h"
#include "epcis/signature.h"

/* The record digest.  The open canonical form is written once; on the way every private member is marked as a range
 * of it.  The sealed form is the open one with these ranges replaced. */

struct step {                   /* where we are, for the pointers of sealed members */
        const struct step *up;
        struct str name;        /* .p NULL: an index */
        size_t index;
        bool word;              /* texts here are names, which a prefix may shorten */
};

struct range { size_t from, to; struct str pointer; };

struct form {
        struct arena *temporary;        /* of this form only: full names can be far longer than what was sent */
        const struct event *event;
        struct buf b;
        struct range *sealed;
        size_t n, cap;
};

static void spell(struct buf *b, const struct step *at)
{
        if (!at->up)
                return;
        spell(b, at->up);
        if (at->name.p)
                json_pointer_add(b, at->name);
        else
                json_pointer_index(b, at->index);
}

static void seal(struct form *f, const struct step *at, size_t from)
{
        if (f->n == f->cap) {
                size_t cap = f->cap ? 2 * f->cap : 8;
                struct range *list = arena_raw(f->temporary, cap * sizeof *list);

                if (f->n)
                        memcpy(list, f->sealed, f->n * sizeof *list);
                f->sealed = list;
                f->cap = cap;
        }
        /* The pointer is written behind the form, copied and taken away again. */
        size_t to = f->b.n;

        spell(&f->b, at);
        f->sealed[f->n++] = (struct range){ from, to, arena_str(f->temporary, str_from(buf_view(&f->b), to)) };
        f->b.n = to;
}

/* Has a byte below `limit` (at most 0x80) among eight?  The sign bit of each such byte, and perhaps of one behind it. */
static uint64_t below(uint64_t eight, unsigned char limit)
{
        return (eight - UINT64_C(0x0101010101010101) * limit) & ~eight & UINT64_C(0x8080808080808080);
}

/* A quote, a backslash or a control character, looked for eight bytes at a time. */
static bool needs_escape(struct str s)
{
        static const char blanks[8] = { ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ' };
        uint64_t eight, odd = 0;

        for (size_t i = 0; i < s.n; i += 8) {
                memcpy(&eight, blanks, 8);
                memcpy(&eight, s.p + i, s.n - i < 8 ? s.n - i : 8);
                odd |= below(eight, 0x20) | below(eight ^ UINT64_C(0x2222222222222222), 1) |
                       below(eight ^ UINT64_C(0x5c5c5c5c5c5c5c5c), 1);
        }
        return odd != 0;
}

/* A text in quotes.  Most need no escape and fit into the buffer: those take this short way, the others the long one. */
static void quote(struct buf *b, struct str s)
{
        if (b->cap - b->n < s.n + 3 || needs_escape(s)) {
                json_write_str(b, s);
                return;
        }
        char *to = b->p + b->n;

        *to++ = '"';
        if (s.n)
                memcpy(to, s.p, s.n);
        to[s.n] = '"';
        to[s.n + 1] = '\0';
        b->n += s.n + 2;
}

static void put_char(struct buf *b, char c)
{
        if (b->cap - b->n < 2) {
                buf_char(b, c);
                return;
        }
        b->p[b->n++] = c;
        b->p[b->n] = '\0';
}

/* A member under its full name. */
struct entry {
        struct str name;
        const struct json *v;
        const char *text;       /* only where two members have the same full name */
        size_t n;
};

static int by_name(const void *x, const void *y)
{
        const struct entry *a = x, *b = y;
        int d = name_order(a->name, b->name);

        return d ? d : str_cmp((struct str){ a->text, a->n }, (struct str){ b->text, b->n });
}

static void sort(struct entry *e, size_t n)
{
        if (n > 24) {
                qsort(e, n, sizeof *e, by_name);
                return;
        }
        for (size_t i = 1; i < n; i++) {
                struct entry x = e[i];
                size_t k = i;

                for (; k > 0 && by_name(&e[k - 1], &x) > 0; k--)
                        e[k] = e[k - 1];
                e[k] = x;
        }
}

/* Two prefixes for one namespace can bring two members of one name: then the values decide, since neither the spelling
 * nor the order sent may. */
static bool settle_twins(struct form *f, struct entry *e, size_t n)
{
        bool twins = false;

        for (size_t i = 1; i < n; i++) {
                if (!str_eq(e[i].name, e[i - 1].name))
                        continue;
                for (size_t k = i - 1; k <= i; k++) {
                        struct str text = json_canonical(f->temporary, e[k].v);

                        e[k].text = text.p;
                        e[k].n = text.n;
                }
                twins = true;
        }
        return twins;
}

static bool is_signature(const struct event *e, const struct json *v)
{
        return e->signature && e->signature->json == v;
}

/* The members that count, sorted by full name. */
static size_t entries(struct form *f, const struct json *v, bool top, struct entry **ret)
{
        struct entry *e = arena_raw(f->temporary, (v->n + 1) * sizeof *e);
        size_t n = 0;

        for (uint32_t i = 0; i < v->n; i++) {
                struct str name = v->members[i].name;

                if (top && (str_eq(name, STR("recordTime")) || str_eq(name, STR("@context")) || is_signature(f->event, &v->members[i].value)))
                        continue;
                e[n++] = (struct entry){ context_expand(f->temporary, f->event->context, name), &v->members[i].value, NULL, 0 };
        }
        sort(e, n);
        if (settle_twins(f, e, n))
                sort(e, n);
        *ret = e;
        return n;
}

static void put(struct form *f, const struct step *at, const struct json *v, enum public_group g);

/* The members of the standard whose values are names as well. */
static bool holds_words(struct str member)
{
        static const struct { const char *p; size_t n; } names[] = {
#define NAME(z) { (z), sizeof(z) - 1 }
                NAME("type"), NAME("bizStep"), NAME("disposition"), NAME("set"), NAME("unset"), NAME("reason"),
                NAME("exception"), NAME("component"),
#undef NAME
        };

        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
                if (names[i].n == member.n && memcmp(names[i].p, member.p, member.n) == 0)
                        return true;
        return false;
}

static void put_value(struct form *f, const struct step *at, const struct json *v)
{
        if (at->word && json_is(v, JSON_STRING))
                quote(&f->b, context_expand(f->temporary, f->event->context, json_text(v)));
        else if (json_is(v, JSON_STRING))
                quote(&f->b, json_text(v));
        else if (json_is(v, JSON_NUMBER))
                buf_str(&f->b, decimal_canonical(f->temporary, json_text(v)));
        else
                json_write(&f->b, v);
}

static void put_member(struct form *f, const struct step *at, const struct entry *e, enum public_group g, bool coordinates)
{
        enum public_group below = public_below(g, e->name);
        bool open = below != PUBLIC_NONE && !value_is_position(coordinates, e->name, e->v);
        const struct step here = { at, e->name, 0, open && holds_words(e->name) };

        quote(&f->b, e->name);
        put_char(&f->b, ':');
        size_t from = f->b.n;

        put(f, &here, e->v, open ? below : PUBLIC_NONE);
        /* What stands in a sealed value is sealed with it. */
        if (!open && g != PUBLIC_NONE)
                seal(f, &here, from);
}

static void put_object(struct form *f, const struct step *at, const struct json *v, enum public_group g)
{
        struct entry *e;
        size_t n = entries(f, v, !at->up, &e);
        bool coordinates = g == PUBLIC_REPORT && has_coordinates(v);

        put_char(&f->b, '{');
        for (size_t i = 0; i < n; i++) {
                if (i)
                        put_char(&f->b, ',');
                put_member(f, at, &e[i], g, coordinates);
        }
        put_char(&f->b, '}');
}

static void put(struct form *f, const struct step *at, const struct json *v, enum public_group g)
{
        if (json_is(v, JSON_OBJECT)) {
                put_object(f, at, v, g);
        } else if (json_is(v, JSON_ARRAY)) {
                put_char(&f->b, '[');
                for (uint32_t i = 0; i < v->n; i++) {
                        const struct step item = { at, STR_NONE, i, at->word };

                        if (i)
                                put_char(&f->b, ',');
                        put(f, &item, &v->items[i], g);
                }
                put_char(&f->b, ']');
        } else {
                put_value(f, at, v);
        }
}

static void form_write(struct form *f, const struct event *e)
{
        const struct step top = { NULL, STR_NONE, 0, false };

        *f = (struct form){ .temporary = arena_new(), .event = e };
        /* Expanding prefixes can make the form longer than what was sent, names being few and bounded by the body. */
        buf_init(&f->b, (size_t)64 * LIMIT_BODY_BYTES);
        buf_reserve(&f->b, 4096);
        put(f, &top, e->json, PUBLIC_EVENT);
        assert(!f->b.overflow);
}

static void form_free(struct form *f)
{
        buf_free(&f->b);
        arena_free(f->temporary);
}

static struct hash seal_hash(const struct form *f, const struct range *r, const struct hash *salt)
{
        size_t n = r->to - r->from;
        char *p = arena_raw(f->temporary, r->pointer.n + n);

        memcpy(p, r->pointer.p, r->pointer.n);
        memcpy(p + r->pointer.n, f->b.p + r->from, n);
        return hmac_sha256(salt->b, sizeof salt->b, p, r->pointer.n + n);
}

static void write_sealed(struct buf *b, const struct form *f, const struct hash *salt)
{
        size_t at = 0;

        for (size_t i = 0; i < f->n; i++) {
                const struct range *r = &f->sealed[i];
                struct hash h = seal_hash(f, r, salt);

                buf_add(b, f->b.p + at, r->from - at);
                buf_z(b, "{\"sealed\":\"");
                buf_hex(b, h.b, sizeof h.b);
                buf_z(b, "\"}");
                at = r->to;
        }
        buf_add(b, f->b.p + at, f->b.n - at);
}

static void sealed_form(struct buf *b, const struct form *f, const struct hash *salt)
{
        buf_init(b, (size_t)64 * LIMIT_BODY_BYTES);
        buf_reserve(b, f->b.n + f->n * 80);
        write_sealed(b, f, salt);
        assert(!b->overflow);
}

void record_digest(struct arena *a, const struct event *e, const struct hash *org_secret, struct record_digest *ret)
{
        struct form f;
        struct buf b;

        (void)a;
        form_write(&f, e);
        if (e->signature && e->signature->has_salt)
                ret->salt = e->signature->salt;
        else
                ret->salt = hmac_sha256(org_secret->b, sizeof org_secret->b, f.b.p, f.b.n);
        if (f.n) {
                sealed_form(&b, &f, &ret->salt);
                ret->digest = sha256(b.p, b.n);
                buf_free(&b);
        } else {
                ret->digest = sha256(f.b.p, f.b.n);
        }
        form_free(&f);
}

struct str record_canonical(struct arena *a, const struct event *e, const struct hash *salt, bool sealed)
{
        struct form f;
        struct buf b;
        struct str s;

        form_write(&f, e);
        if (sealed) {
                sealed_form(&b, &f, salt);
                s = arena_str(a, buf_view(&b));
                buf_free(&b);
        } else {
                s = arena_str(a, buf_view(&f.b));
        }
        form_free(&f);
        return s;
}

size_t record_seals(struct arena *a, const struct event *e, const struct hash *salt, const struct seal **ret)
{
        struct form f;

        form_write(&f, e);
        struct seal *list = arena_array(a, struct seal, f.n + 1);

        for (size_t i = 0; i < f.n; i++) {
                const struct range *r = &f.sealed[i];

                list[i] = (struct seal){ arena_str(a, r->pointer), arena_str(a, (struct str){ f.b.p + r->from, r->to - r->from }),
                                         seal_hash(&f, r, salt) };
        }
        form_free(&f);
        *ret = list;
        return f.n;
}
