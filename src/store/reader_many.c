#include <stdlib.h>

#include "base/oom.h"
#include "store/sql_names.h"
#include "store/many_impl.h"
#include "store/parties.h"

/* Reading over many organisations (store.h, ORG_MANY).  An item or event is known by (organisation << 40 | its number there).  Of the
 * items that bear one name, the lowest organisation's stands for all; which those are is searched once a snapshot, by name. */

/* ---- whose records ---- */

static int by_number(const void *a, const void *b)
{
        int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
        return (x > y) - (x < y);
}

void many_forget(struct many *m)
{
        if (!m || !m->arena)
                return;
        arena_free(m->arena);
        *m = (struct many){ 0 };
}

void many_free(struct many *m)
{
        many_forget(m);
        free(m);
}

int64_t reader_see(struct reader *r, const int64_t *orgs, size_t n, bool all)
{
        if (!all && n == 1)
                return orgs[0];
        if (all && r->store->n_orgs == 1)
                return r->store->orgs[0].id;
        if (!r->many)
                r->many = or_abort(calloc(1, sizeof(*r->many)));
        many_forget(r->many);
        struct many *m = r->many;
        m->arena = arena_new();
        m->all = all;
        m->orgs = arena_array(m->arena, int64_t, n + 1);
        for (size_t i = 0; i < n; i++)
                m->orgs[i] = orgs[i];
        qsort(m->orgs, n, sizeof(*m->orgs), by_number);
        m->n_orgs = n;
        return ORG_MANY;
}

int64_t reader_see_public(struct reader *r)
{
        /* One organisation alone is read as it is, unless it is not the public's: then nobody's records are. */
        bool alone = r->store->n_orgs == 1, hidden = alone && !store_published(r->store, r->store->orgs[0].id);
        int64_t org = reader_see(r, NULL, 0, !hidden);
        if (org == ORG_MANY)
                r->many->public = true;
        return org;
}

bool many_sees(const struct many *m, int64_t org)
{
        return m->all || bsearch(&org, m->orgs, m->n_orgs, sizeof(org), by_number);
}

/* The i-th of the organisations that are seen; false at the end. */
static bool seen_org(const struct reader *r, size_t i, int64_t *ret)
{
        const struct many *m = r->many;
        if (i >= (m->all ? r->store->n_orgs : m->n_orgs))
                return false;
        *ret = m->all ? r->store->orgs[i].id : m->orgs[i];
        return true;
}

/* ---- groups of items with one name ---- */

static uint32_t slot_of(const struct many *m, int64_t member)
{
        uint32_t at = (uint32_t)(((uint64_t)member * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (m->n_slots - 1);
        while (m->slots[at].member && m->slots[at].member != member)
                at = (at + 1) & (m->n_slots - 1);
        return at;
}

static void remember(struct many *m, int64_t member, uint32_t group)
{
        if (2 * (m->n_members + 1) > m->n_slots) {
                uint32_t old = m->n_slots;
                struct member_slot *was = m->slots;
                m->n_slots = old ? old * 2 : 256;
                m->slots = arena_alloc(m->arena, m->n_slots * sizeof(*m->slots));
                for (uint32_t i = 0; i < old; i++)
                        if (was[i].member)
                                m->slots[slot_of(m, was[i].member)] = was[i];
        }
        uint32_t at = slot_of(m, member);
        m->n_members += !m->slots[at].member;
        m->slots[at].member = member;
        m->slots[at].group = group;
}

static struct group *known_group(const struct many *m, int64_t member)
{
        uint32_t at = m->n_slots ? slot_of(m, member) : 0;
        return m->n_slots && m->slots[at].member ? m->groups[m->slots[at].group] : NULL;
}

static struct group *add_group(struct many *m, const int64_t *members, uint32_t n)
{
        if (m->n_groups == m->cap_groups) {
                struct group **more = arena_array(m->arena, struct group *, m->cap_groups = m->cap_groups ? m->cap_groups * 2 : 64);
                if (m->n_groups)
                        memcpy(more, m->groups, m->n_groups * sizeof(*more));
                m->groups = more;
        }
        struct group *g = m->groups[m->n_groups] = arena_alloc(m->arena, sizeof(*g));
        g->members = arena_array(m->arena, int64_t, n);
        memcpy(g->members, members, n * sizeof(*members));
        g->n = n;
        for (uint32_t i = 0; i < n; i++)
                remember(m, members[i], m->n_groups);
        m->n_groups++;
        return g;
}

/* Everyone of the seen who knows `canonical`: 1, 0 nobody, -1. */
static int group_by_name(struct reader *r, struct str canonical, struct group **ret, struct err *reterr)
{
        const struct db_row *row;
        struct many *m = r->many;
        int64_t few[16], *list = few;
        uint32_t n = 0, cap = 16;
        int rc = db_query(r->db, SQL_item_everywhere, DB_ARGS(db_t(canonical)), reterr);
        while (rc >= 0 && (rc = db_next(r->db, SQL_item_everywhere, &row, reterr)) == 1) {
                if (!many_sees(m, db_int(row, 0)))
                        continue;
                if (n == cap) {
                        int64_t *more = arena_array(m->arena, int64_t, cap *= 4);
                        memcpy(more, list, n * sizeof(*list));
                        list = more;
                }
                list[n++] = number_of(db_int(row, 0), db_int(row, 1));
        }
        if (rc < 0)
                return -1;
        *ret = !n ? NULL : known_group(m, list[0]);
        if (n && !*ret)
                *ret = add_group(m, list, n);
        return n > 0;
}

/* The group of an item; the item alone where the database lost its name (`suyuan check` tells). */
int many_group(struct reader *r, int64_t item, struct group **ret, struct err *reterr)
{
        *ret = known_group(r->many, item);
        if (*ret)
                return 0;
        struct str name = reader_item_name(r, r->many->arena, number_org(item), number_low(item), NULL);
        int rc = name.n ? group_by_name(r, name, ret, reterr) : 0;
        if (rc == 0)
                *ret = add_group(r->many, &item, 1);
        return rc < 0 ? -1 : 0;
}

/* ---- items ---- */

int64_t many_item(struct reader *r, struct str canonical, struct err *reterr)
{
        struct group *g;
        int rc = group_by_name(r, canonical, &g, reterr);
        for (uint32_t i = 0; rc == 1 && i < g->n; i++) {
                int counts = many_counts(r, g, number_org(g->members[i]), reterr);
                if (counts)
                        return counts < 0 ? -1 : g->members[0];
        }
        return rc < 0 ? -1 : 0;
}

struct str many_item_name(struct reader *r, struct arena *a, int64_t item, int *ret_kind)
{
        return reader_item_name(r, a, number_org(item), number_low(item), ret_kind);
}

static int by_item_number(const void *a, const void *b)
{
        const struct item_named *x = a, *y = b;
        return (x->item > y->item) - (x->item < y->item);
}

int many_item_names(struct reader *r, struct arena *a, struct item_named *list, size_t n, struct err *reterr)
{
        struct item_named *sorted = arena_raw(a, (n + 1) * sizeof(*sorted));
        if (n)
                memcpy(sorted, list, n * sizeof(*list));
        qsort(sorted, n, sizeof(*sorted), by_item_number);
        for (size_t at = 0, end; at < n; at = end) {
                int64_t org = number_org(sorted[at].item);
                for (end = at; end < n && number_org(sorted[end].item) == org; end++)
                        sorted[end].item = number_low(sorted[end].item);
                if (reader_item_names(r, a, org, sorted + at, end - at, reterr) < 0)
                        return -1;
                for (size_t i = at; i < end; i++)
                        sorted[i].item = number_of(org, sorted[i].item);
        }
        for (size_t i = 0; i < n; i++) {
                const struct item_named *found = bsearch(&list[i], sorted, n, sizeof(*sorted), by_item_number);
                list[i] = *found;
        }
        return 0;
}

size_t reader_marks(struct reader *r, struct arena *a, int64_t org, const int64_t *items, size_t n, int64_t **ret)
{
        size_t total = 0;
        for (size_t i = 0; i < n; i++) {
                struct group *g = org == ORG_MANY ? known_group(r->many, items[i]) : NULL;
                total += g ? g->n : 1;
        }
        int64_t *list = *ret = arena_array(a, int64_t, total + 1);
        for (size_t i = 0; i < n; i++) {
                struct group *g = org == ORG_MANY ? known_group(r->many, items[i]) : NULL;
                if (g)
                        memcpy(list, g->members, g->n * sizeof(*list));
                else
                        *list = org == ORG_MANY ? items[i] : number_of(org, items[i]);
                list += g ? g->n : 1;
        }
        return total;
}

/* ---- events ---- */

/* A copy is told where its original is not seen, and then by the first who has one. */
static int is_told(struct reader *r, int64_t org, int64_t from_org, int64_t from_seq, struct err *reterr)
{
        const struct db_row *row;
        if (many_sees(r->many, from_org))
                return 0;
        int64_t first = org;
        int rc = db_query(r->db, SQL_received_by, DB_ARGS(db_i(from_org), db_i(from_seq)), reterr);
        while (rc >= 0 && (rc = db_next(r->db, SQL_received_by, &row, reterr)) == 1)
                if (many_sees(r->many, db_int(row, 0))) {
                        first = db_int(row, 0);
                        break;
                }
        db_done(r->db, SQL_received_by);
        return rc < 0 ? -1 : first == org;
}

/* Rows of one organisation as they stand, up to `max`, and where copies came from. */
ssize_t many_rows(struct reader *r, int64_t member, int64_t after, struct item_event *ret, struct origin_of *from, size_t max, struct err *reterr)
{
        const struct db_row *row;
        size_t n = 0;
        int64_t org = number_org(member);
        int rc = db_query(r->db, SQL_item_events_many, DB_ARGS(db_i(org), db_i(number_low(member)), db_i(after)), reterr);
        while (rc >= 0 && n < max && (rc = db_next(r->db, SQL_item_events_many, &row, reterr)) == 1) {
                from[n] = (struct origin_of){ db_int(row, 3), db_int(row, 4) };
                ret[n++] = (struct item_event){ number_of(org, db_int(row, 0)), db_int(row, 1), (uint8_t)db_int(row, 2) };
        }
        db_done(r->db, SQL_item_events_many);
        return rc < 0 ? -1 : (ssize_t)n;
}

/* Without the copies that are not told; how many are left. */
static ssize_t drop_copies(struct reader *r, int64_t org, struct item_event *list, const struct origin_of *from, size_t n, struct err *reterr)
{
        size_t kept = 0;
        int told = 1;
        for (size_t i = 0; i < n; i++) {
                if (!i || list[i].seq != list[i - 1].seq || from[i].seq != from[i - 1].seq)
                        told = from[i].org ? is_told(r, org, from[i].org, from[i].seq, reterr) : 1;
                if (told < 0)
                        return -1;
                if (told)
                        list[kept++] = list[i];
        }
        return (ssize_t)kept;
}

/* One organisation's rows into what is left of a page; a page with room left is the last one. */
static ssize_t member_events(struct reader *r, int64_t member, int64_t after, struct item_event *ret, size_t max, struct err *reterr)
{
        struct arena *scratch = arena_new();
        struct item_event *list = arena_raw(scratch, max * sizeof(*list));
        struct origin_of *from = arena_raw(scratch, max * sizeof(*from));
        size_t n = 0;
        ssize_t got = 0, kept = 0;
        bool more = true;
        while (more && n < max) {
                got = many_rows(r, member, after, list, from, max - n, reterr);
                more = got == (ssize_t)(max - n);
                if (got <= 0)
                        break;
                /* A full page may end within the rows of its last event, whose rest then belongs to the next look. */
                size_t whole = (size_t)got;
                while (more && whole > 0 && list[whole - 1].seq == list[got - 1].seq)
                        whole--;
                if (!whole)
                        whole = (size_t)got;
                after = number_low(list[whole - 1].seq);
                kept = drop_copies(r, number_org(member), list, from, whole, reterr);
                if (kept < 0)
                        break;
                memcpy(ret + n, list, (size_t)kept * sizeof(*list));
                n += (size_t)kept;
        }
        arena_free(scratch);
        return got < 0 || kept < 0 ? -1 : (ssize_t)n;
}

ssize_t many_item_events(struct reader *r, int64_t item, int64_t after, struct item_event *ret, size_t max, struct err *reterr)
{
        struct group *g;
        size_t n = 0;
        if (many_group(r, item, &g, reterr) < 0)
                return -1;
        for (uint32_t i = 0; i < g->n && n < max; i++) {
                int64_t org = number_org(g->members[i]);
                int counts = org < number_org(after) ? 0 : many_counts(r, g, org, reterr);
                if (counts < 0)
                        return -1;
                if (!counts)
                        continue;
                ssize_t got = member_events(r, g->members[i], org == number_org(after) ? number_low(after) : 0, ret + n, max - n, reterr);
                if (got < 0)
                        return -1;
                n += (size_t)got;
        }
        return (ssize_t)n;
}

/* The items of an event as the ones that stand for them, without those of which it may not speak; how many.  Names of those met first are read together. */
static ssize_t lift_refs(struct reader *r, struct arena *a, int64_t org, struct event_ref *refs, size_t n, struct err *reterr)
{
        struct item_named *strange = arena_raw(a, (n + 1) * sizeof(*strange));
        size_t n_strange = 0;
        for (size_t i = 0; i < n; i++)
                if (!known_group(r->many, number_of(org, refs[i].item)))
                        strange[n_strange++] = (struct item_named){ .item = refs[i].item };
        if (n_strange && reader_item_names(r, r->many->arena, org, strange, n_strange, reterr) < 0)
                return -1;
        for (size_t i = 0; i < n_strange; i++) {
                struct group *g;
                if (strange[i].name.n && group_by_name(r, strange[i].name, &g, reterr) < 0)
                        return -1;
        }
        size_t kept = 0;
        for (size_t i = 0; i < n; i++) {
                struct group *g;
                if (many_group(r, number_of(org, refs[i].item), &g, reterr) < 0)
                        return -1;
                int told = many_ref_told(r, g, org, refs[i].role, reterr);
                if (told < 0)
                        return -1;
                refs[kept] = refs[i];
                refs[kept].item = g->members[0];
                kept += (size_t)told;
        }
        return (ssize_t)kept;
}

int many_event(struct reader *r, struct arena *a, int64_t number, struct event_head *ret, struct err *reterr)
{
        int64_t org = number_org(number);
        if (!many_sees(r->many, org))
                return 0;
        int rc = reader_event(r, a, org, number_low(number), ret, reterr);
        if (rc != 1)
                return rc;
        struct event_ref *refs = arena_raw(a, (ret->n_refs + 1) * sizeof(*refs));
        if (ret->n_refs)
                memcpy(refs, ret->refs, ret->n_refs * sizeof(*refs));
        ret->refs = refs;
        ret->seq = number;
        ssize_t n = lift_refs(r, a, org, refs, ret->n_refs, reterr);
        ret->n_refs = n < 0 ? 0 : (size_t)n;
        return n < 0 ? -1 : 1;
}

/* 1: a copy that is not told. */
static int is_hidden(struct reader *r, int64_t org, int64_t seq, struct err *reterr)
{
        const struct db_row *row;
        struct origin_of from = { 0 };
        int rc = db_one(r->db, SQL_received_from, DB_ARGS(db_i(org), db_i(seq)), &row, reterr);
        if (rc == 1)
                from = (struct origin_of){ db_int(row, 0), db_int(row, 1) };
        db_done(r->db, SQL_received_from);
        if (rc != 1)
                return rc;
        int told = is_told(r, org, from.org, from.seq, reterr);
        return told < 0 ? -1 : !told;
}

int reader_is_copy(struct reader *r, int64_t org, int64_t seq, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(r->db, SQL_received_from, DB_ARGS(db_i(org), db_i(seq)), &row, reterr);
        db_done(r->db, SQL_received_from);
        return rc;
}

ssize_t many_event_id(struct reader *r, struct str event_id, int64_t *ret, size_t max, struct err *reterr)
{
        size_t n = 0;
        int64_t org;
        for (size_t i = 0; n < max && seen_org(r, i, &org); i++) {
                ssize_t got = reader_event_id(r, org, event_id, ret + n, max - n, reterr);
                for (ssize_t k = 0, from = (ssize_t)n; k < got; k++) {
                        int64_t seq = ret[from + k];
                        int hidden = is_hidden(r, org, seq, reterr);
                        if (hidden < 0)
                                return -1;
                        if (!hidden)
                                ret[n++] = number_of(org, seq);
                }
                if (got < 0)
                        return -1;
        }
        return (ssize_t)n;
}

int64_t many_last(struct reader *r, struct err *reterr)
{
        int64_t org, last = 0;
        for (size_t i = 0; seen_org(r, i, &org); i++) {
                int64_t seq = reader_last_seq(r, org, reterr);
                if (seq < 0)
                        return -1;
                last = seq && number_of(org, seq) > last ? number_of(org, seq) : last;
        }
        return last;
}

/* ---- beside events ---- */

/* The newest statement of all who are seen; to the public, of those who may name the thing. */
int many_master(struct reader *r, struct arena *a, struct str canonical, struct str *ret_type, struct str *ret_json, struct err *reterr)
{
        const struct db_row *row;
        int64_t newest = INT64_MIN, only = many_namer(r, canonical, reterr);
        int rc = only < 0 ? -1 : db_query(r->db, SQL_master_everywhere, DB_ARGS(db_t(canonical)), reterr);
        while (rc >= 0 && (rc = db_next(r->db, SQL_master_everywhere, &row, reterr)) == 1)
                if (many_sees(r->many, db_int(row, 0)) && db_int(row, 3) > newest && (!only || only == db_int(row, 0)) &&
                    (!r->many->public || store_published(r->store, db_int(row, 0)))) {
                        newest = db_int(row, 3);
                        *ret_type = arena_str(a, db_text(row, 1));
                        *ret_json = arena_str(a, db_text(row, 2));
                }
        return rc < 0 ? -1 : newest > INT64_MIN;
}

int many_capture(struct reader *r, struct arena *a, struct str id, struct str *ret_json, struct err *reterr)
{
        int64_t org;
        int rc = 0;
        for (size_t i = 0; rc == 0 && seen_org(r, i, &org); i++)
                rc = reader_capture(r, a, org, id, ret_json, reterr);
        return rc;
}

/* ---- searching ---- */

size_t many_orgs(struct reader *r, struct arena *a, int64_t **ret)
{
        size_t n = r->many->all ? r->store->n_orgs : r->many->n_orgs;
        *ret = arena_array(a, int64_t, n + 1);
        for (size_t i = 0; i < n; i++)
                (void)seen_org(r, i, &(*ret)[i]);
        return n;
}

int many_hidden(struct reader *r, int64_t org, int64_t seq, struct err *reterr)
{
        return is_hidden(r, org, seq, reterr);
}
