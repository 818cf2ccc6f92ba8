#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/oom.h"
#include "base/text.h"
#include "ingest/collector_impl.h"

/* A device as it was told; lists that follow each other share those that did not change. */
struct entry { _Atomic int refs; struct arena *arena; struct known_device d; };

struct device_list {
        _Atomic int refs;
        char *mark;
        struct entry **all;                     /* by id */
        const struct known_device **by_mn;      /* those that have one */
        size_t n, n_mn;
};

static int cmp_id(const void *a, const void *b)
{
        return str_cmp((*(struct entry *const *)a)->d.id, (*(struct entry *const *)b)->d.id);
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

static struct entry *entry_new(const struct json *j)
{
        struct entry *e = or_abort(calloc(1, sizeof *e));
        struct arena *a = e->arena = arena_new();
#define TEXT(name) arena_str(a, json_str(j, name))
        e->refs = 1;
        e->d = (struct known_device){
                .id = TEXT("id"), .org = TEXT("org"), .protocol = TEXT("protocol"), .model = TEXT("model"), .mn = TEXT("mn"), .secret = TEXT("secret"), .broker_hash = TEXT("brokerHash"),
                .detail = detail_text(a, json_get(j, "detail")), .max_per_minute = json_int(json_get(j, "maxPerMinute"), LIMIT_DEVICE_PER_MINUTE), .revoked = json_is(json_get(j, "revoked"), JSON_TRUE),
        };
#undef TEXT
        return e;
}

static void entry_done(struct entry *e)
{
        if (--e->refs > 0)
                return;
        arena_free(e->arena);
        free(e);
}

static void index_mn(struct device_list *l)
{
        l->by_mn = or_abort(calloc(l->n + 1, sizeof *l->by_mn));
        for (size_t i = 0; i < l->n; i++)
                if (l->all[i]->d.mn.n)
                        l->by_mn[l->n_mn++] = &l->all[i]->d;
        qsort(l->by_mn, l->n_mn, sizeof *l->by_mn, cmp_mn);
}

/* ---- what an answer says ---- */

struct answer { const struct json *changed, *gone; struct str mark; bool whole, more; };

static int answer_read(struct arena *a, struct str json, struct answer *ret, struct err *reterr)
{
        const struct json *j = NULL;
        if (json_read(a, json.p, json.n, NULL, &j, reterr) < 0)
                return -1;
        bool old = json_is(json_get(j, "devices"), JSON_ARRAY);
        *ret = (struct answer){ .changed = json_get(j, old ? "devices" : "changed"), .gone = json_get(j, "gone"), .mark = json_text(json_get(j, "mark")),
                                .whole = old || json_is(json_get(j, "whole"), JSON_TRUE), .more = json_is(json_get(j, "more"), JSON_TRUE) };
        return json_is(ret->changed, JSON_ARRAY) && ret->mark.n ? 0 : err_set(reterr, ERR_BAD_INPUT, "no list of devices");
}

/* Those that are told, by id; of one that is told twice the last. */
static size_t read_changed(const struct json *list, struct entry **ret)
{
        size_t n = 0, kept = 0;
        for (uint32_t i = 0; i < list->n; i++)
                if (json_str(&list->items[i], "id").n)
                        ret[n++] = entry_new(&list->items[i]);
        qsort(ret, n, sizeof *ret, cmp_id);
        for (size_t i = 0; i < n; i++) {
                if (kept && str_eq(ret[kept - 1]->d.id, ret[i]->d.id))
                        entry_done(ret[--kept]);
                ret[kept++] = ret[i];
        }
        return kept;
}

static int cmp_str(const void *a, const void *b)
{
        return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static size_t read_gone(const struct json *list, struct str *ret)
{
        size_t n = 0;
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++)
                ret[n++] = json_text(&list->items[i]);
        qsort(ret, n, sizeof *ret, cmp_str);
        return n;
}

/* What stood, less what is gone or told anew. */
static void merge(struct device_list *l, const struct device_list *base, struct entry *const *changed, size_t n, const struct str *gone, size_t n_gone)
{
        size_t at = 0, stood = base ? base->n : 0;
        l->all = or_abort(calloc(stood + n + 1, sizeof *l->all));
        for (size_t i = 0; i < stood; i++) {
                struct entry *e = base->all[i];
                int order = -1;
                while (at < n && (order = str_cmp(changed[at]->d.id, e->d.id)) < 0)
                        l->all[l->n++] = changed[at++];
                if ((at < n && order == 0) || bsearch(&e->d.id, gone, n_gone, sizeof *gone, cmp_str))
                        continue;
                e->refs++;
                l->all[l->n++] = e;
        }
        while (at < n)
                l->all[l->n++] = changed[at++];
}

struct device_list *device_list_apply(const struct device_list *base, struct str json, bool *ret_more, struct err *reterr)
{
        struct arena *a = arena_new();
        struct device_list *l = NULL;
        struct answer x;
        if (answer_read(a, json, &x, reterr) == 0) {
                struct entry **changed = arena_array(a, struct entry *, x.changed->n + 1);
                struct str *gone = arena_array(a, struct str, (json_is(x.gone, JSON_ARRAY) ? x.gone->n : 0) + 1);
                size_t n = read_changed(x.changed, changed), n_gone = read_gone(x.gone, gone);
                l = or_abort(calloc(1, sizeof *l));
                l->refs = 1;
                l->mark = or_abort(strndup(x.mark.p, x.mark.n));
                merge(l, x.whole ? NULL : base, changed, n, gone, n_gone);
                index_mn(l);
                *ret_more = x.more;
        }
        arena_free(a);
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
        for (size_t i = 0; i < l->n; i++)
                entry_done(l->all[i]);
        free(l->all);
        free(l->by_mn);
        free(l->mark);
        free(counted(l));
}

const char *device_list_mark(const struct device_list *l)
{
        return l->mark;
}

const struct known_device *device_by_id(const struct device_list *l, struct str id)
{
        struct entry key = { .d = { .id = id } }, *at = &key;
        struct entry *const *found = l && l->n ? bsearch(&at, l->all, l->n, sizeof at, cmp_id) : NULL;
        return found ? &(*found)->d : NULL;
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
        return l && i < l->n ? &l->all[i]->d : NULL;
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
