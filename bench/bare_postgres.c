/* The reference of the PostgreSQL figures: libpq and nothing else, inserting the rows that a server wrote.
 *
 *   bare_postgres [-b EVENTS] FROM TO
 *
 * FROM is the database that a server filled, TO an empty one with the same tables.  Every row of FROM is read into memory first; then the clock
 * runs while they are inserted: a batch of events a transaction, table by table, one prepared INSERT a row in pipeline mode, binary.
 *
 * Prints one line of JSON: events, rows, batches, seconds. */
#include <libpq-fe.h>
#include <string.h>
#include <unistd.h>

#include "bare.h"

/* The rows with the batch each falls into; $1: events a batch. */
static const struct source { const char *table, *rows; } sources[] = {
        { "event", "SELECT (seq - 1) / $1, * FROM event ORDER BY org, key" },
        { "event_body", "SELECT (seq - 1) / $1, * FROM event_body ORDER BY org, key" },
        { "item", "SELECT f.batch, i.* FROM (SELECT item, min(seq - 1) / $1 AS batch FROM event_item GROUP BY item) f JOIN item i ON i.id = f.item ORDER BY 1, i.key" },
        { "event_item", "SELECT (seq - 1) / $1 AS b, * FROM event_item ORDER BY b, org, item, seq, role" },
        { "event_once", "SELECT (seq - 1) / $1 AS b, * FROM event_once ORDER BY b, org, time_us, head, seq" },
        { "event_name", "SELECT (seq - 1) / $1 AS b, * FROM event_name ORDER BY b, org, head, seq" },
        { "finding", "SELECT (seq - 1) / $1 AS b, * FROM finding ORDER BY b, org, seq, n" },
        { "capture", "SELECT ntile((SELECT max(seq) / $1 + 1 FROM event)::int) OVER (ORDER BY record_us) - 1, * FROM capture" },
        { "term", "SELECT 0::bigint, * FROM term WHERE $1 > 0 ORDER BY key" },
        { "term_head", "SELECT 0::bigint, * FROM term_head WHERE $1 > 0 ORDER BY org, head, id" },
};
enum { TABLES = sizeof sources / sizeof *sources, COLUMNS = 32 };

static PGconn *bare_connect(const char *url)
{
        PGconn *c = PQconnectdb(url);
        if (PQstatus(c) != CONNECTION_OK)
                errx(1, "%s", PQerrorMessage(c));
        return c;
}

static PGresult *good(PGconn *c, PGresult *r)
{
        ExecStatusType st = PQresultStatus(r);
        if (st != PGRES_TUPLES_OK && st != PGRES_COMMAND_OK && st != PGRES_PIPELINE_SYNC)
                errx(1, "%s%s", PQresultErrorMessage(r), PQerrorMessage(c));
        return r;
}

static PGresult *load(PGconn *from, const char *sql, int64_t batch)
{
        char text[24];
        const char *args[] = { text };
        const Oid types[] = { 20 };
        snprintf(text, sizeof text, "%lld", (long long)batch);
        return good(from, PQexecParams(from, sql, 1, types, args, NULL, NULL, 1));
}

static int64_t batch_of(const PGresult *r, int row)
{
        const unsigned char *p = (const unsigned char *)PQgetvalue(r, row, 0);
        int64_t v = 0;
        for (int i = 0; i < PQgetlength(r, row, 0); i++)
                v = v << 8 | p[i];
        return v;
}

static void prepare(PGconn *to, int table, const PGresult *r)
{
        char sql[400], name[8];
        Oid types[COLUMNS];
        int n = snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (", sources[table].table);
        for (int c = 1; c < PQnfields(r); c++) {
                n += snprintf(sql + n, sizeof sql - (size_t)n, "%s$%d", c > 1 ? ", " : "", c);
                types[c - 1] = PQftype(r, c);
        }
        snprintf(sql + n, sizeof sql - (size_t)n, ")");
        snprintf(name, sizeof name, "t%d", table);
        PQclear(good(to, PQprepare(to, name, sql, PQnfields(r) - 1, types)));
}

static int send_row(PGconn *to, int table, const PGresult *r, int row)
{
        const char *values[COLUMNS];
        int lengths[COLUMNS], formats[COLUMNS];
        char name[8];
        for (int c = 1; c < PQnfields(r); c++) {
                values[c - 1] = PQgetvalue(r, row, c);
                lengths[c - 1] = PQgetlength(r, row, c);
                formats[c - 1] = 1;
        }
        snprintf(name, sizeof name, "t%d", table);
        return PQsendQueryPrepared(to, name, PQnfields(r) - 1, values, lengths, formats, 0);
}

static int send_plain(PGconn *to, const char *sql)
{
        return PQsendQueryParams(to, sql, 0, NULL, NULL, NULL, NULL, 0);
}

/* One transaction in one pipeline. */
static size_t insert_batch(PGconn *to, PGresult **tables, int *next, int64_t batch)
{
        size_t sent = 0;
        int ok = send_plain(to, "BEGIN");
        for (int t = 0; t < TABLES; t++)
                for (; next[t] < PQntuples(tables[t]) && batch_of(tables[t], next[t]) <= batch; next[t]++, sent++)
                        ok &= send_row(to, t, tables[t], next[t]);
        if (!ok || !send_plain(to, "COMMIT") || !PQpipelineSync(to))
                errx(1, "%s", PQerrorMessage(to));
        for (size_t i = 0; i < sent + 2; i++) {
                PQclear(good(to, PQgetResult(to)));
                PQclear(PQgetResult(to));
        }
        PQclear(good(to, PQgetResult(to)));
        return sent;
}

int main(int argc, char **argv)
{
        int64_t batch = 512;
        int option, next[TABLES] = { 0 };
        while ((option = getopt(argc, argv, "b:")) != -1)
                batch = option == 'b' ? strtoll(optarg, NULL, 10) : 0;
        if (argc - optind != 2 || batch < 1)
                errx(2, "usage: bare_postgres [-b EVENTS] FROM TO");
        PGconn *from = bare_connect(argv[optind]), *to = bare_connect(argv[optind + 1]);
        PGresult *tables[TABLES];
        for (int t = 0; t < TABLES; t++) {
                tables[t] = load(from, sources[t].rows, batch);
                prepare(to, t, tables[t]);
        }
        int events = PQntuples(tables[0]);
        int64_t batches = (events + batch - 1) / batch;
        size_t rows = 0;
        if (!PQenterPipelineMode(to))
                errx(1, "%s", PQerrorMessage(to));
        int64_t begun = now_us();
        for (int64_t b = 0; b < batches; b++)
                rows += insert_batch(to, tables, next, b);
        double seconds = (double)(now_us() - begun) / 1e6;
        for (int t = 0; t < TABLES; t++)
                if (next[t] != PQntuples(tables[t]))
                        errx(1, "%s: rows were left over", sources[t].table);
        printf("{\"events\": %d, \"rows\": %zu, \"batches\": %lld, \"seconds\": %.6f}\n", events, rows, (long long)batches, seconds);
        return 0;
}
