#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"
#include "pages/pages_impl.h"
#include "pages/resolver.h"

/* The page at an item's own address: /01/…, /00/…, /lot/….  HTML for people, JSON-LD when asked for.  A page that is still true is
 * answered on the network thread, without the database. */

enum { PAGE_BYTES = 4 * 1024 * 1024 };

static bool wants_data(const struct request *q)
{
        static const char *const types[] = { "text/html", "application/ld+json", "application/json" };
        struct str form;
        if (request_param(q, "form", &form) > 0 && str_is(form, "data"))       /* for a link in the page */
                return true;
        return request_prefers(q, types, 3) > 0;
}

static struct str cache_key(const struct request *q, bool data)
{
        char part = shell_unknown(q);
        return arena_printf(q->arena, "%d%d%c%.*s", data, (int)q->lang, part ? part : '-', STR_ARG(q->path));
}

static void reply_head(const struct request *q, struct reply *r, bool data, const char *etag)
{
        if (data) {
                *r = (struct reply){ .status = 200, .content_type = "application/ld+json" };
                reply_header(r, "Vary", "Accept, Accept-Language");
                reply_header(r, "Cache-Control", "no-cache");
        } else {
                shell_reply_with_script(q, r, 200);
        }
        resolver_headers(q, r);
        reply_header(r, "ETag", arena_cstr(q->arena, str_of(etag)));
}

static void answer(const struct request *q, bool data, struct shared_body *body, const char *etag)
{
        struct reply r;
        reply_head(q, &r, data, etag);
        if (request_knows(q, etag)) {
                r.status = 304;
                shared_body_unref(body);
        } else {
                r.shared = body;
        }
        exchange_answer(q->exchange, &r);
}

static bool quick(struct request *q, void *app)
{
        (void)app;
        char etag[40];
        if (resolver_is_asked(q))
                return false;
        bool data = wants_data(q);
        struct shared_body *body = cache_get(pages_cache(), cache_key(q, data), etag);
        if (!body)
                return false;
        answer(q, data, body, etag);
        return true;
}

/* Is this an address of a thing at all?  Everything else is simply not here. */
static bool is_item_path(struct str path)
{
        static const char *const kinds[] = { "lot", "item", "unit", "org", "place", "season", "device", "gtin", "sscc" };
        struct str rest = str_from(path, 1), first;
        if (!str_split(&rest, '/', &first) || !rest.n)
                return false;
        bool digits = first.n >= 2 && first.n <= 4;
        for (size_t i = 0; i < first.n; i++)
                digits = digits && first.p[i] >= '0' && first.p[i] <= '9';
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
                if (str_is(first, kinds[i]))
                        return true;
        return digits;
}

static struct str sub_line(const struct item_page *p)
{
        struct buf b;
        buf_init(&b, 4096);
        if (p->s->producer) {
                buf_str(&b, name_in(p->s->producer, p->l));
                buf_z(&b, " · ");
        }
        write_code(&b, p->q, p->s->item->canonical);
        struct str line = arena_str(p->q->arena, buf_view(&b));
        buf_free(&b);
        return line;
}

static bool is_demo(const struct story *s)
{
        return s->item->demonstration || (s->producer && s->producer->demonstration);
}

static void write_foot(const struct item_page *p)
{
        item_proves(p);
        buf_z(p->b, "</main><footer><p>");
        html_words(p->b, p->l, W_COMPLAIN);
        buf_z(p->b, "</p><p><a rel=\"alternate\" type=\"application/ld+json\" href=\"");
        html_href(p->b, p->q->path);
        buf_printf(p->b, "?l=%s&amp;form=data\">", lang_tag(p->l));
        html_words(p->b, p->l, W_RAW);
        buf_z(p->b, "</a></p><p><a href=\"/\">");
        html_words(p->b, p->l, W_U_HOME);
        buf_z(p->b, "</a></p></footer>");
}

static void write_page(const struct item_page *p)
{
        struct str title = name_in(p->s->item, p->l);
        shell_begin(p->b, p->q, title);
        shell_header(p->b, p->q, title, sub_line(p), is_demo(p->s) ? W_DEMO : WORDS);
        shell_stands_in(p->b, p->q);
        if (p->season)
                item_season(p);
        else
                item_verdict(p);
        item_check(p);
        item_timeline(p);
        item_growing(p);
        item_inputs(p);
        item_tests(p);
        if (!p->season)
                item_gaps(p);
        write_foot(p);
        item_script(p);
        shell_end(p->b);
}

static int tell(struct request *q, const struct service *v, struct reader *r, int64_t org, struct str canonical,
                struct trace **ret_trace, struct story **ret, struct err *reterr)
{
        struct trace_options o = { .max_nodes = LIMIT_PAGE_NODES, .containers_too = true };
        if (trace_walk(q->arena, r, org, canonical, TRACE_BACK, &o, ret_trace, reterr) < 0)
                return -1;
        return story_tell(q->arena, r, org, *ret_trace, store_origins(v->store), pages_excerpts(), ret, reterr);
}

/* With an empty key it is not kept. */
static void keep_and_answer(struct request *q, struct str key, bool data, const struct buf *b, const struct cache_life *life)
{
        char etag[40];
        struct hash h = sha256(b->p, b->n);
        struct shared_body *body = shared_body_new(b->p, b->n);
        snprintf(etag, sizeof etag, "\"%02x%02x%02x%02x%02x%02x%02x%02x%02x%02x\"", h.b[0], h.b[1], h.b[2], h.b[3], h.b[4], h.b[5], h.b[6], h.b[7], h.b[8], h.b[9]);
        if (key.n)
                cache_put(pages_cache(), key, body, b->n, etag, life);
        answer(q, data, body, etag);
}

/* These have a name and no way of their own. */
static bool is_plain(uint8_t kind)
{
        return kind == IDENT_ORG || kind == IDENT_PLACE || kind == IDENT_DEVICE || kind == IDENT_CLASS;
}

/* Where no event tells anything, master data may still say what it is called. */
static bool name_only(struct request *q, const struct service *v, struct reader *r, int64_t org, struct str canonical, bool data)
{
        struct story_name n;
        struct err e = { 0 };
        if (story_name_of(q->arena, r, org, canonical, &n, &e) < 0 || !n.own)
                return false;
        thing_page(q, &n, store_origins(v->store), data);
        return true;
}

static int render_known(struct request *q, const struct service *v, struct reader *r, int64_t org, const struct ident *id, uint64_t begun, struct err *reterr)
{
        struct trace *t;
        struct story *s;
        bool data = wants_data(q);
        int rc = is_plain(id->kind) ? err_set(reterr, ERR_NOT_FOUND, "nothing is known of %.*s", STR_ARG(id->canonical))
                                    : tell(q, v, r, org, id->canonical, &t, &s, reterr);
        if (rc < 0)
                return reterr->kind == ERR_NOT_FOUND && name_only(q, v, r, org, id->canonical, data) ? 0 : -1;
        int64_t *marks;
        int keep_s = 0;
        struct cache_life life = { .begun = begun, .n_items = reader_marks(r, q->arena, org, t->looked, t->n_looked, &marks) };
        struct buf b;
        bool waits = false;
        struct item_page p = { .reader = r, .pictures = v->pictures, .waits = &waits, .sensing = v->sensing, .keep_s = &keep_s, .q = q, .store = v->store, .own = store_origins(v->store), .org = org, .s = s, .l = q->lang, .b = &b,
                               .season = id->kind == IDENT_SEASON };
        if (item_check_orgs(&p, r, reterr) < 0)
                return -1;
        buf_init(&b, PAGE_BYTES);
        if (data)
                item_json(&p);
        else
                write_page(&p);
        life.items = marks;
        life.keep_s = keep_s;
        keep_and_answer(q, waits ? STR_NONE : cache_key(q, data), data, &b, &life);
        buf_free(&b);
        return 0;
}

/* Something to show at this very name: a way, or a name. */
static bool is_known(struct request *q, struct reader *r, int64_t org, const struct ident *id)
{
        struct story_name n;
        struct err e = { 0 };
        if (!is_plain(id->kind) && reader_item(r, org, id->canonical, &e) > 0)
                return true;
        return story_name_of(q->arena, r, org, id->canonical, &n, &e) == 0 && n.own;
}

/* The address in another spelling, or one of which only the lot or the kind of goods is known, leads to the one spelling of what is
 * known; its page says so when it only stands in. */
static int lead(struct request *q, const struct service *v, struct reader *r, const struct levels *l, uint64_t begun, struct err *reterr)
{
        int64_t org = reader_see_public(r);
        for (size_t i = 0; i < l->n; i++) {
                struct str path = resolver_path(q->arena, l->list[i].canonical, store_origins(v->store));
                if (!is_known(q, r, org, &l->list[i]))
                        continue;
                if (i == 0 && str_eq(path, q->path))
                        return render_known(q, v, r, org, &l->list[0], begun, reterr);
                resolver_redirect(q, path, i ? l->dropped[i - 1] : STR_NONE);
                return 0;
        }
        return err_set(reterr, ERR_NOT_FOUND, "nothing is known of %.*s", STR_ARG(l->list[0].canonical));
}

static int render(struct request *q, const struct service *v, struct err *reterr)
{
        struct levels l;
        struct reader *r;
        uint64_t begun = store_change_now(v->store);    /* before the snapshot: a change in between makes us stale, never wrong */
        if (!is_item_path(q->path))
                return err_set(reterr, ERR_NOT_FOUND, "there is no such page");
        if (resolver_is_asked(q))
                return resolver_answer(q, v, reterr);
        if (resolver_levels(q, store_origins(v->store), &l, reterr) < 0 || reader_begin(v->store, &r, reterr) < 0)
                return -1;
        int rc = lead(q, v, r, &l, begun, reterr);
        reader_end(r);
        return rc;
}

static void handle(struct request *q, void *app)
{
        struct err e = { 0 };
        if (q->method == METHOD_OPTIONS) {
                resolver_options(q);
                return;
        }
        if (render(q, app, &e) == 0)
                return;
        if ((e.kind == ERR_NOT_FOUND && is_item_path(q->path)) || e.kind == ERR_BAD_IDENTIFIER)
                unknown_page(q, &e, resolver_is_asked(q) || wants_data(q));
        else
                exchange_problem(q->exchange, &e, NULL);
}

const struct route pages_fallback = {
        .methods = METHOD_GET | METHOD_OPTIONS,
        .pattern = "/*",
        .name = "item",
        .needs = MAY_PUBLIC,
        .handle = handle,
        .quick = quick,
        .unpacked = true,       /* sent as it is kept */
};
