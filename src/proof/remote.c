#include "proof/remote.h"

#include <stdlib.h>

#include "base/oom.h"
#include "merkle/note.h"
#include "proof/web.h"

enum { KEPT_TILES = 4096 };

struct kept { struct tile t; const uint8_t *bytes; struct kept *next; };

struct remote {
        struct web *web;
        struct arena *arena, *tiles;
        struct str base;
        bool sure;              /* a checkpoint was found under `base` */
        struct kept *kept;
        size_t n_kept;
};

struct remote *remote_new(struct str url, int timeout_ms)
{
        struct remote *r = or_abort(calloc(1, sizeof *r));
        r->web = web_new(timeout_ms);
        r->arena = arena_new();
        r->tiles = arena_new();
        while (url.n && url.p[url.n - 1] == '/')
                url.n--;
        r->base = arena_str(r->arena, url);
        return r;
}

void remote_free(struct remote *r)
{
        if (!r)
                return;
        web_free(r->web);
        arena_free(r->tiles);
        arena_free(r->arena);
        free(r);
}

struct str remote_base(const struct remote *r)
{
        return r->base;
}

int remote_get(struct remote *r, struct arena *a, const char *path, size_t max, struct str *ret, struct err *reterr)
{
        struct web_answer w;
        if (web_get(r->web, a, web_join(a, r->base, path), max, &w, reterr) < 0)
                return -1;
        if (w.status != 200)
                return err_set(reterr, w.status == 404 ? ERR_NOT_FOUND : ERR_STORE, "%.*s/%.100s answers %d", (int)(r->base.n < 200 ? r->base.n : 200), r->base.p, path, w.status);
        *ret = w.body;
        return 0;
}

int remote_checkpoint(struct remote *r, struct arena *a, struct str *ret, struct err *reterr)
{
        struct err e = { 0 };
        int rc = remote_get(r, a, "checkpoint", NOTE_BYTES_MAX, ret, &e);
        if (rc < 0 && e.kind == ERR_NOT_FOUND && !r->sure) {    /* the installation's address: its log is one step below */
                struct str given = r->base;
                r->base = arena_printf(r->arena, "%.*s/log", STR_ARG(given));
                rc = remote_get(r, a, "checkpoint", NOTE_BYTES_MAX, ret, &e);
                if (rc < 0)
                        r->base = given;
        }
        r->sure |= rc == 0;
        return rc < 0 ? err_set(reterr, e.kind, "%s", e.detail) : 0;
}

static bool same(struct tile a, struct tile b)
{
        return a.level == b.level && a.n == b.n && a.width == b.width;
}

static int get_tile(struct remote *r, struct tile t, struct str *ret)
{
        struct buf path = { .max = 200 };
        tile_path(&path, t);
        int rc = remote_get(r, r->tiles, path.p, TILE_BYTES, ret, NULL);
        buf_free(&path);
        return rc == 0 && ret->n == (size_t)t.width * sizeof(struct hash) ? 0 : -1;
}

static int fetch(struct remote *r, struct tile t, struct str *ret)
{
        if (t.level < 0)
                return -1;
        if (get_tile(r, t, ret) == 0)
                return 0;
        t.width = TILE_HASHES;
        return get_tile(r, t, ret);
}

int remote_tile(void *remote, struct tile t, const uint8_t **ret_bytes)
{
        struct remote *r = remote;
        struct str got;
        for (struct kept *k = r->kept; k; k = k->next)
                if (same(k->t, t)) {
                        *ret_bytes = k->bytes;
                        return 0;
                }
        if (r->n_kept >= KEPT_TILES)
                remote_forget(r);
        if (fetch(r, t, &got) < 0)
                return -1;
        struct kept *k = arena_alloc(r->tiles, sizeof *k);
        *k = (struct kept){ .t = t, .bytes = (const uint8_t *)got.p, .next = r->kept };
        r->kept = k;
        r->n_kept++;
        *ret_bytes = k->bytes;
        return 0;
}

void remote_forget(struct remote *r)
{
        arena_reset(r->tiles);
        r->kept = NULL;
        r->n_kept = 0;
}
