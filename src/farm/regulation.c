#include "farm/regulation.h"

#include "base/csv.h"
#include "base/limits.h"
#include "base/text.h"
#include "farm/regulation_impl.h"

/* From the bytes of a CSV to rows as they are kept. */

static const char *const kinds[] = { [REGULATION_BAN] = "ban", [REGULATION_INTERVAL] = "interval", [REGULATION_LIMIT] = "limit" };

const char *regulation_kind_name(enum regulation_kind k)
{
        return k >= REGULATION_BAN && k <= REGULATION_LIMIT ? kinds[k] : "";
}

enum regulation_kind regulation_kind_of(struct str name)
{
        for (int k = REGULATION_BAN; k <= REGULATION_LIMIT; k++)
                if (str_is(name, kinds[k]))
                        return (enum regulation_kind)k;
        return 0;
}

const char *confidence_name(enum confidence c)
{
        return c == CONFIDENCE_HIGH ? "high" : c == CONFIDENCE_MEDIUM ? "medium" : "low";
}

/* Which columns a kind must have, and which of them make a row the same row. */
static const struct { enum regulation_kind kind; const char *needs[6], *key[6]; } descriptions[] = {
        { REGULATION_BAN, { "name_zh", "status", "scope" }, { "name_zh", "scope" } },
        { REGULATION_INTERVAL, { "pesticide_zh", "crop_zh", "phi_days" }, { "pesticide_zh", "formulation", "crop_zh", "target", "effective_from" } },
        { REGULATION_LIMIT, { "substance_zh", "commodity_zh", "match_level", "limit" }, { "substance_zh", "commodity_zh", "standard", "effective_from" } },
};

struct table { struct arena *a; struct csv csv; const struct str *head; size_t n_head; int kind; };

static int find_kind(struct table *t, struct err *reterr)
{
        for (size_t k = 0; k < sizeof descriptions / sizeof *descriptions; k++) {
                size_t have = 0, need = 0;
                for (; descriptions[k].needs[need]; need++)
                        have += csv_column(t->head, t->n_head, descriptions[k].needs[need]) >= 0;
                if (have == need) {
                        t->kind = (int)k;
                        return 0;
                }
        }
        return err_set(reterr, ERR_BAD_INPUT, "the first line is no heading of a table of the regulation: bans have name_zh, status, scope; intervals pesticide_zh, crop_zh, phi_days; "
                                              "limits substance_zh, commodity_zh, match_level, limit");
}

static struct str write_body(const struct table *t, const struct str *fields, size_t n)
{
        struct buf b = { .max = LIMIT_CSV_FIELDS * (LIMIT_CSV_FIELD_BYTES * 6 + 100) };
        bool more = false;
        buf_char(&b, '{');
        for (size_t i = 0; i < n; i++) {          /* no more than there are headings */
                if (!fields[i].n || !t->head[i].n)
                        continue;
                buf_z(&b, more ? "," : "");
                json_write_str(&b, t->head[i]);
                buf_char(&b, ':');
                json_write_str(&b, fields[i]);
                more = true;
        }
        buf_char(&b, '}');
        struct str s = arena_str(t->a, buf_view(&b));
        buf_free(&b);
        return s;
}

static struct str key_of(const struct table *t, const struct json *row)
{
        struct buf b = { .max = 6 * LIMIT_CSV_FIELD_BYTES };
        for (size_t i = 0; descriptions[t->kind].key[i]; i++) {
                buf_z(&b, i ? "|" : "");
                buf_str(&b, json_str(row, descriptions[t->kind].key[i]));
        }
        struct str s = arena_str(t->a, buf_view(&b));
        buf_free(&b);
        return s;
}

static int read_row(const struct table *t, const struct str *fields, size_t n, struct regulation_row *ret, struct err *reterr)
{
        const struct json *j;
        struct regulation_builder check = { .arena = t->a, .dry = true };
        if (n > t->n_head)
                return err_set(reterr, ERR_BAD_INPUT, "it has more fields than the heading; is a comma not in quotes?");
        struct str body = write_body(t, fields, n);
        if (json_read(t->a, body.p, body.n, NULL, &j, reterr) < 0)
                return -1;
        *ret = (struct regulation_row){ descriptions[t->kind].kind, key_of(t, j), json_str(j, "effective_from"), json_str(j, "effective_to"), json_str(j, "confidence"), body, t->csv.line };
        return regulation_add(&check, ret->kind, j, reterr);
}

static void refuse(const struct table *t, struct regulation_file *f, const struct err *e)
{
        f->refused[f->n_refused++] = (struct regulation_refusal){ t->csv.line, arena_str(t->a, str_of(e->detail)) };
}

static size_t count_lines(struct str s)
{
        size_t n = 1;
        for (size_t i = 0; i < s.n; i++)
                n += s.p[i] == '\n';
        return n;
}

static int by_key(const void *a, const void *b)
{
        const struct regulation_row *x = *(const struct regulation_row *const *)a, *y = *(const struct regulation_row *const *)b;
        int order = str_cmp(x->name, y->name);
        return order ? order : x->line - y->line;
}

static int by_line(const void *a, const void *b)
{
        return ((const struct regulation_refusal *)a)->line - ((const struct regulation_refusal *)b)->line;
}

/* A row that stands twice would replace itself: the first is taken, the others are told. */
static void refuse_repeated(struct table *t, struct regulation_file *f)
{
        struct regulation_row **order = arena_array(t->a, struct regulation_row *, f->n + 1);
        size_t kept = 0;
        for (size_t i = 0; i < f->n; i++)
                order[i] = &f->rows[i];
        qsort(order, f->n, sizeof *order, by_key);
        for (size_t i = 1, first = 0; i < f->n; i++) {
                if (!str_eq(order[i]->name, order[first]->name)) {
                        first = i;
                        continue;
                }
                f->refused[f->n_refused++] = (struct regulation_refusal){ order[i]->line, arena_printf(t->a, "line %d is the same row", order[first]->line) };
                order[i]->kind = 0;
        }
        for (size_t i = 0; i < f->n; i++)
                if (f->rows[i].kind)
                        f->rows[kept++] = f->rows[i];
        f->n = kept;
        qsort(f->refused, f->n_refused, sizeof *f->refused, by_line);
}

int regulation_read(struct arena *a, struct str bytes, struct regulation_file *ret, struct err *reterr)
{
        struct table t = { .a = a, .csv = csv_open(bytes) };
        size_t lines = count_lines(bytes), n;
        const struct str *fields;
        int rc;
        if (lines > LIMIT_REGULATION_ROWS + 1)
                return err_set(reterr, ERR_TOO_LARGE, "a file of the regulation has %d rows at most; import it in parts", LIMIT_REGULATION_ROWS);
        if ((rc = csv_row(&t.csv, a, &t.head, &t.n_head, reterr)) < 0 || find_kind(&t, reterr) < 0)
                return rc == 0 ? err_set(reterr, ERR_BAD_INPUT, "the file is empty") : -1;
        *ret = (struct regulation_file){ .kind = descriptions[t.kind].kind, .rows = arena_array(a, struct regulation_row, lines),
                                         .refused = arena_array(a, struct regulation_refusal, lines + 1) };
        for (;;) {
                struct err e = { 0 };
                if ((rc = csv_row(&t.csv, a, &fields, &n, &e)) == 0)
                        break;
                if (rc < 0 || read_row(&t, fields, n, &ret->rows[ret->n], &e) < 0)
                        refuse(&t, ret, &e);
                else
                        ret->n++;
        }
        refuse_repeated(&t, ret);
        return 0;
}
