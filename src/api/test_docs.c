#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "base/str.h"
#include "base/text.h"

/* What is written for people and what the lists say must not part. */

static char *read_doc(const char *name)
{
        char path[1000];
        static char text[256 * 1024];

        snprintf(path, sizeof path, "%s/docs/ref/%s", SOURCE_ROOT, name);
        FILE *f = fopen(path, "r");
        assert_non_null(f);
        size_t n = fread(text, 1, sizeof text - 1, f);
        fclose(f);
        text[n] = '\0';
        return text;
}

static void every_problem_has_its_section(void **state)
{
        const char *doc = read_doc("errors.md");
        char head[200];
        int sections = 0;

        (void)state;
        for (enum err_kind k = ERR_NONE + 1; k < ERR_KINDS; k++) {
                snprintf(head, sizeof head, "\n## %s\n%d. ", err_slug(k), err_status(k));
                if (!strstr(doc, head))
                        fail_msg("docs/ref/errors.md lacks a section '## %s' that begins '%d. '", err_slug(k), err_status(k));
        }
        for (const char *p = doc; (p = strstr(p, "\n## ")); p++)
                sections++;
        assert_int_equal(sections, ERR_KINDS - 1);
}

static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "DELETE" };

static void every_route_has_its_section(void **state)
{
        const char *doc = read_doc("api.md");

        (void)state;
        for (size_t i = 0; i < api_n_routes; i++) {
                const struct route *r = api_routes[i];
                struct str pattern = str_of(r->pattern), stem = pattern;
                if (strstr(r->name, "nothing") || r->methods == METHOD_OPTIONS)
                        continue;
                if (stem.p[stem.n - 1] == '*')
                        stem.n--;
                for (int m = 0; m < 5; m++) {
                        char want[200];
                        if (!(r->methods & (1u << m)))
                                continue;
                        snprintf(want, sizeof want, "`%s %.*s%s", methods[m], STR_ARG(stem), stem.n < pattern.n ? "{" : "`");
                        if (!strstr(doc, want))
                                fail_msg("docs/ref/api.md does not tell of %s", want);
                }
        }
}

static void names_of_routes_are_unique(void **state)
{
        (void)state;
        for (size_t i = 0; i < api_n_routes; i++)
                for (size_t j = 0; j < i; j++)
                        assert_string_not_equal(api_routes[i]->name, api_routes[j]->name);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_problem_has_its_section),
                cmocka_unit_test(every_route_has_its_section),
                cmocka_unit_test(names_of_routes_are_unique),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
