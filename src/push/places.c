#include <stdlib.h>

#include "base/text.h"
#include "push/push_impl.h"
#include "store/sql_names.h"
#include "store/store_impl.h"

/* How far a subscription has told of each organisation that it tells of: its own, which stands first, and those of its district where it is a
 * regulator's.  One that joins begins where the subscription itself did: what a query finds that was recorded since is told, and what was told
 * before is not told again when it leaves and comes back. */

struct place *place_of(struct sub *s, int64_t org)
{
        for (size_t i = 0; i < s->n_places; i++)
                if (s->places[i].org == org)
                        return &s->places[i];
        return NULL;
}

struct place *place_add(struct sub *s, int64_t org, int64_t mark)
{
        if (s->n_places == s->cap_places) {
                struct place *more = arena_array(s->arena, struct place, s->cap_places = s->cap_places ? 2 * s->cap_places : 4);
                if (s->n_places)
                        memcpy(more, s->places, s->n_places * sizeof *more);
                s->places = more;
        }
        s->places[s->n_places] = (struct place){ .org = org, .mark = mark, .looked = mark, .kept = mark };
        return &s->places[s->n_places++];
}

/* Of another organisation: behind what was recorded before the subscription was made, or before the time it asked for. */
static int begin_place(struct sub *s, struct reader *r, int64_t org, int64_t last, struct err *reterr)
{
        int64_t since = s->s.from_us ? s->s.from_us : s->s.created_us;
        int64_t mark = last > 0 ? reader_recorded(r, org, last, since - 1, reterr) : 0;
        if (mark < 0)
                return -1;
        place_add(s, org, mark)->last = last;
        return 0;
}

static uint64_t sum_of(const int64_t *orgs, size_t n)
{
        uint64_t sum = n;
        for (size_t i = 0; i < n; i++)
                sum = (sum ^ (uint64_t)orgs[i]) * UINT64_C(0x100000001b3);
        return sum;
}

/* Whom it tells of now: as its queries would. */
static size_t seen(const struct push *p, struct arena *a, const struct sub *s, const int64_t **ret)
{
        if (!s->n_sees && p->sees)
                return p->sees(p->sees_ctx, a, s->s.org, ret);
        *ret = s->n_sees ? s->sees : &s->s.org;
        return s->n_sees ? s->n_sees : 1;
}

bool places_changed(struct push *p, struct arena *a, struct sub *s)
{
        const int64_t *orgs;
        size_t n = seen(p, a, s, &orgs);
        return sum_of(orgs, n) != s->seen_sum;
}

int places_look(struct push *p, struct sub *s, struct reader *r, struct arena *a, int64_t *ret_org, struct err *reterr)
{
        const int64_t *orgs;
        size_t n = seen(p, a, s, &orgs);
        for (size_t i = 0; i < s->n_places; i++)
                s->places[i].last = s->places[i].looked;        /* one that has left the district is told of no more */
        for (size_t i = 0; i < n; i++) {
                int64_t last = reader_last_seq(r, orgs[i], reterr);
                struct place *at = place_of(s, orgs[i]);
                if (last < 0 || (!at && begin_place(s, r, orgs[i], last, reterr) < 0))
                        return -1;
                if (!at)
                        continue;
                if (at->looked > last)          /* said by an asker who was elsewhere */
                        at->looked = at->mark = last;
                at->last = last;
        }
        s->seen_sum = sum_of(orgs, n);
        *ret_org = n == 1 ? s->s.org : reader_see(r, orgs, n, false);
        return 0;
}

void places_run(struct sub *s)
{
        for (size_t i = 0; i < s->n_places; i++)
                s->places[i].run_upto = s->places[i].last;
}

/* How far it may be looked: in a scheduled run what was there at its beginning. */
int64_t place_end(const struct sub *s, const struct place *at)
{
        return s->running && at->run_upto < at->last ? at->run_upto : at->last;
}

bool places_over(const struct sub *s)
{
        for (size_t i = 0; i < s->n_places; i++)
                if (s->places[i].looked < place_end(s, &s->places[i]))
                        return false;
        return true;
}

int64_t places_ahead(const struct sub *s)
{
        int64_t n = 0;
        for (size_t i = 0; i < s->n_places; i++)
                n += s->places[i].looked - s->places[i].mark;
        return n;
}

void places_back(struct sub *s)
{
        for (size_t i = 0; i < s->n_places; i++) {
                s->places[i].looked = s->places[i].mark;
                s->places[i].next_us = 0;
        }
}

void places_take(struct sub *s)
{
        for (size_t i = 0; i < s->n_places; i++)
                s->places[i].mark = s->places[i].looked;
        s->s.mark = s->places[0].mark;
}

int64_t places_sum(const struct sub *s)
{
        int64_t n = 0;
        for (size_t i = 0; i < s->n_places; i++)
                n += s->places[i].looked;
        return n;
}

/* 1: the place of the next event in the order of recording; 0: there is none; -1. */
int places_next(struct sub *s, struct reader *r, struct place **ret, struct err *reterr)
{
        struct place *best = NULL;
        size_t waiting = 0;
        for (size_t i = 0; i < s->n_places; i++)
                waiting += s->places[i].looked < place_end(s, &s->places[i]);
        for (size_t i = 0; i < s->n_places; i++) {
                struct place *at = &s->places[i];
                struct search_row row = { 0 };
                if (at->looked >= place_end(s, at))
                        continue;
                if (waiting > 1 && !at->next_us) {
                        if (reader_event_row(r, at->org, at->looked + 1, &row, reterr) < 0)
                                return -1;
                        at->next_us = row.record_us + 1;        /* never 0, also where an event is missing */
                }
                if (!best || at->next_us < best->next_us)
                        best = at;
        }
        *ret = best;
        return best != NULL;
}

/* ---- kept ---- */

int places_load(struct db *db, struct sub *s, struct err *reterr)
{
        const struct db_row *row;
        place_add(s, s->s.org, s->s.mark);
        int rc = db_query(db, SQL_subscription_places, DB_ARGS(db_i(s->s.org), db_t(s->s.id)), reterr);
        while (rc >= 0 && (rc = db_next(db, SQL_subscription_places, &row, reterr)) == 1)
                place_add(s, db_int(row, 0), db_int(row, 1));
        return rc < 0 ? -1 : 0;
}

int places_keep(struct db *db, const struct sub *s, struct err *reterr)
{
        for (size_t i = 1; i < s->n_places; i++)
                if (s->places[i].mark != s->places[i].kept &&
                    db_run(db, SQL_subscription_place_set, DB_ARGS(db_i(s->places[i].org), db_i(s->places[i].mark), db_i(s->s.org), db_t(s->s.id)), reterr) < 0)
                        return -1;
        return 0;
}

void places_kept(struct sub *s)
{
        for (size_t i = 0; i < s->n_places; i++)
                s->places[i].kept = s->places[i].mark;
}

static int record_time(struct reader *r, int64_t org, int64_t seq, int64_t *ret, struct err *reterr)
{
        struct search_row row = { 0 };
        int rc = seq > 0 ? reader_event_row(r, org, seq, &row, reterr) : 0;
        *ret = row.record_us;
        return rc < 0 ? -1 : 0;
}

/* What was told last, or just before the first that waits to be told. */
static int told_until(const struct sub *s, struct reader *r, int64_t *ret, struct err *reterr)
{
        int64_t told = s->s.from_us, waiting = INT64_MAX, us;
        for (size_t i = 0; i < s->n_places; i++) {
                const struct place *at = &s->places[i];
                bool more = at->looked < at->last;
                if (record_time(r, at->org, at->looked + more, &us, reterr) < 0)
                        return -1;
                if (more)
                        waiting = us - 1 < waiting ? us - 1 : waiting;
                else
                        told = us > told ? us : told;
        }
        *ret = waiting < told ? waiting : told;
        return 0;
}

int push_told_until(struct push *p, struct arena *a, const struct subscription *s, int64_t *ret_us, struct err *reterr)
{
        struct sub sub = { .arena = a, .s = *s };
        struct reader *r;
        int64_t org;
        if (reader_begin(p->store, &r, reterr) < 0)
                return -1;
        int rc = places_load(reader_db(r), &sub, reterr) < 0 || places_look(p, &sub, r, a, &org, reterr) < 0 || told_until(&sub, r, ret_us, reterr) < 0 ? -1 : 0;
        reader_end(r);
        return rc;
}

/* ---- as a text that a stream's asker brings back: "17", or "t1780000000000000.1-17.3-9" where there are several organisations ---- */

void places_write(struct buf *b, const struct sub *s)
{
        if (s->n_places == 1) {
                buf_printf(b, "%lld", (long long)s->places[0].looked);
                return;
        }
        buf_printf(b, "t%lld", (long long)(s->s.from_us ? s->s.from_us : s->s.created_us));
        for (size_t i = 0; i < s->n_places; i++)
                if (s->places[i].looked)
                        buf_printf(b, ".%lld-%lld", (long long)s->places[i].org, (long long)s->places[i].looked);
}

static bool number(struct str text, int64_t *ret)
{
        *ret = 0;
        for (size_t i = 0; i < text.n; i++) {
                if (text.p[i] < '0' || text.p[i] > '9' || i > 16)
                        return false;
                *ret = *ret * 10 + (text.p[i] - '0');
        }
        return text.n > 0;
}

static bool read_pair(struct sub *s, struct str text)
{
        struct str org;
        int64_t of, at;
        if (!str_split(&text, '-', &org) || !number(org, &of) || !number(text, &at))
                return false;
        struct place *place = place_of(s, of);
        if (place)
                place->looked = place->mark = at;
        else
                place_add(s, of, at);
        return true;
}

bool places_read(struct sub *s, struct str text)
{
        struct str part;
        int64_t n;
        if (!str_starts(text, STR("t"))) {
                bool good = number(text, &n);
                if (good)
                        place_add(s, s->s.org, n);
                return good;
        }
        text = str_from(text, 1);
        if (!str_split(&text, '.', &part) || !number(part, &n))
                return false;
        s->s.created_us = n;
        place_add(s, s->s.org, 0);
        while (str_split(&text, '.', &part))
                if (!read_pair(s, part))
                        return false;
        return true;
}
