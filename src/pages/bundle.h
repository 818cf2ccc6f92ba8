#ifndef SUYUAN_PAGES_BUNDLE_H
#define SUYUAN_PAGES_BUNDLE_H

#include "base/embedded.h"
#include "http/http.h"

/* An application of the web as it was built into the binary: the phone's (web/field), the desk's (web/desk).  A name below assets/ holds its own
 * digest and is never asked for again; the others are asked for at each start. */
struct bundle {
        const struct embedded_file *files;      /* names below the route; beside each its compressed form, NAME.gz, or that alone */
        const char *policy, *permissions;       /* Content-Security-Policy, Permissions-Policy */
};
/* Answers with the file that `q->rest` names, index.html where it names none; 404 as a problem. */
void bundle_answer(struct request *q, const struct bundle *b);
/* 308 to the address with its slash. */
void bundle_forward(struct request *q, const char *to);

#endif
