#include "epcis/vocabulary.h"

struct word {
        enum vocabulary vocabulary;
        struct str text;
};

#define LIT(z) { (z), sizeof(z) - 1 }

static const struct word words[] = {
#define WORD(vocabulary, text) { VOC_##vocabulary, LIT(text) },
#include "epcis/vocabulary.def"
#undef WORD
};
enum { N_WORDS = sizeof words / sizeof words[0] };

static const struct {
        struct str iri;
        const char *name;
} about[VOCABULARIES] = {
        [VOC_BIZ_STEP] = { LIT("https://ref.gs1.org/cbv/BizStep-"), "business step" },
        [VOC_DISPOSITION] = { LIT("https://ref.gs1.org/cbv/Disp-"), "disposition" },
        [VOC_BIZ_TRANSACTION] = { LIT("https://ref.gs1.org/cbv/BTT-"), "business transaction type" },
        [VOC_SOURCE_DEST] = { LIT("https://ref.gs1.org/cbv/SDT-"), "source or destination type" },
        [VOC_ERROR_REASON] = { LIT("https://ref.gs1.org/cbv/ER-"), "error reason" },
        [VOC_COMPONENT] = { LIT("https://ref.gs1.org/cbv/Comp-"), "component" },
        [VOC_MEASUREMENT] = { LIT("https://ref.gs1.org/voc/"), "measurement type" },
        [VOC_ALERT] = { LIT("https://ref.gs1.org/voc/"), "sensor alert" },
};

bool vocabulary_has(enum vocabulary v, struct str word)
{
        for (size_t i = 0; i < N_WORDS; i++)
                if (words[i].vocabulary == v && str_eq(words[i].text, word))
                        return true;
        return false;
}

struct str vocabulary_iri(enum vocabulary v)
{
        return about[v].iri;
}

const char *vocabulary_name(enum vocabulary v)
{
        return about[v].name;
}

struct str vocabulary_word(enum vocabulary v, struct str iri)
{
        if (!str_starts(iri, about[v].iri))
                return STR_NONE;
        struct str word = str_from(iri, about[v].iri.n);

        return vocabulary_has(v, word) ? word : STR_NONE;
}

/* http or https, then `rest`. */
static bool web(struct str uri, struct str rest)
{
        if (str_starts(uri, STR("https://")))
                return str_starts(str_from(uri, 8), rest);
        return str_starts(uri, STR("http://")) && str_starts(str_from(uri, 7), rest);
}

bool vocabulary_forbids(enum vocabulary v, struct str uri)
{
        if (v == VOC_MEASUREMENT || v == VOC_ALERT)
                return web(uri, STR("gs1.org/voc/")) || web(uri, STR("www.gs1.org/voc/"));
        return str_starts(uri, STR("urn:epcglobal:cbv")) || web(uri, STR("ns.gs1.org/cbv/"));
}
