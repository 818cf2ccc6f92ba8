#include "proof/seal.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/oom.h"
#include "epcis/facet.h"
#include "merkle/leaf.h"
#include "store/log.h"

/* A shipment is a record of an organisation's own with bizStep shipping.  Shipments are sealed in the order of their numbers, and a seal speaks of the way as it was at
 * that number: so whoever makes it, and whenever, makes the same one, and the newest seal says how far the work has come. */

enum { LOOK_MS = 300, REST = 9, ROWS = 4096, PAGE = 64 };
static const int64_t window_us = INT64_C(7) * 86400 * 1000000; /* what was shipped before there were seals is sealed this far back */

struct due { int64_t org, seq; struct str items[LIMIT_SEAL_ITEMS]; size_t n; };

/* ---- what is due ---- */

/* From which record on an organisation's shipments are looked at. */
static int64_t mark_of(struct reader *r, struct arena *a, int64_t org, struct err *reterr)
{
        struct str subject, detail;
        struct seal_detail d;
        int64_t n = reader_log_newest(r, org, LEAF_LOT_SEAL, reterr);
        if (n > 0 && reader_log_statement(r, a, org, LEAF_LOT_SEAL, n, &subject, &detail, reterr) == 1 && seal_detail_read(detail, &d))
                return d.through;       /* this one once more: it may have had several things */
        int64_t last = n < 0 ? -1 : reader_last_seq(r, org, reterr);
        int64_t before = last < 0 ? -1 : reader_recorded(r, org, last, clock_now_us() - window_us, reterr);
        return before < 0 ? -1 : before + 1;
}

static bool is_goods(const struct item_named *i)
{
        return i->name.n && (i->kind == IDENT_LOT || i->kind == IDENT_ITEM || i->kind == IDENT_UNIT);
}

/* What a shipment says it ships: the container alone where it names one. */
static int read_items(struct reader *r, struct arena *a, const struct event_head *h, int64_t org, struct due *ret, struct err *reterr)
{
        struct item_named list[LIMIT_SEAL_ITEMS];
        size_t n = 0;
        bool parent = false;
        for (size_t i = 0; i < h->n_refs && !parent; i++)
                parent = h->refs[i].role == ROLE_PARENT;
        for (size_t i = 0; i < h->n_refs && n < LIMIT_SEAL_ITEMS; i++)
                if (h->refs[i].role == ROLE_PARENT || (!parent && (h->refs[i].role == ROLE_EPC || h->refs[i].role == ROLE_QUANTITY)))
                        list[n++] = (struct item_named){ .item = h->refs[i].item };
        if (n && reader_item_names(r, a, org, list, n, reterr) < 0)
                return -1;
        for (size_t i = 0; i < n; i++)
                if (is_goods(&list[i]))
                        ret->items[ret->n++] = arena_str(a, list[i].name);
        return 0;
}

static int read_due(struct reader *r, struct arena *a, int64_t org, int64_t seq, struct due *ret, struct err *reterr)
{
        struct event_head h;
        int copy = reader_is_copy(r, org, seq, reterr);
        *ret = (struct due){ .org = org, .seq = seq };
        if (copy)
                return copy < 0 ? -1 : 0;
        if (reader_event(r, a, org, seq, &h, reterr) != 1)
                return -1;
        return h.error_declaration ? 0 : read_items(r, a, &h, org, ret, reterr);
}

/* ---- the work ---- */

static bool is_sealed(struct reader *r, struct arena *a, const struct due *d, struct str item, struct err *reterr)
{
        int64_t n;
        struct str subject, detail;
        struct seal_detail s;
        return reader_log_about(r, a, d->org, LEAF_LOT_SEAL, item, &n, 1, reterr) == 1 && reader_log_statement(r, a, d->org, LEAF_LOT_SEAL, n, &subject, &detail, reterr) == 1 &&
               seal_detail_read(detail, &s) && s.through >= d->seq;
}

/* The seals that are still to be made of a shipment; how many, -1. */
static ssize_t seals_of(struct reader *r, struct arena *a, const struct due *d, struct ledger_statement *ret, struct err *reterr)
{
        struct hash *list;
        size_t n = 0;
        for (size_t i = 0; i < d->n; i++) {
                struct seal_detail s = { .through = d->seq };
                if (is_sealed(r, a, d, d->items[i], reterr))
                        continue;
                s.count = seal_commitments(a, r, d->org, d->items[i], d->seq, &list, reterr);
                if (s.count < 0)
                        return -1;
                s.hash = seal_hash_of(list, (size_t)s.count);
                ret[n++] = (struct ledger_statement){ .org = d->org, .type = LEAF_LOT_SEAL, .subject = d->items[i], .detail = seal_detail_write(a, &s), .once = true };
        }
        return (ssize_t)n;
}

struct seals {
        struct store *store;
        struct ledger *ledger;
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t woken;
        bool stop, threaded, trouble;
        int64_t at;                     /* leaves that were looked at */
};

/* Waits; true: it is over. */
static bool rest(struct seals *s, int64_t us)
{
        struct timespec until;
        if (!s->threaded)
                return false;
        clock_gettime(CLOCK_REALTIME, &until);
        int64_t ns = until.tv_nsec + us % 1000000 * 1000;
        until.tv_sec += us / 1000000 + ns / 1000000000;
        until.tv_nsec = ns % 1000000000;
        pthread_mutex_lock(&s->mutex);
        while (!s->stop && pthread_cond_timedwait(&s->woken, &s->mutex, &until) == 0)
                ;
        bool stop = s->stop;
        pthread_mutex_unlock(&s->mutex);
        return stop;
}

/* One shipment: read in a snapshot that ends before anything is written.  How many seals were made, -1. */
static int64_t seal_shipment(struct seals *s, struct arena *a, int64_t org, int64_t seq, struct err *reterr)
{
        struct due d;
        struct ledger_statement due[LIMIT_SEAL_ITEMS];
        struct reader *r;
        int64_t began = clock_mono_us();
        if (reader_begin(s->store, &r, reterr) < 0)
                return -1;
        ssize_t n = read_due(r, a, org, seq, &d, reterr) < 0 ? -1 : seals_of(r, a, &d, due, reterr);
        reader_end(r);
        for (ssize_t i = 0; i < n; i++) {
                if (ledger_state(s->ledger, &due[i], NULL, reterr) < 0)
                        return -1;
                if (rest(s, REST * (clock_mono_us() - began)))
                        return i + 1;
                began = clock_mono_us();
        }
        return n;
}

static bool is_over(struct seals *s)
{
        pthread_mutex_lock(&s->mutex);
        bool over = s->stop;
        pthread_mutex_unlock(&s->mutex);
        return over;
}

/* A page of an organisation's shipments from `from` on, 0: from where its seals end. */
static ssize_t shipments(struct seals *s, struct arena *a, int64_t org, int64_t from, struct search_row *ret, struct err *reterr)
{
        struct reader *r;
        if (reader_begin(s->store, &r, reterr) < 0)
                return -1;
        int64_t first = from ? from : mark_of(r, a, org, reterr), term = first < 0 ? -1 : reader_term(r, org, STR("shipping"), reterr);
        struct search q = { .org = org, .path = SEARCH_FACET, .facet = FACET_STEP, .value = term, .first_seq = first, .last_seq = INT64_MAX, .time_from_us = INT64_MIN,
                            .time_upto_us = INT64_MAX, .ascending = true, .after_time_us = INT64_MIN };
        ssize_t n = term > 0 ? reader_search(r, &q, ret, PAGE, reterr) : term < 0 ? -1 : 0;
        reader_end(r);
        return n;
}

/* `*from` 0 afterwards: there are no more. */
static int64_t seal_page(struct seals *s, int64_t org, int64_t *from, struct err *reterr)
{
        struct search_row rows[PAGE];
        struct arena *a = arena_new();
        int64_t made = 0, rc = 0;
        ssize_t n = shipments(s, a, org, *from, rows, reterr);
        for (ssize_t i = 0; i < n && rc >= 0 && !is_over(s); i++) {
                arena_reset(a);
                rc = seal_shipment(s, a, org, rows[i].seq, reterr);
                made += rc < 0 ? 0 : rc;
        }
        *from = n == PAGE ? rows[n - 1].seq + 1 : 0;
        arena_free(a);
        return n < 0 || rc < 0 ? -1 : made;
}

static int64_t seal_org(struct seals *s, int64_t org, struct err *reterr)
{
        int64_t from = 0, made = 0;
        do {
                int64_t rc = seal_page(s, org, &from, reterr);
                if (rc < 0)
                        return -1;
                made += rc;
        } while (from && !is_over(s));
        return made;
}

/* ---- who has something new ---- */

static bool remember(int64_t *list, size_t *n, size_t max, int64_t org)
{
        for (size_t i = 0; i < *n; i++)
                if (list[i] == org)
                        return true;
        if (*n == max)
                return false;
        list[(*n)++] = org;
        return true;
}

/* Of the next leaves; how many organisations, -1. */
static ssize_t news(struct seals *s, struct reader *r, struct arena *a, int64_t **ret, struct err *reterr)
{
        struct log_row *rows = arena_raw(a, ROWS * sizeof *rows);
        int64_t *list = arena_array(a, int64_t, ROWS);
        size_t orgs = 0;
        ssize_t n = reader_log_rows(r, s->at, rows, ROWS, reterr);
        for (ssize_t i = 0; i < n; i++)
                if (rows[i].type == LEAF_EVENT)
                        remember(list, &orgs, ROWS, rows[i].org);
        if (n > 0)
                s->at = rows[n - 1].idx + 1;
        *ret = list;
        return n < 0 ? -1 : (ssize_t)orgs;
}

/* The first time every organisation, then those that recorded something. */
static ssize_t whose(struct seals *s, struct arena *a, int64_t **ret, struct err *reterr)
{
        struct reader *r;
        if (reader_begin(s->store, &r, reterr) < 0)
                return -1;
        ssize_t n;
        if (s->at < 0) {
                s->at = reader_log_size(r, reterr);
                n = s->at < 0 ? -1 : (ssize_t)reader_orgs(r, a, reader_see(r, NULL, 0, true), ret);
        } else {
                n = news(s, r, a, ret, reterr);
        }
        reader_end(r);
        return n;
}

static int64_t go_on(struct seals *s, struct err *reterr)
{
        int64_t *orgs, made = 0, was;
        struct arena *a = arena_new();
        do {
                was = s->at;
                ssize_t n = whose(s, a, &orgs, reterr);
                for (ssize_t i = 0; i < n && made >= 0 && !is_over(s); i++) {
                        int64_t rc = seal_org(s, orgs[i], reterr);
                        made = rc < 0 ? -1 : made + rc;
                }
                made = n < 0 ? -1 : made;
                arena_reset(a);
        } while (made >= 0 && s->at - was >= ROWS && !is_over(s));
        if (made < 0)
                s->at = -1;     /* what was left aside is found again by the seals that stand */
        arena_free(a);
        return made;
}

/* ---- the thread ---- */

static void *run(void *ctx)
{
        struct seals *s = ctx;
        do {
                struct err e = { 0 };
                int64_t made = go_on(s, &e);
                if (made < 0 && !s->trouble)
                        log_line(LOG_WARN, "log.seal", "why=\"%s\"", e.detail);
                s->trouble = made < 0;
        } while (!rest(s, s->trouble ? 10 * 1000 * 1000 : LOOK_MS * 1000));
        return NULL;
}

static struct seals *seals_new(struct store *store, struct ledger *l, bool threaded)
{
        struct seals *s = or_abort(calloc(1, sizeof *s));
        *s = (struct seals){ .store = store, .ledger = l, .threaded = threaded, .at = -1 };
        pthread_mutex_init(&s->mutex, NULL);
        pthread_cond_init(&s->woken, NULL);
        return s;
}

static void seals_free(struct seals *s)
{
        pthread_cond_destroy(&s->woken);
        pthread_mutex_destroy(&s->mutex);
        free(s);
}

int seals_start(struct store *store, struct ledger *l, struct seals **ret, struct err *reterr)
{
        struct seals *s = seals_new(store, l, true);
        if (pthread_create(&s->thread, NULL, run, s) != 0) {
                seals_free(s);
                return err_set(reterr, ERR_INTERNAL, "the thread of the lot seals cannot be started");
        }
        *ret = s;
        return 0;
}

void seals_stop(struct seals *s)
{
        if (!s)
                return;
        pthread_mutex_lock(&s->mutex);
        s->stop = true;
        pthread_cond_signal(&s->woken);
        pthread_mutex_unlock(&s->mutex);
        pthread_join(s->thread, NULL);
        seals_free(s);
}

int64_t seals_catch_up(struct store *store, struct ledger *l, struct err *reterr)
{
        struct seals *s = seals_new(store, l, false);
        int64_t made = go_on(s, reterr);
        seals_free(s);
        return made;
}
