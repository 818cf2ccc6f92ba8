#include "app/handover.h"

#include <curl/curl.h>
#include <stdio.h>

#include "base/buf.h"

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
        buf_add(ctx, p, size * n);
        return size * n;
}

static void prepare(CURL *c, const char *socket, struct str body, struct curl_slist *headers, struct buf *answer)
{
        curl_easy_setopt(c, CURLOPT_UNIX_SOCKET_PATH, socket);
        curl_easy_setopt(c, CURLOPT_URL, "http://localhost/epcis/capture");
        curl_easy_setopt(c, CURLOPT_POST, 1L);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.p);
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
        curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(c, CURLOPT_WRITEDATA, answer);
        curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(c, CURLOPT_TIMEOUT, 600L);
}

int handover_capture(struct arena *a, const char *data, const char *org, struct str body, bool proceed,
                     int *ret_status, struct str *ret_answer, struct err *reterr)
{
        char socket[4096];
        struct buf answer;
        snprintf(socket, sizeof socket, "%s/suyuan.sock", data);
        CURL *c = curl_easy_init();
        if (!c)
                return err_set(reterr, ERR_INTERNAL, "no HTTP client");
        struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
        headers = curl_slist_append(headers, "Expect:");
        headers = curl_slist_append(headers, proceed ? "GS1-Capture-Error-Behaviour: proceed" : "GS1-Capture-Error-Behaviour: rollback");
        if (*org)
                headers = curl_slist_append(headers, arena_printf(a, "Suyuan-Org: %s", org).p);
        buf_init(&answer, 256u << 20);
        prepare(c, socket, body, headers, &answer);
        CURLcode rc = curl_easy_perform(c);
        long status = 0;
        curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
        *ret_status = (int)status;
        *ret_answer = arena_str(a, buf_view(&answer));
        buf_free(&answer);
        curl_slist_free_all(headers);
        curl_easy_cleanup(c);
        return rc == CURLE_OK ? 0 : err_set(reterr, ERR_STORE, "another process holds the data directory and does not answer on %.200s: %s", socket, curl_easy_strerror(rc));
}

int handover_ask(struct arena *a, const char *data, const char *method, const char *path, const char *type, struct str body,
                 int *ret_status, struct str *ret_answer, struct err *reterr)
{
        char socket[4096];
        struct buf answer;
        snprintf(socket, sizeof socket, "%s/suyuan.sock", data);
        CURL *c = curl_easy_init();
        if (!c)
                return err_set(reterr, ERR_INTERNAL, "no HTTP client");
        struct curl_slist *headers = curl_slist_append(NULL, arena_printf(a, "Content-Type: %s", type).p);
        headers = curl_slist_append(headers, "Accept: application/json");
        buf_init(&answer, 256u << 20);
        prepare(c, socket, body, headers, &answer);
        curl_easy_setopt(c, CURLOPT_URL, arena_printf(a, "http://localhost%s", path).p);
        curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
        if (!body.n) {
                curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
                curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
        }
        CURLcode rc = curl_easy_perform(c);
        long status = 0;
        curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
        *ret_status = (int)status;
        *ret_answer = arena_str(a, buf_view(&answer));
        buf_free(&answer);
        curl_slist_free_all(headers);
        curl_easy_cleanup(c);
        return rc == CURLE_OK ? 0 : err_set(reterr, ERR_STORE, "another process holds the data directory and does not answer on %.200s: %s", socket, curl_easy_strerror(rc));
}
