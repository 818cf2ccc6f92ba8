#include "daybook/daybook_impl.h"

#include "store/sql_names.h"

/* Rows of season_act and stock_move for the events that touch a season or a lot, and a season's facts from them. */

struct act_row { struct str season, facts; int64_t time_us, seq; enum act act; };
struct move_row { int64_t seq, n, time_us; struct lot_move move; };
struct gathered {
        struct act_row *acts;
        size_t n_acts, cap_acts;
        struct move_row *moves, *dropped;       /* dropped: of what turned out to be wrong */
        size_t n_moves, cap_moves, n_dropped, cap_dropped;
};

static void *grow(struct arena *a, void *list, size_t n, size_t *cap, size_t size)
{
        if (n < *cap)
                return list;
        *cap = *cap ? *cap * 2 : 64;
        void *more = arena_alloc(a, *cap * size);
        if (n)
                memcpy(more, list, n * size);
        return more;
}

static void take_act(struct step *s, struct gathered *g, const struct event *e, int64_t seq, bool wrong)
{
        struct str season;
        struct fact f;
        struct buf b = { .max = 4 * 1024 * 1024 };
        if (!fact_of_event(s->arena, e, &season, &f))
                return;
        f.seq = seq;
        f.wrong = wrong;
        fact_write(&b, &f);
        if (b.overflow)
                step_pass(s, seq, "it says more than a season's act may hold");
        else {
                g->acts = grow(s->arena, g->acts, g->n_acts, &g->cap_acts, sizeof *g->acts);
                g->acts[g->n_acts++] = (struct act_row){ season, arena_str(s->arena, buf_view(&b)), f.time_us, seq, f.act };
                step_due(s, season);
        }
        buf_free(&b);
}

static void take_moves(struct step *s, struct gathered *g, const struct event *e, int64_t seq, bool wrong)
{
        const struct lot_move *list;
        size_t n = moves_of_event(s->arena, e, &list);
        for (size_t i = 0; i < n; i++) {
                struct move_row row = { seq, (int64_t)i, e->time.us, list[i] };
                if (list[i].good.n && !list[i].counted)
                        step_due(s, list[i].lot);       /* a purchase is judged too */
                if (wrong) {
                        g->dropped = grow(s->arena, g->dropped, g->n_dropped, &g->cap_dropped, sizeof row);
                        g->dropped[g->n_dropped++] = row;
                } else {
                        g->moves = grow(s->arena, g->moves, g->n_moves, &g->cap_moves, sizeof row);
                        g->moves[g->n_moves++] = row;
                }
        }
}

/* Each lot that the event names is judged anew, whoever recorded it and whether or not anything moved. */
static void take_lots(struct step *s, const struct event *e)
{
        const struct str *list;
        size_t n = lots_of_event(s->arena, e, &list);
        for (size_t i = 0; i < n; i++)
                step_due(s, list[i]);
}

/* A declaration: what it speaks of is written anew as it stands now. */
static int take_declared(struct step *s, struct gathered *g, struct str event_id, struct err *reterr)
{
        enum { NAMESAKES = 64 };
        int64_t seqs[NAMESAKES];
        ssize_t n = reader_event_id(s->reader, s->org, event_id, seqs, NAMESAKES, reterr);
        for (ssize_t i = 0; i < n; i++) {
                struct followed_event e;
                const char *why;
                if (seqs[i] > s->seq)
                        continue;               /* of this step: read with its mark on it */
                int rc = step_read_event(s, seqs[i], &e, &why, reterr);
                if (rc < 0)
                        return -1;
                if (rc == 0)
                        step_pass(s, seqs[i], why);
                if (rc == 0 || e.error_declaration || !e.declared_wrong)
                        continue;
                take_act(s, g, &e.event, seqs[i], true);
                take_moves(s, g, &e.event, seqs[i], true);
                take_lots(s, &e.event);
        }
        return n < 0 ? -1 : 0;
}

static int prepare(struct step *s, void **ret, struct err *reterr)
{
        struct gathered *g = arena_alloc(s->arena, sizeof *g);
        *ret = g;
        for (size_t i = 0; i < s->n_events; i++) {
                const struct followed_event *f = &s->events[i];
                if (f->error_declaration) {
                        if (take_declared(s, g, f->event_id, reterr) < 0)
                                return -1;
                        continue;
                }
                take_act(s, g, &f->event, f->seq, f->declared_wrong);
                take_lots(s, &f->event);
                if (!f->copy && !f->declared_wrong)             /* a partner's record moves nothing of ours */
                        take_moves(s, g, &f->event, f->seq, false);
        }
        return 0;
}

static int write_acts(const struct step *s, const struct gathered *g, struct db *db, struct err *reterr)
{
        enum { N = 6 };
        struct db_value *v = arena_raw(s->arena, (g->n_acts * N + 1) * sizeof *v);
        for (size_t i = 0; i < g->n_acts; i++) {
                const struct act_row *r = &g->acts[i];
                const struct db_value row[N] = { db_i(s->org), db_t(r->season), db_i(r->time_us), db_i(r->seq), db_i(r->act), db_t(r->facts) };
                memcpy(v + i * N, row, sizeof row);
        }
        return db_many(db, SQL_season_act_put, v, N, g->n_acts, NULL, NULL, reterr);
}

static struct db_value text(struct str s)
{
        return db_t(s.n ? s : STR(""));
}

static int write_moves(const struct step *s, const struct gathered *g, struct db *db, struct err *reterr)
{
        enum { N = 10 };
        struct db_value *v = arena_raw(s->arena, (g->n_moves * N + 1) * sizeof *v);
        for (size_t i = 0; i < g->n_moves; i++) {
                const struct lot_move *m = &g->moves[i].move;
                struct str q = decimal_text(s->arena, m->quantity);
                if (m->counted)
                        q = arena_printf(s->arena, "=%.*s", STR_ARG(q));
                const struct db_value row[N] = { db_i(s->org), db_t(m->lot), db_i(g->moves[i].seq), db_i(g->moves[i].n), db_i(g->moves[i].time_us), text(m->good),
                                                 text(m->place), db_t(q), text(m->uom), text(m->expires) };
                memcpy(v + i * N, row, sizeof row);
        }
        return db_many(db, SQL_stock_move_put, v, N, g->n_moves, NULL, NULL, reterr);
}

static int write(struct step *s, void *prepared, struct db *db, struct err *reterr)
{
        const struct gathered *g = prepared;
        if ((g->n_acts && write_acts(s, g, db, reterr) < 0) || (g->n_moves && write_moves(s, g, db, reterr) < 0))
                return -1;
        for (size_t i = 0; i < g->n_dropped; i++)
                if (db_run(db, SQL_stock_move_drop, DB_ARGS(db_i(s->org), db_t(g->dropped[i].move.lot), db_i(g->dropped[i].seq)), reterr) < 0)
                        return -1;
        return 0;
}

const struct follower follow_acts = { prepare, write };

/* ---- a season ---- */

static int read_acts(const struct looking *l, struct arena *a, int64_t org, struct season_facts *s, struct err *reterr)
{
        const struct db_row *row;
        size_t cap = 0;
        int rc = db_query(l->db, SQL_season_acts, DB_ARGS(db_i(org), db_t(s->canonical)), reterr);
        while (rc >= 0 && (rc = db_next(l->db, SQL_season_acts, &row, reterr)) == 1) {
                s->acts = grow(a, s->acts, s->n, &cap, sizeof *s->acts);
                struct fact *f = &s->acts[s->n++];
                if (fact_read(a, db_text(row, 2), f, reterr) < 0) {
                        rc = -1;
                        break;
                }
                f->time_us = db_int(row, 0);
                f->seq = db_int(row, 1);
        }
        if (rc < 0)
                db_done(l->db, SQL_season_acts);
        return rc < 0 ? -1 : 0;
}

static struct str last_code(struct str s)
{
        for (size_t i = s.n; i-- > 0;)
                if (s.p[i] == '/')
                        return str_from(s, i + 1);
        return s;
}

static void number(const struct json *body, const char *name, struct decimal *ret)
{
        if (ret->mantissa == 0)
                decimal_read(json_text(json_get(body, name)), ret);
}

static int read_plot(const struct looking *l, struct arena *a, int64_t org, struct str code, struct season_facts *s, struct err *reterr)
{
        struct thing t;
        const struct json *body;
        s->plot = act_reference(a, "place", s->org, code, store_origins(l->store));
        int rc = thing_look(l, a, org, THING_PLACE, last_code(code), &t, reterr);
        if (rc != 1)
                return rc;
        s->plot = t.canonical;
        if (json_read(a, t.body.p, t.body.n, NULL, &body, reterr) < 0)
                return -1;
        s->outline = outline_read(a, json_get(body, "outline"));
        number(body, "areaMu", &s->area_mu);
        return 0;
}

/* What grows: a crop that was put under this code, or its name. */
static int read_crop(const struct looking *l, struct arena *a, int64_t org, struct str crop, struct season_facts *s, struct err *reterr)
{
        struct thing t;
        const struct json *body = NULL;
        int rc = crop.n ? thing_look(l, a, org, THING_CROP, last_code(crop), &t, reterr) : 0;
        if (rc < 0 || (rc == 1 && json_read(a, t.body.p, t.body.n, NULL, &body, reterr) < 0))
                return -1;
        s->crop = body && json_str(body, "name").n ? json_str(body, "name") : crop;
        const struct json *own = json_get(body, "categories");
        const struct str *known;
        size_t n = crop_categories(a, s->crop, &known), n_own = json_is(own, JSON_ARRAY) ? own->n : 0;
        struct str *all = arena_array(a, struct str, n + n_own + 1);
        all[s->n_crop_categories++] = s->crop;
        for (size_t i = 0; i < n_own; i++)
                all[s->n_crop_categories++] = json_text(&own->items[i]);
        for (size_t i = 0; i < n; i++) {
                bool there = false;
                for (size_t k = 0; k < s->n_crop_categories && !there; k++)
                        there = str_eq(all[k], known[i]);
                if (!there)
                        all[s->n_crop_categories++] = known[i];
        }
        s->crop_categories = all;
        number(body, "yieldKgMu", &s->yield_kg_mu);
        return 0;
}

int season_look(const struct looking *l, struct arena *a, int64_t org, struct str code, struct season_facts *ret, struct err *reterr)
{
        struct thing t;
        const struct json *body;
        int rc = thing_look(l, a, org, THING_SEASON, code, &t, reterr);
        if (rc != 1)
                return rc;
        *ret = (struct season_facts){ .org = store_org_code(l->store, a, org), .code = t.code, .canonical = t.canonical };
        if (json_read(a, t.body.p, t.body.n, NULL, &body, reterr) < 0)
                return -1;
        ret->variety = json_str(body, "variety");
        ret->wants_photos = json_is(json_get(body, "wantsPhotos"), JSON_TRUE);
        number(body, "areaMu", &ret->area_mu);
        if (read_plot(l, a, org, json_str(body, "plot"), ret, reterr) < 0 || read_crop(l, a, org, json_str(body, "crop"), ret, reterr) < 0)
                return -1;
        return read_acts(l, a, org, ret, reterr) < 0 ? -1 : 1;
}

int daybook_season(struct daybook *d, struct arena *a, int64_t org, struct str code, struct season_facts *ret, struct err *reterr)
{
        struct reader *r;
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        int rc = season_look(&(struct looking){ reader_db(r), d->store, r }, a, org, code, ret, reterr);
        reader_end(r);
        return rc;
}

/* ---- which season ---- */

/* Neither begun after nor cleared before. */
static int open_at(struct daybook *d, struct arena *a, int64_t org, const struct thing *t, const struct json *body, int64_t time_us, struct err *reterr)
{
        struct season_facts s = { .canonical = t->canonical };
        struct civil day = civil_of(time_us, 480);
        struct str today = arena_printf(a, "%04d-%02d-%02d", day.year, day.month, day.day);
        if (json_str(body, "opened").n && str_cmp(json_str(body, "opened"), today) > 0)
                return 0;
        struct reader *r;
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        int rc = read_acts(&(struct looking){ reader_db(r), d->store, r }, a, org, &s, reterr);
        reader_end(r);
        if (rc < 0)
                return -1;
        for (size_t i = 0; i < s.n; i++)
                if (s.acts[i].act == ACT_CLEAR && !s.acts[i].wrong && s.acts[i].time_us < time_us)
                        return 0;
        return 1;
}

int daybook_open_season(struct daybook *d, struct arena *a, int64_t org, struct str plot, int64_t time_us, struct str *ret, struct err *reterr)
{
        enum { PAGE = 200 };
        struct thing *page = arena_array(a, struct thing, PAGE);
        struct str after = STR_NONE, wanted = last_code(plot);
        int64_t newest = -1;
        for (;;) {
                ssize_t n = daybook_things(d, a, org, THING_SEASON, after, PAGE, page, reterr);
                for (ssize_t i = 0; i < n; i++) {
                        const struct json *body;
                        if (json_read(a, page[i].body.p, page[i].body.n, NULL, &body, reterr) < 0)
                                return -1;
                        if (!str_eq(last_code(json_str(body, "plot")), wanted) || page[i].n < newest)
                                continue;
                        int open = open_at(d, a, org, &page[i], body, time_us, reterr);
                        if (open < 0)
                                return -1;
                        if (open) {
                                newest = page[i].n;
                                *ret = page[i].code;
                        }
                }
                if (n < 0 || n < PAGE)
                        return n < 0 ? -1 : newest >= 0;
                after = page[n - 1].code;
        }
}

/* ---- how far it has grown ---- */

static int stage_of(struct daybook *d, struct arena *a, int64_t org, int64_t seq, struct str *ret, struct err *reterr)
{
        struct str body = STR_NONE, context;
        const struct json *j = NULL;
        struct reader *r;
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        int rc = reader_body(r, a, org, seq, &body, &context, reterr);
        reader_end(r);
        if (rc <= 0 || json_read(a, body.p, body.n, NULL, &j, NULL) < 0)
                return rc < 0 ? -1 : 0;
        struct str stage = json_text(json_get(j, "suyuan:growthStage"));
        *ret = str_starts(stage, STR("BBCH ")) ? str_from(stage, 5) : stage;
        return ret->n > 0;
}

int daybook_stage(struct daybook *d, struct arena *a, int64_t org, struct str plot, int64_t time_us, struct str *ret, struct err *reterr)
{
        struct season_facts s;
        struct str code;
        *ret = STR_NONE;
        int rc = daybook_open_season(d, a, org, plot, time_us, &code, reterr);
        if (rc == 1)
                rc = daybook_season(d, a, org, code, &s, reterr);
        for (size_t i = rc == 1 ? s.n : 0; i-- > 0;) {
                if (s.acts[i].act != ACT_GROWTH || s.acts[i].wrong || s.acts[i].time_us > time_us)
                        continue;
                int told = stage_of(d, a, org, s.acts[i].seq, ret, reterr);
                if (told)
                        return told;
        }
        return rc < 0 ? -1 : 0;
}
