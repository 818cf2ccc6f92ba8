#include "farm/rules/rules_impl.h"

/* A substance that is banned or restricted for the crop on the day of use, or banned on the day of purchase; and a use that the label does not allow at all. */

enum { TOXIC_FROM_DAY = 17318 };        /* 2017-06-01 */
static const struct { const char *name; enum confidence confidence; const char *source; } toxic[] = {
#define TOXIC(name, confidence, source) { name, CONFIDENCE_##confidence, source },
#include "farm/rules/toxic.def"
};
static const char *const toxic_scopes[] = { "蔬菜", "瓜果", "茶叶", "菌类", "中草药材", "水生植物" };

struct banned { struct judging *j; const struct fact *fact; struct said name; struct str substance; bool purchase, toxic; };

/* Of one at least: a crop is excepted by a row's exceptions alone. */
static struct said list_said(struct judging *j, const struct str *list, size_t n)
{
        struct str s = list[0];
        for (size_t i = 1; i < n; i++)
                s = arena_printf(j->arena, "%.*s、%.*s", STR_ARG(s), STR_ARG(list[i]));
        return said_same(s);
}

static enum words words_of(const struct banned *b, const struct ban *ban)
{
        if (b->purchase)
                return SAY_BANNED_PURCHASE;
        if (b->fact->seq)
                return ban->all ? SAY_BANNED_USE : SAY_BANNED_USE_ON;
        return ban->all ? SAY_BANNED_MAY_NOT : SAY_BANNED_MAY_NOT_ON;
}

static struct finding *say(const struct banned *b, const struct ban *ban, enum severity s, enum words w, struct said more)
{
        struct judging *j = b->j;
        struct said basis = basis_said(j, BASIS_TABLE, ban->source, ban->confidence);
        if (b->toxic)
                basis = said(j, SAY_TOXIC_BASIS, SAID_ARGS(basis));
        return tell(j, &rule_banned_input, s, b->fact, key_seq_text(j, b->fact, b->substance), w,
                    SAID_ARGS(b->name, said_same(b->substance), said_day(j, b->fact->day), said_day(j, ban->from_day), basis, crop_said(j), more));
}

/* How strongly one row speaks: only the strongest of a substance's rows is told. */
static int strength(const struct banned *b, const struct ban *ban, enum ban_holds h)
{
        bool crop_missing = h == BAN_NOT && ban->n_scopes && !b->purchase && !b->j->season->n_crop_categories && (!ban->from_day || b->fact->day >= ban->from_day) &&
                            (!ban->to_day || b->fact->day <= ban->to_day);
        return h == BAN_HOLDS ? 10 + (int)ban->confidence : h == BAN_EXCEPTED ? 3 : h == BAN_CONDITION ? 2 : crop_missing ? 1 : 0;
}

static void tell_ban(const struct banned *b, const struct ban *ban, int strength_of)
{
        if (strength_of > 10 + CONFIDENCE_LOW)
                say(b, ban, SEVERITY_BLOCKS, words_of(b, ban), said_same(STR_NONE));
        else if (strength_of == 10 + CONFIDENCE_LOW)
                say(b, ban, SEVERITY_INFORMS, SAY_BANNED_UNSURE, said_same(STR_NONE))->unsure = true;
        else if (strength_of == 3)
                say(b, ban, SEVERITY_INFORMS, SAY_BANNED_EXCEPTED, list_said(b->j, ban->except, ban->n_except))->unsure = true;
        else if (strength_of == 2)
                say(b, ban, SEVERITY_INFORMS, SAY_BANNED_CONDITION, said_same(ban->condition));
        else
                say(b, ban, SEVERITY_INFORMS, SAY_BANNED_CROP_UNKNOWN, said_same(STR_NONE))->unsure = true;
}

/* Article 34, as a row that nobody has to import. */
static bool judge_toxic(struct banned *b)
{
        struct str scopes[sizeof toxic_scopes / sizeof *toxic_scopes];
        struct ban row = { .substance = b->substance, .restricted = true, .scopes = scopes, .from_day = TOXIC_FROM_DAY };
        for (; row.n_scopes < sizeof scopes / sizeof *scopes; row.n_scopes++)
                scopes[row.n_scopes] = str_of(toxic_scopes[row.n_scopes]);
        for (size_t i = 0; i < sizeof toxic / sizeof *toxic && !b->purchase; i++)
                if (str_is(b->substance, toxic[i].name) && ban_judge(&row, b->j->season->crop_categories, b->j->season->n_crop_categories, b->fact->day) == BAN_HOLDS) {
                        row.confidence = toxic[i].confidence;
                        row.source = str_of(toxic[i].source);
                        b->toxic = true;
                        tell_ban(b, &row, 10 + (int)row.confidence);
                        b->toxic = false;
                        return true;
                }
        return false;
}

static void judge_substance(struct banned *b, struct str ingredient)
{
        struct judging *j = b->j;
        const struct ban *list, *worst = NULL;
        size_t n = regulation_bans(j->regulation, ingredient, &list);
        int most = 0;
        b->substance = n ? list[0].substance : regulation_substance(j->regulation, ingredient);
        for (size_t i = 0; i < n; i++) {
                enum ban_holds h = ban_judge(&list[i], b->purchase ? NULL : j->season->crop_categories, b->purchase ? 0 : j->season->n_crop_categories, b->fact->day);
                int s = strength(b, &list[i], h);
                if (s > most) {
                        most = s;
                        worst = &list[i];
                }
        }
        if (most > 10 + CONFIDENCE_LOW || !judge_toxic(b))
                if (most)
                        tell_ban(b, worst, most);
}

/* A label that names crops, and not this one. */
static void judge_label(struct judging *j, const struct use *u)
{
        bool others = u->input && u->input->n_labels && !u->label && j->season->n_crop_categories;
        if (!others)
                return;
        bool for_all = u->input->interval_days >= 0 || u->fact->interval_days >= 0;     /* it says something for every crop: then its list may not be whole */
        tell(j, &rule_banned_input, for_all ? SEVERITY_INFORMS : SEVERITY_BLOCKS, u->fact, key_seq_text(j, u->fact, STR("label")), SAY_NOT_ON_LABEL,
             SAID_ARGS(u->name, crop_said(j), said_day(j, u->fact->day)));
}

static void judge_purchase(struct judging *j, const struct fact *f)
{
        const struct input_facts *input = input_of(j, f);
        const struct str *list = f->n_ingredients || !input ? f->ingredients : input->ingredients;
        size_t n = f->n_ingredients || !input ? f->n_ingredients : input->n_ingredients;
        struct banned b = { .j = j, .fact = f, .name = input_said(j, f, input), .purchase = true };
        for (size_t i = 0; i < n; i++)
                judge_substance(&b, list[i]);
}

void judge_banned_input(struct judging *j)
{
        for (size_t i = 0; i < j->season->n; i++)
                if (j->season->acts[i].act == ACT_RECEIVE_INPUT && !j->season->acts[i].wrong)
                        judge_purchase(j, &j->season->acts[i]);
        for (size_t i = 0; i < j->n_uses; i++) {
                struct banned b = { .j = j, .fact = j->uses[i].fact, .name = j->uses[i].name };
                for (size_t k = 0; k < j->uses[i].n_ingredients; k++)
                        judge_substance(&b, j->uses[i].ingredients[k]);
                judge_label(j, &j->uses[i]);
        }
}
