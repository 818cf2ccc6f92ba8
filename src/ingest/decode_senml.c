#include <stdio.h>

#include "base/json.h"
#include "base/limits.h"
#include "ingest/decoder.h"

/* SenML (RFC 8428) as JSON.  The device is known from the address, so a channel is the record's own name `n`, and the base name where there is no other; a second
 * base name would be another device's and is refused.  `v` is the value, `vb` 0 or 1, `s` the channel NAME.sum; `vs` and `vd` are no numbers: such records
 * are left out.  `u` is not looked at: the unit of a channel stands in the device's description.  Times below 2^28 are relative to the time of receipt. */
struct pack {
        struct arena *a;
        const struct message *m;
        struct batch *ret;
        struct err *err;
        uint32_t at;                            /* record */
        struct str base_name;
        struct decimal base_time, base_value, base_sum;
};

enum { RELATIVE = 1 << 28, VERSION = 10 };

static int wrong(struct pack *p, const char *member, const char *what)
{
        char at[60];

        if (what)
                err_set(p->err, ERR_BAD_INPUT, "%s", what);
        snprintf(at, sizeof at, "/%u%s%s", p->at, member ? "/" : "", member ? member : "");
        return err_at(p->err, at);
}

static int number(struct pack *p, const struct json *o, const char *name, struct decimal *ret)
{
        const struct json *v = json_get(o, name);

        if (v && (!json_is(v, JSON_NUMBER) || !decimal_of_text(json_text(v), ret)))
                return wrong(p, name, "this is a number of at most 18 digits");
        return v != NULL;
}

static int text(struct pack *p, const struct json *o, const char *name, struct str *ret)
{
        const struct json *v = json_get(o, name);

        if (v && !json_is(v, JSON_STRING))
                return wrong(p, name, "this is a text");
        *ret = json_text(v);
        return 0;
}

/* A label that ends with _ must be understood by whoever reads the pack (RFC 8428 §4.4), and we know none. */
static int must_understand(struct pack *p, const struct json *o)
{
        const struct json *version = json_get(o, "bver");

        if (version && (json_int(version, 0) < 1 || json_int(version, 0) > VERSION))
                return wrong(p, "bver", "this version of SenML is not known; 10 is");
        for (uint32_t i = 0; i < o->n; i++)
                if (o->members[i].name.n && o->members[i].name.p[o->members[i].name.n - 1] == '_')
                        return wrong(p, NULL, "a label that must be understood is not known");
        return 0;
}

static int read_base(struct pack *p, const struct json *o)
{
        struct str name;

        if (must_understand(p, o) < 0 || text(p, o, "bn", &name) < 0)
                return -1;
        if (name.n && p->base_name.n && !str_eq(name, p->base_name))
                return wrong(p, "bn", "a second base name would be another device's: one device, one pack");
        if (name.n)
                p->base_name = name;
        return number(p, o, "bt", &p->base_time) < 0 || number(p, o, "bv", &p->base_value) < 0 || number(p, o, "bs", &p->base_sum) < 0 ? -1 : 0;
}

/* Seconds to milliseconds, half away from zero.  False: out of range. */
static bool milliseconds(struct decimal s, int64_t *ret)
{
        int64_t m = s.mantissa, unit = 1;

        if (!decimal_mul(s, (struct decimal){ 1000, 0 }, &s))
                return false;
        m = s.mantissa;
        for (int i = 0; i < s.scale; i++)
                unit *= 10;
        *ret = m / unit + (m % unit * 2 >= unit) - (m % unit * 2 <= -unit);
        return true;
}

static int read_time(struct pack *p, const struct json *o, int64_t *ret)
{
        struct decimal t = { 0 };
        int64_t ms;

        if (number(p, o, "t", &t) < 0)
                return -1;
        if (!decimal_add(p->base_time, t, &t) || !milliseconds(t, &ms))
                return wrong(p, "t", "the time is out of range");
        bool relative = ms < (int64_t)RELATIVE * 1000 && ms > -(int64_t)RELATIVE * 1000;
        *ret = relative ? p->m->received_ms + ms : ms;
        return moment_fine(*ret) ? 0 : wrong(p, "t", "the time is out of range");
}

static struct str name_of(const struct pack *p, struct str own)
{
        if (own.n)
                return own;
        return p->base_name.n ? p->base_name : p->m->channel;
}

static int add(struct pack *p, const struct reading *r)
{
        return decoded_add(p->m, p->ret, r, p->err) < 0 ? wrong(p, NULL, NULL) : 0;
}

/* 1: there is one. */
static int value_of(struct pack *p, const struct json *o, struct decimal *ret)
{
        const struct json *yes = json_get(o, "vb");
        int have = number(p, o, "v", ret);

        if (have < 0)
                return -1;
        if (have && !decimal_add(p->base_value, *ret, ret))
                return wrong(p, "v", "base value and value together do not fit");
        if (!have && (json_is(yes, JSON_TRUE) || json_is(yes, JSON_FALSE))) {
                *ret = (struct decimal){ json_is(yes, JSON_TRUE), 0 };
                return 1;
        }
        return have;
}

static int add_sum(struct pack *p, const struct json *o, struct reading r)
{
        struct decimal s = { 0 };
        int have = number(p, o, "s", &s);

        if (have <= 0)
                return have;
        if (!decimal_add(p->base_sum, s, &r.value))
                return wrong(p, "s", "base sum and sum together do not fit");
        r.channel = arena_printf(p->a, "%.*s.sum", STR_ARG(r.channel));
        return add(p, &r);
}

static int read_record(struct pack *p, const struct json *o)
{
        struct reading r = { 0 };
        struct str own;

        if (!json_is(o, JSON_OBJECT))
                return wrong(p, NULL, "a record is an object");
        if (read_base(p, o) < 0 || text(p, o, "n", &own) < 0 || read_time(p, o, &r.t_ms) < 0)
                return -1;
        r.channel = name_of(p, own);
        if (r.channel.n > LIMIT_IDENTIFIER_BYTES)
                return wrong(p, "n", "the name is too long");
        int have = value_of(p, o, &r.value);
        if (have < 0 || (have && add(p, &r) < 0))
                return -1;
        return add_sum(p, o, r);
}

static int decode(struct arena *a, const struct message *m, struct batch *ret, struct err *reterr)
{
        static const struct json_limits limits = { .max_depth = 3, .max_number_bytes = LIMIT_JSON_NUMBER_BYTES, .max_nodes = 8 * LIMIT_MESSAGE_VALUES };
        struct pack p = { .a = a, .m = m, .ret = ret, .err = reterr };
        const struct json *v;

        if (json_read(a, m->bytes.p, m->bytes.n, &limits, &v, reterr) < 0) {
                if (reterr)
                        reterr->kind = ERR_BAD_INPUT;
                return -1;
        }
        if (!json_is(v, JSON_ARRAY) || v->n == 0)
                return err_set(reterr, ERR_BAD_INPUT, "a SenML pack is a list of records");
        for (; p.at < v->n; p.at++)
                if (read_record(&p, &v->items[p.at]) < 0)
                        return -1;
        return 0;
}

const struct decoder decoder_senml = {
        .name = "senml",
        .about_zh = "SenML(RFC 8428)的 JSON 形式",
        .about = "SenML (RFC 8428) as JSON",
        .media_types = "application/senml+json application/sensml+json",
        .max_bytes = LIMIT_MESSAGE_BYTES,
        .decode = decode,
};
