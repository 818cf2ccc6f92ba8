#include "app/key_device.h"

#include <stdio.h>

#include "app/ask.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

int device_key_register(const struct settings *s, struct arena *a, struct err *reterr)
{
        struct buf b = { .max = 16 * 1024 };
        struct str answer;
        const struct json *j;
        buf_char(&b, '{');
        ask_member(&b, "org", s->org);
        ask_member(&b, "name", s->name);
        ask_member(&b, "key", s->public_key);
        ask_member(&b, "proof", s->key_proof);
        buf_char(&b, '}');
        int rc = ask_api(s, a, "POST", "/api/device-keys", buf_view(&b), &answer, reterr);
        buf_free(&b);
        if (rc < 0 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return EXIT_REFUSED;
        printf("%lld\n", (long long)json_int(json_get(j, "n"), 0));
        return EXIT_OK;
}

/* `more` goes below /api/device-keys. */
static struct str path(struct arena *a, const struct settings *s, const char *more)
{
        struct buf b = { .max = 16 * 1024 };
        buf_z(&b, "/api/device-keys");
        buf_z(&b, *more ? "/" : "");
        percent_encode(&b, str_of(more), "");
        buf_z(&b, "?org=");
        percent_encode(&b, str_of(s->org), "");
        struct str z = arena_str(a, buf_view(&b));
        buf_free(&b);
        return z;
}

static void print(const struct json *k, const char *name)
{
        struct str s = json_str(k, name);
        printf("\t%.*s", (int)s.n, s.p ? s.p : "");
}

static void print_keys(const struct json *keys)
{
        static const char *const columns[] = { "name", "key", "by", "registered", "revoked" };
        for (uint32_t i = 0; json_is(keys, JSON_ARRAY) && i < keys->n; i++) {
                printf("%lld", (long long)json_int(json_get(&keys->items[i], "n"), 0));
                for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
                        print(&keys->items[i], columns[c]);
                putchar('\n');
        }
}

int device_key_list(const struct settings *s, struct arena *a, struct err *reterr)
{
        struct str answer;
        const struct json *j;
        int64_t next = 0;
        do {
                struct str at = arena_printf(a, "%s&after=%lld", path(a, s, "").p, (long long)next);
                if (ask_api(s, a, "GET", at.p, STR_NONE, &answer, reterr) < 0 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                        return EXIT_REFUSED;
                print_keys(json_get(j, "keys"));
                next = json_int(json_get(j, "next"), 0);
        } while (next > 0);
        return EXIT_OK;
}

int device_key_withdraw(const struct settings *s, struct arena *a, const char *n, struct err *reterr)
{
        struct str answer;
        return ask_api(s, a, "DELETE", path(a, s, n).p, STR_NONE, &answer, reterr) < 0 ? EXIT_REFUSED : EXIT_OK;
}
