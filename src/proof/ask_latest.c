#include <curl/curl.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/oom.h"
#include "proof/ask_impl.h"
#include "proof/web.h"

/* All witnesses at once, once, before anything is signed. */

struct question { CURL *easy; struct buf answer; struct witness_has *has; };

static struct witness_has judge(struct arena *a, int status, struct str body, struct str origin, const struct vkey *keys, size_t n_keys)
{
        struct signed_checkpoint s;
        if (status == 404)
                return (struct witness_has){ 0 };
        if (status != 200 || !witness_shows(a, body, origin, keys, n_keys, &s))
                return (struct witness_has){ .size = -1 };      /* whatever that is, it is nothing of ours */
        return (struct witness_has){ .size = s.c.size, .root = s.c.root };
}

static void put(CURLM *multi, struct arena *a, struct question *q, const struct policy_witness *w, struct str origin, int timeout_ms)
{
        q->has->size = -1;
        q->answer.max = LIMIT_WITNESS_ANSWER_BYTES;
        if (!w->url.n)
                return;
        q->easy = or_abort(curl_easy_init());
        web_setup(q->easy, witness_url(a, w->url, origin), timeout_ms, &q->answer);
        curl_easy_setopt(q->easy, CURLOPT_PRIVATE, q);
        if (curl_multi_add_handle(multi, q->easy) != CURLM_OK)
                abort();
}

static void wait_for_all(CURLM *multi, int64_t end_us)
{
        int running = 1;
        while (running && clock_mono_us() < end_us) {
                curl_multi_perform(multi, &running);
                if (running)
                        curl_multi_poll(multi, NULL, 0, (int)((end_us - clock_mono_us()) / 1000 + 1), NULL);
        }
}

static void take_answers(CURLM *multi, struct arena *a, struct str origin, const struct vkey *keys, size_t n_keys)
{
        int left;
        CURLMsg *m;
        while ((m = curl_multi_info_read(multi, &left))) {
                struct question *q = NULL;
                long status = 0;
                if (m->msg != CURLMSG_DONE || m->data.result != CURLE_OK)
                        continue;
                curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&q);
                curl_easy_getinfo(m->easy_handle, CURLINFO_RESPONSE_CODE, &status);
                *q->has = judge(a, (int)status, buf_view(&q->answer), origin, keys, n_keys);
        }
}

void ask_latest(const struct policy_witness *list, size_t n, struct str origin, const struct vkey *keys, size_t n_keys, int timeout_ms, struct witness_has *ret)
{
        struct arena *a = arena_new();
        struct question *q = arena_array(a, struct question, n + 1);
        CURLM *multi = or_abort(curl_multi_init());
        for (size_t i = 0; i < n; i++) {
                q[i].has = &ret[i];
                put(multi, a, &q[i], &list[i], origin, timeout_ms);
        }
        wait_for_all(multi, clock_mono_us() + (int64_t)timeout_ms * 1000);
        take_answers(multi, a, origin, keys, n_keys);
        for (size_t i = 0; i < n; i++) {
                if (q[i].easy) {
                        curl_multi_remove_handle(multi, q[i].easy);
                        curl_easy_cleanup(q[i].easy);
                }
                buf_free(&q[i].answer);
        }
        curl_multi_cleanup(multi);
        arena_free(a);
}
