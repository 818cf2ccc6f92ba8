#include "pages/pages_impl.h"

static void head(const struct item_page *p, enum words title, const enum words *columns, size_t n)
{
        buf_z(p->b, "<section class=\"card\"><h2>");
        html_words(p->b, p->l, title);
        buf_z(p->b, "</h2><table><thead><tr>");
        for (size_t i = 0; i < n; i++) {
                buf_z(p->b, "<th scope=\"col\">");
                html_words(p->b, p->l, columns[i]);
                buf_z(p->b, "</th>");
        }
        buf_z(p->b, "</tr></thead><tbody>");
}

static void foot(const struct item_page *p)
{
        buf_z(p->b, "</tbody></table></section>");
}

static bool is_input(const struct story_entry *e)
{
        return !e->declared_wrong && e->n_in && (e->kind == STORY_FERTILISE || e->kind == STORY_SPRAY || e->kind == STORY_INPUT);
}

/* "7 天", and whether the harvest waited for it. */
static void write_interval(const struct item_page *p, const struct story_entry *e)
{
        int days = e->kind == STORY_SPRAY ? story_days_to_harvest(p->s, e) : -1;
        html_words1(p->b, p->l, W_DAYS, arena_printf(p->q->arena, "%d", e->interval_days));
        if (days < 0)
                return;
        buf_printf(p->b, "<br><span class=\"tag%s\">", days < e->interval_days ? " ko" : "");
        html_words1(p->b, p->l, days < e->interval_days ? W_NOT_MET : W_MET, arena_printf(p->q->arena, "%d", days));
        buf_z(p->b, "</span>");
}

static void input_row(const struct item_page *p, const struct story_entry *e, const struct story_amount *a)
{
        buf_z(p->b, "<tr><td>");
        html_text(p->b, name_in(a->what, p->l));
        if (e->ingredient.n) {
                buf_z(p->b, "<br><span class=\"w\">");
                html_text(p->b, e->ingredient);
                buf_z(p->b, "</span>");
        }
        buf_z(p->b, "</td><td class=\"q\">");
        html_date(p->b, e->time_us);
        if (a->quantity.n)
                buf_z(p->b, "<br>");
        write_amount(p, a->quantity, a->uom);
        buf_z(p->b, "</td><td class=\"q\">");
        if (e->interval_days >= 0)
                write_interval(p, e);
        else if (e->kind == STORY_SPRAY)
                html_words(p->b, p->l, W_NOT_RECORDED);
        else
                buf_z(p->b, "—");
        buf_z(p->b, "</td></tr>");
}

void item_inputs(const struct item_page *p)
{
        static const enum words columns[] = { W_COL_WHAT, W_COL_USED, W_COL_INTERVAL };
        enum { MOST = 24 };
        size_t n = 0;
        for (size_t i = 0; i < p->s->n_entries; i++)
                n += is_input(&p->s->entries[i]);
        if (!n)
                return;
        head(p, W_INPUTS, columns, 3);
        n = 0;
        for (size_t i = 0; i < p->s->n_entries; i++)
                for (size_t k = 0; is_input(&p->s->entries[i]) && k < p->s->entries[i].n_in && n < MOST; k++, n++)
                        input_row(p, &p->s->entries[i], &p->s->entries[i].in[k]);
        foot(p);
}

static void report_row(const struct item_page *p, const struct story_entry *e, const struct story_report *r)
{
        enum story_result result = r->result != RESULT_NONE ? r->result : e->result;
        buf_z(p->b, "<tr><td>");
        html_text(p->b, r->what);
        buf_z(p->b, "</td><td class=\"q\">");
        write_amount(p, r->value, r->uom);
        buf_printf(p->b, " <span class=\"tag%s\">", result == RESULT_FAILED ? " ko" : result == RESULT_PASSED ? "" : " no");
        html_words(p->b, p->l, result == RESULT_FAILED ? W_FAILED : result == RESULT_PASSED ? W_PASSED : W_OPEN_RESULT);
        buf_z(p->b, "</span></td><td class=\"q\">");
        if (r->limit.n)
                write_amount(p, r->limit, r->uom);
        else
                buf_z(p->b, "—");
        buf_z(p->b, "</td></tr>");
}

void item_tests(const struct item_page *p)
{
        static const enum words columns[] = { W_COL_ITEM, W_COL_VALUE, W_COL_LIMIT };
        enum { MOST = 24 };
        size_t n = 0;
        for (size_t i = 0; i < p->s->n_entries; i++)
                n += p->s->entries[i].kind == STORY_TEST && !p->s->entries[i].declared_wrong ? p->s->entries[i].n_reports : 0;
        if (!n)
                return;
        head(p, W_TESTS, columns, 3);
        n = 0;
        for (size_t i = 0; i < p->s->n_entries; i++) {
                const struct story_entry *e = &p->s->entries[i];
                for (size_t k = 0; e->kind == STORY_TEST && !e->declared_wrong && k < e->n_reports && n < MOST; k++, n++)
                        report_row(p, e, &e->reports[k]);
        }
        foot(p);
}

void item_gaps(const struct item_page *p)
{
        static const struct { unsigned gap; enum words say; } rows[] = {
                { GAP_ORIGIN, W_G_ORIGIN }, { GAP_SOW, W_G_SOW }, { GAP_SPRAY, W_G_SPRAY }, { GAP_INTERVAL, W_G_INTERVAL }, { GAP_HARVEST, W_G_HARVEST },
                { GAP_TEST, W_G_TEST }, { GAP_TEST_RESULT, W_G_TEST_RESULT }, { GAP_TRANSPORT, W_G_TRANSPORT }, { GAP_TEMPERATURE, W_G_TEMPERATURE },
                { GAP_SHELF, W_G_SHELF }, { GAP_PHOTO, W_G_PHOTO },
        };
        if (!p->s->gaps)
                return;
        buf_z(p->b, "<section class=\"card\"><h2>");
        html_words(p->b, p->l, W_GAPS);
        buf_z(p->b, "</h2><ul class=\"g\">");
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                if (!(p->s->gaps & rows[i].gap))
                        continue;
                buf_z(p->b, "<li><b>");
                html_words(p->b, p->l, W_NOT_RECORDED);
                buf_z(p->b, "</b>");
                html_words(p->b, p->l, rows[i].say);
                buf_z(p->b, "</li>");
        }
        buf_z(p->b, "</ul><p class=\"note\">");
        html_words(p->b, p->l, W_GAPS_NOTE);
        buf_z(p->b, "</p></section>");
}
