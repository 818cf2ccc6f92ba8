/* Seasons judged anew: from the rows of season_act to findings, beside a bare loop that reads the same rows.
 *
 *   farm FILE SEASONS ACTS       makes FILE (SQLite) where it is missing
 *
 * Prints one line of JSON. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "farm/rule.h"

enum { FIRST_DAY = 20500 };

static void die(const char *what)
{
        fprintf(stderr, "farm: %s\n", what);
        exit(1);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
        sqlite3_stmt *s;
        if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
                die(sqlite3_errmsg(db));
        return s;
}

/* ---- what is judged: a spray in five, a harvest in ten, the rest what else is done ---- */

static const char *const inputs_of[] = { "/input/f/I0", "/input/f/I1", "/input/f/I2", "/input/f/I3", "/input/f/I4", "/input/f/I5", "/input/f/I6", "/input/f/I7" };
static const struct str ingredients[] = { { "噻嗪酮", 9 }, { "吡蚜酮", 9 }, { "三环唑", 9 }, { "井冈霉素", 12 }, { "多菌灵", 9 }, { "阿维菌素", 12 }, { "灭多威", 9 }, { "毒死蜱", 9 } };

static void make_fact(struct arena *a, struct fact *f, int season, int i)
{
        static const enum act others[] = { ACT_IRRIGATE, ACT_WEED, ACT_GROWTH, ACT_FERTILISE, ACT_PRUNE };
        *f = (struct fact){ .day = FIRST_DAY + i, .seq = season * INT64_C(1000) + i + 1, .offset_min = 480, .interval_days = -1, .clock = "synced", .has_photo = true };
        f->time_us = (f->day * INT64_C(24) + 1) * INT64_C(3600000000);
        f->act = i == 0 ? ACT_SOW : i % 5 == 1 ? ACT_SPRAY : i % 10 == 9 ? ACT_HARVEST : others[i % 5];
        struct fact_amount *one = arena_alloc(a, sizeof *one);
        *one = (struct fact_amount){ .lot = arena_printf(a, "/lot/f/L%d-%d", season, i), .quantity = { 300, 0 }, .uom = f->act == ACT_HARVEST ? STR("KGM") : STR("MLT") };
        if (f->act == ACT_SPRAY) {
                int k = (season + i / 5) % 8;
                f->input = one->good = str_of(inputs_of[k]);
                f->ingredients = &ingredients[k];
                f->n_ingredients = 1;
                f->target = STR("稻飞虱");
                f->interval_days = k % 2 ? 7 : -1;
                f->dose = (struct decimal){ 30, 0 };
                f->dose_uom = STR("MLT");
        }
        f->in = f->act == ACT_SPRAY || f->act == ACT_FERTILISE ? one : NULL;
        f->n_in = f->in != NULL;
        f->out = f->act == ACT_HARVEST ? one : NULL;
        f->n_out = f->out != NULL;
        f->at = (struct position){ 25.0 + i % 3 * 1e-5, 113.0, 10, true };
}

static void make_rows(sqlite3 *db, int seasons, int acts)
{
        sqlite3_exec(db, "CREATE TABLE season_act (org INTEGER NOT NULL, season TEXT NOT NULL, time_us INTEGER NOT NULL, seq INTEGER NOT NULL, act INTEGER NOT NULL, facts TEXT NOT NULL,"
                         " PRIMARY KEY (org, season, time_us, seq)) STRICT, WITHOUT ROWID; BEGIN", NULL, NULL, NULL);
        sqlite3_stmt *put = prepare(db, "INSERT INTO season_act VALUES (1, ?, ?, ?, ?, ?)");
        struct arena *a = arena_new();
        for (int s = 0; s < seasons; s++) {
                for (int i = 0; i < acts; i++) {
                        struct fact f;
                        struct buf b = { .max = 1 << 20 };
                        char season[64];
                        make_fact(a, &f, s, i);
                        fact_write(&b, &f);
                        snprintf(season, sizeof season, "/season/f/S%d", s);
                        sqlite3_bind_text(put, 1, season, -1, SQLITE_TRANSIENT);
                        sqlite3_bind_int64(put, 2, f.time_us);
                        sqlite3_bind_int64(put, 3, f.seq);
                        sqlite3_bind_int64(put, 4, f.act);
                        sqlite3_bind_text(put, 5, b.p, (int)b.n, SQLITE_TRANSIENT);
                        if (sqlite3_step(put) != SQLITE_DONE)
                                die(sqlite3_errmsg(db));
                        sqlite3_reset(put);
                        buf_free(&b);
                }
                arena_reset(a);
        }
        arena_free(a);
        sqlite3_finalize(put);
        sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
}

/* ---- by what it is judged: a table of some hundred rows, labels, an outline ---- */

static const struct regulation *make_regulation(struct arena *a)
{
        struct regulation_row *rows = arena_array(a, struct regulation_row, 600);
        size_t n = 0;
        for (int i = 0; i < 200; i++) {
                struct str name = i < 8 ? ingredients[i] : arena_printf(a, "药%d", i);
                rows[n++] = (struct regulation_row){ .kind = REGULATION_INTERVAL, .body = arena_printf(a, "{\"pesticide_zh\":\"%.*s\",\"crop_zh\":\"水稻\",\"target\":\"稻飞虱\",\"max_uses_per_season\":\"2\","
                                                     "\"phi_days\":\"14\",\"confidence\":\"medium\",\"source\":\"bench\"}", STR_ARG(name)) };
                rows[n++] = (struct regulation_row){ .kind = REGULATION_BAN, .body = arena_printf(a, "{\"name_zh\":\"%.*s\",\"status\":\"restricted\",\"scope\":\"蔬菜;瓜果;茶叶;菌类;中草药材\","
                                                     "\"effective_from\":\"2019-08-01\",\"confidence\":\"high\",\"source\":\"bench\"}", STR_ARG(name)) };
        }
        return regulation_of(a, rows, n);
}

static void make_inputs(struct arena *a, struct judging *j)
{
        struct input_facts *list = arena_array(a, struct input_facts, 8);
        struct input_label *label = arena_alloc(a, sizeof *label);
        *label = (struct input_label){ .crop = STR("水稻"), .target = STR("稻飞虱"), .interval_days = 7, .max_uses = 3, .dose_min = STR("20"), .dose_max = STR("50"), .dose_uom = STR("mL/mu") };
        for (int i = 0; i < 8; i++)
                list[i] = (struct input_facts){ .canonical = str_of(inputs_of[i]), .name = str_of(inputs_of[i]), .category = STR("pesticide"), .ingredients = &ingredients[i], .n_ingredients = 1,
                                                .interval_days = -1, .labels = label, .n_labels = i < 4 };
        j->inputs = list;
        j->n_inputs = 8;
}

/* ---- the two loops ---- */

struct outcome { int64_t acts, bytes; size_t findings; double seconds, cpu; };    /* cpu: processor time, which others on the machine change less */

static double cpu_now(void)
{
        return (double)clock() / CLOCKS_PER_SEC;
}

static void one_season(sqlite3_stmt *get, int s)
{
        char season[64];
        snprintf(season, sizeof season, "/season/f/S%d", s);
        sqlite3_reset(get);
        sqlite3_bind_text(get, 1, season, -1, SQLITE_TRANSIENT);
}

static struct outcome bare(sqlite3 *db, int seasons)
{
        sqlite3_stmt *get = prepare(db, "SELECT time_us, seq, facts FROM season_act WHERE org = 1 AND season = ? ORDER BY time_us, seq");
        struct outcome o = { 0 };
        int64_t begun = clock_mono_us();
        double cpu = cpu_now();
        for (int s = 0; s < seasons; s++)
                for (one_season(get, s); sqlite3_step(get) == SQLITE_ROW; o.acts++)
                        o.bytes += (int64_t)sqlite3_column_bytes(get, 2) + (sqlite3_column_int64(get, 0) & 1);
        o.seconds = (double)(clock_mono_us() - begun) / 1e6;
        o.cpu = cpu_now() - cpu;
        sqlite3_finalize(get);
        return o;
}

static void read_season(sqlite3_stmt *get, struct arena *a, struct fact *facts, struct season_facts *ret)
{
        for (ret->n = 0; sqlite3_step(get) == SQLITE_ROW; ret->n++) {
                struct err e = { 0 };
                struct str text = { (const char *)sqlite3_column_text(get, 2), (size_t)sqlite3_column_bytes(get, 2) };
                if (fact_read(a, text, &facts[ret->n], &e) < 0)
                        die(e.detail);
                facts[ret->n].time_us = sqlite3_column_int64(get, 0);
                facts[ret->n].seq = sqlite3_column_int64(get, 1);
        }
        ret->acts = facts;
}

static struct outcome judged(sqlite3 *db, int seasons, int acts)
{
        static const char plot[] = "{\"type\":\"Polygon\",\"coordinates\":[[[112.999,24.999],[113.001,24.999],[113.001,25.001],[112.999,25.001],[112.999,24.999]]]}";
        sqlite3_stmt *get = prepare(db, "SELECT time_us, seq, facts FROM season_act WHERE org = 1 AND season = ? ORDER BY time_us, seq");
        struct arena *keep = arena_new(), *a = arena_new();
        struct season_facts season = { .crop = STR("水稻"), .area_mu = { 36, 0 }, .yield_kg_mu = { 800, 0 }, .wants_photos = true };
        struct judging by = { .regulation = make_regulation(keep), .today = FIRST_DAY + 1000 };
        struct fact *facts = arena_array(keep, struct fact, acts + 1);
        const struct json *outline;
        struct outcome o = { 0 };
        make_inputs(keep, &by);
        season.n_crop_categories = crop_categories(keep, season.crop, &season.crop_categories);
        if (json_read(keep, plot, sizeof plot - 1, NULL, &outline, NULL) == 0)
                season.outline = outline_read(keep, outline);
        int64_t begun = clock_mono_us();
        double cpu = cpu_now();
        for (int s = 0; s < seasons; s++) {
                struct judging j = by;
                one_season(get, s);
                read_season(get, a, facts, &season);
                j.arena = a;
                j.season = &season;
                season_judge(&j);
                o.acts += (int64_t)season.n;
                o.findings += j.n;
                arena_reset(a);
        }
        o.seconds = (double)(clock_mono_us() - begun) / 1e6;
        o.cpu = cpu_now() - cpu;
        sqlite3_finalize(get);
        arena_free(a);
        arena_free(keep);
        return o;
}

int main(int argc, char **argv)
{
        sqlite3 *db;
        if (argc != 4)
                die("usage: farm FILE SEASONS ACTS");
        int seasons = atoi(argv[2]), acts = atoi(argv[3]);
        bool there = access(argv[1], F_OK) == 0;
        if (sqlite3_open(argv[1], &db) != SQLITE_OK)
                die("the file cannot be opened");
        if (!there)
                make_rows(db, seasons, acts);
        bare(db, seasons);
        struct outcome b = bare(db, seasons), j = judged(db, seasons, acts);
        if (j.acts != b.acts || j.acts != (int64_t)seasons * acts)
                die("not every act was read");
        printf("{\"seasons\":%d,\"acts\":%lld,\"findings\":%zu,\"bytes\":%lld,\"seconds\":%.4f,\"cpu_seconds\":%.4f,\"bare_seconds\":%.4f,\"bare_cpu_seconds\":%.4f}\n", seasons, (long long)j.acts, j.findings, (long long)b.bytes, j.seconds, j.cpu, b.seconds, b.cpu);
        sqlite3_close(db);
        return 0;
}
