#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "ledger/check_log.h"
#include "ledger/compare.h"
#include "ledger/facts.h"
#include "store/sql_names.h"

/* Nothing is believed: pages and indexes by the engine, facts by reading them, every view against one made anew in a
 * scratch database beside, every blob by its bytes.  Reads one snapshot, so a server may go on meanwhile. */

struct check {
        struct store *store;
        ledger_say *say;
        ledger_progress *progress;
        void *ctx;
        int64_t faults;
        struct db *stored, *scratch;
        struct log_check *log;
};

static void say(struct check *c, const char *what, const char *detail)
{
        c->faults++;
        c->say(c->ctx, what, detail);
}

/* ---- facts ---- */

static int write_events(void *ctx, struct batch *b, struct err *reterr)
{
        struct check *c = ctx;
        struct views v = { .db = c->scratch };
        return batch_events(&v, b, reterr) < 0 ? -1 : log_check_events(c->log, b, reterr);
}

static int fault(void *ctx, int64_t seq, const char *what, struct err *reterr)
{
        char detail[160];
        (void)reterr;
        snprintf(detail, sizeof(detail), "event %lld %s", (long long)seq, what);
        say(ctx, "event", detail);
        return 0;
}

static int copy_terms(struct check *c, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_query(c->stored, SQL_all_terms, DB_NO_ARGS, reterr);
        while (rc >= 0 && (rc = db_next(c->stored, SQL_all_terms, &row, reterr)) == 1) {
                struct db_value org = db_i(db_int(row, 0)), id = db_i(db_int(row, 1)), text = db_t(db_text(row, 2));
                struct db_value head = db_i(hash_prefix(text.s));
                if (db_run(c->scratch, SQL_term_add, DB_ARGS(org, id, text), reterr) < 0 ||
                    db_run(c->scratch, SQL_term_head_add, DB_ARGS(org, head, id), reterr) < 0)
                        rc = -1;
        }
        db_done(c->stored, SQL_all_terms);
        return rc;
}

static int make_views(struct check *c, struct err *reterr)
{
        struct views v;
        if (db_begin(c->scratch, reterr) < 0 || copy_terms(c, reterr) < 0 || views_open(&v, c->scratch, c->store, reterr) < 0)
                return -1;
        struct facts f = { .store = c->store, .from = c->stored, .views = &v, .progress = c->progress, .progress_ctx = c->ctx, .stage = "events",
                           .events = write_events, .fault = fault, .ctx = c };
        c->log = log_check_new(c->stored, c->store, c->say, c->ctx);
        int rc = facts_run(&f, reterr);
        if (rc == 0)
                rc = log_check_rest(c->log, reterr);
        c->faults += log_check_free(c->log);
        views_close(&v);
        return rc < 0 ? -1 : db_commit(c->scratch, reterr);
}

/* ---- views ---- */

static int64_t count(struct db *db, int sql, struct err *reterr)
{
        const struct db_row *row;
        int64_t n = db_one(db, sql, DB_NO_ARGS, &row, reterr) == 1 ? db_int(row, 0) : -1;
        db_done(db, sql);
        return n;
}

static int check_bodies(struct check *c, struct err *reterr)
{
        int64_t events = count(c->stored, SQL_event_count, reterr), bodies = count(c->stored, SQL_body_count, reterr);
        if (events < 0 || bodies < 0)
                return -1;
        if (events != bodies)
                say(c, "event_body", "there are bodies without an event, or events without a body");
        return 0;
}

static int check_received(struct check *c, struct err *reterr)
{
        int64_t n = count(c->stored, SQL_received_wrong, reterr);
        if (n > 0)
                say(c, "received", "there are copies whose original is missing or another, or that nobody knows to be copies");
        return n < 0 ? -1 : 0;
}

static int check_views(struct check *c, struct err *reterr)
{
        if (check_bodies(c, reterr) < 0 || check_received(c, reterr) < 0)
                return -1;
        for (size_t i = 0; i < n_listings; i++) {
                if (c->progress)
                        c->progress(c->ctx, listings[i].name, (int64_t)i, (int64_t)n_listings);
                int64_t n = listing_compare(&listings[i], c->stored, c->scratch, c->say, c->ctx, reterr);
                if (n < 0)
                        return -1;
                c->faults += n;
        }
        return 0;
}

static int check_database(struct check *c, struct err *reterr)
{
        char path[PATH_BYTES];
        int64_t n = db_integrity(c->stored, c->say, c->ctx, reterr);
        if (n < 0)
                return -1;
        c->faults += n;
        snprintf(path, sizeof(path), "%.3900s/check-%ld.db", store_dir(c->store), (long)getpid());
        if (db_open(path, &(struct db_options){ .mode = DB_SCRATCH, .cache_kib = 32 * 1024 }, &c->scratch, reterr) < 0)
                return -1;
        int rc = db_upgrade(c->scratch, schema_steps, n_schema_steps, reterr);
        unlink(path);   /* it lives as long as it is open: a crash leaves nothing behind */
        if (rc == 0)
                rc = make_views(c, reterr) < 0 ? -1 : check_views(c, reterr);
        db_close(c->scratch);
        return rc;
}

/* ---- blobs ---- */

static int hash_file(int folder, const char *name, struct hash *ret)
{
        char block[64 * 1024];
        int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -1;
        struct sha256_run *r = sha256_new();
        ssize_t n;
        while ((n = read(fd, block, sizeof(block))) > 0)
                sha256_add(r, block, (size_t)n);
        *ret = sha256_final(r);
        close(fd);
        return n < 0 ? -1 : 0;
}

static void check_blob(struct check *c, int folder, const char *above, const char *name)
{
        char both[320];
        struct hash named, real;
        snprintf(both, sizeof(both), "%.8s%.255s", above, name);
        if (!hex_read(str_of(both), named.b, sizeof(named.b))) {
                snprintf(both, sizeof(both), "%.8s/%.255s does not belong here", above, name);
                say(c, "blob", both);
        } else if (hash_file(folder, name, &real) < 0 || memcmp(named.b, real.b, sizeof(real.b)) != 0) {
                snprintf(both, sizeof(both), "%.8s/%.255s: its bytes are not those of its name", above, name);
                say(c, "blob", both);
        }
}

static void check_folder(struct check *c, int above, const char *name)
{
        int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *d = fd < 0 ? NULL : fdopendir(fd);
        if (!d) {
                say(c, "blob", name);
                if (fd >= 0)
                        close(fd);
                return;
        }
        for (struct dirent *e; (e = readdir(d));)
                if (e->d_name[0] != '.')
                        check_blob(c, fd, name, e->d_name);
        closedir(d);
}

static int check_blobs(struct check *c, struct err *reterr)
{
        char path[PATH_BYTES];
        int64_t done = 0;
        snprintf(path, sizeof(path), "%.3900s/blobs/sha256", store_dir(c->store));
        DIR *d = opendir(path);
        if (!d && errno == ENOENT)
                return 0;
        if (!d)
                return err_set(reterr, ERR_STORE, "%s: %s", path, strerror(errno));
        for (struct dirent *e; (e = readdir(d));) {
                if (e->d_name[0] == '.')
                        continue;
                check_folder(c, dirfd(d), e->d_name);
                if (c->progress)
                        c->progress(c->ctx, "blobs", ++done, 256);
        }
        closedir(d);
        return 0;
}

int64_t ledger_check(struct store *s, ledger_say *said, ledger_progress *progress, void *ctx, struct err *reterr)
{
        struct reader *r;
        struct check c = { .store = s, .say = said, .progress = progress, .ctx = ctx };
        if (reader_begin(s, &r, reterr) < 0)
                return -1;
        c.stored = reader_db(r);
        int rc = check_database(&c, reterr);
        reader_end(r);
        if (rc == 0)
                rc = check_blobs(&c, reterr);
        return rc < 0 ? err_while(reterr, "checking") : c.faults;
}
