#ifndef SUYUAN_DAYBOOK_RECORD_BOOK_H
#define SUYUAN_DAYBOOK_RECORD_BOOK_H

#include "base/buf.h"
#include "farm/rule.h"

/* The farm record book of a season on paper, with what the law wants of it: of each input its name, source, use, dose and dates; pests and
 * diseases and what was done; the harvest (农产品质量安全法 art. 27); of a pesticide also maker, place, target and amount (农药管理条例 art. 36).  To be
 * kept two years at least.  Pure: what stands in it is given. */

struct record_purchase { int day; int64_t seq; struct str input /* canonical */, supplier, lot, quantity, uom; };
/* What stands in a record and in no fact: `target` is what a look found (pests and diseases), `note` the words of who did it. */
struct record_more { struct str operator, note, target; };
struct record_input { const struct input_facts *facts; struct str manufacturer, supplier; };
struct record_book {
        enum lang lang;
        struct str producer, credit_code, seat, contact, season_name, plot_name;       /* in that language; empty: not stated */
        const struct season_facts *season;
        const struct record_more *more;         /* one for each act of the season, or NULL */
        const struct record_input *inputs;      /* those that the season used, by canonical name */
        size_t n_inputs;
        const struct record_purchase *purchases;        /* of these inputs, by day */
        size_t n_purchases;
        struct str address;                     /* of the season's page: where each record and its evidence can be looked up */
        int64_t now_us;
};
/* Appends the PDF.  -1 with `reterr`. */
int record_book_draw(struct buf *out, struct arena *a, const struct record_book *b, struct err *reterr);

#endif
