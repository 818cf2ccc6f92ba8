#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command.h"
#include "app/demo_farm.h"
#include "app/demo_volume.h"
#include "app/embedded.h"
#include "app/origin.h"
#include "app/progress.h"
#include "ledger/ledger.h"

#define PLACEHOLDER "https://demo.suyuan.example"

struct totals { int64_t captured, known, refused, readings; };

static bool exists(const char *dir)
{
        char path[4096];
        struct stat st;
        snprintf(path, sizeof path, "%s/suyuan.db", dir);
        return stat(path, &st) == 0;
}

/* Printed codes of the demonstration bear the placeholder origin; whatever address serves them names the same things. */
static int init_where_missing(const struct settings *s, struct err *reterr)
{
        struct origin_list origins;
        if (!*s->database && exists(s->data))
                return 0;
        if (origins_read(s->origin.v, s->origin.n, &origins, reterr) < 0)
                return -1;
        origins.v[origins.n++] = STR(PLACEHOLDER);
        if (!*s->database)
                return store_init(s->data, origins.v, origins.n, reterr);
        struct err e = { 0 };
        if (store_init_server(s->data, s->database, origins.v, origins.n, &e) == 0 || e.kind == ERR_CONFLICT)
                return 0;       /* it is there already */
        *reterr = e;
        return -1;
}

static int record(struct store *store, struct ledger *ledger, const char *name, struct str bytes, struct totals *t, struct err *reterr)
{
        struct arena *a = arena_new();
        struct document *doc = NULL;
        int rc = document_read(a, bytes.p, bytes.n, store_origins(store), &doc, reterr);
        if (rc == 0 && doc->faults.refused)
                rc = err_set(reterr, ERR_BAD_EVENT, "%s: %.*s: %.*s", name, STR_ARG(doc->faults.list[0].pointer), STR_ARG(doc->faults.list[0].message));
        if (rc == 0) {
                struct ledger_job job = { .org = ORG_DEFAULT, .door = DOOR_DEMO, .actor = STR("demo"), .doc = doc, .arena = a };
                rc = ledger_record(ledger, &job, reterr);
                t->captured += (int64_t)job.captured;
                t->known += (int64_t)job.known;
                t->refused += (int64_t)job.refused;
        }
        arena_free(a);
        return rc;
}

static bool ends_with(const char *name, const char *tail)
{
        size_t n = strlen(name), k = strlen(tail);
        return n >= k && strcmp(name + n - k, tail) == 0;
}

/* The stories' addresses as this installation prints them: a placeholder opens on no phone. */
static void write_on_first_origin(struct buf *b, struct str text, const struct origins *own)
{
        struct str mark = STR(PLACEHOLDER);
        while (text.n) {
                const char *at = memmem(text.p, text.n, mark.p, mark.n);
                size_t before = at ? (size_t)(at - text.p) : text.n;
                buf_add(b, text.p, before);
                if (at)
                        buf_str(b, own->list[0]);
                text = str_from(text, before + (at ? mark.n : 0));
        }
}

static int write_front(struct store *store, const struct embedded_file *f, struct err *reterr)
{
        char path[4096];
        struct buf b;
        snprintf(path, sizeof path, "%s/front.json", store_dir(store));
        buf_init(&b, 1 << 20);
        write_on_first_origin(&b, (struct str){ (const char *)f->p, f->n }, store_origins(store));
        FILE *out = fopen(path, "we");
        bool good = out && fwrite(b.p, 1, b.n, out) == b.n;
        good = out && fclose(out) == 0 && good;
        buf_free(&b);
        return good ? 0 : err_set(reterr, ERR_STORE, "cannot write %s: %s", path, strerror(errno));
}

/* Photos first: a blob is complete before an event may point at it. */
static int load_stories(struct store *store, struct ledger *ledger, struct totals *t, struct err *reterr)
{
        for (size_t i = 0; i < demo_files_n; i++) {
                struct hash h;
                if (blob_sniff(demo_files[i].p, demo_files[i].n) && ledger_blob(ledger, store, ORG_DEFAULT, demo_files[i].p, demo_files[i].n, &h, reterr) < 0)
                        return -1;
        }
        for (size_t i = 0; i < demo_files_n; i++) {
                const struct embedded_file *f = &demo_files[i];
                if (strcmp(f->name, "front.json") == 0 && write_front(store, f, reterr) < 0)
                        return -1;
                if (ends_with(f->name, ".jsonld") && strcmp(f->name, "farm.jsonld") && record(store, ledger, f->name, (struct str){ (const char *)f->p, f->n }, t, reterr) < 0)
                        return -1;
        }
        return 0;
}

/* Beside generated events, which nobody looks at but those who measure, there is no farm's day: following it would be measured too. */
static int load_farm(const struct settings *s, struct store *store, struct ledger *ledger, struct totals *t, struct err *reterr)
{
        struct demo_farm_totals n = { 0 };
        int rc = 0;
        for (size_t i = 0; i < demo_files_n && rc == 0 && !s->events; i++) {
                const struct embedded_file *f = &demo_files[i];
                if (strcmp(f->name, "farm.jsonld") == 0)
                        rc = record(store, ledger, f->name, (struct str){ (const char *)f->p, f->n }, t, reterr);
                if (rc == 0 && strcmp(f->name, "farm-day.json") == 0)
                        rc = demo_farm_load(store, ledger, (struct str){ (const char *)f->p, f->n }, &n, reterr);
        }
        t->readings += n.readings;
        t->captured += n.captured;
        t->known += n.known;
        return rc;
}

static int load_volume(const struct settings *s, struct store *store, struct ledger *ledger, struct totals *t, struct err *reterr)
{
        struct buf b;
        int rc = 0;
        buf_init(&b, 64u << 20);
        for (int64_t at = 0; at < s->events && rc == 0; at += 500) {
                int64_t left = s->events - at;
                buf_clear(&b);
                volume_document(&b, (uint64_t)s->seed, (uint64_t)at, (unsigned)(left < 500 ? left : 500));
                rc = record(store, ledger, "volume", buf_view(&b), t, reterr);
                progress_show("示范数据 / volume", at, s->events);
        }
        buf_free(&b);
        progress_end();
        return rc;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        (void)operands;
        (void)n;
        struct store_options o = { .writer_cache_kib = s->cache_mib * 1024, .reader_cache_kib = 4096, .readers = 4, .database = s->database };
        struct store *store = NULL;
        struct ledger *ledger = NULL;
        struct totals t = { 0 };
        if (init_where_missing(s, reterr) < 0 || store_open(s->data, true, &o, &store, reterr) < 0)
                return EXIT_REFUSED;
        int rc = ledger_open(store, &ledger, reterr);
        if (rc == 0)
                rc = load_stories(store, ledger, &t, reterr);
        if (rc == 0)
                rc = load_farm(s, store, ledger, &t, reterr);
        if (rc == 0)
                rc = load_volume(s, store, ledger, &t, reterr);
        if (ledger)
                ledger_close(ledger);
        store_close(store);
        if (rc < 0)
                return EXIT_REFUSED;
        printf("captured %" PRId64 ", known %" PRId64 ", refused %" PRId64 "\n", t.captured, t.known, t.refused);
        if (t.readings)
                printf("readings %" PRId64 "\n", t.readings);
        return EXIT_OK;
}

const struct command command_demo = {
        .name = "demo",
        .operands = "",
        .about = "载入示范区县：十八家企业、三个故事、今天的农事 / load the demonstration district: eighteen enterprises, three stories, the farm's day",
        .help = "Creates DIR where it is missing.  A second run records nothing again.  The farm's day is counted from its first run.\n--events N adds N generated events, always the same ones, in place of the farm's day.",
        .run = run,
};
