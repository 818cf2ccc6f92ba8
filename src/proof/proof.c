#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/oom.h"
#include "proof/proof_impl.h"

/* Going on: leaves into files, what others signed, what is ours to sign; and the thread that does it. */

enum { ROWS = 4096, POLL_MS = 50, LOOK_US = 500000, EVERY_US = 200000, AGAIN_US = 1000000, TELL_LEAVES = 100000 };

/* ---- taking in ---- */

static int add_rows(struct proof *p, const struct log_row *rows, uint8_t *leaves, size_t n, struct err *reterr)
{
        int64_t at = treefiles_size(p->files);
        for (size_t i = 0; i < n; i++) {
                if (rows[i].idx != at + (int64_t)i)
                        return refuse(p, reterr, "leaf %lld is not in the database: `suyuan check` says more", (long long)at + (long long)i);
                leaf_write(leaves + i * LEAF_BYTES, &(struct leaf){ .type = rows[i].type, .ms = rows[i].ms, .commitment = rows[i].commitment });
        }
        if (treefiles_add(p->files, leaves, n, reterr) < 0)
                return -1;
        memcpy(p->edge, leaves + (n - 1) * LEAF_BYTES, LEAF_BYTES);
        p->edge_at = at + (int64_t)n - 1;
        return 0;
}

/* What was taken in was committed.  A database that has another leaf there, or none, is another copy: it was put back while we ran, as by a server that
 * stands in for one that died and had not got its last commits. */
static int still_holds(struct proof *p, struct reader *r, struct err *reterr)
{
        struct log_row row;
        uint8_t leaf[LEAF_BYTES];
        if (p->edge_at < 0 || p->edge_at != treefiles_size(p->files) - 1)
                return 0;
        int rc = reader_log_row(r, p->edge_at, &row, reterr);
        if (rc < 0)
                return -1;
        if (rc == 1)
                leaf_write(leaf, &(struct leaf){ .type = row.type, .ms = row.ms, .commitment = row.commitment });
        if (rc == 1 && memcmp(leaf, p->edge, sizeof leaf) == 0)
                return 0;
        return refuse(p, reterr, "leaf %lld is not in the database any more as it was: the database is an older copy, or rows were altered.  " WHAT_TO_DO, (long long)p->edge_at);
}

/* Only many leaves at once take long: a log that begins over an old record, files that are made again. */
static void tell_taken(int64_t before, int64_t size, int64_t upto)
{
        if (size / TELL_LEAVES != before / TELL_LEAVES)
                log_line(LOG_INFO, "log.taken", "leaves=%lld of=%lld", (long long)size, (long long)upto);
}

int take_in(struct proof *p, struct reader *r, int64_t upto, struct err *reterr)
{
        int64_t left = upto - treefiles_size(p->files);
        if (left <= 0)
                return 0;
        size_t most = left < ROWS ? (size_t)left : ROWS;
        struct log_row *rows = or_abort(malloc(most * sizeof *rows));
        uint8_t *leaves = or_abort(malloc(most * LEAF_BYTES));
        int rc = 0;
        bool many = left >= TELL_LEAVES;
        while (rc == 0 && (left = upto - treefiles_size(p->files)) > 0) {
                ssize_t n = reader_log_rows(r, treefiles_size(p->files), rows, (size_t)left < most ? (size_t)left : most, reterr);
                if (n == 0)
                        rc = refuse(p, reterr, "leaf %lld is not in the database: `suyuan check` says more", (long long)treefiles_size(p->files));
                else
                        rc = n < 0 ? -1 : add_rows(p, rows, leaves, (size_t)n, reterr);
                if (rc == 0 && many)
                        tell_taken(upto - left, treefiles_size(p->files), upto);
        }
        free(leaves);
        free(rows);
        return rc == 0 ? treefiles_sync(p->files, false, reterr) : rc;
}

static bool root_is(struct proof *p, const struct log_state *s, struct err *reterr)
{
        struct hash root;
        return treefiles_root(p->files, s->size, &root, reterr) == 0 && memcmp(root.b, s->root.b, sizeof root.b) == 0;
}

int recover(struct proof *p, struct reader *r, const struct log_state *s, int64_t rows, struct err *reterr)
{
        if (rows < s->size)
                return refuse(p, reterr, "%lld leaves were signed and %lld are in the database: records were taken away.  Restore the database", (long long)s->size, (long long)rows);
        if (treefiles_recover(p->files, s->size, reterr) < 0 || take_in(p, r, s->size, reterr) < 0)
                return -1;
        if (root_is(p, s, reterr))
                return 0;
        log_line(LOG_WARN, "log.rebuild", "size=%lld why=\"the files are not the signed tree\"", (long long)s->size);
        if (treefiles_recover(p->files, 0, reterr) < 0 || take_in(p, r, s->size, reterr) < 0)
                return -1;
        if (root_is(p, s, reterr))
                return 0;
        return refuse(p, reterr, "the records are not those that were signed (%lld leaves have another root): rows of the log were altered.  `suyuan check` names them", (long long)s->size);
}

int follow(struct proof *p, struct reader *r, const struct log_state *s, struct err *reterr)
{
        struct buf lines = { .max = CHECKPOINT_BYTES_MAX };
        struct str note;
        int64_t us = 0, size = published_size(p);
        if (s->n != p->n)
                return refuse(p, reterr, "a new log was begun (%.*s): start this server again", STR_ARG(s->origin));
        if (s->size < size)
                return refuse(p, reterr, "the database says that %lld leaves are signed, it said %lld before: it was put back to an older copy", (long long)s->size, (long long)size);
        if (!s->note.n || (s->size == size && str_eq(s->note, buf_view(&p->note))))
                return 0;
        if (take_in(p, r, s->size, reterr) < 0)
                return -1;
        if (!root_is(p, s, reterr))
                return refuse(p, reterr, "the signed tree of %lld leaves is not the one of the records: rows of the log were altered, or two sign it", (long long)s->size);
        int rc = logstate_checkpoint(p, r, p->round, s->size, &note, &us, reterr) < 0 || logstate_lines(p, r, s->size, &lines, reterr) < 0 ? -1 : 0;
        if (rc == 0)
                publish(p, s, buf_view(&lines), us);
        buf_free(&lines);
        return rc;
}

/* ---- going on ---- */

int look_on(struct proof *p, struct reader *r, const struct log_state *s, struct err *reterr)
{
        if (s->size > treefiles_size(p->files) && treefiles_follow(p->files, s->size, reterr) < 0)
                return -1;
        return follow(p, r, s, reterr);
}

static int go_on(struct proof *p, struct reader *r, struct err *reterr)
{
        struct log_state s;
        int64_t rows = reader_log_size(r, reterr);
        if (rows < 0 || logstate_load(p, r, p->round, &s, reterr) < 0)
                return -1;
        pthread_mutex_lock(&p->mutex);
        p->leaves = rows;
        pthread_mutex_unlock(&p->mutex);
        if (!s.n)
                return 0;
        if (p->lock_fd < 0)
                return heed_key(p, &s, reterr) < 0 ? -1 : look_on(p, r, &s, reterr);
        if (still_holds(p, r, reterr) < 0 || follow(p, r, &s, reterr) < 0 || heed_key(p, &s, reterr) < 0)
                return -1;
        if (!p->mine)
                return 0;
        return take_in(p, r, rows, reterr) < 0 ? -1 : sign_on(p, &s, rows, reterr);
}

int proof_advance(struct proof *p, struct err *reterr)
{
        struct reader *r;
        if (refused(p))
                return err_set(reterr, ERR_CONFLICT, "%s", p->refusal);
        pthread_mutex_lock(&p->turn);
        int rc = 0;
        if (p->can_sign)        /* before the snapshot: what an earlier holder did must be in it */
                rc = logstate_lease(p, reterr);
        if (rc == 0 && p->mine)
                rc = rotate(p, reterr);
        if (rc == 0 && (rc = reader_begin(p->store, &r, reterr)) == 0) {
                rc = go_on(p, r, reterr);
                reader_end(r);
        }
        arena_reset(p->round);
        pthread_mutex_unlock(&p->turn);
        return rc;
}

/* ---- the thread ---- */

static void say(struct proof *p, const struct err *e)
{
        pthread_mutex_lock(&p->mutex);
        bool news = strcmp(p->trouble, e->detail) != 0;
        snprintf(p->trouble, sizeof p->trouble, "%s", e->detail);
        pthread_mutex_unlock(&p->mutex);
        if (news && e->kind)
                log_err(LOG_ERROR, "log.advance", e);
        else if (news)
                log_line(LOG_INFO, "log.advance", "again=well");
}

/* Is there something to do, or was nobody asked for a while?  (Statements, other processes' checkpoints, the lease.) */
static bool due(struct proof *p, int64_t last_us)
{
        uint64_t now = store_change_now(p->store);
        int64_t since = clock_mono_us() - last_us;
        if (since < (*p->trouble ? AGAIN_US : p->every_us) || (now == p->seen && since < LOOK_US))
                return false;
        p->seen = now;
        return true;
}

void *proof_run(void *ctx)
{
        struct proof *p = ctx;
        int64_t last_us = 0;
        pthread_mutex_lock(&p->mutex);
        while (!p->stop) {
                struct timespec until;
                pthread_mutex_unlock(&p->mutex);
                if (due(p, last_us) && !refused(p)) {
                        struct err e = { 0 };
                        last_us = clock_mono_us();
                        if (proof_advance(p, &e) == 0)
                                e = (struct err){ 0 };
                        say(p, &e);
                }
                clock_gettime(CLOCK_REALTIME, &until);
                until.tv_nsec += POLL_MS * 1000000L;
                until.tv_sec += until.tv_nsec / 1000000000L;
                until.tv_nsec %= 1000000000L;
                pthread_mutex_lock(&p->mutex);
                if (!p->stop)
                        pthread_cond_timedwait(&p->woken, &p->mutex, &until);
        }
        pthread_mutex_unlock(&p->mutex);
        return NULL;
}
