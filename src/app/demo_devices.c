#include "app/demo_devices.h"

#include <math.h>
#include <unistd.h>

#include "app/progress.h"
#include "base/file.h"
#include "base/json.h"

enum { PLACES = 72, DAYS = 14, DAY_MIN = 1440, MINUTES = DAYS * DAY_MIN, CHANNELS = 8, DISTRICT_MIN = 480 };

/* What a probe measures, and what HJ 212 calls it: the middle of the day's wave, how far it goes, when it is highest (hour), noise, decimals. */
static const struct { const char *code, *name, *factor; double middle, swing, top, noise; int8_t scale; } channels[CHANNELS] = {
        { "air-temperature",  "空气温度",       "a01001",       16.0, 5.0,   15, 0.15, 1 },
        { "air-humidity",     "空气湿度",       "a01002",       78.0, -14.0, 15, 0.8,  1 },
        { "light",            "光照",           "x-light",      0.0,  42000, 12.5, 300, 0 },
        { "soil-temperature", "土壤温度",       "x-soil-temp",  15.2, 1.6,   18, 0.04, 1 },
        { "soil-moisture",    "土壤体积含水率", "x-soil-moist", 27.0, 0.3,   6,  0.06, 1 },
        { "soil-ec",          "土壤电导率",     "x-soil-ec",    420,  8.0,   15, 2.0,  0 },
        { "soil-ph",          "土壤酸碱度",     "x-soil-ph",    6.4,  0.02,  12, 0.01, 2 },
        { "rain",             "降雨量",         "a01009",       0.0,  0.0,   0,  0.0,  1 },
};

/* Devices that go on speaking while `./dev demo` runs: two of each protocol.  The others have sent their two weeks by HTTP and are silent. */
enum { MODBUS_PORT = 15020, LIVING_EVERY_S = 5 };
static const struct living { const char *place, *protocol; int unit; } living[] = {
        { "guyu-P01",       "mqtt",   0 }, { "liantang-Pond2", "mqtt",   0 },
        { "guyu-P02",       "hj212",  0 }, { "aotian-P07",     "hj212",  0 },
        { "guyu-P03",       "modbus", 1 }, { "liantang-Pond3", "modbus", 2 },
        { "micha-P01",      "http",   0 }, { "feitian-P01",    "http",   0 },
};

static const struct living *living_at(struct str place)
{
        for (size_t i = 0; i < sizeof living / sizeof *living; i++)
                if (str_is(place, living[i].place))
                        return &living[i];
        return NULL;
}

static uint64_t next(uint64_t *state)
{
        uint64_t x = *state += 0x9e3779b97f4a7c15u;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
        return x ^ (x >> 31);
}

static double noise(uint64_t *state)
{
        return (double)(next(state) >> 11) / (double)(UINT64_C(1) << 52) - 1;
}

/* It rains an hour and a half, three times in the two weeks; the soil drinks, and dries over days. */
static bool rains(int minute)
{
        int day = minute / DAY_MIN, of_day = minute % DAY_MIN;
        return (day == 3 || day == 7 || day == 12) && of_day >= 300 && of_day < 390;
}

static double soaked(int minute)
{
        int since = minute - 3 * DAY_MIN - 390;
        for (int day = 7; day <= 12; day += 5)
                since = minute >= day * DAY_MIN + 390 ? minute - day * DAY_MIN - 390 : since;
        return since < 0 ? 0 : 9.0 * exp(-(double)since / (3 * DAY_MIN));
}

/* What sets a place, and a season, apart from the day's wave; no two places are alike. */
static double shift_of(int channel, int place, int minute)
{
        double of_place = ((place * 37 + channel * 11) % 17 - 8) / 8.0;
        switch (channel) {
        case 1: return of_place * 3;
        case 2: case 7: return 0;
        case 4: return of_place * 2 + soaked(minute);
        case 5: return of_place * 60;
        case 6: return of_place * 0.3;
        default: return of_place * 1.2 + 2.5 * sin((double)minute / (4.3 * DAY_MIN));
        }
}

static double value_of(int channel, int place, int minute, const double *wave, uint64_t *state)
{
        double v = channels[channel].middle + channels[channel].swing * wave[minute % DAY_MIN] + channels[channel].noise * noise(state) + shift_of(channel, place, minute);
        switch (channel) {
        case 1: return fmin(100, v + (rains(minute) ? 15 : 0));
        case 2: return v > 0 ? v : 0;
        case 7: return rains(minute) ? 0.2 : 0;
        default: return v;
        }
}

/* Of the minutes of a day that begins at `first` of the district's. */
static void make_wave(int channel, int first, double wave[DAY_MIN])
{
        for (int m = 0; m < DAY_MIN; m++)
                wave[m] = cos(((double)((m + first) % DAY_MIN) / 60 - channels[channel].top) * M_PI / 12);
}

static bool add_channel(struct batch *b, struct str device, int place, int channel, int64_t from_ms)
{
        double wave[DAY_MIN], power = pow(10, channels[channel].scale);
        uint64_t state = (uint64_t)place * 64 + (uint64_t)channel;
        make_wave(channel, (int)((from_ms / 60000 + DISTRICT_MIN) % DAY_MIN), wave);
        struct reading r = { .device = device, .channel = str_of(channels[channel].code) };
        for (int m = 0; m < MINUTES; m++) {
                r.t_ms = from_ms + m * INT64_C(60000);
                r.value = (struct decimal){ llround(value_of(channel, place, m, wave, &state) * power), channels[channel].scale };
                if (!batch_add(b, &r))
                        return false;
        }
        return true;
}

static int load_one(struct series *series, struct str device, int place, int64_t from_ms, struct err *reterr)
{
        struct arena *a = arena_new();
        struct batch *b = batch_new(a);
        int rc = 0;
        for (int c = 0; c < CHANNELS && rc == 0; c++)
                if (!add_channel(b, device, place, c, from_ms))
                        rc = err_set(reterr, ERR_INTERNAL, "the demonstration's readings of %.*s do not fit a batch", STR_ARG(device));
        if (rc == 0)
                rc = series_append(series, batch_bytes(b), reterr);
        arena_free(a);
        return rc;
}

/* ---- the registry ---- */

static void describe_channel(struct buf *b, int c, const struct living *l)
{
        buf_printf(b, "{\"code\":\"%s\",\"name\":\"%s\",\"quantity\":\"%s\"", channels[c].code, channels[c].name, channels[c].code);
        if (l && str_is(str_of(l->protocol), "hj212"))
                buf_printf(b, ",\"from\":\"%s\"", channels[c].factor);
        if (l && l->unit)
                buf_printf(b, ",\"scale\":%s,\"register\":{\"address\":%d,\"type\":\"uint16\"}", channels[c].scale == 2 ? "0.01" : channels[c].scale ? "0.1" : "1", c);
        buf_char(b, '}');
}

static void describe(struct buf *b, const struct living *l)
{
        buf_printf(b, "\"protocol\":\"%s\",\"everySeconds\":60,\"channels\":[", l ? l->protocol : "http");
        for (int c = 0; c < CHANNELS; c++) {
                buf_z(b, c ? "," : "");
                describe_channel(b, c, l);
        }
        buf_char(b, ']');
        if (l && l->unit)
                buf_printf(b, ",\"poll\":{\"host\":\"127.0.0.1\",\"port\":%d,\"unit\":%d,\"everySeconds\":%d}", MODBUS_PORT, l->unit, LIVING_EVERY_S);
}

/* The answer's status; `ret_secret`: told this once, or none. */
static int say(struct asking *x, struct arena *a, const char *method, const char *path, struct buf *body, struct str *ret_secret, struct err *reterr)
{
        struct str answer;
        const struct json *j = NULL;
        int status = ask_on(x, a, method, path, buf_view(body), &answer);
        buf_free(body);
        if (status != 200 && status != 201 && status != 409)
                return err_set(reterr, ERR_INTERNAL, "the demonstration's %s is answered with %d: %.*s", path, status, (int)(answer.n < 200 ? answer.n : 200), answer.p ? answer.p : "");
        *ret_secret = status != 409 && json_read(a, answer.p, answer.n, NULL, &j, NULL) == 0 ? json_str(j, "secret") : STR_NONE;
        return status;
}

/* 1 it is new, 0 it stands already, -1. */
static int register_one(struct asking *x, struct arena *a, struct str device, struct str place, const struct living *l, struct str *ret_secret, struct err *reterr)
{
        struct buf b = { .max = 65536 };
        buf_printf(&b, "{\"id\":\"%.*s\",\"org\":\"default\",\"place\":\"%.*s\",\"model\":\"示范八合一\",", STR_ARG(device), STR_ARG(place));
        describe(&b, l);
        buf_char(&b, '}');
        int status = say(x, a, "POST", "/api/devices", &b, ret_secret, reterr);
        return status < 0 ? -1 : status != 409;
}

/* It stands here from before, and nobody knows its secret any more. */
static int register_again(struct asking *x, struct arena *a, struct str device, const struct living *l, struct str *ret_secret, struct err *reterr)
{
        struct buf b = { .max = 65536 }, none = { .max = 16 };
        buf_char(&b, '{');
        describe(&b, l);
        buf_char(&b, '}');
        buf_z(&none, "{}");
        const char *path = arena_printf(a, "/api/devices/%.*s", STR_ARG(device)).p;
        if (say(x, a, "PUT", path, &b, ret_secret, reterr) < 0) {
                buf_free(&none);
                return -1;
        }
        return say(x, a, "POST", arena_printf(a, "%s/renew", path).p, &none, ret_secret, reterr) < 0 ? -1 : 0;
}

/* ---- what those need to know who play the devices (demo/live.py): their secrets, and how their curves go on ---- */

static void write_living(struct buf *out, struct str device, int place, const struct living *l, struct str secret)
{
        buf_printf(out, "%s{\"id\":\"%.*s\",\"protocol\":\"%s\",\"unit\":%d,\"secret\":", out->n ? "," : "", STR_ARG(device), l->protocol, l->unit);
        json_write_str(out, secret);
        buf_z(out, ",\"channels\":[");
        for (int c = 0; c < CHANNELS; c++)
                buf_printf(out, "%s{\"code\":\"%s\",\"factor\":\"%s\",\"register\":%d,\"middle\":%.2f,\"swing\":%.2f,\"top\":%.1f,\"noise\":%.2f,\"scale\":%d}", c ? "," : "", channels[c].code,
                           channels[c].factor, c, channels[c].middle + shift_of(c, place, MINUTES - 1), channels[c].swing, channels[c].top, channels[c].noise, channels[c].scale);
        buf_z(out, "]}");
}

static int keep_living(const char *path, const struct buf *all, struct err *reterr)
{
        struct buf b = { .max = 1 << 20 };
        if (!all->n)
                return 0;
        buf_printf(&b, "{\"everySeconds\":%d,\"modbusPort\":%d,\"devices\":[%.*s]}\n", LIVING_EVERY_S, MODBUS_PORT, (int)all->n, all->p);
        int rc = file_replace(path, 0600, buf_view(&b), reterr);
        buf_free(&b);
        return rc;
}

/* ---- all ---- */

static int load_place(struct asking *x, struct arena *a, struct series *series, struct str code, int place, int64_t from_ms, struct buf *out, int64_t *ret_n, struct err *reterr)
{
        struct str device = arena_printf(a, "env-%.*s", STR_ARG(code)), secret;
        const struct living *l = living_at(code);
        int is_new = register_one(x, a, device, code, l, &secret, reterr);
        if (is_new < 0 || (is_new && load_one(series, device, place, from_ms, reterr) < 0))
                return -1;
        *ret_n += is_new ? MINUTES * CHANNELS : 0;
        if (l && out && !is_new && register_again(x, a, device, l, &secret, reterr) < 0)
                return -1;
        if (l && out)
                write_living(out, device, place, l, secret);
        return 0;
}

int demo_devices_load(struct asking *x, struct series *series, const char *folder, int64_t moment_us, int64_t *ret_n, struct err *reterr)
{
        struct arena *a = arena_new();
        struct buf out = { .max = 1 << 20 };
        struct str answer;
        const struct json *j = NULL;
        int64_t from_ms = (moment_us / 60000000 - MINUTES) * 60000;
        const char *path = arena_printf(a, "%s/" DEMO_DEVICES_FILE, folder).p;
        bool is_kept = access(path, F_OK) == 0;
        int rc = ask_on(x, a, "GET", "/api/places?org=default&perPage=1000", STR_NONE, &answer) == 200 ? json_read(a, answer.p, answer.n, NULL, &j, reterr) : -1;
        const struct json *list = json_get(j, "places");
        for (uint32_t i = 0; rc == 0 && json_is(list, JSON_ARRAY) && i < list->n && i < PLACES; i++) {
                rc = load_place(x, a, series, json_str(&list->items[i], "code"), (int)i, from_ms, is_kept ? NULL : &out, ret_n, reterr);
                progress_show("示范数据 / readings", i, PLACES);
        }
        progress_end();
        if (rc == 0)
                rc = keep_living(path, &out, reterr);
        buf_free(&out);
        arena_free(a);
        return rc;
}
