#include "sheet/sheet_impl.h"

#include "base/csv.h"
#include "base/limits.h"
#include "base/text.h"

static bool computes(char c)
{
        return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r';
}

static bool would_compute(struct str s)
{
        struct str digits = s;
        if (!s.n || !computes(s.p[0]))
                return false;
        for (size_t i = 1; i < digits.n; i++)
                if ((s.p[i] < '0' || s.p[i] > '9') && s.p[i] != '.')
                        return true;
        return s.n == 1 || (s.p[0] != '-' && s.p[0] != '+');
}

bool sheet_needs_guard(struct str s)
{
        while (s.n && s.p[0] == '\'')
                s = str_from(s, 1);
        return would_compute(s);
}

bool sheet_is_xlsx(struct str bytes)
{
        return str_starts(bytes, STR("PK\003\004"));
}

static bool holds_something(const struct str *cells, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (cells[i].n)
                        return true;
        return false;
}

int sheet_add_row(struct sheet_rows *rows, const struct str *cells, size_t n, int number, struct err *reterr)
{
        if (!holds_something(cells, n))
                return 0;
        if (rows->n == rows->max)
                return err_set(reterr, ERR_TOO_LARGE, "a table has at most %zu rows; divide it", rows->max);
        if (rows->n == rows->cap) {
                size_t cap = rows->cap ? 2 * rows->cap : 64;
                struct sheet_row *list = arena_array(rows->arena, struct sheet_row, cap);
                if (rows->n)
                        memcpy(list, rows->list, rows->n * sizeof *list);
                rows->list = list;
                rows->cap = cap;
        }
        struct str *own = arena_array(rows->arena, struct str, n);
        memcpy(own, cells, n * sizeof *own);
        rows->list[rows->n++] = (struct sheet_row){ own, n, number };
        return 0;
}

static int read_csv(struct arena *a, struct str bytes, struct sheet_rows *rows, struct err *reterr)
{
        struct csv c = csv_open(bytes);
        struct str cells[LIMIT_CSV_FIELDS];
        const struct str *fields;
        struct arena *row = arena_new();        /* csv_row makes room for the longest row each time */
        size_t n;
        int rc;
        while ((rc = csv_row(&c, row, &fields, &n, reterr)) == 1) {
                for (size_t i = 0; i < n; i++) {
                        bool guarded = fields[i].n > 1 && fields[i].p[0] == '\'' && sheet_needs_guard(fields[i]);
                        cells[i] = arena_str(a, str_from(fields[i], guarded));
                }
                if (sheet_add_row(rows, cells, n, c.line, reterr) < 0) {
                        rc = -1;
                        break;
                }
                arena_reset(row);
        }
        arena_free(row);
        return rc;
}

int sheet_read(struct arena *a, struct str bytes, size_t max_rows, struct sheet *ret, struct err *reterr)
{
        struct sheet_rows rows = { .arena = a, .max = max_rows };
        int rc = sheet_is_xlsx(bytes) ? sheet_read_xlsx(a, bytes, &rows, reterr) : read_csv(a, bytes, &rows, reterr);
        *ret = (struct sheet){ rows.list, rows.n };
        return rc;
}
