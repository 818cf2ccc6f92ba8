#include "gs1/spelling.h"

/* GS1 Digital Link: https://host/stem/{key}/{value}[/{qualifier}/{value}]* (URI syntax §4).  Which of the
 * segments is the key cannot be seen but by trying: the first one whose rest is well-formed is it. */

static int qualifier_place(const struct reader *r, const struct name *n, struct str ai, int last)
{
        int i = gs1_qualifier_find(n->key, ai, true);

        if (i < 0)
                return wrong(r, ai.p, "'%.*s' does not go with a %s", STR_ARG(ai), n->key->name);
        if (i <= last)
                return wrong(r, ai.p, "the %s stands in the wrong place or twice", n->key->qualifiers[i]->name);
        if (last >= 0 && n->key->qualifiers[i]->alone)
                return wrong(r, ai.p, "a %s stands alone after the %s", n->key->qualifiers[i]->name, n->key->name);
        return i;
}

/* After "/01/": value and qualifiers up to the end. */
static int link_tail(const struct reader *r, const struct gs1_key *key, struct str rest, struct name *ret)
{
        struct str segment, value;
        int last = -1;

        if (!segment_next(&rest, &segment))
                return wrong(r, r->text.p + r->text.n, "the %s is missing at the end", key->name);
        if (name_read_key(r, key, segment, SPELT_PATH, ret) < 0)
                return -1;
        while (segment_next(&rest, &segment)) {
                last = qualifier_place(r, ret, segment, last);
                if (last < 0)
                        return -1;
                if (!segment_next(&rest, &value))
                        return wrong(r, segment.p + segment.n, "the %s is missing at the end",
                                    key->qualifiers[last]->name);
                if (r->mode == READ_HASHED && key->qualifiers[last]->not_hashed)
                        return -1;
                if (name_read_qualifier(r, key->qualifiers[last], value, SPELT_PATH,
                                        &ret->qualifiers[last]) < 0)
                        return -1;
        }
        return 0;
}

/* The event hash takes values without escapes only, and without the marks ! & ( ) * + , : (the rest of the
 * address is not looked at). */
static bool hashable(struct str tail)
{
        for (size_t i = 0; i < tail.n; i++) {
                if (tail.p[i] != '/' && !charset_has(CHARS_HASHED, (unsigned char)tail.p[i]))
                        return false;
        }
        return true;
}

struct candidate {
        const struct gs1_key *key;
        struct str tail;
};

static int try_candidate(const struct reader *quiet, const struct candidate *c, uint32_t *seen, struct name *ret)
{
        uint32_t bit = UINT32_C(1) << (c->key - gs1_keys);
        bool again = (*seen & bit) != 0;

        *seen |= bit;
        /* The event hash looks at the first place of a key only: a stem that holds it as well hides it. */
        if (quiet->mode == READ_HASHED && (again || !hashable(c->tail)))
                return -1;
        return link_tail(quiet, c->key, c->tail, ret);
}

static int wrong_no_key(const struct reader *r, struct str path)
{
        struct str rest = str_from(path, 1), first = STR_NONE;

        segment_next(&rest, &first);
        if (first.n > 0 && charset_has(CHARS_DIGITS, (unsigned char)first.p[0]))
                return wrong(r, first.p, "'%.*s' at character %zu is no application identifier of a GS1 key",
                            (int)(first.n < 20 ? first.n : 20), first.p, (size_t)(first.p - r->text.p) + 1);
        return wrong(r, path.p, "no GS1 key such as /01/ or /00/ is in the path that begins at character %zu",
                    (size_t)(path.p - r->text.p) + 1);
}

int link_read(const struct reader *r, struct str path, struct name *ret)
{
        struct reader quiet = { .text = r->text, .mode = r->mode };
        struct candidate first = { 0 };
        struct str rest = str_from(path, 1), segment;
        uint32_t seen = 0;

        while (segment_next(&rest, &segment)) {
                struct candidate c = { gs1_key_find(segment, true), rest };

                if (!c.key)
                        continue;
                if (try_candidate(&quiet, &c, &seen, ret) == 0)
                        return 0;
                if (!first.key)
                        first = c;
        }
        if (!r->reterr)
                return -1;
        /* Nothing fits: once more over the first, to say why. */
        return first.key ? link_tail(r, first.key, first.tail, ret) : wrong_no_key(r, path);
}
