#include "merkle/checkpoint.h"

#include <assert.h>

#include "base/text.h"
#include "merkle/note_impl.h"
#include "merkle/tree.h"

static int bad(struct err *reterr, const char *why)
{
        return err_set(reterr, ERR_BAD_INPUT, "this is no checkpoint: %s", why);
}

/* Whole lines that are not empty, or nothing. */
static bool extensions_ok(struct str s)
{
        return s.n == 0 || (s.p[0] != '\n' && s.p[s.n - 1] == '\n' && !memmem(s.p, s.n, "\n\n", 2));
}

int checkpoint_read(struct str note_text, struct checkpoint *ret, struct err *reterr)
{
        struct checkpoint c = { 0 };
        struct str rest = note_text, size, root;

        if (!str_split(&rest, '\n', &c.origin) || !str_split(&rest, '\n', &size) || !str_split(&rest, '\n', &root) || !rest.p)
                return bad(reterr, "origin, size and root are expected, a line each");
        if (c.origin.n == 0)
                return bad(reterr, "its origin is empty");
        if (!number_read(size, &c.size) || c.size > TREE_MAX)
                return bad(reterr, "its second line is not the size of a log");
        if (!base64_read(root, c.root.b, sizeof c.root.b))
                return bad(reterr, "its third line is not a hash in base64");
        if (!extensions_ok(rest))
                return bad(reterr, "its further lines are empty or have no end");
        c.extensions = rest.n ? rest : STR_NONE;
        *ret = c;
        return 0;
}

void checkpoint_write(struct buf *out, const struct checkpoint *c)
{
        assert(c->origin.n && !memchr(c->origin.p, '\n', c->origin.n) && c->size >= 0 && extensions_ok(c->extensions));
        buf_str(out, c->origin);
        buf_char(out, '\n');
        buf_i64(out, c->size);
        buf_char(out, '\n');
        base64_encode(out, c->root.b, sizeof c->root.b);
        buf_char(out, '\n');
        buf_str(out, c->extensions);
}

int checkpoint_open(struct arena *a, struct str bytes, const struct vkey *log, struct signed_checkpoint *ret, struct err *reterr)
{
        if (note_read(a, bytes, &ret->note, reterr) < 0 || checkpoint_read(ret->note.text, &ret->c, reterr) < 0)
                return -1;
        if (!str_eq(ret->c.origin, log->name))
                return err_set(reterr, ERR_BAD_INPUT, "the checkpoint is of '%.*s', not of '%.*s'", STR_ARG(ret->c.origin), STR_ARG(log->name));

        int found = note_verify(&ret->note, log);
        if (found < 0)
                return err_set(reterr, ERR_BAD_INPUT, "the signature of '%.*s' does not hold", STR_ARG(log->name));
        return found ? 0 : err_set(reterr, ERR_BAD_INPUT, "the checkpoint is not signed with the key of '%.*s' that is known", STR_ARG(log->name));
}

/* ---- cosignatures ---- */

enum { TIME_BYTES = 8, COSIGNED_MAX = NOTE_BYTES_MAX + 64 };

static struct buf cosigned_message(struct str note_text, int64_t time_s)
{
        struct buf b = { .max = COSIGNED_MAX };

        buf_z(&b, "cosignature/v1\ntime ");
        buf_i64(&b, time_s);
        buf_char(&b, '\n');
        buf_str(&b, note_text);
        return b;
}

int cosign(const struct signer *s, struct str note_text, int64_t time_s, struct buf *out_line, struct err *reterr)
{
        struct buf message = cosigned_message(note_text, time_s), signature = { .max = 1024 };
        int rc;

        assert(s->vkey.type == KEY_COSIGN && time_s > 0);
        for (int i = 0; i < TIME_BYTES; i++)
                buf_char(&signature, (char)((uint64_t)time_s >> (56 - 8 * i)));
        rc = message.overflow ? err_set(reterr, ERR_TOO_LARGE, "the checkpoint is too large to be cosigned") :
                                s->sign(s, buf_view(&message), &signature, reterr);
        if (rc == 0)
                note_sign_line(out_line, &s->vkey, buf_view(&signature));
        buf_free(&message);
        buf_free(&signature);
        return rc;
}

int64_t cosigned_said(const struct note_line *l)
{
        uint64_t time = 0;

        if (l->signature.n != TIME_BYTES + ED25519_SIGNATURE)
                return 0;
        for (int i = 0; i < TIME_BYTES; i++)
                time = time << 8 | (uint8_t)l->signature.p[i];
        return time > INT64_MAX ? 0 : (int64_t)time;
}

/* The time of one line, 0 when it does not hold. */
static int64_t line_time(struct str note_text, const struct vkey *witness, const struct note_line *l)
{
        int64_t time = cosigned_said(l);
        struct buf message;
        bool ok;

        if (!time)
                return 0;
        message = cosigned_message(note_text, time);
        ok = !message.overflow && ed25519_ok(witness->key, buf_view(&message), str_from(l->signature, TIME_BYTES));
        buf_free(&message);
        return ok ? time : 0;
}

int cosigned(const struct note *n, const struct vkey *witness, int64_t *ret_time_s)
{
        int64_t earliest = 0;

        if (witness->type != KEY_COSIGN)
                return 0;
        for (size_t i = 0; i < n->n_lines; i++) {
                if (!note_line_of(&n->lines[i], witness))
                        continue;
                int64_t time = line_time(n->text, witness, &n->lines[i]);
                if (!time)
                        return -1;
                earliest = earliest == 0 || time < earliest ? time : earliest;
        }
        if (ret_time_s)
                *ret_time_s = earliest;
        return earliest ? 1 : 0;
}
