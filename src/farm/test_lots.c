#include "farm/rules/rules_impl.h"

#include "base/limits.h"
#include "base/text.h"
#include "farm/test_support.h"

/* A lot is written as what was done with it; what the rules find of it, as "rule key severity" a line. */

static struct arena *a;
static int setup(void **state) { (void)state; a = arena_new(); return 0; }
static int teardown(void **state) { (void)state; arena_free(a); return 0; }

#define COUNT(x) (sizeof(x) / sizeof *(x))

/* `when`: "07-02 09" of 2026.  Amounts as "100 KGM", several with "+". */
struct did { enum lot_deed deed; const char *when, *came, *left; enum act act; const char *in, *out; bool on_season, copy; };
struct kase { const char *name; struct did acts[8]; const char *want; };

static size_t amounts(const char *z, const struct fact_amount **ret)
{
        struct str rest = str_of(z ? z : ""), one;
        struct fact_amount *list = arena_array(a, struct fact_amount, 8);
        size_t n = 0;
        while (rest.n && str_split(&rest, '+', &one)) {
                struct str number;
                str_split(&one, ' ', &number);
                list[n] = (struct fact_amount){ .lot = STR("/lot/f/A"), .uom = one.n ? one : STR_NONE };
                list[n].stated = decimal_read(number, &list[n].quantity);
                n++;
        }
        *ret = list;
        return n;
}

static int64_t moment(const char *z)
{
        int day = 0;
        assert_true(day_read(arena_printf(a, "2026-%.5s", z), &day));
        return (day * INT64_C(24) + (z[6] - '0') * 10 + z[7] - '0' - 8) * INT64_C(3600000000);
}

static void begin(struct judging *j, struct lot_facts *lot, const struct did *acts)
{
        static const struct season_facts nothing = { .canonical = { "/lot/f/A", 8 } };
        struct lot_fact *list = arena_array(a, struct lot_fact, 8);
        *lot = (struct lot_facts){ .canonical = STR("/lot/f/A"), .acts = list };
        for (; lot->n < 8 && acts[lot->n].when; lot->n++) {
                const struct did *d = &acts[lot->n];
                struct lot_fact *f = &list[lot->n];
                *f = (struct lot_fact){ .deed = d->deed, .act = d->act, .on_season = d->on_season, .copy = d->copy, .seq = (int64_t)lot->n + 1, .time_us = moment(d->when) };
                f->event_id = arena_printf(a, "urn:uuid:%zu", lot->n + 1);
                f->n_came = amounts(d->came, &f->came);
                f->n_left = amounts(d->left, &f->left);
                f->n_in = amounts(d->in, &f->in);
                f->n_out = amounts(d->out, &f->out);
        }
        *j = (struct judging){ .arena = a, .season = &nothing, .lot = lot, .today = 20800 };
}

static struct str found(const struct judging *j)
{
        struct str s = STR("");
        for (size_t i = 0; i < j->n; i++) {
                const struct finding *f = &j->found[i];
                s = arena_printf(a, "%.*s%s%s %.*s %s%s", STR_ARG(s), i ? "\n" : "", f->rule->name, STR_ARG(f->key), severity_name(f->severity), f->unsure ? "?" : "");
                bool of_lot = !strstr(f->key.p, ":act");
                for (int l = 0; l < LANGS; l++)         /* in three languages, without a gap, and naming the record */
                        if (f->words[l].n < 20 || memchr(f->words[l].p, '{', f->words[l].n) ||
                            (f->seq && !memmem(f->words[l].p, f->words[l].n, "urn:uuid:", 9)) || (of_lot && !memmem(f->words[l].p, f->words[l].n, "/lot/f/A", 8)))
                                fail_msg("%s: %.*s", f->rule->name, STR_ARG(f->words[l]));
        }
        return s;
}

static void judge_kases(const struct kase *list, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                struct judging j;
                struct lot_facts lot;
                begin(&j, &lot, list[i].acts);
                season_judge(&j);
                struct str got = found(&j);
                if (!str_is(got, list[i].want))
                        fail_msg("%s:\n%.*s\nwanted:\n%s", list[i].name, STR_ARG(got), list[i].want);
        }
}

#define HARVESTED(at, q) { .deed = DEED_MADE, .when = at, .came = q, .act = ACT_HARVEST, .on_season = true }
#define MILLED(at, q) { .deed = DEED_USED, .when = at, .left = q, .act = ACT_MILL }
#define SHIPPED(at, q) { .deed = DEED_SHIPPED, .when = at, .left = q }
#define MADE_OF(i, o) { .deed = DEED_MADE, .when = "07-01 08", .act = ACT_MILL, .in = i, .out = o }

static void balance_of_an_act(void **state)
{
        const struct kase cases[] = {
                { "less comes out", { MADE_OF("100 KGM", "68.5 KGM") }, "" },
                { "as much", { MADE_OF("0.1 TNE", "100 KGM") }, "" },
                { "within what scales differ", { MADE_OF("100 KGM", "100.5 KGM") }, "" },
                { "beyond that", { MADE_OF("100 KGM", "100.501 KGM") }, "balance 1:act blocks" },
                { "more, in jin", { MADE_OF("100 KGM", "202 jin") }, "balance 1:act blocks" },
                { "volume has a tolerance too", { MADE_OF("100 LTR", "100500 MLT") }, "" },
                { "more by the litre", { { .deed = DEED_USED, .when = "07-01 08", .act = ACT_SORT, .in = "100 LTR", .out = "101 LTR" }, { .deed = DEED_MADE, .when = "07-02 08" } }, "order-of-time 1:before-made warns\nbalance 1:act blocks" },
                { "in several lots", { MADE_OF("60 KGM+40 KGM", "70 KGM+31 KGM") }, "balance 1:act blocks" },
                { "bags beside kilograms: the kilograms alone", { MADE_OF("100 KGM", "500 XBG+99 KGM") }, "" },
                { "not to be compared", { MADE_OF("100 KGM", "500 XBG") }, "" },
                { "litres and kilograms", { MADE_OF("100 KGM", "500 LTR") }, "" },
                { "counted", { MADE_OF("1", "2") }, "" },
                { "bags into more bags", { MADE_OF("1 XBG", "2 XBG") }, "" },
                { "a unit that nobody knows", { MADE_OF("1 spoons", "2 spoons") }, "" },
                { "a dilution is no amount", { MADE_OF("1 倍", "2 倍") }, "" },
                { "what went in is not all stated", { MADE_OF("1 KGM+? KGM", "20 KGM") }, "" },
                { "what went in is of two kinds", { MADE_OF("1 KGM+1 LTR", "20 KGM") }, "" },
                { "what came out is not all stated, and the rest is too much", { MADE_OF("1 KGM", "20 KGM+? KGM") }, "balance 1:act blocks" },
                { "nothing went in", { MADE_OF(NULL, "20 KGM") }, "" },
                { "too much to be reckoned with", { MADE_OF("1 KGM", "999999999999999999 KGM+999999999999999999 KGM") }, "" },
                { "as many decimals as a partner's program writes", { MADE_OF("33.3333333333333 KGM", "33.6 KGM") }, "balance 1:act blocks" },
                { "as much as can be written", { MADE_OF("999999999999999999 KGM", "999999999999999999 KGM") }, "" },
                { "as much as can be written, of the least", { MADE_OF("0.000000000000001 KGM", "999999999999999999 KGM") }, "balance 1:act blocks" },
                { "cooked by a partner: water may have gone in", { { .deed = DEED_MADE, .when = "07-01 08", .in = "1 KGM", .out = "2 KGM" } }, "balance 1:act warns" },
                { "a partner's own act is the partner's", { { .deed = DEED_MADE, .when = "07-01 08", .act = ACT_MILL, .copy = true, .in = "1 KGM", .out = "2 KGM" } }, "" },
        };
        (void)state;
        judge_kases(cases, COUNT(cases));
}

static void balance_of_a_lot(void **state)
{
        const struct kase cases[] = {
                { "as much used as was made", { HARVESTED("07-01 08", "160 KGM"), MILLED("07-02 08", "100 KGM"), SHIPPED("07-03 08", "60 KGM") }, "" },
                { "more used than was made", { HARVESTED("07-01 08", "150 KGM"), MILLED("07-02 08", "100 KGM"), MILLED("07-03 08", "60 KGM") }, "balance 3:more blocks" },
                { "each record that takes more is told", { HARVESTED("07-01 08", "100 KGM"), SHIPPED("07-02 08", "101 KGM"), SHIPPED("07-03 08", "1 KGM") }, "balance 2:more blocks\nbalance 3:more blocks" },
                { "within what scales differ", { HARVESTED("07-01 08", "100 KGM"), SHIPPED("07-02 08", "100.5 KGM") }, "" },
                { "in other units", { HARVESTED("07-01 08", "0.1 TNE"), SHIPPED("07-02 08", "201.1 jin") }, "balance 2:more blocks" },
                { "a later harvest makes it good", { HARVESTED("07-01 08", "100 KGM"), SHIPPED("07-02 08", "150 KGM"), HARVESTED("07-03 08", "60 KGM") }, "" },
                { "a rest that came back", { HARVESTED("07-01 08", "100 KGM"), { .deed = DEED_USED, .when = "07-02 08", .came = "40 KGM", .left = "100 KGM", .act = ACT_SORT }, SHIPPED("07-03 08", "40 KGM") }, "" },
                { "what came back may go again", { HARVESTED("07-01 08", "100 KGM"), SHIPPED("07-02 08", "100 KGM"), { .deed = DEED_RECEIVED, .when = "07-03 08", .came = "100 KGM" }, SHIPPED("07-04 08", "100 KGM") }, "" },
                { "pieces have no tolerance", { { .deed = DEED_MADE, .when = "07-01 08", .came = "100 XBG" }, SHIPPED("07-02 08", "101 XBG") }, "balance 2:more blocks" },
                { "pieces without a unit are pieces", { { .deed = DEED_MADE, .when = "07-01 08", .came = "100 C62" }, SHIPPED("07-02 08", "101") }, "balance 2:more blocks" },
                { "bags are no boxes", { { .deed = DEED_MADE, .when = "07-01 08", .came = "100 XBG" }, SHIPPED("07-02 08", "101 XBX") }, "" },
                { "shipped by the bag, harvested by the kilogram", { HARVESTED("07-01 08", "100 KGM"), SHIPPED("07-02 08", "500 XBG"), SHIPPED("07-03 08", "101 KGM") }, "balance 3:more blocks" },
                { "harvested in two ways: nobody can say", { HARVESTED("07-01 08", "100 KGM"), HARVESTED("07-01 09", "10 XBG"), SHIPPED("07-02 08", "500 KGM") }, "" },
                { "a harvest of more than can be reckoned with: nobody can say", { HARVESTED("07-01 08", "999999999999999999 TNE"), SHIPPED("07-02 08", "500 KGM") }, "" },
                { "a harvest without a quantity: nobody can say", { HARVESTED("07-01 08", "? KGM"), SHIPPED("07-02 08", "500 KGM") }, "" },
                { "sprayed more than was bought", { { .deed = DEED_RECEIVED, .when = "07-01 08", .came = "1 LTR" }, { .deed = DEED_USED, .when = "07-02 08", .left = "1200 MLT", .act = ACT_SPRAY, .on_season = true } }, "balance 2:more warns" },
                { "a count says how much there is", { { .deed = DEED_RECEIVED, .when = "07-01 08", .came = "1 LTR" }, { .deed = DEED_COUNTED, .when = "07-02 08", .came = "3 LTR" }, SHIPPED("07-03 08", "3 LTR") }, "" },
                { "more than was counted", { { .deed = DEED_RECEIVED, .when = "07-01 08", .came = "9 LTR" }, { .deed = DEED_COUNTED, .when = "07-02 08", .came = "3 LTR" }, { .deed = DEED_RECEIVED, .when = "07-02 09", .came = "1 LTR" }, SHIPPED("07-03 08", "5 LTR") },
                  "balance 4:more blocks" },
                { "more before the count", { { .deed = DEED_RECEIVED, .when = "07-01 08", .came = "1 LTR" }, SHIPPED("07-01 09", "2 LTR"), { .deed = DEED_COUNTED, .when = "07-02 08", .came = "3 LTR" } }, "balance 2:more blocks" },
                { "a partner's count is not ours", { { .deed = DEED_RECEIVED, .when = "07-01 08", .came = "1 LTR" }, { .deed = DEED_COUNTED, .when = "07-01 09", .came = "9 LTR", .copy = true }, SHIPPED("07-02 08", "2 LTR") }, "balance 3:more blocks" },
                { "shipping from a lot that is used up, without a quantity", { HARVESTED("07-01 08", "100 KGM"), MILLED("07-02 08", "100 KGM"), SHIPPED("07-03 08", "?") }, "balance 3:used-up blocks" },
                { "used up, and so much in another unit", { HARVESTED("07-01 08", "100 KGM"), MILLED("07-02 08", "100 KGM"), SHIPPED("07-03 08", "5 XBG") }, "" },
                { "used up, and partly without a quantity", { HARVESTED("07-01 08", "100 KGM"), MILLED("07-02 08", "100 KGM"), SHIPPED("07-03 08", "?+5 XBG") }, "balance 3:used-up blocks" },
                { "without a quantity while there is some", { HARVESTED("07-01 08", "100 KGM"), MILLED("07-02 08", "99 KGM"), SHIPPED("07-03 08", "?") }, "" },
                { "without a quantity, from a whole lot", { HARVESTED("07-01 08", "100 KGM"), SHIPPED("07-03 08", "?") }, "" },
                { "a partner's record moves nothing of ours", { HARVESTED("07-01 08", "100 KGM"), SHIPPED("07-02 08", "100 KGM"), { .deed = DEED_RECEIVED, .when = "07-03 08", .came = "100 KGM", .copy = true },
                                                                { .deed = DEED_USED, .when = "07-04 08", .left = "100 KGM", .act = ACT_MILL, .copy = true } }, "" },
                { "more in cartons than there is", { { .deed = DEED_MADE, .when = "07-01 08", .came = "100 XBG" }, { .deed = DEED_JOINED, .when = "07-02 08", .left = "60 XBG", .act = ACT_AGGREGATE },
                                                     { .deed = DEED_JOINED, .when = "07-03 08", .left = "60 XBG", .act = ACT_AGGREGATE } }, "balance 3:joined blocks" },
                { "a carton that states no quantity is not told for what the others hold", { { .deed = DEED_MADE, .when = "07-01 08", .came = "100 XBG" }, { .deed = DEED_JOINED, .when = "07-02 08", .left = "120 XBG", .act = ACT_AGGREGATE },
                                                     { .deed = DEED_JOINED, .when = "07-03 08", .act = ACT_AGGREGATE } }, "balance 2:joined blocks" },
                { "taken out of a carton before", { { .deed = DEED_MADE, .when = "07-01 08", .came = "100 XBG" }, { .deed = DEED_JOINED, .when = "07-02 08", .left = "60 XBG", .act = ACT_AGGREGATE },
                                                    { .deed = DEED_PARTED, .when = "07-03 08", .left = "60 XBG" }, { .deed = DEED_JOINED, .when = "07-04 08", .left = "100 XBG", .act = ACT_AGGREGATE } }, "" },
                { "cartons travel: joined and shipped is no more than there is", { { .deed = DEED_MADE, .when = "07-01 08", .came = "100 XBG" }, { .deed = DEED_JOINED, .when = "07-02 08", .left = "100 XBG", .act = ACT_AGGREGATE }, SHIPPED("07-03 08", "100 XBG") }, "" },
                { "joined by two units, one of them too much", { { .deed = DEED_MADE, .when = "07-01 08", .came = "100 KGM" }, { .deed = DEED_JOINED, .when = "07-02 08", .left = "500 XBG+101 KGM", .act = ACT_AGGREGATE } }, "balance 2:joined blocks" },
                { "joined by another unit", { { .deed = DEED_MADE, .when = "07-01 08", .came = "100 KGM" }, { .deed = DEED_JOINED, .when = "07-02 08", .left = "500 XBG", .act = ACT_AGGREGATE } }, "" },
                { "nobody knows where it came from", { MILLED("07-01 08", "100 KGM"), SHIPPED("07-02 08", "1 KGM") }, "balance origin informs?" },
                { "sold, joined: from where?", { { .deed = DEED_SEEN, .when = "07-01 08" }, { .deed = DEED_JOINED, .when = "07-02 08", .left = "1 XBG", .act = ACT_AGGREGATE } }, "balance origin informs?" },
                { "sold from where?", { { .deed = DEED_SOLD, .when = "07-02 08", .left = "1 XBG" } }, "balance origin informs?" },
                { "a count is an origin", { { .deed = DEED_COUNTED, .when = "07-01 08", .came = "10 KGM" }, SHIPPED("07-02 08", "1 KGM") }, "" },
                { "a partner's harvest is an origin", { { .deed = DEED_MADE, .when = "07-01 08", .came = "10 KGM", .copy = true }, SHIPPED("07-02 08", "1 KGM") }, "" },
                { "an input of a season's may be older than the books", { { .deed = DEED_USED, .when = "07-02 08", .left = "1 LTR", .act = ACT_SPRAY, .on_season = true } }, "" },
                { "what a partner took may have come to the partner", { { .deed = DEED_USED, .when = "07-02 08", .left = "1 LTR", .copy = true } }, "" },
                { "only looked at", { { .deed = DEED_SEEN, .when = "07-02 08" } }, "" },
                { "nothing at all", { { .when = NULL } }, "" },
        };
        (void)state;
        judge_kases(cases, COUNT(cases));
}

static void order_of_a_lot(void **state)
{
        const struct kase cases[] = {
                { "each way of taking, before it was harvested", { MILLED("07-01 08", "1 KGM"), SHIPPED("07-01 09", "1 KGM"), { .deed = DEED_SOLD, .when = "07-01 10", .left = "1 KGM" }, { .deed = DEED_JOINED, .when = "07-01 11", .left = "1 KGM", .act = ACT_AGGREGATE },
                                                                   { .deed = DEED_RETURNED, .when = "07-01 12", .left = "1 KGM" }, { .deed = DEED_DESTROYED, .when = "07-01 13", .left = "1 KGM" }, HARVESTED("07-01 14", "100 KGM") },
                  "order-of-time 1:before-made warns\norder-of-time 2:before-made warns\norder-of-time 3:before-made warns\norder-of-time 4:before-made warns\norder-of-time 5:before-made warns\n"
                  "order-of-time 6:before-made warns" },
                { "after it was harvested", { HARVESTED("07-01 08", "100 KGM"), MILLED("07-01 09", "1 KGM") }, "" },
                { "in the same moment", { MILLED("07-01 08", "1 KGM"), HARVESTED("07-01 08", "100 KGM") }, "" },
                { "after the first of two harvests", { HARVESTED("07-01 08", "100 KGM"), MILLED("07-02 08", "1 KGM"), HARVESTED("07-03 08", "100 KGM") }, "" },
                { "looked at before it was harvested", { { .deed = DEED_SEEN, .when = "07-01 08" }, HARVESTED("07-02 08", "1 KGM") }, "" },
                { "sprayed before it was bought", { { .deed = DEED_USED, .when = "07-01 08", .left = "1 LTR", .act = ACT_SPRAY, .on_season = true }, { .deed = DEED_RECEIVED, .when = "07-02 08", .came = "1 LTR" } }, "order-of-time 1:before-made warns" },
                { "a partner's act before it came here", { { .deed = DEED_SHIPPED, .when = "07-01 08", .left = "1 KGM", .copy = true }, { .deed = DEED_RECEIVED, .when = "07-02 08", .came = "1 KGM" } }, "" },
                { "a partner's act before our harvest", { { .deed = DEED_USED, .when = "07-01 08", .left = "1 KGM", .copy = true }, HARVESTED("07-02 08", "1 KGM") }, "order-of-time 1:before-made warns" },
                { "ours before it came here, though the partner had it", { { .deed = DEED_MADE, .when = "06-01 08", .came = "9 KGM", .copy = true }, MILLED("07-01 08", "1 KGM"), { .deed = DEED_RECEIVED, .when = "07-02 08", .came = "9 KGM" } },
                  "order-of-time 2:before-made warns" },
                { "ours before the partner harvested it", { MILLED("07-01 08", "1 KGM"), { .deed = DEED_MADE, .when = "07-02 08", .came = "9 KGM", .copy = true } }, "order-of-time 1:before-made warns" },
                { "each way of taking, after it was destroyed", { HARVESTED("07-01 08", "100 KGM"), { .deed = DEED_DESTROYED, .when = "07-02 08", .left = "100 KGM" }, MILLED("07-03 08", "1 KGM"), SHIPPED("07-03 09", "1 KGM"),
                                                                  { .deed = DEED_SOLD, .when = "07-03 10", .left = "1 KGM" }, { .deed = DEED_JOINED, .when = "07-03 11", .left = "1 KGM" }, { .deed = DEED_RETURNED, .when = "07-03 12", .left = "1 KGM" },
                                                                  { .deed = DEED_SEEN, .when = "07-03 13" } },
                  "order-of-time 3:after-destroyed blocks\norder-of-time 4:after-destroyed blocks\norder-of-time 5:after-destroyed blocks\norder-of-time 6:after-destroyed blocks\n"
                  "order-of-time 7:after-destroyed blocks" },
                { "destroyed without a quantity is all of it", { HARVESTED("07-01 08", "100 KGM"), { .deed = DEED_DESTROYED, .when = "07-02 08", .left = "?" }, SHIPPED("07-03 09", "1 KGM") }, "order-of-time 3:after-destroyed blocks" },
                { "destroyed by its name alone", { HARVESTED("07-01 08", "100 KGM"), { .deed = DEED_DESTROYED, .when = "07-02 08" }, SHIPPED("07-03 09", "1 KGM") }, "order-of-time 3:after-destroyed blocks" },
                { "of what nobody knows to have come, so much was destroyed", { { .deed = DEED_DESTROYED, .when = "07-02 08", .left = "40 KGM" }, SHIPPED("07-03 09", "60 KGM") }, "balance origin informs?" },
                { "in a unit that nobody knows: nobody can say", { HARVESTED("07-01 08", "100 KGM"), { .deed = DEED_DESTROYED, .when = "07-02 08", .left = "40 spoons" }, SHIPPED("07-03 09", "60 KGM") }, "" },
                { "in boxes, of bags: nobody can say", { HARVESTED("07-01 08", "100 XBG"), { .deed = DEED_DESTROYED, .when = "07-02 08", .left = "100 XBX" }, SHIPPED("07-03 09", "60 XBG") }, "" },
                { "a part was destroyed", { HARVESTED("07-01 08", "100 KGM"), { .deed = DEED_DESTROYED, .when = "07-02 08", .left = "40 KGM" }, SHIPPED("07-03 09", "60 KGM") }, "" },
                { "in bags, of kilograms: nobody can say", { HARVESTED("07-01 08", "100 KGM"), { .deed = DEED_DESTROYED, .when = "07-02 08", .left = "4 XBG" }, SHIPPED("07-03 09", "60 KGM") }, "" },
                { "the last of it was destroyed", { HARVESTED("07-01 08", "100 KGM"), SHIPPED("07-01 09", "60 KGM"), { .deed = DEED_DESTROYED, .when = "07-02 08", .left = "40 KGM" }, SHIPPED("07-03 09", "1 KGM") },
                  "order-of-time 4:after-destroyed blocks" },
                { "what was joined is still there to be destroyed", { HARVESTED("07-01 08", "100 KGM"), { .deed = DEED_JOINED, .when = "07-01 09", .left = "60 KGM" }, { .deed = DEED_DESTROYED, .when = "07-02 08", .left = "40 KGM" }, SHIPPED("07-03 09", "1 KGM") }, "" },
                { "bought again", { { .deed = DEED_RECEIVED, .when = "07-01 08", .came = "1 LTR" }, { .deed = DEED_DESTROYED, .when = "07-02 08", .left = "1 LTR" }, { .deed = DEED_RECEIVED, .when = "07-03 08", .came = "1 LTR" },
                                    { .deed = DEED_USED, .when = "07-04 09", .left = "1 LTR", .act = ACT_SPRAY, .on_season = true } }, "" },
                { "counted before the rest was destroyed", { HARVESTED("07-01 08", "100 KGM"), { .deed = DEED_COUNTED, .when = "07-01 09", .came = "30 KGM" }, { .deed = DEED_DESTROYED, .when = "07-02 08", .left = "30 KGM" }, SHIPPED("07-03 09", "1 KGM") },
                  "order-of-time 4:after-destroyed blocks" },
                { "destroyed twice is destroyed", { HARVESTED("07-01 08", "100 KGM"), { .deed = DEED_DESTROYED, .when = "07-02 08" }, { .deed = DEED_DESTROYED, .when = "07-03 09", .left = "100 KGM" } }, "" },
                { "what a partner destroyed was the partner's", { HARVESTED("07-01 08", "100 KGM"), { .deed = DEED_DESTROYED, .when = "07-02 08", .copy = true }, SHIPPED("07-03 09", "1 KGM") }, "" },
                { "what a partner has is not destroyed with ours", { HARVESTED("07-01 08", "100 KGM"), { .deed = DEED_DESTROYED, .when = "07-02 08" }, { .deed = DEED_USED, .when = "07-03 09", .left = "1 KGM", .copy = true } }, "" },
                { "in the moment of the destruction", { HARVESTED("07-01 08", "100 KGM"), { .deed = DEED_DESTROYED, .when = "07-02 08" }, SHIPPED("07-02 08", "1 KGM") }, "" },
                { "each way of taking, after it was recalled", { HARVESTED("07-01 08", "100 KGM"), { .deed = DEED_RECALLED, .when = "07-02 08" }, MILLED("07-03 08", "1 KGM"), SHIPPED("07-03 09", "1 KGM"), { .deed = DEED_SOLD, .when = "07-03 10", .left = "1 KGM" },
                                                                 { .deed = DEED_JOINED, .when = "07-03 11", .left = "1 KGM" }, { .deed = DEED_RETURNED, .when = "07-03 12", .left = "1 KGM" }, { .deed = DEED_DESTROYED, .when = "07-03 13", .left = "1 KGM" } },
                  "order-of-time 3:after-recalled blocks\norder-of-time 4:after-recalled blocks\norder-of-time 5:after-recalled blocks\norder-of-time 6:after-recalled blocks" },
                { "a partner's act on a recalled lot", { HARVESTED("07-01 08", "100 KGM"), { .deed = DEED_RECALLED, .when = "07-02 08", .copy = true }, { .deed = DEED_USED, .when = "07-03 09", .left = "1 KGM", .copy = true } },
                  "order-of-time 3:after-recalled blocks" },
                { "the recall was taken back", { HARVESTED("07-01 08", "100 KGM"), { .deed = DEED_RECALLED, .when = "07-02 08" }, { .deed = DEED_RELEASED, .when = "07-02 09" }, SHIPPED("07-03 09", "1 KGM") }, "" },
                { "before the recall", { HARVESTED("07-01 08", "100 KGM"), SHIPPED("07-01 09", "1 KGM"), { .deed = DEED_RECALLED, .when = "07-02 08" } }, "" },
        };
        (void)state;
        judge_kases(cases, COUNT(cases));
}

static void a_lot_of_too_many_records_is_told_and_not_judged(void **state)
{
        static const struct season_facts nothing;
        struct lot_facts lot = { .canonical = STR("/lot/f/A"), .too_many = true };
        struct judging j = { .arena = a, .season = &nothing, .lot = &lot };
        (void)state;
        season_judge(&j);
        assert_true(str_is(found(&j), "balance too-many informs?"));
        assert_non_null(strstr(j.found[0].words[LANG_EN].p, "500"));
}

static void words_name_what_and_when(void **state)
{
        const struct did acts[8] = { MILLED("07-01 08", "100 KGM"), HARVESTED("07-02 09", "60 KGM"), { .deed = DEED_RECALLED, .when = "07-03 08" }, SHIPPED("07-04 08", "1 KGM") };
        struct judging j;
        struct lot_facts lot;
        (void)state;
        begin(&j, &lot, acts);
        season_judge(&j);
        assert_string_equal(found(&j).p, "order-of-time 1:before-made warns\nbalance 1:more blocks\norder-of-time 4:after-recalled blocks\nbalance 4:more blocks");
        assert_string_equal(j.found[0].words[LANG_EN].p, "Mill at 2026-07-01 08:00 takes from lot /lot/f/A, which was not there before 2026-07-02 09:00 (Harvest). Look at both times and the lot. Record: urn:uuid:1");
        assert_string_equal(j.found[1].words[LANG_HANS].p, "到碾米（2026-07-01 08:00）为止，批次 /lot/f/A 共用去 100 kg，而采收、产出和收进的只有 60 kg。请核对数量和批次；若有采收或收货漏记，请补记。本条记录：urn:uuid:1");
        assert_string_equal(j.found[2].words[LANG_HANT].p, "批次 /lot/f/A 已於 2026-07-03 08:00 召回，2026-07-04 08:00 卻還有發貨。請立即停止並扣留，追回已發出的產品；召回已解除的，請補記。本條記錄：urn:uuid:4");
        const struct did bags[8] = { { .deed = DEED_MADE, .when = "07-01 08", .came = "9 XBG" }, SHIPPED("07-02 08", "10 XBG") };
        begin(&j, &lot, bags);
        season_judge(&j);
        assert_non_null(strstr(j.found[0].words[LANG_HANS].p, "10 袋"));
        assert_non_null(strstr(j.found[0].words[LANG_EN].p, "10 bags"));
}

/* ---- from an event ---- */

static const struct event *event(const char *text) { return test_event(a, text); }

#define A_LOT "'epcClass':'" HOST "/lot/guyu/A'"
#define OF(list, q) "'" list "':[{" A_LOT ",'quantity':" q ",'uom':'KGM'}]"
#define OBJECT_(action, step) "'type':'ObjectEvent','action':'" action "','bizStep':'" step "'," OF("quantityList", "7")
#define TRANSFORMATION_(step) "'type':'TransformationEvent','bizStep':'" step "'," OF("inputQuantityList", "7") ",'outputQuantityList':[{'epcClass':'" HOST "/lot/guyu/B','quantity':5,'uom':'KGM'}]"

static void an_event_is_what_it_does_to_a_lot(void **state)
{
        static const struct { const char *event; enum lot_deed deed; enum act act; int came, left; } rows[] = {
                { OBJECT_("OBSERVE", "shipping"), DEED_SHIPPED, ACT_OTHER, 0, 1 },
                { OBJECT_("OBSERVE", "departing"), DEED_SHIPPED, ACT_OTHER, 0, 0 },
                { OBJECT_("OBSERVE", "shipping") ",'disposition':'returned'", DEED_RETURNED, ACT_OTHER, 0, 1 },
                { OBJECT_("OBSERVE", "shipping") ",'disposition':'recalled'", DEED_RETURNED, ACT_OTHER, 0, 1 },
                { OBJECT_("OBSERVE", "suyuan:returning"), DEED_RETURNED, ACT_OTHER, 0, 0 },
                { OBJECT_("OBSERVE", "receiving"), DEED_RECEIVED, ACT_OTHER, 1, 0 },
                { OBJECT_("OBSERVE", "accepting"), DEED_RECEIVED, ACT_OTHER, 0, 0 },
                { OBJECT_("OBSERVE", "arriving"), DEED_RECEIVED, ACT_OTHER, 0, 0 },
                { OBJECT_("ADD", "receiving"), DEED_RECEIVED, ACT_OTHER, 1, 0 },
                { OBJECT_("ADD", "commissioning"), DEED_MADE, ACT_OTHER, 1, 0 },
                { OBJECT_("ADD", "suyuan:harvesting"), DEED_MADE, ACT_HARVEST, 1, 0 },
                { OBJECT_("DELETE", "destroying"), DEED_DESTROYED, ACT_OTHER, 0, 1 },
                { OBJECT_("DELETE", "suyuan:spoiling"), DEED_DESTROYED, ACT_OTHER, 0, 1 },
                { OBJECT_("OBSERVE", "destroying"), DEED_DESTROYED, ACT_OTHER, 0, 0 },
                { OBJECT_("OBSERVE", "inspecting") ",'disposition':'disposed'", DEED_DESTROYED, ACT_OTHER, 0, 0 },
                { OBJECT_("DELETE", "decommissioning"), DEED_DESTROYED, ACT_OTHER, 0, 1 },
                { OBJECT_("OBSERVE", "inspecting") ",'disposition':'destroyed'", DEED_DESTROYED, ACT_OTHER, 0, 0 },
                { OBJECT_("DELETE", "retail_selling"), DEED_SOLD, ACT_OTHER, 0, 1 },
                { OBJECT_("OBSERVE", "dispensing"), DEED_SOLD, ACT_OTHER, 0, 0 },
                { OBJECT_("OBSERVE", "cycle_counting"), DEED_COUNTED, ACT_OTHER, 1, 0 },
                { OBJECT_("OBSERVE", "stock_taking"), DEED_COUNTED, ACT_OTHER, 1, 0 },
                { OBJECT_("OBSERVE", "holding") ",'disposition':'recalled'", DEED_RECALLED, ACT_OTHER, 0, 0 },
                { OBJECT_("OBSERVE", "holding") ",'persistentDisposition':{'set':['completeness_inferred','recalled']}", DEED_RECALLED, ACT_OTHER, 0, 0 },
                { OBJECT_("OBSERVE", "holding") ",'persistentDisposition':{'unset':['recalled']}", DEED_RELEASED, ACT_OTHER, 0, 0 },
                { OBJECT_("OBSERVE", "holding") ",'persistentDisposition':{'set':['conformant']}", DEED_SEEN, ACT_OTHER, 0, 0 },
                { OBJECT_("OBSERVE", "holding") ",'persistentDisposition':{'set':['active']}", DEED_SEEN, ACT_OTHER, 0, 0 },
                { OBJECT_("OBSERVE", "storing"), DEED_SEEN, ACT_OTHER, 0, 0 },
                { TRANSFORMATION_("suyuan:milling"), DEED_USED, ACT_MILL, 0, 1 },
                { TRANSFORMATION_("suyuan:sorting"), DEED_USED, ACT_SORT, 0, 1 },
                { TRANSFORMATION_("suyuan:drying"), DEED_USED, ACT_DRY, 0, 1 },
                { TRANSFORMATION_("packing"), DEED_USED, ACT_PACK, 0, 1 },
                { TRANSFORMATION_("suyuan:cooking"), DEED_USED, ACT_OTHER, 0, 1 },
                { "'type':'TransformationEvent','bizStep':'suyuan:sorting'," OF("inputQuantityList", "7") "," OF("outputQuantityList", "3"), DEED_USED, ACT_SORT, 1, 1 },
                { "'type':'TransformationEvent','bizStep':'suyuan:milling','inputEPCList':['" HOST "/lot/guyu/A'],'outputEPCList':['" HOST "/lot/guyu/B']", DEED_USED, ACT_MILL, 0, 0 },
                { "'type':'TransformationEvent','bizStep':'suyuan:milling','inputEPCList':['" HOST "/lot/guyu/B'],'outputEPCList':['" HOST "/lot/guyu/A']", DEED_MADE, ACT_MILL, 0, 0 },
                { "'type':'TransformationEvent','bizStep':'suyuan:sorting','inputQuantityList':[{" A_LOT ",'quantity':4,'uom':'KGM'},{" A_LOT ",'quantity':5,'uom':'KGM'}]," OF("outputQuantityList", "3"), DEED_USED, ACT_SORT, 1, 2 },
                { "'type':'TransformationEvent','bizStep':'suyuan:sorting','inputEPCList':['" HOST "/item/guyu/1'],'outputQuantityList':[{" A_LOT ",'quantity':4,'uom':'KGM'},{" A_LOT ",'quantity':5,'uom':'XBG'}]", DEED_MADE, ACT_SORT, 2, 0 },
                { "'type':'TransformationEvent','bizStep':'suyuan:harvesting','transformationID':'" HOST "/season/guyu/R'," OF("outputQuantityList", "3"), DEED_MADE, ACT_HARVEST, 1, 0 },
                { "'type':'TransformationEvent','bizStep':'suyuan:spraying','transformationID':'" HOST "/season/guyu/R'," OF("inputQuantityList", "3"), DEED_USED, ACT_SPRAY, 0, 1 },
                { "'type':'AggregationEvent','action':'ADD','bizStep':'packing','parentID':'urn:epc:id:sscc:6901234.0000000001'," OF("childQuantityList", "3"), DEED_JOINED, ACT_AGGREGATE, 0, 1 },
                { "'type':'AggregationEvent','action':'DELETE','bizStep':'unpacking','parentID':'urn:epc:id:sscc:6901234.0000000001'," OF("childQuantityList", "3"), DEED_PARTED, ACT_AGGREGATE, 0, 1 },
                { "'type':'AggregationEvent','action':'OBSERVE','parentID':'urn:epc:id:sscc:6901234.0000000001'," OF("childQuantityList", "3"), DEED_SEEN, ACT_AGGREGATE, 0, 1 },
                { "'type':'TransactionEvent','action':'ADD','bizTransactionList':[{'bizTransaction':'urn:x'}]," OF("quantityList", "3"), DEED_SEEN, ACT_OTHER, 0, 0 },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct lot_fact f;
                assert_true(lot_fact_of_event(a, event(rows[i].event), STR("/lot/guyu/A"), &f));
                if (f.deed != rows[i].deed || f.act != rows[i].act || (int)f.n_came != rows[i].came || (int)f.n_left != rows[i].left)
                        fail_msg("%s: deed %d act %d came %zu left %zu", rows[i].event, f.deed, f.act, f.n_came, f.n_left);
                assert_false(lot_fact_of_event(a, event(rows[i].event), STR("/lot/guyu/C"), &f));
        }
}

static void a_transformation_is_told_whole_at_one_lot(void **state)
{
        struct lot_fact f;
        const struct str *lots;
        const struct event *e = event(TRANSFORMATION_("suyuan:milling"));
        (void)state;
        assert_int_equal(lots_of_event(a, e, &lots), 2);
        assert_true(lot_fact_of_event(a, e, STR("/lot/guyu/A"), &f) && !f.n_in && !f.n_out);
        assert_true(lot_fact_of_event(a, e, STR("/lot/guyu/B"), &f) && f.n_in == 1 && f.n_out == 1);
        e = event("'type':'TransformationEvent','bizStep':'packing'," OF("inputQuantityList", "7") ",'outputQuantityList':[{'epcClass':'" HOST "/product/guyu/P','quantity':9,'uom':'KGM'}]");
        assert_true(lot_fact_of_event(a, e, STR("/lot/guyu/A"), &f) && f.n_in == 1 && f.n_out == 1);
        e = event("'type':'TransformationEvent','bizStep':'suyuan:sorting','inputEPCList':['" HOST "/item/guyu/1'],'inputQuantityList':[{" A_LOT ",'quantity':4,'uom':'KGM'},{'epcClass':'" HOST "/lot/guyu/B','quantity':4,'uom':'KGM'}],"
                  "'outputEPCList':['" HOST "/item/guyu/2'],'outputQuantityList':[{'epcClass':'" HOST "/lot/guyu/C','quantity':3,'uom':'KGM'},{'epcClass':'" HOST "/lot/guyu/D','quantity':3,'uom':'KGM'}," "{" A_LOT ",'quantity':1,'uom':'KGM'}]");
        assert_int_equal(lots_of_event(a, e, &lots), 4);
        assert_true(lot_fact_of_event(a, e, STR("/lot/guyu/C"), &f) && f.n_in == 3 && f.n_out == 4);
        assert_true(lot_fact_of_event(a, e, STR("/lot/guyu/D"), &f) && !f.n_in && !f.n_out);
        assert_true(lot_fact_of_event(a, e, STR("/lot/guyu/A"), &f) && !f.n_in && !f.n_out);
        e = event("'type':'TransformationEvent','bizStep':'suyuan:sorting','inputQuantityList':[{" A_LOT ",'quantity':4,'uom':'KGM'},{'epcClass':'" HOST "/lot/guyu/B','quantity':4,'uom':'KGM'}],'outputEPCList':['" HOST "/item/guyu/2']");
        assert_true(lot_fact_of_event(a, e, STR("/lot/guyu/A"), &f) && f.n_in == 2 && f.n_out == 1);
        assert_true(lot_fact_of_event(a, e, STR("/lot/guyu/B"), &f) && !f.n_in && !f.n_out);
        e = event(TRANSFORMATION_("suyuan:milling") ",'transformationID':'urn:uuid:1'");        /* one part of several */
        assert_true(lot_fact_of_event(a, e, STR("/lot/guyu/B"), &f) && !f.n_in && !f.n_out);
}

static void lots_of_one_event_are_bounded(void **state)
{
        (void)state;
        for (int more = 0; more < 2; more++) {
                struct buf b = { .max = 1 << 20 };
                const struct str *lots;
                buf_z(&b, "'type':'ObjectEvent','action':'ADD','epcList':['" HOST "/item/guyu/1'],'quantityList':[");
                for (int i = 0; i < LIMIT_EVENT_LOTS + more; i++)
                        buf_printf(&b, "%s{'epcClass':'" HOST "/lot/guyu/L%d'},{'epcClass':'" HOST "/lot/guyu/L%d'}", i ? "," : "", i, i);
                buf_z(&b, "]");
                assert_int_equal(lots_of_event(a, event(b.p), &lots), LIMIT_EVENT_LOTS);
                buf_free(&b);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(balance_of_an_act),
                cmocka_unit_test(balance_of_a_lot),
                cmocka_unit_test(order_of_a_lot),
                cmocka_unit_test(a_lot_of_too_many_records_is_told_and_not_judged),
                cmocka_unit_test(words_name_what_and_when),
                cmocka_unit_test(an_event_is_what_it_does_to_a_lot),
                cmocka_unit_test(a_transformation_is_told_whole_at_one_lot),
                cmocka_unit_test(lots_of_one_event_are_bounded),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
