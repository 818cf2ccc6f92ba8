#include "base/test_folder.h"
#include "api/test_support.h"

#include "access/access.h"
#include "daybook/daybook.h"
#include "ledger/upload.h"
#include "sensing/sensing.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void must(int rc, const struct err *e)
{
        if (rc >= 0)
                return;
        fprintf(stderr, "the world does not begin: %s (%s)\n", e->detail, e->cause);
        abort();
}

struct world *world_open(void)
{
        const struct str origin = STR("http://127.0.0.1:8080");
        struct store_options o = { .writer_cache_kib = 1024, .reader_cache_kib = 256, .readers = 3 };
        struct world *w = calloc(1, sizeof *w);
        struct err e = { 0 };

        if (!w)
                abort();
        /* Memory where there is some: what is tested here is not the disk. */
        snprintf(w->dir, sizeof w->dir, "%s/suyuan-api-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        if (!mkdtemp(w->dir))
                abort();
        must(store_init(w->dir, &origin, 1, &e), &e);
        must(store_open(w->dir, true, &o, &w->service.store, &e), &e);
        must(ledger_open(w->service.store, &w->service.ledger, &e), &e);
        must(access_open(w->service.store, w->service.ledger, &w->service.access, &e), &e);
        must(daybook_start(w->service.store, w->service.ledger, &w->service.daybook, &e), &e);
        must(sensing_start(w->service.store, w->service.ledger, w->service.access, &(struct sensing_options){ .readers = 2, .grace_s = 600 }, &w->service.sensing, &e), &e);
        must(uploads_start(w->service.store, w->service.ledger, NULL, NULL, &w->service.uploads, &e), &e);
        w->service.open = true;
        struct http_options h = { .routes = api_routes, .n_routes = api_n_routes, .app = &w->service, .admit = access_admit, .forbidden = access_forbidden, .quiet = true };
        w->l = loopback_new(&h);
        w->a = arena_new();
        return w;
}

void world_close(struct world *w)
{
        loopback_free(w->l);
        sensing_stop(w->service.sensing);
        daybook_stop(w->service.daybook);
        uploads_stop(w->service.uploads);
        access_close(w->service.access);
        ledger_close(w->service.ledger);
        store_close(w->service.store);
        test_folder_remove(w->dir);
        arena_free(w->a);
        free(w);
}
