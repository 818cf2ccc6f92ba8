#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "store/store_impl.h"

static int failed(const char *what, const char *path, struct err *reterr)
{
        int code = errno;
        if (code == ENOSPC || code == EDQUOT)
                err_set(reterr, ERR_STORE, "the disk is full; the file was not stored. Make room and send it again");
        else
                err_set(reterr, ERR_STORE, "the file could not be stored");
        return err_while(reterr, "%s %s: %s", what, path, strerror(code));
}

/* DIR/blobs/sha256/ab and DIR/blobs/sha256/ab/cdef… */
static void paths(const struct store *s, const struct hash *h, char folder[PATH_BYTES], char file[PATH_BYTES])
{
        char hex[65];
        for (int i = 0; i < 32; i++)
                snprintf(hex + 2 * i, 3, "%02x", h->b[i]);
        snprintf(folder, PATH_BYTES, "%.3900s/blobs/sha256/%.2s", store_dir(s), hex);
        snprintf(file, PATH_BYTES, "%.3900s/blobs/sha256/%.2s/%s", store_dir(s), hex, hex + 2);
}

static int write_file(const char *path, const void *p, size_t n, struct err *reterr)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
        if (fd < 0)
                return failed("creating", path, reterr);
        int rc = write_all(fd, p, n) < 0 || fsync(fd) < 0 ? failed("writing", path, reterr) : 0;
        if (close(fd) < 0 && rc == 0)
                rc = failed("closing", path, reterr);
        return rc;
}

static int make_folder(const struct store *s, const char *folder, struct err *reterr)
{
        char above[PATH_BYTES];
        if (mkdir(folder, 0750) == 0) {
                snprintf(above, sizeof(above), "%.3900s/blobs/sha256", store_dir(s));
                return sync_folder(above) < 0 ? failed("syncing", above, reterr) : 0;
        }
        return errno == EEXIST ? 0 : failed("making", folder, reterr);
}

int blob_put(struct store *s, const void *p, size_t n, struct hash *ret, struct err *reterr)
{
        struct hash h = sha256(p, n);
        *ret = h;
        if (blob_has(s, &h))
                return 0;
        char folder[PATH_BYTES], file[PATH_BYTES], temporary[PATH_BYTES];
        paths(s, &h, folder, file);
        if (make_folder(s, folder, reterr) < 0)
                return -1;
        snprintf(temporary, sizeof(temporary), "%.3900s/blobs/incoming-%ld-%u", store_dir(s), (long)getpid(), atomic_fetch_add(&s->incoming, 1));
        if (write_file(temporary, p, n, reterr) < 0) {
                unlink(temporary);
                return -1;
        }
        if (rename(temporary, file) < 0) {
                failed("renaming to", file, reterr);
                unlink(temporary);
                return -1;
        }
        return sync_folder(folder) < 0 ? failed("syncing", folder, reterr) : 0;
}

int blob_adopt(struct store *s, const struct hash *h, const char *path, struct err *reterr)
{
        char folder[PATH_BYTES], file[PATH_BYTES];
        paths(s, h, folder, file);
        if (make_folder(s, folder, reterr) < 0)
                return -1;
        if (link(path, file) < 0 && errno != EEXIST && rename(path, file) < 0)  /* a file system without links */
                return failed("naming", file, reterr);
        return sync_folder(folder) < 0 ? failed("syncing", folder, reterr) : 0;
}

bool blob_has(const struct store *s, const struct hash *h)
{
        char folder[PATH_BYTES], file[PATH_BYTES];
        struct stat st;
        paths(s, h, folder, file);
        return stat(file, &st) == 0;
}

int blob_open(struct store *s, const struct hash *h, int *ret_fd, int64_t *ret_size, struct err *reterr)
{
        char folder[PATH_BYTES], file[PATH_BYTES];
        struct stat st;
        paths(s, h, folder, file);
        int fd = open(file, O_RDONLY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT)
                return err_set(reterr, ERR_NOT_FOUND, "no such file is stored");
        if (fd < 0 || fstat(fd, &st) < 0) {
                int rc = failed("opening", file, reterr);
                if (fd >= 0)
                        close(fd);
                return rc;
        }
        *ret_fd = fd;
        *ret_size = st.st_size;
        return 0;
}

/* A process that died while it stored something leaves a temporary file. */
static void remove_if_orphan(int folder, const char *name)
{
        long pid;
        if (sscanf(name, "incoming-%ld-", &pid) == 1 && pid > 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH)
                unlinkat(folder, name, 0);
}

void blob_tidy(struct store *s)
{
        char path[PATH_BYTES];
        snprintf(path, sizeof(path), "%.3900s/blobs", store_dir(s));
        DIR *d = opendir(path);
        for (struct dirent *e; d && (e = readdir(d));)
                remove_if_orphan(dirfd(d), e->d_name);
        if (d)
                closedir(d);
}

static int each_of(int above, const char *name, blob_found *each, void *ctx, struct err *reterr)
{
        char hex[80];
        struct hash h;
        int rc = 0, fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *d = fd < 0 ? NULL : fdopendir(fd);
        if (!d) {
                if (fd >= 0)
                        close(fd);
                return failed("reading", name, reterr);
        }
        for (struct dirent *e; rc == 0 && (e = readdir(d));) {
                snprintf(hex, sizeof(hex), "%.2s%.70s", name, e->d_name);
                if (hex_read(str_of(hex), h.b, sizeof(h.b)))
                        rc = each(ctx, &h, reterr);
        }
        closedir(d);
        return rc;
}

int blob_each(struct store *s, blob_found *each, void *ctx, struct err *reterr)
{
        char path[PATH_BYTES];
        int rc = 0;
        snprintf(path, sizeof(path), "%.3900s/blobs/sha256", store_dir(s));
        DIR *d = opendir(path);
        if (!d)
                return errno == ENOENT ? 0 : failed("reading", path, reterr);
        for (struct dirent *e; rc == 0 && (e = readdir(d));)
                if (strlen(e->d_name) == 2 && e->d_name[0] != '.')
                        rc = each_of(dirfd(d), e->d_name, each, ctx, reterr);
        closedir(d);
        return rc;
}

/* ISO/IEC 14496-12 §4.3: a box `ftyp` with a brand, a version and further brands of four bytes each. */
static bool has_brand(struct str s, const char *brand)
{
        for (size_t at = 8; at + 4 <= s.n; at += at == 8 ? 8 : 4)
                if (memcmp(s.p + at, brand, 4) == 0)
                        return true;
        return false;
}

static bool contains(struct str s, struct str what)
{
        for (size_t at = 0; at + what.n <= s.n; at++)
                if (memcmp(s.p + at, what.p, what.n) == 0)
                        return true;
        return false;
}

/* A handler box says what a track is (ISO/IEC 14496-12 §8.4.3): "hdlr", version and flags, four bytes, then the kind. */
static bool has_track(struct str s, const char *kind)
{
        for (size_t at = 0; at + 16 <= s.n; at++)
                if (memcmp(s.p + at, "hdlr", 4) == 0 && memcmp(s.p + at + 12, kind, 4) == 0)
                        return true;
        return false;
}

/* A track's codec (RFC 9559 §5.1.4.1.21): CodecID, its length in one byte, then "V_…" or "A_…". */
static bool has_codec(struct str s, char kind)
{
        for (size_t at = 0; at + 4 <= s.n; at++)
                if (s.p[at] == '\x86' && (s.p[at + 1] & 0x80) && s.p[at + 2] == kind && s.p[at + 3] == '_')
                        return true;
        return false;
}

static const char *sniff_boxes(struct str all)
{
        struct str s = { all.p, all.n < BLOB_HEAD_BYTES ? all.n : BLOB_HEAD_BYTES };
        static const char *const still[] = { "heic", "heix", "heim", "heis", "mif1" };
        static const char *const media[] = { "M4A ", "mp41", "mp42", "isom", "iso2", "iso4", "iso5", "iso6", "dash", "3gp4", "3gp5", "3gp6" };
        size_t box = s.n < 12 ? 0 : (size_t)(unsigned char)s.p[2] << 8 | (unsigned char)s.p[3];
        if (box < 16 || s.p[0] || s.p[1])
                return NULL;
        s.n = s.n < box ? s.n : box;
        if (has_brand(s, "avif") || has_brand(s, "avis"))
                return NULL;
        for (size_t i = 0; i < sizeof(still) / sizeof(*still); i++)
                if (has_brand(s, still[i]))
                        return "image/heic";
        for (size_t i = 0; i < sizeof(media) / sizeof(*media); i++)
                if (has_brand(s, media[i]))
                        return !has_track(all, "vide") && (has_track(all, "soun") || memcmp(s.p + 8, "M4A ", 4) == 0) ? "audio/mp4" : "video/mp4";
        return NULL;
}

const char *blob_sniff(const void *p, size_t n)
{
        struct str all = { p, n < BLOB_SNIFF_BYTES ? n : BLOB_SNIFF_BYTES }, s = { p, n < BLOB_HEAD_BYTES ? n : BLOB_HEAD_BYTES };
        if (str_starts(s, STR("\xff\xd8\xff")))
                return "image/jpeg";
        if (str_starts(s, STR("\x89PNG\r\n\x1a\n")))
                return "image/png";
        if (str_starts(s, STR("RIFF")) && str_starts(str_from(s, 8), STR("WEBP")))
                return "image/webp";
        if (str_starts(s, STR("%PDF-")))
                return "application/pdf";
        if (str_starts(s, STR("\x1a\x45\xdf\xa3")) && contains(s, STR("webm")))        /* EBML (RFC 8794) with DocType webm */
                return has_codec(all, 'A') && !has_codec(all, 'V') ? "audio/webm" : "video/webm";
        if (str_starts(s, STR("OggS")))
                return "audio/ogg";
        return n >= 12 && str_starts(str_from(s, 4), STR("ftyp")) ? sniff_boxes(all) : NULL;
}
