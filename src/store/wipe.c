#include "store/wipe.h"

#include <dirent.h>
#include <time.h>

#include "store/store_impl.h"

enum { TRIES = 60, PAUSE_MS = 50 };

/* On a connection of its own: the writer goes on between the tries. */
int store_wipe(struct store *s, bool *ret_all, struct err *reterr)
{
        static const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
        struct db *db;
        *ret_all = true;
        if (s->server)
                return 0;
        if (db_open(s->db_path, &(struct db_options){ .mode = DB_READ, .cache_kib = 64 }, &db, reterr) < 0)
                return err_while(reterr, "cutting the write-ahead log");
        int rc = db_checkpoint(db, DB_CHECKPOINT_TRUNCATE, ret_all, reterr);
        for (int i = 1; i < TRIES && rc == 0 && !*ret_all; i++) {
                nanosleep(&pause, NULL);
                rc = db_checkpoint(db, DB_CHECKPOINT_TRUNCATE, ret_all, reterr);
        }
        db_close(db);
        return rc;
}

size_t store_older_copies(struct store *s, struct arena *a, struct str **ret)
{
        size_t n = 0, cap = 0;
        DIR *d = opendir(s->dir);
        *ret = NULL;
        for (struct dirent *e; d && (e = readdir(d));) {
                if (strncmp(e->d_name, "before-v", 8) != 0)
                        continue;
                if (n == cap) {
                        struct str *more = arena_array(a, struct str, cap = cap ? 2 * cap : 8);
                        if (n)
                                memcpy(more, *ret, n * sizeof(*more));
                        *ret = more;
                }
                (*ret)[n++] = arena_printf(a, "%s/%s", s->dir, e->d_name);
        }
        if (d)
                closedir(d);
        return n;
}
