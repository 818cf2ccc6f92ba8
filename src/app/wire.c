#include "app/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "base/text.h"
#include "http/http.h"
#include "ledger/service.h"
#include "pages/pages.h"

struct wire {
        struct service service;
        struct http *http;
        char socket[4096];
        const struct route **routes;
        bool loopback_only;
};

/* The host of "host:port" or "[v6]:port". */
static struct str host_of(struct str s)
{
        if (s.n && s.p[0] == '[') {
                const char *end = memchr(s.p, ']', s.n);
                return end ? (struct str){ s.p, (size_t)(end - s.p) + 1 } : s;
        }
        const char *colon = memchr(s.p ? s.p : "", ':', s.n);
        return colon ? (struct str){ s.p, (size_t)(colon - s.p) } : s;
}

static bool is_loopback(struct str host)
{
        return str_is(host, "127.0.0.1") || str_is(host, "[::1]") || str_ieq(host, STR("localhost"));
}

/* Deny by default.  --open answers everyone on this machine as administrator, so a page of a foreign site must not reach it
 * by a name of its own (DNS rebinding): only loopback names are answered. */
static int admit(struct request *q, const struct route *route, void *app, struct err *reterr)
{
        const struct service *v = app;
        if (q->local)
                return 0;
        if (v->open) {
                if (is_loopback(host_of(q->host)))
                        return 0;
                return err_set(reterr, ERR_MISDIRECTED, "this server was started with --open and answers only for localhost, 127.0.0.1 and [::1]");
        }
        if (!route || route->public_ok)
                return 0;
        return err_set(reterr, ERR_UNAUTHENTICATED, "there are no accounts yet: start the server with --open on loopback, or use the socket in the data directory");
}

static int open_store(struct wire *w, const struct settings *s, struct err *reterr)
{
        struct store_options o = { .writer_cache_kib = s->cache_mib * 1024, .reader_cache_kib = 4096, .readers = (int)s->workers + 1,
                                   .database = s->database, .migrate = s->migrate };
        if (store_open(s->data, true, &o, &w->service.store, reterr) < 0)
                return -1;
        return ledger_open(w->service.store, &w->service.ledger, reterr);
}

/* Half of the processors: the other half reads, checks and writes.  One thread answers some 70,000 pages a second, and a second
 * that has no processor of its own only takes the first one's away. */
static int network_threads(const struct settings *s)
{
        long half = sysconf(_SC_NPROCESSORS_ONLN) / 2;
        return s->threads ? (int)s->threads : half < 1 ? 1 : half > 64 ? 64 : (int)half;
}

static int start_http(struct wire *w, const struct settings *s, struct err *reterr)
{
        size_t n = 0;
        w->routes = calloc(api_n_routes + pages_n_routes, sizeof *w->routes);
        if (!w->routes)
                abort();
        for (size_t i = 0; i < api_n_routes; i++)
                w->routes[n++] = api_routes[i];
        for (size_t i = 0; i < pages_n_routes; i++)
                w->routes[n++] = pages_routes[i];
        snprintf(w->socket, sizeof w->socket, "%s/suyuan.sock", s->data);
        struct http_options o = {
                .listen = s->listen, .unix_socket = w->socket, .threads = network_threads(s), .workers = (int)s->workers,
                .routes = w->routes, .n_routes = n, .app = &w->service, .admit = admit, .fallback = &pages_fallback,
        };
        return http_start(&o, &w->http, reterr);
}

int wire_up(const struct settings *s, struct wire **ret, struct err *reterr)
{
        if (s->open && !is_loopback(host_of(str_of(s->listen))))
                return err_set(reterr, ERR_BAD_INPUT, "--open makes everyone administrator, so it listens on loopback only (127.0.0.1, [::1]), not on %.80s", s->listen);
        if (s->workers < 1 || s->workers > 256 || s->threads < 0 || s->threads > 64)
                return err_set(reterr, ERR_BAD_INPUT, "--workers is 1 to 256, --threads 1 to 64 (0: half of the processors)");
        struct wire *w = calloc(1, sizeof *w);
        if (!w)
                abort();
        w->service.open = s->open;
        if (open_store(w, s, reterr) < 0 || pages_start(&w->service, reterr) < 0 || start_http(w, s, reterr) < 0) {
                wire_down(w);
                return -1;
        }
        *ret = w;
        return 0;
}

const char *wire_address(const struct wire *w)
{
        return http_address(w->http);
}

void wire_down(struct wire *w)
{
        if (!w)
                return;
        if (w->http)
                http_stop(w->http, 8000);
        pages_stop();
        if (w->service.ledger)
                ledger_close(w->service.ledger);
        store_close(w->service.store);
        free(w->routes);
        free(w);
}
