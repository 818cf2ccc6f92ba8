#include "ingest/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/oom.h"

struct dial {
        int fd;
        SSL_CTX *context;
        SSL *tls;
        short waits;
};

/* OpenSSL's oldest complaint of this thread, and none is left for the next. */
static const char *tls_reason(void)
{
        unsigned long e = ERR_get_error();
        const char *why = e ? ERR_reason_error_string(e) : NULL;
        ERR_clear_error();
        return why ? why : "the connection ended";
}

/* ---- TCP ---- */

/* 0 once `fd` is ready; -1 when the time is up or the end is asked for. */
static int wait_for(int fd, short events, int stop_fd, int64_t until_us, struct err *reterr)
{
        struct pollfd p[2] = { { .fd = fd, .events = events }, { .fd = stop_fd, .events = POLLIN } };
        int64_t left = (until_us - clock_mono_us()) / 1000;
        int rc = left <= 0 ? 0 : poll(p, 2, (int)left);
        if (rc < 0 && errno == EINTR)
                return 0;
        if (p[1].revents)
                return err_set(reterr, ERR_STORE, "the end is near");
        return rc > 0 ? 0 : err_set(reterr, ERR_STORE, "no answer in time");
}

static int finish_connect(int fd, const struct dial_options *o, int64_t until_us, struct err *reterr)
{
        int failure = 0, yes = 1;
        socklen_t n = sizeof failure;
        if (wait_for(fd, POLLOUT, o->stop_fd, until_us, reterr) < 0)
                return -1;
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &n);
        if (failure)
                return err_set(reterr, ERR_STORE, "connecting to %.100s:%.10s: %s", o->host, o->port, strerror(failure));
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
        return 0;
}

static int connect_one(const struct addrinfo *at, const struct dial_options *o, int64_t until_us, struct err *reterr)
{
        int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return err_set(reterr, ERR_STORE, "no socket: %s", strerror(errno));
        if (connect(fd, at->ai_addr, at->ai_addrlen) < 0 && errno != EINPROGRESS)
                err_set(reterr, ERR_STORE, "connecting to %.100s:%.10s: %s", o->host, o->port, strerror(errno));
        else if (finish_connect(fd, o, until_us, reterr) == 0)
                return fd;
        close(fd);
        return -1;
}

static int connect_any(const struct dial_options *o, int64_t until_us, struct err *reterr)
{
        struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
        int rc = getaddrinfo(o->host, o->port, &hints, &list), fd = -1;
        if (rc != 0)
                return err_set(reterr, ERR_STORE, "%.100s: %s", o->host, gai_strerror(rc));
        for (struct addrinfo *at = list; at && fd < 0; at = at->ai_next)
                fd = connect_one(at, o, until_us, reterr);
        freeaddrinfo(list);
        return fd;
}

/* ---- TLS ---- */

static int no_passphrase(char *p, int n, int writing, void *ctx)
{
        (void)p;
        (void)n;
        (void)writing;
        (void)ctx;
        return 0;
}

static int load_files(SSL_CTX *x, const struct dial_options *o, struct err *reterr)
{
        SSL_CTX_set_default_passwd_cb(x, no_passphrase);
        if (*o->ca ? !SSL_CTX_load_verify_locations(x, o->ca, NULL) : !SSL_CTX_set_default_verify_paths(x))
                return err_set(reterr, ERR_BAD_INPUT, "the certificates under which the broker is believed, %.200s: %s", *o->ca ? o->ca : "the system's", tls_reason());
        if (*o->cert && !SSL_CTX_use_certificate_chain_file(x, o->cert))
                return err_set(reterr, ERR_BAD_INPUT, "our certificate, %.200s: %s", o->cert, tls_reason());
        if (*o->cert && (!SSL_CTX_use_PrivateKey_file(x, *o->key ? o->key : o->cert, SSL_FILETYPE_PEM) || !SSL_CTX_check_private_key(x)))
                return err_set(reterr, ERR_BAD_INPUT, "its key, %.200s: %s", *o->key ? o->key : o->cert, tls_reason());
        return 0;
}

static bool is_address(const char *host)
{
        struct in6_addr a;
        return inet_pton(AF_INET, host, &a) == 1 || inet_pton(AF_INET6, host, &a) == 1;
}

/* Whoever answers must be who was called, by name or by address. */
static bool expect_name(SSL *s, const char *host)
{
        if (is_address(host))
                return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(s), host);
        SSL_set_hostflags(s, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        return SSL_set1_host(s, host) && SSL_set_tlsext_host_name(s, host);
}

static int prepare_tls(struct dial *l, const struct dial_options *o, struct err *reterr)
{
        l->context = or_abort(SSL_CTX_new(TLS_client_method()));
        SSL_CTX_set_min_proto_version(l->context, TLS1_2_VERSION);
        SSL_CTX_set_verify(l->context, SSL_VERIFY_PEER, NULL);
        SSL_CTX_set_mode(l->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        if (load_files(l->context, o, reterr) < 0)
                return -1;
        l->tls = or_abort(SSL_new(l->context));
        if (!expect_name(l->tls, o->host) || !SSL_set_fd(l->tls, l->fd))
                return err_set(reterr, ERR_BAD_INPUT, "%.100s is no name of a host", o->host);
        return 0;
}

/* 0 to wait for l->waits, -1 ended. */
static int tls_wants(struct dial *l, int rc)
{
        switch (SSL_get_error(l->tls, rc)) {
        case SSL_ERROR_WANT_READ: l->waits = POLLIN; return 0;
        case SSL_ERROR_WANT_WRITE: l->waits = POLLOUT; return 0;
        default: return -1;
        }
}

static int shake_failed(const struct dial *l, struct err *reterr)
{
        long v = SSL_get_verify_result(l->tls);
        const char *why = tls_reason();
        return err_set(reterr, ERR_STORE, "TLS: %s", v == X509_V_OK ? why : X509_verify_cert_error_string(v));
}

static int shake_hands(struct dial *l, const struct dial_options *o, int64_t until_us, struct err *reterr)
{
        int rc;
        ERR_clear_error();
        while ((rc = SSL_connect(l->tls)) != 1) {
                if (tls_wants(l, rc) < 0)
                        return shake_failed(l, reterr);
                if (wait_for(l->fd, l->waits, o->stop_fd, until_us, reterr) < 0)
                        return -1;
        }
        return 0;
}

/* ---- the face ---- */

int dial_open(const struct dial_options *o, struct dial **ret, struct err *reterr)
{
        int64_t until = clock_mono_us() + o->timeout_ms * INT64_C(1000);
        struct dial *l = or_abort(calloc(1, sizeof *l));
        l->waits = POLLIN;
        l->fd = connect_any(o, until, reterr);
        if (l->fd < 0 || (o->tls && (prepare_tls(l, o, reterr) < 0 || shake_hands(l, o, until, reterr) < 0))) {
                dial_close(l);
                return -1;
        }
        *ret = l;
        return 0;
}

void dial_close(struct dial *l)
{
        if (!l)
                return;
        if (l->tls && SSL_is_init_finished(l->tls))
                SSL_shutdown(l->tls);
        SSL_free(l->tls);
        SSL_CTX_free(l->context);
        if (l->fd >= 0)
                close(l->fd);
        free(l);
        ERR_clear_error();
}

static long moved(struct dial *l, int rc, struct err *reterr)
{
        if (rc > 0)
                return rc;
        return tls_wants(l, rc) == 0 ? 0 : err_set(reterr, ERR_STORE, "%s", tls_reason());
}

static long moved_plain(struct dial *l, long rc, short waits, struct err *reterr)
{
        if (rc > 0)
                return rc;
        l->waits = waits;
        if (rc < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        return err_set(reterr, ERR_STORE, "%s", rc == 0 ? "the other end closed the connection" : strerror(errno));
}

long dial_read(struct dial *l, void *p, size_t n, struct err *reterr)
{
        int most = n > INT32_MAX ? INT32_MAX : (int)n;
        ERR_clear_error();
        return l->tls ? moved(l, SSL_read(l->tls, p, most), reterr) : moved_plain(l, recv(l->fd, p, n, 0), POLLIN, reterr);
}

long dial_write(struct dial *l, const void *p, size_t n, struct err *reterr)
{
        int most = n > INT32_MAX ? INT32_MAX : (int)n;
        ERR_clear_error();
        return l->tls ? moved(l, SSL_write(l->tls, p, most), reterr) : moved_plain(l, send(l->fd, p, n, MSG_NOSIGNAL), POLLOUT, reterr);
}

int dial_fd(const struct dial *l)
{
        return l->fd;
}

short dial_waits(const struct dial *l)
{
        return l->waits;
}

bool dial_has_more(const struct dial *l)
{
        return l->tls && SSL_has_pending(l->tls);
}
