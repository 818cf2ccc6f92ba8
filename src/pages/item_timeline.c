#include "base/clock.h"
#include "ledger/upload.h"
#include "pages/pages_impl.h"
#include "picture/picture.h"

/* A page stays a page; the data has the rest.  Of a long way the beginning and the last steps are told: what happened since the
 * harvest is what the buyer of a bag asks first. */
enum { MOST_ENTRIES = 60, LAST_ENTRIES = 20, BEGINNING_BYTES = 13 * 1024, MOST_AMOUNTS = 4, MOST_PHOTOS = 4, PHOTO_DAYS = 30 };

struct str name_in(const struct story_name *n, enum lang l)
{
        return n ? n->text[l] : STR_NONE;
}

void write_amount(const struct item_page *p, struct str quantity, struct str uom)
{
        if (!quantity.n)
                return;
        html_text(p->b, quantity);
        buf_char(p->b, ' ');
        html_text(p->b, unit_words(uom, p->l));
}

enum words story_words(enum story_kind k);
enum words story_words(enum story_kind k)
{
        return (enum words)(W_K_SOW + (int)k);
}
_Static_assert(W_K_OTHER - W_K_SOW == (int)STORY_OTHER - (int)STORY_SOW, "strings.def has the kinds in the order of enum story_kind");

static void write_amounts(const struct item_page *p, enum words what, const struct story_amount *list, size_t n)
{
        if (!n)
                return;
        buf_z(p->b, "<p>");
        if (what != WORDS) {
                buf_z(p->b, "<span class=\"w\">");
                html_words(p->b, p->l, what);
                buf_z(p->b, "</span> ");
        }
        for (size_t i = 0; i < n && i < MOST_AMOUNTS; i++) {
                buf_z(p->b, !i ? "" : p->l == LANG_EN ? "; " : "；");
                html_text(p->b, name_in(list[i].what, p->l));
                buf_char(p->b, ' ');
                write_amount(p, list[i].quantity, list[i].uom);
                if (!list[i].quantity.n && list[i].count > 1)
                        buf_printf(p->b, "× %zu", list[i].count);
        }
        if (n > MOST_AMOUNTS) {
                buf_char(p->b, ' ');
                html_words1(p->b, p->l, W_AND_MORE, arena_printf(p->q->arena, "%zu", n));
        }
        buf_z(p->b, "</p>");
}

/* A season happens on one field: where it is is said when it changes. */
static void write_where(const struct item_page *p, const struct story_entry *e, const struct story_entry *before)
{
        struct str from = name_in(e->from, p->l), to = name_in(e->to, p->l), place = name_in(e->place, p->l), org = name_in(e->org, p->l);
        if (from.n && to.n) {
                buf_z(p->b, "<p>");
                html_words2(p->b, p->l, W_FROM_TO, from, to);
                buf_z(p->b, "</p>");
        }
        if ((!place.n && !org.n) || (before && before->place == e->place && before->org == e->org))
                return;
        /* most places are named after their house: said once is enough */
        bool twice = place.n && org.n >= 12 && str_starts(place, (struct str){ org.p, 12 });
        buf_z(p->b, "<p class=\"w\">");
        html_text(p->b, place);
        if (!twice) {
                buf_z(p->b, place.n && org.n ? " · " : "");
                html_text(p->b, org);
        }
        buf_z(p->b, "</p>");
}

static void write_details(const struct item_page *p, const struct story_entry *e)
{
        if (e->target.n || e->dose.n || e->stage.n || e->interval_days >= 0) {
                buf_z(p->b, "<p>");
                if (e->target.n)
                        html_words1(p->b, p->l, W_TARGET, e->target);
                buf_z(p->b, e->target.n && e->dose.n ? " · " : "");
                html_text(p->b, e->dose);
                if (e->stage.n)
                        html_words1(p->b, p->l, W_STAGE, e->stage);
                buf_z(p->b, "</p>");
        }
        if (e->temperature_min.n && e->temperature_max.n) {
                buf_z(p->b, "<p>");
                html_words2(p->b, p->l, W_TEMPERATURE, e->temperature_min, e->temperature_max);
                if (e->alarm) {
                        buf_z(p->b, " <span class=\"tag ko\">");
                        html_words(p->b, p->l, W_ALARM);
                        buf_z(p->b, "</span>");
                }
                buf_z(p->b, "</p>");
        }
}

static void write_result(const struct item_page *p, enum story_result r)
{
        buf_printf(p->b, "<span class=\"tag%s\">", r == RESULT_PASSED ? "" : r == RESULT_FAILED ? " ko" : " no");
        html_words(p->b, p->l, r == RESULT_PASSED ? W_PASSED : r == RESULT_FAILED ? W_FAILED : W_OPEN_RESULT);
        buf_z(p->b, "</span>");
}

/* A digest in a record publishes nobody else's photo: who recorded must have the file.  -1: cannot be shown at all. */
static int is_there(const struct item_page *p, const struct story_entry *e, const struct hash *h)
{
        struct err ignored = { 0 };
        int64_t org = reader_event_org(p->org, p->s->trace->events[e->event].seq);
        int there = p->pictures ? picture_expected(p->pictures, h) : -1;
        return there > 0 && blob_owned_seen(p->store, p->reader, org, h, &ignored) != 1 ? 0 : there;
}

/* Of a record of these days the photo may still be on a phone: then the page is not kept. */
static bool is_shown(const struct item_page *p, const struct story_entry *e, const struct hash *h)
{
        int there = is_there(p, e, h);
        if (there == 0 && clock_now_us() - e->time_us < PHOTO_DAYS * INT64_C(86400000000))
                *p->waits = true;
        return there > 0;
}

static void write_photos(const struct item_page *p, const struct story_entry *e)
{
        size_t n = 0;
        for (size_t i = 0; i < e->n_photos && n < MOST_PHOTOS; i++) {
                if (!is_shown(p, e, &e->photos[i].hash))
                        continue;
                buf_z(p->b, n++ ? "" : "<div class=\"ph\">");
                buf_z(p->b, "<a href=\"");
                photo_href(p->b, &e->photos[i].hash, true);
                buf_z(p->b, "\"><img loading=\"lazy\" width=\"200\" height=\"150\" src=\"");
                photo_href(p->b, &e->photos[i].hash, false);
                buf_z(p->b, "\" alt=\"");
                html_words1(p->b, p->l, W_PHOTO_ALT, str_of(words(story_words(e->kind), p->l)));
                buf_z(p->b, "\"></a>");
        }
        buf_z(p->b, n ? "</div>" : "");
}

static const char *mark_of(const struct story_entry *e)
{
        if (e->kind == STORY_RECALL || e->kind == STORY_HOLD || e->kind == STORY_DESTROY || (e->kind == STORY_TEST && e->result == RESULT_FAILED))
                return " class=\"ko\"";
        return e->declared_wrong || e->alarm ? " class=\"warn\"" : "";
}

static void write_entry(const struct item_page *p, const struct story_entry *e, const struct story_entry *before)
{
        buf_printf(p->b, "<li%s", mark_of(e));
        item_row_claims(p, e);
        buf_printf(p->b, "><div class=\"e\"><h3%s>", e->declared_wrong ? " class=\"old\"" : "");
        html_words(p->b, p->l, story_words(e->kind));
        buf_z(p->b, "</h3>");
        html_time(p->b, e->time_us, false);
        buf_z(p->b, "</div>");
        if (e->declared_wrong) {
                buf_z(p->b, "<p><span class=\"tag no\">");
                html_words(p->b, p->l, W_CORRECTED);
                buf_z(p->b, "</span></p>");
        }
        if (e->kind == STORY_TEST) {
                buf_z(p->b, "<p>");
                write_result(p, e->result);
                buf_z(p->b, "</p>");
        }
        write_amounts(p, e->kind == STORY_PACK && !e->n_out ? W_PACKED : W_USED, e->in, e->n_in);
        write_amounts(p, W_MADE, e->out, e->n_out);
        /* a number without a name or an amount tells nobody anything */
        if (e->kind != STORY_GROWTH && e->kind != STORY_TEND && (e->n_seen > 1 || (e->n_seen && (e->seen[0].what->named || e->seen[0].quantity.n))))
                write_amounts(p, WORDS, e->seen, e->n_seen);
        write_details(p, e);
        write_where(p, e, before);
        write_photos(p, e);
        buf_z(p->b, "</li>");
}

static void write_left_out(const struct item_page *p, size_t n)
{
        buf_z(p->b, "<li class=\"y\">");
        html_words1(p->b, p->l, W_MORE_STEPS, arena_printf(p->q->arena, "%zu", n));
        buf_z(p->b, "</li>");
}

void item_timeline(const struct item_page *p)
{
        const struct story *s = p->s;
        int year = 0;
        buf_z(p->b, "<section class=\"card\"><h2>");
        html_words(p->b, p->l, W_TIMELINE);
        buf_z(p->b, "</h2><ol class=\"t\">");
        for (size_t i = 0, told = 0; i < s->n_entries; i++, told++) {
                size_t left = s->n_entries - i;
                if (left > LAST_ENTRIES && told == i && s->n_entries > MOST_ENTRIES &&
                    (told >= MOST_ENTRIES - LAST_ENTRIES || p->b->n > BEGINNING_BYTES)) {
                        write_left_out(p, left - LAST_ENTRIES);
                        i = s->n_entries - LAST_ENTRIES;
                        year = 0;
                }
                int y = civil_of(s->entries[i].time_us, STORY_OFFSET_MIN).year;
                if (y != year)
                        buf_printf(p->b, "<li class=\"y\">%d</li>", y);
                write_entry(p, &s->entries[i], y == year ? &s->entries[i - 1] : NULL);
                year = y;
        }
        buf_z(p->b, "</ol></section>");
}
