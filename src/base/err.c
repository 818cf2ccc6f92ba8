#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/lang.h"

struct fault {
        int status;
        const char *slug, *exception;
        const char *title[LANGS];
};

static const struct fault faults[ERR_KINDS] = {
#define FAULT(name, status, slug, exception, en, hans, hant) \
        [ERR_##name] = { status, slug, exception, \
                         { [LANG_HANS] = hans, [LANG_HANT] = hant, [LANG_EN] = en } },
#include "base/errors.def"
#undef FAULT
};

/* A failure whose kind was never set is still a failure, and ours. */
static const struct fault *fault(enum err_kind kind)
{
        assert(kind >= ERR_NONE && kind < ERR_KINDS);
        return &faults[kind == ERR_NONE ? ERR_INTERNAL : kind];
}

int err_status(enum err_kind kind)
{
        return fault(kind)->status;
}

const char *err_slug(enum err_kind kind)
{
        return fault(kind)->slug;
}

const char *err_exception(enum err_kind kind)
{
        return fault(kind)->exception;
}

const char *err_title(enum err_kind kind, enum lang lang)
{
        assert(lang >= 0 && lang < LANGS);
        return fault(kind)->title[lang];
}

/* Where to cut `s` so that at most `max` bytes remain and no UTF-8 sequence is split. */
static size_t cut(const char *s, size_t n, size_t max)
{
        if (n <= max)
                return n;
        n = max;
        while (n && ((unsigned char)s[n] & 0xc0) == 0x80)
                n--;
        return n;
}

/* Appends to the NUL-terminated `dst`; drops what does not fit. */
static void append(char *dst, size_t size, const char *s)
{
        size_t n = strlen(dst);
        size_t more = cut(s, strlen(s), size - 1 - n);

        memcpy(dst + n, s, more);
        dst[n + more] = '\0';
}

/* Twice the longest field: a cut at the field's end never sees a sequence vsnprintf has split. */
enum { SCRATCH = 2 * sizeof((struct err *)0)->detail };

int err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
        char text[SCRATCH];     /* the arguments may live in *e */
        va_list ap;

        if (!e)
                return -1;
        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        *e = (struct err){ .kind = kind };
        append(e->detail, sizeof e->detail, text);
        return -1;
}

int err_at(struct err *e, const char *json_pointer)
{
        if (!e)
                return -1;
        e->pointer[0] = '\0';
        append(e->pointer, sizeof e->pointer, json_pointer);
        return -1;
}

int err_while(struct err *e, const char *fmt, ...)
{
        char text[SCRATCH];
        va_list ap;

        if (!e)
                return -1;
        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        if (e->cause[0])
                append(e->cause, sizeof e->cause, " < ");
        append(e->cause, sizeof e->cause, text);
        return -1;
}
