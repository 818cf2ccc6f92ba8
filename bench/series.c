/* Readings of devices, into our store and into plain rows of SQLite, and out again.
 *
 *   series ingest FOLDER TICKS BATCH     the realistic set, BATCH ticks a commit: our rate and that of one row a sample
 *   series bulk FOLDER                   two weeks of eighteen enterprises, a reading a minute
 *   series queries FOLDER TICKS          the realistic set, all at once; bytes a sample; curves
 *   series csv TICKS                     the same samples as text, SERIES,MS,VALUE a line, for another store
 *
 * The realistic set: 72 devices of 8 channels every 10 s; a day's course, slow wandering and noise, one decimal.  One line of JSON each. */
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "bare.h"
#include "base/limits.h"
#include "series/series.h"
#include "store/store.h"

enum { DEVICES = 72, CHANNELS = 8, TICK_MS = 10000, MINUTE = 60000, BULK_MINUTES = 14 * 1440, BULK_STEP = 360 };
#define T0 INT64_C(1767225600000)

static uint32_t dice = 12345;
static int64_t walk[DEVICES * CHANNELS];

static int noise(int range)
{
        dice = dice * 1664525u + 1013904223u;
        return (int)(dice >> 16) % (2 * range + 1) - range;
}

/* In tenths.  Channels differ in how much they move: soil hardly, wind a lot. */
static int64_t value(int s, int64_t t_ms)
{
        int channel = s % CHANNELS;
        if (noise(8) == 0)
                walk[s] += noise(1);
        return 200 + 10 * channel + walk[s] + (int64_t)(50 * sin((double)(t_ms % 86400000) * 2 * M_PI / 86400000)) + noise(channel < 3 ? 0 : channel < 6 ? 1 : 3);
}

struct names { char device[DEVICES][16], channel[CHANNELS][16]; };
static struct names names;

static void name_all(void)
{
        static const char *const what[CHANNELS] = { "soil-temp", "soil-moist", "soil-ec", "air-temp", "air-humid", "light", "a34004", "wind" };
        for (int d = 0; d < DEVICES; d++)
                snprintf(names.device[d], sizeof names.device[d], "dev-%04d", d + 1);
        for (int c = 0; c < CHANNELS; c++)
                snprintf(names.channel[c], sizeof names.channel[c], "%s", what[c]);
}

static void fill(struct batch *b, int64_t from_ms, int ticks, int64_t tick_ms)
{
        for (int i = 0; i < ticks; i++)
                for (int s = 0; s < DEVICES * CHANNELS; s++) {
                        int64_t t = from_ms + i * tick_ms;
                        struct reading r = { .device = str_of(names.device[s / CHANNELS]), .channel = str_of(names.channel[s % CHANNELS]), .t_ms = t, .value = { value(s, t), 1 } };
                        if (!batch_add(b, &r))
                                errx(1, "a reading is refused");
                }
}

static void check(int rc, const struct err *e)
{
        if (rc < 0)
                errx(1, "%s (%s)", e->detail, e->cause);
}

struct opened { struct store *store; struct series *series; };

static struct opened open_series(const char *folder)
{
        const struct str origin = STR("https://trace.example.cn");
        const struct store_options so = { .readers = 1 };
        const struct series_options o = { .readers = 2, .cache_kib = 8192, .grace_ms = 600000 };
        struct opened x;
        struct err e = { 0 };
        char file[600];
        struct stat st;
        snprintf(file, sizeof file, "%s/suyuan.db", folder);
        if (stat(file, &st) < 0)
                check(store_init(folder, &origin, 1, &e), &e);
        check(store_open(folder, true, &so, &x.store, &e), &e);
        check(series_open(x.store, &o, &x.series, &e), &e);
        return x;
}

static void close_series(struct opened *x)
{
        series_close(x->series);
        store_close(x->store);
}

static int64_t file_bytes(const char *folder, const char *name)
{
        char path[600];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", folder, name);
        return stat(path, &st) == 0 ? st.st_size : 0;
}

/* ---- ingest ---- */

static double ours(const char *folder, int ticks, int batch)
{
        struct opened x = open_series(folder);
        struct arena *a = arena_new();
        struct err e = { 0 };
        int64_t begun = now_us();
        for (int i = 0; i < ticks; i += batch) {
                struct batch *b = batch_new(a);
                fill(b, T0 + (int64_t)i * TICK_MS, batch, TICK_MS);
                check(series_append(x.series, batch_bytes(b), &e), &e);
                arena_reset(a);
        }
        double seconds = (double)(now_us() - begun) / 1e6;
        close_series(&x);
        arena_free(a);
        return seconds;
}

static double plain(const char *folder, int ticks, int batch)
{
        char path[600];
        snprintf(path, sizeof path, "%s/plain.db", folder);
        sqlite3 *db = bare_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
        bare_do(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536; CREATE TABLE sample (series INTEGER, t INTEGER, v INTEGER, PRIMARY KEY (series, t)) WITHOUT ROWID");
        sqlite3_stmt *add = bare_prepare(db, "INSERT INTO sample VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING");
        int64_t begun = now_us();
        for (int i = 0; i < ticks; i += batch) {
                bare_do(db, "BEGIN IMMEDIATE");
                for (int k = 0; k < batch; k++)
                        for (int s = 0; s < DEVICES * CHANNELS; s++) {
                                int64_t t = T0 + (int64_t)(i + k) * TICK_MS;
                                sqlite3_bind_int64(add, 1, s);
                                sqlite3_bind_int64(add, 2, t);
                                sqlite3_bind_int64(add, 3, value(s, t));
                                bare_step(add);
                                sqlite3_reset(add);
                        }
                bare_do(db, "COMMIT");
        }
        double seconds = (double)(now_us() - begun) / 1e6;
        sqlite3_finalize(add);
        sqlite3_close(db);
        return seconds;
}

/* Of this process, user and system: what does not depend on who else runs. */
static double cpu(void)
{
        struct rusage u;
        getrusage(RUSAGE_SELF, &u);
        return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void ingest(const char *folder, int ticks, int batch)
{
        double begun = cpu(), rows = plain(folder, ticks, batch), between = cpu(), mine = ours(folder, ticks, batch), n = (double)ticks * DEVICES * CHANNELS;
        printf("{\"samples\": %.0f, \"batch\": %d, \"seconds\": %.3f, \"rate\": %.0f, \"cpu_seconds\": %.3f, \"plain_seconds\": %.3f, \"plain_rate\": %.0f, \"plain_cpu_seconds\": %.3f}\n", n,
               batch * DEVICES * CHANNELS, mine, n / mine, cpu() - between, rows, n / rows, between - begun);
}

/* ---- bulk: one batch is made while the other is written ---- */

struct flight { struct series_job job; pthread_mutex_t mutex; pthread_cond_t landed; bool up; };

static void landed(struct series_job *job, void *ctx)
{
        struct flight *f = ctx;
        if (job->err.kind)
                errx(1, "%s (%s)", job->err.detail, job->err.cause);
        pthread_mutex_lock(&f->mutex);
        f->up = false;
        pthread_cond_signal(&f->landed);
        pthread_mutex_unlock(&f->mutex);
}

static void wait_landed(struct flight *f)
{
        pthread_mutex_lock(&f->mutex);
        while (f->up)
                pthread_cond_wait(&f->landed, &f->mutex);
        pthread_mutex_unlock(&f->mutex);
}

static void load(struct series *x, int64_t ticks, int step, int64_t tick_ms)
{
        struct flight f[2];
        struct err e = { 0 };
        for (int i = 0; i < 2; i++)
                f[i] = (struct flight){ .mutex = PTHREAD_MUTEX_INITIALIZER, .landed = PTHREAD_COND_INITIALIZER, .job.arena = arena_new() };
        for (int64_t at = 0, i = 0; at < ticks; at += step, i++) {
                struct flight *now = &f[i % 2];
                wait_landed(now);
                arena_reset(now->job.arena);
                struct batch *b = batch_new(now->job.arena);
                fill(b, T0 + at * tick_ms, step, tick_ms);
                now->job = (struct series_job){ .bytes = batch_bytes(b), .arena = now->job.arena, .done = landed, .ctx = now };
                now->up = true;
                check(series_submit(x, &now->job, &e), &e);
        }
        for (int i = 0; i < 2; i++) {
                wait_landed(&f[i]);
                arena_free(f[i].job.arena);
        }
}

static void bulk(const char *folder)
{
        struct opened x = open_series(folder);
        struct err e = { 0 };
        struct arena *a = arena_new();
        int64_t begun = now_us();
        for (int at = 0; at < BULK_MINUTES; at += BULK_STEP) {          /* what making the batches alone costs */
                struct batch *b = batch_new(a);
                fill(b, T0 + (int64_t)at * MINUTE, BULK_STEP, MINUTE);
                batch_bytes(b);
                arena_reset(a);
        }
        int64_t made = now_us();
        load(x.series, BULK_MINUTES, BULK_STEP, MINUTE);
        int64_t loaded = now_us();
        check(series_settle(x.series, &e), &e);
        int64_t settled = now_us();
        close_series(&x);
        arena_free(a);
        double n = (double)BULK_MINUTES * DEVICES * CHANNELS;
        printf("{\"samples\": %.0f, \"make_seconds\": %.3f, \"load_seconds\": %.3f, \"settle_seconds\": %.3f, \"bytes\": %" PRId64 ", \"bytes_a_sample\": %.3f}\n", n, (double)(made - begun) / 1e6,
               (double)(loaded - made) / 1e6, (double)(settled - loaded) / 1e6, file_bytes(folder, "series.db"), (double)file_bytes(folder, "series.db") / n);
}

/* ---- queries ---- */

static int64_t n_seen;
static int see(void *ctx, const struct sample *s)
{
        (void)ctx, (void)s;
        n_seen++;
        return 0;
}
static int see_figures(void *ctx, const struct figures *f)
{
        (void)ctx;
        n_seen += f->n > 0;
        return 0;
}

static int by_us(const void *a, const void *b)
{
        const int64_t *x = a, *y = b;
        return (*x > *y) - (*x < *y);
}

enum { ROUNDS = 51 };

static double curve(struct series *x)
{
        int64_t us[ROUNDS];
        struct err e = { 0 };
        for (int i = 0; i < ROUNDS; i++) {
                n_seen = 0;
                us[i] = now_us();
                check(series_read(x, str_of(names.device[i % DEVICES]), str_of(names.channel[i % CHANNELS]), T0 + 12 * 3600000, T0 + 36 * 3600000, see, NULL, &e), &e);
                us[i] = now_us() - us[i];
                if (n_seen != 8640)
                        errx(1, "%" PRId64 " samples of a day", n_seen);
        }
        qsort(us, ROUNDS, sizeof *us, by_us);
        return (double)us[ROUNDS / 2] / 1000;
}

static double thirty(struct series *x)
{
        int64_t us[ROUNDS];
        struct err e = { 0 };
        for (int i = 0; i < ROUNDS; i++) {
                n_seen = 0;
                us[i] = now_us();
                for (int c = 0; c < 30; c++)
                        check(series_figures(x, str_of(names.device[(i + c / CHANNELS) % DEVICES]), str_of(names.channel[c % CHANNELS]), T0 + 12 * 3600000, T0 + 36 * 3600000, 3600000,
                                             see_figures, NULL, &e), &e);
                us[i] = now_us() - us[i];
                if (n_seen != 30 * 24)
                        errx(1, "%" PRId64 " hours", n_seen);
        }
        qsort(us, ROUNDS, sizeof *us, by_us);
        return (double)us[ROUNDS / 2] / 1000;
}

static void queries(const char *folder, int64_t ticks)
{
        struct opened x = open_series(folder);
        struct err e = { 0 };
        int64_t begun = now_us();
        load(x.series, ticks, 360, TICK_MS);
        double loaded = (double)(now_us() - begun) / 1e6;
        check(series_settle(x.series, &e), &e);
        double day = curve(x.series), hours = thirty(x.series), n = (double)ticks * DEVICES * CHANNELS;
        close_series(&x);
        printf("{\"samples\": %.0f, \"load_seconds\": %.3f, \"bytes\": %" PRId64 ", \"bytes_a_sample\": %.3f, \"curve_ms\": %.3f, \"thirty_ms\": %.3f}\n", n, loaded, file_bytes(folder, "series.db"),
               (double)file_bytes(folder, "series.db") / n, day, hours);
}

static void csv(int ticks)
{
        for (int i = 0; i < ticks; i++)
                for (int s = 0; s < DEVICES * CHANNELS; s++) {
                        int64_t t = T0 + (int64_t)i * TICK_MS, v = value(s, t);
                        printf("s%d,%" PRId64 ",%s%" PRId64 ".%" PRId64 "\n", s, t, v < 0 ? "-" : "", (v < 0 ? -v : v) / 10, (v < 0 ? -v : v) % 10);
                }
}

int main(int argc, char **argv)
{
        if (argc < 3)
                errx(2, "series ingest|bulk|queries FOLDER …");
        name_all();
        if (strcmp(argv[1], "csv") == 0)
                csv(atoi(argv[2]));
        else if (strcmp(argv[1], "ingest") == 0 && argc == 5)
                ingest(argv[2], atoi(argv[3]), atoi(argv[4]));
        else if (strcmp(argv[1], "queries") == 0 && argc == 4)
                queries(argv[2], atoi(argv[3]));
        else
                bulk(argv[2]);
        return 0;
}
