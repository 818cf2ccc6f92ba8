#ifndef SUYUAN_FARM_REGULATION_H
#define SUYUAN_FARM_REGULATION_H

#include "base/lang.h"
#include "epcis/read.h"

/* Dated tables of what is banned, how long before a harvest, how much of a residue; with source and confidence.  Judged by the day of the act.  Pure:
 * rows come from `suyuan regulation import` (CSV) by way of the store. */

enum confidence { CONFIDENCE_LOW = 1 /* informs, never blocks */, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };

struct ban { struct str substance; bool all; const struct str *scopes; size_t n_scopes; const struct str *except; size_t n_except; int from_day, to_day; enum confidence confidence; struct str source; };
struct interval { struct str substance, formulation, crop, target; int days, days_upper, max_uses; int from_day, to_day; enum confidence confidence; struct str source; };
struct residue_limit { struct str substance, commodity; bool category; const struct str *except; size_t n_except; struct str limit, unit, standard; int from_day, to_day; enum confidence confidence; struct str source; };

struct regulation {
        const struct ban *bans; size_t n_bans;
        const struct interval *intervals; size_t n_intervals;
        const struct residue_limit *limits; size_t n_limits;
};

/* One row of a CSV by its header: kind is told by the columns.  `ret_name` is the row's key: the same row imported again replaces itself. */
enum regulation_kind { REGULATION_BAN = 1, REGULATION_INTERVAL, REGULATION_LIMIT };
const char *regulation_kind_name(enum regulation_kind k);

/* A crop's place among crops and categories of the tables ("莲藕" → 水生蔬菜, 蔬菜; "水稻" → 谷物): from farm/crops.def, narrow to wide, the name itself first. */
size_t crop_categories(struct arena *a, struct str crop, const struct str **ret);

#endif
