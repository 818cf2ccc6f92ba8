#include "proof/keys.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

enum { FILE_BYTES_MAX = 8192, KDF_MEM_KIB = 256 * 1024, KDF_MEM_KIB_MAX = 4 << 20, KDF_OPS = 3, KDF_OPS_MAX = 64 };
#define SEALED "suyuan encrypted key v1"

/* What a file's first line may begin with, and who makes a signer of the rest.  A key in a PKCS#11 module is one more row, "pkcs11:…": its loader opens
 * the token and gives a signer whose `sign` asks it. */
struct key_text { struct str first, rest; const char *path, *passphrase; };
struct key_format { const char *begins; int (*load)(struct arena *a, const struct key_text *t, struct key *ret, struct err *reterr); };

/* ---- plain ---- */

static int load_plain(struct arena *a, const struct key_text *t, struct key *ret, struct err *reterr)
{
        struct signer *s;
        if (signer_read(a, t->first, &s, reterr) < 0)
                return err_while(reterr, "reading %s", t->path);
        ret->signer = s;
        ret->vkey = s->vkey;
        return 0;
}

/* ---- under a passphrase: Argon2id and XSalsa20-Poly1305 ---- */

struct sealed { struct str vkey, box; uint8_t salt[crypto_pwhash_SALTBYTES], nonce[crypto_secretbox_NONCEBYTES]; long long ops, mem_kib; };

static bool take_bytes(struct arena *a, struct str *rest, void *to, size_t n)
{
        struct str word, bytes;
        if (!str_split(rest, ' ', &word) || !base64_decode(a, word, &bytes) || bytes.n != n)
                return false;
        memcpy(to, bytes.p, n);
        return true;
}

static long long take_number(struct arena *a, struct str *rest, long long max)
{
        struct str word;
        if (!str_split(rest, ' ', &word) || !word.n || word.n > 12)
                return -1;
        char *end, *z = arena_cstr(a, word);
        long long v = strtoll(z, &end, 10);
        return *end || v < 1 || v > max ? -1 : v;
}

static bool read_sealed_line(struct arena *a, struct str line, struct sealed *s)
{
        struct str word;
        if (!str_split(&line, ' ', &word))
                return false;
        if (str_is(word, "vkey"))
                return (s->vkey = line).n > 0;
        if (str_is(word, "secretbox"))
                return take_bytes(a, &line, s->nonce, sizeof s->nonce) && base64_decode(a, line, &s->box) && s->box.n > crypto_secretbox_MACBYTES;
        if (!str_is(word, "argon2id"))
                return str_starts(word, STR("#"));
        s->ops = take_number(a, &line, KDF_OPS_MAX);
        s->mem_kib = take_number(a, &line, KDF_MEM_KIB_MAX);
        return s->ops > 0 && s->mem_kib > 0 && take_bytes(a, &line, s->salt, sizeof s->salt);
}

static int derive(const struct sealed *s, const char *passphrase, uint8_t ret[crypto_secretbox_KEYBYTES], struct err *reterr)
{
        if (sodium_init() < 0 || crypto_pwhash(ret, crypto_secretbox_KEYBYTES, passphrase, strlen(passphrase), s->salt, (unsigned long long)s->ops,
                                               (size_t)s->mem_kib * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0)
                return err_set(reterr, ERR_INTERNAL, "the passphrase could not be worked on: it takes %lld MiB of memory", s->mem_kib / 1024);
        return 0;
}

static void wipe(void *p)
{
        struct str *s = p;
        sodium_memzero((char *)(uintptr_t)s->p, s->n);
}

static int unseal(struct arena *a, const struct sealed *s, const struct key_text *t, struct key *ret, struct err *reterr)
{
        uint8_t key[crypto_secretbox_KEYBYTES];
        struct signer *signer;
        struct str *open = arena_alloc(a, sizeof *open);
        char *p = arena_alloc(a, s->box.n);
        *open = (struct str){ p, s->box.n - crypto_secretbox_MACBYTES };
        arena_at_exit(a, wipe, open);
        if (derive(s, t->passphrase, key, reterr) < 0)
                return -1;
        int rc = crypto_secretbox_open_easy((unsigned char *)p, (const unsigned char *)s->box.p, s->box.n, s->nonce, key);
        sodium_memzero(key, sizeof key);
        if (rc != 0)
                return err_set(reterr, ERR_FORBIDDEN, "the passphrase does not open %.200s", t->path);
        if (signer_read(a, *open, &signer, reterr) < 0)
                return err_while(reterr, "reading %s", t->path);
        ret->signer = signer;
        return 0;
}

static int load_sealed(struct arena *a, const struct key_text *t, struct key *ret, struct err *reterr)
{
        struct sealed s = { 0 };
        struct str rest = t->rest, line;
        ret->encrypted = true;
        while (str_split(&rest, '\n', &line))
                if (line.n && !read_sealed_line(a, line, &s))
                        return err_set(reterr, ERR_BAD_INPUT, "%.200s is damaged", t->path);
        if (!s.box.n || !s.ops || vkey_read(a, s.vkey, &ret->vkey, reterr) < 0)
                return err_set(reterr, ERR_BAD_INPUT, "%.200s is damaged", t->path);
        if (!t->passphrase || !*t->passphrase)
                return 0;
        if (unseal(a, &s, t, ret, reterr) < 0)
                return -1;
        if (ret->signer->vkey.id != ret->vkey.id || !str_eq(ret->signer->vkey.name, ret->vkey.name))
                return err_set(reterr, ERR_BAD_INPUT, "%.200s is damaged: it holds another key than it says", t->path);
        return 0;
}

static const struct key_format formats[] = {
        { "PRIVATE+KEY+", load_plain },
        { SEALED, load_sealed },
};

/* ---- files ---- */

static void path_of(const char *dir, const char *file, char ret[PATH_MAX])
{
        snprintf(ret, PATH_MAX, "%.3800s/keys%s%s", dir, *file ? "/" : "", file);
}

static int closed_to_others(const char *path, struct err *reterr)
{
        struct stat st;
        if (stat(path, &st) < 0)
                return errno == ENOENT ? 0 : fileio_failed("looking at", path, reterr);
        if (st.st_mode & 077)
                return err_set(reterr, ERR_FORBIDDEN, "others may read %.200s (mode %03o): chmod go= %.200s", path, st.st_mode & 0777, path);
        return 1;
}

/* "# made 2026-…", "# until 2026-…" */
static void read_remarks(struct str text, struct key *ret)
{
        struct str line, word;
        struct stamp t;
        while (str_split(&text, '\n', &line)) {
                if (!str_starts(line, STR("# ")))
                        continue;
                line = str_from(line, 2);
                if (!str_split(&line, ' ', &word) || !stamp_read(line, &t))
                        continue;
                if (str_is(word, "made"))
                        ret->made_us = t.us;
                else if (str_is(word, "until"))
                        ret->until_us = t.us;
        }
}

static int load_text(struct arena *a, struct str text, const char *path, const char *passphrase, struct key *ret, struct err *reterr)
{
        struct key_text t = { .rest = text, .path = path, .passphrase = passphrase };
        str_split(&t.rest, '\n', &t.first);
        t.first = str_trim(t.first);
        read_remarks(text, ret);
        for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
                if (str_starts(t.first, str_of(formats[i].begins)))
                        return formats[i].load(a, &t, ret, reterr);
        return err_set(reterr, ERR_BAD_INPUT, "%.200s is no key file", path);
}

int key_load(struct arena *a, const char *dir, const char *file, const char *passphrase, struct key *ret, struct err *reterr)
{
        char path[PATH_MAX];
        struct str text;
        struct err e = { 0 };
        *ret = (struct key){ 0 };
        path_of(dir, "", path);
        int rc = closed_to_others(path, reterr);
        path_of(dir, file, path);
        if (rc < 1)
                return rc;
        if (file_read_private(a, path, FILE_BYTES_MAX, &text, &e) < 0) {
                if (reterr)
                        *reterr = e;
                return e.kind == ERR_NOT_FOUND ? 0 : -1;
        }
        rc = load_text(a, text, path, passphrase, ret, reterr);
        wipe(&text);
        return rc < 0 ? -1 : 1;
}

/* ---- making ---- */

static int seal(struct buf *out, struct str name, const uint8_t seed[32], struct str open, const char *passphrase, struct arena *a, struct err *reterr)
{
        uint8_t key[crypto_secretbox_KEYBYTES];
        struct sealed s = { .ops = KDF_OPS, .mem_kib = KDF_MEM_KIB };
        unsigned char *box = arena_alloc(a, open.n + crypto_secretbox_MACBYTES);
        random_bytes(s.salt, sizeof s.salt);
        random_bytes(s.nonce, sizeof s.nonce);
        if (derive(&s, passphrase, key, reterr) < 0)
                return -1;
        crypto_secretbox_easy(box, (const unsigned char *)open.p, open.n, s.nonce, key);
        sodium_memzero(key, sizeof key);
        buf_z(out, SEALED "\nvkey ");
        vkey_write(out, &signer_ed25519(a, name, KEY_ED25519, seed)->vkey);
        buf_printf(out, "\nargon2id %lld %lld ", s.ops, s.mem_kib);
        base64_encode(out, s.salt, sizeof s.salt);
        buf_z(out, "\nsecretbox ");
        base64_encode(out, s.nonce, sizeof s.nonce);
        buf_char(out, ' ');
        base64_encode(out, box, open.n + crypto_secretbox_MACBYTES);
        return 0;
}

static int write_key(struct arena *a, struct buf *out, struct str name, const uint8_t seed[32], const char *passphrase, int64_t until_us, struct err *reterr)
{
        struct buf open = { .max = FILE_BYTES_MAX };
        int rc = 0;
        signer_write(&open, name, KEY_ED25519, seed);
        if (passphrase && *passphrase)
                rc = seal(out, name, seed, buf_view(&open), passphrase, a, reterr);
        else
                buf_str(out, buf_view(&open));
        buf_printf(out, "\n# made %.*s\n", STR_ARG(stamp_utc(a, clock_now_us())));
        if (until_us)
                buf_printf(out, "# until %.*s\n", STR_ARG(stamp_utc(a, until_us)));
        sodium_memzero(open.p, open.n);
        buf_free(&open);
        return rc;
}

int key_make(struct arena *a, const char *dir, const char *file, struct str name, const char *passphrase, int64_t until_us, struct key *ret, struct err *reterr)
{
        char folder[PATH_MAX], path[PATH_MAX];
        uint8_t seed[32];
        struct buf text = { .max = FILE_BYTES_MAX };
        path_of(dir, "", folder);
        path_of(dir, file, path);
        if (fileio_folder(folder, 0700, reterr) < 0 || closed_to_others(folder, reterr) < 0)
                return -1;
        random_bytes(seed, sizeof seed);
        int rc = write_key(a, &text, name, seed, passphrase, until_us, reterr);
        sodium_memzero(seed, sizeof seed);
        if (rc == 0)            /* of two who make the first key at once the second is told, and takes the first one's */
                rc = file_create(path, 0600, buf_view(&text), reterr);
        if (rc == 0)
                rc = folder_sync(dir, reterr);
        if (text.p)
                sodium_memzero(text.p, text.n);
        buf_free(&text);
        return rc < 0 ? -1 : key_load(a, dir, file, passphrase, ret, reterr) == 1 ? 0 : -1;
}

int key_take_next(const char *dir, struct err *reterr)
{
        char folder[PATH_MAX], next[PATH_MAX], path[PATH_MAX];
        path_of(dir, "", folder);
        path_of(dir, KEY_NEXT, next);
        path_of(dir, KEY_FILE, path);
        return rename(next, path) < 0 ? fileio_failed("renaming", next, reterr) : folder_sync(folder, reterr);
}

struct str key_fingerprint(struct arena *a, const struct vkey *k)
{
        struct buf b = { .max = 4096 }, out = { .max = 256 };
        vkey_write(&b, k);
        struct hash h = sha256(b.p, b.n);
        for (int i = 0; i < 16; i++)
                buf_printf(&out, "%s%02x%02x", i ? " " : "", h.b[2 * i], h.b[2 * i + 1]);
        struct str s = arena_str(a, buf_view(&out));
        buf_free(&b);
        buf_free(&out);
        return s;
}
