#include "app/demo_devices.h"

#include <math.h>

#include "app/progress.h"
#include "base/json.h"

enum { PLACES = 72, DAYS = 14, DAY_MIN = 1440, MINUTES = DAYS * DAY_MIN, CHANNELS = 8, DISTRICT_MIN = 480 };

/* What a probe measures: the middle of the day's wave, how far it goes, when it is highest (hour), noise, decimals. */
static const struct { const char *code, *name; double middle, swing, top, noise; int8_t scale; } channels[CHANNELS] = {
        { "air-temperature",  "空气温度",       16.0, 5.0,   15, 0.15, 1 },
        { "air-humidity",     "空气湿度",       78.0, -14.0, 15, 0.8,  1 },
        { "light",            "光照",           0.0,  42000, 12.5, 300, 0 },
        { "soil-temperature", "土壤温度",       15.2, 1.6,   18, 0.04, 1 },
        { "soil-moisture",    "土壤体积含水率", 27.0, 0.3,   6,  0.06, 1 },
        { "soil-ec",          "土壤电导率",     420,  8.0,   15, 2.0,  0 },
        { "soil-ph",          "土壤酸碱度",     6.4,  0.02,  12, 0.01, 2 },
        { "rain",             "降雨量",         0.0,  0.0,   0,  0.0,  1 },
};

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

static double value_of(int channel, int place, int minute, const double *wave, uint64_t *state)
{
        double of_place = ((place * 37 + channel * 11) % 17 - 8) / 8.0;         /* no two places are alike */
        double v = channels[channel].middle + channels[channel].swing * wave[minute % DAY_MIN] + channels[channel].noise * noise(state);
        switch (channel) {
        case 2: return v > 0 ? v : 0;
        case 4: return v + of_place * 2 + soaked(minute);
        case 7: return rains(minute) ? 0.2 : 0;
        case 1: return fmin(100, v + of_place * 3 + (rains(minute) ? 15 : 0));
        case 5: return v + of_place * 60;
        case 6: return v + of_place * 0.3;
        default: return v + of_place * 1.2 + 2.5 * sin((double)minute / (4.3 * DAY_MIN));
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

/* 1 it is new, 0 it stands already, -1. */
static int register_one(struct asking *x, struct arena *a, struct str device, struct str place, struct err *reterr)
{
        struct buf b = { .max = 65536 };
        struct str answer;
        buf_printf(&b, "{\"id\":\"%.*s\",\"org\":\"default\",\"place\":\"%.*s\",\"model\":\"示范八合一\",\"protocol\":\"http\",\"everySeconds\":60,\"channels\":[", STR_ARG(device), STR_ARG(place));
        for (int c = 0; c < CHANNELS; c++)
                buf_printf(&b, "%s{\"code\":\"%s\",\"name\":\"%s\",\"quantity\":\"%s\"}", c ? "," : "", channels[c].code, channels[c].name, channels[c].code);
        buf_z(&b, "]}");
        int status = ask_on(x, a, "POST", "/api/devices", buf_view(&b), &answer);
        buf_free(&b);
        if (status == 201 || status == 409)
                return status == 201;
        return err_set(reterr, ERR_INTERNAL, "the demonstration's device %.*s is answered with %d: %.*s", STR_ARG(device), status, (int)(answer.n < 200 ? answer.n : 200), answer.p ? answer.p : "");
}

int demo_devices_load(struct asking *x, struct series *series, int64_t moment_us, int64_t *ret_n, struct err *reterr)
{
        struct arena *a = arena_new();
        struct str answer;
        const struct json *j = NULL;
        int64_t from_ms = (moment_us / 60000000 - MINUTES) * 60000;
        int rc = ask_on(x, a, "GET", "/api/places?org=default&perPage=1000", STR_NONE, &answer) == 200 ? json_read(a, answer.p, answer.n, NULL, &j, reterr) : -1;
        const struct json *list = json_get(j, "places");
        for (uint32_t i = 0; rc == 0 && json_is(list, JSON_ARRAY) && i < list->n && i < PLACES; i++) {
                struct str code = json_str(&list->items[i], "code"), device = arena_printf(a, "env-%.*s", STR_ARG(code));
                int is_new = register_one(x, a, device, code, reterr);
                rc = is_new < 0 ? -1 : is_new ? load_one(series, device, (int)i, from_ms, reterr) : 0;
                *ret_n += is_new > 0 ? MINUTES * CHANNELS : 0;
                progress_show("示范数据 / readings", i, PLACES);
        }
        progress_end();
        arena_free(a);
        return rc;
}
