#include "series/series_impl.h"
#include "store/sql_names.h"

#include "base/clock.h"
#include "base/limits.h"

/* Names and the journal's size.  They are read at the beginning, after a transaction that failed, and when another process wrote. */

void name_table_clear(struct name_table *t)
{
        if (!t->a)
                t->a = arena_new();
        arena_reset(t->a);
        *t = (struct name_table){ .a = t->a, .ids.a = t->a };
}

void name_table_add(struct name_table *t, uint32_t id, struct str name)
{
        if (id >= t->cap) {
                uint32_t cap = 2 * id + 64;
                struct str *more = arena_array(t->a, struct str, cap);
                if (t->cap)
                        memcpy(more, t->names, t->cap * sizeof *more);
                t->names = more;
                t->cap = cap;
        }
        t->names[id] = arena_str(t->a, name);
        t->n = id > t->n ? id : t->n;
        names_add(&t->ids, t->names[id], id);
}

static int load_after(struct series *x, struct name_table *t, int sql, struct err *reterr)
{
        const struct db_row *row;
        int rc;
        if (db_query(x->db, sql, DB_ARGS(db_i(t->n)), reterr) < 0)
                return -1;
        while ((rc = db_next(x->db, sql, &row, reterr)) == 1)
                name_table_add(t, (uint32_t)db_int(row, 0), db_text(row, 1));
        return rc;
}

static int load_names(struct series *x, struct err *reterr)
{
        pthread_rwlock_wrlock(&x->names_lock);
        if (!x->loaded) {
                name_table_clear(&x->devices);
                name_table_clear(&x->channels);
        }
        int rc = load_after(x, &x->devices, SQL_series_devices_after, reterr);
        if (rc == 0)
                rc = load_after(x, &x->channels, SQL_series_channels_after, reterr);
        pthread_rwlock_unlock(&x->names_lock);
        return rc;
}

static int load_journal(struct series *x, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(x->db, SQL_series_journal_state, DB_NO_ARGS, &row, reterr);
        if (rc == 1) {
                if (x->journal_rows == 0)
                        x->journal_since_us = clock_mono_us();
                x->journal_n = db_int(row, 0);
                x->journal_rows = db_int(row, 1);
                x->journal_readings = db_int(row, 2);
        }
        db_done(x->db, SQL_series_journal_state);
        return rc < 0 ? -1 : 0;
}

int known_follow(struct series *x, struct err *reterr)
{
        int64_t turn;
        if (db_turn(x->db, ORG_DEFAULT, false, &turn, reterr) < 0)
                return -1;
        bool alone = x->loaded && (turn == 0 || turn == x->turn + 1);
        x->turn = turn;
        if (alone)
                return 0;
        x->others++;
        if (load_names(x, reterr) < 0 || load_journal(x, reterr) < 0 || said_begin(x, reterr) < 0)
                return -1;
        x->loaded = true;
        return 0;
}

void known_forget(struct series *x)
{
        x->loaded = false;
}

void known_end(struct series *x)
{
        arena_free(x->devices.a);
        arena_free(x->channels.a);
}

/* ---- numbers ---- */

static int number(struct series *x, struct name_table *t, int sql, struct str name, uint32_t *ret, struct err *reterr)
{
        *ret = names_find(&t->ids, name);
        if (*ret)
                return 0;
        if (db_run(x->db, sql, DB_ARGS(db_i((int64_t)t->n + 1), db_t(name)), reterr) < 0)
                return -1;
        pthread_rwlock_wrlock(&x->names_lock);
        name_table_add(t, *ret = t->n + 1, name);
        pthread_rwlock_unlock(&x->names_lock);
        return 0;
}

int known_numbers(struct series *x, struct arena *a, const struct batch_view *v, uint32_t **ret_devices, uint32_t **ret_channels, struct err *reterr)
{
        *ret_devices = arena_array(a, uint32_t, v->n_devices + 1);
        *ret_channels = arena_array(a, uint32_t, v->n_channels + 1);
        for (size_t i = 0; i < v->n_devices; i++)
                if (number(x, &x->devices, SQL_series_device_add, v->devices[i].name, &(*ret_devices)[i], reterr) < 0)
                        return -1;
        for (size_t i = 0; i < v->n_channels; i++)
                if (number(x, &x->channels, SQL_series_channel_add, v->channels[i], &(*ret_channels)[i], reterr) < 0)
                        return -1;
        return 0;
}

bool known_room(struct series *x, const struct batch_view *v)
{
        pthread_rwlock_rdlock(&x->names_lock);
        size_t devices = x->devices.n, channels = x->channels.n;
        for (size_t i = 0; i < v->n_devices && devices + v->n_devices > LIMIT_SERIES_NAMES; i++)
                devices += names_find(&x->devices.ids, v->devices[i].name) == 0;
        for (size_t i = 0; i < v->n_channels && channels + v->n_channels > LIMIT_SERIES_NAMES; i++)
                channels += names_find(&x->channels.ids, v->channels[i]) == 0;
        pthread_rwlock_unlock(&x->names_lock);
        return devices <= LIMIT_SERIES_NAMES && channels <= LIMIT_SERIES_NAMES;
}
