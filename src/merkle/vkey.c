#include <assert.h>

#include "base/text.h"
#include "merkle/note_impl.h"

enum { VKEY_BYTES_MAX = 16 * 1024 };    /* of a key of any kind; the largest known, ML-DSA's, has 1312 bytes */

/* ---- names ---- */

/* The code point that begins at p, of text that is valid UTF-8; *ret_n its bytes. */
static uint32_t code_point(const unsigned char *p, size_t *ret_n)
{
        size_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
        uint32_t c = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));

        for (size_t i = 1; i < n; i++)
                c = c << 6 | (p[i] & 0x3f);
        *ret_n = n;
        return c;
}

/* Unicode's white space (White_Space) that is no control character, and the invisible marks that make one line look like another. */
static bool is_space(uint32_t c)
{
        return c == ' ' || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) || c == 0x205f || c == 0x3000 ||
               c == 0xfeff;
}

bool key_name_ok(struct str name)
{
        size_t n;

        if (name.n == 0 || !utf8_valid(name))
                return false;
        for (size_t i = 0; i < name.n; i += n) {
                uint32_t c = code_point((const unsigned char *)name.p + i, &n);
                if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == '+' || is_space(c))
                        return false;
        }
        return true;
}

/* ---- the bytes of a key ---- */

static const struct str sm2_name = { KEY_SM2_NAME, sizeof KEY_SM2_NAME - 1 };

static bool is_sm2(const struct vkey *k)
{
        return k->type == KEY_SM2 && k->key.n == SM2_KEY && k->key.p[0] == 0x04;
}

/* type ‖ key.  An SM2 key has its long identifier between the two, another one of type 0xff has its own in `key`. */
static void add_key(struct buf *b, const struct vkey *k)
{
        buf_char(b, (char)k->type);
        if (is_sm2(k))
                buf_str(b, sm2_name);
        buf_str(b, k->key);
}

static uint32_t key_id(const struct vkey *k)
{
        struct buf b = { .max = VKEY_BYTES_MAX };
        struct hash h;

        buf_str(&b, k->name);
        buf_char(&b, '\n');
        add_key(&b, k);
        assert(!b.overflow);
        h = sha256(b.p, b.n);
        buf_free(&b);
        return (uint32_t)h.b[0] << 24 | (uint32_t)h.b[1] << 16 | (uint32_t)h.b[2] << 8 | h.b[3];
}

struct vkey vkey_of(struct arena *a, struct str name, enum key_type type, const void *key, size_t n)
{
        struct vkey k = { .name = arena_str(a, name), .type = (uint8_t)type, .key = arena_str(a, (struct str){ key, n }) };

        assert(key_name_ok(name));
        k.id = key_id(&k);
        return k;
}

bool key_type_known(const struct vkey *k)
{
        return k->type == KEY_ED25519 || k->type == KEY_COSIGN || is_sm2(k);
}

/* ---- the text of a key ---- */

static bool id_read(struct str s, uint32_t *ret)
{
        uint32_t id = 0;

        for (size_t i = 0; i < s.n; i++) {
                if (hex_value(s.p[i]) < 0 || (s.p[i] >= 'A' && s.p[i] <= 'F'))
                        return false;
                id = id << 4 | (uint32_t)hex_value(s.p[i]);
        }
        *ret = id;
        return s.n == 8;
}

bool key_text_read(struct arena *a, struct str text, struct key_text *ret)
{
        struct str rest = text, name, id;

        if (text.n > VKEY_BYTES_MAX || !str_split(&rest, '+', &name) || !str_split(&rest, '+', &id) || !rest.p)
                return false;
        ret->name = name;
        return key_name_ok(name) && id_read(id, &ret->id) && base64_decode(a, rest, &ret->bytes) && ret->bytes.n > 0;
}

void key_text_write(struct buf *out, struct str name, uint32_t id, const struct buf *bytes)
{
        buf_str(out, name);
        buf_printf(out, "+%08x+", id);
        base64_encode(out, bytes->p, bytes->n);
}

/* Takes type ‖ key apart; false for a key of a known type that can be none. */
static bool key_read(struct str bytes, struct vkey *ret)
{
        struct str key = { bytes.p + 1, bytes.n - 1 };

        ret->type = (uint8_t)bytes.p[0];
        if (ret->type == KEY_SM2 && str_starts(key, sm2_name)) {
                ret->key = str_from(key, sm2_name.n);
                return is_sm2(ret);
        }
        ret->key = key;
        if (is_sm2(ret))
                return false;   /* would be written as what it is not */
        return (ret->type != KEY_ED25519 && ret->type != KEY_COSIGN) || key.n == ED25519_KEY;
}

/* Some old types (0x02 ECDSA, 0x05 RFC 6962) make their id in another way. */
static bool id_holds(const struct vkey *k)
{
        return k->type == 0x02 || k->type == 0x05 || k->id == key_id(k);
}

int vkey_read(struct arena *a, struct str text, struct vkey *ret, struct err *reterr)
{
        struct key_text t;
        struct vkey k = { 0 };

        if (!key_text_read(a, text, &t))
                return err_set(reterr, ERR_BAD_INPUT, "a key is written as name+8 hex digits+base64, as in log.example.org+3c07add5+Aesk…");
        k.name = arena_str(a, t.name);
        k.id = t.id;
        if (!key_read(t.bytes, &k))
                return err_set(reterr, ERR_BAD_INPUT, "the key of '%.*s' has not the bytes of a key of its type", STR_ARG(k.name));
        if (!id_holds(&k))
                return err_set(reterr, ERR_BAD_INPUT, "the key of '%.*s' has the id %08x, not %08x as it says: a letter of it was changed", STR_ARG(k.name), key_id(&k), k.id);
        *ret = k;
        return 0;
}

void vkey_write(struct buf *out, const struct vkey *k)
{
        struct buf b = { .max = VKEY_BYTES_MAX };

        add_key(&b, k);
        key_text_write(out, k->name, k->id, &b);
        buf_free(&b);
}
