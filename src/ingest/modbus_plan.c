#include "ingest/modbus_plan.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "ingest/decoder.h"

enum { PORT = 502, EVERY_S = 60, EVERY_MOST_S = 24 * 3600, TIMEOUT_MS = 1000, TIMEOUT_MOST_MS = 10000 };

static const struct known { const char *model, *code; uint8_t function; uint16_t address; uint8_t type; const char *order; struct decimal scale; } models[] = {
#define MODEL(model, code, function, address, type, order, mantissa, decimals) { model, code, function, address, MODBUS_##type, order, { mantissa, decimals } },
#include "ingest/modbus_models.def"
#undef MODEL
};
static const char *const type_names[MODBUS_TYPES] = { "int16", "uint16", "int32", "uint32", "float32" };

static int wrong(struct err *reterr, const char *pointer, const char *what)
{
        err_set(reterr, ERR_BAD_INPUT, "%s", what);
        return err_at(reterr, pointer);
}

static size_t words(const struct modbus_register *r)
{
        return r->type <= MODBUS_UINT16 ? 1 : 2;
}

/* ---- registers ---- */
/* "ABCD": A is the highest byte of the number; the letters stand in the order in which the bytes are sent. */
static bool read_order(struct str s, size_t bytes, uint8_t ret[4])
{
        bool seen[4] = { false };

        if (s.n != bytes)
                return false;
        for (size_t i = 0; i < bytes; i++) {
                size_t which = (size_t)(s.p[i] - 'A');
                if (which >= bytes || seen[which])
                        return false;
                seen[which] = true;
                ret[which] = (uint8_t)i;
        }
        return true;
}

static bool read_register(const struct json *o, struct modbus_register *r)
{
        struct str type = json_str(o, "type"), order = json_str(o, "order");
        int64_t function = json_get(o, "function") ? json_int(json_get(o, "function"), 0) : 3, address = json_int(json_get(o, "address"), -1);

        if (!json_is(o, JSON_OBJECT) || (function != 3 && function != 4))
                return false;
        r->function = (uint8_t)function;
        for (r->type = 0; type.n && r->type < MODBUS_TYPES && !str_is(type, type_names[r->type]); r->type++)
                ;
        if (r->type == MODBUS_TYPES || address < 0 || address + (int64_t)words(r) > 65536)
                return false;
        r->address = (uint16_t)address;
        return read_order(order.n ? order : words(r) == 1 ? STR("AB") : STR("ABCD"), 2 * words(r), r->order);
}

static int read_channels(const struct json *list, const struct mapping *m, struct modbus_register *all, size_t *ret_n, struct err *reterr)
{
        for (uint32_t i = 0; list && i < list->n; i++) {                /* mapping_read has looked at its shape */
                struct str code, from;
                const struct json *o = channel_at(list, i, &code), *said = json_get(o, "register");
                struct modbus_register *r = &all[*ret_n];
                char at[100];
                if (!said)
                        continue;
                snprintf(at, sizeof at, "/channels/%.*s/register", STR_ARG(code));
                if (!read_register(said, r))
                        return wrong(reterr, at, "a register has `address` 0 to 65535, `function` 3 or 4, `type` int16, uint16, int32, uint32 or float32, `order` as AB, CDAB …");
                from = json_str(o, "from");
                const struct mapped_channel *c = mapping_find(m, from.n ? from : code);
                r->code = c->code;
                r->scale = c->scale;
                r->offset = c->offset;
                ++*ret_n;
        }
        return 0;
}

static void of_model(struct str model, struct modbus_register *all, size_t *ret_n)
{
        for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
                struct modbus_register *r = &all[*ret_n];
                if (!str_is(model, models[i].model))
                        continue;
                *r = (struct modbus_register){ .code = str_of(models[i].code), .function = models[i].function, .address = models[i].address, .type = models[i].type,
                                               .scale = models[i].scale };
                if (read_order(str_of(models[i].order), 2 * words(r), r->order))
                        ++*ret_n;
        }
}

static int by_address(const void *a, const void *b)
{
        const struct modbus_register *x = a, *y = b;

        return x->function != y->function ? x->function - y->function : x->address - y->address;
}

/* Neighbours are asked together; a gap is not asked, since some devices refuse the whole for one register that is not there. */
static void make_blocks(struct arena *a, struct modbus_register *all, size_t n, struct modbus_plan *ret)
{
        struct modbus_block *blocks = arena_array(a, struct modbus_block, n + 1), *b = NULL;

        qsort(all, n, sizeof *all, by_address);
        ret->registers = all;
        ret->n = n;
        ret->blocks = blocks;
        for (size_t i = 0; i < n; i++) {
                const struct modbus_register *r = &all[i];
                unsigned end = b ? b->address + b->count : 0, last = r->address + (unsigned)words(r);
                bool near = b && b->function == r->function && r->address <= end && last - b->address <= LIMIT_MODBUS_REGISTERS;
                if (!near) {
                        b = &blocks[ret->n_blocks++];
                        *b = (struct modbus_block){ .function = r->function, .address = r->address, .first = i };
                }
                if (last > (unsigned)b->address + b->count)
                        b->count = (uint16_t)(last - b->address);
                b->n++;
        }
}

/* ---- where and when ---- */
static bool is_address(struct str host)
{
        char z[64];
        unsigned char out[16];

        snprintf(z, sizeof z, "%.*s", (int)(host.n < 60 ? host.n : 60), host.n ? host.p : "");
        return inet_pton(AF_INET, z, out) == 1 || inet_pton(AF_INET6, z, out) == 1;
}

static int64_t within(const struct json *o, const char *name, int64_t otherwise, int64_t least, int64_t most)
{
        const struct json *v = json_get(o, name);
        int64_t n = v ? json_int(v, least - 1) : otherwise;

        return n >= least && n <= most ? n : -1;
}

static int read_poll(const struct json *detail, struct modbus_plan *ret, struct err *reterr)
{
        const struct json *o = json_get(detail, "poll"), *timing = json_get(o, "everySeconds") ? o : detail;
        struct str framing = json_str(o, "framing");
        int64_t port = within(o, "port", PORT, 1, 65535), unit = within(o, "unit", 1, 0, 255);
        int64_t every = within(timing, "everySeconds", EVERY_S, 1, EVERY_MOST_S), timeout = within(o, "timeoutMs", TIMEOUT_MS, 50, TIMEOUT_MOST_MS);

        ret->host = json_str(o, "host");
        if (!is_address(ret->host))
                return wrong(reterr, "/poll/host", "`poll.host` is an IPv4 or IPv6 address");
        if (port < 0 || unit < 0 || every < 0 || timeout < 0)
                return wrong(reterr, "/poll", "`port` 1 to 65535, `unit` 0 to 255, `everySeconds` 1 to 86400, `timeoutMs` 50 to 10000");
        if (framing.n && !str_is(framing, "tcp") && !str_is(framing, "rtu"))
                return wrong(reterr, "/poll/framing", "`framing` is tcp, or rtu for RTU frames over TCP");
        ret->framing = str_is(framing, "rtu") ? MODBUS_RTU : MODBUS_TCP;
        ret->port = (uint16_t)port;
        ret->unit = (uint8_t)unit;
        ret->every_us = every * 1000000;
        ret->timeout_us = timeout * 1000;
        return 0;
}

int modbus_plan_read(struct arena *a, struct str model, struct str detail, struct modbus_plan *ret, struct err *reterr)
{
        enum { MODEL_MOST = sizeof models / sizeof *models };
        struct modbus_register *all = arena_array(a, struct modbus_register, LIMIT_DEVICE_CHANNELS + MODEL_MOST);
        const struct mapping *m;
        const struct json *o;
        size_t n = 0;

        *ret = (struct modbus_plan){ 0 };
        if (!detail.n)
                return wrong(reterr, "/poll", "the description does not say where the device is asked: `poll`");
        if (json_read(a, detail.p, detail.n, NULL, &o, reterr) < 0 || mapping_read(a, detail, &m, reterr) < 0)
                return -1;
        if (read_poll(o, ret, reterr) < 0 || read_channels(json_is(json_get(o, "channels"), JSON_NULL) ? NULL : json_get(o, "channels"), m, all, &n, reterr) < 0)
                return -1;
        if (n == 0)
                of_model(model, all, &n);
        if (n == 0)
                return wrong(reterr, "/channels", "no channel has a `register`, and the model is not one whose registers are known");
        make_blocks(a, all, n, ret);
        return 0;
}

/* ---- values ---- */
static bool number_of(const struct modbus_register *r, uint32_t bits, struct decimal *ret)
{
        float f;

        switch ((enum modbus_type)r->type) {
        case MODBUS_INT16: *ret = (struct decimal){ (int16_t)bits, 0 }; return true;
        case MODBUS_INT32: *ret = (struct decimal){ (int32_t)bits, 0 }; return true;
        case MODBUS_FLOAT32: memcpy(&f, &bits, sizeof f); return decimal_of_float(f, ret);
        default: *ret = (struct decimal){ bits, 0 }; return true;
        }
}

bool modbus_value(const struct modbus_register *r, const struct modbus_block *b, const uint8_t *registers, struct decimal *ret)
{
        const uint8_t *p = registers + 2 * (r->address - b->address);
        uint32_t bits = 0;
        struct decimal v;

        for (size_t i = 0; i < 2 * words(r); i++)
                bits = bits << 8 | p[r->order[i]];
        return number_of(r, bits, &v) && decimal_mul(v, r->scale, &v) && decimal_add(v, r->offset, ret);
}
