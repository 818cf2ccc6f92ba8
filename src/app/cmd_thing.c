#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/ask.h"
#include "app/input.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

/* Master data of a farm as its API has it (docs/ref/things.md): told, and taken in and out as spreadsheets. */

static const char USAGE[] = "用法 / usage: suyuan thing list KIND | show KIND CODE | export KIND | import KIND FILE";

/* "plot", "place" or "places": the word of the API's path; NULL for none of ours. */
static const char *kind_word(const char *given)
{
        static const struct { const char *one, *word; } kinds[] = {
                { "place", "places" }, { "plot", "places" }, { "product", "products" }, { "input", "inputs" }, { "crop", "crops" }, { "partner", "partners" },
        };
        size_t n = strlen(given);
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
                if (!strncmp(given, kinds[i].one, n) && strlen(kinds[i].one) == n)
                        return kinds[i].word;
                else if (n && given[n - 1] == 's' && strlen(kinds[i].one) == n - 1 && !strncmp(given, kinds[i].one, n - 1))
                        return kinds[i].word;
        return NULL;
}

static const char *org_of(const struct settings *s)
{
        return *s->org ? s->org : "default";
}

static void add_escaped(struct buf *b, const char *before, struct str value)
{
        buf_z(b, before);
        percent_encode(b, value, "");
}

/* ---- telling ---- */

static struct str text_or_json(struct arena *a, const struct json *v)
{
        struct buf b = { .max = 1 << 20 };
        if (json_is(v, JSON_STRING))
                return json_text(v);
        json_write(&b, v);
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

/* One page; the code of the last one, empty when it was the last page. */
static int list_page(const struct settings *s, struct arena *a, const char *word, struct str after, struct str *ret_last, struct err *reterr)
{
        enum { A_PAGE = 1000 };
        struct buf path = { .max = 4096 };
        struct str answer;
        const struct json *j;
        buf_printf(&path, "/api/%s?perPage=%d", word, A_PAGE);
        add_escaped(&path, "&org=", str_of(org_of(s)));
        if (after.n)
                add_escaped(&path, "&after=", after);
        int rc = ask_api(s, a, "GET", path.p, STR_NONE, &answer, reterr);
        buf_free(&path);
        if (rc < 0 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return -1;
        const struct json *list = json_get(j, word);
        uint32_t n = json_is(list, JSON_ARRAY) ? list->n : 0;
        for (uint32_t i = 0; i < n; i++) {
                struct str code = json_str(&list->items[i], "code"), name = json_str(&list->items[i], "name");
                printf("%.*s\t%.*s\n", STR_ARG(code), (int)name.n, name.p ? name.p : "");
                *ret_last = code;
        }
        if (n < A_PAGE)
                *ret_last = STR_NONE;
        return 0;
}

static int list(const struct settings *s, struct arena *a, const char *word, struct err *reterr)
{
        struct str after = STR_NONE;
        do {
                if (list_page(s, a, word, after, &after, reterr) < 0)
                        return EXIT_REFUSED;
        } while (after.n);
        return EXIT_OK;
}

static int show(const struct settings *s, struct arena *a, const char *word, const char *code, struct err *reterr)
{
        struct buf path = { .max = 4096 };
        struct str answer;
        const struct json *j;
        buf_printf(&path, "/api/%s", word);
        add_escaped(&path, "/", str_of(org_of(s)));
        add_escaped(&path, "/", str_of(code));
        int rc = ask_api(s, a, "GET", path.p, STR_NONE, &answer, reterr);
        buf_free(&path);
        if (rc < 0 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return EXIT_REFUSED;
        for (uint32_t i = 0; json_is(j, JSON_OBJECT) && i < j->n; i++) {
                struct str value = text_or_json(a, &j->members[i].value);
                printf("%.*s\t%.*s\n", STR_ARG(j->members[i].name), STR_ARG(value));
        }
        return EXIT_OK;
}

/* ---- tables ---- */

static bool is_xlsx(const char *name)
{
        size_t n = strlen(name);
        return n >= 5 && !strcasecmp(name + n - 5, ".xlsx");
}

static int write_out(const struct settings *s, struct str bytes, struct err *reterr)
{
        bool file = *s->output != '\0';
        FILE *f = file ? fopen(s->output, "we") : stdout;
        bool good = f && fwrite(bytes.p ? bytes.p : "", 1, bytes.n, f) == bytes.n;
        if (f && (file ? fclose(f) : fflush(f)) != 0)
                good = false;
        return good ? 0 : err_set(reterr, ERR_STORE, "cannot write %s: %s", file ? s->output : "standard output", strerror(errno));
}

static int export(const struct settings *s, struct arena *a, const char *word, struct err *reterr)
{
        struct buf path = { .max = 4096 };
        struct str answer;
        bool xlsx = *s->format ? !strcmp(s->format, "xlsx") : is_xlsx(s->output);
        if (*s->format && !xlsx && strcmp(s->format, "csv") != 0)
                return err_set(reterr, ERR_BAD_INPUT, "--format is csv or xlsx"), EXIT_USAGE;
        if (xlsx && !*s->output && isatty(STDOUT_FILENO))
                return err_set(reterr, ERR_BAD_INPUT, "a workbook is no text for a terminal: give --output FILE"), EXIT_USAGE;
        buf_printf(&path, "/api/%s.%s", word, xlsx ? "xlsx" : "csv");
        add_escaped(&path, "?org=", str_of(org_of(s)));
        add_escaped(&path, "&l=", str_of(s->lang));
        int rc = ask_api(s, a, "GET", path.p, STR_NONE, &answer, reterr);
        buf_free(&path);
        return rc < 0 || write_out(s, answer, reterr) < 0 ? EXIT_REFUSED : EXIT_OK;
}

static void print_faults(const char *file, const struct json *list)
{
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
                const struct json *f = &list->items[i];
                struct str column = json_str(f, "column"), why = json_str(f, "detail");
                fprintf(stderr, "%s:%lld: %.*s%s%.*s\n", file, (long long)json_int(json_get(f, "row"), 0), (int)column.n, column.p ? column.p : "", column.n ? ": " : "", STR_ARG(why));
        }
}

static int import(const struct settings *s, struct arena *a, const char *word, const char *file, struct err *reterr)
{
        struct buf path = { .max = 4096 };
        struct str bytes, answer = STR_NONE;
        const struct json *j = NULL;
        if (input_bytes(a, file, &bytes, reterr) < 0)
                return EXIT_REFUSED;
        buf_printf(&path, "/api/%s/import", word);
        add_escaped(&path, "?org=", str_of(org_of(s)));
        buf_z(&path, s->proceed ? "&proceed=1" : "");
        int rc = ask_api_with(s, a, "POST", path.p, "application/octet-stream", bytes, &answer, reterr);
        buf_free(&path);
        if (answer.n && json_read(a, answer.p, answer.n, NULL, &j, NULL) == 0)
                print_faults(file, json_get(j, "errors"));
        if (rc < 0 || !j)
                return EXIT_REFUSED;
        long long refused = (long long)json_int(json_get(j, "refused"), 0);
        printf("%s\trows %lld\tnew %lld\tchanged %lld\tsame %lld\trefused %lld\n", file, (long long)json_int(json_get(j, "rows"), 0), (long long)json_int(json_get(j, "added"), 0),
               (long long)json_int(json_get(j, "changed"), 0), (long long)json_int(json_get(j, "same"), 0), refused);
        return refused ? err_set(reterr, ERR_BAD_INPUT, "有的行没有收下，其余已导入 / some rows were refused, the others are in"), EXIT_REFUSED : EXIT_OK;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        struct arena *a = arena_new();
        const char *word = n >= 2 ? kind_word(operands[1]) : NULL;
        int code = EXIT_USAGE;
        if (n >= 2 && !word)
                err_set(reterr, ERR_BAD_INPUT, "%.60s 不是一种主数据 / is no kind of thing: place (plot), product, input, crop, partner", operands[1]);
        else if (n == 2 && !strcmp(operands[0], "list"))
                code = list(s, a, word, reterr);
        else if (n == 3 && !strcmp(operands[0], "show"))
                code = show(s, a, word, operands[2], reterr);
        else if (n == 2 && !strcmp(operands[0], "export"))
                code = export(s, a, word, reterr);
        else if (n == 3 && !strcmp(operands[0], "import"))
                code = import(s, a, word, operands[2], reterr);
        else
                err_set(reterr, ERR_BAD_INPUT, "%s", USAGE);
        arena_free(a);
        return code;
}

const struct command command_thing = {
        .name = "thing", .operands = "list KIND | show KIND CODE | export KIND | import KIND FILE", .min_operands = 2, .max_operands = 3,
        .about = "主数据：地块、产品、投入品、作物、往来单位 / places, products, inputs, crops, partners",
        .help = "Works while a server runs.  KIND is place (plot is the same), product, input, crop or partner; --org is whose they are.  `list` prints code and name, `show` every member.\n"
                "`export` writes a table with headings in --lang, CSV or, with --format xlsx or an output named .xlsx, a workbook.  `import` takes such a table, CSV in UTF-8 or XLSX; columns\n"
                "follow the headings (docs/ref/things.md).  A faulty row refuses all of them, or with --proceed itself alone; each is told with its row and column, and the exit code is 1.\n\n"
                "  suyuan thing export plot --org lotus --output plots.xlsx\n"
                "  suyuan thing import input inputs.csv --org lotus",
        .run = run,
};
