#include "proof/web.h"

#include <stdlib.h>

#include "base/oom.h"

struct web { CURL *easy; int timeout_ms; };

static size_t take(char *p, size_t size, size_t n, void *ctx)
{
        struct buf *b = ctx;
        buf_add(b, p, size * n);
        return b->overflow ? 0 : size * n;
}

void web_setup(CURL *c, const char *url, int timeout_ms, struct buf *answer)
{
        curl_easy_setopt(c, CURLOPT_URL, url);
        curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
        curl_easy_setopt(c, CURLOPT_WRITEDATA, answer);
        curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(c, CURLOPT_PROXY, "");
        curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
        curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
        curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
        curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
        curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)timeout_ms);
        curl_easy_setopt(c, CURLOPT_USERAGENT, "suyuan");
}

struct web *web_new(int timeout_ms)
{
        struct web *w = or_abort(calloc(1, sizeof *w));
        w->easy = or_abort(curl_easy_init());
        w->timeout_ms = timeout_ms;
        return w;
}

void web_free(struct web *w)
{
        if (!w)
                return;
        curl_easy_cleanup(w->easy);
        free(w);
}

static int perform(struct web *w, struct arena *a, const char *url, struct buf *answer, struct web_answer *ret, struct err *reterr)
{
        char *type = NULL;
        long status = 0;
        CURLcode rc = curl_easy_perform(w->easy);
        if (answer->overflow)
                return err_set(reterr, ERR_TOO_LARGE, "%.250s answers more than %zu bytes", url, answer->max);
        if (rc != CURLE_OK)
                return err_set(reterr, ERR_STORE, "%.250s does not answer: %s", url, curl_easy_strerror(rc));
        curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(w->easy, CURLINFO_CONTENT_TYPE, &type);
        *ret = (struct web_answer){ .status = (int)status, .body = arena_str(a, buf_view(answer)), .type = type ? arena_str(a, str_of(type)) : STR_NONE };
        return 0;
}

int web_get(struct web *w, struct arena *a, const char *url, size_t max, struct web_answer *ret, struct err *reterr)
{
        struct buf answer = { .max = max };
        curl_easy_reset(w->easy);       /* keeps the connection */
        web_setup(w->easy, url, w->timeout_ms, &answer);
        int rc = perform(w, a, url, &answer, ret, reterr);
        buf_free(&answer);
        return rc;
}

int web_post(struct web *w, struct arena *a, const char *url, const char *type, struct str body, size_t max, struct web_answer *ret, struct err *reterr)
{
        struct buf answer = { .max = max };
        struct curl_slist *headers = or_abort(curl_slist_append(NULL, "Expect:"));
        headers = or_abort(curl_slist_append(headers, arena_printf(a, "Content-Type: %s", type).p));
        curl_easy_reset(w->easy);
        web_setup(w->easy, url, w->timeout_ms, &answer);
        curl_easy_setopt(w->easy, CURLOPT_POST, 1L);
        curl_easy_setopt(w->easy, CURLOPT_POSTFIELDS, body.p ? body.p : "");
        curl_easy_setopt(w->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
        curl_easy_setopt(w->easy, CURLOPT_HTTPHEADER, headers);
        int rc = perform(w, a, url, &answer, ret, reterr);
        curl_slist_free_all(headers);
        buf_free(&answer);
        return rc;
}

const char *web_join(struct arena *a, struct str base, const char *path)
{
        while (base.n && base.p[base.n - 1] == '/')
                base.n--;
        return arena_printf(a, "%.*s/%s", STR_ARG(base), path).p;
}
