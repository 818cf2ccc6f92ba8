/* The reference of the first render: the queries that a page made, asked again of SQLite directly.
 *
 *   bare_queries [-c CACHE_KIB] [-m MMAP_BYTES] [-n TIMES] [-w CHANGE] DATABASE QUERIES
 *
 * QUERIES, a thing a line: "S sql" names the next statement (from 0); "R n" begins a run of statement n, followed
 * by its values in order: "I integer", "T hex" (text), "B hex" (blob), "N" (null).  Everything is prepared once and read
 * into memory; then all runs are made TIMES times in order, every column of every row read.  With -w another connection
 * commits the statement CHANGE, durably, before each round, outside the time: what is asked of SQLite after a change is not in the page
 * cache of the one who asks.
 *
 * Prints one line of JSON: runs, rows (of one time), and the median, least and greatest time of one round in µs. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "bare.h"

struct value { char type; int64_t i; unsigned char *p; int n; };
struct run { sqlite3_stmt *statement; struct value values[32]; int n; };

static struct { sqlite3_stmt *statements[256]; size_t n_statements; struct run *runs; size_t n_runs, cap; } all;

static unsigned hex_digit(int c)
{
        return (unsigned)(c <= '9' ? c - '0' : tolower(c) - 'a' + 10) & 15;
}

static struct value read_value(const char *line)
{
        struct value v = { .type = line[0] };
        if (v.type == 'I')
                v.i = strtoll(line + 2, NULL, 10);
        if (v.type != 'T' && v.type != 'B')
                return v;
        const char *hex = line[1] ? line + 2 : "";
        v.n = (int)(strlen(hex) / 2);
        v.p = must(malloc((size_t)v.n + 1));
        for (int i = 0; i < v.n; i++)
                v.p[i] = (unsigned char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
        return v;
}

static void read_line(sqlite3 *db, const char *line)
{
        if (line[0] == 'S') {
                if (all.n_statements == sizeof all.statements / sizeof *all.statements)
                        errx(2, "too many statements");
                all.statements[all.n_statements++] = bare_prepare(db, line + 2);
        } else if (line[0] == 'R') {
                if (all.n_runs == all.cap) {
                        all.cap = all.cap ? all.cap * 2 : 256;
                        all.runs = must(realloc(all.runs, all.cap * sizeof *all.runs));
                }
                size_t n = strtoul(line + 2, NULL, 10);
                if (n >= all.n_statements)
                        errx(2, "no statement %zu", n);
                all.runs[all.n_runs++] = (struct run){ .statement = all.statements[n] };
        } else {
                struct run *r = all.n_runs ? &all.runs[all.n_runs - 1] : NULL;
                if (!r || r->n == 32)
                        errx(2, "a value without a run, or too many: %s", line);
                r->values[r->n++] = read_value(line);
        }
}

static void read_all(sqlite3 *db, const char *path)
{
        FILE *f = fopen(path, "r");
        if (!f)
                err(2, "%s", path);
        char *line = NULL;
        size_t cap = 0;
        ssize_t n;
        while ((n = getline(&line, &cap, f)) > 0) {
                line[n - 1] = 0;
                read_line(db, line);
        }
        free(line);
        fclose(f);
}

static void bind(sqlite3_stmt *s, int column, const struct value *v)
{
        if (v->type == 'I')
                sqlite3_bind_int64(s, column, v->i);
        else if (v->type == 'T')
                sqlite3_bind_text(s, column, (const char *)v->p, v->n, SQLITE_STATIC);
        else if (v->type == 'B')
                sqlite3_bind_blob(s, column, v->p, v->n, SQLITE_STATIC);
        else
                sqlite3_bind_null(s, column);
}

static volatile int64_t read_bytes;     /* so that no column read can be left out */

static void read_columns(sqlite3_stmt *s)
{
        for (int i = 0; i < sqlite3_column_count(s); i++) {
                if (sqlite3_column_type(s, i) == SQLITE_INTEGER)
                        read_bytes += sqlite3_column_int64(s, i);
                else if (sqlite3_column_blob(s, i))
                        read_bytes += sqlite3_column_bytes(s, i);
        }
}

static int64_t once(int64_t *ret_rows)
{
        int64_t begun = now_us(), rows = 0;
        for (size_t i = 0; i < all.n_runs; i++) {
                struct run *r = &all.runs[i];
                for (int k = 0; k < r->n; k++)
                        bind(r->statement, k + 1, &r->values[k]);
                while (bare_step(r->statement)) {
                        read_columns(r->statement);
                        rows++;
                }
                sqlite3_reset(r->statement);
        }
        *ret_rows = rows;
        return now_us() - begun;
}

static int by_value(const void *a, const void *b)
{
        int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
        return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
        int64_t cache_kib = 8192, mmap = 0, times = 31, rows = 0;
        const char *change = NULL;
        int option;
        while ((option = getopt(argc, argv, "c:m:n:w:")) != -1) {
                if (option == 'w') {
                        change = optarg;
                        continue;
                }
                int64_t *to = option == 'c' ? &cache_kib : option == 'm' ? &mmap : option == 'n' ? &times : NULL;
                if (!to)
                        return 2;
                *to = strtoll(optarg, NULL, 10);
        }
        if (argc - optind != 2 || times < 1)
                errx(2, "usage: bare_queries [-c CACHE_KIB] [-m MMAP_BYTES] [-n TIMES] DATABASE QUERIES");
        sqlite3 *db = bare_open(argv[optind], SQLITE_OPEN_READWRITE);
        bare_dof(db, "PRAGMA cache_size = -%lld; PRAGMA mmap_size = %lld; PRAGMA query_only = 1;", (long long)cache_kib, (long long)mmap);
        read_all(db, argv[optind + 1]);
        int64_t *us = must(calloc((size_t)times, sizeof *us));
        once(&rows);
        sqlite3 *other = change ? bare_open(argv[optind], SQLITE_OPEN_READWRITE) : NULL;
        if (other)
                bare_dof(other, "PRAGMA synchronous = FULL;");
        for (int64_t i = 0; i < times; i++) {
                if (other)
                        bare_dof(other, "%s", change);
                us[i] = once(&rows);
        }
        qsort(us, (size_t)times, sizeof *us, by_value);
        printf("{\"runs\": %zu, \"rows\": %lld, \"median_us\": %lld, \"least_us\": %lld, \"most_us\": %lld}\n", all.n_runs, (long long)rows,
               (long long)us[times / 2], (long long)us[0], (long long)us[times - 1]);
        return 0;
}
