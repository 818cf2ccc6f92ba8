#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/http_impl.h"

enum { BACKLOG = 1024 };

/* "127.0.0.1:8080", "[::1]:0", "localhost:80" into host and port. */
static int split(const char *address, char *host, size_t size, const char **port, struct err *reterr)
{
        const char *colon = strrchr(address, ':'), *begin = address, *end = colon;

        if (colon && *begin == '[' && colon > begin && colon[-1] == ']') {
                begin++;
                end = colon - 1;
        }
        if (!colon || end <= begin || (size_t)(end - begin) >= size || !colon[1] ||
            strspn(colon + 1, "0123456789") != strlen(colon + 1) || strlen(colon + 1) > 5 || strtol(colon + 1, NULL, 10) > 65535)
                return err_set(reterr, ERR_BAD_INPUT, "'%s' is no address to listen on; write 127.0.0.1:8080 or [::1]:8080", address);
        memcpy(host, begin, (size_t)(end - begin));
        host[end - begin] = '\0';
        *port = colon + 1;
        return 0;
}

static int open_and_bind(const struct addrinfo *ai)
{
        int on = 1, fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        if (fd < 0)
                return -1;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (ai->ai_family == AF_INET6)
                setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 0 }, sizeof(int));
        if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
                return fd;
        int e = errno;
        close(fd);
        errno = e;
        return -1;
}

static int write_url(int fd, char *ret, size_t size)
{
        struct sockaddr_storage sa;
        socklen_t n = sizeof sa;
        char host[NI_MAXHOST], port[NI_MAXSERV];

        if (getsockname(fd, (struct sockaddr *)&sa, &n) != 0 ||
            getnameinfo((struct sockaddr *)&sa, n, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
                return -1;
        bool six = sa.ss_family == AF_INET6;
        return snprintf(ret, size, "http://%s%s%s:%s", six ? "[" : "", host, six ? "]" : "", port) < (int)size ? 0 : -1;
}

int listen_tcp(const char *address, int *ret_fd, char *ret_url, size_t url_size, struct err *reterr)
{
        struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *found;
        char host[256];
        const char *port = NULL;

        if (split(address, host, sizeof host, &port, reterr) < 0)
                return -1;
        int rc = getaddrinfo(host, port, &hints, &found);
        if (rc)
                return err_set(reterr, ERR_BAD_INPUT, "cannot listen on %s: %s", address, gai_strerror(rc));
        int fd = open_and_bind(found);
        int e = errno;
        freeaddrinfo(found);
        if (fd < 0)
                return err_set(reterr, ERR_BUSY, "cannot listen on %s: %s", address, strerror(e));
        if (write_url(fd, ret_url, url_size) < 0) {
                close(fd);
                return err_set(reterr, ERR_INTERNAL, "the bound address of %s cannot be told", address);
        }
        *ret_fd = fd;
        return 0;
}

/* sun_path holds 107 bytes; a folder's path may be longer, so the name is reached through the folder's descriptor. */
static int bind_in(int dir, const char *path, int fd)
{
        struct sockaddr_un sa = { .sun_family = AF_UNIX };
        char copy[4096];

        snprintf(copy, sizeof copy, "%s", path);
        if (snprintf(sa.sun_path, sizeof sa.sun_path, "/proc/self/fd/%d/%s", dir, basename(copy)) >= (int)sizeof sa.sun_path) {
                errno = ENAMETOOLONG;
                return -1;
        }
        unlink(sa.sun_path);    /* left by a server that was killed: the caller holds the directory's lock */
        if (bind(fd, (struct sockaddr *)&sa, sizeof sa) != 0)
                return -1;
        /* Nobody can connect before listen(), so nobody slips in while the mode is wider. */
        return chmod(sa.sun_path, 0600) != 0 || listen(fd, BACKLOG) != 0 ? -1 : 0;
}

int listen_unix(const char *path, int *ret_fd, struct err *reterr)
{
        char copy[4096];

        snprintf(copy, sizeof copy, "%s", path);
        int dir = open(dirname(copy), O_PATH | O_DIRECTORY | O_CLOEXEC);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        int rc = dir < 0 || fd < 0 ? -1 : bind_in(dir, path, fd);
        int e = errno;
        if (dir >= 0)
                close(dir);
        if (rc < 0) {
                if (fd >= 0)
                        close(fd);
                return err_set(reterr, ERR_BUSY, "cannot listen on %s: %s", path, strerror(e));
        }
        *ret_fd = fd;
        return 0;
}
