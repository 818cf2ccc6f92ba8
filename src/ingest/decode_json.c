#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "ingest/decoder.h"

/* {"t": RFC 3339 or ms, "values": {"channel": number}, "seq": n}, or a list of them; no `t`: the time of receipt; null: no value.
 * Below an address that names a channel: {"t": …, "value": number}, or the number alone. */
struct reader {
        struct arena *a;
        const struct message *m;
        struct batch *ret;
        struct err *err;
        struct buf at;          /* JSON Pointer to what is read */
};

static int wrong(struct reader *r, const char *member, const char *what)
{
        if (what)
                err_set(r->err, ERR_BAD_INPUT, "%s", what);
        if (member)
                json_pointer_add(&r->at, str_of(member));
        return err_at(r->err, r->at.n ? r->at.p : "");
}

static int read_time(struct reader *r, const struct json *t, int64_t *ret)
{
        struct stamp s;

        *ret = r->m->received_ms;
        if (!t)
                return 0;
        if (json_is(t, JSON_STRING) && stamp_read(json_text(t), &s))
                *ret = s.us / 1000;
        else
                *ret = json_int(t, -1);
        return moment_fine(*ret) ? 0 : wrong(r, "t", "a time is RFC 3339 with its offset, or milliseconds since 1970 as a whole number");
}

static int read_seq(struct reader *r, const struct json *v, uint32_t *ret)
{
        int64_t n = v ? json_int(v, -1) : 0;

        if (n < 0 || n > UINT32_MAX)
                return wrong(r, "seq", "a sequence number is a whole number below 2^32");
        *ret = (uint32_t)n;
        return 0;
}

static int add_value(struct reader *r, struct reading *one, const struct json *v)
{
        if (json_is(v, JSON_NULL))
                return 0;
        if (!json_is(v, JSON_NUMBER) || !decimal_of_text(json_text(v), &one->value))
                return wrong(r, NULL, "a value is a number of at most 18 digits, 15 of them after the point");
        return decoded_add(r->m, r->ret, one, r->err) < 0 ? wrong(r, NULL, NULL) : 0;
}

static int add_values(struct reader *r, struct reading *one, const struct json *values)
{
        if (!json_is(values, JSON_OBJECT))
                return wrong(r, "values", "`values` is an object of numbers by channel");
        size_t here = r->at.n;
        for (uint32_t i = 0; i < values->n; i++) {
                r->at.n = here;
                buf_z(&r->at, "/values");
                json_pointer_add(&r->at, values->members[i].name);
                one->channel = values->members[i].name;
                if (add_value(r, one, &values->members[i].value) < 0)
                        return -1;
        }
        r->at.n = here;
        return 0;
}

static int read_object(struct reader *r, const struct json *o)
{
        struct reading one = { .channel = r->m->channel };

        if (!json_is(o, JSON_OBJECT))
                return wrong(r, NULL, "a message is an object with `values`, or a list of them");
        if (read_time(r, json_get(o, "t"), &one.t_ms) < 0 || read_seq(r, json_get(o, "seq"), &one.seq) < 0)
                return -1;
        const struct json *value = json_get(o, "value");
        if (r->m->channel.n && value) {
                buf_z(&r->at, "/value");
                return add_value(r, &one, value);
        }
        return add_values(r, &one, json_get(o, "values"));
}

static int read_any(struct reader *r, const struct json *v)
{
        if (r->m->channel.n && json_is(v, JSON_NUMBER))
                return add_value(r, &(struct reading){ .channel = r->m->channel, .t_ms = r->m->received_ms }, v);
        if (!json_is(v, JSON_ARRAY))
                return read_object(r, v);
        for (uint32_t i = 0; i < v->n; i++) {
                buf_clear(&r->at);
                json_pointer_index(&r->at, i);
                if (read_object(r, &v->items[i]) < 0)
                        return -1;
        }
        return 0;
}

static int decode(struct arena *a, const struct message *m, struct batch *ret, struct err *reterr)
{
        static const struct json_limits limits = { .max_depth = 4, .max_number_bytes = LIMIT_JSON_NUMBER_BYTES, .max_nodes = 4 * LIMIT_MESSAGE_VALUES };
        struct reader r = { .a = a, .m = m, .ret = ret, .err = reterr, .at.max = 400 };
        const struct json *v;

        if (json_read(a, m->bytes.p, m->bytes.n, &limits, &v, reterr) < 0) {
                if (reterr)
                        reterr->kind = ERR_BAD_INPUT;
                return -1;
        }
        int rc = read_any(&r, v);
        buf_free(&r.at);
        return rc;
}

const struct decoder decoder_json = {
        .name = "json",
        .about_zh = "suyuan 自己的 JSON:{\"t\": 时间, \"values\": {\"通道\": 数}},一个或一列",
        .about = "suyuan's own JSON: {\"t\": time, \"values\": {\"channel\": number}}, one or a list",
        .media_types = "application/json text/json application/x-www-form-urlencoded",     /* what curl -d says of anything */
        .max_bytes = LIMIT_MESSAGE_BYTES,
        .decode = decode,
};
