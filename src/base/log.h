#ifndef SUYUAN_BASE_LOG_H
#define SUYUAN_BASE_LOG_H

#include <stdbool.h>

#include "base/err.h"

/* One line an occurrence on standard error, logfmt: time level what key=value…
 * Only app/, http/ and job loops log; everything else returns its failure. Never a secret, never
 * a body. */
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_set_level(enum log_level least);
/* Would a line of this level be written?  For callers whose fields cost something to make. */
bool log_wants(enum log_level level);
/* The id of the request or job this thread works for; "" for none.  Copied. */
void log_set_context(const char *request_id);
/* `fmt` makes the fields: log_line(LOG_INFO, "http.request", "status=%d path=%s", …).  Values that may
 * hold blanks or foreign bytes go through log_quote. */
void log_line(enum log_level level, const char *what, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
void log_err(enum log_level level, const char *what, const struct err *e);
/* Quotes and escapes into a small ring of thread-local buffers: good for one log_line call. */
const char *log_quote(const char *p, unsigned long n);

#endif
