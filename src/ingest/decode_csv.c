#include <iconv.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/csv.h"
#include "base/decimal.h"
#include "base/limits.h"
#include "base/text.h"
#include "ingest/decoder.h"

/* What loggers write: some rows of whatever, a row of headings with a time and channels, then a row for each moment.  Fields between commas, semicolons or tabs; with the
 * latter two a decimal comma is read too.  UTF-8, with or without mark, or else GB 18030 (GBK).  Dates begin with the year: 01/02/2026 says nothing certain. */
struct table {
        struct arena *a;
        const struct message *m;
        struct batch *ret;
        struct err *err;
        struct csv csv;
        struct str head[LIMIT_CSV_FIELDS];
        size_t n;
        int date, time;                 /* columns; date -1: `time` has both */
};

static const char *const both_words[] = { "time", "timestamp", "datetime", "date time", "date/time", "date_time", "t", "时间", "時間", "日期时间", "日期時間", "采集时间", "採集時間",
                                          "记录时间", "記錄時間", "数据时间", "數據時間", "采样时间", "採樣時間", "监测时间", "監測時間" };
static const char *const date_words[] = { "date", "日期" };
static const char *const counting_words[] = { "", "#", "no", "no.", "record", "index", "序号", "序號" };
static const char *const no_value[] = { "", "-", "--", "---", "/", "nan", "null", "none", "n/a", "#n/a", "无", "無" };

#define ONE_OF(s, list) one_of((s), (list), sizeof(list) / sizeof *(list))
static bool one_of(struct str s, const char *const *list, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (str_ieq(s, str_of(list[i])))
                        return true;
        return false;
}

static int wrong(struct table *t, size_t column, const char *what)
{
        struct str name = t->head[column];

        err_set(t->err, ERR_BAD_INPUT, "row %d, column %zu (%.*s): %s", t->csv.line, column + 1, (int)(name.n < 60 ? name.n : 60), name.p ? name.p : "", what);
        if (t->err) {
                t->err->line = t->csv.line;
                t->err->column = (int)column + 1;
        }
        return -1;
}

/* ---- times ---- */
/* The number at the front of `s`, of at most `most` digits; -1: none. */
static int take_number(struct str *s, size_t most)
{
        int v = 0;
        size_t n = 0;

        for (; n < s->n && n < most && s->p[n] >= '0' && s->p[n] <= '9'; n++)
                v = v * 10 + (s->p[n] - '0');
        *s = str_from(*s, n);
        return n ? v : -1;
}

/* One of these, separated by blanks, at the front of `s`. */
static bool take(struct str *s, const char *list)
{
        struct str rest = str_of(list), one;

        while (str_split(&rest, ' ', &one))
                if (one.n && str_starts(*s, one)) {
                        *s = str_from(*s, one.n);
                        return true;
                }
        return false;
}

struct parts { int year, month, day, hour, minute, second, milli; };

static bool take_date(struct str *s, struct parts *p)
{
        const char *at = s->p;

        p->year = take_number(s, 4);
        if (p->year < 1000 || s->p != at + 4)
                return false;
        bool packed = s->n && s->p[0] >= '0' && s->p[0] <= '9';         /* 20260601 */
        if (!packed && !take(s, "- / . 年"))
                return false;
        p->month = take_number(s, 2);
        if (!packed && !take(s, "- / . 月"))
                return false;
        p->day = take_number(s, 2);
        take(s, "日");
        return p->month > 0 && p->day > 0;
}

static bool take_fraction(struct str *s, struct parts *p)
{
        if (!take(s, ". ,"))
                return true;
        struct str before = *s;
        int v = take_number(s, 3);
        size_t digits = before.n - s->n;
        while (take_number(s, 9) >= 0)
                ;
        p->milli = v < 0 ? 0 : digits == 1 ? v * 100 : digits == 2 ? v * 10 : v;
        return v >= 0;
}

static bool take_time(struct str *s, struct parts *p)
{
        p->hour = take_number(s, 2);
        bool packed = s->n && s->p[0] >= '0' && s->p[0] <= '9';         /* 080500 */
        if (p->hour < 0 || (!packed && !take(s, ": 时 時")))
                return false;
        p->minute = take_number(s, 2);
        if (p->minute < 0) {
                p->minute = 0;                                          /* 8时 */
                return s->n == 0;
        }
        if (take(s, ": 分") || packed)
                p->second = s->n ? take_number(s, 2) : 0;
        return p->second >= 0 && take_fraction(s, p) && (take(s, "秒") || true);
}

static bool moment_of(const struct table *t, const struct parts *p, int64_t *ret)
{
        char text[80];
        struct stamp s;

        snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", p->year, p->month, p->day, p->hour, p->minute, p->second);
        if (!stamp_read(str_of(text), &s))
                return false;
        *ret = s.us / 1000 + p->milli - (int64_t)t->m->zone_min * 60000;
        return moment_fine(*ret);
}

static bool read_moment(const struct table *t, struct str date, struct str time, int64_t *ret)
{
        struct parts p = { 0 };
        struct stamp s;
        struct str rest = time;

        if (t->date >= 0)
                return take_date(&date, &p) && date.n == 0 && take_time(&rest, &p) && rest.n == 0 && moment_of(t, &p, ret);
        if (stamp_read(time, &s)) {
                *ret = s.us / 1000;
                return moment_fine(*ret);
        }
        if (time.n == 13 && number_read(time, ret))
                return moment_fine(*ret);
        if (!take_date(&rest, &p))
                return false;
        rest = str_trim(rest);
        take(&rest, "T");
        return (rest.n == 0 || (take_time(&rest, &p) && rest.n == 0)) && moment_of(t, &p, ret);
}

/* ---- values ---- */
static bool read_value(const struct table *t, struct str cell, struct decimal *ret)
{
        const char *comma = t->csv.between != ',' && cell.n ? memchr(cell.p, ',', cell.n) : NULL;

        if (!comma)
                return decimal_of_text(cell, ret);
        char *text = arena_cstr(t->a, cell);
        text[comma - cell.p] = '.';
        return decimal_of_text((struct str){ text, cell.n }, ret);         /* a second comma or a point is no number */
}

static int read_cell(struct table *t, size_t column, struct str cell, int64_t t_ms)
{
        struct reading r = { .channel = t->head[column], .t_ms = t_ms, .flag = FLAG_MANUAL };
        struct err e = { 0 };

        if (ONE_OF(cell, no_value))
                return 0;
        if (!read_value(t, cell, &r.value))
                return wrong(t, column, "this is no number");
        return decoded_add(t->m, t->ret, &r, &e) < 0 ? wrong(t, column, e.detail) : 0;
}

static bool no_channel(const struct table *t, size_t column)
{
        return (int)column == t->date || (int)column == t->time || ONE_OF(t->head[column], counting_words);
}

static int read_row(struct table *t, const struct str *cells, size_t n)
{
        int64_t t_ms;

        if (n > t->n)
                return wrong(t, t->n - 1, "the row has more fields than there are headings");
        if ((int)n <= t->time || (int)n <= t->date || !read_moment(t, t->date < 0 ? STR_NONE : cells[t->date], cells[t->time], &t_ms))
                return wrong(t, (size_t)t->time, "this is no time: 2026-06-01 08:05:00, 2026/6/1 8:05, RFC 3339, or 13 digits of milliseconds");
        for (size_t i = 0; i < n; i++)
                if (!no_channel(t, i) && read_cell(t, i, cells[i], t_ms) < 0)
                        return -1;
        return 0;
}

/* ---- headings ---- */
static bool is_head(struct table *t, const struct str *cells, size_t n)
{
        int named = -1;

        t->date = t->time = -1;
        for (size_t i = 0; i < n; i++) {
                if (t->date < 0 && ONE_OF(cells[i], date_words))
                        t->date = (int)i;
                else if (named < 0 && ONE_OF(cells[i], both_words))
                        named = (int)i;
        }
        t->time = named >= 0 ? named : t->date;
        if (named < 0)
                t->date = -1;                   /* a date alone: days */
        return t->time >= 0 && n > 1;
}

static int check_head(struct table *t)
{
        for (size_t i = 0; i < t->n; i++) {
                if (no_channel(t, i))
                        continue;
                if (!channel_name(t->head[i]) && !mapping_find(t->m->mapping, t->head[i]))
                        return wrong(t, i, "this can be no channel; name it in the device's description (`from`), or 1 to 64 letters, digits and . _ : -");
                for (size_t j = 0; j < i; j++)
                        if (str_eq(t->head[i], t->head[j]))
                                return wrong(t, i, "this heading stands there twice");
        }
        return 0;
}

/* Finds the headings with this separator.  1: found; 0: there are none. */
static int find_head(struct table *t, struct str bytes, char between)
{
        const struct str *cells;
        size_t n;

        t->csv = csv_open(bytes);
        t->csv.between = between;
        for (int i = 0, rc; i <= LIMIT_LOGGER_PREAMBLE; i++) {
                rc = csv_row(&t->csv, t->a, &cells, &n, NULL);
                if (rc == 0)
                        return 0;
                if (rc < 0 || !is_head(t, cells, n))
                        continue;
                memcpy(t->head, cells, n * sizeof *cells);
                t->n = n;
                return 1;
        }
        return 0;
}

/* ---- encodings ---- */
static int as_utf8(struct arena *a, struct str in, struct str *ret, struct err *reterr)
{
        *ret = in;
        if (utf8_valid(in))
                return 0;
        iconv_t conv = iconv_open("UTF-8", "GB18030");
        size_t room = 2 * in.n + 16, left = room, n = in.n;
        char *out = arena_raw(a, room), *to = out, *from = (char *)in.p;
        bool fine = conv != (iconv_t)-1 && iconv(conv, &from, &n, &to, &left) != (size_t)-1 && n == 0;
        if (conv != (iconv_t)-1)
                iconv_close(conv);
        *ret = (struct str){ out, room - left };
        return fine ? 0 : err_set(reterr, ERR_BAD_INPUT, "the text is neither UTF-8 nor GB 18030");
}

static int read_rows(struct table *t)
{
        struct arena *row = arena_new();
        int rc = 0;

        for (;;) {
                const struct str *cells;
                size_t n;
                arena_reset(row);
                int more = csv_row(&t->csv, row, &cells, &n, t->err);
                rc = more <= 0 ? more : read_row(t, cells, n);
                if (more <= 0 || rc < 0)
                        break;
        }
        arena_free(row);
        return rc;
}

static int decode(struct arena *a, const struct message *m, struct batch *ret, struct err *reterr)
{
        struct table *t = arena_alloc(a, sizeof *t);
        struct str bytes;

        *t = (struct table){ .a = a, .m = m, .ret = ret, .err = reterr };
        if (as_utf8(a, m->bytes, &bytes, reterr) < 0)
                return -1;
        if (!find_head(t, bytes, ',') && !find_head(t, bytes, ';') && !find_head(t, bytes, '\t'))
                return err_set(reterr, ERR_BAD_INPUT, "no row of headings with a time among the first %d: time, timestamp, date and time, 时间 …", LIMIT_LOGGER_PREAMBLE);
        return check_head(t) < 0 ? -1 : read_rows(t);
}

const struct decoder decoder_csv = {
        .name = "csv",
        .about_zh = "记录仪导出的表格(CSV):一列时间,其余为通道",
        .about = "a logger's table (CSV): a column of times, the others are channels",
        .media_types = "text/csv",
        .max_bytes = LIMIT_IMPORT_BYTES,
        .decode = decode,
};
