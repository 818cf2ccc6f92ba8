#include <openssl/crypto.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/oom.h"
#include "base/text.h"
#include "ingest/collector_impl.h"

struct device_list {
        _Atomic int refs;
        struct arena *arena;
        const char *mark;
        struct known_device *all;               /* by id */
        const struct known_device **by_mn;      /* those that have one */
        size_t n, n_mn;
};

static int cmp_id(const void *a, const void *b)
{
        return str_cmp(((const struct known_device *)a)->id, ((const struct known_device *)b)->id);
}

static int cmp_mn(const void *a, const void *b)
{
        return str_cmp((*(const struct known_device *const *)a)->mn, (*(const struct known_device *const *)b)->mn);
}

static struct str detail_text(struct arena *a, const struct json *detail)
{
        struct buf b;
        if (!json_is(detail, JSON_OBJECT))
                return STR_NONE;
        buf_init(&b, LIMIT_THING_BYTES);
        json_write(&b, detail);
        struct str s = b.overflow ? STR_NONE : arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

static struct known_device read_one(struct arena *a, const struct json *j)
{
        struct known_device d = {
                .id = json_str(j, "id"), .org = json_str(j, "org"), .protocol = json_str(j, "protocol"), .model = json_str(j, "model"), .mn = json_str(j, "mn"),
                .secret = json_str(j, "secret"), .broker_hash = json_str(j, "brokerHash"), .detail = detail_text(a, json_get(j, "detail")),
                .max_per_minute = json_int(json_get(j, "maxPerMinute"), LIMIT_DEVICE_PER_MINUTE), .revoked = json_is(json_get(j, "revoked"), JSON_TRUE),
        };
        return d;
}

static void index_mn(struct device_list *l)
{
        l->by_mn = arena_array(l->arena, const struct known_device *, l->n + 1);
        for (size_t i = 0; i < l->n; i++)
                if (l->all[i].mn.n)
                        l->by_mn[l->n_mn++] = &l->all[i];
        qsort(l->by_mn, l->n_mn, sizeof *l->by_mn, cmp_mn);
}

static void read_all(struct device_list *l, const struct json *list)
{
        l->all = arena_array(l->arena, struct known_device, list->n + 1);
        for (size_t i = 0; i < list->n; i++) {
                struct known_device d = read_one(l->arena, &list->items[i]);
                if (d.id.n)
                        l->all[l->n++] = d;
        }
        qsort(l->all, l->n, sizeof *l->all, cmp_id);
        index_mn(l);
}

struct device_list *device_list_new(struct str json, struct err *reterr)
{
        struct device_list *l = or_abort(calloc(1, sizeof *l));
        const struct json *j = NULL, *list = NULL;
        l->refs = 1;
        l->arena = arena_new();
        int rc = json_read(l->arena, json.p, json.n, NULL, &j, reterr);
        if (rc == 0 && (!json_is(list = json_get(j, "devices"), JSON_ARRAY) || !json_text(json_get(j, "mark")).n))
                rc = err_set(reterr, ERR_BAD_INPUT, "no list of devices");
        if (rc < 0) {
                device_list_done(l);
                return NULL;
        }
        l->mark = arena_cstr(l->arena, json_text(json_get(j, "mark")));
        read_all(l, list);
        return l;
}

/* Counting does not change what is seen. */
static struct device_list *counted(const struct device_list *l)
{
        return (struct device_list *)(uintptr_t)l;
}

const struct device_list *device_list_ref(const struct device_list *l)
{
        if (l)
                counted(l)->refs++;
        return l;
}

void device_list_done(const struct device_list *l)
{
        if (!l || --counted(l)->refs > 0)
                return;
        arena_free(l->arena);
        free(counted(l));
}

const char *device_list_mark(const struct device_list *l)
{
        return l->mark;
}

const struct known_device *device_by_id(const struct device_list *l, struct str id)
{
        struct known_device key = { .id = id };
        return l && l->n ? bsearch(&key, l->all, l->n, sizeof key, cmp_id) : NULL;
}

const struct known_device *device_by_mn(const struct device_list *l, struct str mn)
{
        struct known_device key = { .mn = mn };
        const struct known_device *at = &key;
        const struct known_device **found = l && l->n_mn ? bsearch(&at, l->by_mn, l->n_mn, sizeof at, cmp_mn) : NULL;
        return found ? *found : NULL;
}

const struct known_device *device_at(const struct device_list *l, size_t i)
{
        return l && i < l->n ? &l->all[i] : NULL;
}

enum { SALT_MAX = 64 };

bool device_secret_is(const struct known_device *d, struct str secret)
{
        struct str rest = d->secret, kind, salt_text;
        uint8_t salt[SALT_MAX];
        struct hash want;
        if (!str_split(&rest, ':', &kind) || !str_is(kind, "sha256") || !str_split(&rest, ':', &salt_text) || salt_text.n > 2 * sizeof salt ||
            !hex_read(salt_text, salt, salt_text.n / 2) || !hex_read(rest, want.b, sizeof want.b))
                return false;
        struct hash have = sha256_2(salt, salt_text.n / 2, secret.p, secret.n);
        return CRYPTO_memcmp(want.b, have.b, sizeof want.b) == 0;
}
