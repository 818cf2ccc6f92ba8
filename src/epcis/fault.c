#include "epcis/reader.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"

static const struct { const char *slug; enum fault_severity severity; } codes[FAULT_CODES] = {
#define FAULT_CODE(name, slug, severity, about) [CODE_##name] = { slug, FAULT_##severity },
#include "epcis/faults.def"
#undef FAULT_CODE
};

static void spell(struct buf *b, const struct path *at)
{
        if (!at || !at->up)
                return;
        spell(b, at->up);
        if (at->name.p)
                json_pointer_add(b, at->name);
        else
                json_pointer_index(b, at->index);
}

struct str path_pointer(struct arena *a, const struct path *at)
{
        struct buf b;

        buf_init(&b, 64 * 1024);
        spell(&b, at);
        struct str s = arena_str(a, buf_view(&b));

        buf_free(&b);
        return s;
}

/* Makes room in the list; false when it is full for good. */
static bool room(struct arena *a, struct faults *f)
{
        if (f->n == LIMIT_FAULTS) {
                f->dropped++;
                return false;
        }
        if (f->n == f->cap) {
                size_t cap = f->cap ? f->cap * 2 : 8;
                struct fault *list = arena_array(a, struct fault, cap);

                if (f->n)
                        memcpy(list, f->list, f->n * sizeof *list);
                f->list = list;
                f->cap = cap;
        }
        return true;
}

/* A message is cut where a character ends: texts of the document stand in it, cut to their first bytes. */
static struct str message(struct arena *a, const char *fmt, va_list ap)
{
        char text[400];
        int n = vsnprintf(text, sizeof text, fmt, ap);
        size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
        char *out = arena_raw(a, len + 1);
        size_t kept = 0;

        for (size_t i = 0; i < len;) {
                size_t step = 1;

                while (step < 4 && i + step < len && ((unsigned char)text[i + step] & 0xc0) == 0x80)
                        step++;
                if (utf8_valid((struct str){ text + i, step })) {
                        memcpy(out + kept, text + i, step);
                        kept += step;
                }
                i += step;
        }
        out[kept] = '\0';
        return (struct str){ out, kept };
}

static void put(struct arena *a, struct faults *f, enum fault_code code, int32_t event, struct str pointer, struct str text)
{
        if (codes[code].severity == FAULT_REFUSED)
                f->refused++;
        else
                f->findings++;
        if (room(a, f))
                f->list[f->n++] = (struct fault){ .severity = codes[code].severity, .code = codes[code].slug, .event = event, .pointer = pointer, .message = text };
}

void faults_tell(struct arena *a, struct faults *f, enum fault_code code, struct str pointer, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        put(a, f, code, -1, arena_str(a, pointer), message(a, fmt, ap));
        va_end(ap);
}

static void add(struct reader *r, const struct path *at, enum fault_code code, const char *fmt, va_list ap)
{
        if (!r->document)
                return;
        if (codes[code].severity == FAULT_REFUSED && r->event >= 0)
                r->document->refused[r->event] = true;
        put(r->arena, &r->document->faults, code, r->event, path_pointer(r->arena, at), message(r->arena, fmt, ap));
}

void fault_add(struct reader *r, const struct path *at, enum fault_code code, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        add(r, at, code, fmt, ap);
        va_end(ap);
}

void fault_at(struct reader *r, const struct path *at, const char *member, enum fault_code code, const char *fmt, ...)
{
        const struct path here = { at, str_of(member), 0 };
        va_list ap;

        va_start(ap, fmt);
        add(r, &here, code, fmt, ap);
        va_end(ap);
}
