#ifndef SUYUAN_INGEST_DIAL_H
#define SUYUAN_INGEST_DIAL_H

#include <poll.h>
#include <stdbool.h>

#include "base/err.h"

/* A connection that calls out, plain or TLS (1.2 and up; the other end's certificate and name are checked), never blocking once it stands. */
struct dial;
struct dial_options {
        const char *host, *port;
        bool tls;
        const char *ca;                 /* PEM; "": the system's */
        const char *cert, *key;         /* our own, PEM; "": none */
        int timeout_ms;                 /* to connect and shake hands */
        int stop_fd;                    /* readable: give up */
};
int dial_open(const struct dial_options *o, struct dial **ret, struct err *reterr);     /* ERR_STORE: nobody there now; ERR_BAD_INPUT: files that cannot be used */
void dial_close(struct dial *l);        /* NULL is fine */
/* Bytes moved; 0: none just now; -1: it has ended (ERR_STORE says how). */
long dial_read(struct dial *l, void *p, size_t n, struct err *reterr);
long dial_write(struct dial *l, const void *p, size_t n, struct err *reterr);
int dial_fd(const struct dial *l);
/* What to wait for before trying again what moved nothing: TLS may have to write in order to read. */
short dial_waits(const struct dial *l);
bool dial_has_more(const struct dial *l);       /* bytes are here already, whatever poll says */

#endif
