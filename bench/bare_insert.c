/* The reference of the capture figures: SQLite and nothing else, inserting the rows that a server wrote.
 *
 *   bare_insert [-b EVENTS] [-c CACHE_KIB] [-m MMAP_BYTES] [-w CHECKPOINT_PAGES] NEW TARGET
 *
 * TARGET is a copy of the database the server began with, NEW is what it made of it.  Every row that NEW has more
 * is read into memory first; then the clock runs while they are inserted: a batch of events a transaction,
 * table by table with prepared statements, WAL, synchronous=FULL, and a checkpoint in between whenever the log
 * has grown by so many pages.  Within a batch the rows come in the order of their table's key, the best order there is for SQLite.
 *
 * Prints one line of JSON: events, rows, batches, checkpoints, seconds, cpu_seconds. */
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bare.h"

/* The rows that NEW has more, each with the batch its event falls into.  ?1: first new event, ?2: events a batch,
 * ?3: first new item, ?4: batches; what belongs to no single event (terms, capture jobs) is spread in its order. */
static const struct source { const char *table, *rows; } sources[] = {
        { "event", "SELECT (seq - ?1) / ?2 AS batch, * FROM event WHERE seq >= ?1 ORDER BY key" },
        { "event_body", "SELECT (seq - ?1) / ?2 AS batch, * FROM event_body WHERE seq >= ?1 ORDER BY key" },
        { "item", "WITH f AS MATERIALIZED (SELECT item, (min(seq) - ?1) / ?2 AS batch FROM event_item WHERE org = 1 AND item >= ?3 GROUP BY item)"
                  " SELECT f.batch, i.* FROM f CROSS JOIN item i ON i.key = (1 << 40) | f.item ORDER BY f.batch, i.key" },
        { "event_item", "SELECT (seq - ?1) / ?2 AS batch, * FROM event_item WHERE seq >= ?1 ORDER BY batch, org, item, seq, role" },
        { "event_facet", "SELECT (seq - ?1) / ?2 AS batch, * FROM event_facet WHERE seq >= ?1 ORDER BY batch, org, facet, value, seq" },
        { "event_once", "SELECT (seq - ?1) / ?2 AS batch, * FROM event_once WHERE seq >= ?1 ORDER BY batch, org, time_us, head, seq" },
        { "event_name", "SELECT (seq - ?1) / ?2 AS batch, * FROM event_name WHERE seq >= ?1 ORDER BY batch, org, head, seq" },
        { "finding", "SELECT (seq - ?1) / ?2 AS batch, * FROM finding WHERE seq >= ?1 ORDER BY org, seq, n" },
        { "capture", "SELECT ntile(?4) OVER (ORDER BY record_us) - 1 AS batch, * FROM capture"
                     " WHERE record_us >= (SELECT min(record_us) FROM event WHERE seq >= ?1) ORDER BY batch, org, id" },
        { "term", "SELECT 0 AS batch, * FROM term WHERE id > ?5 ORDER BY key" },
        { "term_head", "SELECT 0 AS batch, * FROM term_head WHERE id > ?5 ORDER BY org, head, id" },
};
enum { TABLES = sizeof sources / sizeof *sources };

struct cell { int type; int n; union { int64_t i; const char *p; }; };

struct rows {                   /* of one table */
        struct cell *cells;     /* row after row */
        int64_t *batch;
        size_t n, cap, next;
        int columns;
        sqlite3_stmt *insert;
};

struct settings { int64_t batch, cache_kib, mmap, checkpoint_pages; };

static struct cell keep(sqlite3_stmt *s, int column)
{
        struct cell c = { .type = sqlite3_column_type(s, column) };
        if (c.type == SQLITE_INTEGER) {
                c.i = sqlite3_column_int64(s, column);
        } else if (c.type == SQLITE_TEXT || c.type == SQLITE_BLOB) {
                const void *p = sqlite3_column_blob(s, column);
                c.n = sqlite3_column_bytes(s, column);
                char *copy = must(malloc((size_t)c.n + 1));
                if (c.n)
                        memcpy(copy, p, (size_t)c.n);
                c.p = copy;
        }
        return c;
}

static void load_table(sqlite3 *from, const struct source *source, const int64_t args[5], struct rows *r)
{
        sqlite3_stmt *s = bare_prepare(from, source->rows);
        for (int i = 1; i <= sqlite3_bind_parameter_count(s); i++)
                sqlite3_bind_int64(s, i, args[i - 1]);
        r->columns = sqlite3_column_count(s) - 1;
        while (bare_step(s)) {
                if (r->n == r->cap) {
                        r->cap = r->cap ? r->cap * 2 : 1024;
                        r->cells = must(realloc(r->cells, r->cap * (size_t)r->columns * sizeof *r->cells));
                        r->batch = must(realloc(r->batch, r->cap * sizeof *r->batch));
                }
                r->batch[r->n] = sqlite3_column_int64(s, 0);
                for (int i = 0; i < r->columns; i++)
                        r->cells[r->n * (size_t)r->columns + (size_t)i] = keep(s, i + 1);
                r->n++;
        }
        sqlite3_finalize(s);
}

static void prepare_insert(sqlite3 *to, const char *table, struct rows *r)
{
        char sql[256];
        int n = snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (?", table);
        for (int i = 1; i < r->columns; i++)
                n += snprintf(sql + n, sizeof sql - (size_t)n, ", ?");
        snprintf(sql + n, sizeof sql - (size_t)n, ")");
        r->insert = bare_prepare(to, sql);
}

static void bind(sqlite3_stmt *s, int column, const struct cell *c)
{
        if (c->type == SQLITE_INTEGER)
                sqlite3_bind_int64(s, column, c->i);
        else if (c->type == SQLITE_TEXT)
                sqlite3_bind_text(s, column, c->p, c->n, SQLITE_STATIC);
        else if (c->type == SQLITE_BLOB)
                sqlite3_bind_blob(s, column, c->p, c->n, SQLITE_STATIC);
        else
                sqlite3_bind_null(s, column);
}

static void insert_batch(struct rows *r, int64_t batch)
{
        for (; r->next < r->n && r->batch[r->next] <= batch; r->next++) {
                const struct cell *row = r->cells + r->next * (size_t)r->columns;
                for (int i = 0; i < r->columns; i++)
                        bind(r->insert, i + 1, &row[i]);
                bare_step(r->insert);
                sqlite3_reset(r->insert);
        }
}

static int on_commit(void *pages, sqlite3 *db, const char *name, int in_log)
{
        (void)db, (void)name;
        *(int *)pages = in_log;
        return SQLITE_OK;
}

/* Returns the checkpoints made. */
static int insert_all(sqlite3 *db, struct rows *tables, int64_t batches, int64_t checkpoint_pages)
{
        int in_log = 0, checkpoints = 0;
        sqlite3_wal_hook(db, on_commit, &in_log);
        sqlite3_stmt *begin = bare_prepare(db, "BEGIN IMMEDIATE"), *commit = bare_prepare(db, "COMMIT");
        for (int64_t b = 0; b < batches; b++) {
                bare_step(begin);
                sqlite3_reset(begin);
                for (int i = 0; i < TABLES; i++)
                        insert_batch(&tables[i], b);
                bare_step(commit);
                sqlite3_reset(commit);
                if (in_log >= checkpoint_pages) {
                        if (sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL) != SQLITE_OK)
                                errx(1, "checkpoint: %s", sqlite3_errmsg(db));
                        in_log = 0;
                        checkpoints++;
                }
        }
        sqlite3_finalize(begin);
        sqlite3_finalize(commit);
        return checkpoints;
}

static double cpu_seconds(void)
{
        struct rusage u;
        getrusage(RUSAGE_SELF, &u);
        return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int64_t load_all(const char *path, sqlite3 *to, int64_t per_batch, struct rows *tables, int64_t *ret_batches)
{
        sqlite3 *from = bare_open(path, SQLITE_OPEN_READWRITE);
        bare_do(from, "PRAGMA cache_size = -1000000; PRAGMA temp_store = MEMORY; PRAGMA query_only = 1;");
        int64_t first = bare_int(to, "SELECT coalesce(max(key), 0) & 1099511627775 FROM event") + 1;
        int64_t events = bare_int(from, "SELECT coalesce(max(key), 0) & 1099511627775 FROM event") - first + 1;
        *ret_batches = (events + per_batch - 1) / per_batch;
        const int64_t args[5] = { first, per_batch, bare_int(to, "SELECT coalesce(max(key), 0) & 1099511627775 FROM item") + 1,
                                  *ret_batches, bare_int(to, "SELECT coalesce(max(key), 0) & 1099511627775 FROM term") };
        for (int i = 0; i < TABLES; i++)
                load_table(from, &sources[i], args, &tables[i]);
        sqlite3_close(from);
        return events;
}

static void run(const struct settings *o, const char *new, const char *target)
{
        static struct rows tables[TABLES];
        sqlite3 *db = bare_open(target, SQLITE_OPEN_READWRITE);
        bare_do(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;");
        bare_dof(db, "PRAGMA cache_size = -%lld; PRAGMA mmap_size = %lld;", (long long)o->cache_kib, (long long)o->mmap);
        int64_t batches, events = load_all(new, db, o->batch, tables, &batches);
        size_t rows = 0;
        for (int i = 0; i < TABLES; i++) {
                prepare_insert(db, sources[i].table, &tables[i]);
                rows += tables[i].n;
        }
        double cpu = cpu_seconds();
        int64_t begun = now_us();
        int checkpoints = insert_all(db, tables, batches, o->checkpoint_pages);
        double seconds = (double)(now_us() - begun) / 1e6;
        cpu = cpu_seconds() - cpu;
        for (int i = 0; i < TABLES; i++) {
                if (tables[i].next != tables[i].n)
                        errx(1, "%s: %zu rows were left over", sources[i].table, tables[i].n - tables[i].next);
                sqlite3_finalize(tables[i].insert);
        }
        sqlite3_close(db);
        printf("{\"events\": %lld, \"rows\": %zu, \"batches\": %lld, \"checkpoints\": %d, \"seconds\": %.6f, \"cpu_seconds\": %.3f}\n",
               (long long)events, rows, (long long)batches, checkpoints, seconds, cpu);
}

int main(int argc, char **argv)
{
        struct settings o = { .batch = 512, .cache_kib = 32768, .checkpoint_pages = 4096 };
        int option;
        while ((option = getopt(argc, argv, "b:c:m:w:")) != -1) {
                int64_t *to = option == 'b' ? &o.batch : option == 'c' ? &o.cache_kib : option == 'm' ? &o.mmap
                            : option == 'w' ? &o.checkpoint_pages : NULL;
                if (!to)
                        return 2;
                *to = strtoll(optarg, NULL, 10);
        }
        if (argc - optind != 2)
                errx(2, "usage: bare_insert [-b EVENTS] [-c CACHE_KIB] [-m MMAP_BYTES] [-w CHECKPOINT_PAGES] NEW TARGET");
        run(&o, argv[optind], argv[optind + 1]);
        return 0;
}
