#include "gs1/ident.h"

#include <assert.h>
#include <stdio.h>

#include "base/text.h"
#include "gs1/spelling.h"

const char *ident_kind_name(enum ident_kind k)
{
        static const char *const names[IDENT_KINDS] = {
                [IDENT_OTHER] = "other",
                [IDENT_CLASS] = "class",
                [IDENT_LOT] = "lot",
                [IDENT_ITEM] = "item",
                [IDENT_UNIT] = "unit",
                [IDENT_ORG] = "org",
                [IDENT_PLACE] = "place",
                [IDENT_SEASON] = "season",
                [IDENT_DEVICE] = "device",
                [IDENT_DOCUMENT] = "document",
                [IDENT_RELATION] = "relation",
        };

        assert(k < IDENT_KINDS);
        return names[k];
}

/* ---- taking an address apart */

struct address {
        struct str origin;      /* "https://host:1", empty for a bare path */
        struct str path;        /* from its first '/', without query and fragment */
        bool fragment;          /* straight after the path: behind a query it goes with that */
};

static bool starts_ignoring_case(struct str s, struct str prefix)
{
        return s.n >= prefix.n && str_ieq((struct str){ s.p, prefix.n }, prefix);
}

static bool ends_path(char c)
{
        return c == '?' || c == '#';
}

/* Where the host ends. */
static size_t host_end(struct str s, size_t from)
{
        while (from < s.n && s.p[from] != '/' && !ends_path(s.p[from]))
                from++;
        return from;
}

static size_t path_end(struct str s, size_t from)
{
        while (from < s.n && !ends_path(s.p[from]))
                from++;
        return from;
}

/* False when it is neither http(s) nor a bare path. */
static bool address_cut(struct str text, struct address *ret)
{
        size_t host = 0, slash = 0, end;

        if (text.n == 0)
                return false;
        if (text.p[0] != '/') {
                if (starts_ignoring_case(text, STR("https://")))
                        host = 8;
                else if (starts_ignoring_case(text, STR("http://")))
                        host = 7;
                else
                        return false;
                slash = host_end(text, host);
                if (slash == host)
                        return false;
        }
        end = path_end(text, slash);
        *ret = (struct address){
                .origin = { text.p, slash },
                .path = { text.p + slash, end - slash },
                .fragment = end < text.n && text.p[end] == '#',
        };
        return true;
}

static bool is_ours(struct str origin, const struct origins *own)
{
        if (origin.n == 0)
                return true;
        for (size_t i = 0; own && i < own->n; i++) {
                if (str_ieq(origin, own->list[i]))
                        return true;
        }
        return false;
}

/* ---- understanding a text, whatever its spelling */

struct found {
        enum ident_source source;
        enum ident_kind kind;
        struct name name;       /* of a GS1 key */
        struct str path;        /* of our own */
};

static int found_name(struct found *ret, enum ident_source source)
{
        ret->source = source;
        ret->kind = name_kind(&ret->name);
        return 0;
}

static int own_understand(const struct reader *r, struct str path, const struct own_kind *row, struct found *ret)
{
        if (own_read(r, path, row) < 0)
                return -1;
        ret->source = IDENT_FROM_OWN_URI;
        ret->kind = row->kind;
        ret->path = path;
        return 0;
}

/* An address of ours is ours when it fits; a stem may begin with one of our words all the same. */
static int address_understand(const struct reader *r, const struct address *at, const struct origins *own,
                              struct found *ret)
{
        struct reader quiet = { .text = r->text, .mode = r->mode };
        const struct own_kind *row = NULL;
        struct str path = at->path;

        if (path.n == 0)
                return wrong(r, r->text.p, "this address has no path, so it names nothing");
        if (path.n > 1 && path.p[path.n - 1] == '/')
                path.n--;
        if (is_ours(at->origin, own))
                row = own_kind_of(path);
        if (row && own_understand(&quiet, path, row, ret) == 0)
                return 0;
        if (link_read(row ? &quiet : r, path, &ret->name) == 0)
                return found_name(ret, IDENT_FROM_DIGITAL_LINK);
        return row ? own_understand(r, path, row, ret) : -1;
}

static int understand(const struct reader *r, const struct origins *own, struct found *ret)
{
        struct str text = r->text;
        struct address at;

        if (text.n == 0)
                return wrong(r, text.p, "an empty text is no identifier");
        if (str_starts(text, STR("urn:epc:")))
                return urn_read(r, text, &ret->name) < 0 ? -1 : found_name(ret, IDENT_FROM_URN);
        if (text.p[0] == '(')
                return element_read(r, text, &ret->name) < 0 ? -1 : found_name(ret, IDENT_FROM_DIGITAL_LINK);
        if (address_cut(text, &at))
                return address_understand(r, &at, own, ret);
        return wrong(r, text.p, "an identifier begins with https://, http://, urn:epc:, '/' or '('");
}

static struct str write_name(struct arena *a, const struct name *n)
{
        char text[NAME_TEXT_MAX];
        size_t len = name_write(n, /* as_spelt= */ false, text);

        return arena_str(a, (struct str){ text, len });
}

static void ident_fill(struct arena *a, const struct found *f, struct ident *ret)
{
        bool own = f->source == IDENT_FROM_OWN_URI;

        *ret = (struct ident){
                .canonical = own ? arena_str(a, f->path) : write_name(a, &f->name),
                .kind = f->kind,
                .source = f->source,
                .bad_check_digit = !own && f->name.wrong_check,
                .pattern = !own && f->name.pattern,
        };
}

void ident_read(struct arena *a, struct str text, const struct origins *own, struct ident *ret)
{
        struct reader r = { .text = text, .mode = READ_TOLERANT };
        struct found f;

        if (understand(&r, own, &f) == 0) {
                ident_fill(a, &f, ret);
                return;
        }
        *ret = (struct ident){ .canonical = arena_str(a, text), .source = IDENT_FROM_VERBATIM };
        ret->pattern = urn_is_pattern(text, &ret->kind);
}

/* Blanks and control characters come from copying; nothing that we take has them. */
static int visible_checked(const struct reader *r)
{
        struct field whole = { "text", r->text };

        for (size_t i = 0; i < r->text.n; i++) {
                unsigned char c = (unsigned char)r->text.p[i];

                if (c <= 0x20 || c == 0x7F)
                        return wrong_character(r, whole, r->text.p + i, "no identifier has that");
        }
        return 0;
}

int ident_parse(struct arena *a, struct str text, const struct origins *own,
                struct ident *ret, struct err *reterr)
{
        struct reader r = { .text = text, .mode = READ_STRICT, .reterr = reterr };
        struct found f;

        if (visible_checked(&r) < 0 || understand(&r, own, &f) < 0)
                return -1;
        ident_fill(a, &f, ret);
        return 0;
}

/* ---- the event hash */

bool ident_hash_form(struct arena *a, struct str text, struct str *ret)
{
        struct reader r = { .text = text, .mode = READ_HASHED };
        char out[NAME_TEXT_MAX];
        struct address at;
        struct name n;

        if (str_starts(text, STR("urn:epc:"))) {
                if (urn_read(&r, text, &n) < 0)
                        return false;
        } else if (!address_cut(text, &at) || at.origin.n == 0 || at.fragment || link_read(&r, at.path, &n) < 0) {
                return false;
        }
        *ret = arena_str(a, (struct str){ out, name_write(&n, /* as_spelt= */ true, out) });
        return true;
}

/* ---- from the canonical form to the other spellings */

static const struct str gs1_origin = { "https://id.gs1.org", 18 };

/* The name behind a canonical Digital Link; false for all else. */
static bool canonical_name(struct str canonical, struct name *ret)
{
        struct reader r = { .text = canonical, .mode = READ_TOLERANT };
        char again[NAME_TEXT_MAX];

        if (!str_starts(canonical, gs1_origin) || link_read(&r, str_from(canonical, gs1_origin.n), ret) < 0)
                return false;
        /* A verbatim text may look much like one. */
        return str_eq(canonical, (struct str){ again, name_write(ret, /* as_spelt= */ false, again) });
}

/* The row of one of our own canonical forms; NULL for all else, also where it begins with '/'. */
static const struct own_kind *own_canonical(struct str canonical)
{
        struct reader quiet = { .text = canonical, .mode = READ_TOLERANT };
        const struct own_kind *row = NULL;

        if (canonical.n > 0 && canonical.p[0] == '/')
                row = own_kind_of(canonical);
        return row && own_read(&quiet, canonical, row) == 0 ? row : NULL;
}

static struct str on_first_origin(struct arena *a, struct str path, const struct origins *own)
{
        return arena_printf(a, "%.*s%.*s", STR_ARG(own->list[0]), STR_ARG(path));
}

/* Does a segment of the path look like the AI of a key?  Then a fault in it is worth telling. */
static bool names_a_key(struct str text)
{
        size_t run = 0;
        for (size_t i = 0; i < text.n; i++) {
                bool digit = text.p[i] >= '0' && text.p[i] <= '9';
                if (text.p[i] == '/' && run >= 2 && run <= 4 && text.p[i - run - 1] == '/')
                        return true;
                run = digit ? run + 1 : 0;
        }
        return false;
}

/* scheme ":" of RFC 3986 §3.1, and no http address on one of our own hosts. */
static bool stands_for_itself(struct str text, const struct origins *own)
{
        struct address at;
        size_t i = 0;
        while (i < text.n && ((text.p[i] | 32) >= 'a' && (text.p[i] | 32) <= 'z'))
                i++;
        if (i == 0 || i == text.n || text.p[i] != ':' || str_starts(text, STR("urn:epc:")))
                return false;
        return !address_cut(text, &at) || (!is_ours(at.origin, own) && !names_a_key(text));
}

int ident_parse_any(struct arena *a, struct str text, const struct origins *own,
                    struct ident *ret, struct err *reterr)
{
        struct ident seen;
        ident_read(a, text, own, &seen);
        if (seen.source != IDENT_FROM_VERBATIM || !stands_for_itself(text, own))
                return ident_parse(a, text, own, ret, reterr);
        *ret = seen;
        return 0;
}

struct str ident_uri(struct arena *a, struct str canonical, const struct origins *own)
{
        if (!own || own->n == 0 || !own_canonical(canonical))
                return canonical;
        return on_first_origin(a, canonical, own);
}

struct str ident_page(struct arena *a, struct str canonical, const struct origins *own)
{
        struct name n;

        if (!own || own->n == 0 || !canonical_name(canonical, &n))
                return ident_uri(a, canonical, own);
        return on_first_origin(a, str_from(canonical, gs1_origin.n), own);
}

static int checked_for_urn(const struct reader *r, const struct name *n)
{
        struct name again;

        /* A URN leaves the computed digits out: a wrong one would silently become right. */
        if (!n->wrong_check)
                return 0;
        return link_read(r, str_from(r->text, gs1_origin.n), &again);
}

int ident_urn(struct arena *a, struct str canonical, int prefix_digits, struct str *ret, struct err *reterr)
{
        struct reader r = { .text = canonical, .mode = READ_STRICT, .reterr = reterr };
        char out[NAME_TEXT_MAX];
        struct name n;
        size_t len = 0;

        if (!canonical_name(canonical, &n))
                return wrong(&r, canonical.p, "this is no canonical GS1 Digital Link, so it has no EPC URN");
        if (checked_for_urn(&r, &n) < 0 || urn_write(&r, &n, prefix_digits, out, &len) < 0)
                return -1;
        *ret = arena_str(a, (struct str){ out, len });
        return 0;
}

static struct str shown(struct arena *a, struct value v)
{
        char out[NAME_TEXT_MAX];

        if (!v.raw.p)
                return STR_NONE;
        return arena_str(a, (struct str){ out, (size_t)(value_decode(out, v) - out) });
}

/* Digits and, where no serial is in it, the free text behind the key's AI. */
static struct str key_shown(struct arena *a, const struct name *n)
{
        return n->key->digits > 0 ? arena_str(a, (struct str){ n->digits, n->ndigits }) : shown(a, n->tail);
}

static void name_parts(struct arena *a, const struct name *n, struct ident_parts *ret)
{
        ret->key_ai = n->key->ai;
        ret->key = key_shown(a, n);
        if (n->key->digits > 0)
                ret->serial = shown(a, n->tail);
        for (int i = 0; i < GS1_QUALIFIERS; i++) {
                if (!name_shows(n, i))
                        continue;
                if (n->key->qualifiers[i]->makes == IDENT_LOT)
                        ret->lot = shown(a, n->qualifiers[i]);
                else if (n->key->qualifiers[i]->makes == IDENT_ITEM)
                        ret->serial = shown(a, n->qualifiers[i]);
                else
                        ret->extension = shown(a, n->qualifiers[i]);
        }
}

static void own_parts(struct str path, const struct own_kind *row, struct ident_parts *ret)
{
        struct str rest = str_from(path, row->word.n + 2);

        segment_next(&rest, &ret->org);
        ret->code = ret->org;
        if (row->codes == 2)
                segment_next(&rest, &ret->code);
}

void ident_parts(struct arena *a, struct str canonical, struct ident_parts *ret)
{
        const struct own_kind *row = own_canonical(canonical);
        struct name n;

        *ret = (struct ident_parts){ 0 };
        if (row)
                own_parts(arena_str(a, canonical), row, ret);
        else if (canonical_name(canonical, &n))
                name_parts(a, &n, ret);
}

struct str ident_element_string(struct arena *a, struct str canonical)
{
        char out[NAME_TEXT_MAX];
        struct name n;
        size_t len;

        if (!canonical_name(canonical, &n))
                return STR_NONE;
        len = (size_t)snprintf(out, sizeof out, "(%s)%.*s", n.key->ai.p, n.ndigits, n.digits);
        len = (size_t)(value_decode(out + len, n.tail) - out);
        for (int i = 0; i < GS1_QUALIFIERS; i++) {
                if (!name_shows(&n, i))
                        continue;
                len += (size_t)snprintf(out + len, sizeof out - len, "(%s)", n.key->qualifiers[i]->ai.p);
                len = (size_t)(value_decode(out + len, n.qualifiers[i]) - out);
        }
        return arena_str(a, (struct str){ out, len });
}
