#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "proof/backup_impl.h"

/* The way back: everything is copied beside its final place and compared on the way. */

struct restore {
        const struct restore_options *o;
        struct backup_report *report;
        char made[BACKUP_PATH];         /* DATA.restoring */
};

/* A name within the folder and nowhere else. */
static bool safe(const char *name)
{
        struct str rest = str_of(name), part;
        if (!*name || *name == '/')
                return false;
        while (str_split(&rest, '/', &part))
                if (!part.n || str_is(part, ".") || str_is(part, ".."))
                        return false;
        return true;
}

static int take_file(struct restore *r, const char *hex, const char *name, struct err *reterr)
{
        char from[BACKUP_PATH], to[BACKUP_PATH];
        struct hash is, should;
        int64_t bytes;
        if (!hex_read((struct str){ hex, 64 }, should.b, sizeof should.b) || !safe(name))
                return err_set(reterr, ERR_BAD_INPUT, "the manifest has a line that is none: %.100s", name);
        if (backup_join(from, r->o->source, name, reterr) < 0 || backup_join(to, r->made, name, reterr) < 0 || backup_folders(r->made, name, reterr) < 0 ||
            backup_copy(from, to, -1, &is, &bytes, reterr) < 0)
                return -1;
        if (memcmp(is.b, should.b, sizeof is.b) != 0)
                return err_set(reterr, ERR_STORE, "%.250s is damaged: its SHA-256 is not the manifest's", from);
        r->report->files++;
        r->report->bytes += bytes;
        r->report->sqlite |= strcmp(name, "suyuan.db") == 0;
        r->report->dump |= strcmp(name, "suyuan.pgdump") == 0;
        if (r->o->progress)
                r->o->progress(r->o->ctx, "files", r->report->files, 0);
        return 0;
}

static int take_line(struct restore *r, char *line, struct err *reterr)
{
        line[strcspn(line, "\n")] = '\0';
        if (*line == '#') {
                sscanf(line, "# made %31s", r->report->made);
                sscanf(line, "# log %" SCNd64, &r->report->log_size);
                return 0;
        }
        if (strlen(line) < 67 || line[64] != ' ' || line[65] != ' ')
                return err_set(reterr, ERR_BAD_INPUT, "the manifest has a line that is none: %.100s", line);
        return take_file(r, line, line + 66, reterr);
}

static int take_all(struct restore *r, FILE *manifest, struct err *reterr)
{
        char *line = NULL;
        size_t cap = 0;
        int rc = getline(&line, &cap, manifest) > 0 && strcmp(line, BACKUP_MARK "\n") == 0 ? 0
                         : err_set(reterr, ERR_BAD_INPUT, "%.250s/manifest is not of a suyuan backup", r->o->source);
        while (rc == 0 && getline(&line, &cap, manifest) > 0)
                rc = take_line(r, line, reterr);
        free(line);
        return rc;
}

static int drop(const char *path, const struct stat *st, int flag, struct FTW *f)
{
        (void)st, (void)flag, (void)f;
        return remove(path);
}

/* The keys lie beside, and come in before the directory has its name. */
static int finish(struct restore *r, struct err *reterr)
{
        char keys[BACKUP_PATH];
        if (backup_join(keys, r->made, "keys", reterr) < 0)
                return -1;
        if (r->o->keys && *r->o->keys && backup_keys(r->o->keys, keys, reterr) < 0)
                return -1;
        if (backup_sync(r->made, reterr) < 0)
                return -1;
        if (rename(r->made, r->o->data) < 0)    /* also over an empty folder */
                return backup_failed("naming", r->o->data, reterr);
        return backup_sync(r->o->data, reterr);
}

static int restore(struct restore *r, FILE *manifest, struct err *reterr)
{
        if (mkdir(r->made, 0750) < 0)
                return errno == EEXIST ? err_set(reterr, ERR_CONFLICT, "%.300s is there, of a restore that was broken off; remove it first", r->made)
                                       : backup_failed("making", r->made, reterr);
        int rc = take_all(r, manifest, reterr) < 0 ? -1 : finish(r, reterr);
        if (rc < 0)
                nftw(r->made, drop, 16, FTW_DEPTH | FTW_PHYS);
        return rc;
}

int backup_restore(const struct restore_options *o, struct backup_report *ret, struct err *reterr)
{
        struct restore r = { .o = o, .report = ret };
        char path[BACKUP_PATH];
        *ret = (struct backup_report){ 0 };
        if (!backup_is_empty(o->data, NULL))
                return err_set(reterr, ERR_CONFLICT, "%.300s is not empty; a backup is restored over nothing: move what is there away, and keep it", o->data);
        if (backup_join(path, o->source, "manifest", reterr) < 0)
                return -1;
        size_t n = strlen(o->data);
        while (n > 1 && o->data[n - 1] == '/')
                n--;
        if (snprintf(r.made, sizeof r.made, "%.*s.restoring", (int)n, o->data) >= BACKUP_PATH)
                return err_set(reterr, ERR_BAD_INPUT, "the name is too long");
        FILE *manifest = fopen(path, "re");
        if (!manifest)
                return errno == ENOENT ? err_set(reterr, ERR_NOT_FOUND, "%.250s has no manifest: it is no backup, or one that was broken off", o->source) : backup_failed("opening", path, reterr);
        int rc = restore(&r, manifest, reterr);
        fclose(manifest);
        return rc;
}
