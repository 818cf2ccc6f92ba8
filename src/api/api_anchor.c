#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "access/access.h"
#include "api/api_impl.h"
#include "base/file.h"
#include "base/text.h"
#include "merkle/note.h"

/* GET /log/anchors: the sizes at which the log was stamped by an outside authority, a line each; GET /log/anchors/SIZE.note and SIZE.tsr: what anybody
 * needs to check it (docs/ref/witness.md). */

enum { ANCHORS_MAX = 10000 };

static int by_size(const void *a, const void *b)
{
        int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
        return (x > y) - (x < y);
}

/* "123.tsr" → 123 */
static bool size_of(struct str name, const char *end, int64_t *ret)
{
        size_t n = strlen(end);
        return name.n > n && memcmp(name.p + name.n - n, end, n) == 0 && number_read((struct str){ name.p, name.n - n }, ret);
}

static size_t sizes(struct arena *a, const char *folder, int64_t **ret)
{
        size_t n = 0;
        DIR *d = opendir(folder);
        *ret = arena_array(a, int64_t, ANCHORS_MAX);
        for (struct dirent *e; d && n < ANCHORS_MAX && (e = readdir(d));)
                n += size_of(str_of(e->d_name), ".tsr", &(*ret)[n]);
        if (d)
                closedir(d);
        qsort(*ret, n, sizeof **ret, by_size);
        return n;
}

static void say(struct request *q, const char *type, const char *cache, struct str body)
{
        struct reply r = { .status = 200, .content_type = type, .body = body };
        reply_header(&r, "Access-Control-Allow-Origin", "*");
        reply_header(&r, "Cache-Control", cache);
        exchange_answer(q->exchange, &r);
}

static void list(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = 1 << 20 };
        int64_t *all;
        size_t n = sizes(q->arena, arena_printf(q->arena, "%s/log/anchors", store_dir(v->store)).p, &all);
        for (size_t i = 0; i < n; i++)
                buf_printf(&b, "%" PRId64 "\n", all[i]);
        say(q, "text/plain; charset=utf-8", "no-cache", arena_str(q->arena, buf_view(&b)));
        buf_free(&b);
}

static void one(struct request *q, void *app)
{
        const struct service *v = app;
        struct err e = { 0 };
        struct str bytes;
        int64_t size;
        bool reply = size_of(q->rest, ".tsr", &size);
        if (!reply && !size_of(q->rest, ".note", &size))
                err_set(&e, ERR_NOT_FOUND, "an anchor is SIZE.note and SIZE.tsr; /log/anchors lists the sizes");
        else if (file_read(q->arena, arena_printf(q->arena, "%s/log/anchors/%" PRId64 ".%s", store_dir(v->store), size, reply ? "tsr" : "note").p, NOTE_BYTES_MAX, &bytes, &e) < 0 &&
                 e.kind == ERR_NOT_FOUND)
                err_set(&e, ERR_NOT_FOUND, "the log was not anchored at this size");
        if (e.kind)
                exchange_problem(q->exchange, &e, NULL);
        else
                say(q, reply ? "application/timestamp-reply" : "text/plain; charset=utf-8", "public, max-age=31536000, immutable", bytes);
}

const struct route route_log_anchors = {
        .methods = METHOD_GET, .pattern = "/log/anchors", .name = "log.anchors", .needs = MAY_PUBLIC, .handle = list,
};
const struct route route_log_anchor = {
        .methods = METHOD_GET, .pattern = "/log/anchors/*", .name = "log.anchor", .needs = MAY_PUBLIC, .handle = one,
};
