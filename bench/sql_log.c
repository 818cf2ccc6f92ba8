/* Loaded before the server's own libraries (LD_PRELOAD), writes each statement that runs to the file named by
 * SUYUAN_SQL_LOG: its text as prepared, a NUL, its text with the values filled in, a NUL.  So the queries behind a
 * page are those of the server that is measured, not what somebody believes they are. */
#include <dlfcn.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int write_down(unsigned what, void *context, void *statement, void *text)
{
        static int fd = -1;
        (void)what, (void)context;
        const char *path = getenv("SUYUAN_SQL_LOG"), *sql = sqlite3_sql(statement);
        if (fd < 0 && path)
                fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        char *filled = sqlite3_expanded_sql(statement);
        if (fd >= 0 && sql && filled && strncmp(text, "--", 2) != 0) {
                struct iovec v[2] = { { (char *)sql, strlen(sql) + 1 }, { filled, strlen(filled) + 1 } };
                if (writev(fd, v, 2) < 0)
                        abort();
        }
        sqlite3_free(filled);
        return 0;
}

int sqlite3_open_v2(const char *name, sqlite3 **ret, int flags, const char *vfs)
{
        int (*real)(const char *, sqlite3 **, int, const char *);
        *(void **)&real = dlsym(RTLD_NEXT, "sqlite3_open_v2");
        int rc = real(name, ret, flags, vfs);
        if (rc == SQLITE_OK)
                sqlite3_trace_v2(*ret, SQLITE_TRACE_STMT, write_down, NULL);
        return rc;
}
