#ifndef SUYUAN_GS1_IDENT_H
#define SUYUAN_GS1_IDENT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Names of things, in every spelling that the field uses, and the one canonical spelling under which
 * they are stored and compared.
 *
 *   GS1 key       https://id.gs1.org/{AI}/{value}[/{AI}/{value}]   (GS1 Digital Link 1.x canonical form:
 *                 host id.gs1.org, numeric AIs, no query, GTIN-14, no CPV; no lot where a serial is;
 *                 of the characters of a value exactly " # % & / < > ? are escaped, as %XX, which is what EPC
 *                 URNs escape, so one value has one spelling; no GLN extension "0", which means none)
 *   our own       /lot/{org}/{code}, /item/…, /unit/…, /org/{code}, /place/…, /season/…, /device/…
 *                 (the path alone: every origin of the installation names the same thing, so a changed
 *                 domain orphans no printed code)
 *   anything else verbatim
 *
 * This is the pure half: no clock, no database. */

enum ident_kind {               /* what a node of a trace is called: ident_kind_name */
        IDENT_OTHER,
        IDENT_CLASS,            /* a trade item, part or coupon without lot or serial (GTIN, 8006, 8010, 255; idpat) */
        IDENT_LOT,              /* 01+10 (LGTIN), /lot/ */
        IDENT_ITEM,             /* 01+21 (SGTIN), ITIP, CPI, UPUI, SGCN with their serials, /item/ */
        IDENT_UNIT,             /* 00 SSCC, 8003 GRAI, /unit/ */
        IDENT_ORG,              /* 417 PGLN, /org/ */
        IDENT_PLACE,            /* 414 (SGLN), /place/ */
        IDENT_SEASON,           /* /season/ */
        IDENT_DEVICE,           /* 8004 GIAI, /device/ */
        IDENT_DOCUMENT,         /* 253 GDTI, 401 GINC, 402 GSIN */
        IDENT_RELATION,         /* 8017 GSRNP, 8018 GSRN */
        IDENT_KINDS
};
const char *ident_kind_name(enum ident_kind k);         /* "lot", "item", "unit", … */

/* Element strings and bare GS1 paths count as Digital Links. */
enum ident_source { IDENT_FROM_URN, IDENT_FROM_DIGITAL_LINK, IDENT_FROM_OWN_URI, IDENT_FROM_VERBATIM };

struct ident {
        struct str canonical;
        enum ident_kind kind;
        enum ident_source source;
        bool bad_check_digit;   /* only set by ident_read, see there; also a GRAI that does not begin with 0 */
        bool pattern;           /* an idpat with * : names a class of things (also where it stays verbatim) */
};

/* The origins of this installation ("https://trace.example.cn", no slash at the end), first = printed on
 * new codes. */
struct origins {
        const struct str *list;
        size_t n;
};

/* For captured documents, which must not lose anything: never fails.  What is no GS1 key and none of
 * our own URIs stays as it is (IDENT_FROM_VERBATIM).  A Digital Link whose check digit is wrong is still
 * recognised and made canonical, as it stands, with bad_check_digit set: the caller makes it a finding.
 * The canonical form is always a copy in `a`; reading it again gives the same.  `own` may be NULL. */
void ident_read(struct arena *a, struct str text, const struct origins *own, struct ident *ret);

/* For page addresses, labels, the command line and our own acts: text is a full URI (Digital Link on any
 * host, own URI on an own origin), an EPC URN, an element string "(01)…(10)…", or a bare path "/01/…", "/lot/…".
 * A wrong check digit, a wrong length, a wrong character, an unknown AI, a broken escape is an error
 * (ERR_BAD_IDENTIFIER) that says which character is wrong, counted from 1, and what would be right
 * where that is known ("the check digit, character 18 of the SSCC, should be 5").  The place in the whole text is
 * in reterr->column.  Query, fragment and one slash at the end of an address are passed over.  A pattern with more
 * than its serial open (urn:epc:idpat:sgtin:4012345.*.*) is an error here, since no address can name it.
 * What this takes, ident_read takes with the same result. */
int ident_parse(struct arena *a, struct str text, const struct origins *own,
                struct ident *ret, struct err *reterr);

/* For questions about any item that an event may name (a trace): as ident_parse, but a URI that is neither a GS1 key nor one of
 * ours (urn:uuid:…, https://elsewhere.example/thing) stands for itself, as it does in ident_read. */
int ident_parse_any(struct arena *a, struct str text, const struct origins *own,
                    struct ident *ret, struct err *reterr);

/* The full URI printed on codes and given out: own paths get the first origin; all else stays as it is. */
struct str ident_uri(struct arena *a, struct str canonical, const struct origins *own);
/* The address of the thing's page on our first origin, for labels and links: https://id.gs1.org/01/… becomes
 * https://HOST/01/… with lot and serial; own paths as ident_uri; what is neither stays as it is. */
struct str ident_page(struct arena *a, struct str canonical, const struct origins *own);

/* The canonical Digital Link of an EPC URN, pattern or Digital Link as the event hash wants it (CBV 2.0 §8.9,
 * EPCIS.md §6.1.5): false when it is neither, and the value stays verbatim.  Own URIs are not touched.  It differs from
 * ident_read on purpose, to give the digests that others compute: escapes stay as they were spelt, and a Digital Link
 * with an escape, with ! & ( ) * + , : in a value, with a fragment, a slash at its end or the key's segment
 * also in its stem is not recognised. */
bool ident_hash_form(struct arena *a, struct str text, struct str *ret);

/* EPC URN (pure identity urn:epc:id:…, class urn:epc:class:lgtin:… or urn:epc:idpat:…) of a canonical Digital
 * Link.  The company prefix length cannot be seen in a Digital Link: `prefix_digits` 6..12 says it.  A wrong
 * check digit is an error, since a URN leaves it out. */
int ident_urn(struct arena *a, struct str canonical, int prefix_digits, struct str *ret, struct err *reterr);

/* Whether a pattern (urn:epc:idpat:sgtin:6901234.056789.*, any fields of it *) takes in what the canonical form names. */
bool ident_fits_pattern(struct arena *a, struct str pattern, struct str canonical);

/* The values behind a canonical form, for showing: gtin, lot, serial, sscc, gln, extension …; empty when
 * absent.  For own URIs: org and code. */
struct ident_parts {
        struct str key_ai, key;         /* "01", "06901234567892"; without the serial of GRAI, GDTI, SGCN */
        struct str lot, serial, extension;      /* decoded: no %XX */
        struct str org, code;           /* of /org/{code} both are the code */
};
void ident_parts(struct arena *a, struct str canonical, struct ident_parts *ret);

/* A key's digits from where its company prefix begins: behind the indicator of a GTIN, the extension digit of an SSCC; STR_NONE for what has none. */
struct str company_digits(const struct ident_parts *part);
/* How many of them are the company prefix where that is fixed by how they begin (company_prefixes.def); 0: nobody can tell. */
int company_prefix_digits(struct str digits);

/* "(01)06901234567892(10)A-1", as people read it under a code; empty when it is no GS1 key. */
struct str ident_element_string(struct arena *a, struct str canonical);

/* The rule for codes of our own: [A-Za-z][A-Za-z0-9._-]*.  Error as ident_parse. */
int ident_check_code(struct str code, struct err *reterr);

#endif
