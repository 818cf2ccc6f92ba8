#include <stdlib.h>

#include "farm/rules/rules_impl.h"

/* What came onto the crop as a pesticide, and which interval holds for it.  The label wins over every table: as the event states it, else as the input's label does for
 * crop and target, else for all crops; only then the dated table. */

static int by_canonical(const void *key, const void *one)
{
        return str_cmp(*(const struct str *)key, ((const struct input_facts *)one)->canonical);
}

static const struct input_facts *input_named(const struct judging *j, struct str canonical)
{
        return canonical.n && j->n_inputs ? bsearch(&canonical, j->inputs, j->n_inputs, sizeof *j->inputs, by_canonical) : NULL;
}

const struct input_facts *input_of(const struct judging *j, const struct fact *f)
{
        const struct input_facts *x = input_named(j, f->input);
        for (size_t i = 0; i < f->n_in && !x; i++)
                x = input_named(j, f->in[i].good);
        return x;
}

struct said input_said(struct judging *j, const struct fact *f, const struct input_facts *input)
{
        struct str s = input && input->name.n ? input->name : f->n_ingredients ? f->ingredients[0] : f->registration.n ? f->registration : f->input.n ? f->input :
                       f->n_in && f->in[0].lot.n ? f->in[0].lot : STR_NONE;
        return s.n ? said_same(s) : said(j, SAY_NO_NAME, NULL, 0);
}

static bool is_something_else(const struct input_facts *x)
{
        return (str_is(x->category, "fertiliser") || str_is(x->category, "seed") || str_is(x->category, "feed")) && x->interval_days < 0;
}

/* A spray is a pesticide's unless its input is known as something else; other acts only when it is known as one. */
static bool is_pesticide(const struct fact *f, const struct input_facts *input)
{
        if (f->wrong)
                return false;
        if (f->act == ACT_SPRAY)
                return !input || f->interval_days >= 0 || !is_something_else(input);
        return (f->act == ACT_FERTILISE || f->act == ACT_IRRIGATE || f->act == ACT_SOW || f->act == ACT_TRANSPLANT) && input && str_is(input->category, "pesticide");
}

static int label_rank(const struct judging *j, const struct input_label *l)
{
        for (size_t i = 0; i < j->season->n_crop_categories; i++)
                if (same_crop(l->crop, j->season->crop_categories[i]))
                        return (int)i;
        return -1;
}

/* Of the labels of the narrowest name of the crop those that name the target before others; of several the longest interval. */
static bool better_label(const struct input_label *l, int rank, const struct input_label *than, int than_rank, struct str target)
{
        if (!than || rank != than_rank)
                return !than || rank < than_rank;
        bool names = names_target(l->target, target), named = names_target(than->target, target);
        return names != named ? names : l->interval_days > than->interval_days;
}

static const struct input_label *label_of(const struct judging *j, const struct input_facts *input, struct str target)
{
        const struct input_label *best = NULL;
        int best_rank = 0;
        for (size_t i = 0; input && i < input->n_labels; i++) {
                int rank = label_rank(j, &input->labels[i]);
                if (rank < 0 || !better_label(&input->labels[i], rank, best, best_rank, target))
                        continue;
                best = &input->labels[i];
                best_rank = rank;
        }
        return best;
}

static void take_days(struct use *u, enum basis b, int days)
{
        u->basis = b;
        u->days = u->days_upper = days;
}

/* The longest of its ingredients' rows.  What is surely so comes from rows of more than low confidence alone; an ingredient without a row makes all of it unsure. */
static void from_table(const struct judging *j, struct use *u)
{
        for (size_t i = 0; i < u->n_ingredients; i++) {
                const struct interval *x = regulation_interval(j->regulation, u->ingredients[i], j->season->crop_categories, j->season->n_crop_categories, u->fact->target, u->fact->day);
                u->unsure |= !x || x->confidence == CONFIDENCE_LOW;
                if (!x)
                        continue;
                int upper = x->days_upper > x->days ? x->days_upper : x->days;
                if (x->confidence > CONFIDENCE_LOW && x->days > u->days)
                        u->days = x->days;
                if (u->basis == BASIS_TABLE && upper <= u->days_upper)
                        continue;
                u->basis = BASIS_TABLE;
                u->days_upper = upper;
                u->confidence = x->confidence;
                u->source = x->source;
        }
}

static void find_interval(const struct judging *j, struct use *u)
{
        if (u->fact->interval_days >= 0)
                take_days(u, BASIS_RECORD, u->fact->interval_days);
        else if (u->label && u->label->interval_days >= 0)
                take_days(u, BASIS_LABEL, u->label->interval_days);
        else if (u->input && u->input->interval_days >= 0)
                take_days(u, BASIS_LABEL, u->input->interval_days);
        else
                from_table(j, u);
}

void uses_find(struct judging *j)
{
        struct use *list = arena_array(j->arena, struct use, j->season->n + 1);
        size_t n = 0;
        for (size_t i = 0; i < j->season->n; i++) {
                const struct fact *f = &j->season->acts[i];
                const struct input_facts *input = input_of(j, f);
                if (!is_pesticide(f, input))
                        continue;
                struct use *u = &list[n++];
                *u = (struct use){ .fact = f, .input = input, .label = label_of(j, input, f->target), .name = input_said(j, f, input), .ingredients = f->ingredients,
                                   .n_ingredients = f->n_ingredients };
                if (!u->n_ingredients && input) {
                        u->ingredients = input->ingredients;
                        u->n_ingredients = input->n_ingredients;
                }
                find_interval(j, u);
        }
        j->uses = list;
        j->n_uses = n;
}
