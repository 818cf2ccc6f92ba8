#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "push/push_impl.h"

/* One delivery: a POST over libcurl.  The address is judged where the socket is opened, after the name was resolved, so neither a changed
 * DNS answer nor an odd spelling gets past; redirects are not followed; proxies of the environment are not used. */

enum { CONNECT_MS = 10000, WHOLE_MS = 30000, ANSWER_BYTES = 64 * 1024 };

static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
        struct flight *f = ctx;
        if (purpose != CURLSOCKTYPE_IPCXN || (!f->allowed && !address_is_public(&address->addr))) {
                f->refused = true;
                return CURL_SOCKET_BAD;
        }
        return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* What a consumer says beside its status is not read; much of it ends the delivery. */
static size_t take_answer(char *p, size_t size, size_t n, void *ctx)
{
        struct flight *f = ctx;
        (void)p;
        f->came += size * n;
        return f->came > ANSWER_BYTES ? 0 : size * n;
}

static void header(struct flight *f, const char *name, const char *value)
{
        struct str line = arena_printf(f->arena, "%s: %s", name, value);
        struct curl_slist *more = curl_slist_append(f->headers, line.p);
        if (!more)
                abort();
        f->headers = more;
}

static const char *hex(struct arena *a, const struct hash *h)
{
        struct buf b = { .max = 100 };
        buf_hex(&b, h->b, sizeof h->b);
        const char *z = arena_cstr(a, buf_view(&b));
        buf_free(&b);
        return z;
}

/* GS1-Signature is over the body alone, as clients of the standard check it; Suyuan-Signature binds the time of sending too. */
static void sign(struct flight *f, struct str token)
{
        struct hash plain = hmac_sha256(token.p, token.n, f->body.p, f->body.n);
        const char *second = arena_printf(f->arena, "%lld", (long long)(clock_now_us() / 1000000)).p;
        struct buf b = { .max = f->body.n + 64 };
        buf_z(&b, second);
        buf_char(&b, '.');
        buf_str(&b, buf_view(&f->body));
        struct hash timed = hmac_sha256(token.p, token.n, b.p, b.n);
        buf_free(&b);
        header(f, "GS1-Signature", hex(f->arena, &plain));
        header(f, "Suyuan-Signature", arena_printf(f->arena, "t=%s,v1=%s", second, hex(f->arena, &timed)).p);
}

static void headers(struct flight *f, const struct sub *s)
{
        header(f, "Content-Type", "application/json");
        header(f, "GS1-EPCIS-Version", "2.0.0");
        header(f, "GS1-CBV-Version", "2.0.0");
        header(f, "GS1-EPC-Format", "Never_Translates");
        header(f, "Expect", "");
        /* The same events of the same subscription bear the same name, however often they are sent. */
        header(f, "Suyuan-Delivery", arena_printf(f->arena, "%.*s-%lld-%lld", STR_ARG(s->s.id), (long long)s->s.mark,
                                                  (long long)(f->n ? places_sum(s) : s->s.next_us)).p);
        if (s->token.n)
                sign(f, s->token);
}

static void options(struct flight *f, const char *url)
{
        CURL *c = f->easy;
        curl_easy_setopt(c, CURLOPT_URL, url);
        curl_easy_setopt(c, CURLOPT_PRIVATE, f);
        curl_easy_setopt(c, CURLOPT_POST, 1L);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, f->body.p);
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)f->body.n);
        curl_easy_setopt(c, CURLOPT_HTTPHEADER, f->headers);
        curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
        curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, f);
        curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_answer);
        curl_easy_setopt(c, CURLOPT_WRITEDATA, f);
        curl_easy_setopt(c, CURLOPT_ERRORBUFFER, f->error);
        curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(c, CURLOPT_PROXY, "");
        curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
        curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
        curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)WHOLE_MS);
        curl_easy_setopt(c, CURLOPT_USERAGENT, "suyuan");
}

int deliver_begin(struct push *p, struct sub *s, struct flight *f)
{
        struct destination d;
        struct err e = { 0 };
        /* Judged again: what the operator allows may have changed since. */
        if (destination_read(f->arena, s->s.dest, &p->guard, &d, &e) < 0) {
                snprintf(f->error, sizeof f->error, "%.200s", e.detail);
                return -1;
        }
        f->allowed = d.allowed;
        f->easy = curl_easy_init();
        if (!f->easy)
                abort();
        headers(f, s);
        options(f, d.url);
        if (curl_multi_add_handle(p->multi, f->easy) != CURLM_OK)
                abort();
        return 0;
}

void flight_free(struct push *p, struct flight *f)
{
        if (f->easy) {
                curl_multi_remove_handle(p->multi, f->easy);
                curl_easy_cleanup(f->easy);
        }
        curl_slist_free_all(f->headers);
        buf_free(&f->body);
        arena_free(f->arena);
}
