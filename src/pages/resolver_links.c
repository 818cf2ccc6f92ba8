#include "base/json.h"
#include "base/text.h"
#include "pages/html.h"
#include "pages/resolver.h"
#include "store/links.h"
#include "store/parties.h"

/* The links of one thing, the choice among them, and their linkset (RFC 9264). */

static const char *const page_langs[LANGS] = { "zh-Hans", "zh-Hant", "en" };

static struct link *add(struct link_set *s, const char *type, enum words title, const struct request *q)
{
        struct link *l = &s->list[s->n++];
        *l = (struct link){ .type = type, .title = str_of(words(title, q->lang)), .passes_query = true };
        return l;
}

static void add_page(struct link_set *s, const char *type, enum words title, const struct request *q, struct str path)
{
        struct link *l = add(s, type, title, q);
        memcpy(l->langs, page_langs, sizeof l->langs);
        l->media = "text/html";
        l->path = path;
}

static void add_data(struct link_set *s, const char *type, enum words title, const struct request *q, struct str path)
{
        struct link *l = add(s, type, title, q);
        l->media = "application/ld+json";
        l->path = arena_printf(q->arena, "%.*s?form=data", STR_ARG(path));
}

/* The query binding takes no foreign parameters, so none go along. */
static void add_events(struct link_set *s, const struct request *q, struct str uri)
{
        struct buf b;
        buf_init(&b, 16 * 1024);
        buf_z(&b, "/epcis/events?MATCH_anyEPC=");
        percent_encode(&b, uri, NULL);
        struct link *l = add(s, "gs1:epcis", W_LINK_EPCIS, q);
        l->path = arena_str(q->arena, buf_view(&b));
        l->media = "application/ld+json";
        l->passes_query = false;
        buf_free(&b);
}

static void add_ours(struct request *q, const struct origins *own, struct str canonical, bool in_events, struct link_set *ret)
{
        struct str path = resolver_path(q->arena, canonical, own);
        add_page(ret, "gs1:defaultLink", W_LINK_PIP, q, path);
        add_page(ret, "gs1:pip", W_LINK_PIP, q, path);
        add_data(ret, "gs1:masterData", W_LINK_DATA, q, path);
        if (in_events) {
                add_page(ret, "gs1:traceability", W_LINK_TRACE, q, path);
                add_data(ret, "gs1:traceability", W_LINK_DATA, q, path);
                add_page(ret, "gs1:recallStatus", W_LINK_RECALL, q, path);
                add_data(ret, "gs1:recallStatus", W_LINK_DATA, q, path);
                add_events(ret, q, ident_uri(q->arena, canonical, own));
        }
        for (size_t i = 0; i < ret->n; i++)
                ret->list[i].href = arena_printf(q->arena, "%.*s%.*s", STR_ARG(own->list[0]), STR_ARG(ret->list[i].path));
}

/* What the owner wants is told as his word. */
static void add_theirs(struct request *q, const struct service *v, const struct resolver_link *from, struct link_set *ret)
{
        struct link *l = &ret->list[ret->n++];
        *l = (struct link){ .type = arena_cstr(q->arena, from->type), .href = from->href, .title = from->title, .passes_query = true,
                            .by = store_org_code(v->store, q->arena, from->org) };
        if (from->lang.n)
                l->langs[0] = arena_cstr(q->arena, from->lang);
        if (from->media.n)
                l->media = arena_cstr(q->arena, from->media);
}

int resolver_links(struct request *q, const struct service *v, struct reader *r, struct str canonical, bool in_events, bool named,
                   struct link_set *ret, struct err *reterr)
{
        enum { OURS = 9 };
        struct resolver_link *theirs;
        ssize_t n = reader_links(r, q->arena, canonical, &theirs, reterr);
        if (n < 0)
                return -1;
        *ret = (struct link_set){ .canonical = canonical, .ours = in_events || named, .list = arena_array(q->arena, struct link, OURS + (size_t)n) };
        if (ret->ours)
                add_ours(q, store_origins(v->store), canonical, in_events, ret);
        for (ssize_t i = 0; i < n; i++)
                if (store_published(v->store, theirs[i].org))
                        add_theirs(q, v, &theirs[i], ret);
        return 0;
}

/* ---- choosing ---- */

/* RFC 4647 lookup: a range fits a tag of which it is the beginning, and the other way round. */
static bool range_fits(struct str range, struct str tag)
{
        struct str shorter = range.n < tag.n ? range : tag, longer = range.n < tag.n ? tag : range;
        return str_ieq((struct str){ longer.p, shorter.n }, shorter) && (longer.n == shorter.n || longer.p[shorter.n] == '-');
}

static int language_weight(const struct request *q, const struct link *l)
{
        struct str header = request_header(q, "Accept-Language"), item;
        int best = 0;
        if (!l->langs[0])
                return 1;
        for (int i = 0; i < LANGS && l->langs[i]; i++)  /* ?l= and the Chinese of other places are settled by http */
                if (!strcmp(l->langs[i], lang_tag(q->lang)))
                        best = 2;
        while (str_split(&header, ',', &item)) {
                int w = accept_weight(&item);
                for (int i = 0; i < LANGS && l->langs[i]; i++)
                        if (w > best && range_fits(item, str_of(l->langs[i])))
                                best = w;
        }
        return best;
}

static struct str link_type_local(struct str type)
{
        static const char *const prefixes[] = { "gs1:", "https://gs1.org/voc/", "http://gs1.org/voc/", "https://ref.gs1.org/voc/", "https://www.gs1.org/voc/" };
        for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
                if (str_starts(type, str_of(prefixes[i])))
                        return str_from(type, strlen(prefixes[i]));
        return STR_NONE;
}

static bool is_type(const struct link *l, struct str type)
{
        struct str local = link_type_local(type);
        return local.n ? str_eq(local, link_type_local(str_of(l->type))) : str_is(type, l->type);
}

/* The language decides before the media type. */
const struct link *resolver_choose(const struct request *q, const struct link_set *s, struct str type)
{
        enum { CANDIDATES = 64 };
        const struct link *list[CANDIDATES];
        const char *media[CANDIDATES];
        size_t n = 0;
        int best = -1;
        for (size_t i = 0; i < s->n; i++) {
                const struct link *l = &s->list[i];
                int w = is_type(l, type) ? language_weight(q, l) : -1;
                if (w > best && l->langs[0])
                        n = 0;
                if (w < 0 || n == CANDIDATES || (w < best && l->langs[0]))
                        continue;
                best = w > best ? w : best;
                list[n] = l;
                media[n++] = l->media ? l->media : "text/html";
        }
        int like = n ? request_prefers(q, media, n) : -1;
        return n ? list[like < 0 ? 0 : like] : NULL;
}

/* ---- RFC 9264 ---- */

static void write_target(struct buf *b, const struct link *l)
{
        buf_z(b, "{\"href\":");
        json_write_str(b, l->href);
        if (l->title.n) {
                buf_z(b, ",\"title\":");
                json_write_str(b, l->title);
        }
        if (l->media)
                buf_printf(b, ",\"type\":\"%s\"", l->media);
        for (int i = 0; i < LANGS && l->langs[i]; i++)
                buf_printf(b, "%s\"%s\"", i ? "," : ",\"hreflang\":[", l->langs[i]);
        buf_z(b, l->langs[0] ? "]" : "");
        if (l->by.n) {
                buf_z(b, ",\"suyuan:statedBy\":[");
                json_write_str(b, l->by);
                buf_char(b, ']');
        }
        buf_char(b, '}');
}

/* All links of the type of link `first`, which is the first of them. */
static void write_type(struct buf *b, const struct link_set *s, size_t first)
{
        struct str type = str_of(s->list[first].type), local = link_type_local(type);
        buf_z(b, local.n ? ",\"https://gs1.org/voc/" : ",\"");
        buf_str(b, local.n ? local : type);
        buf_z(b, "\":");
        for (size_t i = first; i < s->n; i++)
                if (is_type(&s->list[i], type)) {
                        buf_char(b, i == first ? '[' : ',');
                        write_target(b, &s->list[i]);
                }
        buf_char(b, ']');
}

static void write_set(struct buf *b, const struct request *q, const struct link_set *s, const struct origins *own)
{
        buf_z(b, "{\"anchor\":");
        json_write_str(b, ident_page(q->arena, s->canonical, own));
        for (size_t i = 0; i < s->n; i++) {
                bool seen = false;
                for (size_t k = 0; k < i && !seen; k++)
                        seen = is_type(&s->list[k], str_of(s->list[i].type));
                if (!seen)
                        write_type(b, s, i);
        }
        buf_char(b, '}');
}

void resolver_linkset(struct buf *b, const struct request *q, const struct link_set *sets, size_t n, const struct origins *own)
{
        buf_z(b, "{\"linkset\":[");
        for (size_t i = 0; i < n; i++) {
                if (i)
                        buf_char(b, ',');
                write_set(b, q, &sets[i], own);
        }
        buf_z(b, "]}\n");
}
