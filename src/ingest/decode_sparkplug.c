#include "base/limits.h"
#include "base/text.h"
#include "ingest/aliases.h"
#include "ingest/decoder.h"
#include "sparkplug.pb-c.h"

/* Sparkplug B: a protobuf of metrics.  A metric's name is its channel, with / as . and blanks as _; what is named in a BIRTH and numbered afterwards is looked up in
 * the device's aliases.  Left out: what is null, what is no number (texts, data sets …), and what is of the session rather than measured (bdSeq, Node Control/…,
 * Device Control/…, Properties/…).  Historical metrics are readings like others: late ones are no trouble to the series. */
enum datatype { INT8 = 1, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, FLOAT, DOUBLE, BOOLEAN, TEXT, DATETIME };

static void *in_arena(void *arena, size_t n)
{
        return arena_raw(arena, n ? n : 1);
}

static void nothing(void *arena, void *p)
{
        (void)arena;
        (void)p;
}

static int wrong(struct err *reterr, size_t i, const char *what)
{
        return err_set(reterr, ERR_BAD_INPUT, "metric %zu: %s", i + 1, what);
}

/* An integer stands in 32 or 64 unsigned bits, the type says what they mean.  False: it does not fit. */
static bool integer(uint64_t v, enum datatype type, struct decimal *ret)
{
        int64_t n = (int64_t)v;

        switch (type) {
        case INT8: n = (int8_t)v; break;
        case INT16: n = (int16_t)v; break;
        case INT32: n = (int32_t)v; break;
        case INT64: break;
        default:
                if (v > INT64_MAX)
                        return false;
        }
        *ret = (struct decimal){ n, 0 };
        return n > -1000000000000000000 && n < 1000000000000000000;
}

/* 1: a number; 0: none; -1: it does not fit. */
static int value_of(const SpMetric *x, enum datatype type, struct decimal *ret)
{
        switch (x->value_case) {
        case SP_METRIC__VALUE_INT_VALUE: return integer(x->int_value, type, ret) ? 1 : -1;
        case SP_METRIC__VALUE_LONG_VALUE: return type == DATETIME ? 0 : integer(x->long_value, type, ret) ? 1 : -1;
        case SP_METRIC__VALUE_FLOAT_VALUE: return decimal_of_float(x->float_value, ret);
        case SP_METRIC__VALUE_DOUBLE_VALUE: return decimal_of_double(x->double_value, ret);
        case SP_METRIC__VALUE_BOOLEAN_VALUE: *ret = (struct decimal){ x->boolean_value, 0 }; return 1;
        default: return 0;
        }
}

static bool of_the_session(struct str name)
{
        return str_is(name, "bdSeq") || str_starts(name, STR("Node Control/")) || str_starts(name, STR("Device Control/")) || str_starts(name, STR("Properties/"));
}

static struct str as_channel(struct arena *a, struct str name)
{
        char *p = arena_cstr(a, name);

        for (size_t i = 0; i < name.n; i++)
                p[i] = p[i] == '/' ? '.' : p[i] == ' ' ? '_' : p[i];
        return (struct str){ p, name.n };
}

/* The name that is said or was said; what both are is remembered. */
static int name_of(const struct message *m, const SpMetric *x, size_t i, struct str *ret, uint32_t *ret_type, struct err *reterr)
{
        *ret = str_of(x->name);
        *ret_type = x->datatype;
        if (!utf8_valid(*ret))
                return wrong(reterr, i, "the name is not UTF-8");
        if (ret->n && x->has_alias && m->aliases && !aliases_set(m->aliases, x->alias, *ret, x->datatype))
                return wrong(reterr, i, "too many aliases, or too long a name");
        if (ret->n)
                return 0;
        uint32_t type = 0;
        *ret = x->has_alias ? aliases_get(m->aliases, x->alias, &type) : m->channel;
        if (!x->has_datatype)
                *ret_type = type;
        return ret->n ? 0 : wrong(reterr, i, "it has no name, and no BIRTH named its alias");
}

static int add(struct arena *a, const struct message *m, const SpPayload *p, size_t i, struct batch *ret, struct err *reterr)
{
        const SpMetric *x = p->metrics[i];
        struct str name;
        uint32_t type;

        if (name_of(m, x, i, &name, &type, reterr) < 0)
                return -1;
        struct reading r = { .channel = mapping_find(m->mapping, name) ? name : as_channel(a, name) };
        int have = x->is_null || of_the_session(name) ? 0 : value_of(x, (enum datatype)type, &r.value);
        if (have < 0)
                return wrong(reterr, i, "the number does not fit");
        if (!have)
                return 0;
        uint64_t t = x->has_timestamp ? x->timestamp : p->has_timestamp ? p->timestamp : (uint64_t)m->received_ms;
        r.t_ms = t > INT64_MAX ? 0 : (int64_t)t;
        if (!moment_fine(r.t_ms))
                return wrong(reterr, i, "its time is out of range");
        return decoded_add(m, ret, &r, reterr);
}

static int decode(struct arena *a, const struct message *m, struct batch *ret, struct err *reterr)
{
        ProtobufCAllocator memory = { .alloc = in_arena, .free = nothing, .allocator_data = a };
        SpPayload *p = sp_payload__unpack(&memory, m->bytes.n, (const uint8_t *)m->bytes.p);

        if (!p)
                return err_set(reterr, ERR_BAD_INPUT, "this is no Sparkplug B payload");
        if (p->n_metrics > LIMIT_MESSAGE_VALUES)
                return err_set(reterr, ERR_BAD_INPUT, "the message has too many values");
        for (size_t i = 0; i < p->n_metrics; i++)
                if (add(a, m, p, i, ret, reterr) < 0)
                        return -1;
        return 0;
}

const struct decoder decoder_sparkplug = {
        .name = "sparkplug",
        .about_zh = "Sparkplug B 载荷(protobuf)",
        .about = "a Sparkplug B payload (protobuf)",
        .media_types = "application/x-sparkplug-b application/vnd.sparkplug-b",
        .max_bytes = LIMIT_MESSAGE_BYTES / 4,  /* a metric of two bytes takes 80 in memory */
        .decode = decode,
};
