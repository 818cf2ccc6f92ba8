#ifndef SUYUAN_BENCH_BARE_H
#define SUYUAN_BENCH_BARE_H

#include <err.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* What the bare programs share: SQLite called directly, every failure ends the program. */

static inline int64_t now_us(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static inline void *must(void *p)
{
        if (!p)
                errx(2, "out of memory");
        return p;
}

static inline sqlite3 *bare_open(const char *path, int flags)
{
        sqlite3 *db;
        if (sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
                errx(1, "%s: %s", path, sqlite3_errmsg(db));
        return db;
}

static inline void bare_do(sqlite3 *db, const char *sql)
{
        char *why = NULL;
        if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
                errx(1, "%s: %s", sql, why);
}

__attribute__((format(printf, 2, 3)))
static inline void bare_dof(sqlite3 *db, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        char *sql = must(sqlite3_vmprintf(format, args));
        va_end(args);
        bare_do(db, sql);
        sqlite3_free(sql);
}

static inline sqlite3_stmt *bare_prepare(sqlite3 *db, const char *sql)
{
        sqlite3_stmt *s;
        if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL) != SQLITE_OK)
                errx(1, "%s: %s", sql, sqlite3_errmsg(db));
        return s;
}

/* True: a row; false: the end. */
static inline int bare_step(sqlite3_stmt *s)
{
        int rc = sqlite3_step(s);
        if (rc != SQLITE_ROW && rc != SQLITE_DONE)
                errx(1, "%s: %s", sqlite3_sql(s), sqlite3_errmsg(sqlite3_db_handle(s)));
        return rc == SQLITE_ROW;
}

static inline int64_t bare_int(sqlite3 *db, const char *sql)
{
        sqlite3_stmt *s = bare_prepare(db, sql);
        int64_t v = bare_step(s) ? sqlite3_column_int64(s, 0) : 0;
        sqlite3_finalize(s);
        return v;
}

#endif
