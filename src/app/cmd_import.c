#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command.h"
#include "app/handover.h"
#include "app/progress.h"
#include "app/whose.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "ledger/ledger.h"

/* One run of `import`: either we hold the data directory, or a server does and `ledger` is NULL. */
struct importing {
        const struct settings *settings;
        struct store *store;
        struct ledger *ledger;
        int64_t org;
        int64_t captured, known, refused, blobs;
};

static int map_file(const char *path, struct str *ret, struct err *reterr)
{
        struct stat st;
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
                int why = errno;
                if (fd >= 0)
                        close(fd);
                return err_set(reterr, ERR_NOT_FOUND, "cannot read %.200s: %s", path, fd < 0 ? strerror(why) : "not a file");
        }
        *ret = (struct str){ "", (size_t)st.st_size };
        if (st.st_size > 0) {
                void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
                if (p == MAP_FAILED) {
                        close(fd);
                        return err_set(reterr, ERR_INTERNAL, "cannot map %.200s", path);
                }
                ret->p = p;
        }
        close(fd);
        return 0;
}

static void tell_fault(const char *path, const struct fault *f)
{
        fprintf(stderr, "%s: %.*s: %.*s\n", path, STR_ARG(f->pointer), STR_ARG(f->message));
}

static void tell_faults(const char *path, const struct faults *f)
{
        progress_end();
        for (size_t i = 0; i < f->n; i++)
                if (f->list[i].severity == FAULT_REFUSED)
                        tell_fault(path, &f->list[i]);
        if (f->dropped)
                fprintf(stderr, "%s: … %zu more\n", path, f->dropped);
}

static int take_here(struct importing *im, struct arena *a, const char *path, struct str bytes, struct err *reterr)
{
        struct document *doc;
        if (document_read(a, bytes.p, bytes.n, store_origins(im->store), &doc, reterr) < 0)
                return -1;
        tell_faults(path, &doc->faults);
        if (doc->faults.refused && !im->settings->proceed) {
                im->refused += doc->n_events ? (int64_t)doc->n_events : 1;
                return 0;
        }
        struct ledger_job job = { .org = im->org, .door = DOOR_IMPORT, .actor = STR("import"), .doc = doc, .arena = a, .all_or_nothing = !im->settings->proceed };
        if (ledger_record(im->ledger, &job, reterr) < 0)
                return -1;
        for (size_t i = 0; i < doc->n_events; i++)
                if (job.recorded[i].fault)
                        tell_fault(path, job.recorded[i].fault);
        im->captured += (int64_t)job.captured;
        im->known += (int64_t)job.known;
        im->refused += (int64_t)job.refused;
        return 0;
}

static void tell_answer(const char *path, const struct json *answer)
{
        const struct json *errors = json_get(answer, "errors");
        progress_end();
        for (uint32_t i = 0; json_is(errors, JSON_ARRAY) && i < errors->n; i++)
                fprintf(stderr, "%s: %.*s: %.*s\n", path, STR_ARG(json_str(&errors->items[i], "pointer")), STR_ARG(json_str(&errors->items[i], "detail")));
}

static int64_t events_in(struct arena *a, struct str bytes, const struct origins *own)
{
        struct document *doc;
        return document_read(a, bytes.p, bytes.n, own, &doc, NULL) == 0 && doc->n_events ? (int64_t)doc->n_events : 1;
}

static int take_there(struct importing *im, struct arena *a, const char *path, struct str bytes, struct err *reterr)
{
        static const struct json_limits limits = { LIMIT_JSON_DEPTH, LIMIT_JSON_NUMBER_BYTES, LIMIT_JSON_NODES };
        struct str text = STR_NONE;
        int status = 0;
        const struct json *answer = NULL;
        if (handover_capture(a, im->settings->data, im->settings->org, bytes, im->settings->proceed, &status, &text, reterr) < 0)
                return -1;
        if (json_read(a, text.p, text.n, &limits, &answer, reterr) < 0)
                return err_while(reterr, "reading the server's answer (status %d)", status);
        tell_answer(path, answer);
        if (status / 100 == 4) {
                if (!json_get(answer, "errors"))
                        fprintf(stderr, "%s: %.*s\n", path, STR_ARG(json_str(answer, "detail")));
                im->refused += events_in(a, bytes, store_origins(im->store));
                return 0;
        }
        if (status / 100 != 2)
                return err_set(reterr, ERR_STORE, "the server answered %d: %.*s", status, STR_ARG(json_str(answer, "detail")));
        im->captured += json_int(json_get(answer, "captured"), 0);
        im->known += json_int(json_get(answer, "known"), 0);
        im->refused += json_int(json_get(answer, "refused"), 0);
        return 0;
}

/* The file is ours to write; the server writes the log. */
static int put_blob_there(struct importing *im, struct str bytes, struct hash *ret, struct err *reterr)
{
        struct arena *a = arena_new();
        struct buf path = { .max = 1024 };
        struct str answer;
        int status = 0;
        int rc = blob_put(im->store, bytes.p, bytes.n, ret, reterr);
        buf_z(&path, "/api/blob?sha256=");
        buf_hex(&path, ret->b, sizeof ret->b);
        if (*im->settings->org) {
                buf_z(&path, "&org=");
                percent_encode(&path, str_of(im->settings->org), "");
        }
        if (rc == 0)
                rc = handover_ask(a, im->settings->data, "POST", path.p, "application/json", STR(" "), &status, &answer, reterr);
        if (rc == 0 && status != 200)
                rc = err_set(reterr, ERR_STORE, "the server answered %d when the file was to go into its log; import it again", status);
        buf_free(&path);
        arena_free(a);
        return rc;
}

static int take_blob(struct importing *im, const char *path, struct str bytes, struct err *reterr)
{
        struct hash h;
        if (bytes.n > LIMIT_BLOB_BYTES)
                return err_set(reterr, ERR_TOO_LARGE, "a photo or report is at most %d MB", LIMIT_BLOB_BYTES >> 20);
        int rc = im->ledger ? ledger_blob(im->ledger, im->store, im->org, bytes.p, bytes.n, &h, reterr) : put_blob_there(im, bytes, &h, reterr);
        if (rc < 0)
                return -1;
        im->blobs++;
        printf("%s  ni:///sha-256;", path);
        for (size_t i = 0; i < sizeof h.b; i++)
                printf("%02x", h.b[i]);
        puts("");
        return 0;
}

/* A file that cannot be taken is told and counted; the others go on.  -1 only when storage fails. */
static int take(struct importing *im, const char *path, struct err *reterr)
{
        struct str bytes = STR_NONE;
        struct err e = { 0 };
        struct arena *a = arena_new();
        int rc = map_file(path, &bytes, &e);
        bool mapped = rc == 0 && bytes.n > 0;
        if (rc == 0 && blob_sniff(bytes.p, bytes.n))
                rc = take_blob(im, path, bytes, &e);
        else if (rc == 0)
                rc = im->ledger ? take_here(im, a, path, bytes, &e) : take_there(im, a, path, bytes, &e);
        if (mapped)
                munmap((void *)(uintptr_t)bytes.p, bytes.n);
        arena_free(a);
        if (rc == 0)
                return 0;
        if (err_status(e.kind) >= 500) {
                *reterr = e;
                return -1;
        }
        progress_end();
        fprintf(stderr, "%s: %s%s", path, e.detail, e.line ? "" : "\n");
        if (e.line)
                fprintf(stderr, " (line %d, column %d)\n", e.line, e.column);
        im->refused++;
        return 0;
}

/* Ours when we can have it; a server's, when it holds the lock: then blobs and origins are still ours to read and write. */
static int open_data(struct importing *im, struct err *reterr)
{
        struct store_options o = { .writer_cache_kib = im->settings->cache_mib * 1024, .reader_cache_kib = 4096, .readers = 1, .database = im->settings->database };
        struct err busy = { 0 };
        if (store_open(im->settings->data, true, &o, &im->store, &busy) == 0)
                return ledger_open(im->store, &im->ledger, reterr);
        if (busy.kind != ERR_BUSY) {
                *reterr = busy;
                return -1;
        }
        return store_open(im->settings->data, false, &o, &im->store, reterr);
}

static int run(const struct settings *s, char **files, int n, struct err *reterr)
{
        struct importing im = { .settings = s };
        int rc = open_data(&im, reterr) < 0 ? -1 : whose(s, im.store, &im.org, reterr);
        for (int i = 0; i < n && rc == 0; i++) {
                progress_show(files[i], i, n);
                rc = take(&im, files[i], reterr);
        }
        progress_end();
        if (im.ledger)
                ledger_close(im.ledger);
        store_close(im.store);
        if (im.blobs)
                printf("blobs %" PRId64 "\n", im.blobs);
        printf("captured %" PRId64 ", known %" PRId64 ", refused %" PRId64 "\n", im.captured, im.known, im.refused);
        return rc < 0 || im.refused ? EXIT_REFUSED : EXIT_OK;
}

const struct command command_import = {
        .name = "import",
        .operands = "FILE…",
        .about = "导入 EPCIS 文档、照片和报告 / take EPCIS documents, photos and reports",
        .help = "EPCIS 2.0 JSON or JSON-LD documents go through the one write path; JPEG, PNG, WebP and PDF files are kept under their SHA-256.\n"
                "A document is taken whole or not at all, unless --proceed.  When a server is running on DIR the documents are handed to it.\n"
                "The last line says `captured N, known N, refused N`; exit 1 when something was refused.",
        .min_operands = 1,
        .max_operands = -1,
        .run = run,
};
