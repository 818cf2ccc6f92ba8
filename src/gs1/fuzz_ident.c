/* Goal: no bytes break the readers of identifiers, and the three of them agree. */
#include <assert.h>
#include <stdint.h>

#include "gs1/ident.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct str own_list[] = { { "https://trace.example.cn", 24 } };
static const struct origins own = { own_list, 1 };

/* Canonical form is a fixed point, and all that is made of it can be made. */
static void use_canonical(struct arena *a, const struct ident *read)
{
        struct ident again;
        struct ident_parts parts;
        struct str urn;

        ident_read(a, read->canonical, &own, &again);
        assert(str_eq(again.canonical, read->canonical));
        assert(read->source == IDENT_FROM_VERBATIM || again.kind == read->kind);
        assert(again.bad_check_digit == read->bad_check_digit);
        ident_parts(a, read->canonical, &parts);
        ident_element_string(a, read->canonical);
        ident_read(a, ident_page(a, read->canonical, &own), &own, &again);
        assert(str_eq(again.canonical, read->canonical));
        ident_read(a, ident_uri(a, read->canonical, &own), &own, &again);
        assert(str_eq(again.canonical, read->canonical));
        for (int digits = 6; digits <= 12; digits++) {
                if (ident_urn(a, read->canonical, digits, &urn, NULL) < 0)
                        continue;
                ident_read(a, urn, &own, &again);
                assert(str_eq(again.canonical, read->canonical));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        struct str text = { (const char *)data, size }, hashed, twice;
        struct ident read, parsed;
        struct err e = { 0 };

        ident_read(a, text, &own, &read);
        use_canonical(a, &read);
        if (ident_parse(a, text, &own, &parsed, &e) == 0)
                assert(str_eq(parsed.canonical, read.canonical) && !read.bad_check_digit);
        else
                assert(e.kind == ERR_BAD_IDENTIFIER && e.column >= 1 && (size_t)e.column <= size + 1);
        if (ident_hash_form(a, text, &hashed) && ident_hash_form(a, hashed, &twice))
                assert(str_eq(hashed, twice));
        arena_free(a);
        return 0;
}
