#include "base/text.h"
#include "gs1/ident.h"

/* Patterns of EPCs (GS1 EPC Tag Data Standard §6.5): fields between dots, each itself or *. */

static struct str pattern_body(struct str text, struct str *ret_scheme)
{
        const struct str head = STR("urn:epc:idpat:");
        struct str body = str_starts(text, head) ? str_from(text, head.n) : STR_NONE;
        str_split(&body, ':', ret_scheme);
        return body;
}

/* The scheme and fields of an EPC, class or pattern as a URN. */
static struct str urn_body(struct str urn, struct str *ret_scheme)
{
        struct str part;
        for (int i = 0; i < 3; i++)             /* urn, epc, the family */
                str_split(&urn, ':', &part);
        str_split(&urn, ':', ret_scheme);
        return urn;
}

/* The last field of a pattern takes all that is left: a serial may bear dots itself. */
static bool fields_fit(struct str pattern, struct str body)
{
        struct str want, have;
        while (pattern.p) {
                str_split(&pattern, '.', &want);
                if (pattern.p)
                        str_split(&body, '.', &have);
                else
                        have = body;
                if (!have.n || (!str_is(want, "*") && !str_eq(want, have)))
                        return false;
        }
        return true;
}

bool ident_fits_pattern(struct arena *a, struct str pattern, struct str canonical)
{
        enum { ANY_PREFIX = 7 };
        struct str scheme, urn, urn_scheme, body = pattern_body(pattern, &scheme), prefix = body, rest = body;
        if (!body.n || !str_starts(canonical, STR("https://id.gs1.org/")))
                return false;
        str_split(&rest, '.', &prefix);
        /* A Digital Link tells nothing of how long the company prefix is: it is read as long as the pattern's. */
        int digits = str_is(prefix, "*") ? ANY_PREFIX : prefix.n > 12 ? 0 : (int)prefix.n;
        if (ident_urn(a, canonical, digits, &urn, NULL) < 0)
                return false;
        body = urn_body(urn, &urn_scheme);
        return str_eq(scheme, urn_scheme) && fields_fit(str_from(pattern, (size_t)(prefix.p - pattern.p)), body);
}
