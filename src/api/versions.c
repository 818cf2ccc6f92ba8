#include "api/api_impl.h"
#include "base/text.h"

/* Which versions a request speaks and accepts (EPCIS 2.0 §12.4): GS1-EPCIS-Version, -Min, -Max, and the same of the CBV.  Errata
 * ("2.0.1") change no meaning: only the first two numbers are compared, and what is left out is 0. */

enum { MAJOR = 2, MINOR = 0, VERSION_BYTES = 32 };

/* "2.0.1" as 2 << 16 | 0; -1 for what is no version. */
static int version_of(struct str s)
{
        int part[2] = { 0, 0 }, n = 0;
        struct str digits;

        if (!s.n || s.n > VERSION_BYTES)
                return -1;
        for (; str_split(&s, '.', &digits); n++) {
                int v = 0;
                if (!digits.n)
                        return -1;
                for (size_t i = 0; i < digits.n; i++) {
                        if (digits.p[i] < '0' || digits.p[i] > '9')
                                return -1;
                        v = v > 9999 ? v : v * 10 + (digits.p[i] - '0');
                }
                if (n < 2)
                        part[n] = v > 0x7fff ? 0x7fff : v;
        }
        return part[0] << 16 | part[1];
}

static const struct { const char *name; int least, most; } rules[] = {
        /* what the asker's number may be: equal, not above, not below ours */
        { "GS1-EPCIS-Version", MAJOR << 16 | MINOR, MAJOR << 16 | MINOR },
        { "GS1-EPCIS-Min", 0, MAJOR << 16 | MINOR },
        { "GS1-EPCIS-Max", MAJOR << 16 | MINOR, INT32_MAX },
        { "GS1-CBV-Version", MAJOR << 16 | MINOR, MAJOR << 16 | MINOR },
        { "GS1-CBV-Min", 0, MAJOR << 16 | MINOR },
        { "GS1-CBV-Max", MAJOR << 16 | MINOR, INT32_MAX },
};

int epcis_versions(const struct request *q, struct err *reterr)
{
        for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
                struct str said = str_trim(request_header(q, rules[i].name));
                if (!said.n)
                        continue;
                int v = version_of(said);
                if (v < 0)
                        return err_set(reterr, ERR_BAD_INPUT, "%s is a version like 2.0.0", rules[i].name);
                if (v < rules[i].least || v > rules[i].most)
                        return err_set(reterr, ERR_NOT_ACCEPTABLE, "%s: %.*s cannot be met; this server speaks EPCIS 2.0 and CBV 2.0",
                                       rules[i].name, STR_ARG(said));
        }
        return 0;
}
