#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "series/series_impl.h"
#include "store/sql_names.h"

/* Everything made again from what is stored, and compared. */

struct check {
        struct db *db;
        struct arena *scratch;
        series_say *say;
        series_progress *progress;
        void *ctx;
        int64_t faults, done, total;
        struct name_table devices, channels;
        int64_t raw_bits, minute_bits, raw_columns, minute_columns;     /* of all day rows; of all blocks */
};

static void found(struct check *c, const char *what, const char *detail)
{
        c->faults++;
        c->say(c->ctx, what, detail);
}

static void found_in(struct check *c, int64_t slot, const char *what)
{
        char text[200];
        int64_t device = slot & SLOT_DEVICE;
        struct str name = device <= c->devices.n ? c->devices.names[device] : STR_NONE;
        snprintf(text, sizeof text, "%.*s, %s: %s", STR_ARG(name), stamp_utc(c->scratch, (slot >> 32) * HOUR_MS * 1000).p, what);
        found(c, "series", text);
}

static void went_on(struct check *c, const char *stage)
{
        if (c->progress && (++c->done % 64 == 0 || c->done == c->total))
                c->progress(c->ctx, stage, c->done, c->total);
}

static struct str channel_of(void *ctx, uint32_t id)
{
        const struct check *c = ctx;
        return id <= c->channels.n ? c->channels.names[id] : STR_NONE;
}

/* Runs a query whose rows are looked at one by one. */
typedef int each_row(struct check *c, const struct db_row *row, struct err *reterr);
static int all_rows(struct check *c, int sql, const struct db_value *args, size_t n, each_row *each, struct err *reterr)
{
        const struct db_row *row;
        int rc;
        if (db_query(c->db, sql, args, n, reterr) < 0)
                return -1;
        while ((rc = db_next(c->db, sql, &row, reterr)) == 1) {
                if (each(c, row, reterr) < 0) {
                        db_done(c->db, sql);
                        return -1;
                }
                arena_reset(c->scratch);
        }
        return rc;
}

/* ---- names and the journal ---- */

static int load_device(struct check *c, const struct db_row *row, struct err *reterr)
{
        (void)reterr;
        name_table_add(&c->devices, (uint32_t)db_int(row, 0), db_text(row, 1));
        return 0;
}

static int load_channel(struct check *c, const struct db_row *row, struct err *reterr)
{
        (void)reterr;
        name_table_add(&c->channels, (uint32_t)db_int(row, 0), db_text(row, 1));
        return 0;
}

static int check_batch(void *ctx, const struct batch_view *v, int64_t received_ms, struct err *reterr)
{
        struct check *c = ctx;
        struct batch_view *whole;
        (void)received_ms;
        return batch_open(c->scratch, v->bytes, &whole, reterr);
}

static int check_journal(struct check *c, const struct db_row *row, struct err *reterr)
{
        struct err e = { 0 };
        (void)reterr;
        if (journal_row_each(c->scratch, db_text(row, 2), db_int(row, 1), check_batch, c, &e) < 0)
                found(c, "series journal", e.detail);
        went_on(c, "series journal");
        return 0;
}

/* ---- blocks ---- */

static int one(struct check *c, int sql, int64_t slot, struct str *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(c->db, sql, DB_ARGS(db_i(slot)), &row, reterr);
        *ret = rc == 1 ? arena_str(c->scratch, db_text(row, 0)) : STR_NONE;
        db_done(c->db, sql);
        return rc;
}

static bool same_sums(struct check *c, const struct sums *a, const struct sums *b)
{
        struct pack x = { .a = c->scratch }, y = { .a = c->scratch };
        sums_pack(&x, a, NULL);
        sums_pack(&y, b, NULL);
        return str_eq(pack_view(&x), pack_view(&y));
}

static void check_column(struct check *c, int64_t slot, const struct column *col, const struct day *d)
{
        struct day_channel day;
        struct sums s;
        int hour = (int)((slot >> 32) % DAY_HOURS);
        if (day_find(d, col->id, &day, NULL) < 0) {
                found_in(c, slot, "the figures of its day are damaged");
                return;
        }
        c->raw_columns += col->kind == COLUMN_RAW;
        c->minute_columns += col->kind == COLUMN_MINUTES;
        if ((day.raw >> hour & 1) != (col->kind == COLUMN_RAW) || (day.minutes >> hour & 1) != (col->kind == COLUMN_MINUTES)) {
                found_in(c, slot, "the figures of its day say otherwise where the readings are");
                return;
        }
        if (col->kind != COLUMN_RAW)
                return;
        sums_of(col->p, col->n, &s);
        if ((day.counted >> hour & 1) != (s.n > 0) || (s.n && !same_sums(c, &s, &day.hours[hour])))
                found_in(c, slot, "the figures of its day are not those of the readings");
}

static int check_sealing(struct check *c, int64_t slot, const struct tree_of *t, struct err *reterr)
{
        const struct db_row *row;
        struct str nothing;
        int open = one(c, SQL_series_open_has, slot, &nothing, reterr);
        if (open < 0)
                return -1;
        int rc = db_one(c->db, SQL_series_sealed_revision, DB_ARGS(db_i(slot)), &row, reterr);
        if (rc == 0 && !open)
                found_in(c, slot, "the hour was never sealed, and nothing would seal it");
        if (rc == 1 && !open && (!str_eq(db_text(row, 1), (struct str){ (const char *)t->root.b, sizeof t->root.b }) || db_int(row, 2) != t->n))
                found_in(c, slot, "the readings are not those that were sealed");
        db_done(c->db, SQL_series_sealed_revision);
        return rc < 0 ? -1 : 0;
}

static int check_block(struct check *c, const struct db_row *row, struct err *reterr)
{
        int64_t slot = db_int(row, 0), hour = slot >> 32;
        uint32_t device = (uint32_t)(slot & SLOT_DEVICE);
        struct block b;
        struct column col;
        struct tree_of t;
        struct str packed = db_text(row, 1), packed_day;
        struct day d = { 0 };
        struct err e = { 0 };
        if (one(c, SQL_series_day_get, day_slot(device, hour / DAY_HOURS), &packed_day, reterr) < 0)
                return -1;
        went_on(c, "series blocks");
        if (device > c->devices.n || !c->devices.names[device].p || block_open(c->scratch, packed, &b, &e) < 0 || (packed_day.n && day_open(c->scratch, packed_day, &d, &e) < 0)) {
                found_in(c, slot, e.kind ? e.detail : "a block of a device that has no name");
                return 0;
        }
        for (size_t i = 0; i < b.n; i++) {
                if (block_column(c->scratch, &b, &b.entries[i], &col, &e) < 0) {
                        found_in(c, slot, e.detail);
                        return 0;
                }
                check_column(c, slot, &col, &d);
        }
        if (block_tree(c->scratch, packed, c->devices.names[device], hour, channel_of, c, &t, &e) < 0) {
                found_in(c, slot, e.detail);
                return 0;
        }
        return check_sealing(c, slot, &t, reterr);
}

/* ---- days and what was sealed ---- */

static int count_day(struct check *c, const struct db_row *row, struct err *reterr)
{
        struct day d;
        struct day_channel day;
        struct err e = { 0 };
        (void)reterr;
        went_on(c, "series days");
        bool good = day_open(c->scratch, db_text(row, 1), &d, &e) == 0;
        for (size_t i = 0; good && i < d.n; i++) {
                good = day_unpack(&d.entries[i], &day, &e) == 0;
                c->raw_bits += __builtin_popcount(day.raw);
                c->minute_bits += __builtin_popcount(day.minutes);
        }
        if (!good)
                found(c, "series day", e.detail);
        return 0;
}

static int check_order(struct check *c, const struct db_row *row, struct err *reterr)
{
        char text[100];
        (void)reterr;
        int64_t slot = db_int(row, 1);
        struct str packed;
        if (db_int(row, 0) != ++c->done) {
                snprintf(text, sizeof text, "number %lld is missing", (long long)c->done);
                found(c, "series sealed", text);
                c->done = db_int(row, 0);
        }
        if (one(c, SQL_series_block_get, slot, &packed, reterr) == 0)
                found_in(c, slot, "the readings of a sealed hour are gone");
        return 0;
}

static int totals(struct check *c, int64_t ret[4], struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(c->db, SQL_series_counts, DB_NO_ARGS, &row, reterr);
        for (int i = 0; rc == 1 && i < 4; i++)
                ret[i] = db_int(row, i);
        db_done(c->db, SQL_series_counts);
        return rc < 0 ? -1 : 0;
}

static int check_rows(struct check *c, struct err *reterr)
{
        int64_t n[4];
        if (totals(c, n, reterr) < 0 || all_rows(c, SQL_series_devices_after, DB_ARGS(db_i(0)), load_device, reterr) < 0 ||
            all_rows(c, SQL_series_channels_after, DB_ARGS(db_i(0)), load_channel, reterr) < 0)
                return -1;
        c->total = n[0];
        if (all_rows(c, SQL_series_journal_all, DB_NO_ARGS, check_journal, reterr) < 0)
                return -1;
        c->done = 0;
        if (all_rows(c, SQL_series_sealed_after, DB_ARGS(db_i(0), db_i(INT64_MAX)), check_order, reterr) < 0)
                return -1;
        if (c->done != n[1])
                found(c, "series sealed", "what was sealed is not numbered without gaps");
        c->done = 0;
        c->total = n[2];
        if (all_rows(c, SQL_series_blocks_all, DB_NO_ARGS, check_block, reterr) < 0)
                return -1;
        c->done = 0;
        c->total = n[3];
        if (all_rows(c, SQL_series_days_all, DB_NO_ARGS, count_day, reterr) < 0)
                return -1;
        if (c->raw_bits != c->raw_columns || c->minute_bits != c->minute_columns)
                found(c, "series day", "figures tell of readings that no block has");
        return 0;
}

static void engine_says(void *ctx, const char *what, const char *detail)
{
        (void)what;
        found(ctx, "series database", detail);
}

static int check_all(struct check *c, struct err *reterr)
{
        int64_t version = db_version(c->db, reterr);
        if (version <= 0)
                return (int)version;
        if ((size_t)version != n_series_steps)
                return err_set(reterr, ERR_STORE, "the series have another schema (%lld, this suyuan knows %zu)", (long long)version, n_series_steps);
        if (db_integrity(c->db, engine_says, c, reterr) < 0 || db_begin(c->db, reterr) < 0)
                return -1;
        int rc = check_rows(c, reterr);
        db_rollback(c->db);
        return rc;
}

int64_t series_check(struct store *s, series_say *say, series_progress *progress, void *ctx, struct err *reterr)
{
        struct check c = { .say = say, .progress = progress, .ctx = ctx };
        const struct db_options o = { .mode = DB_READ, .cache_kib = 16 * 1024, .space = "series" };
        char path[PATH_BYTES];
        struct stat st;
        store_beside(s, "series", path);
        if (!store_shared(s) && stat(path, &st) < 0)
                return 0;
        if (db_open(path, &o, &c.db, reterr) < 0)
                return -1;
        c.scratch = arena_new();
        name_table_clear(&c.devices);
        name_table_clear(&c.channels);
        int rc = check_all(&c, reterr);
        db_close(c.db);
        arena_free(c.devices.a);
        arena_free(c.channels.a);
        arena_free(c.scratch);
        return rc < 0 ? err_while(reterr, "checking the series") : c.faults;
}
