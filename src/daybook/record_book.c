#include "daybook/record_book.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "paper/paper.h"

/* Every table is a list of columns and a function that fills a row of one act; which acts stand in which table is one line each. */

enum { COLUMNS_MAX = 13 };

struct words { const char *hans, *hant, *en; };

static struct str say(const struct record_book *b, struct words w)
{
        return str_of(b->lang == LANG_HANS ? w.hans : b->lang == LANG_HANT ? w.hant : w.en);
}

/* ---- values ---- */

static struct str number_text(struct arena *a, struct decimal d)
{
        return d.mantissa ? decimal_text(a, d) : STR_NONE;
}

/* UN/ECE Rec 20 as people write it. */
static struct str unit_text(const struct record_book *b, struct str uom)
{
        static const struct { const char *code; struct words w; } units[] = {
                { "KGM", { "千克", "公斤", "kg" } }, { "GRM", { "克", "克", "g" } }, { "LTR", { "升", "升", "L" } }, { "MLT", { "毫升", "毫升", "mL" } },
                { "TNE", { "吨", "噸", "t" } }, { "C62", { "件", "件", "pcs" } }, { "MTQ", { "立方米", "立方米", "m³" } },
        };
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
                if (str_is(uom, units[i].code))
                        return say(b, units[i].w);
        return uom;
}

static struct str amounts_text(struct arena *a, const struct record_book *b, const struct fact_amount *list, size_t n)
{
        struct buf t = { .max = 4096 };
        for (size_t i = 0; i < n; i++) {
                struct str number = decimal_text(a, list[i].quantity), unit = unit_text(b, list[i].uom);
                buf_printf(&t, "%s%.*s %.*s", i ? ", " : "", STR_ARG(number), STR_ARG(unit));
        }
        struct str s = t.n ? arena_str(a, buf_view(&t)) : STR_NONE;
        buf_free(&t);
        return s;
}

static struct str last_segment(struct str s)
{
        for (size_t i = s.n; i-- > 0;)
                if (s.p[i] == '/')
                        return str_from(s, i + 1);
        return s;
}

static struct str lots_text(struct arena *a, const struct fact_amount *list, size_t n)
{
        struct buf t = { .max = 4096 };
        for (size_t i = 0; i < n; i++)
                buf_printf(&t, "%s%.*s", i ? ", " : "", STR_ARG(last_segment(list[i].lot)));
        struct str s = t.n ? arena_str(a, buf_view(&t)) : STR_NONE;
        buf_free(&t);
        return s;
}

static const struct record_input *input_of(const struct record_book *b, struct str canonical)
{
        for (size_t i = 0; i < b->n_inputs; i++)
                if (str_eq(b->inputs[i].facts->canonical, canonical))
                        return &b->inputs[i];
        return NULL;
}

static struct str input_name(const struct record_book *b, struct str canonical)
{
        const struct record_input *in = input_of(b, canonical);
        return in && in->facts->name.n ? in->facts->name : last_segment(canonical);
}

static struct str joined(struct arena *a, const struct str *list, size_t n)
{
        struct buf t = { .max = 4096 };
        for (size_t i = 0; i < n; i++)
                buf_printf(&t, "%s%.*s", i ? "、" : "", STR_ARG(list[i]));
        struct str s = t.n ? arena_str(a, buf_view(&t)) : STR_NONE;
        buf_free(&t);
        return s;
}

/* ---- rows of an act ---- */

struct sheet { const struct record_book *b; struct arena *a; };
typedef void fill_row(const struct sheet *s, const struct fact *f, struct str *cells);

static const struct record_more *more_of(const struct sheet *s, const struct fact *f)
{
        static const struct record_more none;
        return s->b->more ? &s->b->more[f - s->b->season->acts] : &none;
}

static struct str number_of(const struct sheet *s, const struct fact *f)
{
        return arena_printf(s->a, "%lld%s", (long long)f->seq, f->wrong ? "*" : "");
}

static void spray_row(const struct sheet *s, const struct fact *f, struct str *c)
{
        const struct record_input *in = input_of(s->b, f->input);
        c[0] = day_text(s->a, f->day);
        c[1] = input_name(s->b, f->input);
        c[2] = joined(s->a, f->ingredients, f->n_ingredients);
        c[3] = f->registration;
        c[4] = in ? in->manufacturer : STR_NONE;
        c[5] = f->target;
        c[6] = f->dose_uom.n ? arena_printf(s->a, "%.*s %.*s", STR_ARG(decimal_text(s->a, f->dose)), STR_ARG(unit_text(s->b, f->dose_uom))) : STR_NONE;
        c[7] = amounts_text(s->a, s->b, f->in, f->n_in);
        c[8] = number_text(s->a, f->area_mu);
        c[9] = f->interval_days >= 0 ? arena_printf(s->a, "%d", f->interval_days) : STR_NONE;
        c[10] = more_of(s, f)->operator;
        c[11] = number_of(s, f);
}

static void input_row(const struct sheet *s, const struct fact *f, struct str *c)
{
        c[0] = day_text(s->a, f->day);
        c[1] = act_title(f->act, s->b->lang);
        c[2] = input_name(s->b, f->input.n ? f->input : f->n_in ? f->in[0].good : STR_NONE);
        c[3] = amounts_text(s->a, s->b, f->in, f->n_in);
        c[4] = number_text(s->a, f->area_mu);
        c[5] = lots_text(s->a, f->in, f->n_in);
        c[6] = more_of(s, f)->operator;
        c[7] = number_of(s, f);
}

/* Days since the last use of anything that needs an interval, beside what was needed. */
static struct str since_spray(const struct sheet *s, const struct fact *harvest)
{
        const struct fact *last = NULL;
        for (size_t i = 0; i < s->b->season->n; i++) {
                const struct fact *f = &s->b->season->acts[i];
                if (f->act == ACT_SPRAY && !f->wrong && f->time_us <= harvest->time_us)
                        last = f;
        }
        if (!last)
                return say(s->b, (struct words){ "无用药", "無用藥", "none used" });
        if (last->interval_days < 0)
                return arena_printf(s->a, "%d", harvest->day - last->day);
        return arena_printf(s->a, "%d / %d", harvest->day - last->day, last->interval_days);
}

static void harvest_row(const struct sheet *s, const struct fact *f, struct str *c)
{
        c[0] = day_text(s->a, f->day);
        c[1] = lots_text(s->a, f->out, f->n_out);
        c[2] = amounts_text(s->a, s->b, f->out, f->n_out);
        c[3] = since_spray(s, f);
        c[4] = more_of(s, f)->operator;
        c[5] = number_of(s, f);
}

static void other_row(const struct sheet *s, const struct fact *f, struct str *c)
{
        c[0] = day_text(s->a, f->day);
        c[1] = act_title(f->act, s->b->lang);
        c[2] = f->target.n ? f->target : more_of(s, f)->target;
        c[3] = amounts_text(s->a, s->b, f->in, f->n_in);
        c[4] = f->has_photo ? say(s->b, (struct words){ "有", "有", "yes" }) : STR_NONE;
        c[5] = more_of(s, f)->operator;
        c[6] = number_of(s, f);
}

static void note_row(const struct sheet *s, const struct fact *f, struct str *c)
{
        c[0] = day_text(s->a, f->day);
        c[1] = act_title(f->act, s->b->lang);
        c[2] = more_of(s, f)->note;
        c[3] = number_of(s, f);
}

/* ---- tables ---- */

struct column { struct words title; double share; bool right; };
struct table {
        struct words heading, none;
        unsigned acts;                  /* bits 1 << enum act */
        fill_row *fill;
        size_t n;
        struct column columns[COLUMNS_MAX];
};
#define ACT_BIT(k) (1u << (k))

static const struct table tables[] = {
        { { "农药使用", "農藥使用", "Plant protection products used" }, { "没有使用农药的记录", "沒有使用農藥的記錄", "no use was recorded" }, ACT_BIT(ACT_SPRAY), spray_row, 12,
          { { { "日期", "日期", "Date" }, 1.1, false }, { { "名称", "名稱", "Name" }, 1.4, false }, { { "有效成分", "有效成分", "Active ingredient" }, 1.4, false },
            { { "登记证号", "登記證號", "Registration" }, 1.4, false }, { { "生产企业", "生產企業", "Maker" }, 1.3, false }, { { "防治对象", "防治對象", "Against" }, 1.1, false },
            { { "每亩用量", "每畝用量", "Dose per mu" }, 1, true }, { { "用量", "用量", "Amount" }, 1, true }, { { "面积（亩）", "面積（畝）", "Area (mu)" }, 0.8, true },
            { { "安全间隔期（天）", "安全間隔期（天）", "Interval (days)" }, 0.9, true },
            { { "操作人", "操作人", "Done by" }, 0.9, false }, { { "记录号", "記錄號", "Record" }, 0.7, true } } },
        { { "肥料、种苗和灌溉", "肥料、種苗和灌溉", "Fertiliser, seed, irrigation" }, { "没有记录", "沒有記錄", "nothing was recorded" },
          ACT_BIT(ACT_SOW) | ACT_BIT(ACT_TRANSPLANT) | ACT_BIT(ACT_FERTILISE) | ACT_BIT(ACT_IRRIGATE), input_row, 8,
          { { { "日期", "日期", "Date" }, 1, false }, { { "作业", "作業", "Work" }, 1, false }, { { "名称", "名稱", "Name" }, 2, false }, { { "用量", "用量", "Amount" }, 1.4, true },
            { { "面积（亩）", "面積（畝）", "Area (mu)" }, 1, true }, { { "批次", "批次", "Lot" }, 2, false },
            { { "操作人", "操作人", "Done by" }, 1, false }, { { "记录号", "記錄號", "Record" }, 0.7, true } } },
        { { "生长、病虫害和田间管理", "生長、病蟲害和田間管理", "Growth, pests and diseases, field work" }, { "没有记录", "沒有記錄", "nothing was recorded" },
          ACT_BIT(ACT_GROWTH) | ACT_BIT(ACT_WEED) | ACT_BIT(ACT_PRUNE) | ACT_BIT(ACT_CLEAR), other_row, 7,
          { { { "日期", "日期", "Date" }, 1, false }, { { "作业", "作業", "Work" }, 1.4, false }, { { "病虫害", "病蟲害", "Pest or disease" }, 2, false },
            { { "用量", "用量", "Amount" }, 1, true }, { { "照片", "照片", "Photo" }, 0.7, false },
            { { "操作人", "操作人", "Done by" }, 1, false }, { { "记录号", "記錄號", "Record" }, 0.7, true } } },
        { { "采收", "採收", "Harvest" }, { "还没有采收", "還沒有採收", "not harvested yet" }, ACT_BIT(ACT_HARVEST), harvest_row, 6,
          { { { "日期", "日期", "Date" }, 1, false }, { { "批次", "批次", "Lot" }, 2, false }, { { "数量", "數量", "Quantity" }, 1.2, true },
            { { "距末次用药（天）/ 安全间隔期", "距末次用藥（天）/ 安全間隔期", "Days since last use / interval" }, 1.8, true },
            { { "操作人", "操作人", "Done by" }, 1, false }, { { "记录号", "記錄號", "Record" }, 0.7, true } } },
};

/* What people wrote beside any act: long texts have no room in the tables above. */
static const struct table notes = {
        { "备注", "備註", "Notes" }, { "没有备注", "沒有備註", "no notes" }, ~0u, note_row, 4,
        { { { "日期", "日期", "Date" }, 1, false }, { { "作业", "作業", "Work" }, 1, false }, { { "备注", "備註", "Note" }, 7, false }, { { "记录号", "記錄號", "Record" }, 0.7, true } }
};

static void draw_table(struct paper *p, const struct sheet *s, const struct table *t)
{
        const struct season_facts *season = s->b->season;
        struct paper_column columns[COLUMNS_MAX];
        struct str *cells = arena_array(s->a, struct str, (season->n + 1) * t->n);
        size_t n = 0;
        for (size_t i = 0; i < t->n; i++)
                columns[i] = (struct paper_column){ say(s->b, t->columns[i].title), t->columns[i].share, t->columns[i].right };
        for (size_t i = 0; i < season->n; i++)
                if ((t->acts >> season->acts[i].act & 1) && (t != &notes || more_of(s, &season->acts[i])->note.n))
                        t->fill(s, &season->acts[i], cells + n++ * t->n);
        paper_heading(p, say(s->b, t->heading));
        paper_table(p, columns, t->n, cells, n, say(s->b, t->none));
}

static void draw_purchases(struct paper *p, const struct sheet *s)
{
        static const struct column titles[] = {
                { { "日期", "日期", "Date" }, 1, false }, { { "名称", "名稱", "Name" }, 1.6, false }, { { "登记证号", "登記證號", "Registration" }, 1.5, false },
                { { "生产企业", "生產企業", "Maker" }, 1.6, false }, { { "供应商", "供應商", "Supplier" }, 1.6, false }, { { "批次", "批次", "Lot" }, 1.4, false },
                { { "数量", "數量", "Quantity" }, 1, true },
        };
        enum { N = sizeof titles / sizeof *titles };
        const struct record_book *b = s->b;
        struct paper_column columns[N];
        struct str *cells = arena_array(s->a, struct str, (b->n_purchases + 1) * N);
        for (size_t i = 0; i < N; i++)
                columns[i] = (struct paper_column){ say(b, titles[i].title), titles[i].share, titles[i].right };
        for (size_t i = 0; i < b->n_purchases; i++) {
                const struct record_purchase *u = &b->purchases[i];
                const struct record_input *in = input_of(b, u->input);
                struct str *c = cells + i * N;
                c[0] = day_text(s->a, u->day);
                c[1] = input_name(b, u->input);
                c[2] = in ? in->facts->registration : STR_NONE;
                c[3] = in ? in->manufacturer : STR_NONE;
                c[4] = u->supplier.n ? u->supplier : in ? in->supplier : STR_NONE;
                c[5] = last_segment(u->lot);
                c[6] = arena_printf(s->a, "%.*s %.*s", STR_ARG(u->quantity), STR_ARG(unit_text(b, u->uom)));
        }
        paper_heading(p, say(b, (struct words){ "投入品来源", "投入品來源", "Where the inputs came from" }));
        paper_table(p, columns, N, cells, b->n_purchases, say(b, (struct words){ "没有入库记录", "沒有入庫記錄", "no receipt was recorded" }));
}

/* ---- the whole ---- */

/* First and last day of an act; empty when there is none. */
static struct str span_text(const struct sheet *s, enum act k)
{
        int first = 0, last = 0;
        for (size_t i = 0; i < s->b->season->n; i++) {
                const struct fact *f = &s->b->season->acts[i];
                if (f->act != k || f->wrong)
                        continue;
                first = first ? first : f->day;
                last = f->day;
        }
        if (!first)
                return STR("—");
        return first == last ? day_text(s->a, first) : arena_printf(s->a, "%.*s – %.*s", STR_ARG(day_text(s->a, first)), STR_ARG(day_text(s->a, last)));
}

static struct str or_dash(struct str s)
{
        return s.n ? s : STR("—");
}

static void draw_about(struct paper *p, const struct sheet *s)
{
        const struct record_book *b = s->b;
        const struct season_facts *season = b->season;
        const struct paper_pair pairs[] = {
                { say(b, (struct words){ "生产者", "生產者", "Producer" }), or_dash(b->producer) },
                { say(b, (struct words){ "信用代码", "信用代碼", "Credit code" }), or_dash(b->credit_code) },
                { say(b, (struct words){ "地址", "地址", "Address" }), or_dash(b->seat) },
                { say(b, (struct words){ "联系方式", "聯絡方式", "Contact" }), or_dash(b->contact) },
                { say(b, (struct words){ "茬次", "茬次", "Season" }), or_dash(b->season_name) },
                { say(b, (struct words){ "地块", "地塊", "Plot" }), or_dash(b->plot_name) },
                { say(b, (struct words){ "作物", "作物", "Crop" }), season->variety.n ? arena_printf(s->a, "%.*s（%.*s）", STR_ARG(season->crop), STR_ARG(season->variety)) : or_dash(season->crop) },
                { say(b, (struct words){ "面积（亩）", "面積（畝）", "Area (mu)" }), or_dash(number_text(s->a, season->area_mu)) },
                { say(b, (struct words){ "播种", "播種", "Sown" }), span_text(s, ACT_SOW) },
                { say(b, (struct words){ "采收", "採收", "Harvested" }), span_text(s, ACT_HARVEST) },
        };
        paper_pairs(p, pairs, sizeof pairs / sizeof *pairs);
        if (b->address.n)
                paper_text(p, arena_printf(s->a, b->lang == LANG_EN ? "Each record with its evidence and proof: %.*s" : b->lang == LANG_HANT ? "逐條記錄、憑證和核驗：%.*s" : "逐条记录、凭证和核验：%.*s",
                                           STR_ARG(b->address)));
}

int record_book_draw(struct buf *out, struct arena *a, const struct record_book *b, struct err *reterr)
{
        struct sheet s = { b, a };
        struct civil now = civil_of(b->now_us, 480);
        struct str made = arena_printf(a, "%04d-%02d-%02d %02d:%02d", now.year, now.month, now.day, now.hour, now.minute);
        struct str foot = b->lang == LANG_EN ? arena_printf(a, "%.*s · made %.*s · * corrected later · keep for two years at least", STR_ARG(b->producer), STR_ARG(made))
                        : b->lang == LANG_HANT ? arena_printf(a, "%.*s · 製表 %.*s · * 後來已更正 · 保存不少於二年", STR_ARG(b->producer), STR_ARG(made))
                                               : arena_printf(a, "%.*s · 制表 %.*s · * 后来已更正 · 保存不少于二年", STR_ARG(b->producer), STR_ARG(made));
        struct paper *p = paper_new(out, &(struct paper_options){ .lang = b->lang, .title = say(b, (struct words){ "农产品生产记录", "農產品生產記錄", "Farm record book" }), .foot = foot });
        draw_about(p, &s);
        draw_purchases(p, &s);
        for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
                draw_table(p, &s, &tables[i]);
        draw_table(p, &s, &notes);
        return paper_end(p, reterr);
}
