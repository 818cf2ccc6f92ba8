#include "store/postgres/pg_listener.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/oom.h"
#include "store/postgres/pg_impl.h"

enum { ALIVE_MS = 5000,         /* how often a silent connection is asked whether it is still there */
       RETRY_MS = 500 };

struct pg_listener {
        struct db *db;
        const char *own;
        struct stamps *stamps;
        pthread_t thread;
        int wake[2];            /* written once: the end */
};

/* 1: the end was asked for. */
static int wait_for(struct pg_listener *l, int fd, int ms)
{
        struct pollfd p[2] = { { .fd = l->wake[0], .events = POLLIN }, { .fd = fd, .events = POLLIN } };
        poll(p, fd < 0 ? 1 : 2, ms);
        return p[0].revents != 0;
}

static bool heard_strangers(struct pg_listener *l, PGconn *c)
{
        bool strangers = false;
        PGnotify *n;
        while ((n = PQnotifies(c))) {
                strangers |= !l->own || strcmp(n->extra, l->own) != 0;
                PQfreemem(n);
        }
        return strangers;
}

/* Until the connection is lost (0) or the end (1). */
static int listen_on(struct pg_listener *l)
{
        struct pg *pg = (struct pg *)l->db;
        if (pg_exec(pg, "LISTEN suyuan", NULL) < 0)
                return 0;
        stamps_blind(l->stamps, false);
        for (;;) {
                if (wait_for(l, PQsocket(pg->conn), ALIVE_MS))
                        return 1;
                if (!PQconsumeInput(pg->conn) || pg_exec(pg, "SELECT 1", NULL) < 0)
                        return 0;
                if (heard_strangers(l, pg->conn))
                        stamps_mark_all(l->stamps);
        }
}

static void *run(void *ctx)
{
        struct pg_listener *l = ctx;
        struct pg *pg = (struct pg *)l->db;
        while (!listen_on(l)) {
                stamps_blind(l->stamps, true);
                log_line(LOG_WARN, "store.listener", "the database server is away; pages are made anew for each reader");
                do {
                        if (wait_for(l, -1, RETRY_MS))
                                return NULL;
                } while (pg_connect(pg, 0, NULL) < 0);
        }
        return NULL;
}

int pg_listener_start(const char *url, const struct db *writer, struct stamps *stamps, struct pg_listener **ret, struct err *reterr)
{
        struct pg_listener *l = or_abort(calloc(1, sizeof(*l)));
        l->stamps = stamps;
        l->own = writer ? ((const struct pg *)writer)->writer : NULL;
        if (db_open(url, &(struct db_options){ .mode = DB_READ }, &l->db, reterr) < 0 || pipe2(l->wake, O_CLOEXEC) < 0) {
                db_close(l->db);
                free(l);
                return -1;
        }
        stamps_blind(stamps, true);     /* until the first LISTEN */
        if (pthread_create(&l->thread, NULL, run, l) != 0)
                or_abort(NULL);
        pthread_setname_np(l->thread, "db-listener");
        *ret = l;
        return 0;
}

void pg_listener_stop(struct pg_listener *l)
{
        if (!l)
                return;
        if (write(l->wake[1], "", 1) != 1)
                abort();
        pthread_join(l->thread, NULL);
        close(l->wake[0]);
        close(l->wake[1]);
        db_close(l->db);
        free(l);
}
