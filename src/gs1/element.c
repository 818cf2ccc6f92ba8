#include "gs1/spelling.h"

/* Element strings with their AIs in brackets, as printed under a bar code (General Specifications §4.14).  The first
 * key names the thing; qualifiers may come in any order; what else is known is checked and left out. */

struct pair {
        struct str ai, value;
};

static bool digit(char c)
{
        return charset_has(CHARS_DIGITS, (unsigned char)c);
}

/* "(", two to four digits, ")": set 82 has brackets too, so nothing less begins an AI.  Its length with the
 * brackets, or 0. */
static size_t ai_at(struct str s, size_t i)
{
        size_t n = 1;

        if (i >= s.n || s.p[i] != '(')
                return 0;
        while (i + n < s.n && n <= 4 && digit(s.p[i + n]))
                n++;
        return n >= 3 && i + n < s.n && s.p[i + n] == ')' ? n + 1 : 0;
}

/* 1: a pair; 0: the end. */
static int pair_next(const struct reader *r, struct str *rest, struct pair *ret)
{
        size_t open, end;

        if (rest->n == 0)
                return 0;
        open = ai_at(*rest, 0);
        if (open == 0)
                return wrong(r, rest->p, "an application identifier in brackets, such as (01), should begin at character %zu",
                            (size_t)(rest->p - r->text.p) + 1);
        for (end = open; end < rest->n && ai_at(*rest, end) == 0; end++)
                ;
        ret->ai = (struct str){ rest->p + 1, open - 2 };
        ret->value = (struct str){ rest->p + open, end - open };
        *rest = str_from(*rest, end);
        return 1;
}

/* An AI that is no part of the name. */
static int attribute_read(const struct reader *r, struct pair p)
{
        const struct gs1_attribute *row = gs1_attribute_find(p.ai);
        struct value v;
        char name[16] = "value of (";
        size_t n = strlen(name);

        if (!row)
                return wrong(r, p.ai.p, "there is no application identifier (%.*s): character %zu", STR_ARG(p.ai),
                            (size_t)(p.ai.p - r->text.p) + 1);
        memcpy(name + n, p.ai.p, p.ai.n);
        name[n + p.ai.n] = ')';
        return value_read(r, (struct field){ name, p.value }, SPELT_BARE, row->set, row->least, row->most, &v);
}

static int qualifier_read(const struct reader *r, struct name *n, const bool *content, int i, struct pair p)
{
        const struct gs1_qualifier *q = gs1_qualifier_of(p.ai);
        struct value other;

        /* A lot beside (02), the content of a logistic unit, is the content's. */
        if (i < 0 && q && *content)
                return name_read_qualifier(r, q, p.value, SPELT_BARE, &other);
        if (i < 0)
                return wrong(r, p.ai.p, "(%.*s) does not go with a %s: character %zu", STR_ARG(p.ai), n->key->name,
                            (size_t)(p.ai.p - r->text.p) + 1);
        if (n->qualifiers[i].raw.p)
                return wrong(r, p.ai.p, "(%.*s) stands there twice: character %zu", STR_ARG(p.ai),
                            (size_t)(p.ai.p - r->text.p) + 1);
        return name_read_qualifier(r, q, p.value, SPELT_BARE, &n->qualifiers[i]);
}

static int alone_checked(const struct reader *r, const struct name *n)
{
        for (int i = 0; i < GS1_QUALIFIERS; i++) {
                if (!n->qualifiers[i].raw.p || !n->key->qualifiers[i]->alone)
                        continue;
                for (int k = 0; k < GS1_QUALIFIERS; k++) {
                        if (k != i && n->qualifiers[k].raw.p)
                                return wrong(r, n->qualifiers[i].raw.p, "(%s) goes with no other qualifier",
                                            n->key->qualifiers[i]->ai.p);
                }
        }
        return 0;
}

static int key_find(const struct reader *r, struct str text, struct name *ret, bool *ret_content)
{
        struct pair p;
        int more;

        ret->key = NULL;
        *ret_content = false;
        while ((more = pair_next(r, &text, &p)) > 0) {
                const struct gs1_key *key = gs1_key_find(p.ai, false);

                *ret_content |= str_is(p.ai, "02") || str_is(p.ai, "8026");
                if (key && !ret->key && name_read_key(r, key, p.value, SPELT_BARE, ret) < 0)
                        return -1;
        }
        if (more < 0)
                return -1;
        return ret->key ? 0 : wrong(r, r->text.p, "no key such as (01) or (00) is among the application identifiers");
}

int element_read(const struct reader *r, struct str text, struct name *ret)
{
        struct name other;
        struct pair p;
        bool content;

        if (key_find(r, text, ret, &content) < 0)
                return -1;
        while (pair_next(r, &text, &p) > 0) {
                const struct gs1_key *key = gs1_key_find(p.ai, false);
                int rc;

                if (key)
                        rc = name_read_key(r, key, p.value, SPELT_BARE, &other);
                else if (gs1_qualifier_of(p.ai))
                        rc = qualifier_read(r, ret, &content, gs1_qualifier_find(ret->key, p.ai, false), p);
                else
                        rc = attribute_read(r, p);
                if (rc < 0)
                        return -1;
        }
        return alone_checked(r, ret);
}
