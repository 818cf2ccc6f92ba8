#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "app/ask.h"
#include "app/key_device.h"
#include "app/passphrase.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/clock.h"
#include "base/text.h"
#include "proof/keys.h"
#include "proof/manage.h"

static int add(const struct settings *s, struct arena *a, struct err *reterr)
{
        struct buf b = { .max = 16 * 1024 };
        struct str answer;
        const struct json *j;
        buf_char(&b, '{');
        ask_member(&b, "org", s->org);
        ask_member(&b, "scope", s->scope);
        ask_member(&b, "name", s->name);
        ask_member(&b, "device", s->device);
        buf_printf(&b, ",\"days\":%lld}", (long long)s->expires);
        int rc = ask_api(s, a, "POST", "/api/keys", buf_view(&b), &answer, reterr);
        buf_free(&b);
        if (rc < 0 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return EXIT_REFUSED;
        printf("%.*s\n", STR_ARG(json_str(j, "key")));
        return EXIT_OK;
}

static void print(const struct json *k, const char *name)
{
        struct str s = json_str(k, name);
        printf("\t%.*s", (int)s.n, s.p ? s.p : "");
}

static int list(const struct settings *s, struct arena *a, struct err *reterr)
{
        static const char *const columns[] = { "org", "scope", "name", "device", "created", "expires", "revoked", "used" };
        struct str answer;
        const struct json *j;
        if (ask_api(s, a, "GET", "/api/keys", STR_NONE, &answer, reterr) < 0 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return EXIT_REFUSED;
        const struct json *keys = json_get(j, "keys");
        for (uint32_t i = 0; keys && i < keys->n; i++) {
                if (*s->org && !str_is(json_str(&keys->items[i], "org"), s->org))
                        continue;
                printf("%lld", (long long)json_int(json_get(&keys->items[i], "id"), 0));
                for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
                        print(&keys->items[i], columns[c]);
                putchar('\n');
        }
        return EXIT_OK;
}

static int revoke(const struct settings *s, struct arena *a, const char *id, struct err *reterr)
{
        struct str answer;
        struct buf path = { .max = 4096 };
        buf_z(&path, "/api/keys/");
        percent_encode(&path, str_of(id), "");
        int rc = ask_api(s, a, "DELETE", path.p, STR_NONE, &answer, reterr);
        buf_free(&path);
        return rc < 0 ? EXIT_REFUSED : EXIT_OK;
}

/* ---- the log's key ---- */

static void print_time(struct arena *a, const char *name, int64_t us)
{
        if (us)
                printf("%s %.*s\n", name, STR_ARG(stamp_utc(a, us)));
}

static void print_vkey(struct arena *a, const char *name, const struct vkey *k)
{
        struct buf b = { .max = 4096 };
        vkey_write(&b, k);
        printf("%s %.*s\n%s-fingerprint %.*s\n", name, (int)b.n, b.p, name, STR_ARG(key_fingerprint(a, k)));
        buf_free(&b);
}

static int show(struct store *store, const struct settings *s, struct arena *a, const char *passphrase, struct err *reterr)
{
        struct key_about k;
        (void)s;
        if (proof_key(store, a, passphrase, &k, reterr) < 0)
                return -1;
        print_vkey(a, "key", &k.vkey);
        print_time(a, "created", k.made_us);
        printf("here %s\nencrypted %s\n", k.here ? "yes" : "no", k.encrypted ? "yes" : "no");
        if (k.has_next) {
                print_vkey(a, "next", &k.next);
                print_time(a, "both-until", k.until_us);
        }
        return 0;
}

static int rotate(struct store *store, const struct settings *s, struct arena *a, const char *passphrase, struct err *reterr)
{
        struct vkey next;
        if (s->overlap < 0 || s->overlap > 24 * 366)
                return err_set(reterr, ERR_BAD_INPUT, "--overlap is 0 to 8784 hours");
        if (proof_rotate_key(store, a, passphrase, s->overlap * 3600000000, &next, reterr) < 0)
                return -1;
        print_vkey(a, "next", &next);
        return 0;
}

static int of_log(const struct settings *s, struct arena *a, int (*act)(struct store *, const struct settings *, struct arena *, const char *, struct err *), struct err *reterr)
{
        struct store_options o = { .reader_cache_kib = 1024, .readers = 1, .database = s->database };
        char passphrase[PASSPHRASE_BYTES];
        struct store *store;
        if (passphrase_read(s, passphrase, sizeof passphrase, reterr) < 0 || store_open(s->data, false, &o, &store, reterr) < 0)
                return EXIT_REFUSED;
        int rc = act(store, s, a, passphrase, reterr);
        store_close(store);
        sodium_memzero(passphrase, sizeof passphrase);
        return rc < 0 ? EXIT_REFUSED : EXIT_OK;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        struct arena *a = arena_new();
        int code = EXIT_USAGE;
        if (n == 1 && !strcmp(operands[0], "add") && *s->org && *s->scope)
                code = add(s, a, reterr);
        else if (n == 1 && !strcmp(operands[0], "list"))
                code = list(s, a, reterr);
        else if (n == 2 && !strcmp(operands[0], "revoke"))
                code = revoke(s, a, operands[1], reterr);
        else if (n == 1 && !strcmp(operands[0], "register") && *s->name && *s->public_key)
                code = device_key_register(s, a, reterr);
        else if (n == 1 && !strcmp(operands[0], "registered"))
                code = device_key_list(s, a, reterr);
        else if (n == 2 && !strcmp(operands[0], "withdraw"))
                code = device_key_withdraw(s, a, operands[1], reterr);
        else if (n == 1 && !strcmp(operands[0], "show"))
                code = of_log(s, a, show, reterr);
        else if (n == 1 && !strcmp(operands[0], "rotate"))
                code = of_log(s, a, rotate, reterr);
        else
                err_set(reterr, ERR_BAD_INPUT, "用法 / usage: suyuan key add --org CODE --scope capture,query | list | revoke ID | register --org CODE --name NAME --public KEY | registered | withdraw N | show | rotate");
        arena_free(a);
        return code;
}

const struct command command_key = {
        .name = "key", .operands = "add | list | revoke ID | register | registered | withdraw N | show | rotate", .min_operands = 1, .max_operands = 2,
        .about = "接口密钥、设备公钥、日志的签名钥匙 / keys of machines, of devices that sign, and of the log",
        .help = "Works while a server runs.  `add` prints the key alone, this once: it travels as `Authorization: Bearer KEY`.\n"
                "Scope query includes named queries and subscriptions.  `list`: id, org, scope, name, device, created, expires, revoked, last used.\n\n"
                "`register` takes the public key of a device (suyuan sign --new-key) under a --name, with its --proof or on your word, and prints its number;\n"
                "`registered`: number, name, key, by whom, since, revoked; `withdraw N`: what it signs from now on is refused, what it signed stays good.\n\n"
                "`show` tells of the key that signs the log; `rotate` makes the next one: the running server announces it, signs with both for --overlap hours,\n"
                "and then with the new one alone.  With SUYUAN_KEY_PASSPHRASE (or --key-passphrase-file) a new key file is encrypted.\n\n"
                "  suyuan key add --org lotus --scope capture,query --name erp --expires 365",
        .run = run,
};
