#include "farm/rule.h"

#include <stdio.h>

#include "base/test.h"

/* What is written for people and the list of rules must not part. */

static char text[64 * 1024];

static void every_rule_has_its_section(void **state)
{
        size_t sections = 0;
        FILE *f = fopen(SOURCE_ROOT "/docs/ref/rules.md", "r");
        (void)state;
        assert_non_null(f);
        size_t n = fread(text, 1, sizeof text - 1, f);
        fclose(f);
        text[n] = '\0';
        for (size_t i = 0; i < n_rules; i++) {
                char head[200];
                snprintf(head, sizeof head, "\n### `%s`\n\n%s. ", rules[i]->name, rules[i]->title[LANG_HANS]);
                if (!strstr(text, head))
                        fail_msg("docs/ref/rules.md lacks a section '### `%s`' that begins '%s. '", rules[i]->name, rules[i]->title[LANG_HANS]);
        }
        for (const char *p = text; (p = strstr(p, "\n### `")); p++)
                sections++;
        assert_int_equal(sections, n_rules);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(every_rule_has_its_section) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
