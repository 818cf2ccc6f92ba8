#include "epcis/signature.h"

#include <assert.h>
#include <sodium.h>

#include "base/text.h"
#include "epcis/digest.h"
#include "epcis/reader.h"

static_assert(SIGNING_KEY_BYTES == crypto_sign_PUBLICKEYBYTES && SIGNATURE_BYTES == crypto_sign_BYTES, "Ed25519");

void signed_text(uint8_t ret[SIGNED_BYTES], const struct hash *record_digest)
{
        memcpy(ret, "suyuan signature v1\n", 20);
        memcpy(ret + 20, record_digest->b, 32);
}

bool signature_holds(const struct signature *s, const struct hash *record_digest)
{
        uint8_t text[SIGNED_BYTES];

        signed_text(text, record_digest);
        return crypto_sign_verify_detached(s->value, text, sizeof text, s->key) == 0;
}

struct hash signature_hash(const struct signature *s)
{
        return s ? sha256_2(s->key, sizeof s->key, s->value, sizeof s->value) : (struct hash){ { 0 } };
}

bool signing_key_good(const uint8_t key[SIGNING_KEY_BYTES])
{
        return crypto_core_ed25519_is_valid_point(key) == 1;
}

struct str registration_text(struct arena *a, struct str org_code, struct str name, const uint8_t key[SIGNING_KEY_BYTES])
{
        struct buf b = { .max = 64 * 1024 };

        buf_z(&b, "suyuan device key v1\n/org/");
        buf_str(&b, org_code);
        buf_char(&b, '\n');
        buf_str(&b, name);
        buf_char(&b, '\n');
        base64_encode(&b, key, SIGNING_KEY_BYTES);
        buf_char(&b, '\n');
        struct str s = arena_str(a, buf_view(&b));

        buf_free(&b);
        return s;
}

bool registration_holds(const uint8_t key[SIGNING_KEY_BYTES], struct str text, const uint8_t proof[SIGNATURE_BYTES])
{
        return crypto_sign_verify_detached(proof, (const unsigned char *)text.p, text.n, key) == 0;
}

/* ---- reading ---- */

enum part { PART_KEY, PART_SALT, PART_VALUE, PARTS };
static const struct { const char *iri, *name, *form; } parts[PARTS] = {
        [PART_KEY] = { SUYUAN_VOC "key", "key", "base64 of the 32 bytes of an Ed25519 public key" },
        [PART_SALT] = { SUYUAN_VOC "salt", "salt", "64 hex digits in lower case" },
        [PART_VALUE] = { SUYUAN_VOC "value", "value", "base64 of the 64 bytes of an Ed25519 signature" },
};

static bool lower(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if (s.p[i] >= 'A' && s.p[i] <= 'F')
                        return false;
        return true;
}

static bool take(struct signature *s, enum part part, struct str text)
{
        switch (part) {
        case PART_KEY:
                return base64_read(text, s->key, sizeof s->key);
        case PART_SALT:
                s->has_salt = lower(text) && hex_read(text, s->salt.b, sizeof s->salt.b);
                return s->has_salt;
        default:
                return base64_read(text, s->value, sizeof s->value);
        }
}

static enum part part_of(struct reader *r, struct str name)
{
        struct str iri = context_expand(r->arena, r->context, name);
        int part = 0;

        while (part < PARTS && !str_is(iri, parts[part].iri))
                part++;
        return (enum part)part;
}

static bool read_part(struct reader *r, const struct path *at, const struct json *v, unsigned *seen, struct signature *s)
{
        enum part part = part_of(r, at->name);

        if (part == PARTS) {
                fault_add(r, at, CODE_UNKNOWN_MEMBER, "a signature has key, salt and value, not '%.*s'", SHOWN(at->name));
                return false;
        }
        if (*seen & 1U << part) {
                fault_add(r, at, CODE_REPEATED_ITEM, "the signature's %s stands twice", parts[part].name);
                return false;
        }
        *seen |= 1U << part;
        if (v->kind != JSON_STRING)
                fault_add(r, at, CODE_WRONG_KIND, "the signature's %s must be a text", parts[part].name);
        else if (!take(s, part, json_text(v)))
                fault_add(r, at, CODE_BAD_PATTERN, "the signature's %s must be %s", parts[part].name, parts[part].form);
        else
                return true;
        return false;
}

/* All of its parts, each right.  What is read from the store may lack the salt. */
static bool read_parts(struct reader *r, const struct path *at, const struct json *v, struct signature *s)
{
        unsigned seen = 0, need = r->document ? 1U << PART_KEY | 1U << PART_SALT | 1U << PART_VALUE : 1U << PART_KEY | 1U << PART_VALUE;
        bool good = true;

        if (v->kind != JSON_OBJECT) {
                fault_add(r, at, CODE_WRONG_KIND, "a signature must be an object { … } with key, salt and value");
                return false;
        }
        for (uint32_t i = 0; i < v->n; i++) {
                const struct path here = { at, v->members[i].name, 0 };

                good &= read_part(r, &here, &v->members[i].value, &seen, s);
        }
        for (int part = 0; part < PARTS; part++)
                if (need & ~seen & 1U << part) {
                        fault_add(r, at, CODE_MISSING_MEMBER, "the signature needs the member %s (%s)", parts[part].name, parts[part].form);
                        good = false;
                }
        return good;
}

const struct signature *signature_read(struct reader *r, const struct path *at, const struct json *v)
{
        struct signature *s = NULL;
        bool good = true;

        for (uint32_t i = 0; i < v->n; i++) {
                const struct json_member *m = &v->members[i];
                const struct path here = { at, m->name, 0 };

                if (!memchr(m->name.p, ':', m->name.n) || !str_is(context_expand(r->arena, r->context, m->name), SIGNATURE_MEMBER))
                        continue;
                if (s) {
                        fault_add(r, &here, CODE_REPEATED_ITEM, "an event bears one signature");
                        return NULL;
                }
                s = arena_alloc(r->arena, sizeof *s);
                s->json = &m->value;
                s->name = m->name;
                good = read_parts(r, &here, &m->value, s);
        }
        return good ? s : NULL;
}

void check_signature(struct reader *r, const struct path *at, const struct event *e)
{
        struct record_digest d;

        if (!e->signature || r->document->refused[r->event])
                return;
        record_digest(r->arena, e, NULL, &d);
        const struct path here = { at, e->signature->name, 0 };

        if (!signature_holds(e->signature, &d.digest))
                fault_add(r, &here, CODE_SIGNATURE_WRONG, "the signature does not hold: the event is another one than was signed, or the key is another");
}
