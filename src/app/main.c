#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/options.h"
#include "base/text.h"

#ifndef SUYUAN_VERSION
#define SUYUAN_VERSION "0"
#endif

/* Fonts and their tables stay with the process: fontconfig's and cairo's own ways to give them back assert that no thread of pango's holds one
 * still, which nobody can promise.  So a build that looks for leaks is told. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libfontconfig\nleak:libcairo\nleak:libpango\n"; }

static const struct command *const commands[] = {
#define COMMAND(name) &command_##name,
#include "app/commands.def"
#undef COMMAND
};
#define N_COMMANDS (sizeof commands / sizeof *commands)

static const struct command *find(const char *name)
{
        for (size_t i = 0; i < N_COMMANDS; i++)
                if (strcmp(commands[i]->name, name) == 0)
                        return commands[i];
        return NULL;
}

static void print_overview(FILE *out)
{
        fputs("溯源 suyuan — 从种子到货架，每一步都查得到 / the whole way from seed to shelf\n\n"
              "用法 / usage: suyuan COMMAND [OPTION…] [OPERAND…]\n\n", out);
        for (size_t i = 0; i < N_COMMANDS; i++)
                fprintf(out, "  %-9s %s\n", commands[i]->name, commands[i]->about);
        fputs("\nsuyuan help COMMAND 说明一个命令 / explains a command.  退出码 / exit: 0 ok, 1 refused, 2 usage.\n"
              "选项也可写在 DIR/suyuan.conf（key = value）或环境变量 SUYUAN_KEY / options may stand in DIR/suyuan.conf or the environment too.\n", out);
}

static void print_help(const struct command *c, FILE *out)
{
        fprintf(out, "suyuan %s [OPTION…] %s\n\n%s\n", c->name, c->operands, c->about);
        if (c->help && *c->help)
                fprintf(out, "\n%s\n", c->help);
        fputs("\n选项 / options\n", out);
        options_print(c, out);
}

static int help(int argc, char **argv)
{
        if (argc < 1) {
                print_overview(stdout);
                return EXIT_OK;
        }
        const struct command *c = find(argv[0]);
        if (!c) {
                fprintf(stderr, "suyuan: no command '%s'; `suyuan help` lists them\n", argv[0]);
                return EXIT_USAGE;
        }
        print_help(c, stdout);
        return EXIT_OK;
}

static bool wants_help(int argc, char **argv)
{
        for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
                if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
                        return true;
        return false;
}

static void tell(const struct command *c, const struct err *e)
{
        if (!e->kind)
                return;
        fprintf(stderr, "suyuan %s: %s\n", c->name, e->detail[0] ? e->detail : err_title(e->kind, LANG_EN));
        if (e->line)
                fprintf(stderr, "  line %d, column %d\n", e->line, e->column);
        if (e->cause[0])
                fprintf(stderr, "  (%s)\n", e->cause);
}

static int run(const struct command *c, int argc, char **argv)
{
        struct settings s;
        struct err e = { 0 };
        struct arena *a = arena_new();
        char **operands = arena_array(a, char *, argc + 1);
        int n = 0, code = EXIT_USAGE;
        if (options_read(a, c, argc, argv, &s, operands, &n, &e) == 0)
                code = c->run(&s, operands, n, &e);
        if (code != EXIT_OK)
                tell(c, &e);
        arena_free(a);
        return code;
}

int main(int argc, char **argv)
{
        setlocale(LC_CTYPE, "C.UTF-8");
        if (argc < 2) {
                print_overview(stderr);
                return EXIT_USAGE;
        }
        if (strcmp(argv[1], "--version") == 0) {
                puts("suyuan " SUYUAN_VERSION);
                return EXIT_OK;
        }
        if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
                return help(argc - 2, argv + 2);
        const struct command *c = find(argv[1]);
        if (!c)
                return help(1, argv + 1);
        if (wants_help(argc - 2, argv + 2)) {
                print_help(c, stdout);
                return EXIT_OK;
        }
        return run(c, argc - 2, argv + 2);
}
