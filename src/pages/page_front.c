#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "pages/pages_impl.h"

/* The front page: what this is, a field for a code, and the published examples of DIR/front.json. */

enum { FRONT_BYTES = 64 * 1024 };

static const struct json *read_examples(struct arena *a, const struct service *v)
{
        static const struct json_limits limits = { 8, 16, 4096 };
        const struct json *list = NULL;
        struct str path = arena_printf(a, "%s/front.json", store_dir(v->store));
        int fd = open(path.p, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return NULL;
        char *text = arena_raw(a, FRONT_BYTES);
        ssize_t n = read(fd, text, FRONT_BYTES);
        close(fd);
        return n > 0 && json_read(a, text, (size_t)n, &limits, &list, NULL) == 0 && json_is(list, JSON_ARRAY) ? list : NULL;
}

static void write_example(struct buf *b, const struct request *q, const struct json *e, const struct origins *own)
{
        struct ident id;
        ident_read(q->arena, json_str(e, "uri"), own, &id);
        struct str uri = ident_page(q->arena, id.canonical, own);
        const char *path = memchr(uri.p, '/', uri.n);
        if (uri.n > 8 && memchr(uri.p + 8, '/', uri.n - 8))
                path = memchr(uri.p + 8, '/', uri.n - 8);
        buf_z(b, "<li><a href=\"");
        html_href(b, path ? str_from(uri, (size_t)(path - uri.p)) : uri);
        buf_printf(b, "?l=%s\"><b>", lang_tag(q->lang));
        html_text(b, json_str(json_get(e, "title"), lang_tag(q->lang)));
        buf_z(b, "</b><span>");
        html_text(b, json_str(json_get(e, "note"), lang_tag(q->lang)));
        buf_z(b, "</span></a></li>");
}

static void write_examples(struct buf *b, const struct request *q, const struct service *v)
{
        const struct json *list = read_examples(q->arena, v);
        buf_z(b, "<section class=\"card\"><h2>");
        html_words(b, q->lang, W_F_STORIES);
        buf_z(b, "</h2>");
        if (!list || !list->n) {
                buf_z(b, "<p>");
                html_words(b, q->lang, W_F_EMPTY);
                buf_z(b, "</p></section>");
                return;
        }
        buf_z(b, "<ul class=\"s\" id=\"stories\">");
        for (uint32_t i = 0; i < list->n; i++)
                write_example(b, q, &list->items[i], store_origins(v->store));
        buf_z(b, "</ul></section>");
}

static void write_app(struct buf *b, const struct request *q, const char *path, enum words name, enum words about)
{
        buf_printf(b, "<li><a href=\"%s\"><b>", path);
        html_words(b, q->lang, name);
        buf_z(b, "</b><span>");
        html_words(b, q->lang, about);
        buf_z(b, "</span></a></li>");
}

static void write_apps(struct buf *b, const struct request *q)
{
        buf_z(b, "<section class=\"card\"><h2>");
        html_words(b, q->lang, W_F_FARM);
        buf_z(b, "</h2><ul class=\"s\">");
        write_app(b, q, "/field/", W_F_FIELD, W_F_FIELD_IS);
        write_app(b, q, "/desk/", W_F_DESK, W_F_DESK_IS);
        buf_z(b, "</ul></section>");
}

static void write_search(struct buf *b, const struct request *q, struct str code, const struct err *e)
{
        buf_z(b, "<section class=\"card\"><p>");
        html_words(b, q->lang, W_F_LEAD);
        buf_z(b, "</p><br><form method=\"get\" action=\"/\"><label for=\"code\">");
        html_words(b, q->lang, W_F_SEARCH);
        buf_printf(b, "</label><input type=\"hidden\" name=\"l\" value=\"%s\"><input id=\"code\" name=\"code\" maxlength=\"400\" required autocomplete=\"off\" value=\"", lang_tag(q->lang));
        html_text(b, code);
        buf_z(b, "\"><button>");
        html_words(b, q->lang, W_F_GO);
        buf_z(b, "</button></form>");
        if (e->kind) {
                buf_z(b, "<p class=\"note\"><span class=\"tag ko\">");
                html_words(b, q->lang, W_U_BAD);
                buf_z(b, "</span> <span lang=\"en\">");
                html_text(b, str_of(e->detail));
                buf_z(b, "</span></p>");
        }
        buf_z(b, "</section>");
}

/* A code typed in leads to its own page. */
static bool lead_to(struct request *q, const struct service *v, struct str code, struct err *reterr)
{
        struct ident id;
        if (ident_parse(q->arena, str_trim(code), store_origins(v->store), &id, reterr) < 0)
                return false;
        struct str uri = ident_page(q->arena, id.canonical, store_origins(v->store));
        const char *path = uri.n > 8 ? memchr(uri.p + 8, '/', uri.n - 8) : NULL;
        if (!path)
                return false;
        struct reply r = { .status = 303, .content_type = "text/plain; charset=utf-8" };
        reply_header(&r, "Location", arena_printf(q->arena, "%.*s?l=%s", (int)(uri.n - (size_t)(path - uri.p)), path, lang_tag(q->lang)).p);
        exchange_answer(q->exchange, &r);
        return true;
}

static void handle(struct request *q, void *app)
{
        const struct service *v = app;
        struct str code = STR_NONE;
        struct err e = { 0 };
        struct reply r;
        struct buf b;
        if (request_param(q, "code", &code) > 0 && code.n && lead_to(q, v, code, &e))
                return;
        buf_init(&b, 1024 * 1024);
        shell_begin(&b, q, str_of(words(W_F_TITLE, q->lang)));
        shell_header(&b, q, str_of(words(W_F_TITLE, q->lang)), STR_NONE, WORDS);
        write_search(&b, q, code, &e);
        write_examples(&b, q, v);
        write_apps(&b, q);
        buf_z(&b, "<section class=\"card\"><h2>");
        html_words(&b, q->lang, W_F_FOR);
        buf_z(&b, "</h2><p>");
        html_words(&b, q->lang, W_F_FOR_TEXT);
        buf_z(&b, "</p></section></main>");
        shell_end(&b);
        shell_reply(q, &r, e.kind ? err_status(e.kind) : 200);
        r.body = arena_str(q->arena, buf_view(&b));
        buf_free(&b);
        exchange_answer(q->exchange, &r);
}

extern const struct route page_front;
const struct route page_front = { .methods = METHOD_GET, .pattern = "/", .name = "front", .needs = MAY_PUBLIC, .handle = handle };
