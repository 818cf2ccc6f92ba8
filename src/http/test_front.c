#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "http/http.h"

/* The front without sockets: routes, problems, negotiation, limits. */

static void say_ok(struct request *q, void *app)
{
        struct reply r = { .status = 200, .content_type = "text/plain", .body = q->body.n ? q->body : q->rest };

        (void)app;
        exchange_answer(q->exchange, &r);
}

static void say_problem(struct request *q, void *app)
{
        struct err e = { 0 };
        struct buf extra = { .max = 1000 };

        (void)app;
        err_set(&e, ERR_BAD_EVENT, "the <action> is \xff wrong");
        err_at(&e, "/epcisBody/eventList/0/action");
        e.line = 3;
        e.column = 7;
        err_while(&e, "a secret path");
        buf_z(&extra, "\"errors\":[1,2]");
        exchange_problem(q->exchange, &e, &extra);
        buf_free(&extra);
}

static void say_nameless(struct request *q, void *app)
{
        struct err none = { 0 };

        (void)app;
        exchange_problem(q->exchange, &none, NULL);
}

static void say_header(struct request *q, void *app)
{
        struct reply r = { .status = 200 };
        struct str value;

        (void)app;
        if (request_param(q, "v", &value) == 1)
                reply_header(&r, "Location", value.p);
        exchange_answer(q->exchange, &r);
}

static void say_shared(struct request *q, void *app)
{
        struct reply r = { .status = 200, .content_type = "text/html", .shared = shared_body_ref(app) };

        exchange_answer(q->exchange, &r);
}

static void say_file(struct request *q, void *app)
{
        struct reply r = { .status = 200, .content_type = "image/png" };
        char name[] = "/tmp/suyuan-front-XXXXXX";

        (void)app;
        r.fd = mkstemp(name);
        unlink(name);
        assert_int_equal(write(r.fd, "bytes", 5), 5);
        r.fd_size = 5;
        exchange_answer(q->exchange, &r);
}

static bool only_warm(struct request *q, void *app)
{
        struct reply r = { .status = 203 };

        (void)app;
        if (!q->query.n)
                return false;
        exchange_answer(q->exchange, &r);
        return true;
}

static void say_metrics(struct request *q, void *app)
{
        struct buf b = { .max = 100000 };
        struct reply r = { .status = 200 };

        (void)app;
        http_metrics(q, &b);
        r.body = arena_str(q->arena, buf_view(&b));
        buf_free(&b);
        exchange_answer(q->exchange, &r);
}

/* `n` bytes of the type that the query names, with a tag; 304 where it is known. */
static void say_list(struct request *q, void *app)
{
        struct str type, n = STR_NONE;
        struct reply r = { .status = request_knows(q, "\"tag\"") ? 304 : 200 };

        (void)app;
        assert_int_equal(request_param(q, "type", &type), 1);
        request_param(q, "n", &n);
        r.content_type = type.p;
        r.body.n = r.status == 200 ? strtoul(n.p, NULL, 10) : 0;
        r.body.p = memset(arena_raw(q->arena, r.body.n + 1), 'a', r.body.n);
        reply_header(&r, "ETag", "\"tag\"");
        reply_header(&r, "Vary", "Accept");
        if (str_is(q->rest, "coded"))
                reply_header(&r, "Content-Encoding", "br");
        exchange_answer(q->exchange, &r);
}

static const struct route r_get = { .methods = METHOD_GET, .pattern = "/thing/*", .name = "thing", .handle = say_ok };
static const struct route r_put = { .methods = METHOD_PUT, .pattern = "/thing/*", .name = "thing.put", .max_body = 10, .handle = say_ok };
static const struct route r_post = { .methods = METHOD_POST, .pattern = "/box", .name = "box", .max_body = 10, .handle = say_ok };
static const struct route r_problem = { .methods = METHOD_GET, .pattern = "/problem", .name = "problem", .handle = say_problem };
static const struct route r_nameless = { .methods = METHOD_GET, .pattern = "/nameless", .name = "nameless", .handle = say_nameless };
static const struct route r_header = { .methods = METHOD_GET, .pattern = "/header", .name = "header", .handle = say_header };
static const struct route r_shared = { .methods = METHOD_GET, .pattern = "/shared", .name = "shared", .handle = say_shared };
static const struct route r_file = { .methods = METHOD_GET, .pattern = "/file", .name = "file", .handle = say_file };
static const struct route r_warm = { .methods = METHOD_GET, .pattern = "/warm", .name = "warm", .handle = say_ok, .quick = only_warm };
static const struct route r_metrics = { .methods = METHOD_GET, .pattern = "/metrics", .name = "metrics", .handle = say_metrics };
static const struct route r_list = { .methods = METHOD_GET | METHOD_POST, .pattern = "/list/*", .name = "list", .handle = say_list };
static const struct route r_keys = { .methods = METHOD_GET, .pattern = "/keys/*", .name = "keys", .unpacked = true, .handle = say_list };
static const struct route r_inline = { .methods = METHOD_GET, .pattern = "/inline/*", .name = "inline", .inline_ok = true, .handle = say_list };
static const struct route *const routes[] = { &r_get, &r_put, &r_post, &r_problem, &r_nameless, &r_header, &r_shared, &r_file, &r_warm, &r_metrics, &r_list, &r_keys, &r_inline };

static int admit(struct request *q, const struct route *route, void *app, struct err *reterr)
{
        (void)app;
        if (str_is(q->host, "evil.example"))
                return err_set(reterr, ERR_MISDIRECTED, "not for %s", "evil.example");
        return route == &r_metrics && !q->local ? err_set(reterr, ERR_UNAUTHENTICATED, "who are you") : 0;
}

struct world { struct loopback *l; struct arena *a; struct shared_body *shared; };

static int open_world(void **state)
{
        struct world *w = calloc(1, sizeof *w);
        w->shared = shared_body_new("page", 4);
        struct http_options o = { .routes = routes, .n_routes = sizeof routes / sizeof *routes, .app = w->shared, .admit = admit, .quiet = true };
        w->l = loopback_new(&o);
        w->a = arena_new();
        *state = w;
        return 0;
}

static int close_world(void **state)
{
        struct world *w = *state;

        loopback_free(w->l);
        shared_body_unref(w->shared);
        arena_free(w->a);
        free(w);
        return 0;
}

static struct loopback_reply ask(void **state, const char *method, const char *target, const char *body, const char *name, const char *value)
{
        struct world *w = *state;
        struct loopback_reply r;
        struct loopback_header h = { name, value };
        struct loopback_request in = { .method = method, .target = str_of(target), .body = str_of(body), .headers = &h, .n_headers = name ? 1 : 0 };

        loopback_ask(w->l, w->a, &in, &r);
        return r;
}

static struct loopback_reply get(void **state, const char *target)
{
        return ask(state, "GET", target, NULL, NULL, NULL);
}

static const struct json *problem(void **state, const struct loopback_reply *r, int status, const char *type)
{
        static const struct json_limits limits = { 10, 100, 1000 };
        struct world *w = *state;
        const struct json *j;
        struct err e;

        assert_int_equal(r->status, status);
        assert_string_equal(r->content_type.p, "application/problem+json");
        assert_int_equal(json_read(w->a, r->body.p, r->body.n, &limits, &j, &e), 0);
        assert_string_equal(json_str(j, "type").p, type);
        assert_int_equal(json_int(json_get(j, "status"), 0), status);
        assert_true(json_str(j, "title").n > 0);
        assert_true(str_starts(json_str(j, "instance"), STR("urn:suyuan:request:")));
        return j;
}

static void a_path_finds_its_row_and_what_is_left_open(void **state)
{
        struct loopback_reply r = get(state, "/thing/a%2Fb/c?x=1");

        assert_int_equal(r.status, 200);
        assert_string_equal(r.body.p, "a%2Fb/c");
        r = ask(state, "PUT", "/thing/x", "bytes", NULL, NULL);
        assert_string_equal(r.body.p, "bytes");
}

static void an_unknown_path_and_method_are_told(void **state)
{
        struct loopback_reply r = get(state, "/nowhere\xff");
        problem(state, &r, 404, "/problems/not-found");
        r = ask(state, "DELETE", "/thing/x", NULL, NULL, NULL);
        problem(state, &r, 405, "/problems/bad-method");
        assert_string_equal(loopback_header(&r, "Allow"), "GET, HEAD, PUT, OPTIONS");
        r = ask(state, "BREW", "/thing/x", NULL, NULL, NULL);
        problem(state, &r, 405, "/problems/bad-method");
        r = ask(state, "OPTIONS", "/thing/x", NULL, NULL, NULL);
        assert_int_equal(r.status, 204);
        assert_string_equal(loopback_header(&r, "Allow"), "GET, HEAD, PUT, OPTIONS");
        assert_int_equal(ask(state, "HEAD", "/thing/x", NULL, NULL, NULL).status, 200);
}

static void a_problem_tells_all_but_the_cause(void **state)
{
        struct loopback_reply r = ask(state, "GET", "/problem?l=en", NULL, NULL, NULL);
        const struct json *j = problem(state, &r, 400, "/problems/bad-event");

        assert_string_equal(json_str(j, "title").p, err_title(ERR_BAD_EVENT, LANG_EN));
        assert_string_equal(json_str(j, "detail").p, "the <action> is ? wrong");
        assert_string_equal(json_str(j, "pointer").p, "/epcisBody/eventList/0/action");
        assert_string_equal(json_str(j, "epcisException").p, "epcisException:ValidationException");
        assert_int_equal(json_int(json_get(j, "line"), 0), 3);
        assert_int_equal(json_int(json_get(j, "column"), 0), 7);
        assert_int_equal(json_get(j, "errors")->n, 2);
        assert_null(strstr(r.body.p, "secret"));
        r = ask(state, "GET", "/problem", NULL, "Accept-Language", "zh-TW");
        j = problem(state, &r, 400, "/problems/bad-event");
        assert_string_equal(json_str(j, "title").p, err_title(ERR_BAD_EVENT, LANG_HANT));
        r = get(state, "/nameless");
        problem(state, &r, 500, "/problems/internal");
}

static void people_get_a_page_in_their_language_that_cannot_carry_markup(void **state)
{
        struct loopback_reply r = ask(state, "GET", "/problem?l=en", NULL, "Accept", "text/html,application/xhtml+xml,*/*;q=0.8");

        assert_int_equal(r.status, 400);
        assert_string_equal(r.content_type.p, "text/html; charset=utf-8");
        assert_non_null(strstr(r.body.p, "<html lang=\"en\">"));
        assert_non_null(strstr(r.body.p, err_title(ERR_BAD_EVENT, LANG_HANS)));
        assert_non_null(strstr(r.body.p, err_title(ERR_BAD_EVENT, LANG_HANT)));
        assert_non_null(strstr(r.body.p, "&lt;action&gt;"));
        assert_null(strstr(r.body.p, "<action>"));
        r = ask(state, "GET", "/problem", NULL, "Accept", "*/*");
        problem(state, &r, 400, "/problems/bad-event");
}

/* ---- packed answers ---- */

static bool packed(const struct loopback_reply *r)
{
        const char *coding = loopback_header(r, "Content-Encoding");
        return coding && !strcmp(coding, "gzip");
}

static bool packed_for(void **state, const char *accepts)
{
        struct loopback_reply r = ask(state, "GET", "/list/?type=application/json&n=2000", NULL, "Accept-Encoding", accepts);
        assert_string_equal(loopback_header(&r, "Vary"), "Accept, Accept-Encoding");
        assert_string_equal(loopback_header(&r, "ETag"), "W/\"tag\"");
        return packed(&r);
}

static void assert_unpacks_to(const struct loopback_reply *r, char c, size_t n)
{
        char *out = malloc(n + 1);
        z_stream z = { .next_in = (unsigned char *)(uintptr_t)r->body.p, .avail_in = (unsigned)r->body.n, .next_out = (unsigned char *)out, .avail_out = (unsigned)n + 1 };
        assert_int_equal(inflateInit2(&z, 16 + MAX_WBITS), Z_OK);
        assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
        assert_int_equal(z.total_out, n);
        for (size_t i = 0; i < n; i++)
                assert_int_equal(out[i], c);
        inflateEnd(&z);
        free(out);
}

static void a_long_answer_is_packed_for_who_takes_it(void **state)
{
        struct loopback_reply r = ask(state, "GET", "/list/?type=application/json&n=1024", NULL, "Accept-Encoding", "br, gzip");
        assert_true(packed(&r));
        assert_true(r.body.n < 100);
        assert_unpacks_to(&r, 'a', 1024);
        r = ask(state, "GET", "/list/?type=application/json&n=1023", NULL, "Accept-Encoding", "gzip");
        assert_false(packed(&r));
        assert_int_equal(r.body.n, 1023);
        assert_string_equal(loopback_header(&r, "Vary"), "Accept, Accept-Encoding");
}

static void weights_of_codings_are_honoured(void **state)
{
        assert_true(packed_for(state, "GZIP;q=0.5, br"));
        assert_true(packed_for(state, "*"));
        assert_true(packed_for(state, "gzip, identity;q=0.5"));
        assert_true(packed_for(state, "x-gzip"));
        assert_false(packed_for(state, ""));
        assert_false(packed_for(state, "br, deflate"));
        assert_false(packed_for(state, "gzip;q=0, *"));
        assert_false(packed_for(state, "*;q=0"));
        assert_false(packed_for(state, "gzip;q=0.2, identity"));
        assert_false(packed_for(state, "gzipped"));
}

static void only_text_that_is_not_packed_yet_is_packed(void **state)
{
        static const char *const yes[] = { "application/ld+json", "text/csv;charset=utf-8", "text/plain", "application/xml", "application/linkset+json" },
                          *const no[] = { "text/event-stream", "text/html", "image/jpeg", "application/octet-stream", "application/pdf", "application/jsonp" };
        struct loopback_reply r;
        for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
                r = ask(state, "GET", arena_printf(((struct world *)*state)->a, "/list/?n=2000&type=%s", yes[i]).p, NULL, "Accept-Encoding", "gzip");
                assert_true(packed(&r));
        }
        for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
                r = ask(state, "GET", arena_printf(((struct world *)*state)->a, "/list/?n=2000&type=%s", no[i]).p, NULL, "Accept-Encoding", "gzip");
                assert_false(packed(&r));
                assert_string_equal(loopback_header(&r, "Vary"), "Accept");
                assert_string_equal(loopback_header(&r, "ETag"), "\"tag\"");
        }
        r = ask(state, "GET", "/list/coded?type=text/csv&n=2000", NULL, "Accept-Encoding", "gzip");
        assert_string_equal(loopback_header(&r, "Content-Encoding"), "br");
        assert_int_equal(r.body.n, 2000);
}

static void answers_that_hold_secrets_or_change_something_are_never_packed(void **state)
{
        struct loopback_reply r = ask(state, "GET", "/keys/?type=application/json&n=2000", NULL, "Accept-Encoding", "gzip");
        assert_false(packed(&r));
        assert_int_equal(r.body.n, 2000);
        r = ask(state, "POST", "/list/?type=application/json&n=2000", NULL, "Accept-Encoding", "gzip");
        assert_false(packed(&r));
        assert_int_equal(r.body.n, 2000);
}

static void what_is_known_stays_known_packed_or_not(void **state)
{
        struct loopback_reply r = ask(state, "GET", "/list/?type=application/json&n=2000", NULL, "If-None-Match", "\"x\", W/\"tag\"");
        assert_int_equal(r.status, 304);
        assert_string_equal(loopback_header(&r, "Vary"), "Accept, Accept-Encoding");
        assert_string_equal(loopback_header(&r, "ETag"), "W/\"tag\"");
        r = ask(state, "HEAD", "/list/?type=application/json&n=2000", NULL, "Accept-Encoding", "gzip");
        assert_true(packed(&r));
}

static void packing_has_bounds(void **state)
{
        struct world *w = *state;
        struct loopback_reply r = ask(state, "GET", "/inline/?type=text/plain&n=131072", NULL, "Accept-Encoding", "gzip");
        assert_true(packed(&r));
        r = ask(state, "GET", "/inline/?type=text/plain&n=131073", NULL, "Accept-Encoding", "gzip");
        assert_false(packed(&r));
        r = ask(state, "GET", arena_printf(w->a, "/list/?type=text/plain&n=%d", LIMIT_PACKED_BYTES).p, NULL, "Accept-Encoding", "gzip");
        assert_true(packed(&r));
        r = ask(state, "GET", arena_printf(w->a, "/list/?type=text/plain&n=%d", LIMIT_PACKED_BYTES + 1).p, NULL, "Accept-Encoding", "gzip");
        assert_false(packed(&r));
        assert_int_equal(r.body.n, LIMIT_PACKED_BYTES + 1);
}

static void limits_hold_at_the_limit_and_one_past_it(void **state)
{
        struct loopback_reply r = ask(state, "POST", "/box", "0123456789", NULL, NULL);
        assert_int_equal(r.status, 200);
        r = ask(state, "POST", "/box", "0123456789A", NULL, NULL);
        problem(state, &r, 413, "/problems/too-large");
        r = ask(state, "POST", "/box", "0", "Content-Length", "11");
        problem(state, &r, 413, "/problems/too-large");
        r = ask(state, "POST", "/box", "0", "Content-Length", "99999999999999999999999999999");
        problem(state, &r, 413, "/problems/too-large");
        r = ask(state, "GET", "/thing/", "a body that means nothing", NULL, NULL);
        assert_int_equal(r.status, 200);

        char *long_one = malloc(LIMIT_HEADER_BYTES + 1);
        memset(long_one, 'a', LIMIT_HEADER_BYTES);
        memcpy(long_one, "/thing/", 7);
        long_one[LIMIT_URL_BYTES] = '\0';
        assert_int_equal(get(state, long_one).status, 200);
        memset(long_one, 'a', LIMIT_HEADER_BYTES);
        memcpy(long_one, "/thing/", 7);
        long_one[LIMIT_URL_BYTES + 1] = '\0';
        r = get(state, long_one);
        problem(state, &r, 414, "/problems/uri-too-long");
        memset(long_one, 'a', LIMIT_HEADER_BYTES);
        long_one[LIMIT_HEADER_BYTES - (int)strlen("X" "Host" "127.0.0.1") - 8] = '\0';
        assert_int_equal(ask(state, "GET", "/thing/", NULL, "X", long_one).status, 200);
        long_one[strlen(long_one)] = 'a';
        long_one[LIMIT_HEADER_BYTES - (int)strlen("X" "Host" "127.0.0.1") - 7] = '\0';
        r = ask(state, "GET", "/thing/", NULL, "X", long_one);
        problem(state, &r, 431, "/problems/headers-too-large");
        free(long_one);
}

static void what_could_be_read_in_two_ways_is_refused(void **state)
{
        struct world *w = *state;
        struct loopback_header both[] = { { "Content-Length", "3" }, { "Transfer-Encoding", "chunked" } };
        struct loopback_header twice[] = { { "Content-Length", "3" }, { "Content-Length", "4" } };
        struct loopback_header hosts[] = { { "Host", "127.0.0.1" }, { "Host", "127.0.0.2" } };
        struct loopback_header coding[] = { { "Transfer-Encoding", "gzip, chunked" } };
        struct { struct loopback_header *h; size_t n; } bad[] = { { both, 2 }, { twice, 2 }, { hosts, 2 }, { coding, 1 } };

        for (size_t i = 0; i < 4; i++) {
                struct loopback_request in = { .method = "POST", .target = STR("/box"), .headers = bad[i].h, .n_headers = bad[i].n };
                struct loopback_reply r;
                loopback_ask(w->l, w->a, &in, &r);
                problem(state, &r, 400, "/problems/bad-input");
                assert_string_equal(loopback_header(&r, "Connection"), "close");
        }
        struct loopback_reply r = get(state, "/thing/a b");
        problem(state, &r, 400, "/problems/bad-input");
        r = get(state, "");
        problem(state, &r, 400, "/problems/bad-input");
}

static void a_strangers_value_cannot_write_a_header(void **state)
{
        struct loopback_reply r = get(state, "/header?v=/a%0d%0aSet-Cookie:%20x=1");

        assert_int_equal(r.status, 200);
        assert_null(loopback_header(&r, "Location"));
        assert_null(loopback_header(&r, "Set-Cookie"));
        r = get(state, "/header?v=/a+%E7%A8%BB");
        assert_string_equal(loopback_header(&r, "Location"), "/a+稻");
}

static void every_answer_is_guarded_and_named(void **state)
{
        const char *const targets[] = { "/thing/x", "/nowhere", "/shared" };

        for (size_t i = 0; i < 3; i++) {
                struct loopback_reply r = get(state, targets[i]);
                assert_string_equal(loopback_header(&r, "X-Content-Type-Options"), "nosniff");
                assert_non_null(loopback_header(&r, "Content-Security-Policy"));
                assert_non_null(loopback_header(&r, "Referrer-Policy"));
                assert_int_equal(loopback_header(&r, "X-Request-Id") != NULL, i < 2);   /* a cached page is alike for everyone */
        }
        struct loopback_reply r = ask(state, "GET", "/thing/x", NULL, "X-Request-Id", "proxy-17.a");
        assert_string_equal(loopback_header(&r, "X-Request-Id"), "proxy-17.a");
        r = ask(state, "GET", "/shared", NULL, "X-Request-Id", "proxy-17.a");
        assert_string_equal(loopback_header(&r, "X-Request-Id"), "proxy-17.a");
        r = ask(state, "GET", "/thing/x", NULL, "X-Request-Id", "a b");
        assert_string_not_equal(loopback_header(&r, "X-Request-Id"), "a b");
}

static void who_is_not_admitted_is_told_first(void **state)
{
        struct world *w = *state;
        struct loopback_reply r = ask(state, "GET", "/nowhere", NULL, "Host", "evil.example");

        problem(state, &r, 421, "/problems/misdirected");
        r = get(state, "/metrics");
        problem(state, &r, 401, "/problems/unauthenticated");
        assert_non_null(loopback_header(&r, "WWW-Authenticate"));
        struct loopback_request in = { .target = STR("/metrics"), .local = true };
        loopback_ask(w->l, w->a, &in, &r);
        assert_int_equal(r.status, 200);
        assert_non_null(strstr(r.body.p, "suyuan_http_requests_total{route=\"none\",status=\"421\"} 1\n"));
        assert_non_null(strstr(r.body.p, "suyuan_http_request_seconds_count{route=\"metrics\"} 1\n"));
        assert_non_null(strstr(r.body.p, "suyuan_http_requests_under_way 1\n"));
}

static void bodies_may_be_shared_or_files(void **state)
{
        struct loopback_reply r = get(state, "/shared");

        assert_string_equal(r.body.p, "page");
        r = get(state, "/file");
        assert_int_equal(r.body.n, 5);
        assert_memory_equal(r.body.p, "bytes", 5);
}

static void a_quick_try_may_leave_it_to_the_handler(void **state)
{
        assert_int_equal(get(state, "/warm?yes").status, 203);
        assert_int_equal(get(state, "/warm").status, 200);
}

static int preferred;
static void prefer(struct request *q, void *app)
{
        static const char *const types[] = { "application/json", "text/html", "image/png" };

        (void)app;
        preferred = request_prefers(q, types, 3);
        say_ok(q, NULL);
}
static bool matched;
static void match_media(struct request *q, void *app)
{
        (void)app;
        matched = request_media_is(q, "application/json");
        say_ok(q, NULL);
}

static void accept_and_content_type_are_read_as_the_standard_says(void **state)
{
        static const struct route one = { .methods = METHOD_GET, .pattern = "/", .name = "a", .handle = prefer };
        static const struct route two = { .methods = METHOD_GET, .pattern = "/m", .name = "m", .handle = match_media };
        static const struct route *const both[] = { &one, &two };
        static const struct { const char *accept; int want; } accepts[] = {
                { "", 0 }, { "*/*", 0 }, { "text/html", 1 }, { "text/html;q=0.5, application/json;q=0.4", 1 }, { "text/*;q=0.5,*/*;q=0.1", 1 },
                { "application/json;q=0, */*", 1 }, { "audio/ogg", -1 }, { "text/html;q=0", -1 }, { "image/png, text/html", 1 }, { ",,;;q=,", -1 },
        };
        static const struct { const char *type; bool want; } medias[] = {
                { "application/json", true }, { "Application/JSON ; charset=UTF-8", true }, { "application/json;charset=\"utf-8\"", true },
                { "application/json; charset=gbk", false }, { "application/jsonx", false }, { "", false }, { "application/json;;", true },
        };
        struct http_options o = { .routes = both, .n_routes = 2, .quiet = true };
        struct world *w = *state;
        struct loopback *l = loopback_new(&o);
        struct loopback_reply r;

        for (size_t i = 0; i < sizeof accepts / sizeof *accepts; i++) {
                struct loopback_header h = { "accept", accepts[i].accept };
                loopback_ask(l, w->a, &(struct loopback_request){ .target = STR("/"), .headers = &h, .n_headers = 1 }, &r);
                assert_int_equal(preferred, accepts[i].want);
        }
        for (size_t i = 0; i < sizeof medias / sizeof *medias; i++) {
                struct loopback_header h = { "content-type", medias[i].type };
                loopback_ask(l, w->a, &(struct loopback_request){ .target = STR("/m"), .headers = &h, .n_headers = 1 }, &r);
                assert_int_equal(matched, medias[i].want);
        }
        loopback_free(l);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
int main(void)
{
        const struct CMUnitTest tests[] = {
                T(a_path_finds_its_row_and_what_is_left_open),
                T(an_unknown_path_and_method_are_told),
                T(a_problem_tells_all_but_the_cause),
                T(people_get_a_page_in_their_language_that_cannot_carry_markup),
                T(a_long_answer_is_packed_for_who_takes_it),
                T(weights_of_codings_are_honoured),
                T(only_text_that_is_not_packed_yet_is_packed),
                T(answers_that_hold_secrets_or_change_something_are_never_packed),
                T(what_is_known_stays_known_packed_or_not),
                T(packing_has_bounds),
                T(limits_hold_at_the_limit_and_one_past_it),
                T(what_could_be_read_in_two_ways_is_refused),
                T(a_strangers_value_cannot_write_a_header),
                T(every_answer_is_guarded_and_named),
                T(who_is_not_admitted_is_told_first),
                T(bodies_may_be_shared_or_files),
                T(a_quick_try_may_leave_it_to_the_handler),
                T(accept_and_content_type_are_read_as_the_standard_says),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
