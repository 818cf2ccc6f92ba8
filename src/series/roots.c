#include <stdlib.h>
#include <sys/stat.h>

#include "base/oom.h"
#include "series/series_impl.h"

/* Roots of hours read on a connection of its own, beside the one process that writes. */

struct series_roots { struct db *db; };

int series_roots_open(struct store *s, struct series_roots **ret, struct err *reterr)
{
        const struct db_options o = { .mode = DB_READ, .cache_kib = 8 * 1024, .space = "series" };
        char path[PATH_BYTES];
        struct stat st;
        struct db *db;
        *ret = NULL;
        store_beside(s, "series", path);
        if (!store_shared(s) && stat(path, &st) < 0)
                return 0;
        if (db_open(path, &o, &db, reterr) < 0)
                return -1;
        *ret = or_abort(calloc(1, sizeof **ret));
        (*ret)->db = db;
        return 0;
}

int series_roots_of(struct series_roots *r, struct arena *a, struct str device, int64_t hour_ms, struct hash *ret, int64_t *ret_n, struct err *reterr)
{
        struct tree_of t = { .n = 0 };
        if (db_begin(r->db, reterr) < 0)
                return -1;
        int rc = stored_root(r->db, a, device, hour_ms / HOUR_MS, &t, reterr);
        db_rollback(r->db);
        *ret = t.root;
        *ret_n = t.n;
        return rc < 0 ? -1 : 0;
}

void series_roots_close(struct series_roots *r)
{
        if (!r)
                return;
        db_close(r->db);
        free(r);
}
