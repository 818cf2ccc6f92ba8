#include "farm/thing_table.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "base/limits.h"
#include "base/text.h"

enum { IGNORED = -4, OWN = -3 /* x-name: a text */, OTHERS = -2 /* x-: an object of them */, CODE = -1 };

static const char *const code_title[LANGS] = { "编码", "編碼", "Code" };
static const char *const others_title[LANGS] = { "其他（JSON）", "其他（JSON）", "Others (JSON)" };

/* ---- writing ---- */

size_t thing_table_head(enum thing_kind k, enum lang l, struct str *ret, bool *numbers)
{
        size_t n;
        const struct thing_member *m = thing_members(k, &n);
        ret[0] = str_of(code_title[l]);
        numbers[0] = false;
        for (size_t i = 0; i < n; i++) {
                ret[i + 1] = str_of(m[i].title[l]);
                numbers[i + 1] = m[i].type == MEMBER_NUMBER || m[i].type == MEMBER_COUNT;
        }
        ret[n + 1] = str_of(others_title[l]);
        numbers[n + 1] = false;
        return n + 2;
}

static struct str compact(struct arena *a, const struct json *v)
{
        struct buf b = { .max = LIMIT_THING_BYTES };
        json_write(&b, v);
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

static struct str joined(struct arena *a, const struct json *list)
{
        struct buf b = { .max = LIMIT_THING_BYTES };
        bool plain = true;
        for (uint32_t i = 0; i < list->n; i++) {
                struct str one = json_text(&list->items[i]);
                plain &= !memmem(one.p, one.n, "、", 3) && !memchr(one.p, ',', one.n) && !memchr(one.p, ';', one.n) && !memmem(one.p, one.n, "，", 3) && !memmem(one.p, one.n, "；", 3);
                if (i)
                        buf_z(&b, "、");
                buf_str(&b, one);
        }
        struct str s = plain ? arena_str(a, buf_view(&b)) : compact(a, list);
        buf_free(&b);
        return s;
}

static struct str cell_of(struct arena *a, const struct thing_member *m, const struct json *v)
{
        if (!v)
                return STR_NONE;
        switch (m->type) {
        case MEMBER_TEXTS: return joined(a, v);
        case MEMBER_OUTLINE:
        case MEMBER_CHANNELS:
        case MEMBER_JSON:
        case MEMBER_LABELS: return compact(a, v);
        case MEMBER_POSITION:
                return json_get(v, "accuracy") ? compact(a, v) : arena_printf(a, "%.*s,%.*s", STR_ARG(json_text(json_get(v, "lat"))), STR_ARG(json_text(json_get(v, "lon"))));
        case MEMBER_FLAG: return json_is(v, JSON_TRUE) ? STR("true") : STR("false");
        default: return json_text(v);
        }
}

static struct str others_of(struct arena *a, const struct json *body)
{
        struct json_member *list = arena_array(a, struct json_member, body->n + 1);
        struct json others = { .kind = JSON_OBJECT, .members = list };
        for (uint32_t i = 0; i < body->n; i++)
                if (str_starts(body->members[i].name, STR("x-")))
                        list[others.n++] = body->members[i];
        return others.n ? compact(a, &others) : STR_NONE;
}

void thing_table_row(struct arena *a, enum thing_kind k, struct str code, const struct json *body, struct str *ret)
{
        size_t n;
        const struct thing_member *m = thing_members(k, &n);
        ret[0] = code;
        for (size_t i = 0; i < n; i++)
                ret[i + 1] = cell_of(a, &m[i], json_get(body, m[i].name));
        ret[n + 1] = others_of(a, body);
}

/* ---- headings ---- */

static bool titled(struct str heading, const char *const *title)
{
        for (int l = 0; l < LANGS; l++)
                if (str_ieq(heading, str_of(title[l])))
                        return true;
        return false;
}

static int column_of(enum thing_kind k, struct str heading)
{
        static const char *const ignored[] = { "", "org", "uri", "n", "recordTime" };
        size_t n;
        const struct thing_member *m = thing_members(k, &n);
        for (size_t i = 0; i < n; i++)
                if (str_ieq(heading, str_of(m[i].name)) || titled(heading, m[i].title))
                        return (int)i;
        if (str_ieq(heading, STR("code")) || titled(heading, code_title))
                return CODE;
        if (str_is(heading, "x-") || titled(heading, others_title))
                return OTHERS;
        for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
                if (str_ieq(heading, str_of(ignored[i])))
                        return IGNORED;
        return str_starts(heading, STR("x-")) ? OWN : (int)n;   /* n: no such member */
}

static struct str pointer_of(struct arena *a, int row, struct str below)
{
        struct buf b = { .max = 64 * 1024 };
        json_pointer_index(&b, (size_t)row);
        if (below.n)
                json_pointer_add(&b, below);
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

int thing_table_columns(struct arena *a, enum thing_kind k, const struct str *head, size_t n, int row, struct thing_columns *ret, struct faults *f)
{
        size_t members, before = f->refused;
        bool code = false;
        thing_members(k, &members);
        *ret = (struct thing_columns){ .kind = k, .n = n < THING_COLUMNS_READ ? n : THING_COLUMNS_READ };
        for (size_t i = 0; i < ret->n; i++) {
                ret->heading[i] = head[i];
                ret->column[i] = column_of(k, head[i]);
                code |= ret->column[i] == CODE;
                if (ret->column[i] == (int)members)
                        faults_tell(a, f, CODE_UNKNOWN_MEMBER, pointer_of(a, row, head[i]), "there is no column %.*s; one of your own begins with x-", (int)(head[i].n < 80 ? head[i].n : 80), head[i].p);
                for (size_t j = 0; j < i; j++)
                        if (ret->column[i] != IGNORED && ret->column[i] == ret->column[j] && (ret->column[i] != OWN || str_eq(head[i], head[j])))
                                faults_tell(a, f, CODE_REPEATED_ITEM, pointer_of(a, row, head[i]), "the column %.*s stands twice", (int)(head[i].n < 80 ? head[i].n : 80), head[i].p);
        }
        if (!code)
                faults_tell(a, f, CODE_MISSING_MEMBER, pointer_of(a, row, STR_NONE), "the first row bears the headings, and one of them is %s or code", code_title[LANG_HANS]);
        return f->refused > before ? -1 : 0;
}

/* ---- cells ---- */

/* The next of a list that people divide in many ways. */
static bool next_item(struct str *rest, struct str *ret)
{
        static const char *const between[] = { "、", "，", "；", ",", ";", "\n", "|" };
        size_t at = rest->n, width = 0;
        if (!rest->n)
                return false;
        for (size_t i = 0; i < sizeof between / sizeof *between; i++) {
                const char *p = memmem(rest->p, rest->n, between[i], strlen(between[i]));
                if (p && (size_t)(p - rest->p) < at) {
                        at = (size_t)(p - rest->p);
                        width = strlen(between[i]);
                }
        }
        *ret = str_trim((struct str){ rest->p, at });
        *rest = str_from(*rest, at + width);
        return true;
}

static void write_list(struct buf *b, struct str cell)
{
        struct str one;
        bool more = false;
        buf_char(b, '[');
        while (next_item(&cell, &one)) {
                if (!one.n)
                        continue;
                if (more)
                        buf_char(b, ',');
                more = true;
                json_write_str(b, one);
        }
        buf_char(b, ']');
}

/* "番茄:7；黄瓜:3" */
static void write_labels(struct buf *b, struct str cell)
{
        struct str one, whole = cell, crop;
        bool more = false, good = true;
        struct buf list = { .max = LIMIT_THING_BYTES };
        buf_char(&list, '[');
        while (good && next_item(&cell, &one)) {
                const char *wide = memmem(one.p, one.n, "：", 3), *colon = wide ? wide : memchr(one.p, ':', one.n);
                if (!one.n)
                        continue;
                good = colon != NULL;
                if (!good)
                        break;
                crop = str_trim((struct str){ one.p, (size_t)(colon - one.p) });
                buf_z(&list, more ? ",{\"crop\":" : "{\"crop\":");
                json_write_str(&list, crop);
                buf_z(&list, ",\"intervalDays\":");
                json_write_str(&list, str_trim(str_from(one, (size_t)(colon - one.p) + (wide ? 3 : 1))));
                buf_char(&list, '}');
                more = true;
        }
        buf_char(&list, ']');
        if (good)
                buf_str(b, buf_view(&list));
        else
                json_write_str(b, whole);
        buf_free(&list);
}

/* "2026/5/1", or the number of days since the end of 1899 as a spreadsheet keeps them. */
static struct str day_of(struct arena *a, struct str cell)
{
        int64_t n;
        int year, month, day, end = 0;
        char text[32];
        if (number_read(cell, &n) && n > 20000 && n < 80000) {
                struct civil c = civil_of((n - 25569) * INT64_C(86400000000), 0);
                return arena_printf(a, "%04d-%02d-%02d", c.year, c.month, c.day);
        }
        snprintf(text, sizeof text, "%.*s", (int)(cell.n < 31 ? cell.n : 31), cell.p);
        if (sscanf(text, "%4d/%2d/%2d%n", &year, &month, &day, &end) == 3 && !text[end])
                return arena_printf(a, "%04d-%02d-%02d", year, month, day);
        return cell;
}

static bool write_json(struct buf *b, struct arena *a, struct str cell)
{
        const struct json *v;
        if (!cell.n || (cell.p[0] != '{' && cell.p[0] != '[') || json_read(a, cell.p, cell.n, NULL, &v, NULL) < 0)
                return false;
        json_write(b, v);
        return true;
}

static void write_position(struct buf *b, struct str cell)
{
        struct str rest = cell, lat, lon;
        struct decimal d;
        if (next_item(&rest, &lat) && next_item(&rest, &lon) && !rest.n && decimal_read(lat, &d) && decimal_read(lon, &d) && lat.p[0] != '+' && lon.p[0] != '+')
                buf_printf(b, "{\"lat\":%.*s,\"lon\":%.*s}", STR_ARG(lat), STR_ARG(lon));
        else
                json_write_str(b, cell);
}

static void write_flag(struct buf *b, struct str cell)
{
        static const char *const yes[] = { "true", "1", "yes", "是", "TRUE" }, *const no[] = { "false", "0", "no", "否", "FALSE" };
        for (size_t i = 0; i < 5; i++)
                if (str_is(cell, yes[i]) || str_is(cell, no[i])) {
                        buf_z(b, str_is(cell, yes[i]) ? "true" : "false");
                        return;
                }
        json_write_str(b, cell);
}

static void write_cell(struct buf *b, struct arena *a, enum member_type type, struct str cell)
{
        switch (type) {
        case MEMBER_TEXTS:
                if (!write_json(b, a, cell))
                        write_list(b, cell);
                break;
        case MEMBER_LABELS:
                if (!write_json(b, a, cell))
                        write_labels(b, cell);
                break;
        case MEMBER_POSITION:
                if (!write_json(b, a, cell))
                        write_position(b, cell);
                break;
        case MEMBER_CHANNELS:
        case MEMBER_JSON:
        case MEMBER_OUTLINE:
                if (!write_json(b, a, cell))
                        json_write_str(b, cell);
                break;
        case MEMBER_FLAG: write_flag(b, cell); break;
        case MEMBER_DAY: json_write_str(b, day_of(a, cell)); break;
        default: json_write_str(b, cell);
        }
}

/* ---- a row ---- */

static void name(struct buf *b, struct str z)
{
        if (b->n > 1)
                buf_char(b, ',');
        json_write_str(b, z);
        buf_char(b, ':');
}

static void write_others(struct buf *b, struct arena *a, struct str cell, struct str at, struct faults *f)
{
        const struct json *v;
        if (json_read(a, cell.p, cell.n, NULL, &v, NULL) < 0 || !json_is(v, JSON_OBJECT)) {
                faults_tell(a, f, CODE_WRONG_KIND, at, "this is a JSON object of members that begin with x-");
                return;
        }
        for (uint32_t i = 0; i < v->n; i++) {
                name(b, v->members[i].name);
                json_write(b, &v->members[i].value);
        }
}

static void write_row(struct buf *b, struct arena *a, const struct thing_columns *c, const struct str *cells, size_t n, int row, struct str *ret_code, struct faults *f)
{
        size_t members;
        const struct thing_member *m = thing_members(c->kind, &members);
        buf_char(b, '{');
        for (size_t i = 0; i < c->n && i < n; i++) {
                if (!cells[i].n || c->column[i] == IGNORED)
                        continue;
                if (c->column[i] == CODE) {
                        *ret_code = cells[i];
                } else if (c->column[i] == OTHERS) {
                        write_others(b, a, cells[i], pointer_of(a, row, c->heading[i]), f);
                } else if (c->column[i] == OWN) {
                        name(b, c->heading[i]);
                        json_write_str(b, cells[i]);
                } else {
                        name(b, str_of(m[c->column[i]].name));
                        write_cell(b, a, m[c->column[i]].type, cells[i]);
                }
        }
        buf_char(b, '}');
}

/* The faults of one row take their place in the table. */
static void move_faults(struct arena *a, struct faults *f, const struct faults *of_row, int row)
{
        for (size_t i = 0; i < of_row->n; i++)
                of_row->list[i].pointer = arena_printf(a, "/%d%.*s", row, STR_ARG(of_row->list[i].pointer));
        for (size_t i = 0; i < of_row->n && f->n < LIMIT_FAULTS; i++) {
                faults_tell(a, f, CODE_WRONG_KIND, of_row->list[i].pointer, "%.*s", (int)(of_row->list[i].message.n < 390 ? of_row->list[i].message.n : 390), of_row->list[i].message.p);
                f->list[f->n - 1].code = of_row->list[i].code;
        }
        f->dropped += of_row->dropped;
}

int thing_table_read(struct arena *a, const struct thing_columns *c, const struct str *cells, size_t n, int row, struct str *ret_code, struct str *ret_body, struct faults *f)
{
        struct buf b = { .max = 2 * LIMIT_THING_BYTES };
        struct faults of_row = { 0 };
        struct err e = { 0 };
        const struct json *body;
        size_t before = f->refused;
        *ret_code = STR_NONE;
        write_row(&b, a, c, cells, n, row, ret_code, f);
        if (ident_check_code(*ret_code, &e) < 0)
                faults_tell(a, f, ret_code->n ? CODE_BAD_PATTERN : CODE_MISSING_MEMBER, pointer_of(a, row, STR("code")), "%s", ret_code->n ? e.detail : "the row has no code");
        if (b.overflow || json_read(a, b.p, b.n, NULL, &body, &e) < 0) {
                faults_tell(a, f, CODE_TOO_LONG, pointer_of(a, row, STR_NONE), "the row cannot be read: %s", b.overflow ? "it is too long" : e.detail);
        } else if (thing_read(a, c->kind, body, ret_body, &of_row) < 0) {
                move_faults(a, f, &of_row, row);
                f->refused += !of_row.n;
        }
        buf_free(&b);
        return f->refused > before ? -1 : 0;
}

struct str thing_table_place(const struct thing_columns *c, struct str pointer, int *ret_row)
{
        struct str rest = str_from(pointer, 1), row, member;
        int64_t n = 0;
        size_t members;
        const struct thing_member *m = thing_members(c->kind, &members);
        *ret_row = str_split(&rest, '/', &row) && number_read(row, &n) ? (int)n : 0;
        if (!rest.p || !str_split(&rest, '/', &member))
                return STR_NONE;
        for (size_t i = 0; i < c->n; i++) {
                int k = c->column[i];
                if (str_eq(member, c->heading[i]) || (k == CODE && str_is(member, "code")) || (k >= 0 && k < (int)members && str_is(member, m[k].name)))
                        return c->heading[i];
        }
        return member;
}
