#ifndef SUYUAN_PROOF_FILEIO_H
#define SUYUAN_PROOF_FILEIO_H

#include <fcntl.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

/* The calls through which the log's files change while it runs; what commands write once goes through file_replace (base/file.h).  Tests put others in their place: that fail, write half, or end the process (test_power.c). */
struct fileio {
        int (*open)(const char *path, int flags, mode_t mode);
        ssize_t (*pwrite)(int fd, const void *p, size_t n, off_t at);
        int (*fdatasync)(int fd);
        int (*ftruncate)(int fd, off_t size);
        int (*rename)(const char *from, const char *to);
        int (*sync_folder)(const char *path);
};
extern const struct fileio fileio_system;

/* ERR_STORE: `path`: what errno says. */
int fileio_failed(const char *what, const char *path, struct err *reterr);
int fileio_write(const struct fileio *io, int fd, const void *p, size_t n, off_t at);   /* all of it; -1 with errno */
/* Makes the folder where it is not there yet. */
int fileio_folder(const char *path, mode_t mode, struct err *reterr);

#endif
