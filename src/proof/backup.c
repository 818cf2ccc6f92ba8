#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "merkle/leaf.h"
#include "proof/backup_impl.h"
#include "store/db.h"
#include "store/sql_names.h"

/* Making one.  The database first, in one read transaction; then the files.  A blob is stored before the record that names it and never changes, and the log's files are written before
 * the database says that they are signed: so what is copied afterwards holds at least what the copied database speaks of. */

#define DUMP "suyuan.pgdump"

struct backup {
        const struct backup_options *o;
        struct backup_report *report;
        FILE *manifest;                 /* under another name until all is there */
        struct str note;                /* the signed checkpoint of the copied state */
        struct arena *arena;
};

/* What of a data directory is not copied: what belongs to the running process, keys, and what is made again. */
static const char *const left_out[] = {
        "suyuan.db", "suyuan.db-*", "series.db", "series.db-*", "suyuan.db.new*", "suyuan.lock", "suyuan.sock", "before-v*", "*.new", "keys", "blobs/incoming-*", "blobs/parts", "pictures",
        "log/signed", "log/marked", "log/lock", "log/checkpoint",
};

static bool is_left_out(const char *name)
{
        for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
                if (fnmatch(left_out[i], name, FNM_PATHNAME) == 0)
                        return true;
        return fnmatch("*.new", strrchr(name, '/') ? strrchr(name, '/') + 1 : name, 0) == 0;
}

/* How much of a file belongs to this state of the log; -1: all. */
static int64_t bytes_of(const struct backup *b, const char *name)
{
        int level, end = 0;
        if (strcmp(name, "log/entries.bin") == 0)
                return b->report->log_size * LEAF_FRAME;
        if (sscanf(name, "log/level-%1d.bin%n", &level, &end) == 1 && end > 0 && !name[end])
                return (b->report->log_size >> (8 * level)) * (int64_t)sizeof(struct hash);
        return -1;
}

static int tell(struct backup *b, const char *name, const struct hash *h, int64_t bytes, struct err *reterr)
{
        struct buf hex = { .max = 64 };
        buf_hex(&hex, h->b, sizeof h->b);
        int n = fprintf(b->manifest, "%s  %s\n", hex.p, name);
        buf_free(&hex);
        b->report->files++;
        b->report->bytes += bytes;
        if (b->o->progress)
                b->o->progress(b->o->ctx, "files", b->report->files, 0);
        return n < 0 ? backup_failed("writing", "manifest", reterr) : 0;
}

/* ---- blobs: their names say what they hash to ---- */

static bool blob_hash(const char *name, struct hash *ret)
{
        char hex[65];
        static const char folder[] = "blobs/sha256/";
        size_t n = strlen(name);
        if (strncmp(name, folder, sizeof folder - 1) != 0 || n != sizeof folder - 1 + 65 || name[sizeof folder + 1] != '/')
                return false;
        memcpy(hex, name + sizeof folder - 1, 2);
        memcpy(hex + 2, name + sizeof folder + 2, 62);
        return hex_read((struct str){ hex, 64 }, ret->b, 32);
}

/* 1: the earlier backup had it, and has it still under a second name. */
static int linked(struct backup *b, const char *name, const char *to, int64_t size)
{
        char from[BACKUP_PATH];
        struct stat st;
        if (!b->o->previous || !*b->o->previous || backup_join(from, b->o->previous, name, NULL) < 0 || stat(from, &st) < 0 || st.st_size != size)
                return 0;
        return link(from, to) == 0;
}

static int copy_file(struct backup *b, const char *name, const struct stat *st, struct err *reterr)
{
        char from[BACKUP_PATH], to[BACKUP_PATH];
        struct hash is, should;
        int64_t bytes;
        bool blob = blob_hash(name, &should);
        if (backup_join(from, b->o->data, name, reterr) < 0 || backup_join(to, b->o->dest, name, reterr) < 0 || backup_folders(b->o->dest, name, reterr) < 0)
                return -1;
        if (blob && linked(b, name, to, st->st_size)) {
                b->report->linked++;
                return tell(b, name, &should, st->st_size, reterr);
        }
        if (backup_copy(from, to, bytes_of(b, name), &is, &bytes, reterr) < 0)
                return -1;
        if (blob && memcmp(is.b, should.b, sizeof is.b) != 0 && b->report->damaged++ == 0)
                snprintf(b->report->damaged_first, sizeof b->report->damaged_first, "%.119s", name);
        return tell(b, name, &is, bytes, reterr);
}

/* ---- the directory ---- */

static int copy_folder(struct backup *b, const char *folder, int depth, struct err *reterr);

static int copy_entry(struct backup *b, const char *folder, const char *entry, int depth, struct err *reterr)
{
        char name[BACKUP_PATH], path[BACKUP_PATH];
        struct stat st;
        if (snprintf(name, sizeof name, "%s%s%s", folder, *folder ? "/" : "", entry) >= BACKUP_PATH || backup_join(path, b->o->data, name, reterr) < 0)
                return backup_failed("naming", entry, reterr);
        if (is_left_out(name))
                return 0;
        if (stat(path, &st) < 0)
                return errno == ENOENT ? 0 : backup_failed("looking at", path, reterr);      /* a temporary file, gone meanwhile */
        if (S_ISDIR(st.st_mode))
                return depth ? copy_folder(b, name, depth - 1, reterr) : 0;
        if (!S_ISREG(st.st_mode) || strpbrk(name, "\n\\"))
                return 0;
        return copy_file(b, name, &st, reterr);
}

static int copy_folder(struct backup *b, const char *folder, int depth, struct err *reterr)
{
        char path[BACKUP_PATH];
        if (backup_join(path, b->o->data, folder, reterr) < 0)
                return -1;
        DIR *d = opendir(path);
        if (!d)
                return backup_failed("reading", path, reterr);
        int rc = 0;
        for (struct dirent *e; rc == 0 && (e = readdir(d));)
                if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
                        rc = copy_entry(b, folder, e->d_name, depth, reterr);
        closedir(d);
        return rc;
}

/* ---- the database ---- */

static int read_state(struct backup *b, struct db *db, struct err *reterr)
{
        const struct db_row *row;
        int64_t version = db_version(db, reterr);
        if (version != (int64_t)n_schema_steps)         /* an older one has no log yet, or another: it is made again from the rows */
                return version < 0 ? -1 : 0;
        int rc = db_one(db, SQL_log_state_last, DB_NO_ARGS, &row, reterr);
        if (rc == 1) {
                b->report->log_size = db_int(row, 4);
                b->note = arena_str(b->arena, db_text(row, 6));
        }
        db_done(db, SQL_log_state_last);
        return rc < 0 ? -1 : 0;
}

static int read_state_of(struct backup *b, const char *path, struct err *reterr)
{
        struct db *db;
        if (db_open(path, &(struct db_options){ .mode = DB_READ }, &db, reterr) < 0)
                return -1;
        int rc = read_state(b, db, reterr);
        db_close(db);
        return rc;
}

static int hash_file(struct backup *b, const char *name, struct err *reterr)
{
        char path[BACKUP_PATH];
        struct hash h;
        int64_t bytes;
        if (backup_join(path, b->o->dest, name, reterr) < 0 || backup_copy(path, NULL, -1, &h, &bytes, reterr) < 0)
                return -1;
        return tell(b, name, &h, bytes, reterr);
}

/* 1: copied; 0: there is none; -1. */
static int copy_database(struct backup *b, const char *name, char to[BACKUP_PATH], struct err *reterr)
{
        char from[BACKUP_PATH];
        struct stat st;
        struct db *db;
        if (backup_join(from, b->o->data, name, reterr) < 0 || backup_join(to, b->o->dest, name, reterr) < 0)
                return -1;
        if (stat(from, &st) < 0)
                return 0;
        if (b->o->progress)
                b->o->progress(b->o->ctx, "database", 0, 0);
        if (db_open(from, &(struct db_options){ .mode = DB_READ, .cache_kib = 16384 }, &db, reterr) < 0)
                return -1;
        int rc = db_copy(db, to, reterr);
        db_close(db);
        return rc < 0 ? -1 : 1;
}

/* The readings come after the records, which state what hours were sealed: so the copy holds at least the hours that its records speak of. */
static int copy_series(struct backup *b, struct err *reterr)
{
        char to[BACKUP_PATH];
        int rc = copy_database(b, "series.db", to, reterr);
        return rc == 1 ? hash_file(b, "series.db", reterr) : rc;
}

static int copy_sqlite(struct backup *b, struct err *reterr)
{
        char to[BACKUP_PATH];
        int rc = copy_database(b, "suyuan.db", to, reterr);
        if (rc == 0)
                return err_set(reterr, ERR_NOT_FOUND, "%.250s holds no suyuan database; with a database server name it too (--database)", b->o->data);
        b->report->sqlite = true;
        return rc < 0 || read_state_of(b, to, reterr) < 0 || hash_file(b, "suyuan.db", reterr) < 0 ? -1 : copy_series(b, reterr);
}

static int take_server(struct backup *b, struct err *reterr)
{
        char dump[BACKUP_PATH];
        struct stat st;
        if (backup_join(dump, b->o->dest, DUMP, reterr) < 0)
                return -1;
        b->report->dump = stat(dump, &st) == 0;
        if (b->report->dump && hash_file(b, DUMP, reterr) < 0)
                return -1;
        return read_state_of(b, b->o->database, reterr);
}

/* ---- together ---- */

static int write_note(struct backup *b, struct err *reterr)
{
        char path[BACKUP_PATH];
        struct hash h = sha256(b->note.p, b->note.n);
        if (!b->note.n)
                return 0;
        if (backup_folders(b->o->dest, "log/checkpoint", reterr) < 0 || backup_join(path, b->o->dest, "log/checkpoint", reterr) < 0 ||
            file_create(path, 0640, b->note, reterr) < 0)
                return -1;
        return tell(b, "log/checkpoint", &h, (int64_t)b->note.n, reterr);
}

static int fill(struct backup *b, struct err *reterr)
{
        bool server = b->o->database && *b->o->database;
        fprintf(b->manifest, BACKUP_MARK "\n# made %s\n# database %s\n", b->report->made, server ? "postgresql" : "sqlite");
        if ((server ? take_server(b, reterr) : copy_sqlite(b, reterr)) < 0)
                return -1;
        fprintf(b->manifest, "# log %" PRId64 "\n", b->report->log_size);
        if (write_note(b, reterr) < 0 || copy_folder(b, "", 6, reterr) < 0)
                return -1;
        return fflush(b->manifest) != 0 ? backup_failed("writing", "manifest", reterr) : backup_sync(b->o->dest, reterr);
}

static int with_manifest(struct backup *b, struct err *reterr)
{
        char path[BACKUP_PATH], final[BACKUP_PATH];
        if (backup_join(path, b->o->dest, "manifest.new", reterr) < 0 || backup_join(final, b->o->dest, "manifest", reterr) < 0)
                return -1;
        b->manifest = fopen(path, "wxe");
        if (!b->manifest)
                return backup_failed("creating", path, reterr);
        int rc = fill(b, reterr);
        if (fclose(b->manifest) != 0 && rc == 0)
                rc = backup_failed("writing", path, reterr);
        if (rc == 0 && rename(path, final) < 0)
                rc = backup_failed("naming", final, reterr);
        return rc < 0 ? -1 : backup_sync(b->o->dest, reterr);
}

static int keys_apart(const struct backup_options *o, struct err *reterr)
{
        char from[BACKUP_PATH];
        struct stat st;
        if (!o->keys || !*o->keys || backup_join(from, o->data, "keys", reterr) < 0)
                return o->keys && *o->keys ? -1 : 0;
        if (stat(from, &st) < 0)
                return err_set(reterr, ERR_NOT_FOUND, "%.300s holds no keys", o->data);
        return backup_keys(from, o->keys, reterr);
}

int backup_make(const struct backup_options *o, struct backup_report *ret, struct err *reterr)
{
        bool server = o->database && *o->database;
        *ret = (struct backup_report){ 0 };
        if (!backup_is_empty(o->dest, server ? DUMP : NULL))
                return err_set(reterr, ERR_CONFLICT, "%.300s is not empty; a backup is written over nothing: name a new folder", o->dest);
        bool made_here = mkdir(o->dest, 0750) == 0;
        if (!made_here && errno != EEXIST)
                return backup_failed("making", o->dest, reterr);
        if (backup_is_within(o->dest, o->data) || (o->keys && *o->keys && backup_is_within(o->keys, o->dest))) {
                if (made_here)
                        rmdir(o->dest);
                return err_set(reterr, ERR_BAD_INPUT, "a backup lies outside the data directory, and the keys outside the backup");
        }
        if (keys_apart(o, reterr) < 0)
                return -1;
        struct backup b = { .o = o, .report = ret, .arena = arena_new() };
        struct str made = stamp_utc(b.arena, clock_now_us());
        snprintf(ret->made, sizeof ret->made, "%.*s", STR_ARG(made));
        int rc = with_manifest(&b, reterr);
        arena_free(b.arena);
        return rc;
}
