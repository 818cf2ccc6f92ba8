#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/ask.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/limits.h"

/* A curve from the command line. */

enum { CHART_ROWS = 48, CHART_COLUMNS = 50 };

static const char *const only_hours = "%.*s 之前只保存了小时数据 / before this only figures of hours are kept\n";

static const char *ask_path(const struct settings *s, struct arena *a, char **operands, const char *step, const char *format)
{
        struct buf b = { .max = 16 * 1024 };
        const struct { const char *name, *value; } params[] = { { "device", operands[0] }, { "channel", operands[1] }, { "from", s->from }, { "to", s->to }, { "step", step }, { "format", format } };
        buf_z(&b, "/api/series");
        for (size_t i = 0, n = 0; i < sizeof params / sizeof *params; i++) {
                if (!*params[i].value)
                        continue;
                buf_printf(&b, "%c%s=", n++ ? '&' : '?', params[i].name);
                percent_encode(&b, str_of(params[i].value), "");
        }
        char *z = arena_cstr(a, buf_view(&b));
        buf_free(&b);
        return z;
}

/* The API gives so much at once, and neither a table nor a document says that it was cut: here it is said, and the exit code says it too. */
static bool is_cut(struct str answer, const char *format)
{
        bool table = strcmp(format, "csv") == 0;
        struct str each = table ? STR("\n") : STR("\"sensorElementList\""), rest = answer;
        size_t n = 0, most = table ? LIMIT_SERIES_POINTS + 1 /* its heading */ : LIMIT_SERIES_POINTS / 10;
        for (const char *at; rest.n && (at = memmem(rest.p, rest.n, each.p, each.n)); n++)
                rest = str_from(rest, (size_t)(at - rest.p) + each.n);
        return strcmp(format, "json") && n >= most;
}

/* A table and a document do not say that readings of the span were let go either; the JSON answer does, here in as few steps as there are. */
static int tell_dropped(const struct settings *s, struct arena *a, char **operands, struct err *reterr)
{
        struct str answer;
        const struct json *j;
        if (ask_api(s, a, "GET", ask_path(s, a, operands, "400d", "json"), STR_NONE, &answer, reterr) < 0 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return -1;
        int64_t until = json_int(json_get(j, "onlyHoursUntil"), 0);
        if (until)
                fprintf(stderr, only_hours, STR_ARG(stamp_utc(a, until * 1000)));
        return 0;
}

static int copy_out(const struct settings *s, struct arena *a, char **operands, const char *format, struct err *reterr)
{
        struct str answer;
        if (ask_api(s, a, "GET", ask_path(s, a, operands, s->step, format), STR_NONE, &answer, reterr) < 0)
                return -1;
        if (fwrite(answer.p, 1, answer.n, stdout) != answer.n || fflush(stdout) != 0)
                return err_set(reterr, ERR_STORE, "standard output does not take the curve");
        if (strcmp(format, "json") && tell_dropped(s, a, operands, reterr) < 0)
                return -1;
        return !is_cut(answer, format) ? 0 : err_set(reterr, ERR_TOO_LARGE, "曲线太长，只给出前一段；请用 --from 接着要，或用 --step 汇总 / the curve is longer than one answer: this is its beginning; go on with --from, or ask for figures with --step");
}

/* ---- as a chart ---- */

static double number(const struct json *row, uint32_t i)
{
        return json_is(row, JSON_ARRAY) && row->n > i ? strtod(json_text(&row->items[i]).p ? json_text(&row->items[i]).p : "0", NULL) : 0;
}

static int column(double v, double low, double high)
{
        return high > low ? (int)((v - low) / (high - low) * (CHART_COLUMNS - 1) + 0.5) : CHART_COLUMNS / 2;
}

/* From its least to its greatest value, the mean within. */
static void print_row(struct arena *a, const struct json *row, double low, double high)
{
        int from = column(number(row, 1), low, high), mean = column(number(row, 2), low, high), to = column(number(row, 3), low, high);
        int64_t ms = json_int(&row->items[0], 0);
        printf("%.*s %10.4g ", STR_ARG(stamp_utc(a, ms * 1000)), number(row, 2));
        for (int i = 0; i <= to; i++)
                fputs(i == mean ? "●" : i >= from ? "─" : " ", stdout);
        putchar('\n');
}

static void print_chart(struct arena *a, const struct json *points)
{
        double low = 0, high = 0;
        for (uint32_t i = 0; i < points->n; i++) {
                double min = number(&points->items[i], 1), max = number(&points->items[i], 3);
                low = !i || min < low ? min : low;
                high = !i || max > high ? max : high;
        }
        printf("%24s %10s %-*.4g%.4g\n", "", "", CHART_COLUMNS - 6, low, high);
        for (uint32_t i = 0; i < points->n; i++)
                if (json_is(&points->items[i], JSON_ARRAY) && points->items[i].n >= 5)
                        print_row(a, &points->items[i], low, high);
}

static bool moment(const char *text, int64_t *ret_ms)
{
        struct stamp t;
        if (number_read(str_of(text), ret_ms))
                return true;
        if (!stamp_read(str_of(text), &t))
                return false;
        *ret_ms = t.us / 1000;
        return true;
}

/* So that the whole fits on a page. */
static const char *chart_step(const struct settings *s, struct arena *a)
{
        static const int64_t steps[] = { 60000, 300000, 600000, 1800000, 3600000, 3 * 3600000, 6 * 3600000, 24 * 3600000, 7 * 24 * (int64_t)3600000, 30 * 24 * (int64_t)3600000 };
        int64_t to = clock_now_us() / 1000, from;
        size_t i = 0;
        if (*s->step)
                return s->step;
        if (*s->to)
                moment(s->to, &to);
        from = to - 24 * 3600000;
        if (*s->from)
                moment(s->from, &from);
        while (i + 1 < sizeof steps / sizeof *steps && (to - from) / steps[i] > CHART_ROWS)
                i++;
        return arena_printf(a, "%lld", (long long)steps[i]).p;
}

static int chart(const struct settings *s, struct arena *a, char **operands, struct err *reterr)
{
        struct str answer;
        const struct json *j;
        if (ask_api(s, a, "GET", ask_path(s, a, operands, chart_step(s, a), ""), STR_NONE, &answer, reterr) < 0 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return -1;
        const struct json *points = json_get(j, "points");
        struct str name = json_str(j, "name"), uom = json_str(j, "uom");
        printf("%s %s %.*s %.*s\n", operands[0], operands[1], (int)name.n, name.p ? name.p : "", (int)uom.n, uom.p ? uom.p : "");
        if (!json_is(points, JSON_ARRAY) || !points->n)
                puts("这段时间没有读数 / no readings in this time");
        else
                print_chart(a, points);
        if (json_int(json_get(j, "onlyHoursUntil"), 0))
                printf(only_hours, STR_ARG(stamp_utc(a, json_int(json_get(j, "onlyHoursUntil"), 0) * 1000)));
        return 0;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        const char *format = *s->format ? s->format : isatty(STDOUT_FILENO) ? "text" : "json";
        struct arena *a = arena_new();
        int rc;
        (void)n;
        if (!strcmp(format, "text"))
                rc = chart(s, a, operands, reterr);
        else if (!strcmp(format, "json") || !strcmp(format, "csv") || !strcmp(format, "epcis"))
                rc = copy_out(s, a, operands, format, reterr);
        else
                rc = err_set(reterr, ERR_BAD_INPUT, "--format is csv, text, json or epcis, not '%.40s'", format);
        arena_free(a);
        return rc < 0 ? EXIT_REFUSED : EXIT_OK;
}

const struct command command_series = {
        .name = "series", .operands = "DEVICE CHANNEL", .min_operands = 2, .max_operands = 2,
        .about = "曲线：一台设备一个通道的读数 / the curve of a channel of a device",
        .help = "The last day unless --from and --to say otherwise (milliseconds since 1970 or RFC 3339).  A chart on a terminal, JSON otherwise; --step 1h gives min, mean and max\n"
                "of each hour; --format epcis an EPCIS document of sensor events.\n\n"
                "  suyuan series soil-3 t --from 2026-11-01T00:00:00+08:00 --to 2026-12-01T00:00:00+08:00 --step 1d --format csv > november.csv",
        .run = run,
};
