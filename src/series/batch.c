#include "series/batch_impl.h"

#include "base/limits.h"
#include "series/block.h"
#include "series/names.h"

static const char MAGIC[4] = { 's', 'y', 'b', '1' };
enum {
        READING_BYTES_MAX = 2 + 4 * VARINT_MAX, /* one reading, packed */
        FLAG_SHIFT = 4, SCALE_BITS = 0x0f, FLAG_BITS = 0x07, HAS_SEQ = 0x80,
        FIRST_HOURS = 16
};
_Static_assert(FLAGS - 1 <= FLAG_BITS, "a flag has three bits");

/* ---- gathering ---- */

struct section {
        struct str name;
        struct pack packed;
        size_t n;
        int64_t t_ms, hour;             /* of the last reading; -1: there is none */
        uint32_t seq, place;            /* place: among the devices, from 0 */
        struct section *next;
};

/* Hours of devices.  Looked at only where a device's reading is of another hour than the one before it. */
struct hours {
        int64_t *slots;         /* open addressing, a power of two, at most half full; 0: free, else a block_slot and 1 */
        size_t n, cap;
};

struct batch {
        struct arena *a;
        struct names devices, channels;
        struct hours hours;
        struct section *first, **last, **by_id;
        size_t n_devices, cap_devices;
        struct str *channel_names;
        size_t n_channels, cap_channels;
        struct section *section;        /* of the last reading */
        uint32_t channel;               /* that of the last reading */
        size_t n, bytes;                /* bytes: no less than batch_bytes will give */
};

struct batch *batch_new(struct arena *a)
{
        struct batch *b = arena_alloc(a, sizeof *b);
        *b = (struct batch){ .a = a, .devices.a = a, .channels.a = a, .bytes = sizeof MAGIC + 2 * VARINT_MAX };
        b->last = &b->first;
        return b;
}

static void *grown(struct arena *a, const void *old, size_t n, size_t *cap, size_t size)
{
        *cap = 2 * n + 8;
        void *p = arena_alloc(a, *cap * size);
        if (n)
                memcpy(p, old, n * size);
        return p;
}

static struct section *known_section(const struct batch *b, struct str name)
{
        if (b->section && str_eq(b->section->name, name))
                return b->section;
        uint32_t id = names_find(&b->devices, name);
        return id ? b->by_id[id - 1] : NULL;
}

static struct section *section_add(struct batch *b, struct str name)
{
        struct section *s = arena_alloc(b->a, sizeof *s);
        s->name = arena_str(b->a, name);
        s->packed.a = b->a;
        s->hour = -1;
        s->place = (uint32_t)b->n_devices;
        if (b->n_devices == b->cap_devices)
                b->by_id = grown(b->a, b->by_id, b->n_devices, &b->cap_devices, sizeof(struct section *));
        b->by_id[b->n_devices++] = s;
        names_add(&b->devices, s->name, (uint32_t)b->n_devices);
        *b->last = s;
        b->last = &s->next;
        b->bytes += name.n + 3 * VARINT_MAX;
        return s;
}

/* Its index; -1: the name is none, or there are too many.  What a device says comes mostly in one order. */
static int64_t channel_of(struct batch *b, struct str name)
{
        uint32_t next = b->channel + 1 < b->n_channels ? b->channel + 1 : 0;
        if (b->n_channels && str_eq(b->channel_names[next], name))
                return next;
        uint32_t id = names_find(&b->channels, name);
        if (id)
                return id - 1;
        if (!series_name_is(name) || b->n_channels == LIMIT_BATCH_CHANNELS)
                return -1;
        if (b->n_channels == b->cap_channels)
                b->channel_names = grown(b->a, b->channel_names, b->n_channels, &b->cap_channels, sizeof(struct str));
        b->channel_names[b->n_channels++] = arena_str(b->a, name);
        names_add(&b->channels, b->channel_names[b->n_channels - 1], (uint32_t)b->n_channels);
        b->bytes += name.n + VARINT_MAX;
        return (int64_t)b->n_channels - 1;
}

static int64_t *hour_place(const struct hours *x, int64_t slot)
{
        size_t i = (size_t)((uint64_t)slot * 11400714819323198485u >> 32) & (x->cap - 1);
        while (x->slots[i] && x->slots[i] != slot)
                i = (i + 1) & (x->cap - 1);
        return &x->slots[i];
}

static void hours_grow(struct arena *a, struct hours *x)
{
        struct hours old = *x;
        x->cap = old.cap ? 2 * old.cap : FIRST_HOURS;
        x->slots = arena_array(a, int64_t, x->cap);
        for (size_t i = 0; i < old.cap; i++)
                if (old.slots[i])
                        *hour_place(x, old.slots[i]) = old.slots[i];
}

/* `s` NULL: a device that is not there yet. */
static bool hour_fits(const struct batch *b, const struct section *s, int64_t hour)
{
        if (b->hours.n < LIMIT_BATCH_HOURS || (s && s->hour == hour))
                return true;
        return s && *hour_place(&b->hours, block_slot(s->place, hour) + 1);
}

static void hour_note(struct batch *b, struct section *s, int64_t hour)
{
        if (s->hour == hour)
                return;
        s->hour = hour;
        if (2 * (b->hours.n + 1) > b->hours.cap)
                hours_grow(b->a, &b->hours);
        int64_t *at = hour_place(&b->hours, block_slot(s->place, hour) + 1);
        b->hours.n += *at == 0;
        *at = block_slot(s->place, hour) + 1;
}

static bool can_be(const struct reading *r)
{
        return r->t_ms >= 0 && r->t_ms <= READING_T_MAX && r->flag < FLAGS && r->value.scale >= 0 && r->value.scale <= READING_SCALE_MAX &&
               r->value.mantissa < READING_M_END && r->value.mantissa > -READING_M_END;
}

static void put_reading(struct section *s, const struct reading *r, uint32_t channel)
{
        uint8_t *p = pack_room(&s->packed, READING_BYTES_MAX);
        *p++ = (uint8_t)((uint8_t)r->value.scale | r->flag << FLAG_SHIFT | (r->seq != s->seq ? HAS_SEQ : 0));
        p = put_u(p, channel);
        p = put_u(p, zigzag(r->t_ms - s->t_ms));
        p = put_u(p, zigzag(r->value.mantissa));
        if (r->seq != s->seq)
                p = put_u(p, zigzag((int64_t)r->seq - s->seq));
        s->packed.n = (size_t)(p - s->packed.p);
        s->t_ms = r->t_ms;
        s->seq = r->seq;
        s->n++;
}

bool batch_add(struct batch *b, const struct reading *r)
{
        if (!can_be(r) || b->n >= LIMIT_BATCH_READINGS || b->bytes + READING_BYTES_MAX + r->device.n + r->channel.n + 4 * VARINT_MAX > LIMIT_BATCH_BYTES)
                return false;
        struct section *s = known_section(b, r->device);
        if (!s && (!series_name_is(r->device) || b->n_devices == LIMIT_BATCH_DEVICES))
                return false;
        if (!hour_fits(b, s, r->t_ms / HOUR_MS))
                return false;
        int64_t channel = channel_of(b, r->channel);
        if (channel < 0)
                return false;
        if (!s)
                s = section_add(b, r->device);
        size_t before = s->packed.n;
        put_reading(s, r, (uint32_t)channel);
        hour_note(b, s, r->t_ms / HOUR_MS);
        b->bytes += s->packed.n - before;
        b->section = s;
        b->channel = (uint32_t)channel;
        b->n++;
        return true;
}

size_t batch_n(const struct batch *b)
{
        return b->n;
}

struct str batch_bytes(struct batch *b)
{
        struct pack k = { .a = b->a };
        pack_room(&k, b->bytes);
        pack_bytes(&k, MAGIC, sizeof MAGIC);
        pack_u(&k, b->n_devices);
        for (const struct section *s = b->first; s; s = s->next) {
                pack_str(&k, s->name);
                pack_u(&k, s->n);
                pack_u(&k, s->packed.n);
        }
        pack_u(&k, b->n_channels);
        for (size_t i = 0; i < b->n_channels; i++)
                pack_str(&k, b->channel_names[i]);
        for (const struct section *s = b->first; s; s = s->next)
                pack_bytes(&k, s->packed.p, s->packed.n);
        return pack_view(&k);
}

/* ---- reading ---- */

static int no_batch(const char *what, struct err *reterr)
{
        return err_set(reterr, ERR_BAD_INPUT, "this is no batch of readings: %s", what);
}

static int read_devices(struct arena *a, struct unpack *u, struct batch_view *v)
{
        v->n_devices = unpack_count(u, LIMIT_BATCH_DEVICES);
        v->devices = arena_array(a, struct batch_device, v->n_devices + 1);
        for (size_t i = 0; i < v->n_devices; i++) {
                struct batch_device *d = &v->devices[i];
                d->name = unpack_str(u, LIMIT_SERIES_NAME);
                d->n = unpack_count(u, LIMIT_BATCH_READINGS);
                d->section.n = unpack_count(u, LIMIT_BATCH_BYTES);
                v->n += d->n;
                if (u->bad || !series_name_is(d->name))
                        return -1;
        }
        return 0;
}

static int read_channels(struct arena *a, struct unpack *u, struct batch_view *v)
{
        v->n_channels = unpack_count(u, LIMIT_BATCH_CHANNELS);
        v->channels = arena_array(a, struct str, v->n_channels + 1);
        for (size_t i = 0; i < v->n_channels; i++) {
                v->channels[i] = unpack_str(u, LIMIT_SERIES_NAME);
                if (u->bad || !series_name_is(v->channels[i]))
                        return -1;
        }
        return u->bad ? -1 : 0;
}

int batch_front(struct arena *a, struct str bytes, struct batch_view *ret, struct err *reterr)
{
        struct unpack u = unpack_of(bytes);
        *ret = (struct batch_view){ .bytes = bytes };
        if (bytes.n > LIMIT_BATCH_BYTES)
                return err_set(reterr, ERR_TOO_LARGE, "a batch has at most %d bytes", LIMIT_BATCH_BYTES);
        struct str magic = unpack_bytes(&u, sizeof MAGIC);
        if (!str_eq(magic, (struct str){ MAGIC, sizeof MAGIC }))
                return no_batch("it does not begin as one", reterr);
        if (read_devices(a, &u, ret) < 0 || read_channels(a, &u, ret) < 0)
                return no_batch("its tables of devices and channels are damaged", reterr);
        if (ret->n > LIMIT_BATCH_READINGS)
                return err_set(reterr, ERR_TOO_LARGE, "a batch has at most %d readings", LIMIT_BATCH_READINGS);
        for (size_t i = 0; i < ret->n_devices; i++)
                ret->devices[i].section = unpack_bytes(&u, ret->devices[i].section.n);
        return u.bad || unpack_left(&u) ? no_batch("its parts do not fill it", reterr) : 0;
}

bool batch_next(struct batch_cursor *c, const struct batch_view *v, struct batch_item *ret)
{
        if (c->left == 0)
                return false;
        uint8_t head = unpack_byte(&c->u);
        uint64_t channel = unpack_u(&c->u), seq = c->seq;
        int64_t t = 0;
        bool far = __builtin_add_overflow(c->t_ms, unpack_i(&c->u), &t);
        int64_t m = unpack_i(&c->u);
        if (head & HAS_SEQ)
                seq += (uint64_t)unpack_i(&c->u);
        uint8_t flag = head >> FLAG_SHIFT & FLAG_BITS;
        if (c->u.bad || far || t < 0 || t > READING_T_MAX || channel >= v->n_channels || m >= READING_M_END || m <= -READING_M_END || flag >= FLAGS || seq > UINT32_MAX) {
                c->u.bad = true;
                c->left = 0;
                return false;
        }
        *ret = (struct batch_item){ .t_ms = t, .mantissa = m, .channel = (uint32_t)channel, .seq = (uint32_t)seq, .scale = (int8_t)(head & SCALE_BITS), .flag = flag };
        c->t_ms = t;
        c->seq = (uint32_t)seq;
        c->left--;
        return true;
}

static void look_at(struct batch_view *v, int64_t t_ms, int64_t *hour)
{
        v->from_ms = t_ms < v->from_ms ? t_ms : v->from_ms;
        v->to_ms = t_ms > v->to_ms ? t_ms : v->to_ms;
        if (t_ms < *hour || t_ms - *hour >= HOUR_MS) {
                *hour = t_ms / HOUR_MS * HOUR_MS;
                v->turns++;
        }
}

/* False: what the device said is damaged.  `met`: by channel, the device (from 1) that said it last. */
static bool look_over(struct batch_view *v, size_t device, uint32_t *met)
{
        struct batch_device *d = &v->devices[device];
        struct batch_cursor c = batch_begin(d);
        struct batch_item item;
        int64_t hour = -HOUR_MS;
        while (batch_next(&c, v, &item)) {
                look_at(v, item.t_ms, &hour);
                if (met[item.channel] == device + 1)
                        continue;
                met[item.channel] = (uint32_t)device + 1;
                d->said[d->n_said++] = item.channel;
        }
        return !c.u.bad && !unpack_left(&c.u);
}

int batch_open(struct arena *a, struct str bytes, struct batch_view **ret, struct err *reterr)
{
        struct batch_view *v = arena_alloc(a, sizeof *v);
        if (batch_front(a, bytes, v, reterr) < 0)
                return -1;
        v->from_ms = INT64_MAX;
        v->to_ms = -1;
        uint32_t *met = arena_array(a, uint32_t, v->n_channels + 1);
        for (size_t i = 0; i < v->n_devices; i++) {
                size_t most = v->devices[i].n < v->n_channels ? v->devices[i].n : v->n_channels;
                v->devices[i].said = arena_raw(a, (most + 1) * sizeof *v->devices[i].said);
                if (!look_over(v, i, met))
                        return no_batch("what a device said is damaged, or out of bounds", reterr);
        }
        *ret = v;
        return 0;
}

size_t batch_view_n(const struct batch_view *v)
{
        return v->n;
}

void batch_each(const struct batch_view *v, struct str device, batch_each_fn *each, void *ctx)
{
        for (size_t i = 0; i < v->n_devices; i++) {
                if (device.n && !str_eq(device, v->devices[i].name))
                        continue;
                struct batch_cursor c = batch_begin(&v->devices[i]);
                struct batch_item x;
                while (batch_next(&c, v, &x)) {
                        const struct reading r = { .device = v->devices[i].name, .channel = v->channels[x.channel], .t_ms = x.t_ms, .value = { x.mantissa, x.scale },
                                                   .flag = x.flag, .seq = x.seq };
                        each(ctx, &r);
                }
        }
}
