#include "pages/pages_impl.h"

/* What must be known before a page may say that nothing is amiss. */
enum { NEEDED = GAP_ORIGIN | GAP_HARVEST | GAP_TEST | GAP_TEST_RESULT | GAP_INTERVAL };

enum verdict story_verdict(const struct story *s)
{
        if (s->state == STATE_RECALLED)
                return VERDICT_RECALLED;
        if (s->destroyed)
                return VERDICT_DESTROYED;
        if (s->state == STATE_HELD)
                return VERDICT_HELD;
        if (s->failed)
                return VERDICT_FAILED;
        if (s->interval_broken)
                return VERDICT_INTERVAL;
        return s->gaps & NEEDED ? VERDICT_PART : VERDICT_CLEAR;
}

const char *verdict_name(enum verdict v)
{
        static const char *const names[] = { "clear", "incomplete", "held", "recalled", "failed", "interval-broken", "destroyed" };
        return names[v];
}

struct look { enum words title, text; const char *class; enum icon icon; };

static const struct look looks[] = {
        [VERDICT_CLEAR] = { W_V_CLEAR, W_V_CLEAR_2, "clear", ICON_CHECK },
        [VERDICT_PART] = { W_V_PART, W_V_PART_2, "part", ICON_ALERT },
        [VERDICT_HELD] = { W_V_HELD, W_V_HELD_2, "bad", ICON_STOP },
        [VERDICT_RECALLED] = { W_V_RECALLED, W_V_RECALLED_2, "bad", ICON_STOP },
        [VERDICT_FAILED] = { W_V_FAILED, W_V_FAILED_2, "bad", ICON_STOP },
        [VERDICT_INTERVAL] = { W_V_INTERVAL, W_V_INTERVAL_2, "bad", ICON_STOP },
        [VERDICT_DESTROYED] = { W_V_DESTROYED, W_V_DESTROYED_2, "bad", ICON_STOP },
};

static void because(const struct item_page *p)
{
        const struct story *s = p->s;
        if (s->state == STATE_CLEAR || !s->state_of)
                return;
        bool other = !str_eq(s->state_of->canonical, s->item->canonical);
        buf_z(p->b, "<p>");
        if (other)
                html_words1(p->b, p->l, W_V_BECAUSE, name_in(s->state_of, p->l));
        buf_z(p->b, other ? " · " : "");
        html_date(p->b, s->state_since_us);
        buf_z(p->b, "</p>");
}

void item_verdict(const struct item_page *p)
{
        const struct look *look = &looks[story_verdict(p->s)];
        struct str count = arena_printf(p->q->arena, "%zu", p->s->n_entries);
        buf_printf(p->b, "<section class=\"card %s\"><div class=\"v\">", look->class);
        shell_icon(p->b, look->icon);
        buf_z(p->b, "<div><h2>");
        html_words1(p->b, p->l, look->title, count);
        buf_z(p->b, "</h2><p>");
        html_words1(p->b, p->l, look->text, count);
        buf_z(p->b, "</p>");
        because(p);
        buf_z(p->b, "</div></div>");
        item_numbers(p);
        buf_z(p->b, "</section>");
}

/* One of the three numbers; `value` empty: not recorded. */
static void number(const struct item_page *p, const char *class, struct str value, enum words unit, struct str about)
{
        buf_printf(p->b, "<div%s%s%s><dt>", class[0] ? " class=\"" : "", class, class[0] ? "\"" : "");
        html_text(p->b, about);
        buf_z(p->b, "</dt><dd>");
        if (value.n) {
                html_text(p->b, value);
                buf_z(p->b, "<small>");
                html_words(p->b, p->l, unit);
                buf_z(p->b, "</small>");
        } else {
                html_words(p->b, p->l, W_NOT_RECORDED);
        }
        buf_z(p->b, "</dd></div>");
}

static void number_shelf(const struct item_page *p)
{
        const struct story *s = p->s;
        struct str about = str_of(words(W_N_SHELF, p->l));
        if (s->harvest_us == INT64_MIN || s->shelf_us == INT64_MIN || s->shelf_us < s->harvest_us) {
                number(p, "no", STR_NONE, W_N_HOURS, about);
                return;
        }
        double hours = (double)(s->shelf_us - s->harvest_us) / 3600e6;
        if (hours < 72)
                number(p, "", arena_printf(p->q->arena, "%.1f", hours), W_N_HOURS, about);
        else
                number(p, "", arena_printf(p->q->arena, "%.0f", hours / 24), W_N_DAYS, about);
}

static void number_spray(const struct item_page *p)
{
        const struct story *s = p->s;
        if (s->spray_days < 0) {
                number(p, "no", STR_NONE, W_N_DAYS, str_of(words(s->n_sprays ? W_N_SPRAY : W_N_NO_SPRAY, p->l)));
                return;
        }
        struct buf about;
        buf_init(&about, 512);
        html_words1(&about, p->l, s->spray_required >= 0 ? W_N_SPRAY_REQ : W_N_SPRAY_UNK, arena_printf(p->q->arena, "%d", s->spray_required));
        number(p, s->interval_broken ? "ko" : "", arena_printf(p->q->arena, "%d", s->spray_days), W_N_DAYS, arena_str(p->q->arena, buf_view(&about)));
        buf_free(&about);
}

static void number_tests(const struct item_page *p)
{
        const struct story *s = p->s;
        if (s->tests_failed)
                number(p, "ko", arena_printf(p->q->arena, "%zu", s->tests_failed), W_N_TESTS, str_of(words(W_N_FAILED, p->l)));
        else if (s->tests_passed)
                number(p, "", arena_printf(p->q->arena, "%zu", s->tests_passed), W_N_TESTS, str_of(words(W_N_PASSED, p->l)));
        else
                number(p, "no", STR_NONE, W_N_TESTS, str_of(words(W_N_PASSED, p->l)));
}

void item_numbers(const struct item_page *p)
{
        buf_z(p->b, "<dl class=\"n\">");
        number_shelf(p);
        number_spray(p);
        number_tests(p);
        buf_z(p->b, "</dl>");
}

void item_season(const struct item_page *p)
{
        buf_z(p->b, "<section class=\"card\"><p>");
        html_words1(p->b, p->l, W_SEASON_TEXT, arena_printf(p->q->arena, "%zu", p->s->n_entries));
        buf_z(p->b, "</p></section>");
}
