#include "base/buf.h"
#include "base/text.h"
#include "proof/ask_impl.h"
#include "proof/web.h"

/* Is this line the witness's cosignature of the checkpoint?  The line is put under the text that we signed and read as any note. */
static bool holds(struct arena *a, struct str text, struct str line, const struct vkey *witness, int64_t *ret_time_s)
{
        struct note n;
        struct str made = arena_printf(a, "%.*s\n%.*s\n", STR_ARG(text), STR_ARG(line));
        return note_read(a, made, &n, NULL) == 0 && n.n_lines == 1 && note_line_of(&n.lines[0], witness) && cosigned(&n, witness, ret_time_s) == 1;
}

/* Lines of others, and what is no line, are passed over. */
static struct witness_said lines(struct arena *a, struct str body, struct str checkpoint_note, const struct vkey *witness)
{
        struct note own;
        struct str line;
        int64_t time_s = 0;
        int left = NOTE_LINES_MAX;
        if (note_read(a, checkpoint_note, &own, NULL) < 0)
                return (struct witness_said){ .says = SAYS_NOTHING };
        while (left-- > 0 && str_split(&body, '\n', &line))
                if (line.n && line.n < 1024 && holds(a, own.text, line, witness, &time_s))
                        return (struct witness_said){ .says = SAYS_COSIGNED, .line = arena_printf(a, "%.*s\n", STR_ARG(line)), .time_s = time_s };
        return (struct witness_said){ .says = SAYS_NOTHING };
}

/* Digits alone, with or without the newline: the type is text/x.tlog.size, but the number is looked at whatever it says. */
static struct witness_said size(struct str body)
{
        int64_t n;
        if (body.n && body.p[body.n - 1] == '\n')
                body.n--;
        return number_read(body, &n) ? (struct witness_said){ .says = SAYS_SIZE, .size = n } : (struct witness_said){ .says = SAYS_OTHER_TREE };
}

struct witness_said witness_hear(struct arena *a, int status, struct str body, struct str checkpoint_note, const struct vkey *witness)
{
        if (status == 200)
                return lines(a, body, checkpoint_note, witness);
        if (status == 409)
                return size(body);
        if (status == 422)
                return (struct witness_said){ .says = SAYS_OTHER_TREE };
        return (struct witness_said){ .says = status == 429 || status >= 500 ? SAYS_LATER : SAYS_NOTHING };
}

bool witness_shows(struct arena *a, struct str body, struct str origin, const struct vkey *keys, size_t n, struct signed_checkpoint *ret)
{
        for (size_t i = 0; i < n; i++)
                if (checkpoint_open(a, body, &keys[i], ret, NULL) == 0 && str_eq(ret->c.origin, origin))
                        return true;
        return false;
}

const char *witness_url(struct arena *a, struct str base, struct str origin)
{
        struct hash h = sha256(origin.p, origin.n);
        struct buf path = { .max = 100 };
        buf_hex(&path, h.b, sizeof h.b);
        buf_z(&path, "/checkpoint");
        const char *url = web_join(a, base, path.p);
        buf_free(&path);
        return url;
}
