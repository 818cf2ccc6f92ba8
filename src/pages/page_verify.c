#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/embedded.h"
#include "base/json.h"
#include "base/text.h"
#include "pages/pages_impl.h"

/* /verify/HASH.js, the script that checks a page's entries in the browser, and /verify/HASH.en.json, its words.  The address says what the bytes are,
 * so whoever has them never asks again. */

extern const struct embedded_file verify_files[];       /* web/: verify.js, verify.js.gz */
extern const struct route page_verify;

static char version[17];
static struct str spoken[LANGS];        /* for the process's life */
static struct arena *kept;

static const struct embedded_file *file_of(const char *name)
{
        const struct embedded_file *f = verify_files;
        while (f->name && strcmp(f->name, name))
                f++;
        return f;
}

/* Words whose names begin with C_ in strings.def: the script's. */
static struct str words_json(struct arena *a, enum lang l)
{
        static const char *const names[WORDS] = {
#define STRING(id, hans, hant, en) #id,
#include "pages/strings.def"
#undef STRING
        };
        struct buf b;
        buf_init(&b, 64 * 1024);
        for (int w = 0; w < WORDS; w++) {
                if (strncmp(names[w], "C_", 2))
                        continue;
                buf_char(&b, b.n ? ',' : '{');
                json_write_name(&b, names[w] + 2);
                json_write_str(&b, str_of(words((enum words)w, l)));
        }
        buf_char(&b, '}');
        struct str text = arena_str(a, buf_view(&b));
        buf_free(&b);
        return text;
}

void verify_start(void)
{
        const struct embedded_file *script = file_of("verify.js");
        struct sha256_run *run = sha256_new();
        kept = arena_new();
        sha256_add(run, script->p, script->n);
        for (int l = 0; l < LANGS; l++) {
                spoken[l] = words_json(kept, (enum lang)l);
                sha256_add(run, spoken[l].p, spoken[l].n);
        }
        struct hash h = sha256_final(run);
        for (int i = 0; i < 8; i++)
                snprintf(version + 2 * i, 3, "%02x", h.b[i]);
}

void verify_stop(void)
{
        arena_free(kept);
        kept = NULL;
}

const char *verify_version(void)
{
        return version;
}

static void give(const struct request *q, const char *type, struct str body, bool packed)
{
        struct reply r = { .status = 200, .content_type = type, .body = body };
        reply_header(&r, "Cache-Control", "public, max-age=31536000, immutable");
        reply_header(&r, "Vary", "Accept-Encoding");
        if (packed)
                reply_header(&r, "Content-Encoding", "gzip");
        exchange_answer(q->exchange, &r);
}

static void handle(struct request *q, void *app)
{
        (void)app;
        struct str what = q->rest;
        bool packed = request_takes_gzip(q);
        const struct embedded_file *f = file_of(packed ? "verify.js.gz" : "verify.js");
        if (str_starts(what, str_of(version))) {
                what = str_from(what, strlen(version));
                if (str_is(what, ".js")) {
                        give(q, "text/javascript; charset=utf-8", (struct str){ (const char *)f->p, f->n }, packed);
                        return;
                }
                for (int l = 0; l < LANGS; l++)
                        if (str_eq(what, arena_printf(q->arena, ".%s.json", lang_tag((enum lang)l)))) {
                                give(q, "application/json", spoken[l], false);
                                return;
                        }
        }
        struct err e = { 0 };
        (void)err_set(&e, ERR_NOT_FOUND, "there is no such script; the page names the one that it needs");
        exchange_problem(q->exchange, &e, NULL);
}

const struct route page_verify = { .methods = METHOD_GET, .pattern = "/verify/*", .name = "verify", .needs = MAY_PUBLIC, .inline_ok = true, .handle = handle };
