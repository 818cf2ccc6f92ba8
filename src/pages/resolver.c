#include "base/text.h"
#include "pages/resolver.h"
#include "trace/story.h"

/* What is asked at the address of a thing, and the answer that is not the page itself. */

bool resolver_is_asked(const struct request *q)
{
        struct str accept = request_header(q, "Accept");
        if (q->query.n && memmem(q->query.p, q->query.n, "linkType", 8))
                return true;
        return accept.n && memmem(accept.p, accept.n, "linkset", 7);
}

/* ---- levels ---- */

/* "/01/G/10/L/21/S" without its last pair; false when only the key is left, or it is no GS1 address. */
static bool cut_pair(struct str *path, struct str *ret_dropped)
{
        size_t slashes = 0, last[3] = { 0 };
        for (size_t i = path->n; i-- > 0 && slashes < 3;)
                if (path->p[i] == '/')
                        last[slashes++] = i;
        if (slashes < 3 || last[1] < 4)
                return false;
        *ret_dropped = (struct str){ path->p + last[1] + 1, last[0] - last[1] - 1 };
        path->n = last[1];
        return path->p[1] >= '0' && path->p[1] <= '9';
}

int resolver_levels(struct request *q, const struct origins *own, struct levels *ret, struct err *reterr)
{
        struct str path = q->path;
        struct err e = { 0 };
        *ret = (struct levels){ .n = 1 };
        if (ident_parse(q->arena, path, own, &ret->list[0], reterr) < 0)
                return -1;
        while (ret->n < LEVELS_MAX && cut_pair(&path, &ret->dropped[ret->n - 1]) &&
               ident_parse(q->arena, path, own, &ret->list[ret->n], &e) == 0)
                ret->n++;
        return 0;
}

struct str resolver_path(struct arena *a, struct str canonical, const struct origins *own)
{
        struct str page = ident_page(a, canonical, own);
        const char *scheme = memmem(page.p ? page.p : "", page.n, "://", 3);
        const char *slash = scheme ? memchr(scheme + 3, '/', page.n - (size_t)(scheme + 3 - page.p)) : NULL;
        return slash ? str_from(page, (size_t)(slash - page.p)) : page;
}

/* ---- answers ---- */

/* An address that must not stand between angle brackets as it was sent: a canonical one never is. */
static bool is_plain_path(struct str path)
{
        for (size_t i = 0; i < path.n; i++)
                if (path.p[i] <= ' ' || path.p[i] >= 0x7f || strchr("<>\"\\", path.p[i]))
                        return false;
        return true;
}

void resolver_headers(const struct request *q, struct reply *r)
{
        reply_header(r, "Access-Control-Allow-Origin", "*");
        reply_header(r, "Access-Control-Expose-Headers", "Link, Location");
        if (!is_plain_path(q->path))
                return;
        bool gs1 = q->path.n > 1 && q->path.p[1] >= '0' && q->path.p[1] <= '9';
        struct str text = arena_printf(q->arena, "<%.*s?linkType=linkset>; rel=\"linkset\"; type=\"application/linkset+json\"%s%.*s%s", STR_ARG(q->path),
                                       gs1 ? ", <https://id.gs1.org" : "", gs1 ? (int)q->path.n : 0, q->path.p,
                                       gs1 ? ">; rel=\"http://www.w3.org/2002/07/owl#sameAs\"" : "");
        reply_header(r, "Link", text.p);
}

void resolver_options(struct request *q)
{
        struct reply r = { .status = 204 };
        reply_header(&r, "Allow", request_allow(q));
        reply_header(&r, "Access-Control-Allow-Origin", "*");
        reply_header(&r, "Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
        reply_header(&r, "Access-Control-Allow-Headers", "Accept, Accept-Language");
        reply_header(&r, "Access-Control-Max-Age", "86400");
        exchange_answer(q->exchange, &r);
}

/* The asker's parameters without those that the resolver has used up: sent along, they would ask it again. */
static void write_kept_query(struct buf *b, const struct request *q, char first)
{
        static const char *const used[] = { "linkType", "context", "unknown" };
        struct str rest = q->query, pair;
        while (str_split(&rest, '&', &pair)) {
                struct str value = pair, name;
                bool used_up = !pair.n;
                str_split(&value, '=', &name);
                for (size_t i = 0; i < sizeof used / sizeof *used; i++)
                        used_up |= str_is(name, used[i]);
                if (used_up)
                        continue;
                buf_char(b, first);
                buf_str(b, pair);
                first = '&';
        }
}

static void send_to(struct request *q, const struct buf *to)
{
        struct reply r = { .status = 307, .content_type = "text/plain; charset=utf-8" };
        reply_header(&r, "Location", arena_cstr(q->arena, buf_view(to)));
        reply_header(&r, "Vary", "Accept, Accept-Language");
        reply_header(&r, "Cache-Control", "no-cache");
        resolver_headers(q, &r);
        exchange_answer(q->exchange, &r);
}

void resolver_redirect(struct request *q, struct str path, struct str without)
{
        struct buf b;
        buf_init(&b, 64 * 1024);
        buf_str(&b, path);
        if (without.n) {
                buf_z(&b, "?unknown=");
                buf_str(&b, without);
                write_kept_query(&b, q, '&');
        } else if (q->query.n) {        /* only another spelling: the whole question stays */
                buf_char(&b, '?');
                buf_str(&b, q->query);
        }
        send_to(q, &b);
        buf_free(&b);
}

/* `without`: the qualifier that is not known here, where a part of the address stands in for the whole. */
static void follow(struct request *q, const struct link *l, struct str without)
{
        struct buf b;
        buf_init(&b, 64 * 1024);
        struct str to = l->path.n ? l->path : l->href;
        const char *hash = memchr(to.p, '#', to.n);
        struct str head = hash ? (struct str){ to.p, (size_t)(hash - to.p) } : to;
        buf_str(&b, head);
        char first = memchr(head.p, '?', head.n) ? '&' : '?';
        if (l->path.n && l->passes_query && without.n) {
                buf_printf(&b, "%cunknown=%.*s", first, STR_ARG(without));
                first = '&';
        }
        if (l->passes_query)
                write_kept_query(&b, q, first);
        buf_str(&b, str_from(to, head.n));
        send_to(q, &b);
        buf_free(&b);
}

static void answer_linkset(struct request *q, const struct link_set *sets, size_t n, const struct origins *own, bool plain)
{
        struct buf b;
        struct reply r = { .status = 200, .content_type = plain ? "application/json" : "application/linkset+json" };
        buf_init(&b, 1024 * 1024);
        resolver_linkset(&b, q, sets, n, own);
        reply_header(&r, "Vary", "Accept, Accept-Language");
        reply_header(&r, "Cache-Control", "no-cache");
        resolver_headers(q, &r);
        r.body = arena_str(q->arena, buf_view(&b));
        buf_free(&b);
        exchange_answer(q->exchange, &r);
}

/* The links of every level that is known, the most exact first; how many. */
static ssize_t known_levels(struct request *q, const struct service *v, struct reader *r, const struct levels *l, struct link_set *sets,
                           struct str *ret_without, struct err *reterr)
{
        size_t n = 0;
        int64_t org = reader_see_public(r);
        *ret_without = STR_NONE;
        for (size_t i = 0; i < l->n; i++) {
                struct story_name name;
                struct err e = { 0 };
                struct str canonical = l->list[i].canonical;
                bool in_events = reader_item(r, org, canonical, &e) > 0;
                bool named = !in_events && story_name_of(q->arena, r, org, canonical, &name, &e) == 0 && name.own;
                if (resolver_links(q, v, r, canonical, in_events, named, &sets[n], reterr) < 0)
                        return -1;
                if (!sets[n].n)
                        continue;
                if (!n && i)
                        *ret_without = l->dropped[i - 1];
                n++;
        }
        return (ssize_t)n;
}

static bool wants_linkset(const struct request *q, struct str type, bool *ret_plain)
{
        static const char *const types[] = { "text/html", "application/linkset+json", "application/json", "application/ld+json" };
        int like = request_prefers(q, types, 4);
        *ret_plain = like == 2;
        return str_is(type, "linkset") || str_is(type, "all") || (!type.n && like == 1);
}

int resolver_answer(struct request *q, const struct service *v, struct err *reterr)
{
        struct levels l;
        struct link_set sets[LEVELS_MAX];
        struct reader *r;
        struct str type = STR_NONE, without;
        bool plain;
        if (request_param(q, "linkType", &type) < 0)
                return err_set(reterr, ERR_BAD_QUERY, "linkType holds a broken escape");
        if (resolver_levels(q, store_origins(v->store), &l, reterr) < 0 || reader_begin(v->store, &r, reterr) < 0)
                return -1;
        ssize_t known = known_levels(q, v, r, &l, sets, &without, reterr);
        size_t n = known > 0 ? (size_t)known : 0;
        reader_end(r);
        if (known < 0)
                return -1;
        if (!n)
                return err_set(reterr, ERR_NOT_FOUND, "nothing is known of %.*s", STR_ARG(l.list[0].canonical));
        if (wants_linkset(q, type, &plain)) {
                answer_linkset(q, sets, n, store_origins(v->store), plain);
                return 0;
        }
        const struct link *best = NULL;
        for (size_t i = 0; i < n && !best; i++)
                best = resolver_choose(q, &sets[i], type);
        for (size_t i = 0; i < n && !best; i++)         /* the default link is always ours: nobody is led away unasked */
                best = sets[i].ours ? &sets[i].list[0] : NULL;
        if (!best)
                return err_set(reterr, ERR_NOT_FOUND, "there is no link of this type for %.*s", STR_ARG(l.list[0].canonical));
        follow(q, best, without);
        return 0;
}
