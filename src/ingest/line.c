#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/oom.h"
#include "ingest/collector_impl.h"

struct line {
        CURL *curl;
        const char *socket, *url;
        char *key_header;
        const _Atomic int64_t *until_us;
        char error[CURL_ERROR_SIZE];
};

struct line *line_new(const struct collect_options *o)
{
        struct line *l = or_abort(calloc(1, sizeof *l));
        l->curl = or_abort(curl_easy_init());
        l->socket = o->socket;
        l->url = o->url ? o->url : "http://localhost";
        if (o->key && *o->key) {
                size_t n = strlen(o->key) + 32;
                l->key_header = or_abort(malloc(n));
                snprintf(l->key_header, n, "Authorization: Bearer %s", o->key);
        }
        return l;
}

void line_free(struct line *l)
{
        if (!l)
                return;
        curl_easy_cleanup(l->curl);
        free(l->key_header);
        free(l);
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
        buf_add(ctx, p, size * n);
        return size * n;
}

static int on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
        struct line *l = ctx;
        (void)a;
        (void)b;
        (void)c;
        (void)d;
        return clock_mono_us() > *l->until_us;
}

static void prepare(struct line *l, const char *method, const char *path, struct str body, struct buf *answer)
{
        char url[4096];
        snprintf(url, sizeof url, "%s%s", l->url, path);
        curl_easy_reset(l->curl);               /* the connection stays */
        if (l->socket)
                curl_easy_setopt(l->curl, CURLOPT_UNIX_SOCKET_PATH, l->socket);
        curl_easy_setopt(l->curl, CURLOPT_URL, url);
        if (strcmp(method, "POST") == 0) {
                curl_easy_setopt(l->curl, CURLOPT_POST, 1L);
                curl_easy_setopt(l->curl, CURLOPT_POSTFIELDS, body.n ? body.p : "");
                curl_easy_setopt(l->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
        }
        curl_easy_setopt(l->curl, CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(l->curl, CURLOPT_WRITEDATA, answer);
        curl_easy_setopt(l->curl, CURLOPT_ERRORBUFFER, l->error);
        curl_easy_setopt(l->curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(l->curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(l->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
        curl_easy_setopt(l->curl, CURLOPT_XFERINFODATA, l);
        curl_easy_setopt(l->curl, CURLOPT_PROTOCOLS_STR, "http,https");
}

int line_ask(struct line *l, const char *method, const char *path, const char *type, struct str body, const _Atomic int64_t *until_us, struct buf *answer)
{
        char type_header[128];
        long status = 0;
        snprintf(type_header, sizeof type_header, "Content-Type: %s", type);
        struct curl_slist *headers = curl_slist_append(NULL, type_header);
        headers = curl_slist_append(headers, "Expect:");
        if (l->key_header)
                headers = curl_slist_append(headers, l->key_header);
        l->until_us = until_us;
        l->error[0] = 0;
        buf_clear(answer);
        prepare(l, method, path, body, answer);
        curl_easy_setopt(l->curl, CURLOPT_HTTPHEADER, headers);
        CURLcode rc = curl_easy_perform(l->curl);
        if (rc == CURLE_OK)
                curl_easy_getinfo(l->curl, CURLINFO_RESPONSE_CODE, &status);
        else if (!l->error[0])
                snprintf(l->error, sizeof l->error, "%s", curl_easy_strerror(rc));
        curl_slist_free_all(headers);
        return (int)status;
}

const char *line_error(const struct line *l)
{
        return l->error;
}
