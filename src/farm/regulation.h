#ifndef SUYUAN_FARM_REGULATION_H
#define SUYUAN_FARM_REGULATION_H

#include "base/lang.h"
#include "epcis/read.h"

/* Dated tables of what is banned, how long before a harvest, how much of a residue; with source and confidence.  Judged by the day of the act.  Pure:
 * rows come from `suyuan regulation import` (CSV) by way of the store. */

enum confidence { CONFIDENCE_LOW = 1 /* informs, never blocks */, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };
const char *confidence_name(enum confidence c);         /* "low" … */

/* Days are numbers since 1970 (day_read), both ends included; 0: that end is open.  Scopes are names of crops and of their categories. */
struct ban { struct str substance; bool restricted /* for some crops or conditions */, all; const struct str *scopes; size_t n_scopes; const struct str *except; size_t n_except;
             struct str condition /* of sale or use, not of a crop: "限定点经营/专业施用" */; int from_day, to_day; enum confidence confidence; struct str source; };
/* From `days` to `days_upper` (0: `days` alone); `max_uses` 0: not stated. */
struct interval { struct str substance, formulation, crop, target; int days, days_upper, max_uses; int from_day, to_day; enum confidence confidence; struct str source; };
struct residue_limit { struct str substance, commodity; bool category; const struct str *except; size_t n_except; struct str limit, unit, standard; int from_day, to_day; enum confidence confidence; struct str source; };

/* Each list in order of substance. */
struct regulation {
        const struct ban *bans; size_t n_bans;
        const struct interval *intervals; size_t n_intervals;
        const struct residue_limit *limits; size_t n_limits;
        const struct substance_alias { struct str en, name; } *aliases; size_t n_aliases;     /* by English name in lower case */
};

/* One row of a CSV by its header: kind is told by the columns.  `name` is the row's key: the same row imported again replaces itself. */
enum regulation_kind { REGULATION_BAN = 1, REGULATION_INTERVAL, REGULATION_LIMIT };
const char *regulation_kind_name(enum regulation_kind k);       /* "ban", "interval", "limit": stored */
enum regulation_kind regulation_kind_of(struct str name);       /* 0: none */
/* As it is kept: `body` is a JSON object of the columns that hold anything, by their headings. */
struct regulation_row { enum regulation_kind kind; struct str name, from, to, confidence, body; int line; };
struct regulation_refusal { int line; struct str why; };
struct regulation_file { enum regulation_kind kind; struct regulation_row *rows; size_t n; struct regulation_refusal *refused; size_t n_refused; };
/* A file (CSV with headings) with every row that is good and every one that is not.  -1: the headings are those of no kind, or past LIMIT_REGULATION_ROWS. */
int regulation_read(struct arena *a, struct str bytes, struct regulation_file *ret, struct err *reterr);
/* What is judged by, from kept rows; a row that cannot be read any more is left out.  Never NULL; in the arena. */
const struct regulation *regulation_of(struct arena *a, const struct regulation_row *rows, size_t n);

/* ---- what is asked of it.  `crop`: the crop's names from narrow to wide (crop_categories); `day`: of the act ---- */
/* The substance under the name that the tables use: contents ("40% 氧乐果") are cut off, English becomes Chinese where a table says how. */
struct str regulation_substance(const struct regulation *r, struct str text);
/* The rows of a substance, whatever their day; how many. */
size_t regulation_bans(const struct regulation *r, struct str substance, const struct ban **ret);
enum ban_holds { BAN_NOT, BAN_EXCEPTED /* the row names the crop among its exceptions: for some uses it is allowed */, BAN_CONDITION /* allowed under its condition */, BAN_HOLDS };
enum ban_holds ban_judge(const struct ban *b, const struct str *crop, size_t n, int day);
/* The narrowest row for the crop; there, those that name the target before others, and of several the strictest.  NULL: none. */
const struct interval *regulation_interval(const struct regulation *r, struct str substance, const struct str *crop, size_t n, struct str target, int day);
/* The item's own row, else that of the narrowest category whose exceptions do not hold the item, else NULL: no limit is set, which is no pass. */
const struct residue_limit *regulation_limit(const struct regulation *r, struct str substance, const struct str *crop, size_t n, int day);

/* Do two names mean one crop or category?  "叶菜类蔬菜" is "叶菜蔬菜", what stands in brackets does not count, and a few names have others (瓜果, 菌类). */
bool same_crop(struct str a, struct str b);
/* Is `target` one of "潜叶蛾、红蜘蛛"? */
bool names_target(struct str list, struct str target);

/* A crop's place among crops and categories of the tables ("莲藕" → 水生蔬菜, 蔬菜; "水稻" → 谷物): from farm/crops.def, narrow to wide, the name itself first. */
size_t crop_categories(struct arena *a, struct str crop, const struct str **ret);

#endif
