#include "proof/monitor.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/oom.h"
#include "base/text.h"
#include "proof/ask.h"

/* The state is the last checkpoint that was good, with the time since when the log has had its size:
 *
 *   suyuan monitor v1
 *   1764316800            seconds since 1970
 *   (the note)
 */
#define STATE_MARK "suyuan monitor v1"

struct monitor {
        struct monitor_options o;
        struct arena *arena;            /* of the last good checkpoint */
        struct remote *remote;
        bool some;                      /* there is one */
        struct checkpoint last;
        struct str last_note;
        int64_t since_s;
};

const char *found_word(enum monitor_found f)
{
        static const char *const words[] = {
#define FOUND(name, word, hans, en) word,
#include "proof/found.def"
#undef FOUND
        };
        return words[f];
}

const char *found_sentence(enum monitor_found f)
{
        static const char *const sentences[] = {
#define FOUND(name, word, hans, en) hans " / " en,
#include "proof/found.def"
#undef FOUND
        };
        return sentences[f];
}

/* ---- state ---- */

static int remember(struct monitor *m, struct str note, int64_t since_s, struct err *reterr)
{
        struct note n;
        struct checkpoint c;
        arena_reset(m->arena);
        m->some = false;
        m->last_note = arena_str(m->arena, note);
        if (note_read(m->arena, m->last_note, &n, reterr) < 0 || checkpoint_read(n.text, &c, reterr) < 0)
                return -1;
        m->last = c;
        m->since_s = since_s;
        m->some = true;
        return 0;
}

static int load(struct monitor *m, struct err *reterr)
{
        struct arena *a = arena_new();
        struct err e = { 0 };
        struct str text, mark, since;
        int64_t since_s;
        int rc = 0;
        if (file_read(a, m->o.state, NOTE_BYTES_MAX + 100, &text, &e) < 0)
                rc = e.kind == ERR_NOT_FOUND ? 0 : err_set(reterr, e.kind, "%s", e.detail);
        else if (!str_split(&text, '\n', &mark) || !str_is(mark, STATE_MARK) || !str_split(&text, '\n', &since) || !number_read(since, &since_s) || !text.p ||
                 remember(m, text, since_s, NULL) < 0)
                rc = err_set(reterr, ERR_BAD_INPUT, "%.250s is no state of a monitor", m->o.state);
        arena_free(a);
        return rc;
}

static int keep(struct monitor *m, struct str note, int64_t size, int64_t now_s, struct err *reterr)
{
        int64_t since_s = m->some && m->last.size == size ? m->since_s : now_s;
        struct buf b = { .max = NOTE_BYTES_MAX + 100 };
        int rc = 0;
        buf_printf(&b, "%s\n%lld\n", STATE_MARK, (long long)since_s);
        buf_str(&b, note);
        if (m->o.state && *m->o.state)
                rc = file_replace(m->o.state, 0640, buf_view(&b), reterr);
        buf_free(&b);
        return rc < 0 ? -1 : remember(m, note, since_s, reterr);
}

int monitor_open(const struct monitor_options *o, struct monitor **ret, struct err *reterr)
{
        struct monitor *m = or_abort(calloc(1, sizeof *m));
        m->o = *o;
        m->arena = arena_new();
        m->remote = remote_new(o->url, o->timeout_ms);
        if (o->state && *o->state && load(m, reterr) < 0) {
                monitor_close(m);
                return -1;
        }
        *ret = m;
        return 0;
}

void monitor_close(struct monitor *m)
{
        if (!m)
                return;
        remote_free(m->remote);
        arena_free(m->arena);
        free(m);
}

/* ---- looking ---- */

static void found(struct monitor_report *r, enum monitor_found f, const char *why)
{
        if (f <= r->found)
                return;
        r->found = f;
        snprintf(r->why, sizeof r->why, "%s", why);
}

/* Is the tree of `old` the beginning of the checkpoint's?  1, 0 it is not, -1 the log does not show enough to tell.  Hashes of tiles prove themselves: a
 * proof made of lies holds nowhere, so tiles that lead to the checkpoint's root and to no proof are a fork, and others are no answer. */
static int follows(struct monitor *m, int64_t old, const struct hash *old_root, const struct checkpoint *now)
{
        struct tiles tiles = { .size = now->size, .fetch = remote_tile, .ctx = m->remote };
        struct hash proof[PROOF_MAX], root;
        if (old == 0)
                return 1;
        if (old == now->size)
                return memcmp(old_root->b, now->root.b, sizeof root.b) == 0;
        int n = tree_prove_consistency(old, now->size, tiles_read, &tiles, proof);
        if (n >= 0 && tree_verify_consistency(old, now->size, old_root, &now->root, proof, (size_t)n))
                return 1;
        if (n < 0 || tree_root(now->size, tiles_read, &tiles, &root) < 0 || memcmp(root.b, now->root.b, sizeof root.b) != 0)
                return -1;
        return 0;
}

/* True: it follows from the last one that was good, and may take its place. */
static bool compare(struct monitor *m, const struct checkpoint *c, struct monitor_report *r)
{
        char why[200];
        if (!m->some)
                return true;
        r->before = m->last.size;
        snprintf(why, sizeof why, "size %lld after %lld", (long long)c->size, (long long)m->last.size);
        if (c->size < m->last.size) {
                found(r, FOUND_ROLLBACK, why);
                return false;
        }
        int rc = follows(m, m->last.size, &m->last.root, c);
        if (rc == 0)
                found(r, FOUND_FORK, why);
        else if (rc < 0)
                found(r, FOUND_UNREACHABLE, "its tiles do not lead to the root that it signed");
        return rc == 1;
}

static void look_at_witness(struct monitor *m, const struct policy_witness *w, const struct witness_has *has, const struct checkpoint *c, struct monitor_report *r)
{
        char why[300];
        if (has->size < 0)
                return;
        r->heard++;
        snprintf(why, sizeof why, "witness %.*s has size %lld, we are shown %lld", (int)(w->name.n < 120 ? w->name.n : 120), w->name.p, (long long)has->size, (long long)c->size);
        if (has->size > c->size || follows(m, has->size, &has->root, c) == 0)
                found(r, FOUND_SPLIT, why);
}

static const struct vkey *signed_by(struct monitor *m, struct arena *a, struct str note, struct signed_checkpoint *ret, struct err *reterr)
{
        for (size_t i = 0; i < m->o.n_keys; i++) {
                *reterr = (struct err){ 0 };
                if (checkpoint_open(a, note, &m->o.keys[i], ret, reterr) == 0)
                        return &m->o.keys[i];
        }
        return NULL;
}

static void look_at_time(struct monitor *m, const struct checkpoint *c, int64_t witnessed_s, int64_t now_s, struct monitor_report *r)
{
        int64_t since_s = m->some && m->last.size == c->size ? m->since_s : now_s;
        char why[100];
        if (witnessed_s > since_s)
                since_s = witnessed_s;
        snprintf(why, sizeof why, "nothing new for %lld s", (long long)(now_s - since_s));
        if (m->o.stale_s && now_s - since_s > m->o.stale_s)
                found(r, FOUND_STALE, why);
}

/* What witnesses have is asked before the log is: a log publishes a checkpoint before it has it cosigned, so it can be behind none of them. */
static struct witness_has *ask_witnesses(struct monitor *m, struct arena *a, const struct vkey *key, struct monitor_report *r)
{
        const struct policy_witness *list = m->o.policy ? policy_witnesses(m->o.policy, &r->asked) : NULL;
        struct witness_has *has = arena_array(a, struct witness_has, r->asked + 1);
        if (r->asked)
                ask_latest(list, r->asked, key->name, key, 1, m->o.timeout_ms, has);
        return has;
}

static void under_policy(struct monitor *m, struct arena *a, struct str note, struct monitor_report *r, int64_t *ret_witnessed_s)
{
        struct policy_seen seen;
        struct err e = { 0 };
        *ret_witnessed_s = 0;
        if (!m->o.policy)
                return;
        if (policy_open(a, m->o.policy, note, &seen, &e) < 0) {
                found(r, FOUND_QUORUM, e.detail);
                return;
        }
        r->cosigned = seen.n_witnesses;
        *ret_witnessed_s = seen.last_s;
}

void monitor_look(struct monitor *m, struct arena *a, struct monitor_report *r)
{
        struct signed_checkpoint s;
        struct err e = { 0 };
        size_t n_witnesses;
        int64_t now_s = clock_now_us() / 1000000, witnessed_s;
        *r = (struct monitor_report){ .note_before = m->some ? arena_str(a, m->last_note) : STR_NONE };
        remote_forget(m->remote);
        const struct witness_has *has = ask_witnesses(m, a, &m->o.keys[0], r);
        if (remote_checkpoint(m->remote, a, &r->note, &e) < 0) {
                found(r, FOUND_UNREACHABLE, e.detail);
                return;
        }
        if (!signed_by(m, a, r->note, &s, &e)) {
                found(r, FOUND_BAD_SIGNATURE, e.detail);
                return;
        }
        r->origin = s.c.origin;
        r->size = s.c.size;
        under_policy(m, a, r->note, r, &witnessed_s);
        bool good = compare(m, &s.c, r);
        const struct policy_witness *list = r->asked ? policy_witnesses(m->o.policy, &n_witnesses) : NULL;
        for (size_t i = 0; i < r->asked; i++)
                look_at_witness(m, &list[i], &has[i], &s.c, r);
        look_at_time(m, &s.c, witnessed_s, now_s, r);
        if (good && r->found < FOUND_BAD_SIGNATURE && keep(m, r->note, s.c.size, now_s, &e) < 0)
                found(r, FOUND_UNREACHABLE, e.detail);
}
