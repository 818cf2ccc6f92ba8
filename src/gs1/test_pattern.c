#include "base/test.h"
#include "gs1/ident.h"

static void a_pattern_takes_in_what_its_fields_say(void **state)
{
        static const struct { const char *pattern, *text; bool want; } rows[] = {
                { "urn:epc:idpat:sgtin:4012345.011122.*", "urn:epc:id:sgtin:4012345.011122.25", true },
                { "urn:epc:idpat:sgtin:4012345.011122.*", "https://farm.example/01/04012345111224/21/2.5", true },
                { "urn:epc:idpat:sgtin:4012345.011122.*", "urn:epc:id:sgtin:4012345.011123.25", false },
                { "urn:epc:idpat:sgtin:4012345.*.*", "urn:epc:id:sgtin:4012345.911123.25", true },
                { "urn:epc:idpat:sgtin:4012345.*.*", "urn:epc:id:sgtin:4012346.911123.25", false },
                { "urn:epc:idpat:sgtin:401234.*.*", "urn:epc:id:sgtin:4012345.911123.25", true },       /* the same digits */
                { "urn:epc:idpat:sgtin:*.*.*", "urn:epc:id:sgtin:4012345.911123.25", true },
                { "urn:epc:idpat:sgtin:*.*.*", "urn:epc:id:sscc:4012345.0000000001", false },
                { "urn:epc:idpat:sgtin:4012345.*.*", "urn:epc:class:lgtin:4012345.011122.L1", false },
                { "urn:epc:idpat:sgtin:4012345.*.*", "urn:epc:idpat:sgtin:4012345.011122.*", true },
                { "urn:epc:idpat:sscc:4012345.*", "urn:epc:id:sscc:4012345.0000000001", true },
                { "urn:epc:idpat:sscc:4012345.*", "urn:epc:id:sscc:4012346.0000000001", false },
                { "urn:epc:idpat:grai:4012345.55555.*", "urn:epc:id:grai:4012345.55555.1234", true },
                { "urn:epc:idpat:sgtin:4012345678901234567.*.*", "urn:epc:id:sgtin:4012345.011122.25", false },
                { "urn:epc:idpat:sgtin:", "urn:epc:id:sgtin:4012345.011122.25", false },
                { "urn:epc:idpat:sgtin:4012345.*.*", "/lot/farm/A1", false },
                { "https://id.gs1.org/01/04012345111224", "urn:epc:id:sgtin:4012345.011122.25", false },
        };
        struct arena *a = arena_new();
        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                struct ident ident;
                ident_read(a, str_of(rows[i].text), NULL, &ident);
                if (ident_fits_pattern(a, str_of(rows[i].pattern), ident.canonical) != rows[i].want)
                        fail_msg("%s and %s", rows[i].pattern, rows[i].text);
        }
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(a_pattern_takes_in_what_its_fields_say) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
