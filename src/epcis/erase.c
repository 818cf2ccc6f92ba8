#include "epcis/erase.h"

#include "base/limits.h"
#include "epcis/digest.h"
#include "epcis/public.h"
#include "epcis/signature.h"

/* ---- what is left: the same walk as the digest's, over the event as it was sent ---- */

struct leaving {
        struct buf *b;
        const struct event *e;
        struct arena *temporary;
};

static void leave(struct leaving *l, const struct json *v, enum public_group g, bool top);

static void name_of(struct leaving *l, struct str name, bool *more)
{
        if (*more)
                buf_char(l->b, ',');
        *more = true;
        json_write_str(l->b, name);
        buf_char(l->b, ':');
}

/* The salt opens the seals to guessing: it goes with what they hold. */
static void leave_signature(struct leaving *l, const struct json *v)
{
        bool more = false;

        buf_char(l->b, '{');
        for (uint32_t i = 0; i < v->n; i++) {
                if (str_is(context_expand(l->temporary, l->e->context, v->members[i].name), SUYUAN_VOC "salt"))
                        continue;
                name_of(l, v->members[i].name, &more);
                json_write(l->b, &v->members[i].value);
        }
        buf_char(l->b, '}');
}

/* What the digest leaves out, and says nothing of. */
static bool leave_beside(struct leaving *l, const struct json_member *m, bool *more)
{
        bool signature = l->e->signature && l->e->signature->json == &m->value;

        if (!signature && !str_is(m->name, "recordTime") && !str_is(m->name, "@context"))
                return false;
        name_of(l, m->name, more);
        if (signature)
                leave_signature(l, &m->value);
        else
                json_write(l->b, &m->value);
        return true;
}

static void leave_object(struct leaving *l, const struct json *v, enum public_group g, bool top)
{
        bool coordinates = g == PUBLIC_REPORT && has_coordinates(v), more = false;

        buf_char(l->b, '{');
        for (uint32_t i = 0; i < v->n; i++) {
                const struct json_member *m = &v->members[i];

                if (top && leave_beside(l, m, &more))
                        continue;
                struct str name = context_expand(l->temporary, l->e->context, m->name);
                enum public_group below = public_below(g, name);

                if (below == PUBLIC_NONE || value_is_position(coordinates, name, &m->value))
                        continue;
                name_of(l, m->name, &more);
                leave(l, &m->value, below, false);
        }
        buf_char(l->b, '}');
}

static void leave(struct leaving *l, const struct json *v, enum public_group g, bool top)
{
        if (json_is(v, JSON_OBJECT)) {
                leave_object(l, v, g, top);
        } else if (json_is(v, JSON_ARRAY)) {
                buf_char(l->b, '[');
                for (uint32_t i = 0; i < v->n; i++) {
                        if (i)
                                buf_char(l->b, ',');
                        leave(l, &v->items[i], g, false);
                }
                buf_char(l->b, ']');
        } else {
                json_write(l->b, v);
        }
}

void event_public(struct buf *b, const struct event *e)
{
        struct leaving l = { b, e, arena_new() };

        leave(&l, e->json, PUBLIC_EVENT, true);
        arena_free(l.temporary);
}

/* ---- the form without its seals.  It is compact and may bear a name twice (two prefixes for one namespace), so it is cut, not read. ---- */

#define SEAL_BEGIN ":{\"sealed\":\""
enum { SEAL_BYTES = sizeof SEAL_BEGIN - 1 + 64 + 2 };

/* Where the text that begins at `at` with a quote ends: behind its last quote. */
static size_t text_end(struct str s, size_t at)
{
        for (at++; at < s.n && s.p[at] != '"'; at++)
                if (s.p[at] == '\\')
                        at++;
        return at < s.n ? at + 1 : s.n;
}

/* Only a seal stands so: no group of public members has one named "sealed" (test_erase.c). */
static bool is_seal(struct str s, size_t at)
{
        return s.n - at >= SEAL_BYTES && memcmp(s.p + at, SEAL_BEGIN, sizeof SEAL_BEGIN - 1) == 0 && memcmp(s.p + at + SEAL_BYTES - 2, "\"}", 2) == 0;
}

struct str form_public(struct arena *a, struct str form)
{
        char *out = arena_raw(a, form.n + 1);
        size_t n = 0;

        for (size_t at = 0, end; at < form.n; at = end) {
                end = form.p[at] == '"' ? text_end(form, at) : at + 1;
                if (form.p[at] == '"' && is_seal(form, end)) {
                        end += SEAL_BYTES;
                        if (end < form.n && form.p[end] == ',')
                                end++;
                        else if (n && out[n - 1] == ',')
                                n--;
                        continue;
                }
                memcpy(out + n, form.p + at, end - at);
                n += end - at;
        }
        out[n] = '\0';
        return (struct str){ out, n };
}

bool erased_agrees(struct arena *a, const struct event *left, struct str form)
{
        const struct seal *seals;
        static const struct hash none = { { 0 } };

        return record_seals(a, left, &none, &seals) == 0 && !(left->signature && left->signature->has_salt) &&
               str_eq(form_public(a, form), record_canonical(a, left, &none, false));
}
