#include <assert.h>

#include "base/text.h"
#include "merkle/note_impl.h"

static const struct str dash = { "\xe2\x80\x94 ", 4 };  /* U+2014 and a space */
enum { SIGNATURE_LEAST = 1, SIGNATURE_MAX = 16 * 1024, ID_BYTES = 4 };

/* ---- reading ---- */

static int bad(struct err *reterr, const char *why)
{
        return err_set(reterr, ERR_BAD_INPUT, "this is no signed note: %s", why);
}

/* UTF-8 without control characters but the newline. */
static bool is_plain(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if ((unsigned char)s.p[i] < 0x20 && s.p[i] != '\n')
                        return false;
        return utf8_valid(s);
}

/* The text may hold empty lines itself: the last one is the end of it. */
static bool cut_text(struct str bytes, struct str *ret_text, struct str *ret_lines)
{
        size_t i = bytes.n;

        while (i >= 2 && memcmp(bytes.p + i - 2, "\n\n", 2) != 0)
                i--;
        if (i < 2)
                return false;
        *ret_text = (struct str){ bytes.p, i - 1 };
        *ret_lines = (struct str){ bytes.p + i, bytes.n - i };
        return true;
}

static bool read_line(struct arena *a, struct str line, struct note_line *ret)
{
        struct str rest = { line.p, line.n - 1 }, bytes;

        if (!str_starts(rest, dash))
                return false;
        rest = str_from(rest, dash.n);
        if (!str_split(&rest, ' ', &ret->name) || !key_name_ok(ret->name) || !rest.p || rest.n > SIGNATURE_MAX ||
            !base64_decode(a, rest, &bytes) || bytes.n < ID_BYTES + SIGNATURE_LEAST)
                return false;

        const uint8_t *b = (const uint8_t *)bytes.p;
        ret->id = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
        ret->signature = str_from(bytes, ID_BYTES);
        ret->line = line;
        return true;
}

/* How many lines, -1 when the last one has no end. */
static int64_t count_lines(struct str s)
{
        int64_t n = 0;

        for (size_t i = 0; i < s.n; i++)
                n += s.p[i] == '\n';
        return s.n && s.p[s.n - 1] == '\n' ? n : -1;
}

int note_read(struct arena *a, struct str bytes, struct note *ret, struct err *reterr)
{
        struct note note = { 0 };
        struct str rest, head;

        if (bytes.n > NOTE_BYTES_MAX)
                return err_set(reterr, ERR_TOO_LARGE, "a signed note has at most %d bytes", NOTE_BYTES_MAX);
        if (!is_plain(bytes))
                return bad(reterr, "it holds control characters or is not UTF-8");
        if (!cut_text(bytes, &note.text, &rest))
                return bad(reterr, "no empty line stands between text and signatures");
        if (count_lines(rest) < 1)
                return bad(reterr, "no signature, or one that does not end with a newline");
        if (count_lines(rest) > NOTE_LINES_MAX)
                return bad(reterr, "it has more than 100 signatures");

        note.lines = arena_array(a, struct note_line, count_lines(rest));
        for (; rest.n && str_split(&rest, '\n', &head); note.n_lines++)
                if (!read_line(a, (struct str){ head.p, head.n + 1 }, &note.lines[note.n_lines]))
                        return err_set(reterr, ERR_BAD_INPUT, "line %zu of the signatures is not '\xe2\x80\x94 name base64'", note.n_lines + 1);
        *ret = note;
        return 0;
}

/* ---- verifying ---- */

bool note_line_of(const struct note_line *l, const struct vkey *k)
{
        return l->id == k->id && str_eq(l->name, k->name);
}

bool signature_ok(const struct vkey *k, struct str text, struct str signature)
{
        if (k->type == KEY_ED25519)
                return ed25519_ok(k->key, text, signature);
        return k->type == KEY_SM2 && sm2_ok(k->key, text, signature);
}

int note_verify(const struct note *n, const struct vkey *k)
{
        int found = 0;

        if (!key_type_known(k))
                return 0;
        for (size_t i = 0; i < n->n_lines; i++) {
                if (!note_line_of(&n->lines[i], k))
                        continue;
                if (!signature_ok(k, n->text, n->lines[i].signature))
                        return -1;
                found = 1;
        }
        return found;
}

/* ---- writing ---- */

void note_sign_line(struct buf *out, const struct vkey *k, struct str signature)
{
        struct buf b = { .max = ID_BYTES + SIGNATURE_MAX };
        uint8_t id[ID_BYTES] = { (uint8_t)(k->id >> 24), (uint8_t)(k->id >> 16), (uint8_t)(k->id >> 8), (uint8_t)k->id };

        buf_add(&b, id, sizeof id);
        buf_str(&b, signature);
        buf_str(out, dash);
        buf_str(out, k->name);
        buf_char(out, ' ');
        base64_encode(out, b.p, b.n);
        buf_char(out, '\n');
        buf_free(&b);
}

static int sign_line(struct buf *out, struct str text, const struct signer *s, struct err *reterr)
{
        struct buf signature = { .max = SIGNATURE_MAX };
        int rc;

        assert(s->vkey.type != KEY_COSIGN);     /* signs another message: cosign() */
        rc = s->sign(s, text, &signature, reterr);
        if (rc == 0)
                note_sign_line(out, &s->vkey, buf_view(&signature));
        buf_free(&signature);
        return rc;
}

int note_write(struct buf *out, struct str text, const struct signer *const *signers, size_t n, struct err *reterr)
{
        assert(text.n && text.p[text.n - 1] == '\n' && is_plain(text));
        buf_str(out, text);
        buf_char(out, '\n');
        for (size_t i = 0; i < n; i++)
                if (sign_line(out, text, signers[i], reterr) < 0)
                        return -1;
        return 0;
}
