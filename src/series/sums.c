#include "series/block.h"

/* Figures of an hour or a minute. */

enum { SUMS_ROUGH = 0x80, SCALE_BITS = 0x0f };

static double value_of(const struct point *p)
{
        return decimal_double((struct decimal){ p->m, p->scale });
}

static void rough_sums(const struct point *p, size_t n, struct sums *ret)
{
        *ret = (struct sums){ .rough = true };
        for (size_t i = 0; i < n; i++) {
                if (!flag_counts(p[i].flag))
                        continue;
                double v = value_of(&p[i]);
                ret->x.min = ret->n == 0 || v < ret->x.min ? v : ret->x.min;
                ret->x.max = ret->n == 0 || v > ret->x.max ? v : ret->x.max;
                ret->x.sum += v;
                ret->x.squares += v * v;
                ret->n++;
        }
}

/* The least and the greatest; false: not all are of one scale. */
static bool bounds(const struct point *p, size_t n, struct sums *ret, int64_t *ret_max)
{
        int64_t min = INT64_MAX, max = INT64_MIN;
        for (size_t i = 0; i < n; i++) {
                if (p[i].scale != p[0].scale)
                        return false;
                if (!flag_counts(p[i].flag))
                        continue;
                min = p[i].m < min ? p[i].m : min;
                max = p[i].m > max ? p[i].m : max;
                ret->n++;
        }
        ret->min = min;
        *ret_max = max;
        return true;
}

/* Below it no sum of squares of an hour overflows. */
#define SMALL_RANGE (UINT64_C(1) << 21)

static bool exact_sums(const struct point *p, size_t n, struct sums *ret)
{
        uint64_t sum = 0, squares = 0;
        bool over = false;
        for (size_t i = 0; i < n; i++) {
                if (!flag_counts(p[i].flag))
                        continue;
                uint64_t d = (uint64_t)p[i].m - (uint64_t)ret->min, square;
                sum += d;       /* no more than 3.6e6 of at most 2e18 would be too much: */
                over |= sum < d;
                if (ret->range < SMALL_RANGE) {
                        squares += d * d;
                        continue;
                }
                over |= __builtin_mul_overflow(d, d, &square) || __builtin_add_overflow(squares, square, &squares);
        }
        ret->sum = sum;
        ret->squares = squares;
        return !over;
}

void sums_of(const struct point *p, size_t n, struct sums *ret)
{
        int64_t max;
        *ret = (struct sums){ 0 };
        if (n == 0)
                return;
        if (!bounds(p, n, ret, &max)) {
                rough_sums(p, n, ret);
                return;
        }
        if (ret->n == 0) {
                *ret = (struct sums){ 0 };
                return;
        }
        ret->scale = p[0].scale;
        ret->range = (uint64_t)max - (uint64_t)ret->min;
        if (!exact_sums(p, n, ret))
                rough_sums(p, n, ret);
}

void sums_doubles(const struct sums *s, double *min, double *max, double *sum, double *squares)
{
        if (s->rough) {
                *min = s->x.min;
                *max = s->x.max;
                *sum = s->x.sum;
                *squares = s->x.squares;
                return;
        }
        double unit = decimal_double((struct decimal){ 1, s->scale }), least = (double)s->min;
        *min = decimal_double((struct decimal){ s->min, s->scale });
        *max = decimal_double((struct decimal){ s->min + (int64_t)s->range, s->scale });
        *sum = (least * (double)s->n + (double)s->sum) * unit;
        *squares = (least * least * (double)s->n + 2 * least * (double)s->sum + (double)s->squares) * unit * unit;
}

static void pack_double(struct pack *k, double v)
{
        uint64_t bits;
        memcpy(&bits, &v, sizeof bits);
        for (int i = 0; i < 64; i += 8)
                pack_byte(k, (uint8_t)(bits >> i));
}

static double unpack_double(struct unpack *u)
{
        uint64_t bits = 0;
        double v;
        for (int i = 0; i < 64; i += 8)
                bits |= (uint64_t)unpack_byte(u) << i;
        memcpy(&v, &bits, sizeof v);
        return v;
}

static int64_t min_before(const struct sums *before)
{
        return before && !before->rough ? before->min : 0;
}

void sums_pack(struct pack *k, const struct sums *s, const struct sums *before)
{
        pack_byte(k, s->rough ? SUMS_ROUGH : (uint8_t)s->scale);
        pack_u(k, (uint64_t)s->n);
        if (s->rough) {
                pack_double(k, s->x.min);
                pack_double(k, s->x.max);
                pack_double(k, s->x.sum);
                pack_double(k, s->x.squares);
                return;
        }
        pack_i(k, s->min - min_before(before));
        pack_u(k, s->range);
        pack_u(k, s->sum);
        pack_u(k, s->squares);
}

void sums_unpack(struct unpack *u, const struct sums *before, struct sums *ret)
{
        uint8_t head = unpack_byte(u);
        *ret = (struct sums){ .rough = head & SUMS_ROUGH, .scale = (int8_t)(head & SCALE_BITS), .n = (int64_t)unpack_count(u, HOUR_MS) };
        if (ret->rough) {
                ret->x.min = unpack_double(u);
                ret->x.max = unpack_double(u);
                ret->x.sum = unpack_double(u);
                ret->x.squares = unpack_double(u);
                return;
        }
        u->bad |= __builtin_add_overflow(unpack_i(u), min_before(before), &ret->min);
        ret->range = unpack_u(u);
        ret->sum = unpack_u(u);
        ret->squares = unpack_u(u);
        int64_t max;
        u->bad |= ret->range > INT64_MAX || __builtin_add_overflow(ret->min, (int64_t)ret->range, &max);
}
