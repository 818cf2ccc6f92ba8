#ifndef SUYUAN_EPCIS_VOCABULARY_H
#define SUYUAN_EPCIS_VOCABULARY_H

#include <stdbool.h>

#include "base/str.h"

/* The standard's closed lists of words (vocabulary.def), each with the namespace its words stand for. */
enum vocabulary {
        VOC_BIZ_STEP, VOC_DISPOSITION, VOC_BIZ_TRANSACTION, VOC_SOURCE_DEST, VOC_ERROR_REASON, VOC_COMPONENT,
        VOC_MEASUREMENT, VOC_ALERT,
        VOCABULARIES
};

bool vocabulary_has(enum vocabulary v, struct str word);
/* What stands before a word in its Web URI: "https://ref.gs1.org/cbv/BizStep-" for packing. */
struct str vocabulary_iri(enum vocabulary v);
/* The bare word of a Web URI of this vocabulary; STR_NONE when `iri` is none. */
struct str vocabulary_word(enum vocabulary v, struct str iri);
/* What people call it in a message: "business step". */
const char *vocabulary_name(enum vocabulary v);
/* A URI that only spells a standard value another way, which the schema refuses in JSON. */
bool vocabulary_forbids(enum vocabulary v, struct str uri);

#endif
