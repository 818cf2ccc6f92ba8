#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/input.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "epcis/digest.h"
#include "epcis/read.h"
#include "epcis/signature.h"

/* The reference signer (docs/ref/signing.md): what a phone does, offline, so that whoever writes one can compare. */

enum { KEY_FILE_BYTES = 4096 };
#define KEY_FILE_WORD "suyuan-device-key-1 "

struct device { uint8_t key[SIGNING_KEY_BYTES], secret[crypto_sign_SECRETKEYBYTES]; struct hash salts; };

static void device_of(struct device *d, const uint8_t seed[32])
{
        crypto_sign_seed_keypair(d->key, d->secret, seed);
        d->salts = hmac_sha256(seed, 32, "suyuan device salt v1", 21);
}

/* ---- the file of a key ---- */

static int new_key(const char *path, struct err *reterr)
{
        uint8_t seed[32];
        struct device d;
        struct buf b = { .max = KEY_FILE_BYTES };
        random_bytes(seed, sizeof seed);
        device_of(&d, seed);
        buf_z(&b, KEY_FILE_WORD);
        base64_encode(&b, seed, sizeof seed);
        buf_char(&b, '\n');
        int rc = file_create(path, 0600, buf_view(&b), reterr);
        sodium_memzero(b.p, b.n);
        buf_clear(&b);
        base64_encode(&b, d.key, sizeof d.key);
        if (rc == 0)
                puts(b.p);
        buf_free(&b);
        sodium_memzero(seed, sizeof seed);
        sodium_memzero(&d, sizeof d);
        return rc;
}

static int read_key(struct arena *a, const char *path, struct device *ret, struct err *reterr)
{
        struct str text;
        uint8_t seed[32];
        if (file_read_private(a, path, KEY_FILE_BYTES, &text, reterr) < 0)
                return -1;
        struct str all = text;
        text = str_trim(text);
        bool good = str_starts(text, STR(KEY_FILE_WORD)) && base64_read(str_from(text, sizeof KEY_FILE_WORD - 1), seed, sizeof seed);
        if (good)
                device_of(ret, seed);
        sodium_memzero(seed, sizeof seed);
        sodium_memzero((char *)(uintptr_t)all.p, all.n);
        return good ? 0 : err_set(reterr, ERR_BAD_INPUT, "%.200s is no key file; make one with `suyuan sign --new-key FILE`", path);
}

/* ---- what is signed ---- */

static void add_base64(struct buf *b, const char *name, const void *p, size_t n)
{
        json_write_name(b, name);
        buf_char(b, '"');
        base64_encode(b, p, n);
        buf_char(b, '"');
}

/* What POST /api/device-keys takes. */
static void print_registration(struct arena *a, const struct device *d, const char *org, const char *name)
{
        struct buf b = { .max = 16 * 1024 };
        struct str text = registration_text(a, str_of(org), str_of(name), d->key);
        uint8_t proof[SIGNATURE_BYTES];
        crypto_sign_detached(proof, NULL, (const unsigned char *)text.p, text.n, d->secret);
        buf_z(&b, "{\"org\":");
        json_write_str(&b, str_of(org));
        buf_z(&b, ",\"name\":");
        json_write_str(&b, str_of(name));
        buf_char(&b, ',');
        add_base64(&b, "key", d->key, sizeof d->key);
        buf_char(&b, ',');
        add_base64(&b, "proof", proof, sizeof proof);
        printf("%s}\n", b.p);
        buf_free(&b);
}

struct signing {
        struct buf *b;
        struct arena *a;
        const struct document *d;
        const struct device *device;
        size_t next;            /* event */
};

/* The digest is known before the signature is there: it does not hold it. */
static void add_signature(struct signing *s, const struct event *e)
{
        struct str open = record_canonical(s->a, e, NULL, false);
        struct hash salt = hmac_sha256(s->device->salts.b, sizeof s->device->salts.b, open.p, open.n);
        struct str form = record_canonical(s->a, e, &salt, true);
        struct hash digest = sha256(form.p, form.n);
        uint8_t text[SIGNED_BYTES], value[SIGNATURE_BYTES];
        bool prefix = str_is(context_expand(s->a, e->context, STR("suyuan:signature")), SIGNATURE_MEMBER);
        const char *space = prefix ? "suyuan:" : SUYUAN_VOC;
        signed_text(text, &digest);
        crypto_sign_detached(value, NULL, text, sizeof text, s->device->secret);
        buf_printf(s->b, "\"%ssignature\":{", space);
        add_base64(s->b, arena_printf(s->a, "%skey", space).p, s->device->key, sizeof s->device->key);
        buf_printf(s->b, ",\"%ssalt\":\"", space);
        buf_hex(s->b, salt.b, sizeof salt.b);
        buf_z(s->b, "\",");
        add_base64(s->b, arena_printf(s->a, "%svalue", space).p, value, sizeof value);
        buf_char(s->b, '}');
}

static void write_value(struct signing *s, const struct json *v);

static void write_object(struct signing *s, const struct json *v)
{
        const struct event *e = s->next < s->d->n_events && s->d->events[s->next].json == v ? &s->d->events[s->next++] : NULL;
        buf_char(s->b, '{');
        for (uint32_t i = 0; i < v->n; i++) {
                buf_z(s->b, i ? "," : "");
                json_write_str(s->b, v->members[i].name);
                buf_char(s->b, ':');
                write_value(s, &v->members[i].value);
        }
        if (e) {
                buf_z(s->b, v->n ? "," : "");
                add_signature(s, e);
        }
        buf_char(s->b, '}');
}

static void write_value(struct signing *s, const struct json *v)
{
        if (json_is(v, JSON_OBJECT)) {
                write_object(s, v);
        } else if (json_is(v, JSON_ARRAY)) {
                buf_char(s->b, '[');
                for (uint32_t i = 0; i < v->n; i++) {
                        buf_z(s->b, i ? "," : "");
                        write_value(s, &v->items[i]);
                }
                buf_char(s->b, ']');
        } else {
                json_write(s->b, v);
        }
}

static int check_events(const char *name, const struct document *d, struct err *reterr)
{
        for (size_t i = 0; i < d->faults.n; i++)
                if (d->faults.list[i].severity == FAULT_REFUSED)
                        fprintf(stderr, "%s: %.*s: %.*s\n", name, STR_ARG(d->faults.list[i].pointer), STR_ARG(d->faults.list[i].message));
        if (d->faults.refused || !d->n_events)
                return err_set(reterr, ERR_BAD_EVENT, "%.200s holds no events, or some that every server refuses: nothing was signed", name);
        for (size_t i = 0; i < d->n_events; i++)
                if (d->events[i].signature)
                        return err_set(reterr, ERR_CONFLICT, "event %zu of %.200s bears a signature already", i + 1, name);
        return 0;
}

static int write_out(const char *path, struct str text, struct err *reterr)
{
        FILE *f = *path ? fopen(path, "wb") : stdout;
        bool good = f && fwrite(text.p, 1, text.n, f) == text.n && fputc('\n', f) != EOF;
        good = f && (f == stdout ? fflush(f) : fclose(f)) == 0 && good;
        return good ? 0 : err_set(reterr, ERR_STORE, "%.200s cannot be written", *path ? path : "the output");
}

static int sign_file(struct arena *a, const struct device *d, const char *name, const char *output, struct err *reterr)
{
        const struct origins none = { NULL, 0 };
        struct str bytes;
        struct document *doc;
        struct buf b = { .max = 8 * (size_t)LIMIT_BODY_BYTES };
        if (input_bytes(a, name, &bytes, reterr) < 0)
                return -1;
        if (document_read(a, bytes.p, bytes.n, &none, &doc, reterr) < 0)
                return err_while(reterr, "reading %s", name);
        if (check_events(name, doc, reterr) < 0)
                return -1;
        struct signing s = { .b = &b, .a = a, .d = doc, .device = d };
        write_value(&s, doc->json);
        int rc = b.overflow ? err_set(reterr, ERR_TOO_LARGE, "the signed document is too large") : write_out(output, buf_view(&b), reterr);
        buf_free(&b);
        return rc;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        struct arena *a = arena_new();
        struct device d = { 0 };
        int rc = -1;
        if (*s->new_key && !*s->key_file && n == 0)
                rc = new_key(s->new_key, reterr);
        else if (!*s->key_file || *s->new_key || (n == 0 && !(*s->org && *s->name)))
                err_set(reterr, ERR_BAD_INPUT, "用法 / usage: suyuan sign EVENTS.json --key FILE [-o OUT] | sign --new-key FILE | sign --key FILE --org CODE --name NAME");
        else if (read_key(a, s->key_file, &d, reterr) == 0 && n == 0)
                print_registration(a, &d, s->org, s->name), rc = 0;
        else if (!reterr->kind)
                rc = sign_file(a, &d, operands[0], s->output, reterr);
        sodium_memzero(&d, sizeof d);
        arena_free(a);
        return rc < 0 ? EXIT_REFUSED : EXIT_OK;
}

const struct command command_sign = {
        .name = "sign",
        .operands = "[EVENTS.json]",
        .about = "给事件签名（离线，供设备开发者对照） / sign events as a device does, offline, for comparison",
        .help = "`--new-key FILE` makes a device's key (mode 0600) and prints its public key.  `--key FILE --org CODE --name NAME` prints its registration\n"
                "for POST /api/device-keys.  With a document, each of its events gets `suyuan:signature`; it comes out on standard output or in -o.\n"
                "Needs no data directory.  docs/ref/signing.md says every byte of it.\n\n"
                "  suyuan sign harvest.json --key phone.key -o signed.json\n",
        .max_operands = 1,
        .run = run,
};
