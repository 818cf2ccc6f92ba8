#include "farm/rule.h"

#include <stdlib.h>

#include "farm/rules/rules_impl.h"

/* The rules in their list, and judging a season by all of them. */

#define RULE(symbol, name_, hans, hant, en) const struct rule rule_##symbol = { .name = name_, .title = { hans, hant, en }, .judge = judge_##symbol };
#include "farm/rules/rules.def"
#undef RULE

const struct rule *const rules[] = {
#define RULE(symbol, ...) &rule_##symbol,
#include "farm/rules/rules.def"
#undef RULE
};
const size_t n_rules = sizeof rules / sizeof *rules;

const char *severity_name(enum severity s)
{
        return s == SEVERITY_BLOCKS ? "blocks" : s == SEVERITY_WARNS ? "warns" : "informs";
}

const struct rule *rule_of_name(struct str name)
{
        for (size_t i = 0; i < n_rules; i++)
                if (str_is(name, rules[i]->name))
                        return rules[i];
        return NULL;
}

/* By time, then number; of one record in the order of the rules, and then by key: the same facts always give the same list. */
static int by_time(const void *a, const void *b)
{
        const struct finding *x = a, *y = b;
        if (x->time_us != y->time_us)
                return x->time_us < y->time_us ? -1 : 1;
        if (x->seq != y->seq)
                return x->seq < y->seq ? -1 : 1;
        size_t i = 0, k = 0;
        while (rules[i] != x->rule)
                i++;
        while (rules[k] != y->rule)
                k++;
        return i != k ? (i > k) - (i < k) : str_cmp(x->key, y->key);
}

void season_judge(struct judging *j)
{
        j->n = 0;
        uses_find(j);
        for (size_t i = 0; i < n_rules; i++)
                rules[i]->judge(j);
        if (j->n)
                qsort(j->found, j->n, sizeof *j->found, by_time);
}
