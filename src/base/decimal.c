#include "base/decimal.h"

#include "base/buf.h"

/* ISO C has no 128-bit type; both our compilers do.  10^18 * 10^15 fits with room to spare. */
__extension__ typedef __int128 wide;

enum { SCALE_MAX = 15, DIGITS_MAX = 18, PLAIN_DIGITS = 40, EXP_DIGITS = 15 };
#define MANTISSA_END 1000000000000000000LL

/* A number taken apart: value = ± 0.d1d2d3… * 10^exp, d1..dn the digits of `whole` and `fraction` in a
 * row without the zeros at either end.  n is 0 for zero. */
struct number {
        bool minus;
        struct str whole, fraction;
        size_t first, n;                /* of the digits, counted through both parts */
        int64_t point;                  /* exp, when the text has no exponent */
        bool exp_minus;
        struct str exp;                 /* the exponent's digits without leading zeros */
};

static bool take(struct str *s, const char *any)
{
        if (s->n == 0 || !strchr(any, s->p[0]) || s->p[0] == '\0')
                return false;
        *s = (struct str){ s->p + 1, s->n - 1 };
        return true;
}

static struct str take_digits(struct str *s)
{
        size_t n = 0;

        while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
                n++;
        struct str head = { s->p, n };
        *s = n ? (struct str){ s->p + n, s->n - n } : *s;
        return head;
}

static char digit(const struct number *x, size_t i)
{
        return i < x->whole.n ? x->whole.p[i] : x->fraction.p[i - x->whole.n];
}

static void trim_zeros(struct number *x)
{
        size_t end = x->whole.n + x->fraction.n;

        while (x->first < end && digit(x, x->first) == '0')
                x->first++;
        while (end > x->first && digit(x, end - 1) == '0')
                end--;
        x->n = end - x->first;
        x->point = (int64_t)x->whole.n - (int64_t)x->first;
        while (x->exp.n && x->exp.p[0] == '0')
                take(&x->exp, "0");
}

/* `loose` also takes a '+' and leading zeros, which JSON does not. */
static bool take_apart(struct str s, bool loose, struct number *ret)
{
        *ret = (struct number){ .minus = take(&s, "-") };
        if (loose && !ret->minus)
                take(&s, "+");
        ret->whole = take_digits(&s);
        if (ret->whole.n == 0 || (!loose && ret->whole.n > 1 && ret->whole.p[0] == '0'))
                return false;
        if (take(&s, ".")) {
                ret->fraction = take_digits(&s);
                if (ret->fraction.n == 0)
                        return false;
        }
        if (take(&s, "eE")) {
                ret->exp_minus = take(&s, "-");
                if (!ret->exp_minus)
                        take(&s, "+");
                ret->exp = take_digits(&s);
                if (ret->exp.n == 0)
                        return false;
        }
        if (s.n)
                return false;
        trim_zeros(ret);
        return true;
}

/* point + exponent; false when the exponent is longer than any that could matter. */
static bool exponent(const struct number *x, int64_t *ret)
{
        int64_t e = 0;

        if (x->exp.n > EXP_DIGITS)
                return false;
        for (size_t i = 0; i < x->exp.n; i++)
                e = e * 10 + (x->exp.p[i] - '0');
        *ret = x->point + (x->exp_minus ? -e : e);
        return true;
}

bool decimal_read(struct str s, struct decimal *ret)
{
        struct number x;
        int64_t e, m = 0;

        if (!take_apart(s, true, &x))
                return false;
        if (x.n == 0) {
                *ret = (struct decimal){ 0 };
                return true;
        }
        if (!exponent(&x, &e) || x.n > DIGITS_MAX || e > DIGITS_MAX || e < -SCALE_MAX)
                return false;
        int64_t scale = (int64_t)x.n - e;
        if (scale > SCALE_MAX)
                return false;
        for (size_t i = 0; i < x.n; i++)
                m = m * 10 + (digit(&x, x.first + i) - '0');
        for (; scale < 0; scale++)
                m *= 10;
        *ret = (struct decimal){ x.minus ? -m : m, (int8_t)scale };
        return true;
}

struct str decimal_text(struct arena *a, struct decimal d)
{
        char text[48], *end = text + sizeof text, *p = end;
        uint64_t m = d.mantissa < 0 ? -(uint64_t)d.mantissa : (uint64_t)d.mantissa;
        int scale = d.scale;

        for (; scale > 0 && m % 10 == 0; scale--)
                m /= 10;
        for (int i = 0; i < scale; i++, m /= 10)
                *--p = (char)('0' + m % 10);
        if (scale > 0)
                *--p = '.';
        do
                *--p = (char)('0' + m % 10);
        while (m /= 10);
        if (d.mantissa < 0)
                *--p = '-';
        return arena_str(a, (struct str){ p, (size_t)(end - p) });
}

static wide scaled(struct decimal d, int scale)
{
        wide m = d.mantissa;

        for (int i = d.scale; i < scale; i++)
                m *= 10;
        return m;
}

static bool narrow(wide m, int scale, struct decimal *ret)
{
        for (; scale > 0 && m % 10 == 0; scale--)
                m /= 10;
        if (m >= MANTISSA_END || m <= -MANTISSA_END)
                return false;
        *ret = (struct decimal){ (int64_t)m, (int8_t)scale };
        return true;
}

static int common_scale(struct decimal a, struct decimal b)
{
        return a.scale > b.scale ? a.scale : b.scale;
}

bool decimal_add(struct decimal a, struct decimal b, struct decimal *ret)
{
        int scale = common_scale(a, b);

        return narrow(scaled(a, scale) + scaled(b, scale), scale, ret);
}

bool decimal_sub(struct decimal a, struct decimal b, struct decimal *ret)
{
        b.mantissa = -b.mantissa;
        return decimal_add(a, b, ret);
}

bool decimal_mul(struct decimal a, struct decimal b, struct decimal *ret)
{
        wide m = (wide)a.mantissa * b.mantissa;
        int scale = a.scale + b.scale;

        for (; scale > SCALE_MAX && m % 10 == 0; scale--)
                m /= 10;
        return scale <= SCALE_MAX && narrow(m, scale, ret);
}

int decimal_cmp(struct decimal a, struct decimal b)
{
        int scale = common_scale(a, b);
        wide x = scaled(a, scale), y = scaled(b, scale);

        return (x > y) - (x < y);
}

bool decimal_exceeds(struct decimal a, struct decimal b, int thousandths)
{
        int scale = common_scale(a, b);

        return scaled(a, scale) * 1000 > scaled(b, scale) * (1000 + thousandths);
}

double decimal_double(struct decimal d)
{
        double p = 1;

        for (int i = 0; i < d.scale; i++)
                p *= 10;
        return (double)d.mantissa / p;
}

/* The `n` digits from `at` on, zeros where there are none. */
static void put_digits(struct buf *b, const struct number *x, int64_t at, int64_t n)
{
        for (int64_t i = at; i < at + n; i++)
                buf_char(b, i >= 0 && i < (int64_t)x->n ? digit(x, x->first + (size_t)i) : '0');
}

static void put_plain(struct buf *b, const struct number *x, int64_t e)
{
        if (e > 0)
                put_digits(b, x, 0, e);
        else
                buf_char(b, '0');
        if (e < (int64_t)x->n) {
                buf_char(b, '.');
                put_digits(b, x, e, (int64_t)x->n - e);
        }
}

/* The exponent of d.ddd for one too long for an integer: |exponent| ± a small number, as text.
 * Its sign cannot change, for `point` is no more than the length of a text in memory. */
static void put_long_exponent(struct buf *b, const struct number *x)
{
        int64_t carry = x->exp_minus ? -(x->point - 1) : x->point - 1;
        size_t at = b->n + 1;

        buf_char(b, x->exp_minus ? '-' : '+');
        buf_char(b, '0');               /* room for one digit more */
        buf_str(b, x->exp);
        for (size_t i = b->n; i-- > at;) {
                int64_t v = (b->p[i] - '0') + carry;
                carry = v < 0 ? -((9 - v) / 10) : v / 10;
                b->p[i] = (char)('0' + (v - carry * 10));
        }
        size_t zeros = 0;
        while (b->p[at + zeros] == '0')
                zeros++;
        memmove(b->p + at, b->p + at + zeros, b->n - at - zeros + 1);
        b->n -= zeros;
}

static void put_scientific(struct buf *b, const struct number *x)
{
        int64_t e;

        put_digits(b, x, 0, 1);
        if (x->n > 1) {
                buf_char(b, '.');
                put_digits(b, x, 1, (int64_t)x->n - 1);
        }
        buf_char(b, 'e');
        if (!exponent(x, &e)) {
                put_long_exponent(b, x);
                return;
        }
        buf_char(b, e - 1 < 0 ? '-' : '+');
        buf_u64(b, (uint64_t)(e - 1 < 0 ? 1 - e : e - 1));
}

/* Digits of the plain notation, the 0 before the point included. */
static bool is_plain(const struct number *x, int64_t *ret_e)
{
        if (!exponent(x, ret_e))
                return false;
        int64_t e = *ret_e, n = (int64_t)x->n;
        int64_t before = e > 0 ? e : 1, after = n > e ? n - e : 0;

        return before + after <= PLAIN_DIGITS;
}

struct str decimal_canonical(struct arena *a, struct str s)
{
        struct number x;
        int64_t e;

        if (!take_apart(s, false, &x))
                return STR_NONE;
        if (x.n == 0)
                return arena_str(a, STR("0"));

        struct buf b = { .max = s.n + PLAIN_DIGITS + 32 };
        if (x.minus)
                buf_char(&b, '-');
        if (is_plain(&x, &e))
                put_plain(&b, &x, e);
        else
                put_scientific(&b, &x);
        struct str text = arena_str(a, buf_view(&b));
        buf_free(&b);
        return text;
}
