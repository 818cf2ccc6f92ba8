#include "store/postgres/test_support.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t raw_server_sql(const char *url, const char *sql)
{
        PGconn *c = PQconnectdb(url);
        PGresult *r = PQexec(c, sql);
        ExecStatusType st = PQresultStatus(r);
        int64_t v = st == PGRES_COMMAND_OK || st == PGRES_TUPLES_OK ? 0 : -1;
        if (v < 0)
                fprintf(stderr, "# %s: %s\n", sql, PQerrorMessage(c));
        if (st == PGRES_TUPLES_OK && PQntuples(r) && !PQgetisnull(r, 0, 0))
                v = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
        PQclear(r);
        PQfinish(c);
        return v;
}

bool fresh_server_database(char ret[512])
{
        static int n;
        const char *url = getenv("SUYUAN_TEST_DATABASE");
        char sql[200];
        if (!url)
                return false;
        n++;
        snprintf(sql, sizeof sql, "CREATE SCHEMA t%d", n);
        if (raw_server_sql(url, sql) < 0)
                abort();
        snprintf(sql, sizeof sql, "CREATE FUNCTION t%d.zeroblob(int) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(repeat('00', $1), 'hex') $$", n);
        if (raw_server_sql(url, sql) < 0)       /* SQLite has it, tests use it */
                abort();
        snprintf(ret, 512, "%s%coptions=-csearch_path%%3Dt%d", url, strchr(url, '?') ? '&' : '?', n);
        return true;
}
