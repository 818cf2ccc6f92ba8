#include "gs1/check.h"

#include "gs1/key.h"

char gs1_check_digit(struct str digits)
{
        unsigned sum = 0, weight = 3;

        for (size_t i = digits.n; i-- > 0; weight = 4 - weight) {
                if (digits.p[i] < '0' || digits.p[i] > '9')
                        return 0;
                sum += weight * (unsigned)(digits.p[i] - '0');
        }
        return (char)('0' + (10 - sum % 10) % 10);
}

int gs1_check_number(struct str digits, size_t length, const char *name, struct err *reterr)
{
        struct reader r = { .text = digits, .mode = READ_STRICT, .reterr = reterr };
        struct field f = { name, digits };

        if (digits_read(&r, f, digits.p, digits.p + digits.n) < 0)
                return -1;
        if (digits.n != length || length < 2)
                return wrong_length(&r, f, digits.n, length, length);

        char want = gs1_check_digit((struct str){ digits.p, length - 1 });

        return digits.p[length - 1] == want ? 0 : wrong_check_digit(&r, f, digits.p + length - 1, want);
}

int gs1_check_gtin(struct str digits, struct err *reterr)
{
        struct reader r = { .text = digits, .mode = READ_STRICT, .reterr = reterr };
        struct name n;

        return name_read_key(&r, gs1_key_find(STR("01"), false), digits, SPELT_PATH, &n);
}

int gs1_check_value(const char *ai, struct str value, struct err *reterr)
{
        struct reader r = { .text = value, .mode = READ_STRICT, .reterr = reterr };
        const struct gs1_key *key = gs1_key_find(str_of(ai), false);
        const struct gs1_qualifier *q = gs1_qualifier_of(str_of(ai));
        struct name n;
        struct value v;

        if (key)
                return name_read_key(&r, key, value, SPELT_BARE, &n);
        if (q)
                return name_read_qualifier(&r, q, value, SPELT_BARE, &v);
        return wrong(&r, value.p, "there is no application identifier %s among the keys", ai);
}
