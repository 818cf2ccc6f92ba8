#include "proof/anchor.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/oom.h"
#include "merkle/leaf.h"
#include "proof/stamp.h"
#include "proof/web.h"

enum { TSA_MS = 15000, DAY_S = 86400, SOON_S = 5, LATER_S = 900 };

/* ---- one ---- */

static int ask(struct arena *a, struct str note, const char *tsa, const char *ca, struct str *ret, int64_t *ret_time_s, struct err *reterr)
{
        struct str request;
        struct web_answer w;
        if (stamp_request(a, note, &request, reterr) < 0)
                return -1;
        struct web *web = web_new(TSA_MS);
        int rc = web_post(web, a, tsa, "application/timestamp-query", request, LIMIT_STAMP_BYTES, &w, reterr);
        web_free(web);
        if (rc == 0 && w.status != 200)
                rc = err_set(reterr, ERR_STORE, "the time stamp authority answers %d", w.status);
        if (rc == 0)
                rc = stamp_verify(w.body, request, ca, ret_time_s, reterr);
        *ret = w.body;
        return rc;
}

/* The leaf comes last: what it speaks of is there. */
static int keep(struct ledger *l, struct arena *a, const char *dir, int64_t size, struct str note, struct str reply, struct err *reterr)
{
        const char *folder = arena_printf(a, "%s/log/anchors", dir).p;
        struct str subject = arena_printf(a, "%" PRId64, size);
        struct buf hex = { .max = 64 };
        if (mkdir(folder, 0750) < 0 && errno != EEXIST)
                return err_set(reterr, ERR_STORE, "%.250s: %s", folder, strerror(errno));
        if (file_replace(arena_printf(a, "%s/%s.note", folder, subject.p).p, 0640, note, reterr) < 0 ||
            file_replace(arena_printf(a, "%s/%s.tsr", folder, subject.p).p, 0640, reply, reterr) < 0)
                return -1;
        struct hash h = sha256(reply.p, reply.n);
        buf_hex(&hex, h.b, sizeof h.b);
        struct ledger_statement s = { .org = ORG_DEFAULT, .type = LEAF_ANCHOR, .subject = subject, .detail = arena_str(a, buf_view(&hex)), .once = true };
        buf_free(&hex);
        return ledger_state(l, &s, NULL, reterr);
}

static int anchor(struct arena *a, struct proof *p, struct ledger *l, const char *dir, const char *tsa, const char *ca, struct anchored *ret, struct err *reterr)
{
        struct str note, reply;
        struct note n;
        struct checkpoint c;
        struct stat st;
        if (proof_checkpoint(p, a, &note, reterr) < 0 || note_read(a, note, &n, reterr) < 0 || checkpoint_read(n.text, &c, reterr) < 0)
                return -1;
        ret->size = c.size;
        if (stat(arena_printf(a, "%s/log/anchors/%" PRId64 ".tsr", dir, c.size).p, &st) == 0)
                return err_set(reterr, ERR_CONFLICT, "the checkpoint of %" PRId64 " is anchored already", c.size);
        if (ask(a, note, tsa, ca, &reply, &ret->time_s, reterr) < 0)
                return -1;
        return keep(l, a, dir, c.size, note, reply, reterr);
}

int anchor_now(struct proof *p, struct ledger *l, const char *dir, const char *tsa, const char *ca, struct anchored *ret, struct err *reterr)
{
        struct arena *a = arena_new();
        int rc = anchor(a, p, l, dir, tsa, ca, ret, reterr);
        arena_free(a);
        return rc;
}

int64_t anchor_last_s(const char *dir)
{
        char folder[4096];
        struct stat st;
        int64_t last = 0;
        snprintf(folder, sizeof folder, "%.4000s/log/anchors", dir);
        DIR *d = opendir(folder);
        for (struct dirent *e; d && (e = readdir(d));) {
                const char *end = strrchr(e->d_name, '.');
                if (end && strcmp(end, ".tsr") == 0 && fstatat(dirfd(d), e->d_name, &st, 0) == 0 && st.st_mtime > last)
                        last = st.st_mtime;
        }
        if (d)
                closedir(d);
        return last;
}

/* ---- day by day ---- */

struct anchors {
        struct proof *proof;
        struct ledger *ledger;
        const char *dir, *tsa, *ca;
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t woken;
        bool stop;
};

/* How long until the next look. */
static int64_t try_now(struct anchors *x)
{
        struct proof_figures f;
        struct anchored done;
        struct err e = { 0 };
        int64_t since = clock_now_us() / 1000000 - anchor_last_s(x->dir);
        proof_figures(x->proof, &f);
        if (since >= 0 && since < DAY_S)
                return DAY_S - since;
        if (f.size == 0 || *f.refusal)
                return SOON_S;
        if (anchor_now(x->proof, x->ledger, x->dir, x->tsa, x->ca, &done, &e) < 0) {
                log_err(LOG_WARN, "log.anchor", &e);
                return LATER_S;
        }
        log_line(LOG_INFO, "log.anchor", "size=%" PRId64 " time=%" PRId64, done.size, done.time_s);
        return DAY_S;
}

static void *thread(void *ctx)
{
        struct anchors *x = ctx;
        pthread_mutex_lock(&x->mutex);
        while (!x->stop) {
                pthread_mutex_unlock(&x->mutex);
                int64_t wait_s = try_now(x);
                struct timespec until;
                clock_gettime(CLOCK_REALTIME, &until);
                until.tv_sec += wait_s;
                pthread_mutex_lock(&x->mutex);
                if (!x->stop)
                        pthread_cond_timedwait(&x->woken, &x->mutex, &until);
        }
        pthread_mutex_unlock(&x->mutex);
        return NULL;
}

struct anchors *anchors_start(struct proof *p, struct ledger *l, const char *dir, const char *tsa, const char *ca)
{
        struct anchors *x = or_abort(calloc(1, sizeof *x));
        *x = (struct anchors){ .proof = p, .ledger = l, .dir = dir, .tsa = tsa, .ca = ca };
        pthread_mutex_init(&x->mutex, NULL);
        pthread_cond_init(&x->woken, NULL);
        if (pthread_create(&x->thread, NULL, thread, x) != 0)
                or_abort(NULL);
        return x;
}

void anchors_stop(struct anchors *x)
{
        if (!x)
                return;
        pthread_mutex_lock(&x->mutex);
        x->stop = true;
        pthread_cond_signal(&x->woken);
        pthread_mutex_unlock(&x->mutex);
        pthread_join(x->thread, NULL);
        pthread_cond_destroy(&x->woken);
        pthread_mutex_destroy(&x->mutex);
        free(x);
}
