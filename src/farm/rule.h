#ifndef SUYUAN_FARM_RULE_H
#define SUYUAN_FARM_RULE_H

#include "farm/fact.h"
#include "farm/regulation.h"

/* Rules over a season or a lot (MODEL.md §6): pure functions, one file each in farm/rules/, listed in farm/rules/rules.def.  A rule refuses nothing. */

enum severity { SEVERITY_INFORMS = 1, SEVERITY_WARNS, SEVERITY_BLOCKS };        /* stored */
const char *severity_name(enum severity s);     /* "informs" … */

struct finding {
        const struct rule *rule;
        enum severity severity;
        struct str key;                 /* within subject and rule: the same finding is the same alarm tomorrow */
        int64_t seq;                    /* of the record it is about; 0: of an act that has not happened */
        int64_t time_us;                /* of that record */
        struct str pointer;             /* within that event; may be empty */
        struct str words[LANGS];
        int from_day;                   /* of a permission: allowed from this day on; 0: does not say */
        bool unsure;                    /* it rests on data of low confidence, or on data that are missing */
};
/* A finding that somebody has decided upon: it no longer stands in the way of anything. */
struct settled { struct str rule, key; };
struct use;
struct judging {
        struct arena *arena;
        const struct season_facts *season;
        const struct lot_facts *lot;    /* NULL: it is no lot that is judged */
        const struct regulation *regulation;
        const struct input_facts *inputs;       /* the organisation's, in order of canonical name */
        size_t n_inputs;
        int today;                      /* day number */
        const struct settled *settled;
        size_t n_settled;
        struct finding *found;          /* LIMIT_FINDINGS at most */
        size_t n, cap;
        const struct use *uses;         /* the rules' own (farm/rules/rules_impl.h) */
        size_t n_uses;
};
struct rule {
        const char *name;               /* "interval": stored */
        const char *title[LANGS];
        void (*judge)(struct judging *j);
};
extern const struct rule *const rules[];
extern const size_t n_rules;
const struct rule *rule_of_name(struct str name);       /* NULL: none */

/* Runs every rule; `j->found` is in order of time.  Of a lot, what came of it into the store is judged as a season without a code, and j->lot is what
 * every event says of it. */
void season_judge(struct judging *j);
/* Never NULL: past the limit it is a finding that nobody sees.  Without words and key yet. */
struct finding *finding_add(struct judging *j, const struct rule *r, enum severity s, const struct fact *about);

/* "May I?": the season's facts and one act that has not happened (its `seq` is 0).  `allowed`: 1, 0, -1 unknown; `from_day` 0: not known or not asked for.
 * Of the findings those that the act would add, and those that already stand in its way. */
struct advice { int allowed, from_day; const struct finding *findings; size_t n; };
void season_advise(struct judging *j, const struct fact *act, struct advice *ret);

#endif
