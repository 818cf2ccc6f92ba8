#ifndef SUYUAN_PROOF_WEB_H
#define SUYUAN_PROOF_WEB_H

#include <curl/curl.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* HTTP as a client, towards what an operator has named (a witness, a log, a time stamp authority): no redirects, no proxy of the environment,
 * a ceiling on what is taken.  Not for addresses that strangers choose: those go through push/guard.h. */

/* The options that every exchange of ours has. `answer` takes the body, up to its max; more ends the exchange (CURLE_WRITE_ERROR, answer->overflow). */
void web_setup(CURL *c, const char *url, int timeout_ms, struct buf *answer);

/* A caller with one connection that is kept.  One thread at a time. */
struct web;
struct web *web_new(int timeout_ms);
void web_free(struct web *w);           /* NULL is fine */

struct web_answer { int status; struct str body; struct str type; };    /* in the arena; type: Content-Type, or STR_NONE */
/* -1 (ERR_STORE) when nobody answered, ERR_TOO_LARGE; any status is an answer. */
int web_get(struct web *w, struct arena *a, const char *url, size_t max, struct web_answer *ret, struct err *reterr);
int web_post(struct web *w, struct arena *a, const char *url, const char *type, struct str body, size_t max, struct web_answer *ret, struct err *reterr);

/* base ‖ path, with one slash between. */
const char *web_join(struct arena *a, struct str base, const char *path);

#endif
