#include "gs1/ident.h"

int company_prefix_digits(struct str digits)
{
        static const struct { int from, to, digits; } rows[] = {
#define COMPANY_PREFIX(from, to, digits) { from, to, digits },
#include "gs1/company_prefixes.def"
#undef COMPANY_PREFIX
        };
        int head = 0;
        for (size_t i = 0; i < 3; i++) {
                if (i >= digits.n || digits.p[i] < '0' || digits.p[i] > '9')
                        return 0;
                head = head * 10 + (digits.p[i] - '0');
        }
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (head >= rows[i].from && head <= rows[i].to)
                        return rows[i].digits;
        return 0;
}

struct str company_digits(const struct ident_parts *part)
{
        static const char *const skip_one[] = { "00", "01", "8003", "8006" };
        static const char *const skip_none[] = { "253", "255", "401", "402", "414", "417", "8004", "8010", "8017", "8018" };
        for (size_t i = 0; i < sizeof skip_one / sizeof *skip_one; i++)
                if (str_is(part->key_ai, skip_one[i]))
                        return str_from(part->key, 1);
        for (size_t i = 0; i < sizeof skip_none / sizeof *skip_none; i++)
                if (str_is(part->key_ai, skip_none[i]))
                        return part->key;
        return STR_NONE;
}
