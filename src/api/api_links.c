#include "api/api_impl.h"
#include "base/limits.h"
#include "base/text.h"
#include "store/db.h"
#include "store/links.h"

/* /api/links: where an organisation wants the addresses of its own things to lead, beside what is here (docs/ref/resolver.md). */

struct change { struct str canonical; struct resolver_link link; bool drop; };

static bool all_of(struct str s, const char *more)
{
        for (size_t i = 0; i < s.n; i++) {
                char c = s.p[i];
                bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                if (!word && !(c && strchr(more, c)))
                        return false;
        }
        return true;
}

/* An http(s) address of a host, written as RFC 3986 has it, without a user's name, which would make it look like another's. */
static bool is_web_address(struct str s)
{
        struct str rest = str_starts(s, STR("https://")) ? str_from(s, 8) : str_starts(s, STR("http://")) ? str_from(s, 7) : STR_NONE;
        size_t host = 0;
        while (host < rest.n && !strchr("/?#", rest.p[host]))
                host++;
        return host && s.n <= LIMIT_LINK_BYTES && !memchr(rest.p, '@', host) && all_of(s, "-._~:/?#[]@!$&'()*+,;=%");
}

static int check_type(struct str t, struct err *reterr)
{
        static const struct str gs1 = { "gs1:", 4 };
        bool known = str_starts(t, gs1) && t.n > 4 && t.n < 60 && all_of(str_from(t, 4), "");
        if (!known && !(is_web_address(t) && t.n < 200 && !str_starts(t, STR("https://gs1.org/voc/"))))
                return err_set(reterr, ERR_BAD_INPUT, "linkType is a GS1 link type as gs1:instructions, or an IRI of your own");
        if (str_starts(t, STR("gs1:default")))
                return err_set(reterr, ERR_BAD_INPUT, "the default link is the page here and cannot be given");
        return 0;
}

static int check_link(const struct resolver_link *l, bool drop, struct err *reterr)
{
        if (check_type(l->type, reterr) < 0)
                return -1;
        if (l->lang.n > 35 || !all_of(l->lang, "-"))
                return err_set(reterr, ERR_BAD_INPUT, "hreflang is a language tag as zh-Hans");
        if (l->media.n > 100 || !all_of(l->media, "/+.-") || (l->media.n && !memchr(l->media.p, '/', l->media.n)))
                return err_set(reterr, ERR_BAD_INPUT, "type is a media type as text/html");
        if (!drop && !is_web_address(l->href))
                return err_set(reterr, ERR_BAD_INPUT, "href is an http(s) address of %d bytes at most, without user name, everything else percent-encoded", (int)LIMIT_LINK_BYTES);
        if (!drop && (!l->title.n || l->title.n > 300))
                return err_set(reterr, ERR_BAD_INPUT, "title says in 1 to 300 bytes where the link leads");
        return 0;
}

static int thing_of(struct request *q, const struct service *v, struct str item, struct str *ret, struct err *reterr)
{
        struct ident id = { 0 };
        if (!item.n)
                return err_set(reterr, ERR_BAD_INPUT, "item is missing: the address on the code, an EPC URN or an element string");
        if (ident_parse(q->arena, item, store_origins(v->store), &id, reterr) < 0)
                return -1;
        *ret = id.canonical;
        return 0;
}

static int may_change(struct request *q, const struct service *v, struct str canonical, struct err *reterr)
{
        struct reader *r;
        if (reader_begin(v->store, &r, reterr) < 0)
                return -1;
        int owns = reader_owns(r, caller_of(q)->org, canonical, reterr);
        reader_end(r);
        if (owns == 0)
                return err_set(reterr, ERR_FORBIDDEN, "%s is not your organisation's own", canonical.p);
        return owns < 0 ? -1 : 0;
}

static int act(struct db *db, void *ctx, struct err *reterr)
{
        const struct change *c = ctx;
        return c->drop ? link_drop(db, c->canonical, &c->link, reterr) : link_set(db, c->canonical, &c->link, reterr);
}

static int change(struct request *q, const struct service *v, struct str item, struct change *c, struct err *reterr)
{
        c->link.org = caller_of(q)->org;
        if (check_link(&c->link, c->drop, reterr) < 0 || thing_of(q, v, item, &c->canonical, reterr) < 0 || may_change(q, v, c->canonical, reterr) < 0)
                return -1;
        return ledger_act(v->ledger, act, c, reterr);
}

static void answer(struct request *q, int status, const struct err *e)
{
        struct reply r = { .status = status, .content_type = "application/json" };
        if (e->kind) {
                exchange_problem(q->exchange, e, NULL);
                return;
        }
        exchange_answer(q->exchange, &r);
}

static void add(struct request *q, void *app)
{
        const struct json *o;
        struct err e = { 0 };
        if (json_read(q->arena, q->body.p, q->body.n, NULL, &o, &e) == 0) {
                struct change c = { .link = { .type = json_str(o, "linkType"), .lang = json_str(o, "hreflang"), .media = json_str(o, "type"),
                                              .href = json_str(o, "href"), .title = json_str(o, "title") } };
                change(q, app, json_str(o, "item"), &c, &e);
        }
        answer(q, 201, &e);
}

static void param(const struct request *q, const char *name, struct str *ret)
{
        if (request_param(q, name, ret) != 1)
                *ret = STR_NONE;
}

static void drop(struct request *q, void *app)
{
        struct change c = { .drop = true };
        struct str item;
        struct err e = { 0 };
        param(q, "item", &item);
        param(q, "linkType", &c.link.type);
        param(q, "hreflang", &c.link.lang);
        param(q, "type", &c.link.media);
        change(q, app, item, &c, &e);
        answer(q, 204, &e);
}

static void write_links(struct buf *b, const struct resolver_link *l, size_t n, int64_t org)
{
        bool first = true;
        buf_z(b, "{\"links\":[");
        for (size_t i = 0; i < n; i++) {
                if (l[i].org != org)
                        continue;
                const struct { const char *name; struct str value; } members[] = {
                        { "{\"linkType\":", l[i].type }, { ",\"href\":", l[i].href }, { ",\"title\":", l[i].title }, { ",\"hreflang\":", l[i].lang }, { ",\"type\":", l[i].media } };
                buf_z(b, first ? "" : ",");
                for (size_t k = 0; k < sizeof members / sizeof *members; k++) {
                        buf_z(b, members[k].name);
                        json_write_str(b, members[k].value);
                }
                buf_char(b, '}');
                first = false;
        }
        buf_z(b, "]}\n");
}

static void list(struct request *q, void *app)
{
        const struct service *v = app;
        struct str item, canonical;
        struct err e = { 0 };
        struct reader *r;
        struct resolver_link *l;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        param(q, "item", &item);
        if (thing_of(q, v, item, &canonical, &e) < 0 || reader_begin(v->store, &r, &e) < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        ssize_t n = reader_links(r, q->arena, canonical, &l, &e);
        reader_end(r);
        if (n < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        write_links(&b, l, (size_t)n, caller_of(q)->org);
        answer_buf(q, 200, "application/json", &b, "the list");
}

const struct route route_links = { .methods = METHOD_GET, .pattern = "/api/links", .name = "links", .needs = MAY_QUERY, .handle = list };
const struct route route_links_add = { .methods = METHOD_POST, .pattern = "/api/links", .name = "links.add", .needs = MAY_CAPTURE, .max_body = 16384, .handle = add };
const struct route route_links_drop = { .methods = METHOD_DELETE, .pattern = "/api/links", .name = "links.drop", .needs = MAY_CAPTURE, .handle = drop };
