#include <stdio.h>
#include <string.h>

#include "app/ask.h"
#include "app/input.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"

/* The dated tables that the farm's rules judge by.  Goes through the running server, or writes itself. */

static long long number(const struct json *j, const char *name)
{
        return (long long)json_int(json_get(j, name), 0);
}

static void print_refused(const char *file, const struct json *list)
{
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
                struct str why = json_str(&list->items[i], "detail");
                fprintf(stderr, "%s:%lld: %.*s\n", file, number(&list->items[i], "line"), STR_ARG(why));
        }
}

static const char *base_name(const char *path)
{
        const char *slash = strrchr(path, '/');
        return slash ? slash + 1 : path;
}

/* 1: some rows were refused. */
static int import_one(const struct settings *s, struct arena *a, const char *file, struct err *reterr)
{
        struct buf b = { .max = (size_t)LIMIT_BODY_BYTES * 6 };
        struct str bytes, answer;
        const struct json *j;
        if (input_bytes(a, file, &bytes, reterr) < 0)
                return -1;
        if (!utf8_valid(bytes))
                return err_set(reterr, ERR_BAD_INPUT, "%.200s: 请用 UTF-8 编码保存 / save it as UTF-8", file);
        buf_z(&b, "{\"file\":");
        json_write_str(&b, str_of(base_name(file)));
        buf_z(&b, ",\"csv\":");
        json_write_str(&b, bytes);
        buf_char(&b, '}');
        int rc = ask_api(s, a, "POST", "/api/regulation", buf_view(&b), &answer, reterr);
        buf_free(&b);
        if (rc < 0 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return err_while(reterr, "%.200s", file);
        const struct json *refused = json_get(j, "refused");
        size_t n = (refused ? refused->n : 0) + (size_t)number(j, "untold");
        struct str kind = json_str(j, "kind");
        print_refused(file, refused);
        printf("%s\t%.*s\tread %lld\tnew %lld\tchanged %lld\trefused %zu\n", file, STR_ARG(kind), number(j, "read"), number(j, "new"), number(j, "changed"), n);
        return n > 0;
}

static int import(const struct settings *s, struct arena *a, char **files, int n, struct err *reterr)
{
        bool refused = false;
        for (int i = 0; i < n; i++) {
                int rc = import_one(s, a, files[i], reterr);
                if (rc < 0)
                        return EXIT_REFUSED;
                refused |= rc == 1;
        }
        return refused ? err_set(reterr, ERR_BAD_INPUT, "有的行没有收下，其余已导入 / some rows were refused, the others are in"), EXIT_REFUSED : EXIT_OK;
}

static int list(const struct settings *s, struct arena *a, struct err *reterr)
{
        struct str answer;
        const struct json *j;
        if (ask_api(s, a, "GET", "/api/regulation?kind=ban&substance=-", STR_NONE, &answer, reterr) < 0 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return EXIT_REFUSED;
        const struct json *imports = json_get(j, "imports");
        for (uint32_t i = 0; imports && i < imports->n; i++) {
                const struct json *x = &imports->items[i];
                struct str kind = json_str(x, "kind"), file = json_str(x, "file"), at = json_str(x, "importedAt"), by = json_str(x, "by"), hash = json_str(x, "sha256");
                printf("%lld\t%.*s\t%.*s\t%lld\t%.*s\t%.*s\t%.*s\n", number(x, "n"), STR_ARG(kind), STR_ARG(file), number(x, "rows"), STR_ARG(at), STR_ARG(by), STR_ARG(hash));
        }
        return EXIT_OK;
}

static void parameter(struct buf *path, const char *name, const char *value)
{
        if (!*value)
                return;
        buf_printf(path, "%c%s=", memchr(path->p, '?', path->n) ? '&' : '?', name);
        percent_encode(path, str_of(value), "");
}

static void print_row(const struct json *row)
{
        for (uint32_t i = 0; json_is(row, JSON_OBJECT) && i < row->n; i++) {
                struct str value = json_text(&row->members[i].value);
                if (str_is(row->members[i].name, "key"))
                        continue;
                printf("%s%.*s=%.*s", i ? "\t" : "", STR_ARG(row->members[i].name), (int)value.n, value.p ? value.p : "");
        }
        putchar('\n');
}

static int show(const struct settings *s, struct arena *a, const char *substance, struct err *reterr)
{
        struct buf path = { .max = 16 * 1024 };
        struct str answer;
        const struct json *j;
        buf_z(&path, "/api/regulation");
        parameter(&path, "kind", s->kind);
        parameter(&path, "substance", substance);
        parameter(&path, "on", s->on);
        int rc = ask_api(s, a, "GET", path.p, STR_NONE, &answer, reterr);
        buf_free(&path);
        if (rc < 0 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return EXIT_REFUSED;
        const struct json *rows = json_get(j, "rows");
        for (uint32_t i = 0; rows && i < rows->n; i++)
                print_row(&rows->items[i]);
        return EXIT_OK;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        struct arena *a = arena_new();
        int code = EXIT_USAGE;
        if (n >= 2 && !strcmp(operands[0], "import"))
                code = import(s, a, operands + 1, n - 1, reterr);
        else if (n == 1 && !strcmp(operands[0], "list"))
                code = list(s, a, reterr);
        else if (n <= 2 && !strcmp(operands[0], "show"))
                code = show(s, a, n == 2 ? operands[1] : "", reterr);
        else
                err_set(reterr, ERR_BAD_INPUT, "用法 / usage: suyuan regulation import FILE… | list | show [SUBSTANCE] [--on DATE] [--kind KIND]");
        arena_free(a);
        return code;
}

const struct command command_regulation = {
        .name = "regulation", .operands = "import FILE… | list | show [SUBSTANCE]", .min_operands = 1, .max_operands = 1000,
        .about = "法规数据表：禁限用农药、安全间隔期、残留限量 / dated tables of bans, intervals before harvest and residue limits",
        .help = "Works while a server runs.  `import` takes CSV files in UTF-8; which table it is, its headings say (docs/ref/rules.md).  Each row keeps its source, confidence and\n"
                "days.  It prints rows read, new, changed and refused, the refused ones with their line, and exits 1 where there are any; the same file again changes nothing.\n"
                "`list`: number, table, file, rows, time, by whom, SHA-256 of each import.  `show`: the rows, those in force --on a day, of one --kind (ban, interval, limit).\n\n"
                "  suyuan regulation import bans.csv intervals.csv limits.csv\n"
                "  suyuan regulation show 克百威 --on 2026-06-01",
        .run = run,
};
