#ifndef SUYUAN_TRACE_WORDS_H
#define SUYUAN_TRACE_WORDS_H

#include <stdint.h>

#include "base/lang.h"

/* The words of a trace on a terminal, in three languages. */
enum trace_word {
        TRACE_WORD_BACK, TRACE_WORD_FORWARD, TRACE_WORD_NODES, TRACE_WORD_EDGES, TRACE_WORD_EVENTS,
        TRACE_WORD_PIECES, TRACE_WORD_TRUNCATED, TRACE_WORD_WRONG, TRACE_WORDS
};
const char *trace_word(enum trace_word w, enum lang l);
const char *trace_word_kind(uint8_t kind, enum lang l);         /* enum ident_kind */
const char *trace_word_role(const char *role, enum lang l);     /* of an edge; itself when unknown */

#endif
