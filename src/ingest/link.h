#ifndef SUYUAN_INGEST_LINK_H
#define SUYUAN_INGEST_LINK_H

#include <poll.h>
#include <stdbool.h>

#include "base/err.h"

/* A connection that calls out, plain or TLS (1.2 and up; the other end's certificate and name are checked), never blocking once it stands. */
struct link;
struct link_options {
        const char *host, *port;
        bool tls;
        const char *ca;                 /* PEM; "": the system's */
        const char *cert, *key;         /* our own, PEM; "": none */
        int timeout_ms;                 /* to connect and shake hands */
        int stop_fd;                    /* readable: give up */
};
int link_open(const struct link_options *o, struct link **ret, struct err *reterr);     /* ERR_STORE: nobody there now; ERR_BAD_INPUT: files that cannot be used */
void link_close(struct link *l);        /* NULL is fine */
/* Bytes moved; 0: none just now; -1: it has ended (ERR_STORE says how). */
long link_read(struct link *l, void *p, size_t n, struct err *reterr);
long link_write(struct link *l, const void *p, size_t n, struct err *reterr);
int link_fd(const struct link *l);
/* What to wait for before trying again what moved nothing: TLS may have to write in order to read. */
short link_waits(const struct link *l);
bool link_has_more(const struct link *l);       /* bytes are here already, whatever poll says */

#endif
