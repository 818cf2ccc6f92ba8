#ifndef SUYUAN_BASE_ERR_H
#define SUYUAN_BASE_ERR_H

#include "base/lang.h"

enum err_kind {
        ERR_NONE = 0,
#define FAULT(name, status, slug, exception, en, hans, hant) ERR_##name,
#include "base/errors.def"
#undef FAULT
        ERR_KINDS
};

/* What went wrong, filled in once, where it was found.  Lives on the stack of whoever can answer for
 * it (a request, a job, a command) and never allocates.  `detail` is for the caller of the API and
 * says what to do; `cause` is for our log only and never leaves the process. */
struct err {
        enum err_kind kind;
        char detail[400];
        char pointer[160];      /* JSON Pointer (RFC 6901) to the offending member, or "" */
        char cause[400];        /* what we were doing, outermost last */
        int retry_s;            /* ERR_TOO_MANY: after so many seconds, 0 when it does not apply */
        int line, column;       /* 1-based place in the input, 0 when it does not apply */
};

/* Records a failure and returns -1, so that `return err_set(...)` is the whole error path.
 * A NULL `e` is fine everywhere.  Truncates at a UTF-8 boundary. */
int err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

/* Points at the member that is wrong.  Returns -1. */
int err_at(struct err *e, const char *json_pointer);

/* Adds what *we* were doing, for the log; keeps kind and detail.  Returns -1. */
int err_while(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ERR_NONE (a failure that was never named) answers as ERR_INTERNAL. */
int err_status(enum err_kind kind);
const char *err_slug(enum err_kind kind);
const char *err_exception(enum err_kind kind);
const char *err_title(enum err_kind kind, enum lang lang);

#endif
