#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/options.h"

/* Options from one list, laid over each other: default, file, environment, flag.  And the page that tells of them. */

static const struct command serve = { .name = "serve", .operands = "", .min_operands = 0, .max_operands = 0 };
static const struct command import = { .name = "import", .operands = "FILE…", .min_operands = 1, .max_operands = -1 };

struct world { struct arena *a; char dir[40], conf[60]; struct settings s; struct err e; char *operands[20]; int n; };

static int open_world(void **state)
{
        struct world *w = calloc(1, sizeof *w);

        w->a = arena_new();
        snprintf(w->dir, sizeof w->dir, "/tmp/suyuan-options-XXXXXX");
        assert_non_null(mkdtemp(w->dir));
        snprintf(w->conf, sizeof w->conf, "%s/suyuan.conf", w->dir);
        unsetenv("SUYUAN_WORKERS");
        unsetenv("SUYUAN_DATA");
        *state = w;
        return 0;
}

static int close_world(void **state)
{
        struct world *w = *state;

        unlink(w->conf);
        rmdir(w->dir);
        arena_free(w->a);
        free(w);
        return 0;
}

static int read_options(struct world *w, const struct command *c, const char *const *words)
{
        char *argv[20];
        int argc = 0;

        for (; words[argc]; argc++)
                argv[argc] = (char *)(uintptr_t)words[argc];
        w->e = (struct err){ 0 };
        return options_read(w->a, c, argc, argv, &w->s, w->operands, &w->n, &w->e);
}
#define READ(w, c, ...) read_options(w, c, (const char *const[]){ __VA_ARGS__, NULL })

static void write_conf(const struct world *w, const char *text)
{
        FILE *f = fopen(w->conf, "w");

        assert_non_null(f);
        fputs(text, f);
        fclose(f);
}

static void defaults_hold_until_something_is_said(void **state)
{
        struct world *w = *state;

        assert_int_equal(READ(w, &serve, "--data", w->dir), 0);
        assert_string_equal(w->s.listen, "127.0.0.1:8080");
        assert_int_equal(w->s.workers, 4);
        assert_false(w->s.open);
        assert_int_equal(w->s.origin.n, 0);
}

static void flag_beats_environment_beats_file_beats_default(void **state)
{
        struct world *w = *state;

        write_conf(w, "# a comment\n\n workers = 7 \nopen=yes\n");
        assert_int_equal(READ(w, &serve, "--data", w->dir), 0);
        assert_int_equal(w->s.workers, 7);
        assert_true(w->s.open);
        setenv("SUYUAN_WORKERS", "8", 1);
        assert_int_equal(READ(w, &serve, "--data", w->dir), 0);
        assert_int_equal(w->s.workers, 8);
        assert_int_equal(READ(w, &serve, "--data", w->dir, "--workers=9"), 0);
        assert_int_equal(w->s.workers, 9);
}

static void the_file_may_be_elsewhere_but_then_it_must_be_there(void **state)
{
        struct world *w = *state;

        write_conf(w, "workers = 7\n");
        assert_int_equal(READ(w, &serve, "--data", "/nowhere", "--config", w->conf), 0);
        assert_int_equal(w->s.workers, 7);
        assert_int_equal(READ(w, &serve, "--data", w->dir, "--config", "/nowhere/suyuan.conf"), -1);
}

static void what_nobody_knows_is_told_with_what_was_probably_meant(void **state)
{
        struct world *w = *state;

        assert_int_equal(READ(w, &serve, "--data", w->dir, "--workres", "2"), -1);
        assert_non_null(strstr(w->e.detail, "'workers'"));
        assert_int_equal(READ(w, &serve, "--data", w->dir, "--proceed"), -1);   /* another command's */
        write_conf(w, "workres = 2\n");
        assert_int_equal(READ(w, &serve, "--data", w->dir), -1);
        assert_non_null(strstr(w->e.detail, "'workers'"));
        write_conf(w, "no sign of equality\n");
        assert_int_equal(READ(w, &serve, "--data", w->dir), -1);
        write_conf(w, "");
        assert_int_equal(READ(w, &serve, "--data", w->dir, "--workers", "many"), -1);
        assert_int_equal(READ(w, &serve, "--data", w->dir, "--workers", "-1"), -1);
        assert_int_equal(READ(w, &serve, "--data", w->dir, "--workers"), -1);
}

static void operands_are_counted_and_kept_in_order(void **state)
{
        struct world *w = *state;

        assert_int_equal(READ(w, &import, "a", "--data", w->dir, "b", "--", "--c"), 0);
        assert_int_equal(w->n, 3);
        assert_string_equal(w->operands[0], "a");
        assert_string_equal(w->operands[1], "b");
        assert_string_equal(w->operands[2], "--c");
        assert_int_equal(READ(w, &import, "--data", w->dir), -1);
        assert_int_equal(READ(w, &serve, "--data", w->dir, "a"), -1);
}

struct row { const char *field, *flag, *fallback, *commands, *metavar, *help; };
static const struct row rows[] = {
#define OPTION(field, flag, kind, def, commands, metavar, help) { #field, flag, def, commands, metavar, help },
#include "app/options.def"
#undef OPTION
};

static void the_page_tells_every_option_as_it_is(void **state)
{
        static char doc[64 * 1024];
        char want[1000], name[64];
        int told = 0;
        FILE *f = fopen(SOURCE_ROOT "/docs/ref/options.md", "r");

        (void)state;
        assert_non_null(f);
        doc[fread(doc, 1, sizeof doc - 1, f)] = '\0';
        fclose(f);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const struct row *r = &rows[i];
                snprintf(name, sizeof name, "%s", r->field);
                for (char *p = name; *p; p++)
                        *p = (char)toupper((unsigned char)*p);
                snprintf(want, sizeof want, "\n| `--%s%s%s` | `SUYUAN_%s` | %s%s%s | %s | %s |\n", r->flag, *r->metavar ? " " : "", r->metavar, name,
                         *r->fallback ? "`" : "", r->fallback, *r->fallback ? "`" : "", r->commands, r->help);
                if (!strstr(doc, want))
                        fail_msg("docs/ref/options.md lacks the row%s", want);
        }
        for (const char *p = doc; (p = strstr(p, "\n| `--")); p++)
                told++;
        assert_int_equal(told, sizeof rows / sizeof *rows);
}

static void the_output_file_has_a_short_flag_where_there_is_one(void **state)
{
        static const struct command label = { .name = "label", .operands = "ITEM", .min_operands = 1, .max_operands = 1 };
        struct world *w = *state;

        assert_int_equal(READ(w, &label, "--data", w->dir, "-o", "a.pdf", "/lot/farm/A1"), 0);
        assert_string_equal(w->s.output, "a.pdf");
        assert_int_equal(w->n, 1);
        assert_string_equal(w->operands[0], "/lot/farm/A1");
        assert_int_equal(READ(w, &label, "--data", w->dir, "/lot/farm/A1", "-o"), -1);
        assert_int_equal(READ(w, &import, "--data", w->dir, "-o", "a.pdf"), 0);         /* it takes none: an operand, as before */
        assert_int_equal(w->n, 2);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(defaults_hold_until_something_is_said),
                T(flag_beats_environment_beats_file_beats_default),
                T(the_file_may_be_elsewhere_but_then_it_must_be_there),
                T(what_nobody_knows_is_told_with_what_was_probably_meant),
                T(operands_are_counted_and_kept_in_order),
                T(the_output_file_has_a_short_flag_where_there_is_one),
                T(the_page_tells_every_option_as_it_is),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
