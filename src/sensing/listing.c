#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "farm/thing.h"
#include "sensing/quality/quality.h"
#include "sensing/sensing_impl.h"
#include "store/sql_names.h"

/* Devices as JSON. */

static void member(struct buf *b, const char *name, struct str s)
{
        if (!s.n)
                return;
        buf_char(b, ',');
        json_write_name(b, name);
        json_write_str(b, s);
}

static void time_member(struct buf *b, struct arena *a, const char *name, int64_t us)
{
        if (us)
                member(b, name, stamp_utc(a, us));
}

/* ---- state ---- */

static const char *state_of(const struct device_row *d, const struct heard *h, const struct json *detail)
{
        if (d->removed_us || d->revoked_us)
                return "revoked";
        if (!h->last_ms)
                return "never";
        return clock_now_us() / 1000 - h->last_ms > device_silent_ms(detail) ? "silent" : "online";
}

static void write_state(struct buf *b, struct arena *a, const struct device_row *d, const struct heard *h, const struct json *detail)
{
        buf_printf(b, ",\"state\":\"%s\"", state_of(d, h, detail));
        if (h->last_ms)
                member(b, "lastSeen", stamp_utc(a, h->last_ms * 1000));
        if (h->online >= 0)
                buf_printf(b, ",\"onlineRate\":%.3f", h->online);
        time_member(b, a, "registered", d->created_us);
        time_member(b, a, "revoked", d->revoked_us);
        time_member(b, a, "removed", d->removed_us);
        member(b, "successor", d->successor);
}

static void write_head(struct sensing *g, struct arena *a, struct buf *b, const struct device_row *d)
{
        const struct origins *own = store_origins(g->store);
        buf_z(b, "{\"id\":");
        json_write_str(b, d->id);
        member(b, "org", store_org_code(g->store, a, d->org));
        member(b, "uri", ident_uri(a, sensing_canonical(g, a, d), own));
        if (d->place.n)
                member(b, "placeUri", ident_uri(a, d->place, own));
}

/* ---- one ---- */

/* Its description, without what was told already. */
static void write_detail(struct buf *b, const struct json *detail)
{
        for (uint32_t i = 0; json_is(detail, JSON_OBJECT) && i < detail->n; i++) {
                struct str name = detail->members[i].name;
                if (str_is(name, "id") || str_is(name, "channels"))
                        continue;
                buf_char(b, ',');
                json_write_str(b, name);
                buf_char(b, ':');
                json_write(b, &detail->members[i].value);
        }
}

static const struct json *described(const struct json *detail, struct str code)
{
        const struct json *list = json_get(detail, "channels");
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++)
                if (str_eq(json_str(&list->items[i], "code"), code))
                        return &list->items[i];
        return NULL;
}

static void write_last(struct buf *b, struct arena *a, const struct channel_state *s)
{
        buf_printf(b, ",\"last\":[%lld,%.*s],\"lastTime\":", (long long)s->last.t_ms, STR_ARG(decimal_text(a, s->last.value)));
        json_write_str(b, stamp_utc(a, s->last.t_ms * 1000));
        buf_printf(b, ",\"flag\":%d,\"first\":%lld,\"n\":%lld", s->last.flag, (long long)s->first_ms, (long long)s->n);
}

static void write_channel(struct buf *b, struct arena *a, const struct json *detail, struct str code, const struct channel_state *s)
{
        struct channel_about about;
        const struct json *told = described(detail, code);
        channel_about(detail, code, &about);
        buf_z(b, "{\"code\":");
        json_write_str(b, code);
        for (uint32_t i = 0; told && i < told->n; i++) {
                if (str_is(told->members[i].name, "code"))
                        continue;
                buf_char(b, ',');
                json_write_str(b, told->members[i].name);
                buf_char(b, ':');
                json_write(b, &told->members[i].value);
        }
        if (!json_str(told, "quantity").n)
                member(b, "quantity", about.quantity);
        if (!json_str(told, "unit").n)
                member(b, "unit", about.unit);
        member(b, "uom", about.unit);
        if (s)
                write_last(b, a, s);
        buf_char(b, '}');
}

static const struct channel_state *state_of_channel(const struct channel_state *list, size_t n, struct str code)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq(list[i].channel, code))
                        return &list[i];
        return NULL;
}

/* Those that are described in their order, then those that only spoke. */
static int write_channels(struct sensing *g, struct arena *a, struct buf *b, const struct device_row *d, const struct json *detail, struct err *reterr)
{
        struct channel_state *list = NULL;
        size_t n = 0;
        bool more = false;
        const struct json *told = json_get(detail, "channels");
        if (series_channels(g->series, a, d->id, &list, &n, reterr) < 0)
                return -1;
        buf_z(b, ",\"channels\":[");
        for (uint32_t i = 0; json_is(told, JSON_ARRAY) && i < told->n; i++, more = true) {
                struct str code = json_str(&told->items[i], "code");
                buf_z(b, more ? "," : "");
                write_channel(b, a, detail, code, state_of_channel(list, n, code));
        }
        for (size_t i = 0; i < n; i++) {
                if (described(detail, list[i].channel))
                        continue;
                buf_z(b, more ? "," : "");
                more = true;
                write_channel(b, a, detail, list[i].channel, &list[i]);
        }
        buf_char(b, ']');
        return 0;
}

int sensing_device_write(struct sensing *g, const struct request *q, struct str id, struct buf *b, struct err *reterr)
{
        struct arena *a = q->arena;
        struct device_row d;
        struct heard h;
        const struct json *detail;
        int64_t now_ms = clock_now_us() / 1000;
        if (sensing_device_seen(g, q, id, false, &d, reterr) < 0 || json_read(a, d.detail.p, d.detail.n, NULL, &detail, reterr) < 0)
                return -1;
        seen_of(g, &d, &h);
        write_head(g, a, b, &d);
        write_detail(b, detail);
        write_state(b, a, &d, &h, detail);
        if (write_channels(g, a, b, &d, detail, reterr) < 0)
                return -1;
        buf_z(b, ",\"findings\":");
        if (sensing_findings_write(g, &d, b, reterr) < 0)
                return -1;
        buf_z(b, ",\"hours\":");
        if (sensing_hours_write(g, a, d.id, now_ms - INT64_C(86400000) * 2, INT64_MAX, 24, b, reterr) < 0)
                return -1;
        buf_z(b, "}\n");
        return 0;
}

/* ---- many ---- */

struct listed { struct str id; int64_t informs, warns, grave; };

/* As many as its own page tells. */
static void write_counts(struct buf *b, const struct listed *l, bool model)
{
        buf_printf(b, ",\"findings\":{\"informs\":%lld,\"warns\":%lld,\"grave\":%lld}", (long long)l->informs + !model, (long long)l->warns, (long long)l->grave);
}

static void write_short(struct sensing *g, struct arena *a, struct buf *b, const struct device_row *d, const struct listed *l)
{
        const struct json *detail = NULL;
        struct heard h;
        seen_of(g, d, &h);
        json_read(a, d->detail.p, d->detail.n, NULL, &detail, NULL);
        write_head(g, a, b, d);
        member(b, "name", json_str(detail, "name"));
        member(b, "model", d->model);
        member(b, "protocol", d->protocol);
        member(b, "mn", d->mn);
        write_state(b, a, d, &h, detail);
        write_counts(b, l, device_model_known(d, detail));
        buf_char(b, '}');
}

/* Of an organisation; 0: of all. */
static ssize_t page_of(struct sensing *g, struct arena *a, int64_t org, struct str after, int max, struct listed *ret, struct err *reterr)
{
        struct reader *r;
        const struct db_row *row;
        int sql = org ? SQL_device_page : SQL_device_page_all;
        const struct db_value args[] = { db_i(org), db_t(after.n ? after : STR("")), db_i(max) };
        ssize_t n = 0;
        if (reader_begin(g->store, &r, reterr) < 0)
                return -1;
        int rc = db_query(reader_db(r), sql, org ? args : args + 1, org ? 3 : 2, reterr);
        while (rc >= 0 && n < max && (rc = db_next(reader_db(r), sql, &row, reterr)) == 1)
                ret[n++] = (struct listed){ arena_str(a, db_text(row, 0)), db_int(row, 1) + db_int(row, 4), db_int(row, 2), db_int(row, 3) };
        db_done(reader_db(r), sql);
        reader_end(r);
        return rc < 0 ? -1 : n;
}

int sensing_devices_write(struct sensing *g, const struct request *q, struct str org_code, struct str after, int max, struct buf *b, struct str *ret_next, struct err *reterr)
{
        bool all = !org_code.n && caller_of(q)->sees_all;
        int64_t org = all ? 0 : access_org_seen(g->access, q, org_code, reterr);
        struct listed *page = arena_array(q->arena, struct listed, max + 1);
        struct device_row d;
        bool more = false;
        ssize_t n = org || all ? page_of(g, q->arena, org, after, max, page, reterr) : -1;
        if (n < 0)
                return -1;
        buf_z(b, "{\"devices\":[");
        for (ssize_t i = 0; i < n; i++) {
                if (!book_copy(g, q->arena, page[i].id, &d))
                        continue;
                buf_z(b, more ? "," : "");
                more = true;
                write_short(g, q->arena, b, &d, &page[i]);
        }
        *ret_next = n == max ? page[n - 1].id : STR_NONE;
        buf_z(b, "]}\n");
        return 0;
}

/* ---- for the collecting process ---- */

static void write_known(struct buf *b, struct str org, const struct device_row *d)
{
        buf_z(b, "{\"id\":");
        json_write_str(b, d->id);
        member(b, "org", org);
        member(b, "protocol", d->protocol);
        member(b, "model", d->model);
        member(b, "mn", d->mn);
        buf_z(b, ",\"secret\":\"sha256:");
        buf_hex(b, d->salt, sizeof d->salt);
        buf_char(b, ':');
        buf_hex(b, d->hash.b, sizeof d->hash.b);
        buf_char(b, '"');
        member(b, "brokerHash", d->broker_hash);
        buf_z(b, ",\"detail\":");
        buf_str(b, d->detail);
        buf_printf(b, ",\"maxPerMinute\":%lld,\"revoked\":%s}", (long long)d->max_per_minute, d->revoked_us ? "true" : "false");
}

int sensing_collect_write(struct sensing *g, struct str since, struct buf *b, struct err *reterr)
{
        struct arena *a = arena_new();
        bool more = false;
        (void)reterr;
        pthread_rwlock_rdlock(&g->lock);
        struct str mark = arena_printf(a, "%lld", (long long)g->change);
        bool same = str_eq(mark, since);
        if (!same)
                buf_printf(b, "{\"mark\":\"%.*s\",\"devices\":[", STR_ARG(mark));
        for (size_t i = 0; i < BUCKETS && !same; i++)
                for (const struct device *d = g->table[i]; d; d = d->next) {
                        if (d->row.removed_us)
                                continue;
                        buf_z(b, more ? "," : "");
                        more = true;
                        write_known(b, store_org_code(g->store, a, d->row.org), &d->row);
                }
        pthread_rwlock_unlock(&g->lock);
        if (!same)
                buf_z(b, "]}\n");
        arena_free(a);
        return !same;
}

/* ---- what changed ---- */

static int by_change(const void *a, const void *b)
{
        int64_t x = (*(const struct device *const *)a)->row.change, y = (*(const struct device *const *)b)->row.change;
        return (x > y) - (x < y);
}

/* Under the lock.  Beyond `g->change` others' changes may be missing: those are told once they are there. */
static size_t changed_since(struct sensing *g, struct arena *a, int64_t since, const struct device ***ret)
{
        size_t n = 0;
        *ret = arena_array(a, const struct device *, g->n_devices + 1);
        for (size_t i = 0; i < BUCKETS; i++)
                for (const struct device *d = g->table[i]; d; d = d->next)
                        if (d->row.change > since && d->row.change <= g->change)
                                (*ret)[n++] = d;
        qsort(*ret, n, sizeof **ret, by_change);
        return n;
}

static void write_gone(struct buf *b, const struct device *const *list, size_t n)
{
        bool more = false;
        buf_z(b, "],\"gone\":[");
        for (size_t i = 0; i < n; i++)
                if (list[i]->row.removed_us) {
                        buf_z(b, more ? "," : "");
                        more = true;
                        json_write_str(b, list[i]->row.id);
                }
}

/* Under the lock.  How many were told. */
static size_t write_changed(struct sensing *g, struct arena *a, const struct device *const *list, size_t n, struct buf *b)
{
        bool more = false;
        size_t i = 0;
        buf_z(b, "{\"changed\":[");
        for (; i < n && b->n < LIMIT_COLLECT_PAGE_BYTES; i++)
                if (!list[i]->row.removed_us) {
                        buf_z(b, more ? "," : "");
                        more = true;
                        write_known(b, store_org_code(g->store, a, list[i]->row.org), &list[i]->row);
                }
        write_gone(b, list, i);
        return i;
}

int sensing_collect_changes(struct sensing *g, struct str since, int max, struct buf *b, struct err *reterr)
{
        const struct device **list;
        struct arena *a = arena_new();
        int64_t mark = 0;
        bool known = since.n && number_read(since, &mark);
        pthread_rwlock_rdlock(&g->lock);
        bool behind = known && mark > g->change;
        pthread_rwlock_unlock(&g->lock);
        if (behind && book_refresh(g, reterr) < 0) {            /* it had that from another server */
                arena_free(a);
                return -1;
        }
        pthread_rwlock_rdlock(&g->lock);
        known = known && mark <= g->change;
        size_t n = changed_since(g, a, known ? mark : 0, &list), told = 0;
        if (n || !known) {
                told = write_changed(g, a, list, n < (size_t)max ? n : (size_t)max, b);
                buf_printf(b, "],\"mark\":\"%lld\"%s%s}\n", (long long)(told < n ? list[told - 1]->row.change : g->change), known ? "" : ",\"whole\":true", told < n ? ",\"more\":true" : "");
        }
        pthread_rwlock_unlock(&g->lock);
        arena_free(a);
        return n || !known;
}
