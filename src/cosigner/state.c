#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/oom.h"
#include "cosigner/cosigner_impl.h"

/* What was last cosigned of a log is one file.  It is looked at, decided upon and replaced under the origin's mutex, and the line is told only after the file is
 * on the disk: at any moment the file is at least as new as anything that anybody has. */

enum { LINES_BYTES = 64 * 1024 /* of our own */ };

static const char *path_of(struct cosigner *c, const struct origin_state *o, struct arena *a)
{
        return arena_printf(a, "%s/%s.checkpoint", c->dir, o->hex).p;
}

static void remember(struct origin_state *o, const struct checkpoint *cp, int64_t time_s, struct str note)
{
        free(o->note);
        o->note = or_abort(strndup(note.p, note.n));
        o->size = cp->size;
        o->root = cp->root;
        o->time_s = time_s;
}

int state_load(struct cosigner *c, struct origin_state *o, struct err *reterr)
{
        struct arena *a = arena_new();
        struct str text;
        struct note n;
        struct checkpoint cp;
        struct err e = { 0 };
        int64_t time_s = 0;
        const char *path = path_of(c, o, a);
        int rc = file_read(a, path, WITNESS_BYTES_MAX, &text, &e);
        if (rc < 0)
                rc = e.kind == ERR_NOT_FOUND ? 0 : err_set(reterr, e.kind, "%s", e.detail);
        else if (note_read(a, text, &n, NULL) < 0 || checkpoint_read(n.text, &cp, NULL) < 0 || !str_eq(cp.origin, o->origin) || cosigned(&n, &c->signer->vkey, &time_s) != 1)
                rc = err_set(reterr, ERR_STORE, "%.250s is damaged, or was written under another key: without it this witness might cosign a fork. Restore it, or begin with a new key in a new directory", path);
        else
                remember(o, &cp, time_s, text);
        arena_free(a);
        return rc;
}

static void sign_lines(const struct origin_state *o, const struct note *n, struct buf *b)
{
        for (size_t i = 0; i < n->n_lines; i++)
                for (size_t k = 0; k < o->n_keys; k++)
                        if (note_line_of(&n->lines[i], &o->keys[k])) {
                                buf_str(b, n->lines[i].line);
                                break;
                        }
}

/* Under the mutex; status 200 was decided. */
static int keep(struct cosigner *c, struct origin_state *o, struct arena *a, const struct note *n, const struct checkpoint *cp, struct str *ret_line, struct err *reterr)
{
        struct buf line = { .max = LINES_BYTES }, note = { .max = WITNESS_BYTES_MAX };
        int64_t now = clock_now_us() / 1000000, time_s = now > o->time_s ? now : o->time_s;     /* a clock set back makes no older line */
        int rc = cosign(c->signer, n->text, time_s, &line, reterr);
        if (rc == 0) {
                buf_str(&note, n->text);
                buf_char(&note, '\n');
                sign_lines(o, n, &note);
                buf_str(&note, buf_view(&line));
                rc = note.overflow ? err_set(reterr, ERR_TOO_LARGE, "the checkpoint is too large") : file_replace(path_of(c, o, a), 0640, buf_view(&note), reterr);
        }
        if (rc == 0) {
                remember(o, cp, time_s, buf_view(&note));
                *ret_line = arena_str(a, buf_view(&line));
        }
        buf_free(&line);
        buf_free(&note);
        return rc;
}

static int decide(struct cosigner *c, struct origin_state *o, struct arena *a, const struct witness_request *q, const struct note *n, const struct checkpoint *cp,
                  struct state_answer *ret, struct err *reterr)
{
        struct witness_known known = { .keys = o->keys, .n_keys = o->n_keys, .size = o->size, .root = o->size ? o->root : tree_empty() };
        struct witness_answer answer = witness_decide(q, n, cp, &known);
        *ret = (struct state_answer){ .status = answer.status, .size = answer.size };
        if (answer.status != 200)
                return 0;
        if (!bucket_take(&o->taken, LIMIT_WITNESS_COSIGN_PER_S, LIMIT_WITNESS_COSIGN_BURST)) {
                ret->status = 429;
                return 0;
        }
        return keep(c, o, a, n, &answer.checkpoint, &ret->lines, reterr);
}

int state_advance(struct cosigner *c, struct origin_state *o, struct arena *a, const struct witness_request *q, const struct note *n, const struct checkpoint *cp,
                  struct state_answer *ret, struct err *reterr)
{
        pthread_mutex_lock(&o->mutex);
        int rc = decide(c, o, a, q, n, cp, ret, reterr);
        pthread_mutex_unlock(&o->mutex);
        return rc;
}

struct str state_note(struct origin_state *o, struct arena *a)
{
        pthread_mutex_lock(&o->mutex);
        struct str s = o->note ? arena_str(a, str_of(o->note)) : STR_NONE;
        pthread_mutex_unlock(&o->mutex);
        return s;
}

struct origin_state *state_find(struct cosigner *c, struct str origin)
{
        for (size_t i = 0; i < c->n_origins; i++)
                if (str_eq(c->origins[i].origin, origin))
                        return &c->origins[i];
        return NULL;
}

struct origin_state *state_find_hex(struct cosigner *c, struct str hex)
{
        for (size_t i = 0; i < c->n_origins; i++)
                if (str_is(hex, c->origins[i].hex))
                        return &c->origins[i];
        return NULL;
}
