#ifndef SUYUAN_EPCIS_TEST_SUPPORT_H
#define SUYUAN_EPCIS_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "epcis/digest.h"
#include "epcis/read.h"

/* What the tests of this folder share.  Test data is written with ' for ", so that it can be read. */

#define OWN "https://trace.example.cn"
#define STANDARD "'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'"
#define CONTEXT_TEXT "[" STANDARD ",{'ex':'https://ns.example.com/x/','suyuan':'https://w3id.org/suyuan/voc/'}]"
#define HEAD "'type':'EPCISDocument','schemaVersion':'2.0','creationDate':'2026-07-01T00:00:00Z'"
/* The members that every event needs, and an ObjectEvent that is right. */
#define WHEN "'eventTime':'2026-07-01T08:00:00+08:00','eventTimeZoneOffset':'+08:00'"
#define OBJECT "'type':'ObjectEvent'," WHEN ",'action':'OBSERVE','epcList':[]"

static const struct str test_own_list[] = { { OWN, sizeof OWN - 1 } };
static const struct origins test_own = { test_own_list, 1 };

static inline struct str quoted(struct arena *a, const char *text)
{
        char *p = arena_cstr(a, str_of(text));

        for (char *q = p; *q; q++)
                if (*q == '\'')
                        *q = '"';
        return str_of(p);
}

/* A whole document as it stands. */
static inline struct document *read_text(struct arena *a, const char *text)
{
        struct str s = quoted(a, text);
        struct document *d = NULL;
        struct err e = { 0 };

        if (document_read(a, s.p, s.n, &test_own, &d, &e) < 0)
                fail_msg("not read: %s at '%s' in %s", e.detail, e.pointer, text);
        return d;
}

/* A document with these members of events, each without its braces. */
static inline struct document *read_events(struct arena *a, const char *context, const char *const *events, size_t n)
{
        struct buf b;

        buf_init(&b, 64 * 1024 * 1024);
        buf_printf(&b, "{'@context':%s," HEAD ",'epcisBody':{'eventList':[", context);
        for (size_t i = 0; i < n; i++)
                buf_printf(&b, "%s{%s}", i ? "," : "", events[i]);
        buf_z(&b, "]}}");
        struct document *d = read_text(a, b.p);

        buf_free(&b);
        return d;
}

static inline struct document *read_event(struct arena *a, const char *event)
{
        return read_events(a, CONTEXT_TEXT, &event, 1);
}

/* "code@pointer code@pointer …" of all faults of one severity, with the way to the first event left out. */
static inline const char *told(struct arena *a, const struct document *d, enum fault_severity severity)
{
        static const char way[] = "/epcisBody/eventList/0";
        struct buf b;

        buf_init(&b, 1024 * 1024);
        for (size_t i = 0; i < d->faults.n; i++) {
                const struct fault *f = &d->faults.list[i];
                struct str at = f->pointer;

                if (f->severity != severity)
                        continue;
                if (str_starts(at, str_of(way)))
                        at = str_from(at, sizeof way - 1);
                buf_printf(&b, "%s%s@%.*s", b.n ? " " : "", f->code, (int)at.n, at.p ? at.p : "");
                assert_true(f->message.n > 0);
        }
        char *s = arena_cstr(a, buf_view(&b));

        buf_free(&b);
        return s;
}

static inline void assert_str(struct str got, const char *want)
{
        if (!str_eq(got, str_of(want)))
                fail_msg("got  %.*s\nwant %s", (int)got.n, got.p ? got.p : "", want);
}

/* A small generator of its own, so that a failing case can be made again from its number. */
static inline uint32_t next_random(uint64_t *seed)
{
        *seed = *seed * 6364136223846793005U + 1442695040888963407U;
        return (uint32_t)(*seed >> 33);
}

#endif
