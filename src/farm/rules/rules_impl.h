#ifndef SUYUAN_FARM_RULES_IMPL_H
#define SUYUAN_FARM_RULES_IMPL_H

#include "base/clock.h"
#include "farm/rule.h"

/* What several rules do alike. */

/* A rule's row (rule.c makes it) and its function, which its file has. */
#define RULE(symbol, ...) extern const struct rule rule_##symbol; void judge_##symbol(struct judging *j);
#include "farm/rules/rules.def"
#undef RULE

/* ---- words (words.def) ---- */
enum words {
#define WORDS(symbol, hans, hant, en) SAY_##symbol,
#include "farm/rules/words.def"
        WORDS_N
};
struct said { struct str in[LANGS]; };
struct said said_same(struct str s);            /* names, numbers, days: the same in all languages */
struct said said_day(struct judging *j, int day);       /* 0: "an unknown day" */
struct said said_number(struct judging *j, int64_t n);
struct said said_act(enum act k);
struct said said(struct judging *j, enum words w, const struct said *args, size_t n);
#define SAID_ARGS(...) (const struct said[]){ __VA_ARGS__ }, sizeof((const struct said[]){ __VA_ARGS__ }) / sizeof(struct said)

/* A finding with its key and words. */
struct finding *tell(struct judging *j, const struct rule *r, enum severity s, const struct fact *about, struct str key, enum words w, const struct said *args, size_t n);
struct str key_seq(struct judging *j, const struct fact *f);
struct str key_seq_text(struct judging *j, const struct fact *f, struct str text);

/* ---- uses: each act with which a pesticide came onto the crop, in order of time ---- */
enum basis { BASIS_NONE, BASIS_RECORD /* the label as the event says it */, BASIS_LABEL /* the input's label */, BASIS_TABLE };
struct use {
        const struct fact *fact;
        const struct input_facts *input;        /* NULL: not known */
        const struct input_label *label;        /* of this crop and target; NULL: none */
        struct said name;
        const struct str *ingredients;          /* of the event, else of the input */
        size_t n_ingredients;
        enum basis basis;                       /* of the interval; BASIS_NONE: not known */
        int days, days_upper;                   /* surely not before, surely from on */
        enum confidence confidence;             /* of a table's row */
        struct str source;
        bool unsure;                            /* low confidence, or an ingredient without a row */
};
void uses_find(struct judging *j);              /* fills j->uses */
const struct input_facts *input_of(const struct judging *j, const struct fact *f);
/* "the label", "GB/T 8321, confidence medium" */
struct said basis_said(struct judging *j, enum basis b, struct str source, enum confidence c);
struct said crop_said(struct judging *j);
struct said input_said(struct judging *j, const struct fact *f, const struct input_facts *input);

/* ---- amounts ---- */
enum dimension { DIM_NONE, DIM_MASS /* kg */, DIM_VOLUME /* L */, DIM_COUNT, DIM_DILUTION };
/* A unit as people and papers write it: UN/ECE codes, words of farm/units.def, with "/mu", "/亩" or "/ha", "/公顷".  `factor`: how many kg or L it is; `per_ha`: it is a
 * hectare's (15 mu).  False: not known. */
struct unit { enum dimension dimension; struct decimal factor; bool per_ha; };
bool unit_read(struct str text, struct unit *ret);
/* "0.26 公斤", and "20 克/亩" of what is used on an area, which is a mu where the unit names none; a unit that nobody gave a word stays as it was written. */
struct said said_amount(struct judging *j, struct str number, struct str uom);
struct said said_rate(struct judging *j, struct str number, struct str uom);
/* So much of one kind: kg, L, or pieces of one unit.  `n`: of how many amounts; 0: nothing yet, and of no kind. */
struct pile { enum dimension dimension; struct str uom /* of pieces; empty: C62 */; struct decimal quantity; size_t n; };
enum pile_put { PILE_PUT, PILE_OTHER_KIND, PILE_NOT_STATED /* or in a unit that nobody knows, or too much to be reckoned with */ };
enum pile_put pile_put(struct pile *p, const struct fact_amount *x);
/* All of them are stated and of one kind. */
bool amounts_sum(const struct fact_amount *list, size_t n, struct pile *ret);
/* More than `most` and than scales may differ (tolerance.def).  Both are of one kind, or `p` is nothing. */
bool pile_exceeds(const struct pile *p, const struct pile *most);
struct said said_pile(struct judging *j, const struct pile *p);

/* ---- lots (lots.c) ---- */
bool lot_takes(const struct lot_fact *f);       /* it takes from the lot, or works with what is in it */
bool lot_gives(const struct lot_fact *f);       /* the lot came to be with it, or came here */
/* Of each act of the lot: the record by which it had been destroyed to the last, or was recalled, when it was done; NULL: neither.  Which of the two is its deed. */
const struct lot_fact **lot_ended(struct judging *j);
struct said said_deed(struct judging *j, const struct lot_fact *f);     /* "Mill", "Shipping" */
struct said said_moment(struct judging *j, int64_t time_us);            /* "2026-07-01 09:05" in the place's time zone */
struct finding *tell_of_lot(struct judging *j, const struct rule *r, enum severity s, const struct lot_fact *about, struct str key, enum words w, const struct said *args, size_t n);
struct str key_of_lot(struct judging *j, const struct lot_fact *f, const char *what);

#endif
