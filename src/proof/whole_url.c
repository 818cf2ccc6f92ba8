#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/oom.h"
#include "proof/remote.h"
#include "proof/web.h"
#include "proof/whole.h"

/* A log that is served: tiles are fetched some ahead of who checks them, over connections that are kept. */

enum { AHEAD = 16, TIMEOUT_MS = 30000, TRIES = 4 };

_Static_assert(LIMIT_LOG_BUNDLE_BYTES == TILE_HASHES * (2 + UINT16_MAX), "an entry has two bytes of length before it");

struct slot {
        CURL *easy;
        struct tile tile;
        struct buf body;
        char url[1200];
        bool busy, done, full;          /* full: the partial tile is gone, the whole one was asked for */
        int tries;
        long status;                    /* 0: nobody answered */
};

struct site {
        struct source source;
        struct remote *remote;
        CURLM *multi;
        struct plan plan;
        bool planned;                   /* all are asked for */
        struct slot slots[AHEAD];
        unsigned head, n;               /* in the order of the plan */
        int given;                      /* the slot whose bytes the caller has; -1 */
};

static int note(struct source *s, struct arena *a, struct str *ret_note, struct str *ret_policy, struct err *reterr)
{
        struct site *w = (struct site *)(void *)s;
        if (remote_checkpoint(w->remote, a, ret_note, reterr) < 0)
                return -1;
        if (remote_get(w->remote, a, "policy", POLICY_BYTES_MAX, ret_policy, NULL) < 0)
                *ret_policy = STR_NONE;
        return 0;
}

static void ask(struct site *w, struct slot *k)
{
        struct buf path = { .max = 200 };
        struct str base = remote_base(w->remote);
        tile_path(&path, (struct tile){ k->tile.level, k->tile.n, k->full ? TILE_HASHES : k->tile.width });
        snprintf(k->url, sizeof k->url, "%.*s/%.*s", (int)(base.n < 900 ? base.n : 900), base.p, STR_ARG(buf_view(&path)));
        buf_free(&path);
        k->body.max = k->tile.level == TILE_ENTRIES ? LIMIT_LOG_BUNDLE_BYTES : TILE_BYTES;
        buf_clear(&k->body);
        k->easy = k->easy ? k->easy : or_abort(curl_easy_init());
        curl_easy_reset(k->easy);
        web_setup(k->easy, k->url, TIMEOUT_MS, &k->body);
        curl_easy_setopt(k->easy, CURLOPT_PRIVATE, k);
        k->busy = true;
        k->done = false;
        k->tries++;
        curl_multi_add_handle(w->multi, k->easy);
}

static void fetch_ahead(struct site *w)
{
        while (!w->planned && w->n < AHEAD) {
                struct slot *k = &w->slots[(w->head + w->n) % AHEAD];
                if (!plan_next(&w->plan, &k->tile)) {
                        w->planned = true;
                        return;
                }
                k->full = false;
                k->tries = 0;
                w->n++;
                ask(w, k);
        }
}

static int begin(struct source *s, int64_t size, struct err *reterr)
{
        struct site *w = (struct site *)(void *)s;
        (void)reterr;
        w->plan = (struct plan){ .size = size };
        fetch_ahead(w);
        return 0;
}

/* An answer: good, gone, or to be asked again. */
static void settle(struct site *w, struct slot *k, CURLcode rc)
{
        bool partial = k->tile.width < TILE_HASHES && !k->full;
        k->status = 0;
        curl_easy_getinfo(k->easy, CURLINFO_RESPONSE_CODE, &k->status);
        curl_multi_remove_handle(w->multi, k->easy);
        k->busy = false;
        if (rc != CURLE_OK)
                k->status = k->body.overflow ? k->status : 0;
        bool gone = k->status == 404 || k->status == 410;
        if (gone && partial) {
                k->full = true;
                k->tries = 0;
                ask(w, k);
        } else if (!gone && k->status != 200 && k->tries < TRIES) {
                ask(w, k);
        } else {
                k->done = true;
        }
}

static void go_on(struct site *w)
{
        int running, left;
        CURLMsg *m;
        curl_multi_perform(w->multi, &running);
        while ((m = curl_multi_info_read(w->multi, &left))) {
                struct slot *k;
                CURLcode rc = m->data.result;
                if (m->msg != CURLMSG_DONE)
                        continue;
                curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&k);
                settle(w, k, rc);
        }
}

/* Of a tile that was taken whole, the part that the plan asks for. */
static size_t part(const struct slot *k)
{
        struct str rest = { k->body.p, k->body.n }, entry;
        if (!k->full)
                return k->body.n;
        if (k->tile.level != TILE_ENTRIES)
                return k->body.n < (size_t)k->tile.width * sizeof(struct hash) ? k->body.n : (size_t)k->tile.width * sizeof(struct hash);
        for (int i = 0; i < k->tile.width && bundle_next(&rest, &entry); i++)
                ;
        return k->body.n - rest.n;
}

static int tile(struct source *s, struct tile t, const uint8_t **ret, size_t *ret_n, struct err *reterr)
{
        struct site *w = (struct site *)(void *)s;
        (void)t;
        if (w->given >= 0) {
                w->head = (w->head + 1) % AHEAD;
                w->n--;
                w->given = -1;
        }
        fetch_ahead(w);
        struct slot *k = &w->slots[w->head];
        for (go_on(w); !k->done; go_on(w))
                curl_multi_poll(w->multi, NULL, 0, 1000, NULL);
        w->given = (int)w->head;
        if (k->status != 200 && k->status != 404 && k->status != 410)
                return err_set(reterr, ERR_STORE, "%.250s: %s %ld", k->url, k->status ? "answers" : "nobody answers", k->status);
        *ret = (const uint8_t *)k->body.p;
        *ret_n = k->status == 200 ? part(k) : 0;
        return k->status == 200;
}

static void end(struct source *s)
{
        struct site *w = (struct site *)(void *)s;
        for (size_t i = 0; i < AHEAD; i++) {
                if (w->slots[i].busy)
                        curl_multi_remove_handle(w->multi, w->slots[i].easy);
                curl_easy_cleanup(w->slots[i].easy);
                buf_free(&w->slots[i].body);
        }
        curl_multi_cleanup(w->multi);
        remote_free(w->remote);
        free(w);
}

int source_url(const char *url, struct source **ret, struct err *reterr)
{
        (void)reterr;
        struct site *w = or_abort(calloc(1, sizeof *w));
        w->source = (struct source){ note, begin, tile, end };
        w->remote = remote_new(str_of(url), TIMEOUT_MS);
        w->multi = or_abort(curl_multi_init());
        w->given = -1;
        curl_multi_setopt(w->multi, CURLMOPT_MAX_HOST_CONNECTIONS, 4L);
        *ret = &w->source;
        return 0;
}
