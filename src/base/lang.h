#ifndef SUYUAN_BASE_LANG_H
#define SUYUAN_BASE_LANG_H

#include "base/arena.h"
#include "base/str.h"

/* The languages people are spoken to in.  Chinese first. */
enum lang { LANG_HANS, LANG_HANT, LANG_EN, LANGS };

const char *lang_tag(enum lang l);      /* "zh-Hans", "zh-Hant", "en": for <html lang> and ?l= */

/* From `?l=` (may be empty) and then Accept-Language (RFC 9110 §12.5.4, q-values honoured; zh-TW,
 * zh-HK and zh-MO are zh-Hant).  zh-Hans when nothing fits. */
enum lang lang_choose(struct str query, struct str accept_language);

/* A sentence with its {0} … {9} filled in; a number past `n` stays as it is.  In the arena. */
struct str lang_fill(struct arena *a, const char *sentence, const struct str *args, size_t n);

/* The weight of one item of an Accept or Accept-Language list, "text/html;q=0.5", in thousandths; -1 when malformed.
 * `*item` is cut to what stands before the parameters. */
int accept_weight(struct str *item);

#endif
