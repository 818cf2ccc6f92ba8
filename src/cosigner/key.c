#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/text.h"
#include "cosigner/cosigner_impl.h"

/* DIR/witness.key in Go's text form.  One that was made for plain notes (type 0x01) becomes a cosigner's (0x04) with the same seed, as other witnesses
 * take it. */

enum { KEY_FILE_BYTES = 4096, SEED_BYTES = 32 };

static int as_cosigner(struct arena *a, struct str text, const struct signer *plain, struct signer **ret, struct err *reterr)
{
        struct str rest = text, head, bytes;
        for (int i = 0; i < 4; i++)     /* "PRIVATE", "KEY", name, id; the base64 may hold a '+' itself */
                str_split(&rest, '+', &head);
        if (!base64_decode(a, rest, &bytes) || bytes.n != 1 + SEED_BYTES)
                return err_set(reterr, ERR_BAD_INPUT, "witness.key holds no Ed25519 seed");
        *ret = signer_ed25519(a, plain->vkey.name, KEY_COSIGN, (const uint8_t *)bytes.p + 1);
        return 0;
}

static int read_key(struct arena *a, const char *path, struct signer **ret, struct err *reterr)
{
        struct str text;
        struct signer *s;
        if (file_read(a, path, KEY_FILE_BYTES, &text, reterr) < 0)
                return -1;
        text = str_trim(text);
        if (signer_read(a, text, &s, reterr) < 0)
                return err_while(reterr, "reading %s", path);
        if (chmod(path, 0600) < 0)
                return err_set(reterr, ERR_STORE, "%.250s cannot be made private: %s", path, strerror(errno));
        if (s->vkey.type == KEY_ED25519)
                return as_cosigner(a, text, s, ret, reterr);
        if (s->vkey.type != KEY_COSIGN)
                return err_set(reterr, ERR_BAD_INPUT, "%.300s is no key of a witness", path);
        *ret = s;
        return 0;
}

static int make_key(const char *path, struct str name, struct err *reterr)
{
        uint8_t seed[SEED_BYTES];
        struct buf b = { .max = KEY_FILE_BYTES };
        if (!key_name_ok(name))
                return err_set(reterr, ERR_BAD_INPUT, "give the witness a name that stays, such as witness.example.cn (--name): no white space, no '+'");
        random_bytes(seed, sizeof seed);
        signer_write(&b, name, KEY_COSIGN, seed);
        if (!b.n || b.p[b.n - 1] != '\n')
                buf_char(&b, '\n');
        int rc = b.overflow ? err_set(reterr, ERR_BAD_INPUT, "the name is too long") : file_create(path, 0600, buf_view(&b), reterr);
        explicit_bzero(seed, sizeof seed);
        if (b.p)
                explicit_bzero(b.p, b.n);
        buf_free(&b);
        return rc;
}

int cosigner_key(struct arena *a, const char *dir, const char *name, struct signer **ret, struct err *reterr)
{
        char path[COSIGNER_PATH];
        struct stat st;
        snprintf(path, sizeof path, "%.4000s/witness.key", dir);
        if (mkdir(dir, 0750) < 0 && errno != EEXIST)
                return err_set(reterr, ERR_STORE, "%.250s: %s", dir, strerror(errno));
        if (stat(path, &st) < 0 && make_key(path, str_of(name), reterr) < 0)
                return -1;
        if (read_key(a, path, ret, reterr) < 0)
                return -1;
        if (name && *name && !str_is((*ret)->vkey.name, name))
                return err_set(reterr, ERR_BAD_INPUT, "the key in %.150s is called %.*s, not %.100s: a witness keeps its name", path, STR_ARG((*ret)->vkey.name), name);
        return 0;
}

int cosigner_vkey(struct arena *a, const char *dir, const char *name, struct vkey *ret, struct err *reterr)
{
        struct signer *s;
        if (cosigner_key(a, dir, name, &s, reterr) < 0)
                return -1;
        *ret = s->vkey;
        return 0;
}
