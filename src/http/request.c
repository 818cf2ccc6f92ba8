#include <assert.h>

#include "base/text.h"
#include "http/http_impl.h"

struct str request_header(const struct request *q, const char *name)
{
        return header_find(q->exchange, name);
}

const char *request_allow(const struct request *q)
{
        return q->exchange->allow;
}

int request_param(const struct request *q, const char *name, struct str *ret)
{
        struct str rest = q->query, pair, key, decoded;

        while (str_split(&rest, '&', &pair)) {
                if (!str_split(&pair, '=', &key) || !percent_decode(q->arena, key, &decoded) || !str_is(decoded, name))
                        continue;
                return percent_decode(q->arena, pair, ret) ? 1 : -1;
        }
        return 0;
}

void request_drop_body(struct request *q)
{
        buf_free(&q->exchange->body);
        q->body = STR_NONE;
}

bool request_media_is(const struct request *q, const char *type)
{
        struct str rest = request_header(q, "Content-Type"), media, param, name;

        if (!str_split(&rest, ';', &media) || !str_ieq(str_trim(media), str_of(type)))
                return false;
        while (str_split(&rest, ';', &param)) {
                str_split(&param, '=', &name);
                param = str_trim(param);
                if (param.n > 1 && param.p[0] == '"' && param.p[param.n - 1] == '"')
                        param = (struct str){ param.p + 1, param.n - 2 };
                if (str_ieq(str_trim(name), STR("charset")) && !str_ieq(param, STR("utf-8")) && !str_ieq(param, STR("us-ascii")))
                        return false;
        }
        return true;
}

/* How exactly a media range names a type: 3 wholly, 2 "text/…*", 1 "…*", 0 not. */
static int range_fits(struct str range, struct str type)
{
        struct str of_range = range, of_type = type, range_top, type_top;

        if (str_is(range, "*/*"))
                return 1;
        if (str_ieq(range, type))
                return 3;
        str_split(&of_range, '/', &range_top);
        str_split(&of_type, '/', &type_top);
        return str_is(of_range, "*") && str_ieq(range_top, type_top) ? 2 : 0;
}

/* The weight in thousandths the header gives to a type: that of the most exact range; 0 when none fits. */
static int accept_weight_of(struct str header, struct str type)
{
        struct str item;
        int best = 0, weight = 0;

        while (str_split(&header, ',', &item)) {
                int q = accept_weight(&item);
                int exact = range_fits(item, type);
                if (q >= 0 && exact > best) {
                        best = exact;
                        weight = q;
                }
        }
        return weight;
}

bool request_takes_gzip(const struct request *q)
{
        struct str header = request_header(q, "Accept-Encoding"), item;
        int gzip = -1, plain = -1, any = -1;

        while (str_split(&header, ',', &item)) {
                int w = accept_weight(&item);
                if (str_ieq(item, STR("gzip")) || str_ieq(item, STR("x-gzip")))
                        gzip = w > gzip ? w : gzip;
                else if (str_ieq(item, STR("identity")))
                        plain = w;
                else if (str_is(item, "*"))
                        any = w;
        }
        if (gzip < 0)
                gzip = any;
        return gzip > 0 && gzip >= plain;
}

bool request_knows(const struct request *q, const char *etag)
{
        struct str rest = request_header(q, "If-None-Match"), one;

        while (str_split(&rest, ',', &one)) {
                one = str_trim(one);
                if (str_starts(one, STR("W/")))
                        one = str_from(one, 2);
                if (str_is(one, etag) || str_is(one, "*"))
                        return true;
        }
        return false;
}

int request_prefers(const struct request *q, const char *const *types, size_t n)
{
        struct str header = request_header(q, "Accept");
        int best = -1, best_weight = 0;

        assert(n > 0);
        if (!str_trim(header).n)
                return 0;
        for (size_t i = 0; i < n; i++) {
                int weight = accept_weight_of(header, str_of(types[i]));
                if (weight > best_weight) {
                        best_weight = weight;
                        best = (int)i;
                }
        }
        return best;
}
