/* Any request, from its first line to its body, through checks, routes, handlers, store and ledger: an answer comes, it is
 * never our own failure, and nothing of it can break a header or a JSON reader.
 *
 * Input: "METHOD TARGET", lines "Name: value", an empty line, the body. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "api/test_support.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADERS = 8, WORLD_INPUTS = 20000 };

/* One world for many inputs: opening a store takes longer than asking it.  Renewed before it grows large. */
static struct world *world;
static unsigned inputs;

static void end_world(void)
{
        if (world)
                world_close(world);
        world = NULL;
}

static void begin_world(void)
{
        if (inputs == 0) {
                atexit(end_world);
                log_set_level(LOG_ERROR);
        }
        if (inputs++ % WORLD_INPUTS == 0) {
                end_world();
                world = world_open();
        }
}

/* A C string of what stands before the end of line; a NUL in it ends it, as it would for MHD. */
static const char *line(struct arena *a, struct str *rest)
{
        struct str s;

        return str_split(rest, '\n', &s) ? arena_cstr(a, s) : "";
}

static void read_head(struct arena *a, struct str *rest, struct loopback_request *in, struct loopback_header *headers)
{
        struct str first = str_of(line(a, rest)), method;

        str_split(&first, ' ', &method);
        in->method = method.n ? arena_cstr(a, method) : "GET";
        in->target = first;
        in->headers = headers;
        for (const char *text; in->n_headers < HEADERS && *(text = line(a, rest));) {
                struct str value = str_of(text), name;
                str_split(&value, ':', &name);
                headers[in->n_headers++] = (struct loopback_header){ arena_cstr(a, name), arena_cstr(a, str_trim(value)) };
        }
}

static void check_reply(struct arena *a, const struct loopback_reply *r)
{
        static const struct json_limits limits = { LIMIT_JSON_DEPTH + 8, LIMIT_JSON_NUMBER_BYTES, LIMIT_JSON_NODES };
        const struct json *j;

        assert(r->status >= 200 && r->status < 600 && r->status != 500);
        for (size_t i = 0; i < r->n_headers; i++)
                assert(!strpbrk(r->headers[i].value, "\r\n"));
        assert(utf8_valid(r->body));
        if (r->status >= 400)
                assert(str_is(r->content_type, "application/problem+json") || str_is(r->content_type, "text/html; charset=utf-8"));
        if (r->content_type.n > 4 && memmem(r->content_type.p, r->content_type.n, "json", 4))
                assert(json_read(a, r->body.p, r->body.n, &limits, &j, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        struct str rest = { (const char *)data, size };
        struct loopback_header headers[HEADERS];
        struct loopback_request in = { 0 };
        struct loopback_reply r;

        begin_world();
        read_head(a, &rest, &in, headers);
        in.body = rest;
        loopback_ask(world->l, a, &in, &r);
        check_reply(a, &r);
        arena_free(a);
        return 0;
}
