#include <stdio.h>
#include <string.h>

#include "app/ask.h"
#include "app/key_device.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

static void member(struct buf *b, const char *name, const char *value)
{
        if (!*value)
                return;
        buf_z(b, b->n > 1 ? "," : "");
        json_write_name(b, name);
        json_write_str(b, str_of(value));
}

static int add(const struct settings *s, struct arena *a, struct err *reterr)
{
        struct buf b = { .max = 16 * 1024 };
        struct str answer;
        const struct json *j;
        buf_char(&b, '{');
        member(&b, "org", s->org);
        member(&b, "scope", s->scope);
        member(&b, "name", s->name);
        member(&b, "device", s->device);
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
        else
                err_set(reterr, ERR_BAD_INPUT, "用法 / usage: suyuan key add --org CODE --scope capture,query | list | revoke ID | register --org CODE --name NAME --public KEY | registered | withdraw N");
        arena_free(a);
        return code;
}

const struct command command_key = {
        .name = "key", .operands = "add | list | revoke ID | register | registered | withdraw N", .min_operands = 1, .max_operands = 2,
        .about = "接口密钥、设备公钥 / keys of machines, and of devices that sign",
        .help = "Works while a server runs.  `add` prints the key alone, this once: it travels as `Authorization: Bearer KEY`.\n"
                "Scope query includes named queries and subscriptions.  `list`: id, org, scope, name, device, created, expires, revoked, last used.\n\n"
                "`register` takes the public key of a device (suyuan sign --new-key) under a --name, with its --proof or on your word, and prints its number;\n"
                "`registered`: number, name, key, by whom, since, revoked; `withdraw N`: what it signs from now on is refused, what it signed stays good.\n\n"
                "  suyuan key add --org lotus --scope capture,query --name erp --expires 365",
        .run = run,
};
