#include "merkle/prooffile.h"

#include "base/text.h"

static const struct str first_line = { "c2sp.org/tlog-proof@v1", 22 };

static int bad(struct err *reterr, const char *why)
{
        return err_set(reterr, ERR_BAD_INPUT, "this is no file of proof (c2sp.org/tlog-proof@v1): %s", why);
}

/* Cuts "word value" off the line; false when it begins with another word. */
static bool value_of(struct str line, struct str word, struct str *ret)
{
        if (!str_starts(line, word))
                return false;
        *ret = (struct str){ line.p + word.n, line.n - word.n };
        return true;
}

/* The hashes up to the empty line. */
static int read_hashes(struct str *rest, struct proof_file *p, struct err *reterr)
{
        struct str line;

        for (p->n = 0; str_split(rest, '\n', &line) && rest->p; p->n++) {
                if (line.n == 0)
                        return 0;
                if (p->n == PROOF_MAX)
                        return bad(reterr, "it has more than 63 hashes");
                if (!base64_read(line, p->proof[p->n].b, sizeof p->proof->b))
                        return err_set(reterr, ERR_BAD_INPUT, "hash %zu of the file of proof is not the base64 of 32 bytes", p->n + 1);
        }
        return bad(reterr, "no empty line and checkpoint after the hashes");
}

int proof_file_read(struct arena *a, struct str text, struct proof_file *ret, struct err *reterr)
{
        struct str rest = text, line, value;

        *ret = (struct proof_file){ 0 };
        if (text.n > PROOF_FILE_BYTES_MAX)
                return err_set(reterr, ERR_TOO_LARGE, "a file of proof has at most %d bytes", PROOF_FILE_BYTES_MAX);
        if (!str_split(&rest, '\n', &line) || !str_eq(line, first_line))
                return bad(reterr, "its first line says something else");
        if (!str_split(&rest, '\n', &line))
                return bad(reterr, "it ends after its first line");
        if (value_of(line, STR("extra "), &value)) {
                if (!base64_decode(a, value, &ret->extra))
                        return bad(reterr, "what follows 'extra' is not base64");
                if (!str_split(&rest, '\n', &line))
                        return bad(reterr, "it ends before the index");
        }
        if (!value_of(line, STR("index "), &value) || !number_read(value, &ret->index))
                return bad(reterr, "'index' and a number are expected after the first lines");
        if (read_hashes(&rest, ret, reterr) < 0)
                return -1;
        if (rest.n == 0)
                return bad(reterr, "the checkpoint is missing");
        ret->checkpoint = rest;
        return 0;
}

void proof_file_write(struct buf *out, const struct proof_file *p)
{
        buf_str(out, first_line);
        buf_char(out, '\n');
        if (p->extra.p) {
                buf_z(out, "extra ");
                base64_encode(out, p->extra.p, p->extra.n);
                buf_char(out, '\n');
        }
        buf_z(out, "index ");
        buf_i64(out, p->index);
        buf_char(out, '\n');
        for (size_t i = 0; i < p->n; i++) {
                base64_encode(out, p->proof[i].b, sizeof p->proof->b);
                buf_char(out, '\n');
        }
        buf_char(out, '\n');
        buf_str(out, p->checkpoint);
}
