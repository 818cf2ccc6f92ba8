#include "ingest/mapping.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"

struct mapping {
        const struct mapped_channel *channels;  /* by `from` */
        size_t n;
};

bool channel_name(struct str s)
{
        if (s.n < 1 || s.n > 64)
                return false;
        for (size_t i = 0; i < s.n; i++) {
                char c = s.p[i];
                bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == ':' || c == '-';
                if (!fine)
                        return false;
        }
        return true;
}

static int wrong(struct err *reterr, struct str code, const char *member, const char *what)
{
        char at[120];

        snprintf(at, sizeof at, "/channels/%.*s/%s", (int)(code.n < 64 ? code.n : 64), code.n ? code.p : "", member);
        err_set(reterr, ERR_BAD_INPUT, "%s", what);
        return err_at(reterr, at);
}

static bool number_of(const struct json *o, const char *name, struct decimal otherwise, struct decimal *ret)
{
        const struct json *v = json_get(o, name);
        *ret = otherwise;
        return !v || json_is(v, JSON_NULL) || (json_is(v, JSON_NUMBER) && decimal_read(json_text(v), ret));
}

static int read_channel(const struct json *o, struct str code, struct mapped_channel *ret, struct err *reterr)
{
        ret->code = code;
        ret->from = json_str(o, "from");
        if (!channel_name(ret->code))
                return wrong(reterr, code, "code", "a channel's code has 1 to 64 letters, digits and . _ : -");
        if (!ret->from.n)
                ret->from = ret->code;
        if (!number_of(o, "scale", (struct decimal){ 1, 0 }, &ret->scale) || ret->scale.mantissa == 0)
                return wrong(reterr, code, "scale", "a scale is a number and not 0");
        if (!number_of(o, "offset", (struct decimal){ 0, 0 }, &ret->offset))
                return wrong(reterr, code, "offset", "an offset is a number");
        return 0;
}

static int by_from(const void *a, const void *b)
{
        return str_cmp(((const struct mapped_channel *)a)->from, ((const struct mapped_channel *)b)->from);
}

static int sort_channels(struct mapped_channel *all, uint32_t n, struct err *reterr)
{
        qsort(all, n, sizeof *all, by_from);
        for (uint32_t i = 1; i < n; i++)
                if (str_eq(all[i].from, all[i - 1].from))
                        return err_set(reterr, ERR_BAD_INPUT, "two channels come from '%.*s'", STR_ARG(all[i].from));
        return 0;
}

const struct json *channel_at(const struct json *list, uint32_t i, struct str *ret_code)
{
        bool by_code = json_is(list, JSON_OBJECT);
        const struct json *o = by_code ? &list->members[i].value : &list->items[i];

        *ret_code = by_code ? list->members[i].name : json_str(o, "code");
        return o;
}

static int read_channels(struct arena *a, const struct json *list, struct mapping *m, struct err *reterr)
{
        if ((!json_is(list, JSON_ARRAY) && !json_is(list, JSON_OBJECT)) || list->n > LIMIT_DEVICE_CHANNELS) {
                err_set(reterr, ERR_BAD_INPUT, "`channels` is a list, or an object by code, of at most %d", LIMIT_DEVICE_CHANNELS);
                return err_at(reterr, "/channels");
        }
        struct mapped_channel *all = arena_array(a, struct mapped_channel, list->n + 1);
        for (uint32_t i = 0; i < list->n; i++) {
                struct str code;
                const struct json *o = channel_at(list, i, &code);
                if (read_channel(o, code, &all[i], reterr) < 0)
                        return -1;
        }
        *m = (struct mapping){ all, list->n };
        return sort_channels(all, list->n, reterr);
}

int mapping_read(struct arena *a, struct str detail, const struct mapping **ret, struct err *reterr)
{
        struct mapping *m = arena_alloc(a, sizeof *m);
        const struct json *o = NULL;

        if (detail.n && json_read(a, detail.p, detail.n, NULL, &o, reterr) < 0)
                return -1;
        const struct json *list = json_get(o, "channels");
        if (list && !json_is(list, JSON_NULL) && read_channels(a, list, m, reterr) < 0)
                return -1;
        *ret = m;
        return 0;
}

const struct mapped_channel *mapping_find(const struct mapping *m, struct str from)
{
        struct mapped_channel key = { .from = from };
        return m && m->n ? bsearch(&key, m->channels, m->n, sizeof key, by_from) : NULL;
}

bool mapping_apply(const struct mapping *m, struct reading *r)
{
        const struct mapped_channel *c = mapping_find(m, r->channel);
        struct decimal v = r->value;

        if (!c)
                return true;
        bool same = c->scale.mantissa == 1 && c->scale.scale == 0;
        if ((!same && !decimal_mul(v, c->scale, &v)) || (c->offset.mantissa && !decimal_add(v, c->offset, &v)))
                return false;
        r->value = v;
        r->channel = c->code;
        return true;
}
