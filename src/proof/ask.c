#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/oom.h"
#include "merkle/witness.h"
#include "proof/ask_impl.h"
#include "proof/web.h"

/* One thread, one multi handle, one connection a witness that is kept.  A witness is asked one thing at a time and always about the newest checkpoint; who fails is left alone
 * for a while, doubled each time. */

enum { DEFAULT_MS = 2000, BACK_OFF_MS = 500, BACK_OFF_MAX_MS = 60000, NOTHING_TO_DO_MS = 60000 };

enum doing { IDLE, POSTING, LOOKING };

struct peer {
        const struct policy_witness *w;
        CURL *easy;
        struct curl_slist *headers;
        struct arena *arena;            /* of what is under way */
        struct buf body, answer;
        enum doing doing;
        struct str note;                /* what it is asked about */
        int64_t size, claimed;
        uint64_t round, settled;        /* which checkpoint, counted: being asked, done with */
        int64_t known;                  /* what it has, as far as we know */
        bool again;                     /* this is the second try */
        int failures;
        int64_t wait_us;                /* monotonic; not before */
};

struct ask {
        struct ask_options o;
        struct peer *peers;
        CURLM *multi;
        pthread_t thread;
        pthread_mutex_t mutex;          /* of what follows */
        char *note;
        int64_t size;
        uint64_t round;
        int64_t end_us;                 /* 0: goes on */
};

/* ---- what is to be said ---- */

static void failed(struct peer *p, const char *why, int status)
{
        int64_t ms = BACK_OFF_MS << (p->failures < 8 ? p->failures : 8);
        p->failures++;
        p->wait_us = clock_mono_us() + (ms > BACK_OFF_MAX_MS ? BACK_OFF_MAX_MS : ms) * 1000;
        if (p->failures == 1 || p->failures % 32 == 0)
                log_line(LOG_WARN, "witness.no", "name=%s size=%lld status=%d failures=%d why=%s", log_quote(p->w->name.p, p->w->name.n), (long long)p->size, status, p->failures,
                         log_quote(why, strlen(why)));
}

static void common(struct ask *k, struct peer *p, const char *url)
{
        buf_clear(&p->answer);
        p->answer.max = LIMIT_WITNESS_ANSWER_BYTES;
        curl_easy_reset(p->easy);
        web_setup(p->easy, url, k->o.timeout_ms, &p->answer);
        curl_easy_setopt(p->easy, CURLOPT_PRIVATE, p);
        if (curl_multi_add_handle(k->multi, p->easy) != CURLM_OK)
                abort();
}

/* False: no proof can be made; nothing is under way. */
static bool post(struct ask *k, struct peer *p)
{
        struct err e = { 0 };
        struct witness_request q = { .old = p->known, .note = p->note };
        if (q.old > 0 && q.old < p->size) {
                int n = k->o.consistency(k->o.ctx, q.old, p->size, q.proof, &e);
                if (n < 0) {
                        failed(p, e.detail, 0);
                        return false;
                }
                q.n = (size_t)n;
        }
        buf_clear(&p->body);
        p->body.max = WITNESS_BYTES_MAX;
        witness_write(&p->body, &q);
        common(k, p, web_join(p->arena, p->w->url, "add-checkpoint"));
        curl_easy_setopt(p->easy, CURLOPT_POST, 1L);
        curl_easy_setopt(p->easy, CURLOPT_POSTFIELDS, p->body.p);
        curl_easy_setopt(p->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)p->body.n);
        curl_easy_setopt(p->easy, CURLOPT_HTTPHEADER, p->headers);
        p->doing = POSTING;
        return true;
}

/* What it has of us: its word that we are behind is not believed. */
static void look(struct ask *k, struct peer *p)
{
        struct note n;
        struct checkpoint c;
        if (note_read(p->arena, p->note, &n, NULL) < 0 || checkpoint_read(n.text, &c, NULL) < 0) {
                failed(p, "our own checkpoint cannot be read", 0);
                return;
        }
        common(k, p, witness_url(p->arena, p->w->url, c.origin));
        p->doing = LOOKING;
}

static void begin(struct ask *k, struct peer *p)
{
        arena_reset(p->arena);
        pthread_mutex_lock(&k->mutex);
        p->note = arena_str(p->arena, str_of(k->note));
        p->size = k->size;
        p->round = k->round;
        pthread_mutex_unlock(&k->mutex);
        p->again = false;
        p->claimed = 0;
        if (p->known > p->size)
                p->known = 0;           /* let it say by itself what it has */
        post(k, p);
}

/* ---- what came ---- */

static void settled(struct peer *p)
{
        p->settled = p->round;
        p->failures = 0;
        p->wait_us = 0;
}

static void hear_size(struct ask *k, struct peer *p, int64_t size)
{
        if (size > p->size) {
                p->claimed = size;
                look(k, p);
        } else if (p->again || size == p->known)        /* it does not take what follows from the size that it names */
                look(k, p);
        else {
                p->known = size;
                p->again = true;
                post(k, p);
        }
}

static void hear(struct ask *k, struct peer *p, int status)
{
        struct witness_said s = witness_hear(p->arena, status, buf_view(&p->answer), p->note, &p->w->vkey);
        switch (s.says) {
        case SAYS_COSIGNED:
                p->known = p->size;
                settled(p);
                k->o.came(k->o.ctx, p->size, p->w, s.line, s.time_s);
                break;
        case SAYS_SIZE:
                hear_size(k, p, s.size);
                break;
        case SAYS_OTHER_TREE:
                look(k, p);
                break;
        case SAYS_LATER:
                failed(p, "it asks for patience", status);
                break;
        case SAYS_NOTHING:
                failed(p, status == 200 ? "no line of its answer holds" : "it refuses", status);
                break;
        }
}

/* Does our checkpoint follow from theirs?  Nothing is said about an empty one. */
static bool follows(struct ask *k, struct peer *p, const struct checkpoint *theirs)
{
        struct hash proof[PROOF_MAX];
        struct note n;
        struct checkpoint ours;
        if (!theirs->size || note_read(p->arena, p->note, &n, NULL) < 0 || checkpoint_read(n.text, &ours, NULL) < 0)
                return true;
        int count = theirs->size == ours.size ? 0 : k->o.consistency(k->o.ctx, theirs->size, ours.size, proof, NULL);
        return count < 0 || tree_verify_consistency(theirs->size, ours.size, &theirs->root, &ours.root, proof, (size_t)count);
}

static bool shows(struct ask *k, struct peer *p, struct signed_checkpoint *ret)
{
        struct vkey keys[ASK_KEYS_MAX];
        size_t n = k->o.keys(k->o.ctx, keys);
        struct note own;
        struct checkpoint c;
        return note_read(p->arena, p->note, &own, NULL) == 0 && checkpoint_read(own.text, &c, NULL) == 0 &&
               witness_shows(p->arena, buf_view(&p->answer), c.origin, keys, n, ret);
}

static void seen(struct ask *k, struct peer *p, int status)
{
        struct signed_checkpoint s;
        bool shown = status == 200 && shows(k, p, &s), ahead = shown && (s.c.size > p->size || !follows(k, p, &s.c));
        failed(p, ahead ? "it has another tree of ours, or a larger one" : "it says that our tree is another, and shows nothing of the kind", status);
        if (ahead)
                k->o.ahead(k->o.ctx, p->w, s.c.size, &s.c.root);
        else if (!shown && p->claimed && k->o.claims)
                k->o.claims(k->o.ctx, p->w, p->claimed);
}

static void finished(struct ask *k, CURLMsg *m)
{
        struct peer *p;
        long status = 0;
        CURLcode rc = m->data.result;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&p);
        curl_easy_getinfo(m->easy_handle, CURLINFO_RESPONSE_CODE, &status);
        curl_multi_remove_handle(k->multi, p->easy);
        enum doing was = p->doing;
        p->doing = IDLE;
        if (was == LOOKING)
                seen(k, p, rc == CURLE_OK ? (int)status : 0);
        else if (rc != CURLE_OK)
                failed(p, curl_easy_strerror(rc), 0);
        else
                hear(k, p, (int)status);
}

/* ---- the thread ---- */

struct now { uint64_t round; int64_t end_us, us; };

static struct now look_at(struct ask *k)
{
        pthread_mutex_lock(&k->mutex);
        struct now n = { .round = k->round, .end_us = k->end_us, .us = clock_mono_us() };
        pthread_mutex_unlock(&k->mutex);
        return n;
}

/* Begins what can be begun.  How long nothing need be done, in ms; -1: nothing is under way, and nobody is to be asked now. */
static int begin_all(struct ask *k, const struct now *n)
{
        int64_t least = NOTHING_TO_DO_MS;
        bool busy = false;
        for (size_t i = 0; i < k->o.n; i++) {
                struct peer *p = &k->peers[i];
                if (p->doing == IDLE && p->settled != n->round && p->wait_us <= n->us)
                        begin(k, p);
                busy |= p->doing != IDLE;
                if (p->doing == IDLE && p->settled != n->round && (p->wait_us - n->us) / 1000 + 1 < least)
                        least = (p->wait_us - n->us) / 1000 + 1;
        }
        if (!n->end_us)
                return (int)(least < 1 ? 1 : least);
        int64_t left = (n->end_us - n->us) / 1000;
        return !busy || left <= 0 ? -1 : (int)(left < least ? left : least);
}

static void *thread(void *ctx)
{
        struct ask *k = ctx;
        CURLMsg *m;
        for (;;) {
                struct now n = look_at(k);
                int wait = begin_all(k, &n), running, left;
                if (wait < 0)
                        return NULL;
                curl_multi_poll(k->multi, NULL, 0, wait, NULL);
                curl_multi_perform(k->multi, &running);
                while ((m = curl_multi_info_read(k->multi, &left)))
                        if (m->msg == CURLMSG_DONE)
                                finished(k, m);
        }
}

static void peer_init(struct peer *p, const struct policy_witness *w)
{
        *p = (struct peer){ .w = w, .easy = or_abort(curl_easy_init()), .arena = arena_new() };
        p->headers = or_abort(curl_slist_append(NULL, "Content-Type: text/plain; charset=utf-8"));
        p->headers = or_abort(curl_slist_append(p->headers, "Expect:"));
}

static void peer_fini(struct ask *k, struct peer *p)
{
        if (p->doing != IDLE)
                curl_multi_remove_handle(k->multi, p->easy);
        curl_easy_cleanup(p->easy);
        curl_slist_free_all(p->headers);
        arena_free(p->arena);
        buf_free(&p->body);
        buf_free(&p->answer);
}

struct ask *ask_start(const struct ask_options *o)
{
        struct ask *k = or_abort(calloc(1, sizeof *k));
        k->o = *o;
        k->o.timeout_ms = o->timeout_ms ? o->timeout_ms : DEFAULT_MS;
        k->peers = or_abort(calloc(o->n + 1, sizeof *k->peers));
        k->o.n = 0;
        for (size_t i = 0; i < o->n; i++)
                if (o->witnesses[i].url.n)
                        peer_init(&k->peers[k->o.n++], &o->witnesses[i]);
        pthread_mutex_init(&k->mutex, NULL);
        curl_global_init(CURL_GLOBAL_DEFAULT);
        k->multi = or_abort(curl_multi_init());
        if (pthread_create(&k->thread, NULL, thread, k) != 0)
                abort();
        return k;
}

void ask_checkpoint(struct ask *k, int64_t size, struct str note)
{
        char *copy = or_abort(strndup(note.p, note.n));
        pthread_mutex_lock(&k->mutex);
        free(k->note);
        k->note = copy;
        k->size = size;
        k->round++;
        pthread_mutex_unlock(&k->mutex);
        curl_multi_wakeup(k->multi);
}

void ask_stop(struct ask *k)
{
        if (!k)
                return;
        pthread_mutex_lock(&k->mutex);
        k->end_us = clock_mono_us() + (int64_t)k->o.timeout_ms * 1000;
        pthread_mutex_unlock(&k->mutex);
        curl_multi_wakeup(k->multi);
        pthread_join(k->thread, NULL);
        for (size_t i = 0; i < k->o.n; i++)
                peer_fini(k, &k->peers[i]);
        curl_multi_cleanup(k->multi);
        pthread_mutex_destroy(&k->mutex);
        free(k->peers);
        free(k->note);
        free(k);
}
