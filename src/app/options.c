#include "app/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum option_kind { KIND_TEXT, KIND_LIST, KIND_NUMBER, KIND_SWITCH };

struct option_row {
        const char *field, *flag;
        enum option_kind kind;
        const char *fallback, *commands, *metavar, *help;
        size_t offset;
};

static const struct option_row rows[] = {
#define OPTION(field_, flag_, kind_, def_, commands_, metavar_, help_) \
        { .field = #field_, .flag = flag_, .kind = KIND_##kind_, .fallback = def_, .commands = commands_, \
          .metavar = metavar_, .help = help_, .offset = offsetof(struct settings, field_) },
#include "app/options.def"
#undef OPTION
};
#define N_ROWS (sizeof rows / sizeof *rows)

static bool takes(const struct option_row *r, const struct command *c)
{
        struct str rest = str_of(r->commands), word;
        while (str_split(&rest, ' ', &word))
                if (str_is(word, c->name))
                        return true;
        return false;
}

/* Keys of the file and flags may say - or _. */
static bool same_name(struct str name, const char *flag)
{
        size_t n = strlen(flag);
        if (name.n != n)
                return false;
        for (size_t i = 0; i < n; i++)
                if (name.p[i] != flag[i] && !(name.p[i] == '_' && flag[i] == '-'))
                        return false;
        return true;
}

/* Levenshtein distance, for "did you mean"; names are short. */
static int distance(struct str a, struct str b)
{
        int row[64];
        if (a.n > 60 || b.n > 60)
                return 99;
        for (size_t j = 0; j <= b.n; j++)
                row[j] = (int)j;
        for (size_t i = 1; i <= a.n; i++) {
                int diagonal = row[0];
                row[0] = (int)i;
                for (size_t j = 1; j <= b.n; j++) {
                        int change = diagonal + (a.p[i - 1] != b.p[j - 1]);
                        diagonal = row[j];
                        int best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
                        row[j] = change < best ? change : best;
                }
        }
        return row[b.n];
}

static const char *nearest(struct str name, const struct command *c)
{
        const char *best = NULL;
        int least = 4;
        for (size_t i = 0; i < N_ROWS; i++) {
                int d = takes(&rows[i], c) ? distance(name, str_of(rows[i].flag)) : 99;
                if (d < least) {
                        least = d;
                        best = rows[i].flag;
                }
        }
        return best;
}

static const struct option_row *find(struct str name, const struct command *c, struct err *reterr)
{
        for (size_t i = 0; i < N_ROWS; i++)
                if (same_name(name, rows[i].flag) && takes(&rows[i], c))
                        return &rows[i];
        const char *near = nearest(name, c);
        err_set(reterr, ERR_BAD_INPUT, "没有选项 / no option '%.*s' for %s%s%s%s; `suyuan help %s`", (int)(name.n > 60 ? 60 : name.n), name.p, c->name,
                near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", c->name);
        return NULL;
}

static int set_number(int64_t *field, const struct option_row *r, const char *value, struct err *reterr)
{
        char *end;
        errno = 0;
        long long v = strtoll(value, &end, 10);
        if (!*value || *end || errno || v < 0)
                return err_set(reterr, ERR_BAD_INPUT, "--%s wants a whole number, not '%.60s'", r->flag, value);
        *field = v;
        return 0;
}

static void list_add(struct arena *a, struct option_list *l, const char *value)
{
        const char **v = arena_alloc(a, (l->n + 1) * sizeof *v);
        if (l->n)
                memcpy(v, l->v, l->n * sizeof *v);
        l->v = v;
        l->v[l->n++] = value;
}

static int set(struct arena *a, struct settings *s, const struct option_row *r, const char *value, struct err *reterr)
{
        void *field = (char *)s + r->offset;
        switch (r->kind) {
        case KIND_TEXT:
                *(const char **)field = value;
                return 0;
        case KIND_LIST:
                list_add(a, field, value);
                return 0;
        case KIND_NUMBER:
                return set_number(field, r, value, reterr);
        case KIND_SWITCH:
                *(bool *)field = !(str_is(str_of(value), "no") || str_is(str_of(value), "false") || str_is(str_of(value), "0"));
                return 0;
        }
        return 0;
}

static void set_defaults(struct arena *a, struct settings *s)
{
        memset(s, 0, sizeof *s);
        for (size_t i = 0; i < N_ROWS; i++)
                if (*rows[i].fallback || rows[i].kind == KIND_TEXT)
                        if (rows[i].kind != KIND_LIST)
                                (void)set(a, s, &rows[i], rows[i].fallback, NULL);
}

static int from_environment(struct arena *a, struct settings *s, const struct command *c, struct err *reterr)
{
        for (size_t i = 0; i < N_ROWS; i++) {
                char name[64] = "SUYUAN_";
                size_t n = strlen(name);
                for (const char *p = rows[i].field; *p && n < sizeof name - 1; p++)
                        name[n++] = (char)toupper((unsigned char)*p);
                const char *value = takes(&rows[i], c) ? getenv(name) : NULL;
                if (value && set(a, s, &rows[i], value, reterr) < 0)
                        return -1;
        }
        return 0;
}

static int from_line(struct arena *a, struct settings *s, const struct command *c, char *line, struct err *reterr)
{
        struct str rest = str_trim(str_of(line)), key;
        if (!rest.n || rest.p[0] == '#')
                return 0;
        if (!memchr(rest.p, '=', rest.n))
                return err_set(reterr, ERR_BAD_INPUT, "a line is not key = value: %.60s", line);
        (void)str_split(&rest, '=', &key);
        key = str_trim(key);
        rest = str_trim(rest);
        static const struct command any = { .name = "serve" };  /* the file may hold what only other commands take */
        const struct option_row *r = find(key, &any, NULL);
        r = r ? r : find(key, c, reterr);
        if (!r)
                return err_while(reterr, "reading the configuration file");
        if (!takes(r, c))
                return 0;
        return set(a, s, r, arena_cstr(a, rest), reterr);
}

/* DIR/suyuan.conf where it stands, or --config, which must stand. */
static int from_file(struct arena *a, struct settings *s, const struct command *c, struct err *reterr)
{
        char path[4096];
        bool named = s->config && *s->config;
        snprintf(path, sizeof path, named ? "%s" : "%s/suyuan.conf", named ? s->config : s->data);
        FILE *f = fopen(path, "re");
        if (!f)
                return named ? err_set(reterr, ERR_BAD_INPUT, "cannot read %s: %s", path, strerror(errno)) : 0;
        char *line = NULL;
        size_t cap = 0;
        int rc = 0;
        while (rc == 0 && getline(&line, &cap, f) >= 0)
                rc = from_line(a, s, c, line, reterr);
        free(line);
        fclose(f);
        return rc;
}

/* The only short one, which everybody writes without thinking: -o FILE. */
static bool is_output(const char *word, const struct command *c)
{
        for (size_t i = 0; i < N_ROWS; i++)
                if (strcmp(rows[i].flag, "output") == 0)
                        return strcmp(word, "-o") == 0 && takes(&rows[i], c);
        return false;
}

/* One flag at argv[i]: --name value, --name=value, --switch.  Returns how many words it took, -1 on failure. */
static int flag_at(struct arena *a, struct settings *s, const struct command *c, int argc, char **argv, int i, struct err *reterr)
{
        struct str rest = argv[i][1] == '-' ? str_of(argv[i] + 2) : STR("output"), name;
        bool joined = memchr(rest.p, '=', rest.n);
        (void)str_split(&rest, '=', &name);
        const struct option_row *r = find(name, c, reterr);
        if (!r)
                return -1;
        if (joined)
                return set(a, s, r, rest.p ? rest.p : "", reterr) < 0 ? -1 : 1;
        if (r->kind == KIND_SWITCH)
                return set(a, s, r, "yes", reterr) < 0 ? -1 : 1;
        if (i + 1 >= argc)
                return err_set(reterr, ERR_BAD_INPUT, "--%s wants a value: %s", r->flag, r->metavar);
        return set(a, s, r, argv[i + 1], reterr) < 0 ? -1 : 2;
}

static int from_flags(struct arena *a, struct settings *s, const struct command *c, int argc, char **argv, char **ret_operands, int *ret_n, struct err *reterr)
{
        bool only_operands = false;
        *ret_n = 0;
        for (int i = 0; i < argc;) {
                if (!only_operands && str_is(str_of(argv[i]), "--")) {
                        only_operands = true;
                        i++;
                } else if (!only_operands && argv[i][0] == '-' && (argv[i][1] == '-' || is_output(argv[i], c))) {
                        int took = flag_at(a, s, c, argc, argv, i, reterr);
                        if (took < 0)
                                return -1;
                        i += took;
                } else {
                        ret_operands[(*ret_n)++] = argv[i++];
                }
        }
        return 0;
}

static void forget_lists(struct settings *s)
{
        for (size_t i = 0; i < N_ROWS; i++)
                if (rows[i].kind == KIND_LIST)
                        ((struct option_list *)(void *)((char *)s + rows[i].offset))->n = 0;
}

/* The flags are read twice: first for --data and --config, which say where the file is, then over it. */
int options_read(struct arena *a, const struct command *c, int argc, char **argv, struct settings *ret,
                 char **ret_operands, int *ret_n, struct err *reterr)
{
        set_defaults(a, ret);
        if (from_environment(a, ret, c, reterr) < 0 || from_flags(a, ret, c, argc, argv, ret_operands, ret_n, reterr) < 0)
                return -1;
        forget_lists(ret);
        if (from_file(a, ret, c, reterr) < 0 || from_environment(a, ret, c, reterr) < 0)
                return -1;
        forget_lists(ret);
        if (from_flags(a, ret, c, argc, argv, ret_operands, ret_n, reterr) < 0)
                return -1;
        if (*ret_n < c->min_operands || (c->max_operands >= 0 && *ret_n > c->max_operands))
                return err_set(reterr, ERR_BAD_INPUT, "usage: suyuan %s %s", c->name, c->operands);
        return 0;
}

void options_print(const struct command *c, FILE *out)
{
        for (size_t i = 0; i < N_ROWS; i++) {
                const struct option_row *r = &rows[i];
                if (!takes(r, c))
                        continue;
                fprintf(out, "  --%s %-*s %s", r->flag, (int)(20 - strlen(r->flag)), r->metavar, r->help);
                if (*r->fallback)
                        fprintf(out, " [%s]", r->fallback);
                fputc('\n', out);
        }
}
