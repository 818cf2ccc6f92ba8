#include "base/log.h"
#include "epcis/event.h"
#include "ledger/service.h"
#include "pages/growing.h"
#include "pages/pages_impl.h"
#include "sensing/quantity.h"
#include "sensing/sensing.h"

/* What the devices in the field said from sowing to harvest.  Public of a device are its code and the curves of quantities that are known; where it stands, how it is
 * reached and what else it measures is not.  The devices are those of the season's own organisation, while they stood on the season's place: as the record says, by
 * AssociationEvents, and not as the register says today. */

enum { MOST_SEASONS = 4, MOST_PLACES = 4, MOST_STAYS = 8, MOST_MOVES = 256, MOST_CHARTS = 4, MOST_CALLS = 12, HOUR_MS = 3600000, DAY_HOURS = 24,
       /* A page of a season that goes on is kept for minutes.  Of one that is over nothing changes but by readings that come late. */
       OPEN_S = 300, OVER_S = 6 * 3600, LATE_MS = 48 * HOUR_MS,
       ROOM_BYTES = 23 * 1024,  /* of the whole page up to here: what follows must stay below 30 KB with it */
       FIRST_EVENTS = 16 };

/* Which quantities are shown, the first ones first. */
static const char *const shown[] = { "air-temperature", "air-humidity", "soil-moisture", "soil-moisture-relative", "soil-temperature", "temperature", "humidity", "water-temperature",
                                     "dissolved-oxygen", "light", "carbon-dioxide", "soil-ec", "soil-ph" };
enum { SHOWN = sizeof shown / sizeof *shown };

/* A device on the season's place. */
struct stay {
        struct device_row device;
        int64_t from_us, until_us;
        const struct json *detail;
        struct channel_state *channels;
        size_t n_channels;
};

struct growing {
        const struct item_page *p;
        int64_t org, season;
        size_t n_seasons;
        const struct story_name *places[MOST_PLACES];
        size_t n_places;
        int64_t from_ms, to_ms;         /* whole hours */
        bool over;
        struct stay stays[MOST_STAYS];
        size_t n_stays;
        int calls, charts;
        struct growing_point days[GROWING_DAYS + 2];
        int64_t first_day;
        size_t n_days;
        size_t more;                    /* quantities for which there was no room */
};

/* ---- the season ---- */

static size_t find_seasons(const struct story *s, int64_t ret[MOST_SEASONS])
{
        size_t n = 0;
        for (size_t i = 0; i < s->n_entries && n < MOST_SEASONS; i++) {
                bool known = !s->entries[i].season || s->entries[i].declared_wrong;
                for (size_t k = 0; k < n && !known; k++)
                        known = ret[k] == s->entries[i].season;
                if (!known)
                        ret[n++] = s->entries[i].season;
        }
        return n;
}

static void add_place(struct growing *g, const struct story_name *place)
{
        bool known = !place;
        for (size_t i = 0; i < g->n_places; i++)
                known |= str_eq(g->places[i]->canonical, place ? place->canonical : STR_NONE);
        if (!known && g->n_places < MOST_PLACES)
                g->places[g->n_places++] = place;
}

/* From sowing, else from its first act, to the last of its harvests on this page, else until now. */
static bool read_season(struct growing *g)
{
        const struct story *s = g->p->s;
        int64_t first = INT64_MAX, sown = INT64_MAX, harvest = INT64_MIN, now_ms = clock_now_us() / 1000;
        g->n_places = 0;
        for (size_t i = 0; i < s->n_entries; i++) {
                const struct story_entry *e = &s->entries[i];
                if (e->season != g->season || e->declared_wrong)
                        continue;
                if (first == INT64_MAX)
                        g->org = reader_event_org(g->p->org, s->trace->events[e->event].seq);
                first = e->time_us < first ? e->time_us : first;
                sown = e->kind == STORY_SOW && e->time_us < sown ? e->time_us : sown;
                harvest = e->kind == STORY_HARVEST && e->time_us > harvest ? e->time_us : harvest;
                add_place(g, e->place);
        }
        int64_t from = sown != INT64_MAX ? sown : first, to_ms = harvest != INT64_MIN ? harvest / 1000 : now_ms;
        g->over = harvest != INT64_MIN && to_ms + LATE_MS < now_ms;
        g->from_ms = from / 1000 / HOUR_MS * HOUR_MS;
        g->to_ms = ((to_ms < now_ms ? to_ms : now_ms) / HOUR_MS + 1) * HOUR_MS;
        if (first == INT64_MAX || from < 0 || g->from_ms >= g->to_ms || !g->n_places)
                return false;
        if (g->to_ms - g->from_ms > GROWING_DAYS * (int64_t)DAY_HOURS * HOUR_MS)
                g->from_ms = g->to_ms - GROWING_DAYS * (int64_t)DAY_HOURS * HOUR_MS;
        g->first_day = story_day(g->from_ms * 1000);
        g->n_days = (size_t)(story_day((g->to_ms - 1) * 1000) - g->first_day + 1);
        return true;
}

/* ---- who stood there ---- */

static struct stay *stay_of(struct growing *g, struct str id)
{
        for (size_t i = g->n_stays; i-- > 0;)
                if (str_eq(g->stays[i].device.id, id))
                        return &g->stays[i];
        return NULL;
}

/* The move `h` is the first that is known of the device. */
static bool is_first_move(const struct growing *g, int64_t device, const struct event_head *h)
{
        struct err ignored = { 0 };
        struct item_event list[FIRST_EVENTS];
        ssize_t n = reader_item_events(g->p->reader, g->p->org, device, 0, list, FIRST_EVENTS, &ignored);
        for (ssize_t i = 0; i < n; i++)
                if (list[i].role == ROLE_CHILD && reader_event_org(g->p->org, list[i].seq) == g->org)
                        return list[i].seq == h->seq;
        return false;
}

/* Where a device is put first it stood before that too: it may be registered in autumn with the file of its summer. */
static void put_up(struct growing *g, const struct device_row *d, int64_t device, const struct event_head *h)
{
        struct stay *s = stay_of(g, d->id);
        if ((s && s->until_us == INT64_MAX) || g->n_stays == MOST_STAYS)
                return;
        g->stays[g->n_stays++] = (struct stay){ .device = *d, .from_us = is_first_move(g, device, h) ? INT64_MIN : h->time_us, .until_us = INT64_MAX };
}

static void read_move(struct growing *g, struct sensing *x, const struct event_head *h)
{
        struct arena *a = g->p->q->arena;
        for (size_t i = 0; i < h->n_refs; i++) {
                struct device_row d;
                int kind;
                if (h->refs[i].role != ROLE_CHILD)
                        continue;
                struct str name = reader_item_name(g->p->reader, a, g->p->org, h->refs[i].item, &kind);
                if (kind != IDENT_DEVICE || !sensing_device_named(x, a, name, &d) || d.org != g->org)
                        continue;
                struct stay *s = stay_of(g, d.id);
                if (h->action == ACTION_ADD)
                        put_up(g, &d, h->refs[i].item, h);
                else if (h->action == ACTION_DELETE && s && s->until_us == INT64_MAX)
                        s->until_us = h->time_us;
        }
}

/* Its moves, of the season's organisation alone: another's word puts no device here. */
static int read_place(struct growing *g, struct sensing *x, struct str place, struct err *reterr)
{
        struct reader *r = g->p->reader;
        struct item_event list[MOST_MOVES];
        int64_t org = g->p->org, item = reader_item(r, org, place, reterr);
        ssize_t n = item > 0 ? reader_item_events(r, org, item, 0, list, MOST_MOVES, reterr) : item;
        for (ssize_t i = 0; i < n; i++) {
                struct event_head h;
                if (list[i].role != ROLE_PARENT || reader_event_org(org, list[i].seq) != g->org)
                        continue;
                int found = reader_event(r, g->p->q->arena, org, list[i].seq, &h, reterr);
                if (found < 0)
                        return -1;
                if (found && h.type == EVENT_ASSOCIATION && !h.declared_wrong && !h.error_declaration)
                        read_move(g, x, &h);
        }
        return n < 0 ? -1 : 0;
}

/* Those that stood there within the season, and what they have ever said. */
static int read_stays(struct growing *g, struct sensing *x, struct err *reterr)
{
        struct arena *a = g->p->q->arena;
        size_t n = 0;
        g->n_stays = 0;
        for (size_t i = 0; i < g->n_places; i++)
                if (read_place(g, x, g->places[i]->canonical, reterr) < 0)
                        return -1;
        for (size_t i = 0; i < g->n_stays; i++) {
                struct stay s = g->stays[i];
                if (s.until_us / 1000 <= g->from_ms || (s.from_us != INT64_MIN && s.from_us / 1000 >= g->to_ms))
                        continue;
                if (json_read(a, s.device.detail.p, s.device.detail.n, NULL, &s.detail, NULL) < 0)
                        s.detail = NULL;
                if (series_channels(sensing_series(x), a, s.device.id, &s.channels, &s.n_channels, reterr) < 0)
                        return -1;
                g->stays[n++] = s;
        }
        g->n_stays = n;
        return 0;
}

/* ---- one quantity ---- */

static bool channel_of(const struct stay *s, const char *quantity, struct channel_about *ret)
{
        for (size_t i = 0; i < s->n_channels; i++) {
                channel_about(s->detail, s->channels[i].channel, ret);
                if (str_is(ret->quantity, quantity))
                        return true;
        }
        return false;
}

/* A day is the district's.  Asked for by hours, which is what is stored, so that it can be said how many of them are there. */
static int take_hour(void *ctx, const struct figures *f)
{
        struct growing *g = ctx;
        struct growing_point hour = { f->n, 1, f->min, f->max, figures_mean(f) };
        int64_t i = story_day(f->t_ms * 1000) - g->first_day;
        if (i >= 0 && i < (int64_t)g->n_days)
                growing_add(&g->days[i], &hour);
        return 0;
}

static int read_stay(struct growing *g, struct sensing *x, const struct stay *s, struct str channel, struct err *reterr)
{
        int64_t from = g->from_ms, to = g->to_ms;
        if (s->from_us != INT64_MIN && s->from_us / 1000 > from)        /* whole hours of it */
                from = (s->from_us / 1000 + HOUR_MS - 1) / HOUR_MS * HOUR_MS;
        if (s->until_us / 1000 < to)
                to = s->until_us / 1000 / HOUR_MS * HOUR_MS;
        g->calls++;
        return from >= to ? 0 : series_figures(sensing_series(x), s->device.id, channel, from, to, HOUR_MS, take_hour, g, reterr);
}

/* The quantity's devices one after the other: of two at a time the first is told, since a mean of two places is of neither. */
struct told { const struct stay *list[MOST_STAYS]; size_t n; struct channel_about about; };

static bool at_its_time(const struct told *t, const struct stay *s)
{
        for (size_t i = 0; i < t->n; i++)
                if (s->from_us < t->list[i]->until_us && t->list[i]->from_us < s->until_us)
                        return true;
        return false;
}

static int hours_of(const struct growing *g)
{
        int hours = 0;
        for (size_t i = 0; i < g->n_days; i++)
                hours += g->days[i].hours;
        return hours;
}

static int read_quantity(struct growing *g, struct sensing *x, const char *quantity, struct told *t, struct err *reterr)
{
        memset(g->days, 0, sizeof g->days);
        *t = (struct told){ .n = 0 };
        for (size_t i = 0; i < g->n_stays && g->calls < MOST_CALLS; i++) {
                struct channel_about about;
                int hours = hours_of(g);
                if (at_its_time(t, &g->stays[i]) || !channel_of(&g->stays[i], quantity, &about) || (t->n && !str_eq(about.unit, t->about.unit)))
                        continue;
                if (read_stay(g, x, &g->stays[i], about.code, reterr) < 0)
                        return -1;
                if (hours_of(g) == hours)
                        continue;
                if (!t->n)
                        t->about = about;
                t->list[t->n++] = &g->stays[i];
        }
        return 0;
}

/* ---- what suits the crop ---- */

static double number_of(const struct json *v)
{
        struct decimal d;
        return decimal_read(json_text(v), &d) ? decimal_double(d) : NAN;
}

/* The channel's band for this crop, else the one for any.  One of a stage says nothing of a whole season. */
static void read_band(const struct growing *g, const struct told *t, struct growing_chart *c)
{
        const struct json *channels = json_get(t->list[0]->detail, "channels"), *bands = NULL, *best = NULL;
        for (uint32_t i = 0; json_is(channels, JSON_ARRAY) && i < channels->n; i++)
                if (str_eq(json_str(&channels->items[i], "code"), t->about.code))
                        bands = json_get(&channels->items[i], "bands");
        for (uint32_t i = 0; json_is(bands, JSON_ARRAY) && i < bands->n; i++) {
                struct str crop = json_str(&bands->items[i], "crop");
                bool ours = crop.n && str_eq(crop, g->p->s->crop);
                if (!json_get(&bands->items[i], "stage") && (ours || (!crop.n && !best)))
                        best = &bands->items[i];
        }
        c->suits_from = number_of(json_get(best, "min"));
        c->suits_to = number_of(json_get(best, "max"));
        if (c->suits_from > c->suits_to)
                c->suits_from = c->suits_to = NAN;
}

/* ---- words ---- */

static struct str number_text(const struct growing *g, double v)
{
        struct buf b;
        buf_init(&b, 64);
        growing_number(&b, v);
        struct str s = arena_str(g->p->q->arena, buf_view(&b));
        buf_free(&b);
        return s;
}

static struct str sign_of(const struct told *t)
{
        const struct quantity *q = quantity_find(t->about.quantity);
        return q && str_is(t->about.unit, q->unit) ? str_of(q->sign) : t->about.unit;
}

static struct str title_of(const struct growing *g, const struct told *t)
{
        const struct quantity *q = quantity_find(t->about.quantity);
        struct str sign = sign_of(t);
        return arena_printf(g->p->q->arena, "%s%s%.*s", q ? q->title[g->p->l] : "", sign.n ? " " : "", STR_ARG(sign));
}

static struct str about_of(const struct growing *g, const struct growing_point *all)
{
        enum lang l = g->p->l;
        struct str min = number_text(g, all->min), mean = number_text(g, growing_mean(all)), max = number_text(g, all->max);
        return arena_printf(g->p->q->arena, "%s %.*s, %s %.*s, %s %.*s", words(W_GROW_MIN, l), STR_ARG(min), words(W_GROW_MEAN, l), STR_ARG(mean), words(W_GROW_MAX, l), STR_ARG(max));
}

static void write_say(struct buf *b, const struct growing *g, enum words w, struct str x, struct str y)
{
        html_words2(b, g->p->l, w, x, y);
        buf_z(b, g->p->l == LANG_EN ? " " : "");
}

static void write_suits(struct buf *b, const struct growing *g, const struct growing_chart *c)
{
        struct arena *a = g->p->q->arena;
        struct str from = arena_printf(a, "%.6g", c->suits_from), to = arena_printf(a, "%.6g", c->suits_to);
        bool low = !isnan(c->suits_from), high = !isnan(c->suits_to);
        if (!low && !high)
                return;
        buf_z(b, "<p class=\"w\">");
        html_words2(b, g->p->l, low && high ? W_GROW_SUITS : low ? W_GROW_SUITS_MIN : W_GROW_SUITS_MAX, low ? from : to, to);
        buf_z(b, "</p>");
}

/* From how much it is, and what is not there. */
static void write_source(struct buf *b, const struct growing *g, const struct told *t, const struct growing_point *all)
{
        struct arena *a = g->p->q->arena;
        int64_t hours = (g->to_ms - g->from_ms) / HOUR_MS, empty = 0;
        struct str devices = STR_NONE;
        for (size_t i = 0; i < t->n; i++)
                devices = devices.n ? arena_printf(a, "%.*s, %.*s", STR_ARG(devices), STR_ARG(t->list[i]->device.code)) : t->list[i]->device.code;
        for (size_t i = 0; i < g->n_days; i++)
                empty += !g->days[i].hours;
        buf_z(b, "<p class=\"w\">");
        write_say(b, g, W_GROW_FROM, devices, arena_printf(a, "%lld", (long long)all->n));
        write_say(b, g, W_GROW_SHARE, arena_printf(a, "%lld", (long long)hours), arena_printf(a, "%lld", (long long)(all->hours * 100 / hours)));
        if (empty)
                write_say(b, g, W_GROW_EMPTY, arena_printf(a, "%lld", (long long)empty), STR_NONE);
        buf_z(b, "</p>");
}

static void write_row(struct buf *b, struct str when, const struct growing_point *p)
{
        const double values[] = { p->min, growing_mean(p), p->max };
        buf_z(b, "<tr><td>");
        html_text(b, when);
        for (int i = 0; i < 3; i++) {
                buf_z(b, "</td><td class=\"q\">");
                if (p->hours)
                        growing_number(b, values[i]);
                else
                        buf_z(b, "—");
        }
        buf_z(b, "</td></tr>");
}

/* Of each month, or of each seven days where the season is short. */
static void write_rows(struct buf *b, const struct growing *g)
{
        bool weeks = g->n_days <= 63;
        for (size_t i = 0, end; i < g->n_days; i = end) {
                struct growing_point part = { 0 };
                struct civil first = civil_of((g->first_day + (int64_t)i) * INT64_C(86400000000), 0), now = first;
                for (end = i; end < g->n_days && (weeks ? end < i + 7 : now.month == first.month);) {
                        growing_add(&part, &g->days[end++]);
                        now = civil_of((g->first_day + (int64_t)end) * INT64_C(86400000000), 0);
                }
                struct civil last = civil_of((g->first_day + (int64_t)end - 1) * INT64_C(86400000000), 0);
                write_row(b, weeks ? arena_printf(g->p->q->arena, "%02d-%02d – %02d-%02d", first.month, first.day, last.month, last.day)
                                   : arena_printf(g->p->q->arena, "%04d-%02d", first.year, first.month), &part);
        }
}

static void write_table(struct buf *b, const struct growing *g)
{
        static const enum words columns[] = { W_GROW_WHEN, W_GROW_MIN, W_GROW_MEAN, W_GROW_MAX };
        buf_z(b, "<details><summary>");
        html_words(b, g->p->l, W_GROW_TABLE);
        buf_z(b, "</summary><table><thead><tr>");
        for (size_t i = 0; i < 4; i++) {
                buf_z(b, "<th scope=\"col\">");
                html_words(b, g->p->l, columns[i]);
                buf_z(b, "</th>");
        }
        buf_z(b, "</tr></thead><tbody>");
        write_rows(b, g);
        buf_z(b, "</tbody></table></details>");
}

/* ---- the section ---- */

static void write_chart(struct buf *b, const struct growing *g, const struct told *t)
{
        struct growing_point all = { 0 }, points[GROWING_POINTS] = { { 0 } };
        size_t step = (g->n_days + GROWING_POINTS - 1) / GROWING_POINTS;
        for (size_t i = 0; i < g->n_days; i++) {
                growing_add(&all, &g->days[i]);
                growing_add(&points[i / step], &g->days[i]);
        }
        struct growing_chart c = { .number = g->charts, .title = title_of(g, t), .about = about_of(g, &all), .points = points, .n = (g->n_days + step - 1) / step,
                                   .first_day = g->first_day, .step_days = (int)step };
        read_band(g, t, &c);
        buf_z(b, "<h3>");
        html_text(b, c.title);
        buf_z(b, "</h3>");
        growing_svg(b, &c);
        write_suits(b, g, &c);
        write_source(b, g, t, &all);
        write_table(b, g);
}

static void write_head(const struct growing *g)
{
        struct buf *b = g->p->b;
        size_t step = (g->n_days + GROWING_POINTS - 1) / GROWING_POINTS;
        buf_z(b, "<section class=\"card gr\"><h2>");
        html_words(b, g->p->l, W_GROW);
        buf_z(b, "</h2><p>");
        html_text(b, name_in(g->places[0], g->p->l));
        buf_z(b, " · ");
        html_date(b, g->from_ms * 1000);
        buf_z(b, " – ");
        html_date(b, (g->to_ms - 1) * 1000);
        buf_z(b, "</p><p class=\"w\">");
        write_say(b, g, W_GROW_LEGEND, STR_NONE, STR_NONE);
        if (step > 1)
                write_say(b, g, W_GROW_STEP, arena_printf(g->p->q->arena, "%zu", step), STR_NONE);
        if (g->n_seasons > 1)
                write_say(b, g, W_GROW_SEASONS, arena_printf(g->p->q->arena, "%zu", g->n_seasons), STR_NONE);
        buf_z(b, "</p>");
}

static void write_foot(const struct growing *g)
{
        struct buf *b = g->p->b;
        buf_z(b, "<p class=\"note\">");
        if (g->more)
                write_say(b, g, W_GROW_MORE, arena_printf(g->p->q->arena, "%zu", g->more), STR_NONE);
        html_words(b, g->p->l, W_GROW_LOG);
        buf_z(b, "</p></section>");
}

/* As far as the page has room. */
static void add_chart(struct growing *g, const struct told *t)
{
        struct buf b = { .max = ROOM_BYTES };
        write_chart(&b, g, t);
        if (!g->charts && !g->more)
                write_head(g);
        if (g->p->b->n + b.n > ROOM_BYTES) {
                g->more++;
        } else {
                buf_add(g->p->b, b.p, b.n);
                g->charts++;
        }
        buf_free(&b);
}

static int write_charts(struct growing *g, struct sensing *x, struct err *reterr)
{
        for (size_t i = 0; i < SHOWN && g->charts + (int)g->more < MOST_CHARTS; i++) {
                struct told t;
                if (read_quantity(g, x, shown[i], &t, reterr) < 0)
                        return -1;
                if (t.n)
                        add_chart(g, &t);
        }
        if (g->charts || g->more)
                write_foot(g);
        return 0;
}

static int tell(const struct item_page *p, struct sensing *x, struct err *reterr)
{
        int64_t seasons[MOST_SEASONS];
        struct growing *g = arena_alloc(p->q->arena, sizeof *g);
        *g = (struct growing){ .p = p, .n_seasons = find_seasons(p->s, seasons) };
        for (size_t i = 0; i < g->n_seasons && !g->n_stays; i++) {
                g->season = seasons[i];
                *p->keep_s = OVER_S;
                if (read_season(g) && read_stays(g, x, reterr) < 0)
                        return -1;
        }
        if (!g->n_stays)
                return 0;
        *p->keep_s = g->over ? OVER_S : OPEN_S;
        return write_charts(g, x, reterr);
}

/* A page that cannot draw its curves is still a page, and not kept. */
void item_growing(const struct item_page *p)
{
        struct err e = { 0 };
        size_t began = p->b->n;
        if (!p->sensing || tell(p, p->sensing, &e) == 0)
                return;
        log_err(LOG_WARN, "page.curves", &e);
        p->b->n = began;
        *p->waits = true;
}
