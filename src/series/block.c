#include "series/block.h"

#include "base/limits.h"
#include "series/batch_impl.h"

enum {
        VERSION = 1,
        SHARED_LOOK = 8,        /* so many columns of times are compared with a new one */
        HEAD_SCALE = 0x0f, HEAD_RUNS = 0x10, HEAD_MIXED = 0x20, HEAD_FLAGS = 0x40
};

/* ---- scale ---- */

static bool scaled(int64_t m, int by, int64_t *ret)
{
        for (; by > 0; by--)
                if (__builtin_mul_overflow(m, 10, &m))
                        return false;
        *ret = m;
        return m < READING_M_END && m > -READING_M_END;
}

bool points_align(struct point *p, size_t n)
{
        int8_t top = 0, least = READING_SCALE_MAX;
        int64_t m;
        for (size_t i = 0; i < n; i++) {
                top = p[i].scale > top ? p[i].scale : top;
                least = p[i].scale < least ? p[i].scale : least;
        }
        if (top == least)
                return true;
        for (size_t i = 0; i < n; i++)
                if (!scaled(p[i].m, top - p[i].scale, &m))
                        return false;
        for (size_t i = 0; i < n; i++) {
                scaled(p[i].m, top - p[i].scale, &p[i].m);
                p[i].scale = top;
        }
        return true;
}

/* ---- times: t0, then the change of the difference, and runs of no change ---- */

static uint8_t *put_steady(uint8_t *p, uint64_t steady)
{
        return steady ? put_u(p, steady << 1 | 1) : p;
}

static void pack_times(struct pack *k, const struct point *p, size_t n)
{
        int64_t before = 0, step = 0;
        uint64_t steady = 0;
        uint8_t *at = pack_room(k, (n + 1) * 5 + 2 * VARINT_MAX);       /* a difference of differences takes five bytes at most */
        at = put_u(at, n);
        for (size_t i = 0; i < n; i++) {
                int64_t now = (int64_t)p[i].t - before, change = now - step;
                before = p[i].t;
                step = now;
                if (change == 0) {
                        steady++;
                        continue;
                }
                at = put_steady(at, steady);
                steady = 0;
                at = put_u(at, zigzag(change) << 1);
        }
        at = put_steady(at, steady);
        k->n = (size_t)(at - k->p);
}

static bool next_tick(uint32_t *ret, int64_t *before, int64_t step, bool first)
{
        *before += step;
        *ret = (uint32_t)*before;
        return *before >= 0 && *before < HOUR_MS && (first || step > 0);
}

static int unpack_times(struct arena *a, struct str bytes, struct ticks *ret)
{
        struct unpack u = unpack_of(bytes);
        int64_t before = 0, step = 0;
        uint32_t n = (uint32_t)unpack_count(&u, HOUR_MS), i = 0;
        uint32_t *t = arena_raw(a, (n + 1) * sizeof *t);
        bool good = true;
        while (i < n && good && !u.bad) {
                uint64_t token = unpack_u(&u);
                if (token & 1) {
                        for (uint64_t run = token >> 1; run > 0 && good; run--, i++)
                                good = i < n && next_tick(&t[i], &before, step, i == 0);
                } else {
                        int64_t change = unzigzag(token >> 1);
                        good = change > -2 * HOUR_MS && change < 2 * HOUR_MS;
                        step += good ? change : 0;
                        good = good && next_tick(&t[i], &before, step, i == 0);
                        i++;
                }
        }
        if (!good || i != n || u.bad || unpack_left(&u))
                return -1;
        *ret = (struct ticks){ n, t };
        return 0;
}

/* ---- flags ---- */

static void pack_flags(struct pack *k, const struct point *p, size_t n)
{
        for (size_t i = 0, run; i < n; i += run) {
                for (run = 1; i + run < n && p[i + run].flag == p[i].flag; run++)
                        ;
                pack_byte(k, p[i].flag);
                pack_u(k, run);
        }
}

static bool unpack_flags(struct unpack *u, struct point *p, size_t n)
{
        for (size_t i = 0; i < n;) {
                uint8_t flag = unpack_byte(u);
                size_t run = unpack_count(u, n - i);
                if (u->bad || flag >= FLAGS || run == 0)
                        return false;
                while (run--)
                        p[i++].flag = flag;
        }
        return true;
}

/* ---- values ---- */

/* Are runs of an unchanged value cheaper written as such? */
static bool runs_pay(const struct point *p, size_t n)
{
        int64_t saved = 0;
        for (size_t i = 1, run; i < n; i += run) {
                for (run = 0; i + run < n && p[i + run].m == p[i + run - 1].m; run++)
                        ;
                if (run)
                        saved += (int64_t)run - 1 - (run < 128 ? 1 : run < 16384 ? 2 : 4);
                else
                        run = 1;
        }
        return saved > 0;
}

static void pack_differences(struct pack *k, const struct point *p, size_t n, bool runs)
{
        int64_t before = 0;
        uint8_t *at = pack_room(k, (n + 1) * VARINT_MAX);
        for (size_t i = 0; i < n; i++) {
                at = put_u(at, zigzag(p[i].m - before));
                if (runs && p[i].m == before) {
                        size_t more = 0;
                        while (i + 1 < n && p[i + 1].m == before)
                                more++, i++;
                        at = put_u(at, more);
                }
                before = p[i].m;
        }
        k->n = (size_t)(at - k->p);
}

static bool take(int64_t *m, int64_t difference)
{
        return !__builtin_add_overflow(*m, difference, m) && *m < READING_M_END && *m > -READING_M_END;
}

static bool unpack_differences(struct unpack *u, struct point *p, size_t n, int8_t scale, bool runs)
{
        int64_t m = 0;
        for (size_t i = 0; i < n; i++) {
                int64_t d = unpack_i(u);
                if (!take(&m, d))
                        return false;
                p[i].m = m;
                p[i].scale = scale;
                if (!runs || d)
                        continue;
                for (size_t more = unpack_count(u, n - i - 1); more > 0; more--) {
                        p[++i].m = m;
                        p[i].scale = scale;
                }
        }
        return !u->bad;
}

static bool unpack_mixed(struct unpack *u, struct point *p, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                p[i].scale = (int8_t)unpack_byte(u);
                p[i].m = unpack_i(u);
                if (p[i].scale < 0 || p[i].scale > READING_SCALE_MAX || p[i].m >= READING_M_END || p[i].m <= -READING_M_END)
                        return false;
        }
        return !u->bad;
}

/* ---- a column ---- */

static void pack_raw(struct pack *k, const struct column *c)
{
        bool flags = false, runs = !c->mixed && runs_pay(c->p, c->n);
        for (size_t i = 0; i < c->n; i++)
                flags |= c->p[i].flag != 0;
        pack_byte(k, (uint8_t)((c->mixed || c->n == 0 ? 0 : c->p[0].scale) | (runs ? HEAD_RUNS : 0) | (c->mixed ? HEAD_MIXED : 0) | (flags ? HEAD_FLAGS : 0)));
        if (flags)
                pack_flags(k, c->p, c->n);
        if (!c->mixed) {
                pack_differences(k, c->p, c->n, runs);
                return;
        }
        for (size_t i = 0; i < c->n; i++) {
                pack_byte(k, (uint8_t)c->p[i].scale);
                pack_i(k, c->p[i].m);
        }
}

static void pack_reduced(struct pack *k, const struct column *c)
{
        pack_bytes(k, c->leaf.b, sizeof c->leaf.b);
        pack_u(k, c->n);
        if (c->kind == COLUMN_HOUR)
                return;
        pack_u(k, c->n_minutes);
        for (size_t i = 0; i < c->n_minutes; i++) {
                pack_byte(k, c->minutes[i].minute);
                sums_pack(k, &c->minutes[i].sums, i ? &c->minutes[i - 1].sums : NULL);
        }
}

static bool unpack_raw(struct unpack *u, const struct ticks *t, struct column *ret)
{
        uint8_t head = unpack_byte(u);
        struct point *p = ret->p;
        for (uint32_t i = 0; i < t->n; i++)
                p[i] = (struct point){ .t = t->t[i] };
        ret->n = t->n;
        ret->mixed = head & HEAD_MIXED;
        if (head & HEAD_FLAGS && !unpack_flags(u, p, t->n))
                return false;
        return ret->mixed ? unpack_mixed(u, p, t->n) : unpack_differences(u, p, t->n, (int8_t)(head & HEAD_SCALE), head & HEAD_RUNS);
}

static bool unpack_minutes(struct arena *a, struct unpack *u, struct column *ret)
{
        int before = -1;
        ret->n_minutes = unpack_count(u, HOUR_MINUTES);
        ret->minutes = arena_array(a, struct minute, ret->n_minutes + 1);
        for (size_t i = 0; i < ret->n_minutes; i++) {
                struct minute *m = &ret->minutes[i];
                m->minute = unpack_byte(u);
                sums_unpack(u, i ? &m[-1].sums : NULL, &m->sums);
                if (u->bad || m->minute >= HOUR_MINUTES || m->minute <= before)
                        return false;
                before = m->minute;
        }
        return !u->bad;
}

static bool unpack_reduced(struct arena *a, struct unpack *u, struct column *ret)
{
        struct str leaf = unpack_bytes(u, sizeof ret->leaf.b);
        if (u->bad)
                return false;
        memcpy(ret->leaf.b, leaf.p, leaf.n);
        ret->n = (uint32_t)unpack_count(u, HOUR_MS);
        return ret->kind == COLUMN_HOUR ? !u->bad : unpack_minutes(a, u, ret);
}

/* ---- a block ---- */

static bool same_times(const struct column *a, const struct column *b)
{
        if (a->n != b->n)
                return false;
        for (size_t i = 0; i < a->n; i++)
                if (a->p[i].t != b->p[i].t)
                        return false;
        return true;
}

/* For each column the number of its times; how many different ones, and whose they are. */
static size_t share_times(const struct column *c, size_t n, uint32_t *time_of, uint32_t *first_of)
{
        size_t n_times = 0;
        for (size_t i = 0; i < n; i++) {
                if (c[i].kind != COLUMN_RAW)
                        continue;
                size_t t = n_times > SHARED_LOOK ? n_times - SHARED_LOOK : 0;
                while (t < n_times && !same_times(&c[first_of[t]], &c[i]))
                        t++;
                if (t == n_times)
                        first_of[n_times++] = (uint32_t)i;
                time_of[i] = (uint32_t)t;
        }
        return n_times;
}

void block_pack(struct pack *k, const struct column *c, size_t n)
{
        uint32_t *time_of = arena_array(k->a, uint32_t, 2 * n + 1), *first_of = time_of + n, before = 0;
        size_t *ends = arena_array(k->a, size_t, 2 * n + 1), n_times = share_times(c, n, time_of, first_of);
        struct pack body = { .a = k->a };
        for (size_t i = 0; i < n_times; i++) {
                pack_times(&body, c[first_of[i]].p, c[first_of[i]].n);
                ends[i] = body.n;
        }
        for (size_t i = 0; i < n; i++) {
                if (c[i].kind == COLUMN_RAW)
                        pack_raw(&body, &c[i]);
                else
                        pack_reduced(&body, &c[i]);
                ends[n_times + i] = body.n;
        }
        pack_byte(k, VERSION);
        pack_u(k, n_times);
        for (size_t i = 0; i < n_times; i++)
                pack_u(k, ends[i] - (i ? ends[i - 1] : 0));
        pack_u(k, n);
        for (size_t i = 0; i < n; i++) {
                pack_u(k, c[i].id - before);
                pack_byte(k, c[i].kind);
                if (c[i].kind == COLUMN_RAW)
                        pack_u(k, time_of[i]);
                pack_u(k, ends[n_times + i] - (n_times + i ? ends[n_times + i - 1] : 0));
                before = c[i].id;
        }
        pack_bytes(k, body.p, body.n);
}

static int damaged(struct err *reterr)
{
        return err_set(reterr, ERR_STORE, "a block of readings is damaged; run `suyuan check` and restore a copy");
}

static bool read_entries(struct arena *a, struct unpack *u, struct block *b)
{
        uint64_t id = 0;
        b->n = unpack_count(u, unpack_left(u) / 3);
        b->entries = arena_array(a, struct entry, b->n + 1);
        for (size_t i = 0; i < b->n; i++) {
                struct entry *e = &b->entries[i];
                uint64_t more = unpack_u(u);
                id += more;
                if (more == 0 || more > UINT32_MAX || id > UINT32_MAX)
                        return false;
                e->id = (uint32_t)id;
                e->kind = unpack_byte(u);
                e->time = e->kind == COLUMN_RAW ? (uint32_t)unpack_count(u, b->n_times) : 0;
                e->body.n = unpack_count(u, unpack_left(u));
                if (e->kind > COLUMN_HOUR || (e->kind == COLUMN_RAW && e->time >= b->n_times))
                        return false;
        }
        return !u->bad;
}

int block_open(struct arena *a, struct str bytes, struct block *ret, struct err *reterr)
{
        struct unpack u = unpack_of(bytes);
        *ret = (struct block){ 0 };
        if (unpack_byte(&u) != VERSION)
                return damaged(reterr);
        ret->n_times = unpack_count(&u, unpack_left(&u));
        ret->times = arena_array(a, struct str, ret->n_times + 1);
        ret->ticks = arena_array(a, struct ticks, ret->n_times + 1);
        for (size_t i = 0; i < ret->n_times; i++)
                ret->times[i].n = unpack_count(&u, unpack_left(&u));
        if (!read_entries(a, &u, ret))
                return damaged(reterr);
        for (size_t i = 0; i < ret->n_times; i++)
                ret->times[i] = unpack_bytes(&u, ret->times[i].n);
        for (size_t i = 0; i < ret->n; i++)
                ret->entries[i].body = unpack_bytes(&u, ret->entries[i].body.n);
        return u.bad || unpack_left(&u) ? damaged(reterr) : 0;
}

const struct entry *block_find(const struct block *b, uint32_t id)
{
        size_t low = 0, high = b->n;
        while (low < high) {
                size_t mid = (low + high) / 2;
                if (b->entries[mid].id < id)
                        low = mid + 1;
                else
                        high = mid;
        }
        return low < b->n && b->entries[low].id == id ? &b->entries[low] : NULL;
}

int block_column(struct arena *a, struct block *b, const struct entry *e, struct column *ret, struct err *reterr)
{
        struct unpack u = unpack_of(e->body);
        *ret = (struct column){ .id = e->id, .kind = e->kind };
        bool good;
        if (e->kind == COLUMN_RAW) {
                struct ticks *t = &b->ticks[e->time];
                if (!t->t && unpack_times(a, b->times[e->time], t) < 0)
                        return damaged(reterr);
                ret->p = arena_raw(a, (t->n + 1) * sizeof(struct point));
                good = unpack_raw(&u, t, ret);
        } else {
                good = unpack_reduced(a, &u, ret);
        }
        return good && unpack_left(&u) == 0 ? 0 : damaged(reterr);
}

/* ---- dropping ---- */

static void minutes_of(struct arena *a, struct column *c)
{
        c->minutes = arena_array(a, struct minute, HOUR_MINUTES);
        for (size_t i = 0, n; i < c->n; i += n) {
                uint32_t minute = c->p[i].t / MINUTE_MS;
                for (n = 1; i + n < c->n && c->p[i + n].t / MINUTE_MS == minute; n++)
                        ;
                struct minute *m = &c->minutes[c->n_minutes];
                m->minute = (uint8_t)minute;
                sums_of(c->p + i, n, &m->sums);
                c->n_minutes += m->sums.n > 0;
        }
}

void column_reduce(struct arena *a, struct column *c, enum column_kind to, const struct hash *leaf)
{
        if (c->kind == COLUMN_RAW) {
                if (to == COLUMN_MINUTES)
                        minutes_of(a, c);
                c->leaf = *leaf;
                c->p = NULL;
        }
        c->kind = (uint8_t)to;
        if (to == COLUMN_HOUR) {
                c->minutes = NULL;
                c->n_minutes = 0;
        }
}
