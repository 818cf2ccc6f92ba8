#include "series/series_impl.h"
#include "store/sql_names.h"

#include "base/limits.h"

/* Which channels each device has said, so that no device says too many.  Numbers here are this process's own: what is still in the journal has none in
 * the database.  A device's channels that are stored are read when it first says something that we have not heard from it. */

struct said_device {
        uint32_t *channels;             /* in order of first sight */
        uint32_t n, cap, last;          /* last: the one that was looked for last */
        uint64_t read;                  /* x->others at the time when what is stored was read; 0: never */
};

static struct said_device *find(const struct said *s, struct str name)
{
        uint32_t id = names_find(&s->devices, name);
        return id ? s->list[id - 1] : NULL;
}

static struct said_device *found(struct said *s, struct str name)
{
        struct said_device *d = find(s, name);
        if (d)
                return d;
        if (s->n == s->cap) {
                s->cap = 2 * s->cap + 64;
                struct said_device **more = arena_array(s->a, struct said_device *, s->cap);
                if (s->n)
                        memcpy(more, s->list, s->n * sizeof *more);
                s->list = more;
        }
        s->list[s->n++] = d = arena_alloc(s->a, sizeof *d);
        names_add(&s->devices, arena_str(s->a, name), s->n);
        return d;
}

/* A device says its channels mostly in one order. */
static bool has(struct said_device *d, uint32_t channel)
{
        uint32_t at = d->last;
        for (uint32_t i = 0; i < d->n; i++) {
                at = at + 1 < d->n ? at + 1 : 0;
                if (d->channels[at] == channel) {
                        d->last = at;
                        return true;
                }
        }
        return false;
}

static void add(struct said *s, struct said_device *d, struct str channel)
{
        uint32_t id = names_find(&s->channels, channel);
        if (id && has(d, id))
                return;
        if (!id)
                names_add(&s->channels, arena_str(s->a, channel), id = ++s->n_channels);
        if (d->n == d->cap) {
                d->cap = 2 * d->cap + 8;
                uint32_t *more = arena_raw(s->a, d->cap * sizeof *more);
                if (d->n)
                        memcpy(more, d->channels, d->n * sizeof *more);
                d->channels = more;
        }
        d->channels[d->n++] = id;
}

static void add_view(struct said *s, const struct batch_view *v)
{
        for (size_t i = 0; i < v->n_devices; i++) {
                const struct batch_device *b = &v->devices[i];
                struct said_device *d = b->n_said ? found(s, b->name) : NULL;
                for (size_t j = 0; j < b->n_said; j++)
                        add(s, d, v->channels[b->said[j]]);
        }
}

/* ---- what is stored, what is in the journal ---- */

static int read_stored(struct series *x, struct str name, struct err *reterr)
{
        const struct db_row *row;
        uint32_t number = names_find(&x->devices.ids, name);
        int rc = 0;
        if (!number)
                return 0;
        if (db_query(x->db, SQL_series_last_of, DB_ARGS(db_i(number)), reterr) < 0)
                return -1;
        struct said_device *d = found(&x->said, name);
        while ((rc = db_next(x->db, SQL_series_last_of, &row, reterr)) == 1)
                add(&x->said, d, db_text(row, 0));
        if (rc == 0)
                d->read = x->others;
        return rc;
}

static int count_batch(void *ctx, const struct batch_view *v, int64_t received_ms, struct err *reterr)
{
        struct series *x = ctx;
        struct batch_view *whole;
        (void)received_ms;
        if (batch_open(x->arena, v->bytes, &whole, reterr) < 0)
                return -1;
        add_view(&x->said, whole);
        return 0;
}

int said_begin(struct series *x, struct err *reterr)
{
        const struct db_row *row;
        int rc;
        if (x->said.a)
                return 0;
        if (db_query(x->db, SQL_series_journal_all, DB_NO_ARGS, reterr) < 0)
                return -1;
        x->said.a = x->said.devices.a = x->said.channels.a = arena_new();
        while ((rc = db_next(x->db, SQL_series_journal_all, &row, reterr)) == 1) {
                journal_row_each(x->arena, db_text(row, 2), db_int(row, 1), count_batch, x, NULL);      /* what is damaged is told when it is to move */
                arena_reset(x->arena);
        }
        if (rc < 0)
                said_end(x);
        return rc;
}

void said_end(struct series *x)
{
        arena_free(x->said.a);
        x->said = (struct said){ 0 };
}

/* ---- what comes ---- */

/* How many of the channels that the batch has of a device are new; ids: numbers of the view's channels as far as they were looked up. */
static size_t news(const struct said *s, const struct batch_view *v, const struct batch_device *b, uint32_t *ids)
{
        struct said_device *d = find(s, b->name);
        size_t n = 0;
        for (size_t i = 0; i < b->n_said; i++) {
                uint32_t c = b->said[i];
                if (!ids[c])
                        ids[c] = names_find(&s->channels, v->channels[c]);
                n += !(d && ids[c] && has(d, ids[c]));
        }
        return n;
}

static int too_many(struct str device, struct err *reterr)
{
        return err_set(reterr, ERR_BAD_INPUT, "设备 %.*s 的通道超过 %d 个：通道名应是固定的测量项，网关后的设备请分别登记 / "
                       "device %.*s would have more than %d different channels: name a channel after what is measured, never after a time or a message, and make devices behind a gateway known each by itself",
                       STR_ARG(device), LIMIT_SERIES_DEVICE_CHANNELS, STR_ARG(device), LIMIT_SERIES_DEVICE_CHANNELS);
}

int said_take(struct series *x, const struct batch_view *v, struct err *ret_refused, struct err *reterr)
{
        uint32_t *ids = arena_array(x->arena, uint32_t, v->n_channels + 1);
        for (size_t i = 0; i < v->n_devices; i++) {
                const struct batch_device *b = &v->devices[i];
                const struct said_device *d = find(&x->said, b->name);
                size_t n = news(&x->said, v, b, ids);
                if (n && (!d || d->read != x->others)) {
                        if (read_stored(x, b->name, reterr) < 0)
                                return -1;
                        n = news(&x->said, v, b, ids);
                        d = find(&x->said, b->name);
                }
                if (n && n + (d ? d->n : 0) > LIMIT_SERIES_DEVICE_CHANNELS) {
                        too_many(b->name, ret_refused);
                        return 0;
                }
        }
        add_view(&x->said, v);
        return 1;
}
