#ifndef SUYUAN_LEDGER_TEST_SUPPORT_H
#define SUYUAN_LEDGER_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/ledger.h"
#include "store/postgres/test_support.h"
#include "store/sqlite/test_support.h"
#include "store/store_impl.h"

/* What the tests of this folder share: a data directory with a ledger on it, and documents made from a line.  With a server to
 * test with (SUYUAN_TEST_DATABASE) the events are there, otherwise in SQLite: the same tests hold both. */

struct fixture {
        char dir[64], db[512];          /* db: the file's name, or the server's address */
        bool server;
        struct store *store;
        struct ledger *ledger;
        struct arena *arena;
        struct buf faults;      /* what ledger_check said */
};

static const struct store_options TEST_OPTIONS = { .writer_cache_kib = 512, .reader_cache_kib = 256, .readers = 2 };

static inline void fixture_open_store(struct fixture *f)
{
        struct err e = { 0 };
        struct store_options o = TEST_OPTIONS;
        o.database = f->server ? f->db : NULL;
        if (store_open(f->dir, true, &o, &f->store, &e) < 0)
                fail_msg("%s (%s)", e.detail, e.cause);
}

static inline void fixture_open(struct fixture *f)
{
        struct err e = { 0 };
        fixture_open_store(f);
        if (ledger_open(f->store, &f->ledger, &e) < 0)
                fail_msg("%s (%s)", e.detail, e.cause);
}

static inline void fixture_close(struct fixture *f)
{
        ledger_close(f->ledger);
        store_close(f->store);
        f->ledger = NULL;
        f->store = NULL;
}

static inline int fixture_make(struct fixture *f)
{
        const struct str origin = STR("https://trace.example.cn");
        struct err e = { 0 };
        snprintf(f->dir, sizeof f->dir, "/tmp/suyuan-ledger-XXXXXX");
        f->server = fresh_server_database(f->db);
        if (!f->server)
                snprintf(f->db, sizeof f->db, "%s/suyuan.db", mkdtemp(f->dir));
        if ((f->server ? !mkdtemp(f->dir) || store_init_server(f->dir, f->db, &origin, 1, &e) < 0 : store_init(f->dir, &origin, 1, &e) < 0)) {
                fprintf(stderr, "# %s (%s)\n", e.detail, e.cause);
                return -1;
        }
        f->arena = arena_new();
        buf_init(&f->faults, 1 << 20);
        return 0;
}

static inline void remove_all(const char *dir)
{
        pid_t pid = fork();
        if (pid == 0) {
                execlp("rm", "rm", "-rf", dir, (char *)NULL);
                _exit(127);
        }
        waitpid(pid, NULL, 0);
}

static inline int setup(void **state)
{
        struct fixture *f = calloc(1, sizeof *f);
        *state = f;
        if (!f || fixture_make(f) < 0)
                return -1;
        fixture_open(f);
        return 0;
}

static inline int teardown(void **state)
{
        struct fixture *f = *state;
        fixture_close(f);
        remove_all(f->dir);
        arena_free(f->arena);
        buf_free(&f->faults);
        free(f);
        return 0;
}

/* ---- documents ---- */

/* One event to be: text members as they stand in JSON; NULL leaves a member out. */
struct line {
        const char *id;         /* eventID */
        int minute;             /* of the day, of eventTime */
        const char *items;      /* "'/lot/a/1','/lot/a/2'", in epcList */
        const char *more;       /* further members, with a leading comma */
        bool declares_error;
};

static inline void add_event(struct buf *b, const struct line *l)
{
        buf_printf(b, "{'type':'ObjectEvent','eventTime':'2026-07-01T%02d:%02d:00+08:00','eventTimeZoneOffset':'+08:00','action':'OBSERVE','bizStep':'inspecting'",
                   l->minute / 60, l->minute % 60);
        if (l->id)
                buf_printf(b, ",'eventID':'%s'", l->id);
        buf_printf(b, ",'epcList':[%s]%s", l->items ? l->items : "", l->more ? l->more : "");
        if (l->declares_error)
                buf_z(b, ",'errorDeclaration':{'declarationTime':'2026-07-02T08:00:00+08:00','reason':'incorrect_data'}");
        buf_char(b, '}');
}

static inline const struct document *read_quoted(struct arena *a, struct buf *b, const struct origins *own)
{
        struct document *d;
        struct err e = { 0 };
        for (size_t i = 0; i < b->n; i++)
                if (b->p[i] == '\'')
                        b->p[i] = '"';
        if (document_read(a, b->p, b->n, own, &d, &e) < 0)
                fail_msg("%s at %s", e.detail, e.pointer);
        buf_free(b);
        return d;
}

static inline const struct document *document_of(struct arena *a, const struct line *lines, size_t n)
{
        const struct str own = STR("https://trace.example.cn");
        struct buf b;
        buf_init(&b, 1 << 24);
        buf_z(&b, "{'@context':['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',{'suyuan':'https://w3id.org/suyuan/voc/'}],"
                  "'type':'EPCISDocument','schemaVersion':'2.0','creationDate':'2026-07-01T00:00:00Z','epcisBody':{'eventList':[");
        for (size_t i = 0; i < n; i++) {
                if (i)
                        buf_char(&b, ',');
                add_event(&b, &lines[i]);
        }
        buf_z(&b, "]}}");
        return read_quoted(a, &b, &(struct origins){ &own, 1 });
}

/* Records the events first … first + n - 1 that `put` writes as one document, whose @context has `prefixes` besides. */
static inline void record_events(struct fixture *f, struct arena *a, const char *prefixes, void (*put)(struct buf *b, uint64_t *seed, int number), uint64_t *seed,
                                 int first, int n)
{
        struct buf b;
        struct err e = { 0 };
        buf_init(&b, 1 << 24);
        buf_printf(&b, "{'@context':['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',%s],"
                       "'type':'EPCISDocument','schemaVersion':'2.0','creationDate':'2026-07-01T00:00:00Z','epcisBody':{'eventList':[", prefixes);
        for (int i = 0; i < n; i++) {
                if (i)
                        buf_char(&b, ',');
                put(&b, seed, first + i);
        }
        buf_z(&b, "]}}");
        struct ledger_job *j = arena_alloc(a, sizeof *j);
        *j = (struct ledger_job){ .org = ORG_DEFAULT, .door = DOOR_CAPTURE, .actor = STR("tester"), .arena = a, .doc = read_quoted(a, &b, NULL) };
        if (ledger_record(f->ledger, j, &e) < 0 || j->captured != (size_t)n)
                fail_msg("%s (%s)", e.detail, e.cause);
}

/* Records lines as one job with these settings and waits. */
static inline struct ledger_job *record(struct fixture *f, struct ledger_job job, const struct line *lines, size_t n)
{
        struct ledger_job *j = arena_alloc(f->arena, sizeof *j);
        struct err e = { 0 };
        *j = job;
        j->org = ORG_DEFAULT;
        j->door = DOOR_CAPTURE;
        j->actor = STR("tester");
        j->arena = f->arena;
        if (!j->doc)
                j->doc = document_of(f->arena, lines, n);
        if (ledger_record(f->ledger, j, &e) < 0 && !j->err.kind)
                fail_msg("%s (%s)", e.detail, e.cause);
        return j;
}
#define RECORD(f, job, ...) record(f, job, (const struct line[]){ __VA_ARGS__ }, sizeof((const struct line[]){ __VA_ARGS__ }) / sizeof(struct line))
#define JOB(...) ((struct ledger_job){ __VA_ARGS__ })
#define PLAIN JOB(.arena = NULL)

static inline void note_fault(void *ctx, const char *what, const char *detail)
{
        buf_printf(&((struct fixture *)ctx)->faults, "%s: %s\n", what, detail);
}

/* How many faults `check` finds; their words are in f->faults. */
static inline int64_t faults_of(struct fixture *f)
{
        struct err e = { 0 };
        buf_clear(&f->faults);
        int64_t n = ledger_check(f->store, note_fault, NULL, f, &e);
        if (n < 0)
                fail_msg("%s (%s)", e.detail, e.cause);
        return n;
}

static inline void assert_whole(struct fixture *f)
{
        if (faults_of(f) != 0)
                fail_msg("%s", f->faults.p);
}

#endif
